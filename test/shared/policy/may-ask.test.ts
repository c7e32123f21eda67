import { describe, expect, it } from 'vitest';
import type { Ground, Policy } from '../../../shared/model/policy.ts';
import { decide, shareState } from '../../../shared/policy/decide.ts';
import { GB } from '../../../shared/units.ts';
import { ask, facts } from './asks.ts';
import { fc, runs } from '../../fakes/properties.ts';

/** Offers of a few hundred GB, with sizes at and around what is left of them. */
const bytes = (most: number) =>
  fc.tuple(fc.nat(most), fc.nat(1000)).map(([gb, odd]) => BigInt(gb) * GB + BigInt(odd));
const ground: fc.Arbitrary<Ground> = fc.oneof(
  fc.constant({ kind: 'always' as const }),
  bytes(60).map((most) => ({ kind: 'quota' as const, bytes: most })),
  fc.record({
    kind: fc.constant('fair-share' as const),
    weight: fc.constantFrom(0, 0.5, 1, 2),
    strict: fc.boolean(),
  }),
);
const optional = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined });

describe('what a friend is told that can be asked for', () => {
  it('is what he is then granted, or what the owner is asked about; and never more', () => {
    fc.assert(
      fc.property(
        fc.record({
          grounds: fc.uniqueArray(ground, { selector: ({ kind }) => kind, minLength: 1 }),
          maxSize: optional(bytes(80).filter((most) => most > 0n)),
          askAboveBytes: optional(bytes(40)),
          stopRenewing: fc.boolean(),
          grown: optional(bytes(20).filter((size) => size > 0n)),
        }),
        fc.record({
          capacityBytes: bytes(300),
          promisedBytes: bytes(200),
          fairBytes: bytes(200),
          lendableBytes: bytes(50),
          othersLentBytes: bytes(20),
          lineBytes: fc.oneof(fc.constant(0n), bytes(20)),
          outstandingBytes: fc.oneof(fc.constant(0n), bytes(20)),
          refusedBytes: optional(bytes(60).filter((size) => size > 0n)),
          isEnding: fc.boolean(),
          standsInLine: fc.boolean(),
          use: bytes(60),
        }),
        ({ grounds, maxSize, askAboveBytes, stopRenewing, grown }, { use, ...more }) => {
          const guards = {
            stopRenewing,
            ...(maxSize === undefined ? {} : { maxSize }),
            ...(askAboveBytes === undefined ? {} : { askAboveBytes }),
          };
          const policy: Policy = { guards, grounds };
          const useByGround = Object.fromEntries(grounds.map(({ kind }) => [kind, use]));
          const known = { ...facts, ...more, useBytes: use, useByGround, weightSum: 3 };
          const grows =
            grown === undefined
              ? {}
              : {
                  grows: {
                    sizeBytes: grown,
                    ground: 'always' as const,
                    class: 'guaranteed' as const,
                  },
                };
          const { mayAskBytes, mayBorrowBytes } = shareState(grows, policy, known);
          if (mayAskBytes > 0n) {
            const { type } = decide(
              ask(mayAskBytes, { ...grows, wantS: 1, minS: 1 }),
              policy,
              known,
            );
            expect(['grant', 'pending']).toContain(type);
          }
          const beyond = ask(mayAskBytes + 1n, { ...grows, wantS: 1, minS: 1 });
          const { type, ...said } = decide(beyond, policy, known);
          expect(type === 'grant' || ('why' in said && said.why === 'owner-approval')).toBe(false);
          if (mayBorrowBytes === undefined || mayBorrowBytes === 0n || grown !== undefined) return;
          const loan = ask(mayBorrowBytes, { accept: 'borrowed', wantS: 1, minS: 1 });
          expect(['grant', 'pending']).toContain(decide(loan, policy, known).type);
        },
      ),
      { numRuns: runs(3000) },
    );
  });

  it('is the same beside every answer, whatever was asked for', () => {
    const rested = fc.oneof(
      ground,
      fc.constantFrom(0.5, 1).map((ratio) => ({ kind: 'reciprocal' as const, ratio })),
    );
    const growth = fc.record({
      sizeBytes: bytes(20),
      ground: fc.constant('always'),
      class: fc.constantFrom('guaranteed' as const, 'borrowed' as const),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(rested, { selector: ({ kind }) => kind, minLength: 1 }),
        fc.record({
          fairBytes: bytes(200),
          lendableBytes: fc.oneof(fc.constant(0n), bytes(50)),
          standsInLine: fc.boolean(),
          isEnding: fc.boolean(),
          use: bytes(60),
          heldBytes: bytes(60),
        }),
        fc.record({
          size: bytes(80).filter((size) => size > 0n),
          accept: fc.constantFrom('guaranteed' as const, 'borrowed' as const),
          grows: optional(growth),
        }),
        (grounds, { use, heldBytes, ...more }, { size, accept, grows }) => {
          const policy: Policy = { guards: {}, grounds };
          const useByGround = Object.fromEntries(grounds.map(({ kind }) => [kind, use]));
          const evidence = { reciprocal: { heldBytes } };
          const known = { ...facts, ...more, useBytes: use, useByGround, evidence };
          const growing = grows === undefined ? {} : { grows };
          const answered = decide(ask(size, { accept, ...growing }), policy, known);
          expect(answered.share).toEqual(shareState(growing, policy, known));
        },
      ),
      { numRuns: runs(3000) },
    );
  });
});
