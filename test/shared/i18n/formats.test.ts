import { describe, expect, test } from 'vitest';
import { chooseLanguage, regionOf } from '../../../shared/i18n/catalogues.ts';
import { createFormats, formatDay, formatSince } from '../../../shared/i18n/formats.ts';
import { pseudoText } from '../../../shared/i18n/pseudo.ts';
import commonDe from '../../../shared/i18n/messages/de/common.json' with { type: 'json' };
import commonEn from '../../../shared/i18n/messages/en/common.json' with { type: 'json' };
import shellEn from '../../../shared/i18n/messages/en/shell.json' with { type: 'json' };
import windowEn from '../../../shared/i18n/messages/en/window.json' with { type: 'json' };
import windowDe from '../../../shared/i18n/messages/de/window.json' with { type: 'json' };

const NOW_MS = Date.UTC(2026, 10, 25, 12);
const HOUR_MS = 3_600_000;

describe('how moments are told', () => {
  test.each([
    [10_000, 'this minute', 'in dieser Minute'],
    [5 * 60_000, '5 minutes ago', 'vor 5 Minuten'],
    [4 * HOUR_MS, '4 hours ago', 'vor 4 Stunden'],
    [24 * HOUR_MS, 'yesterday', 'gestern'],
    [72 * HOUR_MS, '3 days ago', 'vor 3 Tagen'],
    [400 * 24 * HOUR_MS, '21 Oct 2025', '21.10.2025'],
  ])('%i ms ago: %s', (agoMs, english, german) => {
    expect(formatSince(NOW_MS - agoMs, NOW_MS, 'en-GB')).toBe(english);
    expect(formatSince(NOW_MS - agoMs, NOW_MS, 'de')).toBe(german);
  });

  test('yesterday is a day of the calendar, and not so many hours ago', () => {
    const at = (day: number, hour: number, minute = 0) =>
      new Date(2026, 10, day, hour, minute).getTime();
    expect(formatSince(at(25, 0, 30), at(25, 23, 30), 'de')).toBe('vor 23 Stunden');
    expect(formatSince(at(24, 23), at(25, 22), 'de')).toBe('gestern');
    expect(formatSince(at(23, 18), at(25, 5), 'de')).toBe('vorgestern');
    expect(formatSince(at(19, 8), at(25, 7), 'de')).toBe('19.11.2026');
  });

  test('a clock that was set back makes nothing worse than "this minute"', () => {
    expect(formatSince(NOW_MS + HOUR_MS, NOW_MS, 'en')).toBe('this minute');
  });

  test('a day of this week by its name, any other by its date', () => {
    expect(formatDay(NOW_MS - 48 * HOUR_MS, NOW_MS, 'en')).toBe('Monday');
    expect(formatDay(NOW_MS - 480 * HOUR_MS, NOW_MS, 'en-GB')).toBe('5 Nov 2026');
  });

  test.each([
    '\u202Egnp.exe',
    'x'.repeat(200),
    '',
    ' ',
    'NaN',
    '9'.repeat(40),
    null,
    undefined,
    {},
  ])('what is no figure, such as %j, is said to be none in every format', (value) => {
    for (const [name, format] of Object.entries(createFormats('decimal', 'en-GB')))
      expect(format(value, 'en'), name).toBe('?');
  });

  test('units of notes are told in the GB-months that they are worth', () => {
    const months = createFormats('decimal')['months'];
    expect(months?.('150', 'en')).toBe('10');
    expect(months?.('8', 'de')).toBe('0,53');
    expect(months?.(`${2n ** 62n}`, 'en')).toBe('309,485,009,821,345,100');
  });

  test('a moment beyond what a date can name is none', () => {
    for (const name of ['date', 'time', 'clock', 'since', 'day', 'soon'])
      expect(createFormats('decimal')[name]?.('9000000000000000', 'en'), name).toBe('?');
  });

  test('sizes follow the units and the region', () => {
    expect(createFormats('decimal', 'de')['bytes']?.('1500000000', 'en')).toBe('1,5 GB');
    expect(createFormats('binary')['bytes']?.('1610612736', 'en')).toBe('1.5 GiB');
  });
});

test('no German sentence asks for a case in which days are called otherwise: “seit 5 Tage”', () => {
  const asking = /\b(seit|nach|vor|in|mit|von|binnen|innerhalb|bei|zu|ab) \{\{\w+, duration\}\}/i;
  const sentences = [commonDe, windowDe].flatMap((words) => JSON.stringify(words).split('",'));
  expect(sentences.filter((each) => asking.test(each))).toEqual([]);
});

test('one apostrophe is set in every English sentence, as in print', () => {
  const sentences = [commonEn, shellEn, windowEn].flatMap((words) =>
    JSON.stringify(words).split('",'),
  );
  expect(sentences.filter((each) => /[\w}]'[a-z]/.test(each))).toEqual([]);
});

describe('languages', () => {
  test.each([
    ['system', ['fr-FR', 'de-AT'], 'de'],
    ['system', ['fr'], 'en'],
    ['system', ['C'], 'en'],
    ['system', ['de_DE.UTF-8'], 'de'],
    ['de', ['en'], 'de'],
  ] as const)('%s among %j is %s', (wish, system, language) => {
    expect(chooseLanguage(wish, system)).toBe(language);
  });

  test('the region is the system’s own variety of the language, or the language', () => {
    expect(regionOf('en', ['de-AT', 'en-GB'])).toBe('en-GB');
    expect(regionOf('de', ['en-GB'])).toBe('de');
    expect(regionOf('en', ['en_GB.UTF-8'])).toBe('en-GB');
    expect(regionOf('en', ['en_not a locale'])).toBe('en');
  });
});

describe('the pseudo language', () => {
  test('keeps placeholders, is longer, and shows where it ends', () => {
    const text = pseudoText('{{friend}} asked for {{size, bytes}}.');
    expect(text).toMatch(/^⟦\{\{friend\}\} .*\{\{size, bytes\}\}.*⟧$/);
    expect(text.length).toBeGreaterThan('{{friend}} asked for {{size, bytes}}.'.length);
    expect(text).not.toContain('asked');
  });
});
