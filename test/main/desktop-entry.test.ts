import { describe, expect, it } from 'vitest';
import { desktopEntry, isSwitchedOff } from '../../electron/main/desktop-entry.ts';
import { fc } from '../fakes/properties.ts';

function valueOf(entry: string, key: string): string {
  const line = entry.split('\n').find((each) => each.startsWith(`${key}=`)) ?? '';
  return line.slice(key.length + 1);
}

/** Reads an `Exec` line as the specification says: text escapes first, then quotes, then field codes. */
function readExec(value: string): readonly string[] {
  const escapes: Readonly<Record<string, string>> = {
    s: ' ',
    n: '\n',
    t: '\t',
    r: '\r',
    '\\': '\\',
  };
  const text = value.replaceAll(/\\([sntr\\])/g, (_all, letter: string) => escapes[letter] ?? '');
  const words: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const letter = text.charAt(i);
    if (isQuoted && letter === '\\') word = `${word ?? ''}${text.charAt((i += 1))}`;
    else if (letter === '"') {
      isQuoted = !isQuoted;
      word ??= '';
    } else if (letter === ' ' && !isQuoted) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = `${word ?? ''}${letter}`;
  }
  if (word !== undefined) words.push(word);
  return words.map((each) => each.replaceAll('%%', '%'));
}

/** What the specification reserves, and what its two layers write in another way. */
const AWKWARD = ' "\'\\<>~|&;$*?#()`%a=\n\t'.split('');

const entry = (...exec: readonly string[]) =>
  desktopEntry({ name: 'Allotment', comment: 'x', exec });

describe('the autostart file', () => {
  it('starts with the group and names a program', () => {
    const text = entry('/opt/Allotment/allotment', '--hidden');
    expect(text.split('\n')[0]).toBe('[Desktop Entry]');
    expect(valueOf(text, 'Type')).toBe('Application');
    expect(valueOf(text, 'Exec')).toBe('/opt/Allotment/allotment --hidden');
  });

  it('quotes a path with blanks, dollars and backslashes as the specification shows it', () => {
    expect(valueOf(entry('/home/Ben & Co/a$b\\c'), 'Exec')).toBe(
      '"/home/Ben & Co/a\\\\$b\\\\\\\\c"',
    );
    expect(valueOf(entry('/home/50%/x'), 'Exec')).toBe('/home/50%%/x');
  });

  it('brings every argument through both layers of quoting, on one line', () => {
    const argument = fc.oneof(
      fc.string({ unit: fc.constantFrom(...AWKWARD) }),
      fc.string({ unit: 'grapheme' }),
    );
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1, maxLength: 5 }), (exec) => {
        const text = entry(...exec);
        expect(text.split('\n')).toHaveLength(entry('x').split('\n').length);
        expect(readExec(valueOf(text, 'Exec'))).toEqual(exec);
      }),
    );
  });

  it('is recognised when the desktop’s own settings switched it off', () => {
    const on = entry('x');
    expect(isSwitchedOff(on)).toBe(false);
    expect(isSwitchedOff(`${on}Hidden=true\n`)).toBe(true);
    expect(isSwitchedOff(on.replace('enabled=true', 'enabled=false'))).toBe(true);
  });
});
