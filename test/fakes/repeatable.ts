import crypto from 'node:crypto';
import fs, { type BigIntStats, type PathLike } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { sep } from 'node:path';
import { vi } from 'vitest';
import { randomOf } from './faulty-repository-store.ts';

/**
 * With the same seed everything happens once more, to the last byte and in the same order, however busy this machine is:
 * until it ends, this process's random bytes come from the seed, the clock stands until somebody moves it and no timer ever
 * goes off, and of what lies in a folder the system says nothing that another run, by another user, would find otherwise (which
 * inode, when it was changed, whose it is, how many folders a folder has). Names of objects are hashes of all that.
 */
export type Repeatable = {
  readonly pass: (ms: number) => void;
  readonly end: () => void;
};

/** Immediates come in their order; what a timer would be too late for depends on how busy this machine is. */
const STANDING = [
  'Date',
  'performance',
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
] as const;
const DEVICE = 7n;
/** Nobody's in particular, and not root's, who would try to give things back to whose they were. */
const USER = { uid: 1000, gid: 1000, username: 'ana' };
const MS_NS = 1_000_000n;

export function makeRepeatable(
  seed: number,
  { startMs, folder }: { readonly startMs: number; readonly folder: string },
): Repeatable {
  const random = randomOf(seed);
  const { randomBytes, randomFillSync } = crypto;
  const { lstatSync, statSync } = fs;
  const { getuid, getgid } = process;
  const { userInfo } = os;

  function fill<T extends NodeJS.ArrayBufferView>(view: T): T {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = Math.floor(random() * 256);
    return view;
  }

  /** A folder's own time is that of the last change in it, and nobody sets it. */
  function steady(path: PathLike, stat: BigIntStats): BigIntStats {
    const text = Buffer.isBuffer(path) ? path.toString('utf8') : String(path);
    if (!`${text}${sep}`.startsWith(folder + sep) && !folder.startsWith(text)) return stat;
    const mtimeNs = stat.isDirectory() ? BigInt(startMs) * MS_NS : stat.mtimeNs;
    const digest = crypto.createHash('sha256').update(text).digest();
    const ino = BigInt(digest.readUIntBE(0, 6));
    // How many folders lie in it, with some file systems.
    const nlink = stat.isDirectory() ? 2n : stat.nlink;
    const owner = { uid: BigInt(USER.uid), gid: BigInt(USER.gid) };
    return Object.assign(stat, { dev: DEVICE, ino, mtimeNs, ctimeNs: mtimeNs, nlink, ...owner });
  }

  const looking = (look: unknown) =>
    function look_(path: PathLike, options?: { readonly bigint?: boolean }): unknown {
      const stat: unknown = Reflect.apply(look as typeof fs.lstatSync, fs, [path, options]);
      return options?.bigint === true && stat !== undefined
        ? steady(path, stat as BigIntStats)
        : stat;
    };

  Object.assign(crypto, {
    randomBytes: (length: number) => fill(Buffer.alloc(length)),
    randomFillSync: fill,
  });
  Object.assign(fs, { lstatSync: looking(lstatSync), statSync: looking(statSync) });
  if (getuid !== undefined)
    Object.assign(process, { getuid: () => USER.uid, getgid: () => USER.gid });
  Object.assign(os, { userInfo: () => ({ ...userInfo(), ...USER }) });
  const umask = process.umask(0o022);
  syncBuiltinESMExports();
  vi.useFakeTimers({ toFake: [...STANDING], now: startMs });
  return {
    pass: (ms) => void vi.setSystemTime(Date.now() + ms),
    end: () => {
      Object.assign(crypto, { randomBytes, randomFillSync });
      Object.assign(fs, { lstatSync, statSync });
      Object.assign(process, { getuid, getgid });
      Object.assign(os, { userInfo });
      process.umask(umask);
      syncBuiltinESMExports();
      vi.useRealTimers();
    },
  };
}
