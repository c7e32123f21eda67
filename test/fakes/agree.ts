import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';

/** `expect(…).toEqual(…)` where it matters how long that takes: a model is compared a million times, and agrees. */
export function agree<T>(actual: T, expected: T, what?: string): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual, what).toEqual(expected);
}
