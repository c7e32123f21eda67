import { describe, expect, test } from 'vitest';
import {
  affordableBytes,
  affordableS,
  priceOf,
  UNIT_BYTES,
  UNIT_S,
} from '../../../shared/model/notes.ts';
import { promisedBytes } from '../../../shared/model/plot.ts';
import type { Policy } from '../../../shared/model/policy.ts';
import { decide, decideRenewal } from '../../../shared/policy/decide.ts';
import type { Ask, Facts } from '../../../shared/policy/facts.ts';
import type { NotesEvidence } from '../../../shared/policy/grounds/notes.ts';
import { DAY_S, GB, MIB } from '../../../shared/units.ts';
import { ask as askFor, facts as usual } from './asks.ts';
import { fc } from '../../fakes/properties.ts';

const POLICY: Policy = { guards: {}, grounds: [{ kind: 'notes' }] };
const WITH_NOTES = [{ kind: 'notes' as const, notes: ['a note'] }];
const UNIT_SIZE = 64n * MIB;

const sizes = fc.bigInt(1n, 1000n * GB);
const spans = fc.integer({ min: 1, max: 31 * DAY_S });
const units = fc.bigInt(0n, 20_000n);

function ask(size: bigint, wantS = 30 * DAY_S, more: Partial<Ask> = {}): Ask {
  return askFor(size, { wantS, minS: wantS, why: WITH_NOTES, ...more });
}
function facts(evidence: NotesEvidence, more: Partial<Facts> = {}): Facts {
  const roomy = { capacityBytes: 10_000n * GB, offerBytes: 10_000n * GB };
  return { ...usual, ...roomy, evidence: { notes: evidence }, ...more };
}
const verdict = (size: bigint, evidence: NotesEvidence, wantS?: number) =>
  decide(ask(size, wantS), POLICY, facts(evidence)).type;

describe('what a plot costs', () => {
  test('is for all its promise and all its time, growth and renewal for what they add', () => {
    const half = UNIT_S / 2;
    expect(priceOf({ afterBytes: 4n * UNIT_BYTES, forS: UNIT_S })).toBe(4n);
    const paid = { beforeBytes: 4n * UNIT_BYTES, leftS: half };
    expect(priceOf({ afterBytes: 8n * UNIT_BYTES, forS: half, ...paid })).toBe(2n);
    expect(priceOf({ afterBytes: 4n * UNIT_BYTES, forS: UNIT_S, ...paid })).toBe(2n);
    expect(priceOf({ afterBytes: 4n * UNIT_BYTES, forS: half, ...paid })).toBe(0n);
    // A lease that was over was kept all the same.
    expect(priceOf({ afterBytes: 4n * UNIT_BYTES, forS: half, ...paid, leftS: -half })).toBe(4n);
  });

  test('in steps is never less than at once, and what units pay for costs no more than they are', () => {
    fc.assert(
      fc.property(sizes, sizes, spans, (first, more, forS) => {
        const whole = priceOf({ afterBytes: first + more, forS });
        const begun = priceOf({ afterBytes: first, forS });
        const grown = priceOf({ afterBytes: first + more, forS, beforeBytes: first, leftS: forS });
        expect(begun + grown).toBeGreaterThanOrEqual(whole);
      }),
    );
    fc.assert(
      fc.property(units, spans, sizes, spans, (count, forS, beforeBytes, leftS) => {
        const paid = { beforeBytes, leftS };
        const afterBytes = affordableBytes(count, { forS, ...paid });
        expect(priceOf({ afterBytes, forS, ...paid })).toBeLessThanOrEqual(count);
        expect(priceOf({ afterBytes: afterBytes + 1n, forS, ...paid })).toBeGreaterThanOrEqual(
          count,
        );
        const seconds = affordableS(count, { afterBytes: beforeBytes, ...paid });
        const renewal = priceOf({ afterBytes: beforeBytes, forS: seconds, ...paid });
        expect(renewal).toBeLessThanOrEqual(count);
      }),
    );
  });
});

describe('the ground of notes', () => {
  test('grants for the price and refuses for less, naming both', () => {
    fc.assert(
      fc.property(sizes, spans, (size, wantS) => {
        const price = priceOf({ afterBytes: promisedBytes(size), forS: wantS });
        expect(verdict(size, { units: price }, wantS)).toBe('grant');
        const short = decide(ask(size, wantS), POLICY, facts({ units: price - 1n }));
        expect(short).toMatchObject({
          type: 'denial',
          reasons: [
            {
              code: 'notes-short',
              params: { needUnits: `${price}`, haveUnits: `${price - 1n}` },
            },
          ],
        });
      }),
    );
  });

  test('never refuses a smaller request, or more notes, where it granted', () => {
    fc.assert(
      fc.property(sizes, sizes, units, spans, (one, other, count, wantS) => {
        const [small, large] = one < other ? [one, other] : [other, one];
        if (verdict(large, { units: count }, wantS) !== 'grant') return;
        expect(verdict(small, { units: count }, wantS)).toBe('grant');
        expect(verdict(large, { units: count + 1n }, wantS)).toBe('grant');
      }),
    );
  });

  test('offers less, or less time, where that is of use', () => {
    const size = 15n * UNIT_SIZE;
    const half = { minS: 10 * DAY_S };
    expect(decide(ask(size, 30 * DAY_S, half), POLICY, facts({ units: 8n }))).toMatchObject({
      type: 'counter',
      sizeBytes: size,
      durationS: 15 * DAY_S,
    });
    const smaller = { minSizeBytes: 5n * UNIT_SIZE };
    expect(decide(ask(size, 30 * DAY_S, smaller), POLICY, facts({ units: 8n }))).toMatchObject({
      type: 'counter',
      sizeBytes: 7n * UNIT_SIZE,
      durationS: 30 * DAY_S,
    });
  });

  test('says what is wrong with notes, and takes none of such a heap', () => {
    for (const problem of ['notes-bad', 'notes-spent', 'keyset-expired', 'barter-off'] as const)
      expect(decide(ask(1n), POLICY, facts({ units: 0n, problem }))).toMatchObject({
        type: 'denial',
        reasons: [{ code: problem }],
      });
  });

  test('gives no more to one friend than its owner has set', () => {
    const capped: Policy = { guards: {}, grounds: [{ kind: 'notes', maxBytes: 10n * UNIT_SIZE }] };
    const useByGround = { notes: 4n * UNIT_SIZE };
    const decideFor = (size: bigint) =>
      decide(ask(size), capped, facts({ units: 1000n }, { useByGround })).type;
    expect(decideFor(5n * UNIT_SIZE)).toBe('grant');
    expect(decideFor(5n * UNIT_SIZE + 1n)).toBe('denial');
  });

  test('is no answer to how much may be asked for', () => {
    const decision = decide(ask(1n), POLICY, facts({ units: 1000n }));
    expect(decision.share.mayAskBytes).toBe(0n);
  });

  test('may use the room that its own notes keep free, and not a byte of others’', () => {
    const size = 15n * UNIT_SIZE;
    const tight = (freeBytes: bigint) => ({
      capacityBytes: 100n * UNIT_BYTES,
      promisedBytes: 100n * UNIT_BYTES - 20n * UNIT_BYTES - freeBytes,
      outstandingBytes: 20n * UNIT_BYTES,
    });
    const both: Policy = { guards: {}, grounds: [{ kind: 'always' }, { kind: 'notes' }] };
    const decideWith = (evidence: NotesEvidence, freeBytes: bigint, wantS = 30 * DAY_S) =>
      decide(ask(size, wantS), both, facts(evidence, tight(freeBytes)));
    // Sixteen units of promise; for a month they are what sixteen notes keep free.
    expect(decideWith({ units: 16n }, 0n)).toMatchObject({ type: 'grant', ground: 'notes' });
    expect(decideWith({ units: 0n }, 0n).type).toBe('denial');
    // For half the time half as many are paid: the rest must be there.
    expect(decideWith({ units: 20n }, 0n, 15 * DAY_S).type).toBe('denial');
    expect(decideWith({ units: 20n }, 8n * UNIT_BYTES, 15 * DAY_S).type).toBe('grant');
    // Where there is room anyway, the first ground in the owner's order gives it.
    expect(decideWith({ units: 16n }, 16n * UNIT_BYTES)).toMatchObject({ ground: 'always' });
  });
});

describe('a renewal of what notes have paid for', () => {
  const plot = { promisedBytes: 16n * UNIT_BYTES, leftS: 10 * DAY_S };
  const renew = (evidence: NotesEvidence, wantS: number, policy = POLICY) =>
    decideRenewal(
      { wantS, sizeBytes: 15n * UNIT_SIZE, class: 'guaranteed', ground: 'notes' },
      policy,
      { blocked: false, evidence },
    );

  test('costs the time that it adds', () => {
    expect(renew({ units: 11n, plot }, 30 * DAY_S)).toMatchObject({
      code: undefined,
      durationS: 30 * DAY_S,
    });
    expect(renew({ units: 0n, plot }, 30 * DAY_S)).toMatchObject({
      code: 'notes-short',
      params: { needUnits: '11', haveUnits: '0' },
    });
    expect(renew({ units: 8n, plot }, 30 * DAY_S)).toMatchObject({ durationS: 25 * DAY_S });
  });

  test('that adds none costs nothing, and bad notes don’t pay', () => {
    expect(renew({ units: 0n, plot }, 5 * DAY_S).code).toBe(undefined);
    const bad = { units: 0n, problem: 'notes-bad' as const, plot };
    expect(renew(bad, 30 * DAY_S).code).toBe('notes-bad');
  });

  test('ends where the owner takes no notes any more', () => {
    const without: Policy = { guards: {}, grounds: [{ kind: 'always' }] };
    expect(renew({ units: 0n, plot }, 30 * DAY_S, without).code).toBe('barter-off');
  });
});
