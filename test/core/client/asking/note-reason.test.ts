import { describe, expect, test } from 'vitest';
import type { Holding } from '../../../../electron/core/client/holdings/holdings-book.ts';
import { createAsking } from '../../../../electron/core/client/asking/asking.ts';
import { startLeaseKeeper } from '../../../../electron/core/client/holdings/lease-keeper.ts';
import { createNotePayments } from '../../../../electron/core/client/asking/note-reason.ts';
import { collectReasons } from '../../../../electron/core/client/asking/reasons.ts';
import type { Friend } from '../../../../electron/core/friends/friend-book.ts';
import type { Wallet } from '../../../../electron/core/barter/wallet/wallet.ts';
import { fault } from '../../../../shared/fault.ts';
import type { DeviceId } from '../../../../shared/ids.ts';
import type { AllocateRequest, Answer, Denied } from '../../../../shared/model/allocate.ts';
import { GUARANTEED_LEASE_S } from '../../../../shared/model/plot.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import type { Fault } from '../../../../shared/fault.ts';
import { DAY_S, MIB } from '../../../../shared/units.ts';
import { testOwnerId, testPlotId } from '../../../fakes/test-ledger.ts';

const SIZE = 15n * 64n * MIB;
const ben = {
  owner: testOwnerId(1),
  name: 'Ben',
  devices: [],
  departed: false,
} as unknown as Friend;
const plot = testPlotId(1);
/** Of Ben's devices the one that decides about a new plot, and the one that keeps mine. */
const DECIDER = 'the desktop' as DeviceId;
const KEEPER = 'the server' as DeviceId;

function refusal(reasons: readonly { code: string; ground: string; params?: object }[]): Answer {
  return {
    type: 'denied',
    final: false,
    steps: [],
    reasons: reasons.map((reason) => ({ params: {}, ...reason })) as Denied['reasons'],
  };
}
const short = (needUnits: string) =>
  refusal([{ code: 'notes-short', ground: 'notes', params: { needUnits, haveUnits: '0' } }]);
function grant(verdict: 'allow' | 'deny' = 'allow'): Answer {
  return {
    type: 'granted',
    plot,
    size: SIZE,
    class: 'guaranteed',
    ttl: 30 * DAY_S,
    expiresAt: '2027-01-01T00:00:00.000Z',
    serverTime: '2026-12-01T00:00:00.000Z',
    grace: 0,
    renewFrom: 0,
    share: { useBytes: 0n, mayAskBytes: 0n },
    steps: [{ by: 'notes', verdict }],
    receipt: { signed: '', signature: '' },
  };
}

/** A purse that writes down what is asked of it, and a host who answers from a list. */
function world(answers: readonly Result<Answer, Fault>[], holding?: Partial<Holding>) {
  const asked: Pick<AllocateRequest, 'why' | 'requestId'>[] = [];
  const paid: Parameters<Wallet['pay']>[0][] = [];
  const settled: Parameters<Wallet['settled']>[0][] = [];
  const next = async (request: (typeof asked)[number]) => {
    asked.push(request);
    return answers[asked.length - 1] ?? failed(fault('internal'));
  };
  const payments = createNotePayments({
    wallet: {
      pay: async (call) => {
        paid.push(call);
        return ['a note'];
      },
      settled: async (call) => void settled.push(call),
    },
    peers: {
      renew: (_host, _plot, _duration, more) => next(more ?? { requestId: '' as never, why: [] }),
      decider: async (_host, about) => (about === undefined ? DECIDER : KEEPER),
    },
    holdings: { holding: async () => holding as Holding | undefined },
    clock: { nowMs: () => 0, monotonicMs: () => 0 },
  });
  const asking = createAsking({
    peers: {
      allocate: (_host, request) => next(request),
      quote: (_host, request) => next(request),
    },
    reasons: collectReasons([payments.source]),
    clock: { monotonicMs: () => 0 },
  });
  const ask = () => asking.allocate(ben, { size: SIZE, duration: { want: 30 * DAY_S } });
  return { asked, paid, settled, payments, ask };
}

describe('paying for room', () => {
  test('comes after a refusal without, costs what the host asks, and is settled', async () => {
    const { ask, asked, paid, settled } = world([ok(short('16')), ok(grant())]);
    expect(await ask()).toMatchObject({ value: { type: 'granted' } });
    expect(asked.map(({ why }) => why.length)).toEqual([0, 1]);
    const requestId = asked[1]?.requestId;
    expect(paid).toMatchObject([{ host: ben.owner, device: DECIDER, units: 16n, requestId }]);
    expect(settled).toMatchObject([{ notes: ['a note'], outcome: 'spent', verdict: 'honoured' }]);
  });

  test('more than the rule says is not paid', async () => {
    const { ask, paid } = world([ok(short('17'))]);
    expect(await ask()).toMatchObject({ value: { type: 'denied' } });
    expect(paid).toEqual([]);
  });

  test('nobody pays where the host takes no notes, or is at pause', async () => {
    for (const said of [
      refusal([{ code: 'over-share', ground: 'fair-share' }]),
      refusal([
        { code: 'paused', ground: 'pause' },
        { code: 'notes-short', ground: 'notes', params: { needUnits: '16' } },
      ]),
    ]) {
      const { ask, paid } = world([ok(said)]);
      await ask();
      expect(paid).toEqual([]);
    }
  });

  test('a full host is asked with notes, because they are what the room is kept for', async () => {
    const { ask, paid } = world([ok(refusal([{ code: 'no-space', ground: 'room' }])), ok(grant())]);
    expect(await ask()).toMatchObject({ value: { type: 'granted' } });
    expect(paid).toMatchObject([{ units: 16n }]);
  });

  test('an answer that does not come is asked for with the very same request', async () => {
    const lost = failed(fault('unreachable', { friend: 'Ben' }));
    const { ask, asked, settled } = world([ok(short('16')), lost, ok(grant())]);
    await ask();
    expect(asked[2]).toEqual(asked[1]);
    expect(settled).toMatchObject([{ outcome: 'spent' }]);
  });

  test.each([
    [failed(fault('unreachable', { friend: 'Ben' })), 'unknown', undefined],
    [
      ok({ type: 'pending', ticket: 't' as never, pollAfter: 1, why: 'queue' } as Answer),
      'unknown',
      undefined,
    ],
    [ok(grant('deny')), 'doubtful', undefined],
    [ok(short('16')), 'free', undefined],
    [ok(refusal([{ code: 'notes-spent', ground: 'notes' }])), 'doubtful', 'refused'],
    [ok(refusal([{ code: 'no-space', ground: 'room' }])), 'free', 'refused'],
  ] as const)('what becomes of the notes, case %#', async (answer, outcome, verdict) => {
    const { ask, settled } = world([ok(short('16')), answer, answer, answer]);
    await ask();
    expect(settled.map((each) => [each.outcome, each.verdict])).toEqual([[outcome, verdict]]);
  });
});

describe('renewals', () => {
  const holding = {
    plot,
    host: ben.owner,
    class: 'guaranteed',
    sizeBytes: SIZE,
    writtenBytes: 0n,
    untilMs: 10 * DAY_S * 1000,
    graceS: 0,
    set: undefined,
  } as const;

  test('are paid by the keeper of the leases where the host wants notes for them', async () => {
    const { payments, asked, paid, settled } = world([ok(grant())], holding);
    const kept: unknown[] = [];
    const keeper = startLeaseKeeper({
      upkeep: {
        renewMany: async () => new Map([[plot, ok(short('12'))]]),
        errands: async () => [],
        runErrands: async () => 0,
      },
      friends: { person: () => ben },
      holdings: {
        holdings: async () => [holding as unknown as Holding],
        keep: async (call) => void kept.push(call.granted.plot),
      },
      pays: payments,
      clock: { nowMs: () => 0, monotonicMs: () => 0 },
    });
    await keeper.renewDue();
    expect(paid).toMatchObject([{ units: 12n, plot, device: KEEPER }]);
    expect(asked).toMatchObject([{ why: [{ kind: 'notes', notes: ['a note'] }] }]);
    expect(settled).toMatchObject([{ outcome: 'spent', verdict: 'honoured' }]);
    expect(kept).toEqual([plot]);
  });

  test('cost no more than the added time, a little more for a clock that differs', async () => {
    const renew = async (needUnits: string) => {
      const { payments, paid } = world([ok(grant())], holding);
      const duration = { want: GUARANTEED_LEASE_S };
      await payments.renew(ben, plot, { duration, refusal: short(needUnits) });
      return paid.length;
    };
    // Sixteen units a month for 21 days are 12.
    expect(await renew('12')).toBe(1);
    expect(await renew('16')).toBe(0);
  });

  test('of a plot that my books don’t know are not paid', async () => {
    const { payments, paid } = world([ok(grant())]);
    const asked = { duration: { want: 30 * DAY_S }, refusal: short('1') };
    expect(await payments.renew(ben, plot, asked)).toBe(undefined);
    expect(paid).toEqual([]);
  });
});
