import { describe, expect, test } from 'vitest';
import {
  guardChoiceOf,
  guardCount,
  type PlainGuards,
  readGuards,
} from '../../../renderer/policy/guard-choice.ts';
import { fc } from '../../fakes/properties.ts';

const none = guardChoiceOf({});

const bytes = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String);
const minute = fc.integer({ min: 0, max: 1439 });
const anyGuards: fc.Arbitrary<PlainGuards> = fc.record(
  {
    maxSize: bytes,
    maxDurationS: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    maxPlots: fc.integer({ min: 0, max: 100_000 }),
    paused: fc.boolean(),
    askAboveBytes: bytes,
    quietHours: fc.record({ fromMin: minute, untilMin: minute }),
    stopRenewing: fc.constant(true),
  },
  { requiredKeys: [] },
);

describe('guards as a person types them', () => {
  test('come back as they were, whatever they were', () => {
    fc.assert(
      fc.property(anyGuards, (guards) => {
        const { guards: read, problems } = readGuards(guardChoiceOf(guards), guards, 'decimal');
        expect(problems).toEqual({});
        expect(read).toEqual(guards);
      }),
    );
  });

  test('are none where nothing is typed', () => {
    expect(guardCount(none)).toBe(0);
    expect(readGuards(none, {}, 'decimal').guards).toEqual({});
  });

  test('keep what the form does not show, and lose what was emptied', () => {
    const present = { paused: true, maxPlots: 3, stopRenewing: true };
    expect(readGuards(none, present, 'decimal').guards).toEqual({ paused: true });
  });

  test('ask every time with a nought, and may reach over midnight', () => {
    const typed = { ...none, askAbove: '0', quietFrom: '22', quietUntil: '7:30' };
    expect(readGuards(typed, {}, 'decimal').guards).toEqual({
      askAboveBytes: '0',
      quietHours: { fromMin: 1320, untilMin: 450 },
    });
    expect(guardCount(typed)).toBe(2);
  });

  test('a figure alone is gigabytes, in the units that are liked', () => {
    const typed = { ...none, maxSize: '20' };
    expect(readGuards(typed, {}, 'decimal').guards).toEqual({ maxSize: '20000000000' });
    expect(readGuards(typed, {}, 'binary').guards).toEqual({ maxSize: `${20n * 1024n ** 3n}` });
  });

  test.each([
    ['maxSize', 'much'],
    ['maxDuration', '0'],
    ['maxPlots', '100001'],
    ['askAbove', '-1'],
    ['quietFrom', '25:00'],
    ['quietUntil', 'late'],
  ] as const)('what can’t be read is said at its own field: %s', (field, text) => {
    const { guards, problems } = readGuards(
      { ...none, quietFrom: '22:00', quietUntil: '7:00', [field]: text },
      {},
      'decimal',
    );
    expect(guards).toBeUndefined();
    expect(Object.keys(problems)).toEqual([field]);
  });

  test('half of a quiet time is said at the half that is missing', () => {
    const from = readGuards({ ...none, quietFrom: '22:00' }, {}, 'decimal');
    expect(from.problems).toEqual({ quietUntil: 'guards.problem-quiet-both' });
    const until = readGuards({ ...none, quietUntil: '7:00' }, {}, 'decimal');
    expect(until.problems).toEqual({ quietFrom: 'guards.problem-quiet-both' });
  });
});
