import { readlinkSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { lockHome } from '../core/database/home-lock.ts';

/**
 * Of the app that runs Chromium leaves a mark: the computer's name and the process. After a crash or a power cut it lies there still;
 * Chromium sees that such a process is gone, unless the computer is called otherwise by then, as networks and people do. Then it takes
 * the mark for another computer's, and the app would never start again, without a word. Whether anybody works on this home its own
 * lock says.
 */
export function dropForeignMark({
  home,
  profile,
  host = hostname(),
}: {
  readonly home: string;
  /** Where Chromium keeps what belongs to the window. */
  readonly profile: string;
  readonly host?: string;
}): void {
  const mark = join(profile, 'SingletonLock');
  const whose = /^(.*)-\d+$/.exec(targetOf(mark) ?? '')?.[1];
  // What is of this computer by its present name Chromium judges well itself.
  if (whose === undefined || whose === host || !isFree(home)) return;
  try {
    rmSync(mark, { force: true });
  } catch {
    // A disk that can only be read; the start says so.
  }
}

/** Windows has no such mark. */
function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

function isFree(home: string): boolean {
  try {
    const lock = lockHome(join(home, 'lock.sqlite'));
    if (lock.ok) lock.value.release();
    return lock.ok;
  } catch {
    // The start says what is wrong with it.
    return false;
  }
}
