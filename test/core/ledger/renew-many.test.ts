import { beforeEach, describe, expect, it } from 'vitest';
import type { Ledger } from '../../../electron/core/ledger/ledger.ts';
import type { Sql } from '../../../electron/core/database/open-database.ts';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { Answer } from '../../../shared/model/allocate.ts';
import { GUARANTEED_LEASE_S } from '../../../shared/model/plot.ts';
import { DAY_S, GB } from '../../../shared/units.ts';
import {
  addFriend,
  hashOf,
  openTestLedger,
  ROOMY,
  testOwnerId,
  testPlotId,
  testRequest,
  testRequestId,
} from '../../fakes/test-ledger.ts';

const ANA = testOwnerId(1);
const BEN = testOwnerId(2);
const EVE = testOwnerId(3);

let sql: Sql;
let ledger: Ledger;
let nowS: number;
const disk = ROOMY;
const moment = () => ({ nowMs: nowS * 1000, serviceS: nowS });

beforeEach(() => {
  ({ sql, ledger } = openTestLedger());
  nowS = 1000;
  for (const owner of [ANA, BEN, EVE]) addFriend(sql, owner, 'somebody');
  ledger.setOffer({ folder: '/', offerBytes: 900n * GB, keepFreeBytes: 0n, volume: 'v' });
  ledger.setPolicy({
    owner: undefined,
    policy: { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 }] },
  });
});

function grant(
  owner: OwnerId,
  size = GB,
  accept: 'guaranteed' | 'borrowed' = 'guaranteed',
): PlotId {
  const duration = { want: accept === 'borrowed' ? 7 * DAY_S : GUARANTEED_LEASE_S };
  const request = testRequest(size, { accept, duration });
  const { answer } = ledger.allocate({
    owner,
    request,
    bodyHash: hashOf(request),
    moment: moment(),
    disk,
  });
  if (answer.type !== 'granted') throw new Error(JSON.stringify(answer));
  return answer.plot;
}

let ids = 10_000;
const nextId = () => {
  ids += 1;
  return testRequestId(ids);
};
function many(
  owner: OwnerId,
  plots: readonly PlotId[] | 'all',
  { requestId = nextId(), want = 2 * GUARANTEED_LEASE_S, from = 0 } = {},
) {
  const request = {
    v: 1 as const,
    requestId,
    plots: plots === 'all' ? plots : [...plots],
    duration: { want },
  };
  const bodyHash = hashOf(request);
  return ledger.renewMany({ owner, request, bodyHash, moment: moment(), disk, from });
}
function answersOf(reply: ReturnType<typeof many>): ReadonlyMap<PlotId, Answer> {
  if (!('renewed' in reply)) throw new Error(JSON.stringify(reply));
  return new Map(reply.renewed.answers.map(({ plot, answer }) => [plot, answer]));
}
const codeOf = (answer: Answer | undefined) =>
  answer?.type === 'denied' ? answer.reasons[0]?.code : answer?.type;
const leftOf = (plot: PlotId) => ledger.plot({ plot, moment: moment() })?.leftS;

describe('renewing many plots at once', () => {
  it('answers for each what renewing it alone would', () => {
    const plots = [grant(ANA), grant(ANA), grant(ANA, GB, 'borrowed')];
    nowS += 5 * DAY_S;
    const answers = answersOf(many(ANA, [...plots, testPlotId(999)]));
    for (const plot of plots) {
      const { requestId } = testRequest(1n);
      const request = {
        v: 1 as const,
        requestId,
        duration: { want: 2 * GUARANTEED_LEASE_S },
        why: [],
      };
      const call = { owner: ANA, plot, request, bodyHash: hashOf(request) };
      const single = ledger.renew({ ...call, moment: moment(), disk }).answer;
      const { type, ...rest } = single as Extract<Answer, { type: 'granted' }>;
      expect(answers.get(plot)).toMatchObject({ type, ttl: rest.ttl, class: rest.class });
    }
    expect(codeOf(answers.get(testPlotId(999)))).toBe('plot-unknown');
  });

  it('means with "all" every plot that lives, and each named plot once', () => {
    const [kept, gone] = [grant(ANA), grant(ANA)];
    ledger.release({ owner: ANA, plot: gone, moment: moment() });
    const foreign = grant(BEN);
    expect([...answersOf(many(ANA, 'all')).keys()]).toEqual([kept]);
    expect([...answersOf(many(ANA, [kept, kept])).keys()]).toEqual([kept]);
    expect(codeOf(answersOf(many(ANA, [foreign])).get(foreign))).toBe('plot-unknown');
  });

  it('is the same again when it is repeated, with the time as it is now, and about the same plots', () => {
    const plot = grant(ANA);
    const requestId = nextId();
    nowS += DAY_S;
    const first = answersOf(many(ANA, 'all', { requestId }));
    const later = grant(ANA);
    nowS += DAY_S;
    const again = answersOf(many(ANA, 'all', { requestId }));
    expect([...again.keys()]).toEqual([plot]);
    expect(again.get(plot)).toMatchObject({ ttl: GUARANTEED_LEASE_S - DAY_S });
    expect(first.get(plot)).toMatchObject({ ttl: GUARANTEED_LEASE_S });
    expect(ledger.plot({ plot, moment: moment() })?.renewals).toBe(1);
    expect(ledger.plot({ plot: later, moment: moment() })?.renewals).toBe(0);
  });

  it('keeps the books from nobody for long: it goes on where it ended, also after a crash', () => {
    const plots = Array.from({ length: 60 }, () => grant(ANA));
    const requestId = nextId();
    nowS += DAY_S;
    const seen: PlotId[] = [];
    let turns = 0;
    for (let from: number | undefined = 0; from !== undefined; turns += 1) {
      const reply = many(ANA, 'all', { requestId, from });
      const answers = answersOf(reply);
      expect(answers.size).toBeLessThanOrEqual(25);
      seen.push(...answers.keys());
      from = 'next' in reply ? reply.next : undefined;
    }
    expect(turns).toBe(3);
    expect(seen).toEqual(plots);
    // Begun anew, as after a crash between two: what is done is not done again.
    many(ANA, 'all', { requestId });
    many(ANA, 'all', { requestId, from: 25 });
    for (const plot of plots) expect(ledger.plot({ plot, moment: moment() })?.renewals).toBe(1);
  });

  it('refuses its id for other words, be they of another batch or of a single request', () => {
    const plot = grant(ANA);
    const requestId = nextId();
    many(ANA, [plot], { requestId });
    const other = many(ANA, [plot], { requestId, want: 5 });
    expect('answer' in other && codeOf(other.answer)).toBe('request-reused');
    const single = testRequest(GB);
    const call = { owner: ANA, request: single, bodyHash: hashOf(single), moment: moment(), disk };
    ledger.allocate(call);
    const clash = many(ANA, [plot], { requestId: single.requestId });
    expect('answer' in clash && codeOf(clash.answer)).toBe('request-reused');
  });
});

describe('who may renew for others', () => {
  const delegate = (plot: PlotId, to: OwnerId, forS: number, owner = ANA) =>
    ledger.delegate({ owner, plot, to, forS, moment: moment() });

  it('is whom the owner of a plot has named, until the day he named; to others the plot is not there', () => {
    const plot = grant(ANA);
    nowS += 5 * DAY_S;
    expect(codeOf(answersOf(many(BEN, [plot])).get(plot))).toBe('plot-unknown');
    delegate(plot, BEN, 10 * DAY_S);
    expect(codeOf(answersOf(many(EVE, [plot])).get(plot))).toBe('plot-unknown');
    expect(codeOf(answersOf(many(BEN, [plot])).get(plot))).toBe('granted');
    expect(leftOf(plot)).toBe(GUARANTEED_LEASE_S);
    nowS += 10 * DAY_S;
    expect(codeOf(answersOf(many(BEN, [plot])).get(plot))).toBe('plot-unknown');
  });

  it('can neither read of its owner’s standing nor do anything else with the plot', () => {
    const plot = grant(ANA);
    delegate(plot, BEN, DAY_S);
    expect(answersOf(many(BEN, [plot])).get(plot)).toMatchObject({
      size: 0n,
      share: { useBytes: 0n, mayAskBytes: 0n },
      steps: [],
      receipt: { signed: '', signature: '' },
    });
    const common = { owner: BEN, plot, moment: moment() };
    expect(ledger.release(common).ok).toBe(false);
    expect(ledger.delegate({ ...common, to: EVE, forS: DAY_S }).ok).toBe(false);
    const request = { v: 1 as const, requestId: nextId(), size: GB / 2n };
    const resized = ledger.resize({ ...common, request, bodyHash: hashOf(request), disk });
    expect(codeOf(resized.answer)).toBe('plot-unknown');
  });

  it('renews at the cost and by the rules of whose plot it is', () => {
    const plot = grant(ANA);
    delegate(plot, BEN, 30 * DAY_S);
    const before = ledger.share({ owner: BEN, disk });
    nowS += DAY_S;
    many(BEN, [plot]);
    expect(ledger.share({ owner: BEN, disk })).toEqual(before);
    const [row] = ledger.decisions({ owner: ANA, limit: 1 });
    expect(row).toMatchObject({ kind: 'renew', plot, params: { context: 'errand' } });
    sql.prepare('UPDATE friends SET blocked = 1 WHERE owner = ?').run(ANA);
    // The log knows why; he who renews for her hears no more of her than that it was a no.
    expect(codeOf(answersOf(many(BEN, [plot])).get(plot))).toBe('stop-renewing');
    expect(ledger.decisions({ owner: ANA, limit: 1 })).toMatchObject([{ code: 'blocked' }]);
    sql.prepare('UPDATE friends SET blocked = (owner = ?)').run(BEN);
    expect(codeOf(answersOf(many(BEN, [plot])).get(plot))).toBe('plot-unknown');
    // Somebody who is no friend any more is nobody's helper either.
    sql.prepare('UPDATE friends SET blocked = 0, departed = (owner = ?)').run(BEN);
    expect(codeOf(answersOf(many(BEN, [plot])).get(plot))).toBe('plot-unknown');
    expect(ledger.errands({ owner: BEN, moment: moment() })).toEqual([]);
  });

  it('is listed on both sides, can be taken back, and is at most eight', () => {
    const plot = grant(ANA);
    expect(delegate(plot, BEN, 10)).toMatchObject({
      value: { delegates: [{ to: BEN, forS: 10 }] },
    });
    expect(ledger.errands({ owner: BEN, moment: moment() })).toEqual([
      { plot, class: 'guaranteed', ttl: GUARANTEED_LEASE_S, forS: 10 },
    ]);
    expect(delegate(plot, BEN, 0)).toMatchObject({ value: { delegates: [] } });
    expect(ledger.errands({ owner: BEN, moment: moment() })).toEqual([]);
    for (let number = 10; number < 18; number += 1)
      expect(delegate(plot, testOwnerId(number), DAY_S).ok).toBe(true);
    expect(delegate(plot, testOwnerId(18), DAY_S)).toMatchObject({ fault: 'too-many' });
    // One who is named already is named for longer.
    expect(delegate(plot, testOwnerId(17), 2 * DAY_S).ok).toBe(true);
    nowS += 3 * DAY_S;
    ledger.sweep({ moment: moment() });
    expect(ledger.delegates({ owner: ANA, plot, moment: moment() })).toMatchObject({
      value: { delegates: [] },
    });
  });
});

describe('a list of what to keep', () => {
  const keepOnly = (
    plots: readonly PlotId[],
    sequence: number,
    requestId = nextId(),
    owner = ANA,
  ) => {
    const request = { v: 1 as const, requestId, plots: [...plots], sequence };
    return ledger.keepOnly({ owner, request, bodyHash: hashOf(request), moment: moment() });
  };
  const sweep = () => ledger.sweep({ moment: moment(), mayEndOn: disk, disk }).toErase;

  it('lets go of everything else after a week, and of nothing before', () => {
    const [kept, gone] = [grant(ANA), grant(ANA)];
    const foreign = grant(BEN);
    expect(keepOnly([kept], 1)).toEqual({
      kept: { keeps: [kept], leaves: [{ plot: gone, inS: 7 * DAY_S }] },
    });
    nowS += 7 * DAY_S - 1;
    expect(sweep()).toEqual([]);
    expect(ledger.plot({ plot: gone, moment: moment() })).toMatchObject({ leavesInS: 1 });
    nowS += 1;
    expect(sweep()).toEqual([gone]);
    expect(ledger.plot({ plot: foreign, moment: moment() })?.state).toBe('active');
    expect(ledger.decisions({ owner: ANA, kinds: ['release'], limit: 5 })).toMatchObject([
      { plot: gone, params: { context: 'not-listed' } },
    ]);
  });

  it('takes nothing away in the first hour after a start', () => {
    const [kept, gone] = [grant(ANA), grant(ANA)];
    keepOnly([kept], 1);
    nowS += 8 * DAY_S;
    expect(ledger.sweep({ moment: moment(), disk }).toErase).toEqual([]);
    expect(sweep()).toEqual([gone]);
  });

  it('is followed by another that names the plot again; one that does not puts nothing off', () => {
    const [a, b, c] = [grant(ANA), grant(ANA), grant(ANA)];
    keepOnly([a], 1);
    nowS += 3 * DAY_S;
    expect(keepOnly([a, b], 2)).toMatchObject({ kept: { leaves: [{ plot: c, inS: 4 * DAY_S }] } });
    nowS += 4 * DAY_S;
    expect(sweep()).toEqual([c]);
    expect(ledger.plot({ plot: b, moment: moment() })?.leavesInS).toBeUndefined();
  });

  it('counts only with a higher number than the last', () => {
    const [a, b] = [grant(ANA), grant(ANA)];
    keepOnly([a, b], 5);
    for (const stale of [5, 4, 1]) {
      const reply = keepOnly([a], stale);
      expect('answer' in reply && reply.answer).toMatchObject({
        reasons: [{ code: 'keep-only-stale', params: { sequence: '5' } }],
      });
    }
    expect(ledger.plot({ plot: b, moment: moment() })?.leavesInS).toBeUndefined();
    // Each friend counts for himself.
    expect(keepOnly([grant(BEN)], 1, nextId(), BEN)).toHaveProperty('kept');
  });

  it('is answered the same when its reply was lost, also after a newer one', () => {
    const [a, b] = [grant(ANA), grant(ANA)];
    const requestId = nextId();
    const first = keepOnly([a], 1, requestId);
    keepOnly([a, b], 2);
    expect(keepOnly([a], 1, requestId)).toEqual(first);
    expect(ledger.plot({ plot: b, moment: moment() })?.leavesInS).toBeUndefined();
    const reused = keepOnly([b], 1, requestId);
    expect('answer' in reused && codeOf(reused.answer)).toBe('request-reused');
  });

  it('says nothing about a plot that came after it', () => {
    const kept = grant(ANA);
    keepOnly([kept], 1);
    const later = grant(ANA);
    nowS += 8 * DAY_S;
    expect(sweep()).toEqual([]);
    expect(ledger.plot({ plot: later, moment: moment() })?.state).toBe('active');
  });

  it('is not outlived by a renewal of what it lets go', () => {
    const [kept, gone] = [grant(ANA), grant(ANA)];
    keepOnly([kept], 1);
    nowS += DAY_S;
    const answers = answersOf(many(ANA, 'all'));
    // And nobody is told that it were.
    expect(answers.get(gone)).toMatchObject({ type: 'granted', ttl: 6 * DAY_S });
    expect(answers.get(kept)).toMatchObject({ type: 'granted', ttl: GUARANTEED_LEASE_S });
    nowS += 6 * DAY_S;
    expect(sweep()).toEqual([gone]);
  });
});
