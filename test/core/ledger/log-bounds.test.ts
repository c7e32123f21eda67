import { describe, expect, it } from 'vitest';
import { openLogBound, openPlotBound } from '../../../electron/core/ledger/log-bounds.ts';
import { GB } from '../../../shared/units.ts';
import {
  addFriend,
  hashOf,
  openTestLedger,
  ROOMY,
  testOwnerId,
  testRequest,
} from '../../fakes/test-ledger.ts';

const ANA = testOwnerId(1);
const at = (nowMs: number) => ({ nowMs, serviceS: 0, minuteOfDay: 0 });
const SHOWN = { keptMs: 1000, least: 2, most: 6 };
const HIDDEN = { most: 3 };

/** A host that has decided at each of these times. */
function decided(timesMs: readonly number[]) {
  const { sql, ledger } = openTestLedger();
  addFriend(sql, ANA, 'Ana');
  ledger.setOffer({ folder: '/', offerBytes: 100n * GB, keepFreeBytes: 0n, volume: 'v' });
  ledger.setPolicy({ owner: ANA, policy: { guards: {}, grounds: [{ kind: 'always' }] } });
  const ask = (request: ReturnType<typeof testRequest>, nowMs: number) =>
    ledger.allocate({
      owner: ANA,
      request,
      bodyHash: hashOf(request),
      moment: at(nowMs),
      disk: ROOMY,
    });
  const requests = timesMs.map((nowMs) => {
    const request = testRequest(1000n);
    ask(request, nowMs);
    return request;
  });
  const numbers = (log: 'decisions' | 'transfers') =>
    sql.prepare<[], bigint>(`SELECT number FROM ${log} ORDER BY number`).pluck().all().map(Number);
  const replayed = () =>
    sql
      .prepare<[], bigint[]>(
        `SELECT (SELECT promised FROM totals),
           (SELECT sum(promised_delta) FROM decisions) + (SELECT promised FROM log_before)`,
      )
      .raw()
      .get();
  const boundDecisions = openLogBound(sql, 'decisions', SHOWN);
  const boundTransfers = openLogBound(sql, 'transfers', HIDDEN);
  const bound = (moment: ReturnType<typeof at>) => {
    boundDecisions(moment);
    boundTransfers(moment);
  };
  return { sql, ledger, ask, requests, numbers, replayed, bound };
}

describe('the log of decisions', () => {
  it('loses what is older than its time, and the rest still adds up to all promises', () => {
    const { bound, numbers, replayed } = decided([0, 100, 2000, 2100]);
    bound(at(2200));
    expect(numbers('decisions')).toEqual([3, 4]);
    const [kept, added] = replayed() ?? [];
    expect(added).toBe(kept);
  });

  it('keeps the newest whatever the clock says, and those behind one that is younger', () => {
    const { bound, numbers } = decided([5000, 0, 100, 200]);
    bound(at(5500));
    expect(numbers('decisions')).toEqual([1, 2, 3, 4]);
    bound(at(1_000_000));
    expect(numbers('decisions')).toEqual([3, 4]);
  });

  it('has no more than so many rows, however fast they come', () => {
    const { bound, numbers } = decided(Array.from({ length: 9 }, (_, index) => index));
    bound(at(10));
    expect(numbers('decisions')).toEqual([4, 5, 6, 7, 8, 9]);
  });

  it('gives an answer again without its steps when these are gone', () => {
    const { bound, ask, requests } = decided([0, 0, 2000, 2000]);
    const [first] = requests;
    if (first === undefined) throw new Error('nothing was asked');
    const { answer: whole } = ask(first, 2000);
    bound(at(2000));
    const { answer } = ask(first, 2000);
    expect(whole.type === 'granted' && whole.steps.length).toBeGreaterThan(5);
    expect(answer).toEqual({ ...whole, steps: [] });
  });

  it('loses nothing but its oldest rows', () => {
    const { sql } = decided([0, 0, 0]);
    expect(() => sql.exec('DELETE FROM decisions WHERE number = 2')).toThrow('only the oldest go');
    expect(() => sql.exec('UPDATE decisions SET promised_delta = 0')).toThrow('append-only');
  });
});

describe('the log of transfers', () => {
  it('follows a flood faster than a thousand rows at a time', () => {
    const { sql, bound, numbers } = decided([0]);
    const write = sql.prepare(
      `INSERT INTO transfers (at_ms, plot, kind, type, name, size)
       SELECT 0, number, 'post', 0, x'', 1 FROM plots`,
    );
    sql.transaction(() => {
      for (let count = 0; count < 20_003; count += 1) write.run();
    })();
    bound(at(0));
    expect(numbers('transfers')).toHaveLength(20_003 - 2500);
  });

  it('has no more than so many rows, and loses nothing but the oldest', () => {
    const { sql, ledger, bound, numbers } = decided([0]);
    const [row] = ledger.plots({ moment: at(0) });
    if (row === undefined) throw new Error('no plot');
    for (let count = 0; count < 5; count += 1) {
      const name = count.toString(16).padStart(64, '0');
      const key = { plot: row.plot, type: 'data', name } as const;
      const reserved = ledger.reserve({ ...key, owner: ANA, sizeBytes: 10n, moment: at(0) });
      if (reserved.ok) ledger.post({ ...reserved.value, moment: at(0) });
    }
    bound(at(0));
    expect(numbers('transfers')).toEqual([3, 4, 5]);
    expect(() => sql.exec('DELETE FROM transfers WHERE number = 4')).toThrow('only the oldest go');
  });
});

describe('a plot that is gone', () => {
  /** Three plots; the first is let go of and off the disk. */
  function withOneGone() {
    const world = decided([0, 0, 0]);
    const { sql, ledger } = world;
    const [first] = ledger.plots({ moment: at(0) });
    if (first === undefined) throw new Error('no plot');
    const { plot } = first;
    const key = { plot, type: 'data', name: 'ab'.repeat(32) } as const;
    const reserved = ledger.reserve({ ...key, owner: ANA, sizeBytes: 10n, moment: at(0) });
    if (reserved.ok) ledger.post({ ...reserved.value, moment: at(0) });
    ledger.dropDamaged({ ...key, drive: undefined, moment: at(0) });
    ledger.release({ owner: ANA, plot, moment: at(0) });
    ledger.erased({ plot, moment: at(0) });
    const boundPlots = openPlotBound(sql);
    const forget = (endedBeforeS: number) => boundPlots({ endedBeforeS });
    const isKnown = () => ledger.plot({ plot, moment: at(0) }) !== undefined;
    /** Younger decisions, so that those about the plot are the oldest. */
    const goOn = () => {
      for (const nowMs of [5000, 5000]) world.ask(testRequest(1000n), nowMs);
    };
    return { ...world, plot, forget, isKnown, goOn };
  }

  it('is known as long as the log says how it ended, and then no more', () => {
    const { sql, bound, forget, isKnown, goOn } = withOneGone();
    forget(1);
    expect(isKnown()).toBe(true);
    goOn();
    bound(at(6000));
    forget(0);
    expect(isKnown()).toBe(true);
    forget(1);
    expect(isKnown()).toBe(false);
    expect(sql.prepare('SELECT count(*) FROM damages').pluck().get()).toBe(0n);
    expect(sql.pragma('foreign_key_check')).toEqual([]);
  });

  it('is forgotten without a trace in what is promised and counted', () => {
    const { sql, ledger, bound, forget, goOn, replayed } = withOneGone();
    goOn();
    const sums = () => [
      ledger.totals({ disk: ROOMY }),
      sql.prepare('SELECT * FROM usage').all(),
      ledger.plots({ moment: at(6000) }),
    ];
    const before = sums();
    bound(at(6000));
    forget(1);
    expect(sums()).toEqual(before);
    const [kept, added] = replayed() ?? [];
    expect(added).toBe(kept);
  });

  it('answers a repeated request as before until it is forgotten with its answer', () => {
    const { ledger, bound, requests, ask, goOn, isKnown, plot } = withOneGone();
    const [first] = requests;
    if (first === undefined) throw new Error('nothing was asked');
    const { answer } = ask(first, 6000);
    const receipt = answer.type === 'granted' ? answer.receipt : undefined;
    goOn();
    bound(at(6000));
    const sweep = (serviceS: number) =>
      ledger.sweep({ moment: { ...at(6000), serviceS }, mayEndOn: undefined, disk: ROOMY });
    sweep(7 * 86_400);
    expect(ask(first, 6000).answer).toMatchObject({
      type: 'granted',
      plot,
      receipt: receipt,
      steps: [],
    });
    expect(isKnown()).toBe(true);
    sweep(7 * 86_400 + 1);
    expect(isKnown()).toBe(false);
  });

  it('keeps its number to itself if it is the newest', () => {
    const { sql, ledger, ask, bound } = decided([0, 0, 0]);
    const newest = ledger.plots({ moment: at(0) }).at(-1);
    if (newest === undefined) throw new Error('no plot');
    ledger.release({ owner: ANA, plot: newest.plot, moment: at(0) });
    ledger.erased({ plot: newest.plot, moment: at(0) });
    const [first] = ledger.plots({ moment: at(0) });
    for (let count = 0; count < 8; count += 1)
      ledger.resize({
        owner: ANA,
        plot: first?.plot ?? newest.plot,
        request: { v: 1, requestId: testRequest(1n).requestId, size: 999n - BigInt(count) },
        bodyHash: hashOf(testRequest(1n)),
        moment: at(5000),
        disk: ROOMY,
      });
    bound(at(6000));
    openPlotBound(sql)({ endedBeforeS: 1 });
    expect(ledger.plot({ plot: newest.plot, moment: at(0) })).toBeDefined();
    ask(testRequest(1000n), 6000);
    openPlotBound(sql)({ endedBeforeS: 1 });
    expect(ledger.plot({ plot: newest.plot, moment: at(0) })).toBeUndefined();
  });

  it('can’t be taken out by anybody before', () => {
    const { sql } = withOneGone();
    for (const where of ["state = 'gone'", "state = 'active'"])
      expect(() => sql.exec(`DELETE FROM plots WHERE ${where}`)).toThrow('kept for the record');
  });
});
