import type { BigIntStats } from 'node:fs';
import { type NodeType, toGoMode } from '../repository/node.ts';

/**
 * Entries of trees as JSON, written without making objects of them: a backup makes millions, and most are only
 * compared with what they were. The fields stand in the order in which they have always stood here.
 */
export type NodeHead = string;

/** Everything that is known without looking into the entry; what follows depends on its kind. */
export function nodeHead(type: NodeType, name: string, stat: BigIntStats): NodeHead {
  const mtime = timeText(stat.mtimeNs);
  const size = type === 'file' ? stat.size : 0n;
  return nodeHeadOf(type, name, stat, { mtime, size });
}

function nodeHeadOf(
  type: NodeType,
  name: string,
  stat: BigIntStats,
  { mtime, size }: { readonly mtime: string; readonly size: bigint },
): NodeHead {
  const links = type === 'dir' ? 0 : Number(stat.nlink);
  // Reading changes `atime`; kept, every run would write every tree anew. restic leaves it out too.
  return `{"name":${name},"type":"${type}","mode":${toGoMode(type, Number(stat.mode))},"mtime":"${mtime}","atime":"${mtime}","ctime":"${timeText(stat.ctimeNs)}","uid":${Number(stat.uid)},"gid":${Number(stat.gid)},"inode":${Number(stat.ino)},"device_id":${Number(stat.dev)},"size":${Number(size)},"links":${links}`;
}

/** A file that was not as long when it was read as when it was listed. */
export function nodeHeadWithSize(name: string, stat: BigIntStats, sizeBytes: number): NodeHead {
  return nodeHeadOf('file', name, stat, {
    mtime: timeText(stat.mtimeNs),
    size: BigInt(sizeBytes),
  });
}

const CONTENT = ',"content":[';

export function fileText(head: NodeHead, content: readonly string[]): string {
  if (content.length === 0) return `${head}${CONTENT}]}`;
  return `${head}${CONTENT}"${content.join('","')}"]}`;
}

/** The ids in a file's node that has this head; undefined if it has another one, or is no such text. */
export function contentOf(head: NodeHead, node: string): readonly string[] | undefined {
  if (!node.startsWith(head) || !node.startsWith(CONTENT, head.length)) return undefined;
  const list = node.slice(head.length + CONTENT.length, -2);
  if (!node.endsWith(']}') || !/^("[0-9a-f]{64}"(,"[0-9a-f]{64}")*)?$/.test(list)) return undefined;
  return list === '' ? [] : list.slice(1, -1).split('","');
}

export function folderText(head: NodeHead, tree: string): string {
  return `${head},"subtree":"${tree}"}`;
}

export function linkText(head: NodeHead, target: Buffer): string {
  const text = target.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(target);
  const raw = isText ? '' : `,"linktarget_raw":"${target.toString('base64')}"`;
  return `${head},"linktarget":${JSON.stringify(text)}${raw}}`;
}

const SECOND_NS = 1_000_000_000n;
const DAY_S = 86_400;
/** Go can't write years beyond these into JSON. */
const FIRST_S = -62_135_596_800;
const LAST_S = 253_402_300_799;

let knownDay = Number.NaN;
let knownDate = '';

/** As `toTimestamp`, ten times as fast: files of one day come together. */
export function timeText(ns: bigint): string {
  const floored = Number(ns >= 0n ? ns / SECOND_NS : (ns - SECOND_NS + 1n) / SECOND_NS);
  const seconds = Math.min(LAST_S, Math.max(FIRST_S, floored));
  const rest = seconds === floored ? Number(ns - BigInt(seconds) * SECOND_NS) : 0;
  const day = Math.floor(seconds / DAY_S);
  if (day !== knownDay) {
    knownDay = day;
    knownDate = new Date(day * DAY_S * 1000).toISOString().slice(0, 11);
  }
  const second = seconds - day * DAY_S;
  const hour = two(Math.floor(second / 3600));
  const minute = two(Math.floor(second / 60) % 60);
  return `${knownDate}${hour}:${minute}:${two(second % 60)}.${`${rest}`.padStart(9, '0')}Z`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}
