import { describe, expect, test } from 'vitest';
import { beginOfDay, endOfDay, typedDay } from '../../../shared/words/typed-day.ts';
import { fc } from '../../fakes/properties.ts';

describe('a last day', () => {
  test('is over at the midnight after it, by the clock on the wall', () => {
    expect(endOfDay(' 2027-12-31 ')).toBe(new Date(2028, 0, 1).getTime());
  });

  test.each(['31.12.2027', '31. 12. 2027', '2027-12-31'])('%j is the same day', (text) => {
    expect(endOfDay(text)).toBe(new Date(2028, 0, 1).getTime());
    expect(beginOfDay(text)).toBe(new Date(2027, 11, 31).getTime());
  });

  test('is typed without noughts too', () => {
    expect(beginOfDay('1.2.2027')).toBe(beginOfDay('2027-02-01'));
    expect(beginOfDay('2027-2-1')).toBe(beginOfDay('2027-02-01'));
  });

  test('comes back as it was typed', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(1971, 0), max: new Date(2200, 0) }), (date) => {
        fc.pre(!Number.isNaN(date.getTime()));
        const text = typedDay(date.getTime());
        expect(typedDay(endOfDay(text) ?? 0)).toBe(text);
      }),
    );
  });

  test('that another device made up has no figures of its own', () => {
    expect(typedDay(Number.MAX_SAFE_INTEGER)).toBe('?');
  });

  test.each([
    '',
    '2027',

    '2027-02-30',
    '2027-13-01',
    '2027-00-10',
    '31.02.2027',
    '31/12/2027',
    '12.31.2027',
    'soon',
  ])('%j is none', (text) => expect(endOfDay(text)).toBeUndefined());
});
