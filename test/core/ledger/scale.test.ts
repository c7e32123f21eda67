import { describe, expect, it } from 'vitest';
import { openDatabase, type Sql } from '../../../electron/core/database/open-database.ts';
import { openFriendBook } from '../../../electron/core/friends/friend-book.ts';
import { openLedger } from '../../../electron/core/ledger/open-ledger.ts';
import { openNoticeBook } from '../../../electron/core/notices/notice-book.ts';
import { openUsageBook } from '../../../electron/core/usage/usage-book.ts';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import {
  addFriend,
  hashOf,
  openTestLedger,
  ROOMY,
  testOwnerId,
  testPlotId,
  testRequest,
} from '../../fakes/test-ledger.ts';
import { fc, runs } from '../../fakes/properties.ts';

/** What has a row for each plot, object, request, note or refusal there ever was. */
const GROWING = new Set([
  'plots',
  'objects',
  'transfers',
  'decisions',
  'answers',
  'answers_before',
]);
/** Indexes that hold only what is about to end, or is lent. */
const SMALL = new Set([
  'plots_released',
  'plots_active_due',
  'plots_grace_due',
  'plots_lent',
  'plots_lent_and_over',
  'plots_leaving',
  'plots_paid_and_over',
  'plots_unrenewed',
]);
/** Whoever asks for everything gets everything, screens and the move of an offer; and the first few of a log are its first few. */
const EVERYTHING = new Set([
  "SELECT * FROM plots WHERE state <> 'gone' ORDER BY number",
  'SELECT number, at_ms FROM decisions ORDER BY number LIMIT ?',
  'SELECT number, at_ms FROM transfers ORDER BY number LIMIT ?',
  'SELECT * FROM answers_before LIMIT ?',
  // Once, when the books turn out to be an older copy.
  "UPDATE plots SET state = 'active', until_service = max(until_service, ?) WHERE class = ? AND state IN ('active', 'grace', 'reclaimable')",
]);

/** A database that remembers every statement that was prepared on it. */
function listening(sql: Sql): { readonly sql: Sql; readonly statements: ReadonlySet<string> } {
  const statements = new Set<string>();
  const heard = new Proxy(sql, {
    get: (target, name) => {
      if (name === 'prepare')
        return (text: string) => {
          statements.add(text.replaceAll(/\s+/g, ' ').trim());
          return target.prepare(text);
        };
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { sql: heard, statements };
}

/** The walks over whole tables in the plan of a statement. */
function walksIn(sql: Sql, text: string): readonly string[] {
  // What a plan needs of parameters is that they are bound.
  const bound = text.replaceAll(/@\w+|\?/g, '1');
  return sql
    .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${bound}`)
    .all()
    .map(({ detail }) => detail)
    .filter((detail) => {
      const walk = /^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?/.exec(detail);
      return walk !== null && GROWING.has(walk[1] ?? '') && !SMALL.has(walk[2] ?? '');
    });
}

function database(): Sql {
  const opened = openDatabase(':memory:');
  if (!opened.ok) throw new Error(opened.fault.code);
  return opened.value;
}

describe('a ledger with a million plots', () => {
  it('is never walked through from end to end for one request, nor by a sweep', () => {
    const { sql, statements } = listening(database());
    const ledger = openLedger(sql, {
      newPlotId: () => testPlotId(1),
      newTicketId: () => testPlotId(1) as never,
      sign: () => new Uint8Array(),
    });
    openFriendBook(sql, ledger.endAll);
    openUsageBook(sql, ledger);
    openNoticeBook(sql);
    expect(statements.size).toBeGreaterThan(60);
    const walked = [...statements]
      .filter((text) => !EVERYTHING.has(text))
      .map((text) => [text, walksIn(sql, text)] as const)
      .filter(([, walks]) => walks.length > 0);
    expect(walked).toEqual([]);
  });

  it('would be noticed if it were', () => {
    const sql = database();
    expect(walksIn(sql, "SELECT * FROM plots WHERE purpose = 'films'")).toEqual(['SCAN plots']);
    expect(walksIn(sql, 'SELECT count(*) FROM decisions WHERE at_ms >= ?')).not.toEqual([]);
  });

  it('is compared with the disk plot by plot, and begins again after the last', () => {
    const { sql, ledger } = openTestLedger();
    const ana = testOwnerId(1);
    addFriend(sql, ana, 'Ana');
    const moment = { nowMs: 0, serviceS: 0, minuteOfDay: 0 };
    ledger.setOffer({ folder: '/', offerBytes: 10n ** 12n, keepFreeBytes: 0n, volume: 'v' });
    ledger.setPolicy({ owner: ana, policy: { guards: {}, grounds: [{ kind: 'always' }] } });
    expect(ledger.nextPlot({ after: undefined, moment })).toBeUndefined();
    const plots = Array.from({ length: 4 }, () => {
      const request = testRequest(1000n);
      const call = { owner: ana, request, bodyHash: hashOf(request), moment, disk: ROOMY };
      const { answer } = ledger.allocate(call);
      return answer.type === 'granted' ? answer.plot : ('' as PlotId);
    });
    ledger.release({ owner: ana, plot: plots[1] ?? ('' as PlotId), moment });
    ledger.erased({ plot: plots[1] ?? ('' as PlotId), moment });
    let after: PlotId | undefined;
    const turns = Array.from({ length: 4 }, () => {
      after = ledger.nextPlot({ after, moment })?.plot;
      return after;
    });
    expect(turns).toEqual([plots[0], plots[2], plots[3], plots[0]]);
  });
});

describe('what somebody has here in all', () => {
  it('is what his plots come to, one by one', () => {
    const { sql, ledger } = openTestLedger();
    const [ana, ben] = [testOwnerId(1), testOwnerId(2)];
    for (const owner of [ana, ben]) addFriend(sql, owner, 'Somebody');
    const moment = { nowMs: 1000, serviceS: 0, minuteOfDay: 0 };
    ledger.setOffer({ folder: '/', offerBytes: 10n ** 12n, keepFreeBytes: 0n, volume: 'v' });
    ledger.setPolicy({ owner: undefined, policy: { guards: {}, grounds: [{ kind: 'always' }] } });
    const grant = (owner: OwnerId) => {
      const request = testRequest(1000n);
      const call = { owner, request, bodyHash: hashOf(request), moment, disk: ROOMY };
      const { answer } = ledger.allocate(call);
      return answer.type === 'granted' ? answer.plot : ('' as PlotId);
    };
    const [used, idle] = [grant(ana), grant(ana)];
    grant(ben);
    const object = { plot: used, type: 'data', name: 'ab'.repeat(32) } as const;
    const reserved = ledger.reserve({ ...object, owner: ana, sizeBytes: 100n, moment });
    if (!reserved.ok) throw new Error('no room');
    ledger.post({ reservation: reserved.value.reservation, moment });
    ledger.reserve({ ...object, name: 'cd'.repeat(32), owner: ana, sizeBytes: 7n, moment });
    ledger.correct({ ...object, sizeBytes: undefined, moment });
    sql.prepare("UPDATE plots SET state = 'grace' WHERE owner = ?").run(ben);
    const [ofAna, ofBen] = ledger.uses({ idleBeforeMs: 2000 });
    const plots = ledger.plots({ owner: ana, moment });
    expect(ofAna).toEqual({
      owner: ana,
      promisedBytes: plots.reduce((sum, { promisedBytes }) => sum + promisedBytes, 0n),
      writtenBytes: 0n,
      reservedBytes: 7n,
      missingObjects: 1,
      // Nothing lies in the other one any more either, but it was used.
      idleBytes: plots[1]?.promisedBytes,
      unrenewed: undefined,
    });
    expect(plots.map(({ plot: id }) => id)).toEqual([used, idle]);
    expect(ofBen).toMatchObject({ owner: ben, unrenewed: { writtenBytes: 0n, isLong: false } });
    expect(ledger.uses({ idleBeforeMs: 0 })[0]).toMatchObject({ idleBytes: 0n });
  });
});

type Change =
  | {
      readonly type: 'come';
      readonly who: number;
      readonly weight: number;
      readonly departed: boolean;
    }
  | { readonly type: 'weigh'; readonly who: number; readonly weight: number }
  | { readonly type: 'depart'; readonly who: number; readonly departed: boolean }
  | {
      readonly type: 'grant';
      readonly who: number;
      readonly ground: string;
      readonly bytes: number;
    }
  | { readonly type: 'resize'; readonly plot: number; readonly bytes: number }
  | { readonly type: 'write'; readonly plot: number; readonly bytes: number }
  | { readonly type: 'vouch'; readonly plot: number; readonly who: number; readonly ground: string }
  | { readonly type: 'erase'; readonly plot: number };

const who = fc.integer({ min: 1, max: 4 });
const plot = fc.integer({ min: 1, max: 8 });
const ground = fc.constantFrom('fair-share', 'always');
const bytes = fc.integer({ min: 1, max: 1000 });
const weight = fc.integer({ min: 0, max: 3 });
const departed = fc.boolean();
const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ type: fc.constant('come' as const), who, weight, departed }),
  fc.record({ type: fc.constant('weigh' as const), who, weight }),
  fc.record({ type: fc.constant('depart' as const), who, departed }),
  fc.record({ type: fc.constant('grant' as const), who, ground, bytes }),
  fc.record({ type: fc.constant('resize' as const), plot, bytes }),
  fc.record({ type: fc.constant('write' as const), plot, bytes }),
  fc.record({ type: fc.constant('vouch' as const), plot, who, ground }),
  fc.record({ type: fc.constant('erase' as const), plot }),
);

/** Each change in one transaction, as the books make them; what the schema refuses does not happen. */
function make(sql: Sql, change: Change, nextPlot: () => number): void {
  const run = (text: string, ...values: readonly unknown[]) => {
    try {
      sql.prepare(text).run(...values);
    } catch (error) {
      if (!/CHECK|ABORT|constraint|never comes back|goes only|charged to/.test(String(error)))
        throw error;
    }
  };
  switch (change.type) {
    case 'come':
      return run(
        'INSERT INTO friends (owner, name, since_ms, weight, departed) VALUES (?, ?, 0, ?, ?) ON CONFLICT DO NOTHING',
        testOwnerId(change.who),
        'Somebody',
        change.weight,
        Number(change.departed),
      );
    case 'weigh':
      return run(
        'UPDATE friends SET weight = ? WHERE owner = ?',
        change.weight,
        testOwnerId(change.who),
      );
    case 'depart':
      return run(
        'UPDATE friends SET departed = ?, weight = weight WHERE owner = ?',
        Number(change.departed),
        testOwnerId(change.who),
      );
    case 'grant':
      return run(
        `INSERT INTO plots (id, owner, ground, class, state, size, promised, from_ms, until_service, grace_s)
         VALUES (?, ?, ?, 'guaranteed', 'active', 1, ?, 0, 0, 0)`,
        testPlotId(nextPlot()),
        testOwnerId(change.who),
        change.ground,
        change.bytes + 1,
      );
    case 'resize':
      return run(
        'UPDATE plots SET promised = ? WHERE id = ?',
        change.bytes + 1,
        testPlotId(change.plot),
      );
    case 'write':
      return run(
        'UPDATE plots SET written = ? WHERE id = ?',
        change.bytes,
        testPlotId(change.plot),
      );
    case 'vouch':
      return run(
        'UPDATE plots SET introducer = ?, introducer_ground = ? WHERE id = ? AND introducer IS NULL',
        testOwnerId(change.who),
        change.ground,
        testPlotId(change.plot),
      );
    case 'erase':
      run("UPDATE plots SET state = 'released' WHERE id = ?", testPlotId(change.plot));
      return run(
        "UPDATE plots SET written = 0, state = 'gone' WHERE id = ?",
        testPlotId(change.plot),
      );
    default:
      return change satisfies never;
  }
}

describe('sums that are kept', () => {
  it('are what adding up anew would give, whatever happened', () => {
    const sql = database();
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 40 }), (changes) => {
        sql.exec('BEGIN');
        try {
          let plots = 0;
          for (const change of changes)
            make(sql, change, () => {
              plots += 1;
              return plots;
            });
          const kept = sql.prepare('SELECT weights, fair FROM totals').get();
          expect(kept).toEqual(
            sql
              .prepare(
                `SELECT (SELECT coalesce(sum(weight), 0) FROM friends WHERE departed = 0) AS weights,
                  (SELECT coalesce(sum(promised), 0) FROM plots JOIN friends USING (owner)
                    WHERE state <> 'gone' AND ground = 'fair-share' AND weight > 0 AND departed = 0)
                + (SELECT coalesce(sum(promised), 0) FROM plots JOIN friends ON friends.owner = introducer
                    WHERE state <> 'gone' AND introducer_ground = 'fair-share' AND weight > 0 AND departed = 0) AS fair`,
              )
              .get(),
          );
          const summed = (table: string) =>
            sql
              .prepare(
                `SELECT owner, ground, sum(written) AS written FROM ${table}
                 GROUP BY owner, ground HAVING sum(written) > 0 ORDER BY owner, ground`,
              )
              .all();
          expect(summed('usage')).toEqual(summed('plots'));
        } finally {
          sql.exec('ROLLBACK');
        }
      }),
      { numRuns: runs(500) },
    );
  });
});
