import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type BookMark,
  fileMark,
  type Mark,
  markedBook,
} from '../../../electron/core/database/book-mark.ts';
import { openBooks } from '../../../electron/core/open-books.ts';
import { createTranslator } from '../../../electron/headless/translator.ts';
import { watchFiles } from '../../fakes/power/watched-files.ts';

/** Whatever a disk does to the mark of a book, the book is not taken for an older one by it. */
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'allotment-mark-'));
  file = join(folder, 'mark');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A book of which only its count is left when the program begins again. */
function bookOf(mark: BookMark, ahead: number) {
  let count = 0;
  const open = () =>
    markedBook({
      mark,
      ahead,
      read: () => count,
      write: (next) => {
        count = next;
      },
    });
  return { open, count: () => count };
}

test.each([0, 64])(
  'one that could not be written is written with the next step, %i ahead',
  (ahead) => {
    let isFull = false;
    let kept: Mark | undefined;
    const mark: BookMark = {
      read: () => kept,
      write: (next) => {
        if (isFull) throw new Error('ENOSPC');
        kept = next;
      },
    };
    const { open, count } = bookOf(mark, ahead);
    const first = open();
    isFull = true;
    expect(() => first.step()).toThrow('ENOSPC');
    isFull = false;
    first.step();
    expect(open().isOlder()).toBe(false);
    isFull = true;
    expect(() => first.confirm(count())).toThrow('ENOSPC');
    isFull = false;
    first.confirm(count());
    expect(kept?.sure).toBe(1);
  },
);

test('one that the disk does not give just now says nothing about the book', () => {
  const { open } = bookOf(fileMark(file), 0);
  open().step();
  const end = watchFiles(folder, { before: ({ isWrite }) => (isWrite ? undefined : 'EIO') });
  try {
    expect(() => open()).toThrow('EIO');
  } finally {
    end();
  }
  expect(open().isOlder()).toBe(false);
});

test.each(['', 'half a m', '{"sure":-1}'])('one that says nothing is none: %j', (text) => {
  writeFileSync(file, text);
  expect(fileMark(file).read()).toBeUndefined();
});

test('books beside which it can’t be read stay shut, with a sentence', async () => {
  const opened = await openBooks({
    file: join(folder, 'books.sqlite'),
    keyPem: keyPem(),
    issuer: {} as never,
    mark: folder,
    accountMark: join(folder, 'account-mark'),
  });
  if (opened.ok) throw new Error('they were opened');
  const t = await createTranslator();
  expect(t(`fault.${opened.fault.code}`, opened.fault.params)).toContain('EISDIR');
});

function keyPem(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}
