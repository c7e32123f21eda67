import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestId } from '../../../shared/ids.ts';
import { priceOf } from '../../../shared/model/notes.ts';
import { promisedBytes } from '../../../shared/model/plot.ts';
import { DAY_S } from '../../../shared/units.ts';
import { fileMark } from '../../../electron/core/database/book-mark.ts';
import { runTogether } from '../../../electron/core/database/group-commit.ts';
import { noteWorld, paidRequest, WORLD_OFFER } from '../note-world.ts';

/**
 * The books of a mint and host in a process of its own, whose system calls are recorded: `node books-process.ts HOME ROUNDS`.
 * Each line that it prints is something that somebody was told: a grant, a note, an object.
 */
const [home = '', rounds = '3'] = process.argv.slice(2);
const [ANA, BEN] = [0, 1];
const mark = fileMark(join(home, 'mark'));
const world = noteWorld(2, WORLD_OFFER, (index) =>
  index === BEN
    ? {
        file: join(home, 'books.db'),
        mark: {
          get value() {
            return mark.read();
          },
          set value(next) {
            if (next !== undefined) mark.write(next);
          },
        },
      }
    : undefined,
);
const ana = world.device(ANA);
const ben = world.device(BEN);

function tell(what: Readonly<Record<string, unknown>>): void {
  writeSync(1, `${JSON.stringify(what)}\n`);
}

function need<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`no ${what}`);
  return value;
}

function inBooks<T>(act: () => T): T {
  const [outcome] = runTogether(ben.sql, [act]);
  if (outcome?.ok !== true) throw outcome?.thrown;
  return outcome.value as T;
}

const size = 1_000_000n;
const units = priceOf({ afterBytes: promisedBytes(size), forS: 30 * DAY_S });
let issued = 0n;
for (let round = 0; round < Number(rounds); round += 1) {
  const given = await ben.mint.give({ owner: ana.issuer.owner, units, why: 'present' });
  if (!given.ok) throw new Error(given.fault.code);
  tell({ kind: 'claims', count: round + 1 });
  const got = await ana.wallet.collect(ben.issuer.owner);
  if (!got.ok) throw new Error(JSON.stringify(got.fault));
  issued += got.value;
  tell({ kind: 'issued', units: `${issued}` });
  const requestId = randomBytes(16).toString('base64url') as RequestId;
  const { owner: host } = ben.issuer;
  const notes = await ana.wallet.pay({ host, requestId, units, plot: undefined });
  const request = paidRequest(size, need(notes, 'notes'), { requestId });
  const answer = await world.ask(ANA, BEN, request);
  if (answer.type !== 'granted') throw new Error(answer.type);
  const { plot } = answer;
  tell({ kind: 'grant', plot, spent: (notes ?? []).length });
  for (let object = 0; object < 3; object += 1) {
    const name = randomBytes(32).toString('hex');
    const key = { plot, type: 'data', name } as const;
    const moment = world.moment();
    const call = { ...key, owner: ana.issuer.owner, sizeBytes: BigInt(100 + object), moment };
    const reserved = inBooks(() => ben.ledger.reserve(call));
    if (!reserved.ok) throw new Error(reserved.fault.code);
    inBooks(() => ben.ledger.post({ ...reserved.value, moment }));
    tell({ kind: 'object', plot, name, bytes: 100 + object });
    if (object > 0) continue;
    inBooks(() => ben.ledger.remove({ ...key, owner: ana.issuer.owner, moment }));
    tell({ kind: 'removed', plot, name });
  }
  inBooks(() => ben.ledger.sweep({ moment: world.moment(), mayEndOn: undefined }));
  // As it happens by itself after many pages.
  if (round % 2 === 1) ben.sql.pragma('wal_checkpoint(PASSIVE)');
}
ben.sql.close();
