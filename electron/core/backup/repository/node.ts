import { constants } from 'node:buffer';
import { z } from 'zod';

/**
 * Entries of a tree (restic, doc/design.rst "Trees and Data"). Names are bytes, as file systems have
 * them; in the JSON they stand as the inside of a Go string literal (Go's strconv.Quote).
 */
export type NodeType = 'file' | 'dir' | 'symlink' | 'dev' | 'chardev' | 'fifo' | 'socket';

const hexId = z.string().regex(/^[0-9a-f]{64}$/);
const nodeSchema = z.object({
  name: z.string(),
  type: z.string(),
  /** Go's os.FileMode: permission bits below, kind and set-id bits above. */
  mode: z.int().min(0).max(0xffff_ffff).default(0),
  mtime: z.string().optional(),
  atime: z.string().optional(),
  ctime: z.string().optional(),
  uid: z.int().min(0).default(0),
  gid: z.int().min(0).default(0),
  inode: z.number().min(0).default(0),
  device_id: z.number().min(0).default(0),
  size: z.number().min(0).default(0),
  links: z.number().min(0).default(0),
  linktarget: z.string().optional(),
  /** base64, where the target is no UTF-8. */
  linktarget_raw: z.string().optional(),
  content: z.array(hexId).nullish(),
  subtree: hexId.nullish(),
});
export type Node = z.infer<typeof nodeSchema>;
const treeSchema = z.object({ nodes: z.array(nodeSchema).nullable() });

/** No text is longer: that of a folder of a million and a half files would be. */
export const TEXT_BYTES_MAX = constants.MAX_STRING_LENGTH;

/** `undefined` unless it is a tree; a hostile one is as damaged as a broken one. */
export function parseTree(
  plaintext: Buffer,
  textBytesMax = TEXT_BYTES_MAX,
): readonly Node[] | undefined {
  try {
    if (plaintext.length > textBytesMax) return parseEach(plaintext);
    return treeSchema.safeParse(JSON.parse(plaintext.toString('utf8'))).data?.nodes ?? undefined;
  } catch {
    return undefined;
  }
}

const BEGIN = Buffer.from('{"nodes":[');
const [QUOTE, COMMA, STROKE, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = Buffer.from('",\\{}[]');

/** One entry after the other, as our trees and restic's are written. */
function parseEach(plaintext: Buffer): readonly Node[] | undefined {
  if (!plaintext.subarray(0, BEGIN.length).equals(BEGIN)) return undefined;
  const nodes: Node[] = [];
  let from = BEGIN.length;
  let depth = 0;
  let isText = false;
  for (let at = from; at < plaintext.length; at += 1) {
    const byte = plaintext[at];
    if (isText) {
      if (byte === STROKE) at += 1;
      else if (byte === QUOTE) isText = false;
      continue;
    }
    if (byte === QUOTE) isText = true;
    else if (depth > 0 && (byte === CLOSE || byte === CLOSE_LIST)) depth -= 1;
    else if (byte === OPEN || byte === OPEN_LIST) depth += 1;
    else if (depth === 0 && (byte === COMMA || byte === CLOSE_LIST)) {
      const isEmpty = byte === CLOSE_LIST && nodes.length === 0 && at === from;
      if (!isEmpty) nodes.push(nodeSchema.parse(JSON.parse(plaintext.toString('utf8', from, at))));
      from = at + 1;
      if (byte === CLOSE_LIST)
        return plaintext.toString('latin1', from).trim() === '}' ? nodes : undefined;
    }
  }
  return undefined;
}

/** Go writes a newline after each JSON document; the tree's id is the hash of these bytes. */
export function encodeTree(nodes: readonly Node[]): Buffer {
  return Buffer.from(`${JSON.stringify({ nodes })}\n`, 'utf8');
}

export function quoteName(name: Buffer): string {
  const text = name.toString('utf8');
  // Most names are plain text, and plain text stands for itself.
  if (/^[^\\"\p{Cc}\ufffd]*$/u.test(text)) return text;
  let quoted = '';
  for (let at = 0; at < name.length; ) {
    const length = characterLength(name, at);
    const character = name.subarray(at, at + length);
    const isPlain = length > 1 || (name[at] ?? 0) < 0x80;
    const letter = isPlain ? character.toString('utf8') : '';
    if (!isPlain || /[\p{Cc}]/u.test(letter)) {
      for (const byte of character) quoted += `\\x${byte.toString(16).padStart(2, '0')}`;
    } else quoted += letter === '\\' || letter === '"' ? `\\${letter}` : letter;
    at += length;
  }
  return quoted;
}

/** Bytes of the UTF-8 character at `at`; 1 where there is none. */
function characterLength(name: Buffer, at: number): number {
  const first = name[at] ?? 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
  if (length === 1 || at + length > name.length) return 1;
  const text = name.subarray(at, at + length).toString('utf8');
  return text.includes('\ufffd') && !name.subarray(at, at + length).equals(REPLACEMENT)
    ? 1
    : length;
}

const REPLACEMENT = Buffer.from('\ufffd', 'utf8');

const ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  '"': 34,
  "'": 39,
};

/** The bytes behind a quoted name; `undefined` if it is no literal, or no name of a file. */
export function unquoteName(quoted: string): Buffer | undefined {
  const parts: Buffer[] = [];
  const pattern =
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abfnrtv\\"']))|([^\\]+)|(\\)/gsu;
  for (const [, byte, short, long, octal, escape, plain, stray] of quoted.matchAll(pattern)) {
    if (stray !== undefined) return undefined;
    if (plain !== undefined) parts.push(Buffer.from(plain, 'utf8'));
    else if (byte !== undefined) parts.push(Buffer.from([Number.parseInt(byte, 16)]));
    else if (octal !== undefined) parts.push(Buffer.from([Number.parseInt(octal, 8) & 0xff]));
    else if (escape !== undefined) parts.push(Buffer.from([ESCAPES[escape] ?? 0]));
    else {
      const code = Number.parseInt(short ?? long ?? '', 16);
      if (code > 0x10_ffff) return undefined;
      parts.push(Buffer.from(String.fromCodePoint(code), 'utf8'));
    }
  }
  const name = Buffer.concat(parts);
  const isOther = name.length === 0 || name.includes(0) || name.includes(0x2f);
  return isOther || name.equals(DOT) || name.equals(DOT_DOT) ? undefined : name;
}

const DOT = Buffer.from('.');
const DOT_DOT = Buffer.from('..');

/** Go's bits beside the permissions (os.FileMode). */
const GO_KINDS: Readonly<Record<NodeType, number>> = {
  file: 0,
  dir: 0x8000_0000,
  symlink: 0x0800_0000,
  dev: 0x0400_0000,
  chardev: 0x0420_0000,
  fifo: 0x0200_0000,
  socket: 0x0100_0000,
};
const GO_SETUID = 0x0080_0000;
const GO_SETGID = 0x0040_0000;
const GO_STICKY = 0x0010_0000;

export function toGoMode(type: NodeType, mode: number): number {
  let result = (GO_KINDS[type] | (mode & 0o777)) >>> 0;
  if ((mode & 0o4000) !== 0) result = (result | GO_SETUID) >>> 0;
  if ((mode & 0o2000) !== 0) result = (result | GO_SETGID) >>> 0;
  if ((mode & 0o1000) !== 0) result = (result | GO_STICKY) >>> 0;
  return result;
}

export function fromGoMode(mode: number): number {
  return (
    (mode & 0o777) |
    ((mode & GO_SETUID) === 0 ? 0 : 0o4000) |
    ((mode & GO_SETGID) === 0 ? 0 : 0o2000) |
    ((mode & GO_STICKY) === 0 ? 0 : 0o1000)
  );
}

const SECOND_NS = 1_000_000_000n;
/** Go can't write years beyond these into JSON. */
const FIRST_S = -62_135_596_800n;
const LAST_S = 253_402_300_799n;

/** Nanoseconds since 1970 as RFC 3339 with all nine digits. */
export function toTimestamp(ns: bigint): string {
  const floored = ns >= 0n ? ns / SECOND_NS : (ns - SECOND_NS + 1n) / SECOND_NS;
  const seconds = floored < FIRST_S ? FIRST_S : floored > LAST_S ? LAST_S : floored;
  const rest = seconds === floored ? ns - seconds * SECOND_NS : 0n;
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${text}.${rest.toString().padStart(9, '0')}Z`;
}

/**
 * A time for `utimes`: seconds since 1970 with the microseconds that a double carries (the known limit,
 * design §6). Before 1970 a `Date`, in milliseconds: Node takes a negative number for "now".
 */
export function fromTimestamp(text: string | undefined): number | Date | undefined {
  const match = /^([^.]*?)(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$/.exec(text ?? '');
  if (match === null) return undefined;
  const ms = Date.parse(`${match[1]}${match[3]}`);
  if (Number.isNaN(ms)) return undefined;
  const micros = Math.floor(Number(`0${match[2] ?? '.0'}`) * 1e6 + 1e-3);
  if (ms < 0) return new Date(ms + micros / 1000);
  // In the middle of the microsecond: the system call cuts off what a double can't hold exactly.
  return ms / 1000 + (micros + 0.5) / 1e6;
}
