import { describe, expect, it } from 'vitest';
import type { DeviceId } from '../../../shared/ids.ts';
import type { AnyReason } from '../../../shared/model/allocate.ts';
import { promisedBytes } from '../../../shared/model/plot.ts';
import type { Policy } from '../../../shared/model/policy.ts';
import { decide, decideRenewal } from '../../../shared/policy/decide.ts';
import type { Ask } from '../../../shared/policy/facts.ts';
import {
  account,
  ACCOUNT_GRACE_S,
  type AccountEvidence,
} from '../../../shared/policy/grounds/account.ts';
import { GB } from '../../../shared/units.ts';
import { testOwnerId } from '../../fakes/test-ledger.ts';
import { ask, codes, facts } from './asks.ts';

const KEEPER = testOwnerId(1);
const policy: Policy = { guards: {}, grounds: [{ kind: 'account', keepers: [KEEPER] }] };
const reason: AnyReason = {
  kind: 'account',
  server: { device: 'a'.repeat(52) as DeviceId, addresses: [] },
  account: 'family',
};
const placed = {
  keeper: KEEPER,
  device: 'a'.repeat(52) as DeviceId,
  account: 'family',
  promise: 'p'.repeat(22),
  others: [],
} as const;
const reserved = (bytes: bigint): AccountEvidence => ({
  ...placed,
  type: 'reserved',
  bytes,
  maxS: Number.MAX_SAFE_INTEGER,
});
const ticket = (bytes: bigint, maxS = 86_400): AccountEvidence => ({
  ...placed,
  type: 'ticket',
  bytes,
  maxS,
});
const room = (planBytes: bigint, chargedBytes: bigint, isQuote = false): AccountEvidence => ({
  type: 'room',
  planBytes,
  chargedBytes,
  isQuote,
});
const held = (sinceGoodS: number, covered = true): AccountEvidence => ({
  type: 'held',
  keeper: KEEPER,
  covered,
  sinceGoodS,
});
const refused = (code: Extract<AccountEvidence, { type: 'refused' }>['code']): AccountEvidence => ({
  type: 'refused',
  code,
});

function judged(evidence: AccountEvidence | undefined, more: Partial<Ask> = {}) {
  const request = ask(GB, { why: [reason], ...more });
  return decide(request, policy, { ...facts, evidence: { account: evidence } });
}
function said(evidence: AccountEvidence | undefined, more: Partial<Ask> = {}): string {
  const decision = judged(evidence, more);
  return decision.type === 'denial' ? (codes(decision)[0] ?? '') : decision.type;
}

const whole = promisedBytes(GB);
const grows = { sizeBytes: 4n * GB, ground: 'account', class: 'guaranteed' } as const;
const growth = promisedBytes(5n * GB) - promisedBytes(4n * GB);

describe('the ground of an account', () => {
  it.each([
    ['the whole is set aside', 'grant', reserved(whole), {}],
    ['a byte less is', 'account-server-unreachable', reserved(whole - 1n), {}],
    ['what growth adds is set aside', 'grant', reserved(growth), { grows }],
    ['a ticket for as much', 'grant', ticket(whole), {}],
    ['a ticket for less', 'ticket-bad', ticket(whole - 1n), {}],
    ['a ticket for a shorter time', 'ticket-bad', ticket(whole, 86_399), {}],
    ['a ticket for a shorter time that will do', 'counter', ticket(whole, 100), { minS: 1 }],
    ['there is room, but only asked about', 'grant', room(5n * GB, 0n, true), {}],
    ['there is room, and nothing set aside', 'account-over-plan', room(5n * GB, 0n), {}],
    ['the plan is used up', 'account-over-plan', room(GB, GB), {}],
    ['a plan that was lowered', 'account-over-plan', room(GB, 9n * GB), {}],
    ['less is left, and would do', 'counter', room(GB, 0n), { minSizeBytes: 1n }],
    ['the keeper is away', 'account-server-unreachable', refused('account-server-unreachable'), {}],
    ['the account is closed', 'account-closed', refused('account-closed'), {}],
    ['the account is not there', 'account-unknown', refused('account-unknown'), {}],
    ['the keeper does not count', 'keeper-unknown', refused('keeper-unknown'), {}],
    ['the ticket is over', 'ticket-expired', refused('ticket-expired'), {}],
    ['the ticket was used', 'ticket-replayed', refused('ticket-replayed'), {}],
    ['nobody was asked', 'account-server-unreachable', undefined, {}],
    ['another reason is given', 'no-ground', reserved(whole), { why: [] }],
  ] as const)('%s: %s', (_case, expected, evidence, more) => {
    expect(said(evidence, more)).toBe(expected);
  });

  it('names plan, use and the largest size that still fits, working room taken off', () => {
    expect(
      judged(room(10n * GB, 9n * GB), { sizeBytes: 2n * GB, minSizeBytes: 2n * GB }),
    ).toMatchObject({
      reasons: [
        {
          code: 'account-over-plan',
          params: {
            planBytes: `${10n * GB}`,
            useBytes: `${9n * GB}`,
            mayAskBytes: `${GB - 64n * 1024n * 1024n}`,
          },
        },
      ],
      final: false,
    });
  });

  it('never grants without a reservation, whatever numbers a keeper sends', () => {
    for (const planBytes of [0n, GB, 2n ** 63n - 1n])
      for (const chargedBytes of [0n, 2n ** 63n - 1n])
        expect(judged(room(planBytes, chargedBytes), { minSizeBytes: 1n }).type).not.toBe('grant');
  });
});

describe('the renewal of a plot on an account', () => {
  function renewal(evidence: AccountEvidence | undefined, grounds = policy.grounds) {
    const asked = { wantS: 100, sizeBytes: GB, class: 'guaranteed', ground: 'account' } as const;
    const { code } = decideRenewal(asked, { guards: {}, grounds }, { blocked: false, evidence });
    return code ?? 'renewed';
  }

  it.each([
    ['confirmed lately', 'renewed', held(0), policy.grounds],
    ['within the grace', 'renewed', held(ACCOUNT_GRACE_S - 1), policy.grounds],
    ['after it', 'account-server-unreachable', held(ACCOUNT_GRACE_S + 1), policy.grounds],
    ['closed, within the grace', 'renewed', held(ACCOUNT_GRACE_S - 1, false), policy.grounds],
    ['closed, after it', 'account-closed', held(ACCOUNT_GRACE_S + 1, false), policy.grounds],
    ['not honoured any more, within the grace', 'renewed', held(1), []],
    ['not honoured any more, after it', 'keeper-unknown', held(ACCOUNT_GRACE_S + 1), []],
    ['found on the disk, its account not known yet', 'renewed', undefined, policy.grounds],
  ] as const)('%s: %s', (_case, expected, evidence, grounds) => {
    expect(renewal(evidence, [...grounds])).toBe(expected);
  });

  it.each([
    ['a fresh yes', held(86_400), Number.POSITIVE_INFINITY, policy.grounds],
    ['a keeper who is silent', held(ACCOUNT_GRACE_S - 60), 60, policy.grounds],
    ['a member who was dropped', held(0, false), ACCOUNT_GRACE_S, policy.grounds],
    ['a keeper who counts no longer', held(86_400), ACCOUNT_GRACE_S - 86_400, []],
  ] as const)('on %s never reaches beyond the grace', (_case, evidence, mostS, grounds) => {
    const wantS = 300 * 86_400;
    const asked = { wantS, sizeBytes: GB, class: 'guaranteed', ground: 'account' } as const;
    const guards = { maxDurationS: wantS };
    const { durationS } = decideRenewal(
      asked,
      { guards, grounds: [...grounds] },
      { blocked: false, evidence },
    );
    expect(durationS).toBe(Math.min(wantS, mostS));
  });
});

describe('an account in a policy', () => {
  it.each([
    ['one keeper', true, [KEEPER]],
    ['none', false, []],
    ['the same twice', false, [KEEPER, KEEPER]],
    ['seventeen', false, Array.from({ length: 17 }, (_, each) => testOwnerId(each + 1))],
    ['something that is no owner', false, ['ana']],
  ] as const)('%s: %s', (_case, isSound, keepers) => {
    expect(account.schema.safeParse({ kind: 'account', keepers }).success).toBe(isSound);
  });
});
