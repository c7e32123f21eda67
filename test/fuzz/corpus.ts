import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Inputs that are kept: every one that has broken something once, and a few that reach far. */
const CORPUS = join(import.meta.dirname, 'corpus');
const FAILURES = resolve(import.meta.dirname, '../../.cache/fuzz');

export function corpusOf(
  target: string,
): readonly { readonly name: string; readonly input: Buffer }[] {
  const folder = join(CORPUS, target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, input: readFileSync(join(folder, name)) }));
}

/** Where a case that failed is written down. */
export function failureFile(target: string, input: Uint8Array): string {
  mkdirSync(FAILURES, { recursive: true });
  const file = join(
    FAILURES,
    `${target}-${createHash('sha256').update(input).digest('hex').slice(0, 12)}`,
  );
  writeFileSync(file, input);
  return file;
}

export function hangFile(target: string): string {
  mkdirSync(FAILURES, { recursive: true });
  return join(FAILURES, `${target}-hangs`);
}
