import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { type Settings, settings, SETTINGS_AT_FIRST } from '../../shared/model/settings.ts';
import { personName } from '../../shared/wire/messages.ts';
import { jsonOf } from '../../shared/wire/json.ts';
import { dropStrays, writeDurably } from './database/durable-file.ts';

/** What the owner chose once and keeps, in a file that a person could read and mend. */
export type Config = {
  /** What this device calls itself to friends. */
  readonly name: string;
  /** The port friends reach; chosen once and kept, so that an address stays good (design §5). */
  readonly port: number;
  readonly settings: Settings;
};

export type ConfigPatch = Partial<Omit<Config, 'settings'>> & {
  readonly settings?: { readonly [S in keyof Settings]?: Settings[S] | undefined };
};

export type ConfigFile = {
  readonly get: () => Config;
  /**
   * Changes what is named, single settings too; it counts as soon as it would survive a power loss. Rejects with the system's error.
   */
  readonly set: (patch: ConfigPatch) => Promise<void>;
  readonly subscribe: (listener: () => void) => () => void;
  /** A file that could not be read, for as long as it lies where it was put aside. */
  readonly putAside: () => Promise<string | undefined>;
};

const port = z.int().min(0).max(65_535);

/**
 * Opens the file, or begins one and puts aside what can't be read; what is missing or damaged in it comes
 * from `otherwise`, what is wished from `wishes`.
 */
export async function openConfigFile(
  file: string,
  { wishes, otherwise }: { readonly wishes: Partial<Config>; readonly otherwise: Config },
): Promise<ConfigFile> {
  const listeners = new Set<() => void>();
  const aside = `${file}.bad`;
  for (const each of [file, aside]) await dropStrays(each);
  const kept = await readObject(file, aside);
  let config = { ...readConfig(kept, otherwise), ...wishes };
  let writing: Promise<void> = Promise.resolve();

  async function write({ settings: chosen = {}, ...patch }: ConfigPatch): Promise<void> {
    const named = Object.entries(chosen).filter(([, value]) => value !== undefined);
    const next = {
      ...config,
      ...patch,
      settings: { ...config.settings, ...Object.fromEntries(named) },
    };
    // What a newer version keeps beside these is left as it is.
    await writeDurably(file, `${JSON.stringify({ ...kept, ...next }, undefined, 2)}\n`);
    config = next;
    for (const listener of listeners) listener();
  }

  const isAsKept = (Object.keys(config) as (keyof Config)[]).every(
    (key) => JSON.stringify(config[key]) === JSON.stringify(kept[key]),
  );
  if (!isAsKept) await write({});
  return {
    get: () => config,
    set: (patch) => {
      // One after the other: each builds on what the one before it left.
      const written = writing.then(() => write(patch));
      writing = written.catch(() => undefined);
      return written;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    putAside: () =>
      stat(aside).then(
        () => aside,
        () => undefined,
      ),
  };
}

/** A damaged field costs that one choice, which can be made again, and nothing else. */
function readConfig(kept: Readonly<Record<string, unknown>>, otherwise: Config): Config {
  return {
    name: personName.safeParse(kept['name']).data ?? otherwise.name,
    port: port.safeParse(kept['port']).data ?? otherwise.port,
    settings: readSettings(kept['settings']),
  };
}

function readSettings(kept: unknown): Settings {
  const given = z.record(z.string(), z.unknown()).safeParse(kept).data ?? {};
  const sound = Object.entries(settings.shape).filter(
    ([key, schema]) => schema.safeParse(given[key]).success,
  );
  return settings.parse({
    ...SETTINGS_AT_FIRST,
    ...Object.fromEntries(sound.map(([key]) => [key, given[key]])),
  });
}

async function readObject(file: string, aside: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return {};
  const kept = z.record(z.string(), z.unknown()).safeParse(jsonOf(text)).data;
  if (kept !== undefined) return kept;
  // Somebody's slip of the pen; what was meant is still in there, and the file is written anew soon.
  await writeDurably(aside, text);
  return salvaged(text);
}

/** What friends know this device by, and where they find it, is made out even so. */
function salvaged(text: string): Readonly<Record<string, unknown>> {
  const name = /"name"\s*:\s*("(?:[^"\\\n]|\\.)*")/.exec(text)?.[1];
  const number = /"port"\s*:\s*([0-9]{1,5})\b/.exec(text)?.[1];
  return {
    ...(name === undefined ? {} : { name: jsonOf(name) }),
    ...(number === undefined ? {} : { port: Number(number) }),
  };
}
