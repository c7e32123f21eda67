import { randomInt } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type Fault, fault } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { writeDurably } from './database/durable-file.ts';

/** Where everything of one installation lies. */
export type Home = {
  readonly folder: string;
  readonly database: string;
  readonly secrets: string;
  readonly config: string;
  /** What can be lost: the engine's caches. */
  readonly cache: string;
};

/** What the owner chose once and keeps. */
export type Config = {
  /** What this device calls itself to friends. */
  readonly name: string;
  /** The port friends reach; chosen once and kept, so that an address stays good (design §5). */
  readonly port: number;
};

const configSchema = z.object({
  name: z.string().min(1).max(80),
  port: z.int().min(0).max(65_535),
});

/** Outside the ephemeral ranges of the three systems, so that nothing else happens to sit there. */
const PORT_RANGE = { from: 20_000, to: 29_999 } as const;

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

/** Makes the home if it isn't there and reads what was chosen, or chooses. */
export async function openHome(
  folder: string,
  wishes: { readonly name?: string | undefined; readonly port?: number | undefined },
): Promise<Result<{ readonly home: Home; readonly config: Config }, Fault>> {
  if (Buffer.byteLength(folder) > HOME_BYTES_MAX) return failed(fault('path-too-long', { folder }));
  const home = layoutOf(folder);
  try {
    await mkdir(home.folder, { recursive: true, mode: 0o700 });
    await mkdir(home.cache, { recursive: true, mode: 0o700 });
    const kept = await readConfig(home.config);
    const config: Config = {
      name: wishes.name ?? kept?.name ?? defaultName(),
      port: wishes.port ?? kept?.port ?? randomInt(PORT_RANGE.from, PORT_RANGE.to),
    };
    if (config.name !== kept?.name || config.port !== kept?.port) {
      await writeDurably(home.config, `${JSON.stringify(config, undefined, 2)}\n`);
    }
    return ok({ home, config });
  } catch (error) {
    return failed(folderFault(error, folder));
  }
}

/** Keeps the port that the system chose when the owner asked for any. */
export async function keepPort(home: Home, config: Config): Promise<void> {
  await writeDurably(home.config, `${JSON.stringify(config, undefined, 2)}\n`);
}

async function readConfig(file: string): Promise<Config | undefined> {
  try {
    const parsed = configSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    // A damaged file costs its two choices, which can be made again, and nothing else.
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT')
      return undefined;
    throw error;
  }
}

function defaultName(): string {
  return hostname().split('.')[0]?.slice(0, 80) || 'this computer';
}

/** What the system says about a folder, as a fault; anything unknown is a bug and is thrown on. */
export function folderFault(error: unknown, folder: string): Fault {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return fault('folder-missing', { folder });
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
    default:
      throw error;
  }
}
