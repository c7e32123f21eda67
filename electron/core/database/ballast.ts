import { randomBytes } from 'node:crypto';
import { open, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { MIB } from '../../../shared/units.ts';

/**
 * Books on a disk without a free byte can't be opened: their log has no room. Whoever shares his disk has full ones, and his
 * friends want what is theirs then too. So a file without a meaning lies beside the books and is let go of where a start
 * has no room; it is made again where there is some.
 */
const FILE = 'ballast';
const BALLAST_BYTES = 4 * Number(MIB);
/** A disk that is nearly full is not filled with this; only what was let go of is taken back. */
const ROOM_BYTES = 8 * BALLAST_BYTES;

/** Never in the way of anything: without it a full disk is told as one. */
export async function keepBallast(
  home: string,
  { isBack }: { readonly isBack: boolean },
): Promise<void> {
  const path = join(home, FILE);
  try {
    const there = await stat(path).catch(() => undefined);
    if (there !== undefined && there.size >= BALLAST_BYTES) return;
    const { bavail, bsize } = await statfs(home);
    if (!isBack && bavail * bsize < ROOM_BYTES) return;
    // What a crash has left of it would not be enough.
    const file = await open(path, 'w', 0o600);
    try {
      // A disk that squeezes files keeps no room for zeroes.
      const bytes = randomBytes(Number(MIB));
      for (let at = 0; at < BALLAST_BYTES; at += bytes.length) await file.write(bytes, 0, null, at);
    } finally {
      await file.close();
    }
  } catch {
    await rm(path, { force: true }).catch(() => undefined);
  }
}

/** False: there is none to let go of. */
export async function dropBallast(home: string): Promise<boolean> {
  return rm(join(home, FILE)).then(
    () => true,
    () => false,
  );
}
