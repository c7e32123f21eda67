import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** Names and kinds that have broken backup programs before. */
export function fillWithNastyThings(folder: string): void {
  const raw = (bytes: readonly number[]) =>
    Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(bytes)]);
  writeFileSync(raw([0x62, 0xff, 0xfe, 0x63]), 'not UTF-8');
  writeFileSync(raw([0xf0, 0x9f, 0x8c]), 'half a character');
  writeFileSync(join(folder, 'new\nline'), 'x');
  writeFileSync(join(folder, 'quote" back\\slash \\x41'), 'x');
  writeFileSync(join(folder, 'a'.repeat(255)), 'long');
  writeFileSync(join(folder, 'ünï 漢字 🌱 \ufffd'), 'unicode');
  writeFileSync(join(folder, '\u0001\u007f'), 'control');
  writeFileSync(join(folder, '-rf'), 'option');
  writeFileSync(join(folder, 'empty'), '');
  mkdirSync(join(folder, 'empty folder'));
  mkdirSync(join(folder, ...Array.from({ length: 40 }, () => 'deep')), { recursive: true });
  symlinkSync(Buffer.from([0x2f, 0xff, 0x6e]), join(folder, 'link to no text'));
  symlinkSync('/nowhere', join(folder, 'dangling'));
  linkSync(join(folder, 'a'.repeat(255)), join(folder, 'hard link'));
  writeFileSync(join(folder, 'modes'), 'x');
  chmodSync(join(folder, 'modes'), 0o4751);
  utimesSync(join(folder, 'modes'), 0, new Date(-86_400_000));
  writeFileSync(join(folder, 'sparse'), '');
  truncateSync(join(folder, 'sparse'), 40_000_000);
  appendFileSync(join(folder, 'sparse'), 'the end');
  writeFileSync(join(folder, 'large'), randomBytes(10_000_000));
}
