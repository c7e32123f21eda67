import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Async } from '../../shared/async.ts';
import type { OwnerId, PlotId } from '../../shared/ids.ts';
import { DAY_S, GB } from '../../shared/units.ts';
import { runTogether } from '../../electron/core/database/group-commit.ts';
import type { Sql } from '../../electron/core/database/open-database.ts';
import type { Ledger } from '../../electron/core/ledger/ledger.ts';
import { type Hosting, openHosting } from '../../electron/core/plots/hosting.ts';
import { silent } from './silent-logger.ts';
import {
  addFriend,
  hashOf,
  openTestLedger,
  ROOMY,
  testOwnerId,
  testRequest,
} from './test-ledger.ts';

/** A host's plots on a real disk and a real ledger, with a service clock that a test moves by hand. */
export type PlotHost = {
  readonly sql: Sql;
  readonly ledger: Ledger;
  readonly hosting: Hosting;
  readonly folder: string;
  readonly owner: ReturnType<typeof testOwnerId>;
  readonly grant: (sizeBytes?: bigint, owner?: OwnerId) => PlotId;
  readonly moment: () => { readonly nowMs: number; readonly serviceS: number };
  readonly pass: (days: number) => Promise<void>;
  /** What a crash leaves: everything in memory is gone, the books and the disk are as they are. */
  readonly crash: () => Promise<PlotHost>;
};

export async function openPlotHost(
  folder: string,
  time = { serviceS: 1_000_000 },
  /** Called before each call of the ledger; what it throws is a crash at that moment. */
  before: (method: string) => void = () => undefined,
  /** Called after each, when its commit is done. */
  after: (sql: Sql) => void = () => undefined,
): Promise<PlotHost> {
  await mkdir(join(folder, 'spare'), { recursive: true });
  const { sql, ledger } = openTestLedger(join(folder, 'books.db'));
  const owner = testOwnerId(1);
  const moment = () => ({ nowMs: time.serviceS * 1000, serviceS: time.serviceS });
  const hosting = await openHosting({
    ledger: asAsync(sql, ledger, { before, after: () => after(sql) }),
    serviceClock: { moment, sinceStartS: () => 2 * DAY_S, tick: () => undefined },
    space: { read: async () => ({ freeBytes: 1000n * GB, totalBytes: 2000n * GB }) },
    seal: { sign: () => new Uint8Array([1]), verify: () => true },
    logger: silent,
  });
  if (hosting.offer() === undefined) {
    addFriend(sql, owner, 'Ana');
    ledger.setPolicy({ owner: undefined, policy: { guards: {}, grounds: [{ kind: 'always' }] } });
    const wish = { folder: join(folder, 'spare'), offerBytes: 900n * GB, keepFreeBytes: 0n };
    const set = await hosting.setOffer(wish);
    if (!set.ok) throw new Error(set.fault.code);
  }
  await hosting.chores();
  return {
    sql,
    ledger,
    hosting,
    folder: join(folder, 'spare', 'allotment', 'plots'),
    owner,
    moment,
    grant: (sizeBytes = 100_000_000n, to = owner) => {
      const request = testRequest(sizeBytes);
      const call = { owner: to, request, bodyHash: hashOf(request), moment: moment(), disk: ROOMY };
      const { answer } = ledger.allocate(call);
      if (answer.type !== 'granted') throw new Error(`not granted: ${answer.type}`);
      // Somebody renews it all the time.
      sql
        .prepare('UPDATE plots SET until_service = until_service + ? WHERE id = ?')
        .run(LEASE_DAYS * DAY_S, answer.plot);
      return answer.plot;
    },
    pass: async (days) => {
      time.serviceS += Math.round(days * DAY_S);
      await hosting.chores();
    },
    crash: async () => {
      sql.close();
      return openPlotHost(folder, time);
    },
  };
}

export const LEASE_DAYS = 1000;

function asAsync(
  sql: Sql,
  ledger: Ledger,
  { before, after }: { readonly before: (method: string) => void; readonly after: () => void },
): Async<Ledger> {
  return new Proxy({} as Async<Ledger>, {
    get: (_target, method) =>
      method === 'then'
        ? undefined
        : async (...args: unknown[]) => {
            before(String(method));
            const call = (ledger as unknown as Record<string, (...all: unknown[]) => unknown>)[
              String(method)
            ];
            const [outcome] = runTogether(sql, [() => call?.(...args)]);
            after();
            if (outcome?.ok !== true) throw outcome?.thrown;
            return outcome.value;
          },
  });
}
