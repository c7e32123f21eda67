import { expect, test } from 'vitest';
import {
  ATTEMPTS_IN_ALL,
  ATTEMPTS_PER_ADDRESS,
  ATTEMPTS_WINDOW_MS,
  createPairingAttempts,
} from '../../../electron/core/friends/pairing-attempts.ts';
import { testClock } from '../../fakes/pairing-parties.ts';
import { fc } from '../../fakes/properties.ts';

test('in any ten minutes no address and nobody together begins more than allowed', () => {
  const knock = fc.record({ from: fc.integer({ min: 0, max: 9 }), waitMs: fc.nat(120_000) });
  fc.assert(
    fc.property(fc.array(knock, { maxLength: 200 }), (knocks) => {
      const clock = testClock();
      const attempts = createPairingAttempts(clock);
      const admitted: { readonly from: number; readonly atMs: number }[] = [];
      for (const { from, waitMs } of knocks) {
        clock.pass(waitMs);
        const atMs = clock.monotonicMs();
        const lately = admitted.filter((each) => atMs - each.atMs < ATTEMPTS_WINDOW_MS);
        const isFree =
          lately.length < ATTEMPTS_IN_ALL &&
          lately.filter((each) => each.from === from).length < ATTEMPTS_PER_ADDRESS;
        expect(attempts.begin(`10.0.0.${from}`) !== undefined).toBe(isFree);
        if (isFree) admitted.push({ from, atMs });
      }
    }),
  );
});

test('what was paired is given back, and only once', () => {
  const attempts = createPairingAttempts(testClock());
  const begun = Array.from({ length: ATTEMPTS_PER_ADDRESS }, () => attempts.begin('10.0.0.1'));
  expect(attempts.begin('10.0.0.1')).toBeUndefined();
  begun[0]?.();
  begun[0]?.();
  expect(attempts.begin('10.0.0.1')).toBeDefined();
  expect(attempts.begin('10.0.0.1')).toBeUndefined();
});
