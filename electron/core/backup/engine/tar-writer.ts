import type { ArchiveEntry, ArchiveWriter, ByteSink } from './archive-entry.ts';

/** POSIX tar (IEEE 1003.1, pax interchange format): a block of numbers per entry, and before it one with what does not fit. */
const BLOCK_BYTES = 512;
const NAME_BYTES = 100;
const SIZE_MAX = 0o77777777777;
const ID_MAX = 0o7777777;
const SECOND_NS = 1_000_000_000n;
const TYPES = { file: '0', twin: '1', link: '2', folder: '5' } as const;

export function createTarWriter(sink: ByteSink): ArchiveWriter {
  let padding = 0;

  async function endFile(): Promise<void> {
    if (padding > 0) await sink(Buffer.alloc(padding));
    padding = 0;
  }

  return {
    begin: async (entry) => {
      await endFile();
      const records = paxOf(entry);
      const pax = header({ ...entry, path: Buffer.from('pax'), mode: 0o644 }, 'x', records.length);
      await sink(Buffer.concat([pax, records, Buffer.alloc(paddingOf(records.length))]));
      const size = entry.kind === 'file' ? entry.sizeBytes : 0;
      await sink(header(entry, TYPES[entry.kind], size));
      padding = paddingOf(size);
    },
    write: sink,
    finish: async () => {
      await endFile();
      await sink(Buffer.alloc(2 * BLOCK_BYTES));
    },
  };
}

function paddingOf(bytes: number): number {
  return (BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES;
}

/** Times to the nanosecond, and whatever is too long or too large for its field. */
function paxOf({ kind, path, target, mtimeNs, sizeBytes, uid, gid }: ArchiveEntry): Buffer {
  const records = [record('mtime', Buffer.from(seconds(mtimeNs)))];
  const name = pathOf(kind, path);
  if (name.length > NAME_BYTES || !isAscii(name)) records.push(record('path', name));
  if (target !== undefined && (target.length > NAME_BYTES || !isAscii(target)))
    records.push(record('linkpath', target));
  if (kind === 'file' && sizeBytes > SIZE_MAX)
    records.push(record('size', Buffer.from(`${sizeBytes}`)));
  if (uid > ID_MAX) records.push(record('uid', Buffer.from(`${uid}`)));
  if (gid > ID_MAX) records.push(record('gid', Buffer.from(`${gid}`)));
  return Buffer.concat(records);
}

/** `length key=value\n`, where the length counts its own digits too. */
function record(key: string, value: Buffer): Buffer {
  const rest = 1 + key.length + 1 + value.length + 1;
  let length = rest + `${rest}`.length;
  if (`${length}`.length + rest !== length) length = rest + `${length}`.length;
  return Buffer.concat([Buffer.from(`${length} ${key}=`), value, Buffer.from('\n')]);
}

function seconds(ns: bigint): string {
  const whole = ns >= 0n ? ns / SECOND_NS : -((-ns + SECOND_NS - 1n) / SECOND_NS);
  const rest = ns - whole * SECOND_NS;
  if (rest === 0n) return `${whole}`;
  if (whole >= 0n) return `${whole}.${`${rest}`.padStart(9, '0')}`;
  // Before 1970: -1.25 is one second and a quarter before.
  const back = -ns;
  return `-${back / SECOND_NS}.${`${back % SECOND_NS}`.padStart(9, '0')}`;
}

function pathOf(kind: ArchiveEntry['kind'], path: Buffer): Buffer {
  return kind === 'folder' ? Buffer.concat([path, Buffer.from('/')]) : path;
}

function isAscii(bytes: Buffer): boolean {
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
}

function header(entry: ArchiveEntry, type: string, sizeBytes: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const { kind, path, mode, uid, gid, mtimeNs, target } = entry;
  const octal = (value: number, at: number, length: number, most: number) =>
    block.write(
      `${Math.min(Math.max(0, value), most)
        .toString(8)
        .padStart(length - 1, '0')}\0`,
      at,
      'latin1',
    );
  pathOf(type === 'x' ? 'file' : kind, path).copy(block, 0, 0, NAME_BYTES);
  octal(mode & 0o7777, 100, 8, ID_MAX);
  octal(uid, 108, 8, ID_MAX);
  octal(gid, 116, 8, ID_MAX);
  octal(sizeBytes, 124, 12, SIZE_MAX);
  octal(Number(mtimeNs / SECOND_NS), 136, 12, SIZE_MAX);
  block.write(type, 156, 'latin1');
  if (type !== 'x') target?.copy(block, 157, 0, NAME_BYTES);
  block.write('ustar\u000000', 257, 'latin1');
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
