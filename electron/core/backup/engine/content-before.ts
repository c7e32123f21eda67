import type { BigIntStats } from 'node:fs';
import { contentOf } from './node-text.ts';
import { nodeOf } from './parent-trees.ts';

/**
 * The chunks of a file in the backup before, if it is the same file now: size, times and number are what they were.
 * That its rights or owner changed is no reason to read it again.
 */
export function contentBefore(
  head: string,
  node: string,
  { size, mtimeNs, ctimeNs, ino }: BigIntStats,
): readonly string[] | undefined {
  const content = contentOf(head, node);
  if (content !== undefined) return content;
  const before = nodeOf(node);
  const isSame =
    before?.type === 'file' &&
    before.size === Number(size) &&
    before.inode === Number(ino) &&
    nanoseconds(before.mtime) === mtimeNs &&
    nanoseconds(before.ctime) === ctimeNs;
  return isSame ? (before.content ?? []) : undefined;
}

/** restic writes local times, without zeroes at the end. */
export function nanoseconds(text: string | undefined): bigint | undefined {
  const match = /^([^.]*?)(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})$/.exec(text ?? '');
  const ms = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`);
  if (match === null || Number.isNaN(ms)) return undefined;
  return BigInt(ms) * 1_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'));
}
