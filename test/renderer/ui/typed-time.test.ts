import { describe, expect, test } from 'vitest';
import {
  asTypedDays,
  asTypedTimeOfDay,
  readDays,
  readTimeOfDay,
} from '../../../renderer/ui/typed-time.ts';
import { fc } from '../../fakes/properties.ts';

describe('times as people type them', () => {
  test.each([
    ['30', 30 * 86_400],
    [' 7d ', 7 * 86_400],
    ['12 h', 12 * 3600],
    ['2w', 14 * 86_400],
  ])('"%s" is a time', (text, seconds) => {
    expect(readDays(text)).toBe(seconds);
  });

  test.each(['', '0', '-3', '1.5', 'a month', '1e9', '99999999999'])('"%s" is none', (text) => {
    expect(readDays(text)).toBeUndefined();
  });

  test('a time comes back from how it is shown', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (seconds) => {
        expect(readDays(asTypedDays(seconds))).toBe(seconds);
      }),
    );
  });

  test.each([
    ['22:00', 1320],
    ['7', 420],
    ['7.30', 450],
    ['7 Uhr', 420],
    ['10 pm', 1320],
    ['12am', 0],
    ['12 pm', 720],
    ['24:00', 0],
  ])('"%s" is a time of day', (text, minutes) => {
    expect(readTimeOfDay(text)).toBe(minutes);
  });

  test.each(['', '25', '24:01', '7:60', '13 pm', '0 am', 'noon', '7:5', '-1'])(
    '"%s" is no time of day',
    (text) => {
      expect(readTimeOfDay(text)).toBeUndefined();
    },
  );

  test('a time of day comes back from how it is shown', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1439 }), (minutes) => {
        expect(readTimeOfDay(asTypedTimeOfDay(minutes))).toBe(minutes);
      }),
    );
  });
});
