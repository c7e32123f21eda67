import { lstat, open, readdir, readlink } from 'node:fs/promises';

/** What two folders have in common, and the first differences, in words. */
export type Comparison = {
  readonly files: number;
  readonly folders: number;
  readonly links: number;
  readonly bytes: number;
  readonly differences: readonly string[];
};

const DIFFERENCES_MAX = 20;
const PIECE_BYTES = 1024 * 1024;
/** A restored time goes through a double: it is right to the microsecond (design §6). */
const TIME_TOLERANCE_NS = 1000n;
const SLASH = Buffer.from('/');

/** Compares every name, byte, permission and time. Paths are bytes: names need not be text. */
export async function compareTrees(
  one: string,
  other: string,
  /** Of the first folder: what was reported as not kept. */
  unkept: ReadonlySet<string> = new Set(),
): Promise<Comparison> {
  const counts = { files: 0, folders: 0, links: 0, bytes: 0 };
  const differences: string[] = [];
  const differ = (path: Buffer, what: string) => {
    if (differences.length < DIFFERENCES_MAX) differences.push(`${path.toString()}: ${what}`);
  };

  async function compare(left: Buffer, right: Buffer): Promise<void> {
    if (unkept.has(left.toString())) return;
    const a = await lstat(left, { bigint: true });
    const b = await lstat(right, { bigint: true }).catch(() => undefined);
    if (b === undefined) return differ(left, 'is missing');
    if ((a.mode & 0o170000n) !== (b.mode & 0o170000n)) return differ(left, 'is of another kind');
    if (!a.isSymbolicLink() && a.mode !== b.mode) differ(left, 'has other permissions');
    const apartNs = a.mtimeNs > b.mtimeNs ? a.mtimeNs - b.mtimeNs : b.mtimeNs - a.mtimeNs;
    if (apartNs > TIME_TOLERANCE_NS) differ(left, 'has another time');
    if (a.isDirectory()) {
      counts.folders += 1;
      return compareFolders(left, right);
    }
    if (a.isSymbolicLink()) {
      counts.links += 1;
      const targets = await Promise.all(
        [left, right].map((path) => readlink(path, { encoding: 'buffer' })),
      );
      if (targets[0]?.equals(targets[1] ?? Buffer.alloc(0)) !== true)
        differ(left, 'points elsewhere');
      return;
    }
    counts.files += 1;
    counts.bytes += Number(a.size);
    if (a.size !== b.size) differ(left, 'has another length');
    else if (!(await sameBytes(left, right))) differ(left, 'has other bytes');
  }

  async function compareFolders(left: Buffer, right: Buffer): Promise<void> {
    const names = await readdir(left, { encoding: 'buffer' });
    const others = await readdir(right, { encoding: 'buffer' });
    if (others.length > names.length) differ(right, 'has entries that were not there');
    for (const name of names)
      await compare(Buffer.concat([left, SLASH, name]), Buffer.concat([right, SLASH, name]));
  }

  await compare(Buffer.from(one), Buffer.from(other));
  return { ...counts, differences };
}

async function sameBytes(left: Buffer, right: Buffer): Promise<boolean> {
  const files = await Promise.all([open(left), open(right)]);
  try {
    const pieces = [Buffer.allocUnsafe(PIECE_BYTES), Buffer.allocUnsafe(PIECE_BYTES)] as const;
    for (;;) {
      const [a, b] = await Promise.all([files[0].read(pieces[0]), files[1].read(pieces[1])]);
      if (a.bytesRead !== b.bytesRead) return false;
      if (a.bytesRead === 0) return true;
      if (pieces[0].compare(pieces[1], 0, b.bytesRead, 0, a.bytesRead) !== 0) return false;
    }
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}
