import { describe, expect, test } from 'vitest';
import { policy } from '../../../shared/model/policy.ts';
import { largestSizeBytes, promisedBytes } from '../../../shared/model/plot.ts';
import { coverOf } from '../../../shared/policy/cover.ts';
import { decide, decideRenewal } from '../../../shared/policy/decide.ts';
import type { Facts } from '../../../shared/policy/facts.ts';
import type { VoucherEvidence } from '../../../shared/policy/grounds/voucher.ts';
import { DAY_S, GB } from '../../../shared/units.ts';
import { ask, codes, facts } from './asks.ts';
import { fc } from '../../fakes/properties.ts';

const inReturn = { guards: {}, grounds: [{ kind: 'reciprocal' as const, ratio: 1 }] };
const introduced = { guards: {}, grounds: [{ kind: 'voucher' as const }] };

function holding(heldBytes: bigint, more: Partial<Facts> = {}): Facts {
  return { ...facts, evidence: { reciprocal: { heldBytes } }, ...more };
}
function bringing(voucher: Partial<VoucherEvidence>, more: Partial<Facts> = {}): Facts {
  const sound = { leftBytes: 10n * GB, leftS: 90 * DAY_S, coveredBytes: 50n * GB };
  return { ...facts, evidence: { voucher: { ...sound, ...voucher } }, ...more };
}

describe('in return for what is kept', () => {
  const most = largestSizeBytes(10n * GB);
  test.each([
    ['nothing kept, nothing given', 1, 0n, 0n, 1n, 'denial'],
    ['as much as is kept', 1, 10n * GB, 0n, most, 'grant'],
    ['a byte more', 1, 10n * GB, 0n, most + 1n, 'denial'],
    ['twice as much', 2, 5n * GB, 0n, most, 'grant'],
    ['a tenth as much', 0.1, 100n * GB, 0n, most, 'grant'],
    ['a tenth, and a byte more', 0.1, 100n * GB, 0n, most + 1n, 'denial'],
    ['three tenths, exactly', 0.3, 100n * GB, 0n, largestSizeBytes(30n * GB), 'grant'],
    ['what is in use already comes off', 1, 20n * GB, 10n * GB, most, 'grant'],
    ['what is in use already comes off, to the byte', 1, 20n * GB, 10n * GB + 1n, most, 'denial'],
    ['more in use than is kept now', 1, 5n * GB, 10n * GB, 1n, 'denial'],
  ] as const)('%s', (_what, ratio, held, used, size, type) => {
    const grounds = [{ kind: 'reciprocal' as const, ratio }];
    const at = holding(held, { useByGround: { reciprocal: used } });
    expect(decide(ask(size), { guards: {}, grounds }, at).type).toBe(type);
  });

  test('a no names what is kept and what could be asked for', () => {
    const decision = decide(ask(20n * GB), inReturn, holding(10n * GB));
    expect(decision).toMatchObject({
      type: 'denial',
      reasons: [
        {
          code: 'not-reciprocal',
          params: { heldBytes: `${10n * GB}`, mayAskBytes: `${most}`, useBytes: '0' },
        },
      ],
    });
  });

  test('whoever takes less is offered what there is, and is granted just that', () => {
    const wish = ask(20n * GB, { minSizeBytes: 1n });
    expect(decide(wish, inReturn, holding(10n * GB))).toMatchObject({
      type: 'counter',
      sizeBytes: most,
    });
    expect(decide(ask(most), inReturn, holding(10n * GB)).type).toBe('grant');
  });

  test('nothing known is nothing kept', () => {
    expect(codes(decide(ask(1n), inReturn, facts))).toEqual(['not-reciprocal']);
  });

  test('a ratio goes in tenths, from a tenth to ten', () => {
    const of = (ratio: number) =>
      policy.safeParse({ guards: {}, grounds: [{ kind: 'reciprocal', ratio }] }).success;
    for (let tenths = 1; tenths <= 100; tenths += 1)
      expect(of(tenths / 10), `${tenths}`).toBe(true);
    for (const ratio of [0, 0.05, 0.15, 10.1, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(of(ratio), `${ratio}`).toBe(false);
  });

  test('a renewal goes on, whatever is kept by now: nobody loses data because a check came late', () => {
    const renewal = {
      wantS: DAY_S,
      sizeBytes: GB,
      class: 'guaranteed',
      ground: 'reciprocal',
    } as const;
    expect(decideRenewal(renewal, inReturn, { blocked: false }).code).toBeUndefined();
  });

  test('keeping more never turns a yes into a no', () => {
    const bytes = fc.bigInt({ min: 0n, max: 200n * GB });
    fc.assert(
      fc.property(bytes, bytes, fc.bigInt({ min: 1n, max: 100n * GB }), (one, other, size) => {
        const [less, more] = one < other ? [one, other] : [other, one];
        if (decide(ask(size), inReturn, holding(less)).type === 'grant')
          expect(decide(ask(size), inReturn, holding(more)).type).toBe('grant');
      }),
    );
  });
});

describe('on an introduction', () => {
  const most = largestSizeBytes(10n * GB);
  test.each([
    ['within the voucher', {}, {}, most, 'grant'],
    ['a byte beyond it', {}, {}, most + 1n, 'denial'],
    ['within what the introducer could have', { coveredBytes: GB }, {}, GB, 'grant'],
    ['beyond what the introducer could have', { coveredBytes: GB }, {}, GB + 1n, 'denial'],
    ['the introducer has nothing left', { coveredBytes: 0n }, {}, 1n, 'denial'],
    ['the voucher is used up', { leftBytes: 0n }, {}, 1n, 'denial'],
    ['more was used than it is good for', { leftBytes: -5n }, {}, 1n, 'denial'],
    ['within the owner’s limit', {}, { maxBytes: 5n * GB }, largestSizeBytes(5n * GB), 'grant'],
    ['beyond the owner’s limit', {}, { maxBytes: 5n * GB }, 5n * GB, 'denial'],
  ] as const)('%s', (_what, evidence, ground, size, type) => {
    const grounds = [{ kind: 'voucher' as const, ...ground }];
    const decision = decide(ask(size), { guards: {}, grounds }, bringing(evidence));
    expect(decision.type).toBe(type);
    if (type === 'denial') expect(codes(decision)).toEqual(['voucher-used-up']);
  });

  test('runs no longer than the voucher', () => {
    const wish = ask(GB, { wantS: 30 * DAY_S, minS: 1 });
    expect(decide(wish, introduced, bringing({ leftS: 10 * DAY_S }))).toMatchObject({
      type: 'counter',
      durationS: 10 * DAY_S,
    });
    expect(
      decide(ask(GB, { wantS: 10 * DAY_S, minS: 1 }), introduced, bringing({ leftS: 10 * DAY_S }))
        .type,
    ).toBe('grant');
  });

  test('without a voucher the ground has no opinion, with a bad one it says what is wrong', () => {
    expect(codes(decide(ask(GB), introduced, facts))).toEqual(['no-ground']);
    for (const fault of ['voucher-invalid', 'voucher-expired'] as const) {
      const decision = decide(ask(GB), introduced, { ...facts, evidence: { voucher: { fault } } });
      expect(decision).toMatchObject({ type: 'denial', reasons: [{ code: fault }], final: true });
    }
  });

  test('a bad voucher is not the end of it where the own share may come free', () => {
    const grounds = [{ kind: 'fair-share' as const, weight: 1 }, { kind: 'voucher' as const }];
    const full = { ...facts, useByGround: { 'fair-share': 50n * GB } };
    const at = { ...full, evidence: { voucher: { fault: 'voucher-invalid' } } };
    const decision = decide(ask(GB), { guards: {}, grounds }, at);
    expect(codes(decision)).toEqual(['over-share', 'voucher-invalid']);
    expect(decision).toMatchObject({ type: 'denial', final: false });
    // What a guard refuses for good stays refused, whatever the grounds may become.
    const small = decide(ask(GB), { guards: { maxSize: 1n }, grounds }, at);
    expect(small).toMatchObject({ type: 'denial', final: true });
    // And a full disk that empties does not make a bad voucher good.
    const crowded = { ...bringing({}), promisedBytes: 100n * GB };
    expect(decide(ask(GB), introduced, crowded)).toMatchObject({ type: 'denial', final: false });
    const both = { ...crowded, evidence: { voucher: { fault: 'voucher-invalid' } } };
    expect(decide(ask(GB), introduced, both)).toMatchObject({ type: 'denial', final: true });
  });

  test('whoever has as many plots as he may hears that first, and not what is left of his voucher', () => {
    const policyOfGuests = { guards: { maxPlots: 1 }, grounds: introduced.grounds };
    const decision = decide(ask(20n * GB), policyOfGuests, bringing({}, { plots: 1 }));
    expect(codes(decision)).toEqual(['too-many-plots', 'voucher-used-up']);
  });

  test('a renewal ends with the voucher, and when it was taken back', () => {
    const renewal = {
      wantS: 30 * DAY_S,
      sizeBytes: GB,
      class: 'guaranteed',
      ground: 'voucher',
    } as const;
    const with_ = (evidence: VoucherEvidence) =>
      decideRenewal(renewal, introduced, { blocked: false, evidence });
    const sound = { leftBytes: 0n, leftS: 3 * DAY_S, coveredBytes: 0n };
    expect(with_(sound)).toMatchObject({ code: undefined, durationS: 3 * DAY_S });
    expect(with_({ fault: 'voucher-invalid' })).toMatchObject({ code: 'voucher-invalid' });
    expect(with_({ fault: 'voucher-expired' })).toMatchObject({ code: 'voucher-expired' });
  });

  test('a renewal goes on where the owner gives nothing new on vouchers any more', () => {
    const renewal = {
      wantS: DAY_S,
      sizeBytes: GB,
      class: 'guaranteed',
      ground: 'voucher',
    } as const;
    const evidence = { leftBytes: 0n, leftS: 30 * DAY_S, coveredBytes: 0n };
    const none = { guards: {}, grounds: [] };
    expect(decideRenewal(renewal, none, { blocked: false, evidence }).code).toBeUndefined();
  });
});

describe('what somebody can vouch for', () => {
  const fair = { kind: 'fair-share' as const, weight: 1 };
  const wish = { sizeBytes: GB, wantS: DAY_S };
  test.each([
    ['his own share', [fair], {}, 'fair-share', largestSizeBytes(50n * GB)],
    [
      'what of it he does not use',
      [fair],
      { 'fair-share': 40n * GB },
      'fair-share',
      largestSizeBytes(10n * GB),
    ],
    [
      'his quota',
      [{ kind: 'quota' as const, bytes: 5n * GB }],
      {},
      'quota',
      largestSizeBytes(5n * GB),
    ],
  ] as const)('is %s', (_what, grounds, useByGround, ground, maxBytes) => {
    const cover = coverOf(wish, { guards: {}, grounds: [...grounds] }, { ...facts, useByGround });
    expect(cover).toEqual({ ground, maxBytes });
  });

  test.each([
    [
      'nothing that would only be lent to him',
      [fair],
      { useByGround: { 'fair-share': 50n * GB }, lendableBytes: 50n * GB },
    ],
    [
      'nothing that he has for what he keeps',
      [{ kind: 'reciprocal' as const, ratio: 1 }],
      holding(50n * GB),
    ],
    ['nothing that he has on a voucher', [{ kind: 'voucher' as const }], bringing({})],
    ['nothing while he is blocked', [fair], { blocked: true }],
    ['nothing once he leaves', [fair], { leaving: true }],
    ['nothing while there is no room', [fair], { promisedBytes: 100n * GB }],
  ])('is %s', (_what, grounds, more) => {
    expect(coverOf(wish, { guards: {}, grounds }, { ...facts, ...more })).toBeUndefined();
  });

  test('stays below what the owner wants to be asked about', () => {
    const guards = { askAboveBytes: GB };
    expect(coverOf(wish, { guards, grounds: [fair] }, facts)?.maxBytes).toBe(GB);
  });

  test('is charged with its working room, like everything', () => {
    const cover = coverOf(wish, { guards: {}, grounds: [fair] }, facts);
    expect(promisedBytes(cover?.maxBytes ?? 0n)).toBeLessThanOrEqual(50n * GB);
  });
});
