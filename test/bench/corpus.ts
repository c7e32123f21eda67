import { createCipheriv } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILES = 20_000;
const BYTES = 1_000_000_000;
const WORDS =
  'lettuce carrot bean pea radish onion marrow tomato leek chard sorrel dill basil thyme'.split(
    ' ',
  );

/**
 * A folder like a person's: many small files, few large ones, half of the bytes text that compresses,
 * half photos that don't. The same in every run.
 */
export function makeCorpus(folder: string): { readonly files: number; readonly bytes: number } {
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16));
  const noise = (bytes: number) => stream.update(Buffer.alloc(bytes));
  let total = 0;
  for (let i = 0; i < FILES; i += 1) {
    const folderOf = join(folder, `${i % 100}`, `${Math.floor(i / 100) % 10}`);
    if (i < 1000) mkdirSync(folderOf, { recursive: true });
    const share = noise(4).readUInt32BE() / 2 ** 32;
    // Most are a few kilobytes, one in fifty a megabyte or more.
    const bytes =
      i % 50 === 0
        ? 400_000 + Math.floor(share * 2_600_000)
        : 500 + Math.floor(share * share * 50_000);
    const content = i % 2 === 0 ? noise(bytes) : text(bytes, noise(Math.ceil(bytes / 6)));
    writeFileSync(join(folderOf, `file ${i}`), content);
    total += content.length;
  }
  const rest = BYTES - total;
  for (let i = 0; i < 4 && rest > 0; i += 1) {
    writeFileSync(join(folder, `film ${i}`), noise(Math.floor(rest / 4)));
    total += Math.floor(rest / 4);
  }
  return { files: FILES + 4, bytes: total };
}

function text(bytes: number, choice: Buffer): Buffer {
  const words: string[] = [];
  for (const each of choice)
    words.push(WORDS[each % WORDS.length] ?? '', each > 200 ? `${each}\n` : ' ');
  return Buffer.from(words.join('').slice(0, bytes));
}
