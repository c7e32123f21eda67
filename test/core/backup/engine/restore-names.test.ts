import { describe, expect, test } from 'vitest';
import {
  addToName,
  keyOf,
  placeNames,
  placeTops,
  rulesOf,
  type System,
} from '../../../../electron/core/backup/engine/restore-names.ts';
import { fc, runs } from '../../../fakes/properties.ts';

const systems: readonly System[] = ['linux', 'darwin', 'win32'];

const NASTY: readonly string[] = [
  'CON',
  'con.txt',
  'Nul .x',
  'LPT1',
  'COM¹.doc',
  '.',
  '..',
  'a.',
  'a ',
  'A',
  'a',
  'ä',
  'a\u0308',
  'Ä',
  'a:b',
  'a/b',
  'a\\b',
  '\0',
  'a\nb',
  'ß',
  'SS',
  'ſ',
  's',
  'K',
  'k',
  '…',
  `${'ü'.repeat(126)}.jpeg`,
  '🌱'.repeat(100),
  `${'a'.repeat(254)}b`,
  `${'a'.repeat(254)}B`,
];

/** Bytes as file systems have them: anything but a slash and a NUL, and some that have broken programs. */
const anyName = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 120 }).map((text) => Buffer.from(text)),
  fc.constantFrom(...NASTY).map((text) => Buffer.from(text)),
);
const folder = fc.array(anyName, { maxLength: 30 });

/** What the system itself takes for one and the same name. */
function sameNames(system: System, name: Buffer): readonly string[] {
  if (system === 'linux') return [name.toString('latin1')];
  const text = name.toString('utf8').normalize('NFC');
  return [`l${text.toLowerCase()}`, `u${text.toUpperCase()}`];
}

describe('names that a disk can hold', () => {
  test.each(systems)('never leave their folder, and are never two of one (%s)', (system) => {
    fc.assert(
      fc.property(folder, (names) => {
        const placed = placeNames(names, rulesOf(system));
        const taken = new Set<string>();
        for (const name of placed) {
          expect(name.length).toBeGreaterThan(0);
          expect(name.includes(0x2f) || name.includes(0)).toBe(false);
          expect(['.', '..']).not.toContain(name.toString('latin1'));
          for (const same of new Set(sameNames(system, name))) {
            expect(taken.has(same)).toBe(false);
            taken.add(same);
          }
        }
      }),
      { numRuns: runs(300) },
    );
  });

  test('on Windows have no letter, no ending and no meaning that it keeps for itself', () => {
    fc.assert(
      fc.property(folder, (names) => {
        for (const bytes of placeNames(names, rulesOf('win32'))) {
          const name = bytes.toString('utf8');
          expect(Buffer.from(name).equals(bytes)).toBe(true);
          expect(name.length).toBeLessThanOrEqual(255);
          // oxlint-disable-next-line no-control-regex
          expect(name).not.toMatch(/[\u0000-\u001f<>:"/\\|?*]/);
          expect(name).not.toMatch(/[. ]$/);
          expect(name).not.toMatch(/^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)/i);
        }
      }),
      { numRuns: runs(300) },
    );
  });

  test('are no longer than they may be', () => {
    fc.assert(
      fc.property(folder, (names) => {
        for (const system of ['linux', 'darwin'] as const)
          for (const name of placeNames(names, rulesOf(system)))
            expect(name.length).toBeLessThanOrEqual(255);
      }),
    );
  });

  test('stay as they are where the system can have them', () => {
    const possible = fc.uniqueArray(
      fc
        .uint8Array({ minLength: 1, maxLength: 255 })
        .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 1 : byte))))
        .filter((name) => !['.', '..'].includes(name.toString('latin1'))),
      { selector: (name) => name.toString('latin1') },
    );
    fc.assert(
      fc.property(possible, (names) => {
        expect(placeNames(names, rulesOf('linux'))).toEqual(names);
      }),
    );
  });

  test('make way for whoever can keep his own', () => {
    const names = ['A:', 'A_', 'readme', 'README'].map((name) => Buffer.from(name));
    const placed = placeNames(names, rulesOf('win32')).map(String);
    expect(placed).toEqual(['A_ (2)', 'A_', 'readme', 'README (2)']);
  });

  test('keep their ending when something is added to them', () => {
    const rules = rulesOf('linux');
    expect(String(addToName(Buffer.from('letter.txt'), ' (2)', rules))).toBe('letter (2).txt');
    expect(String(addToName(Buffer.from('.profile'), ' (2)', rules))).toBe('.profile (2)');
    const long = addToName(Buffer.from(`${'ü'.repeat(125)}.jpeg`), ' (2)', rules);
    expect(long.length).toBeLessThanOrEqual(255);
    expect(String(long)).toMatch(/^ü+ \(2\)\.jpeg$/);
  });
});

test('what one system takes for one letter never makes two names of it', () => {
  const rules = rulesOf('darwin');
  const key = (text: string) => keyOf(Buffer.from(text), rules);
  for (let code = 1; code < 0x3_0000; code += 1) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const letter = String.fromCodePoint(code);
    for (const other of [letter.toLowerCase(), letter.toUpperCase()])
      if (key(other) !== key(letter)) expect(`${letter} ${code}`).toBe(other);
  }
});

test('two that were chosen in different folders come to lie in one beside each other', () => {
  const names = ['Docs', 'docs', 'DOCS'].map((name) => Buffer.from(name));
  const placed = (isInPlace: boolean, system: System) =>
    placeTops(names, { rules: rulesOf(system), isInPlace }).map(String);
  expect(placed(false, 'win32')).toEqual(['Docs', 'docs (2)', 'DOCS (3)']);
  expect(placed(true, 'win32')).toEqual(['Docs', 'docs', 'DOCS']);
  expect(placed(false, 'linux')).toEqual(['Docs', 'docs', 'DOCS']);
});
