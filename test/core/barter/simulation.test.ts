import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { runTogether } from '../../../electron/core/database/group-commit.ts';
import type { PlotId } from '../../../shared/ids.ts';
import { priceOf } from '../../../shared/model/notes.ts';
import { promisedBytes } from '../../../shared/model/plot.ts';
import { DAY_S, GB, MIB } from '../../../shared/units.ts';
import {
  Crash,
  type Fate,
  noteWorld,
  type NoteWorld,
  paidRequest,
} from '../../fakes/note-world.ts';
import { testRequestId } from '../../fakes/test-ledger.ts';
import { fc, runs } from '../../fakes/properties.ts';

/**
 * Four people give, send, pay, use and let go at random; calls get lost on the way there or back, programs end in the
 * middle of their mathematics. After every step the books are added up anew; when everything has come to rest, every
 * unit is where it must be.
 */
const PEOPLE = 4;
/** A failure prints the shortest list of commands that fails. */
const RUNS = runs(process.env['CI'] ? 24 : 8);
const DISK = { volumePresent: true, freeBytes: 10_000n * GB };
const UNIT_SIZE = 64n * MIB;

const person = fc.integer({ min: 0, max: PEOPLE - 1 });
const command = fc.record({
  kind: fc.constantFrom(
    'give',
    'give',
    'collect',
    'collect',
    'send',
    'send',
    'ask',
    'ask',
    'write',
    'release',
    'restart',
    'pass',
    'tick',
  ),
  who: person,
  whom: person,
  whose: person,
  units: fc.integer({ min: 1, max: 40 }),
  /** What becomes of the calls that it makes, one after the other. */
  fates: fc.array(fc.constantFrom<Fate>('done', 'done', 'done', 'done', 'reply-lost', 'unheard'), {
    minLength: 6,
    maxLength: 6,
  }),
  /** At which piece of mathematics a program ends, if it comes that far. */
  crashAt: fc.option(fc.integer({ min: 1, max: 12 }), { freq: 3, nil: undefined }),
});
type Command = (typeof command extends fc.Arbitrary<infer C> ? C : never) & object;

type Model = {
  readonly world: NoteWorld;
  /** What each host was paid, by the plots that were granted: worked out here, not read from the books. */
  readonly paid: Map<PlotId, { readonly host: number; readonly units: bigint }>;
  readonly plots: { readonly plot: PlotId; readonly guest: number; readonly host: number }[];
  requests: number;
};

const ownerOf = ({ world }: Model, index: number) => world.device(index).issuer.owner;

function inBooks(model: Model, index: number, act: () => unknown): void {
  const [outcome] = runTogether(model.world.device(index).sql, [act]);
  if (outcome?.ok !== true) throw outcome?.thrown;
}

async function ask(model: Model, { who, whom, units, fates }: Command): Promise<void> {
  const { world } = model;
  const size = BigInt(units) * UNIT_SIZE;
  const price = priceOf({ afterBytes: promisedBytes(size), forS: 30 * DAY_S });
  model.requests += 1;
  const requestId = testRequestId(model.requests);
  const host = ownerOf(model, whom);
  const { wallet } = world.device(who);
  const notes = await wallet.pay({ host, requestId, units: price, plot: undefined });
  if (notes === undefined) return;
  const request = paidRequest(size, notes, { requestId });
  let outcome: 'spent' | 'free' | 'unknown' = 'unknown';
  for (const fate of fates.slice(0, 2)) {
    if (fate === 'unheard') continue;
    const answer = await world.ask(who, whom, request);
    if (answer.type === 'granted' && !model.paid.has(answer.plot)) {
      model.paid.set(answer.plot, { host: whom, units: price });
      model.plots.push({ plot: answer.plot, guest: who, host: whom });
    }
    if (fate === 'reply-lost') continue;
    outcome = answer.type === 'granted' ? 'spent' : 'free';
    break;
  }
  await wallet.settled({ host, notes, outcome });
}

function letGo(model: Model, { units }: Command, uses: boolean): void {
  const at = model.plots[units % Math.max(1, model.plots.length)];
  if (at === undefined) return;
  const { plot, guest, host } = at;
  const { ledger } = model.world.device(host);
  const owner = ownerOf(model, guest);
  const moment = model.world.moment();
  inBooks(model, host, () => {
    if (!uses) {
      ledger.release({ owner, plot, moment });
      // Off the disk at once, as for an empty plot it is.
      ledger.erased({ plot, moment });
      return;
    }
    const name = createHash('sha256').update(`${units}`).digest('hex');
    const reserved = ledger.reserve({ plot, type: 'data', name, owner, sizeBytes: 1n, moment });
    if (reserved.ok) ledger.post({ reservation: reserved.value.reservation, moment });
  });
}

async function run(model: Model, command: Command): Promise<void> {
  const { world } = model;
  const { kind, who, whom, whose, units } = command;
  const device = world.device(who);
  switch (kind) {
    case 'give':
      if (who !== whom)
        await device.mint.give({
          owner: ownerOf(model, whom),
          units: BigInt(units),
          why: 'present',
        });
      return;
    case 'collect':
      if (who !== whom) await device.wallet.collect(ownerOf(model, whom));
      return;
    case 'send': {
      const call = { friend: ownerOf(model, whom), issuer: ownerOf(model, whose) };
      if (who !== whom && who !== whose)
        await device.wallet.send({ ...call, units: BigInt(units) });
      return;
    }
    case 'ask':
      if (who !== whom) await ask(model, command);
      return;
    case 'write':
      return letGo(model, command, true);
    case 'release':
      return letGo(model, command, false);
    case 'restart':
      return world.restart(who);
    case 'pass':
      return world.pass(units * 600);
    default:
      return device.wallet.tick();
  }
}

/** One number out of a device's books. */
function number(model: Model, index: number, text: string): bigint {
  return model.world.device(index).sql.prepare<[], { n: bigint }>(text).get()?.n ?? 0n;
}

/** The books, added up anew. */
function check(model: Model): void {
  for (let index = 0; index < PEOPLE; index += 1) {
    const read = (text: string) => number(model, index, text);
    const issued = read('SELECT issued AS n FROM mint_totals');
    const redeemed = read('SELECT redeemed AS n FROM mint_totals');
    const owed = read('SELECT owed AS n FROM mint_totals');
    expect(read('SELECT coalesce(sum(units), 0) AS n FROM mint_issues')).toBe(issued);
    expect(read('SELECT coalesce(sum(units), 0) AS n FROM mint_spent')).toBe(redeemed);
    expect(read("SELECT coalesce(sum(units), 0) AS n FROM mint_claims WHERE state = 'open'")).toBe(
      owed,
    );
    const {
      capacityBytes,
      promisedBytes: promised,
      outstandingBytes,
    } = model.world.device(index).ledger.totals({ disk: DISK });
    expect(promised + outstandingBytes).toBeLessThanOrEqual(capacityBytes);
    // Whatever was asked twice was paid once.
    const paid = [...model.paid.values()]
      .filter(({ host }) => host === index)
      .reduce((sum, { units }) => sum + units, 0n);
    expect(
      read(
        "SELECT coalesce(sum(units), 0) AS n FROM note_movements WHERE movement = 'redeemed' AND issuer = 'self'",
      ),
    ).toBe(paid);
  }
}

/** Nothing gets lost any more: what is open is answered, what is owed is fetched. */
async function rest(model: Model): Promise<void> {
  const { world } = model;
  world.fate = () => 'done';
  world.beforeWork = () => undefined;
  for (const seconds of [660, 2 * DAY_S, 660]) {
    world.pass(seconds);
    for (let index = 0; index < PEOPLE; index += 1) world.restart(index);
    for (let index = 0; index < PEOPLE; index += 1) await world.device(index).wallet.tick();
  }
  for (let who = 0; who < PEOPLE; who += 1)
    for (let whom = 0; whom < PEOPLE; whom += 1)
      if (who !== whom) await world.device(who).wallet.collect(ownerOf(model, whom));
}

/** Units of one issuer that lie in purses, and how many of them are set aside. */
async function held(model: Model, issuer: number): Promise<{ free: bigint; held: bigint }> {
  const sum = { free: 0n, held: 0n };
  for (let index = 0; index < PEOPLE; index += 1) {
    const { nowMs } = model.world.moment();
    for (const purse of await model.world.device(index).walletBook.purses({ nowMs })) {
      if (purse.owner !== ownerOf(model, issuer)) continue;
      sum.free += purse.freeUnits;
      sum.held += purse.heldUnits;
    }
  }
  return sum;
}

test('no unit is ever lost or spent twice, whatever is lost on the way and whoever crashes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 15, maxLength: 40 }), async (commands) => {
      const model: Model = {
        world: noteWorld(PEOPLE, 150n * UNIT_SIZE),
        paid: new Map(),
        plots: [],
        requests: 0,
      };
      const { world } = model;
      for (const command of commands) {
        let calls = 0;
        world.fate = () => {
          calls += 1;
          return command.fates[calls - 1] ?? 'done';
        };
        let pieces = 0;
        world.beforeWork = (device) => {
          pieces += 1;
          if (pieces === command.crashAt) throw new Crash(device);
        };
        await run(model, command).catch((error: unknown) => {
          if (!(error instanceof Crash)) throw error;
          world.restart(error.device);
        });
        check(model);
      }
      await rest(model);
      check(model);
      for (let index = 0; index < PEOPLE; index += 1) {
        const issued = number(model, index, 'SELECT issued AS n FROM mint_totals');
        const redeemed = number(model, index, 'SELECT redeemed AS n FROM mint_totals');
        expect(await held(model, index)).toEqual({ free: issued - redeemed, held: 0n });
        expect(number(model, index, 'SELECT owed AS n FROM mint_totals')).toBe(0n);
      }
      // Then everything runs out, on both sides.
      for (const days of [100, 2]) {
        world.pass(days * DAY_S);
        for (let index = 0; index < PEOPLE; index += 1) {
          await world.device(index).mintBook.tidy({ moment: world.moment() });
          await world.device(index).walletBook.tidy({ nowMs: world.moment().nowMs });
        }
      }
      for (let index = 0; index < PEOPLE; index += 1) {
        expect(await held(model, index)).toEqual({ free: 0n, held: 0n });
        expect(world.device(index).ledger.totals({ disk: DISK }).outstandingBytes).toBe(0n);
      }
    }),
    { numRuns: RUNS },
  );
}, 1_800_000);
