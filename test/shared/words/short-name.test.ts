import { describe, expect, it, test } from 'vitest';
import {
  nameInSentence,
  shortName,
  shortNames,
  tameText,
} from '../../../shared/words/short-name.ts';
import { fc, runs } from '../../fakes/properties.ts';

const count = (text: string) =>
  [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)].length;

describe('shortName()', () => {
  it.each([
    ['leaves an ordinary name alone', 'Ana', 'Ana'],
    ['leaves other scripts alone', 'Ольга 陽子 نور', 'Ольга 陽子 نور'],
    ['leaves accents and apostrophes alone', 'Zoë O’Brien', 'Zoë O’Brien'],
    ['puts a letter and its accent together', 'Zoe\u0308', 'Zoë'],
    ['leaves markup as the text that it is', '<b>Ana</b>', '<b>Ana</b>'],
    ['takes out what turns the line round', 'Ana\u202Egnp.exe\u2066!\u2069', 'Anagnp.exe!'],
    ['takes out what nobody sees', 'A\u200Bn\u2060a\uFEFF\u00AD', 'Ana'],
    ['takes out control characters', 'A\u0000n\u001B[31ma\u009B', 'An[31ma'],
    ['makes one line of many', '  Ana\r\n\tfrom\u2028next   door ', 'Ana from next door'],
    ['keeps a family together', '👨‍👩‍👧‍👦 Miller', '👨‍👩‍👧‍👦 Miller'],
    ['keeps a heart red and skin brown', '❤️ 👍🏾', '❤️ 👍🏾'],
    ['takes a joiner out that joins nothing', 'A\u200Dna\u200D', 'Ana'],
    ['takes half a character out', 'Ana\uD83D', 'Ana'],
    ['answers a name of accents only', '\u0301\u0302\u0303', '?'],
    ['answers a name of blanks only', ' \u3164\u2800\u200B ', '?'],
    ['answers no name at all', '', '?'],
    [
      'takes most of a hundred accents off a letter',
      `A${'\u0330'.repeat(100)}na`,
      'A\u0330\u0330\u0330\u0330na',
    ],
    ['cuts by letters as people count them', '👩‍🚀'.repeat(30), `${'👩‍🚀'.repeat(23)}…`],
    ['cuts ten thousand letters to a few', 'a'.repeat(10_000), `${'a'.repeat(23)}…`],
    ['leaves no blank before the cut', `${'a'.repeat(22)} ${'b'.repeat(9)}`, `${'a'.repeat(22)}…`],
    ['drops a chain of pictures without end', `Ana ${'👩‍'.repeat(400)}👩`, 'Ana'],
  ])('%s', (_name, given, shown) => {
    expect(shortName(given)).toBe(shown);
  });

  it('is never empty, never long, one line, and the same when shortened again', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.integer({ min: 2, max: 40 }),
        (name, max) => {
          const short = shortName(name, max);
          expect(count(short)).toBeGreaterThan(0);
          expect(count(short)).toBeLessThanOrEqual(max);
          expect(short).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069\u200B\u200E\u200F\uFEFF]/u);
          expect(short.trim()).toBe(short);
          expect(shortName(short, max)).toBe(short);
        },
      ),
      { numRuns: runs(500) },
    );
  });
});

describe('shortNames()', () => {
  it('shortens each of several names, and the row of them', () => {
    expect(shortNames(`Ana, ${'b'.repeat(50)}`)).toBe(`Ana, ${'b'.repeat(23)}…`);
    expect(shortNames('a, b, c, d, e, f')).toBe('a, b, c, d, …');
  });
});

test('a plain name is shortened as it would be letter by letter', () => {
  const unit = fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCodePoint(code));
  fc.assert(
    fc.property(
      fc.string({ unit, maxLength: 40 }),
      fc.integer({ min: 2, max: 40 }),
      (name, max) => {
        // What nobody sees at its end has it taken apart.
        expect(shortName(name, max)).toBe(shortName(`${name}\u200B`, max));
      },
    ),
  );
});

describe('nameInSentence()', () => {
  it.each(['Ana', 'Ольга 陽子', '24 GB', '<b>'])('leaves %j as it is', (name) => {
    expect(nameInSentence(name)).toBe(name);
  });

  it.each(['אבג', 'نور 3', 'Ana א', '𐤀𐤁'])('puts an isolate around %j', (name) => {
    expect(nameInSentence(name)).toBe(`\u2068${name}\u2069`);
  });

  it('leaves no isolate open that a name began or ended', () => {
    expect(nameInSentence('\u2069א\u2067')).toBe('\u2068א\u2069');
  });
});

describe('tameText()', () => {
  it('keeps what is on the disk, and takes out what would turn the line round', () => {
    expect(tameText('/srv/a  b\n/\u202Ec', 100)).toBe('/srv/a  b /c');
  });

  it('is never longer than it may be, and one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 2, max: 50 }), (text, max) => {
        const tame = tameText(text, max);
        expect(tame.replaceAll(/[\u2068\u2069]/g, '').length).toBeLessThanOrEqual(max * 3);
        expect(tame).not.toMatch(/[\p{Cc}\u2028\u2029\u202A-\u202E]/u);
        expect(tame.isWellFormed()).toBe(true);
      }),
    );
  });
});
