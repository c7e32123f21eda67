import { describe, expect, it } from 'vitest';
import { openLogBounds } from '../../../electron/core/ledger/log-bounds.ts';
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
const BOUNDS = { decisionsKeptMs: 1000, decisionsLeast: 2, decisionsMost: 6, transfersMost: 3 };

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
  return { sql, ledger, ask, requests, numbers, replayed, bound: openLogBounds(sql, BOUNDS) };
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
