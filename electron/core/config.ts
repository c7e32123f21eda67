import { randomInt } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Fault, fault } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { SETTINGS_AT_FIRST } from '../../shared/model/settings.ts';
import { type ConfigFile, openConfigFile } from './config-file.ts';
import { isStray, makeFolders, makeMissing } from './database/durable-file.ts';
import { isLeftBySystem } from './left-by-systems.ts';

/** Where everything of one installation lies. */
export type Home = {
  readonly folder: string;
  readonly database: string;
  readonly secrets: string;
  readonly config: string;
  /** What can be lost: the engine's caches. */
  readonly cache: string;
};

/** Outside the ephemeral ranges of the three systems, so that nothing else happens to sit there. */
const PORT_RANGE = { from: 20_000, to: 29_999 } as const;

/** A port to begin with, kept from then on. */
export function choosePort(): number {
  return randomInt(PORT_RANGE.from, PORT_RANGE.to);
}

/** Linux allows 4096 bytes in a path; the store's own names need room behind the home. */
const HOME_BYTES_MAX = 3500;

export function layoutOf(folder: string): Home {
  return {
    folder,
    database: join(folder, 'allotment.sqlite'),
    secrets: join(folder, 'secrets'),
    config: join(folder, 'config.json'),
    cache: join(folder, 'cache'),
  };
}

/** Makes the home if it isn't there. */
export async function openHome(folder: string): Promise<Result<Home, Fault>> {
  const unfit = homeFault(folder);
  if (unfit !== undefined) return failed(unfit);
  const home = layoutOf(folder);
  try {
    await makeFolders(home.folder);
    // It may have been there before, and what is in the books is nobody else's. Some drives know no rights.
    await chmod(home.folder, 0o700).catch(() => undefined);
    await makeMissing(home.cache);
    return ok(home);
  } catch (error) {
    return failed(folderFault(error, folder));
  }
}

/** By these a home is known; any of them may be what is left of one. */
const HOME_HAS: readonly string[] = [
  'allotment.sqlite',
  'lock.sqlite',
  join('secrets', 'identity'),
  join('secrets', 'identity.sealed'),
];

/** What was written for a home that is to come, and what a start that was cut off leaves. */
const MAY_BE_THERE: ReadonlySet<string> = new Set(['config.json', 'cache', 'window', 'web.json']);

function isNobodys(folder: string, name: string): boolean {
  if (MAY_BE_THERE.has(name) || isStray(name) || isLeftBySystem(name)) return true;
  // Cut off before there was an identity, or while it was written.
  return name === 'secrets' && readdirSync(join(folder, name)).every(isStray);
}

/**
 * Why this folder can't be a home; undefined: it is one, or empty, or not there. Somebody's folder of other things would be
 * shut to everybody else and mixed with ours. To be asked before anything is put into it.
 */
export function homeFault(folder: string): Fault | undefined {
  if (Buffer.byteLength(folder) > HOME_BYTES_MAX) return fault('path-too-long', { folder });
  try {
    const names = readdirSync(folder);
    if (HOME_HAS.some((name) => existsSync(join(folder, name)))) return undefined;
    if (names.every((name) => isNobodys(folder, name))) return undefined;
    return fault('folder-not-empty', { folder });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? undefined
      : folderFault(error, folder);
  }
}

/** Reads what was chosen, or chooses. Only for whoever holds the home's lock. */
export async function openConfig(
  home: Home,
  { name, port }: { readonly name?: string | undefined; readonly port?: number | undefined },
): Promise<Result<ConfigFile, Fault>> {
  try {
    const config = await openConfigFile(home.config, {
      wishes: { ...(name === undefined ? {} : { name }), ...(port === undefined ? {} : { port }) },
      otherwise: {
        name: defaultName(),
        port: choosePort(),
        settings: SETTINGS_AT_FIRST,
      },
    });
    return ok(config);
  } catch (error) {
    return failed(folderFault(error, home.folder));
  }
}

function defaultName(): string {
  return hostname().split('.')[0]?.slice(0, 80) || 'this computer';
}

/** What the system says about a folder, as a fault; what is not the system's word is a bug and is thrown on. */
export function folderFault(error: unknown, folder: string): Fault {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    // A name that no system could have: with a NUL in it.
    case 'ERR_INVALID_ARG_VALUE':
      return fault('folder-missing', { folder });
    case 'ENOTDIR':
    case 'EEXIST':
      return fault('not-a-folder', { folder });
    case 'EACCES':
    case 'EPERM':
      return fault('folder-unreadable', { folder });
    case 'EROFS':
      return fault('folder-read-only', { folder });
    case 'ENOSPC':
    case 'EDQUOT':
      return fault('disk-full', { folder });
    case 'ENAMETOOLONG':
      return fault('path-too-long', { folder });
    case 'EIO':
    case 'EISDIR':
    case 'EBUSY':
    case 'ELOOP':
      return fault('folder-unreadable', { folder });
    default: {
      // Of systems there are many, and each has words of its own: a file too large for the disk, too many open ones, …
      const { code } = error as NodeJS.ErrnoException;
      if (!/^E[A-Z0-9]{2,20}$/.test(code ?? '')) throw error;
      return fault('folder-failed', { folder, error: code ?? '' });
    }
  }
}
