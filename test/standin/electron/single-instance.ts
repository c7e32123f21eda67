import { randomUUID } from 'node:crypto';
import {
  type FSWatcher,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { lockHome } from '../../../electron/core/database/home-lock.ts';

/**
 * One instance per user data folder, among real processes. Electron's answer is synchronous, so both
 * halves are files: the lock is the operating system's, and a second launch leaves its arguments in a
 * folder that the first one watches.
 */
export type SecondLaunch = {
  readonly argv: readonly string[];
  readonly workingDirectory: string;
  readonly additionalData: unknown;
};

export type InstanceLock = { readonly release: () => void };

export function takeInstanceLock(
  userData: string,
  own: SecondLaunch,
  onSecond: (launch: SecondLaunch) => void,
): InstanceLock | undefined {
  const letters = join(userData, 'standin-launches');
  mkdirSync(letters, { recursive: true });
  const lock = lockHome(join(userData, 'standin-instance.db'));
  if (!lock.ok) {
    const written = join(userData, `${randomUUID()}.json`);
    writeFileSync(written, JSON.stringify(own));
    renameSync(written, join(letters, `${randomUUID()}.json`));
    return undefined;
  }

  function collect(): void {
    for (const name of readdirSync(letters).sort()) {
      const file = join(letters, name);
      const launch = JSON.parse(readFileSync(file, 'utf8')) as SecondLaunch;
      rmSync(file);
      onSecond(launch);
    }
  }
  // What a launch left to a process that died before it looked was never meant for this one.
  for (const name of readdirSync(letters)) rmSync(join(letters, name));
  const watcher: FSWatcher = watch(letters, { persistent: false }, collect);
  return {
    release: () => {
      watcher.close();
      lock.value.release();
    },
  };
}
