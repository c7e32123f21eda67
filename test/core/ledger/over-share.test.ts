import { describe, expect, it } from 'vitest';
import type { DiskFacts } from '../../../electron/core/ledger/ledger.ts';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { Answer } from '../../../shared/model/allocate.ts';
import {
  GUARANTEED_GRACE_S,
  GUARANTEED_LEASE_S,
  promisedBytes,
} from '../../../shared/model/plot.ts';
import { DAY_S, GB } from '../../../shared/units.ts';
import {
  addFriend,
  hashOf,
  openTestLedger,
  testOwnerId,
  testRequest,
} from '../../fakes/test-ledger.ts';
import { fc, runs } from '../../fakes/properties.ts';

const [ANA, BEN, CLEO] = [1, 2, 3].map(testOwnerId) as [OwnerId, OwnerId, OwnerId];

/** A host of 100 GB for Ana and Ben, half each, until Cleo joins. */
function host() {
  const { sql, ledger } = openTestLedger();
  const state = {
    nowS: 1000,
    disk: { volumePresent: true, freeBytes: 10_000n * GB } as DiskFacts,
  };
  const moment = () => ({ nowMs: state.nowS * 1000, serviceS: state.nowS });
  for (const owner of [ANA, BEN]) addFriend(sql, owner, 'somebody');
  const setOffer = (offerBytes: bigint) =>
    ledger.setOffer({ folder: '/', offerBytes, keepFreeBytes: 0n, volume: 'v' });
  setOffer(100n * GB);
  ledger.setPolicy({
    owner: undefined,
    policy: { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 }] },
  });
  const ask = (owner: OwnerId, size: bigint, more = {}) => {
    const request = testRequest(size, { duration: { want: GUARANTEED_LEASE_S }, ...more });
    const bodyHash = hashOf(request);
    return ledger.allocate({ owner, request, bodyHash, moment: moment(), disk: state.disk }).answer;
  };
  const grant = (owner: OwnerId, size: bigint): PlotId => {
    const answer = ask(owner, size);
    if (answer.type !== 'granted') throw new Error(JSON.stringify(answer));
    return answer.plot;
  };
  const renew = (owner: OwnerId, plot: PlotId): Answer => {
    const { requestId } = testRequest(1n);
    const request = { v: 1 as const, requestId, duration: { want: GUARANTEED_LEASE_S }, why: [] };
    const call = { owner, plot, request, bodyHash: hashOf(request), moment: moment() };
    return ledger.renew({ ...call, disk: state.disk }).answer;
  };
  const sweep = () => {
    for (let minute = 0; minute < 4; minute += 1)
      for (const plot of ledger.sweep({ moment: moment(), mayEndOn: state.disk, disk: state.disk })
        .toErase)
        ledger.erased({ plot, moment: moment() });
  };
  return {
    sql,
    ledger,
    state,
    moment,
    ask,
    grant,
    renew,
    sweep,
    setOffer,
    pass: (days: number) => {
      state.nowS += days * DAY_S;
      sweep();
    },
    join: () => addFriend(sql, CLEO, 'Cleo'),
    over: () => ledger.overShare({ disk: state.disk, moment: moment() }),
    share: (owner: OwnerId) => ledger.share({ owner, disk: state.disk, moment: moment() }),
    end: (owner: OwnerId, days: number | undefined) =>
      ledger.endOver({
        owner,
        inS: days === undefined ? undefined : days * DAY_S,
        moment: moment(),
        disk: state.disk,
      }),
    leftDays: (plot: PlotId) =>
      Math.round((ledger.plot({ plot, moment: moment() })?.leftS ?? 0) / DAY_S),
    stateOf: (plot: PlotId) => ledger.plot({ plot, moment: moment() })?.state,
  };
}
const codeOf = (answer: Answer) =>
  answer.type === 'denied' ? answer.reasons[0]?.code : answer.type;

describe('who is over his share', () => {
  it('is whoever holds more since somebody joined, the offer shrank, or another ground took of it', () => {
    const at = host();
    at.grant(ANA, 48n * GB);
    expect(at.over()).toEqual([]);
    at.join();
    expect(at.over()).toMatchObject([
      { owner: ANA, useBytes: promisedBytes(48n * GB), shareBytes: (100n * GB) / 3n },
    ]);
    at.sql.prepare('UPDATE friends SET departed = 1 WHERE owner = ?').run(CLEO);
    expect(at.over()).toEqual([]);
    at.setOffer(60n * GB);
    expect(at.over()).toMatchObject([{ owner: ANA, shareBytes: 30n * GB }]);
  });

  it('keeps his plots and their renewals meanwhile; only their growth stops', () => {
    const at = host();
    const plot = at.grant(ANA, 48n * GB);
    at.join();
    at.pass(20);
    expect(codeOf(at.renew(ANA, plot))).toBe('granted');
    expect(at.leftDays(plot)).toBe(31);
    expect(codeOf(at.ask(ANA, GB, { plot }))).toBe('over-share');
  });

  it('is nobody for what is lent, for less than a hundredth, or without the drive', () => {
    const at = host();
    at.grant(ANA, 48n * GB);
    const { answer } = {
      answer: at.ask(ANA, 20n * GB, { accept: 'borrowed', duration: { want: DAY_S } }),
    };
    expect(answer.type).toBe('granted');
    expect(at.over()).toEqual([]);
    at.setOffer(2n * promisedBytes(48n * GB) - GB / 2n);
    expect(at.over()).toEqual([]);
    at.setOffer(2n * promisedBytes(48n * GB) - 2n * GB);
    expect(at.over()).toHaveLength(1);
    at.state.disk = { volumePresent: false, freeBytes: 0n };
    expect(at.over()).toEqual([]);
  });
});

describe('asking for less', () => {
  it('is told to the friend with the amount, until he is within his share', () => {
    const at = host();
    const plot = at.grant(ANA, 48n * GB);
    at.join();
    expect(at.share(ANA).lessBytes).toBeUndefined();
    at.ledger.askLess({ owner: ANA, moment: at.moment() });
    expect(at.share(ANA)).toMatchObject({ lessBytes: (100n * GB) / 3n });
    expect(at.share(BEN).lessBytes).toBeUndefined();
    expect(at.over()).toMatchObject([{ askedMs: at.state.nowS * 1000 }]);
    const { requestId } = testRequest(1n);
    const request = { v: 1 as const, requestId, size: 30n * GB };
    const call = { owner: ANA, plot, request, bodyHash: hashOf(request), moment: at.moment() };
    at.ledger.resize({ ...call, disk: at.state.disk });
    expect(at.share(ANA).lessBytes).toBeUndefined();
    at.sweep();
    // Over again some other day, he is not asked already.
    at.setOffer(80n * GB);
    expect(at.over()).toMatchObject([{ askedMs: undefined, endsInS: undefined }]);
  });
});

describe('ending with notice what is over a share', () => {
  it('renews it up to the date and not beyond, and deletes nothing before lease and grace are over', () => {
    const at = host();
    const plot = at.grant(ANA, 48n * GB);
    at.join();
    at.pass(20);
    at.end(ANA, 30);
    expect(at.share(ANA)).toMatchObject({ lessBytes: (100n * GB) / 3n, lessInS: 30 * DAY_S });
    expect(codeOf(at.renew(ANA, plot))).toBe('granted');
    expect(at.leftDays(plot)).toBe(30);
    at.pass(30);
    expect(codeOf(at.renew(ANA, plot))).toBe('stop-renewing');
    expect(at.stateOf(plot)).toBe('grace');
    at.pass(GUARANTEED_GRACE_S / DAY_S - 1);
    expect(at.stateOf(plot)).toBe('grace');
    at.pass(1);
    expect(at.stateOf(plot)).toBe('gone');
    expect(at.ledger.decisions({ owner: ANA, kinds: ['reclaim'], limit: 1 })).toMatchObject([
      { plot, params: { context: 'notice' } },
    ]);
    expect(at.over()).toEqual([]);
  });

  it('shortens no lease that is longer already', () => {
    const at = host();
    const plot = at.grant(ANA, 48n * GB);
    at.join();
    at.end(ANA, 7);
    expect(codeOf(at.renew(ANA, plot))).toBe('granted');
    expect(at.leftDays(plot)).toBe(31);
    at.pass(8);
    expect(codeOf(at.renew(ANA, plot))).toBe('stop-renewing');
    expect(at.stateOf(plot)).toBe('active');
  });

  it('ends the latest plots, and as few as bring the friend within his share', () => {
    const at = host();
    const [old, middle, late] = [20n, 10n, 15n].map((size) => at.grant(ANA, size * GB)) as [
      PlotId,
      PlotId,
      PlotId,
    ];
    at.join();
    at.end(ANA, 7);
    at.pass(8);
    const renewed = () => [old, middle, late].map((plot) => codeOf(at.renew(ANA, plot)));
    expect(renewed()).toEqual(['granted', 'granted', 'stop-renewing']);
    // With less for everybody the next one is over too; but nobody has given notice of that.
    at.setOffer(66n * GB);
    expect(renewed()).toEqual(['granted', 'granted', 'stop-renewing']);
    expect(at.share(ANA)).toMatchObject({ lessBytes: (100n * GB) / 3n });
    expect(at.over()).toMatchObject([{ owner: ANA, shareBytes: 22n * GB }]);
    // He gives it, and with it the friend has the whole time for the rest.
    at.end(ANA, 7);
    expect(at.share(ANA)).toMatchObject({ lessBytes: 22n * GB, lessInS: 7 * DAY_S });
    at.pass(8);
    expect(renewed()).toEqual(['granted', 'stop-renewing', 'stop-renewing']);
  });

  it('is done when the friend is down to what he was told, whatever his share has become since', () => {
    const at = host();
    const [old, late] = [at.grant(ANA, 30n * GB), at.grant(ANA, 15n * GB)];
    at.join();
    at.end(ANA, 30);
    at.setOffer(60n * GB);
    at.ledger.release({ owner: ANA, plot: late, moment: at.moment() });
    at.sweep();
    expect(at.share(ANA).lessInS).toBeUndefined();
    at.pass(60);
    expect(at.stateOf(old)).not.toBe('gone');
    expect(codeOf(at.renew(ANA, old))).toBe('granted');
  });

  it('spares the plots of whoever lets go of enough himself', () => {
    const at = host();
    const [first, second] = [at.grant(ANA, 24n * GB), at.grant(ANA, 24n * GB)];
    at.join();
    at.end(ANA, 7);
    at.pass(8);
    expect(codeOf(at.renew(ANA, second))).toBe('stop-renewing');
    at.ledger.release({ owner: ANA, plot: first, moment: at.moment() });
    expect(codeOf(at.renew(ANA, second))).toBe('granted');
    at.sweep();
    expect(at.share(ANA).lessInS).toBeUndefined();
  });

  it('stops growth, new plots and loans of that friend, and nothing of others', () => {
    const at = host();
    at.grant(ANA, 40n * GB);
    at.join();
    at.end(ANA, 30);
    expect(at.share(ANA)).toMatchObject({ mayAskBytes: 0n });
    expect(codeOf(at.ask(ANA, GB))).toBe('over-share');
    expect(codeOf(at.ask(ANA, GB, { accept: 'borrowed' }))).toBe('over-share');
    expect(codeOf(at.ask(BEN, 30n * GB))).toBe('granted');
  });

  it('can be taken back, also after the date', () => {
    const at = host();
    const plot = at.grant(ANA, 48n * GB);
    at.join();
    at.end(ANA, 7);
    at.pass(8);
    expect(codeOf(at.renew(ANA, plot))).toBe('stop-renewing');
    at.end(ANA, undefined);
    expect(codeOf(at.renew(ANA, plot))).toBe('granted');
    expect(at.leftDays(plot)).toBe(31);
  });

  it('is over with the friendship: who comes back begins anew', () => {
    const at = host();
    at.grant(ANA, 48n * GB);
    at.join();
    at.end(ANA, 7);
    at.ledger.endAll({ owner: ANA, moment: at.moment() });
    const row = at.sql.prepare('SELECT over_ends_service AS ends FROM friends WHERE owner = ?');
    expect(row.get(ANA)).toEqual({ ends: null });
  });

  it('waits where the drive is not there: neither a yes that is too long nor a no', () => {
    const at = host();
    const plot = at.grant(ANA, 48n * GB);
    at.join();
    at.end(ANA, 7);
    at.pass(20);
    const present = at.state.disk;
    at.state.disk = { volumePresent: false, freeBytes: 0n };
    expect(codeOf(at.renew(ANA, plot))).toBe('volume-missing');
    at.sweep();
    at.state.disk = present;
    expect(codeOf(at.renew(ANA, plot))).toBe('stop-renewing');
  });
});

describe('shares on a disk that the owner fills and empties too', () => {
  it('do not move while what is free wobbles by half a hundredth', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 50, max: 2000 }),
        fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 30 }),
        (freeGb, wobbles) => {
          const at = host();
          // The disk is what limits, not the offer.
          at.setOffer(10_000n * GB);
          const free = BigInt(freeGb) * GB;
          at.state.disk = { volumePresent: true, freeBytes: free };
          at.sweep();
          const before = at.share(ANA).shareBytes;
          for (const wobble of wobbles) {
            const freeBytes = free + (free * BigInt(wobble)) / 10_000n;
            at.state.disk = { volumePresent: true, freeBytes };
            at.sweep();
            expect(at.share(ANA).shareBytes).toBe(before);
            expect(at.over()).toEqual([]);
          }
          at.sql.close();
        },
      ),
      { numRuns: runs(40) },
    );
  });

  it('follow it when it has moved by more, and the owner’s own word at once', () => {
    const at = host();
    at.setOffer(1000n * GB);
    const disk = (gb: bigint) => {
      at.state.disk = { volumePresent: true, freeBytes: gb * GB };
      at.sweep();
      return at.share(ANA).shareBytes;
    };
    expect(disk(200n)).toBe(100n * GB);
    expect(disk(199n)).toBe(100n * GB);
    expect(disk(190n)).toBe(95n * GB);
    expect(disk(191n)).toBe(95n * GB);
    at.setOffer(191n * GB);
    expect(at.share(ANA).shareBytes).toBe((191n * GB) / 2n);
  });

  it('never promise what the disk does not have: room is judged by what is there', () => {
    const at = host();
    at.setOffer(1000n * GB);
    at.state.disk = { volumePresent: true, freeBytes: 100n * GB };
    at.sweep();
    // One per cent less, and the shares stand still: the last of them to come finds the room that is left.
    at.state.disk = { volumePresent: true, freeBytes: 99n * GB };
    at.sweep();
    expect(at.share(ANA).shareBytes).toBe(50n * GB);
    at.grant(ANA, 49n * GB);
    expect(codeOf(at.ask(BEN, 50n * GB - GB / 2n))).toBe('no-space');
    const { capacityBytes, promisedBytes: promised } = at.ledger.totals({ disk: at.state.disk });
    expect(promised).toBeLessThanOrEqual(capacityBytes);
  });

  it('are where they were when the drive comes back', () => {
    const at = host();
    at.setOffer(1000n * GB);
    at.state.disk = { volumePresent: true, freeBytes: 100n * GB };
    at.sweep();
    at.state.disk = { volumePresent: false, freeBytes: 0n };
    at.sweep();
    at.state.disk = { volumePresent: true, freeBytes: 100n * GB + GB / 2n };
    expect(at.share(ANA).shareBytes).toBe(50n * GB);
  });
});

describe('what a friend is told that he may ask for', () => {
  const askedAbove = (askAboveBytes: bigint) => ({
    guards: { askAboveBytes },
    grounds: [{ kind: 'fair-share' as const, weight: 1 }],
  });

  it('is never as much as the owner has just refused', () => {
    const at = host();
    at.ledger.setPolicy({ owner: ANA, policy: askedAbove(5n * GB) });
    const asked = at.ask(ANA, 20n * GB);
    if (asked.type !== 'pending') throw new Error(asked.type);
    at.ledger.answerWaiting({ ticket: asked.ticket, approved: false });
    at.ledger.poll({ owner: ANA, ticket: asked.ticket, moment: at.moment(), disk: at.state.disk });
    const { mayAskBytes } = at.share(ANA);
    expect(mayAskBytes).toBe(20n * GB - 1n);
    expect(codeOf(at.ask(ANA, mayAskBytes))).toBe('pending');
    expect(codeOf(at.ask(ANA, mayAskBytes + 1n))).toBe('owner-said-no');
  });

  it('is no more in the reason of a refusal either', () => {
    const at = host();
    at.ledger.setPolicy({ owner: ANA, policy: askedAbove(5n * GB) });
    const asked = at.ask(ANA, 20n * GB);
    if (asked.type !== 'pending') throw new Error(asked.type);
    at.ledger.answerWaiting({ ticket: asked.ticket, approved: false });
    const answer = at.ask(ANA, 60n * GB);
    const over =
      answer.type === 'denied'
        ? answer.reasons.find(({ code }) => code === 'over-share')
        : undefined;
    expect(over?.params['mayAskBytes']).toBe(`${20n * GB - 1n}`);
  });

  it('is at least what needs no question', () => {
    const at = host();
    at.ledger.setPolicy({ owner: ANA, policy: askedAbove(5n * GB) });
    const asked = at.ask(ANA, 5n * GB + 1n);
    if (asked.type !== 'pending') throw new Error(asked.type);
    at.ledger.answerWaiting({ ticket: asked.ticket, approved: false });
    expect(at.share(ANA).mayAskBytes).toBe(5n * GB);
    expect(codeOf(at.ask(ANA, 5n * GB))).toBe('granted');
  });

  it('lets a request that takes less have what was not refused', () => {
    const at = host();
    at.ledger.setPolicy({ owner: ANA, policy: askedAbove(5n * GB) });
    const asked = at.ask(ANA, 20n * GB);
    if (asked.type !== 'pending') throw new Error(asked.type);
    at.ledger.answerWaiting({ ticket: asked.ticket, approved: false });
    const counter = at.ask(ANA, 30n * GB, { minSize: GB });
    expect(counter).toMatchObject({ type: 'counter', offer: { size: 20n * GB - 1n } });
  });
});
