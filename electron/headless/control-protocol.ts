import { createHash, randomBytes } from 'node:crypto';
import { lstat, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { makeMissing } from '../core/database/durable-file.ts';

/**
 * The control socket: one JSON object per line each way. It lies in a folder that only this user can
 * enter, under a short name (the path of a Unix socket has 107 bytes, homes can be longer). On
 * Windows it is a named pipe, which anybody may open; so the first line must carry a secret that only
 * this user can read. The same is asked everywhere.
 */
export const controlCall = z.object({
  id: z.int().min(0),
  secret: z.string().max(100),
  channel: z.string().max(60),
  args: z.unknown(),
});

/** Longer lines are no calls of ours. */
export const CONTROL_LINE_BYTES_MAX = 1024 * 1024;

/** Beside the contract: a fresh link to the window in a browser. */
export const WEB_LINK = 'web.link';

/** In the home, readable by this user alone. */
export const controlFile = z.object({ secret: z.string().min(20), socket: z.string().min(1) });
export const CONTROL_FILE = 'control.json';

export async function socketFor(home: string): Promise<string> {
  const name = createHash('sha256').update(home).digest('hex').slice(0, 16);
  // A name that nobody knows beforehand: another user's program could take it first, and then there would be no command line.
  if (process.platform === 'win32')
    return `\\\\.\\pipe\\allotment-${name}-${randomBytes(8).toString('hex')}`;
  const uid = process.getuid?.() ?? userInfo().uid;
  // In a folder that everybody can write to, somebody else may have made ours first, or the one that it lies in: then another
  // could be put in its place, and whoever types recovery words would tell them to him.
  const folder =
    (await runtimeFolder(uid)) ??
    (await ownFolder(
      join(await ownFolder(join(tmpdir(), `allotment-${uid}`), uid), 'allotment'),
      uid,
    ));
  return join(folder, `${name}.sock`);
}

/** What the system has for this user's sockets. Under `su` it is another's, and after a logout it is gone. */
async function runtimeFolder(uid: number): Promise<string | undefined> {
  const given = process.env['XDG_RUNTIME_DIR'] ?? '';
  try {
    const isOurs = isAbsolute(given) && (await stat(given)).uid === uid;
    return isOurs ? await ownFolder(join(given, 'allotment'), uid) : undefined;
  } catch {
    return undefined;
  }
}

/** The folder, made if it is missing; it is this user's, and nobody else gets in. */
async function ownFolder(folder: string, uid: number): Promise<string> {
  await makeMissing(folder);
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0)
    throw new Error(`${folder} does not belong to this user alone`);
  return folder;
}
