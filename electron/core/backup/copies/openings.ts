import { failed, ok } from '../../../../shared/result.ts';
import type { Sql } from '../../database/open-database.ts';
import { openRepository } from '../repository/repository.ts';
import type { RepositoryStore } from '../repository/repository-store.ts';
import type { MasterKey } from '../repository/sealing.ts';

/**
 * What opens a set's repository: its config and the key file that my password opens, sealed as they lie in the copies. The
 * words give only the password; whoever keeps the only copy and has lost this half kilobyte has lost all of it.
 */
export type Opening = {
  readonly repository: string;
  readonly config: Uint8Array;
  readonly keyName: string;
  readonly keyFile: Uint8Array;
};

/** Each is some hundred bytes; of a key file that opens anybody can make one with a gigabyte of blanks. */
export const OPENING_BYTES_MAX = 16_384;

export type OpeningBook = {
  /** Of the repository that the set has, and of no other. */
  readonly opening: (set: string) => Opening | undefined;
  readonly openings: () => readonly ({ readonly set: string } & Opening)[];
  readonly keepOpening: (call: { readonly set: string } & Opening) => void;
};

type OpeningRecord = {
  readonly set_name: string;
  readonly repository: string;
  readonly config: Buffer;
  readonly key_name: string;
  readonly key_file: Buffer;
};

const SELECT = `SELECT set_openings.* FROM set_openings
  JOIN sets ON sets.name = set_name AND sets.repository = set_openings.repository`;

export function openOpeningBook(sql: Sql): OpeningBook {
  const readAll = sql.prepare<[], OpeningRecord>(`${SELECT} ORDER BY set_name`);
  const read = sql.prepare<[string], OpeningRecord>(`${SELECT} WHERE set_name = ?`);
  const put = sql.prepare(
    `INSERT INTO set_openings (set_name, repository, config, key_name, key_file)
     SELECT name, repository, @config, @keyName, @keyFile FROM sets WHERE name = @set AND repository = @repository
     ON CONFLICT (set_name) DO UPDATE SET repository = excluded.repository, config = excluded.config,
       key_name = excluded.key_name, key_file = excluded.key_file`,
  );
  return {
    opening: (set) => {
      const kept = read.get(set);
      return kept === undefined ? undefined : toOpening(kept);
    },
    openings: () => readAll.all().map((record) => ({ set: record.set_name, ...toOpening(record) })),
    keepOpening: ({ config, keyFile, ...call }) => {
      if (Math.max(config.length, keyFile.length) > OPENING_BYTES_MAX) return;
      put.run({ ...call, config: Buffer.from(config), keyFile: Buffer.from(keyFile) });
    },
  };
}

function toOpening(record: OpeningRecord): Opening {
  const { repository, config, key_name: keyName, key_file: keyFile } = record;
  return { repository, config, keyName, keyFile };
}

/** The key that it gives, if the password opens this key file and the key opens the config of this very repository. */
export async function keyOf(opening: Opening, password: string): Promise<MasterKey | undefined> {
  const opened = await openRepository(storeOf(opening), password);
  if (!opened.ok) return undefined;
  const { id, key, keyFile } = opened.value;
  return id === opening.repository && keyFile === opening.keyName ? key : undefined;
}

/** The same for whoever only reads, with what opens it as it is kept here: for a friend who has lost it, and takes nothing now. */
export function openedBy(store: RepositoryStore, opening: Opening): RepositoryStore {
  const kept = storeOf(opening);
  return {
    ...store,
    load: (object, options) =>
      object.type === 'config' || object.type === 'keys'
        ? kept.load(object, options)
        : store.load(object, options),
    list: (type, options) =>
      type === 'keys' ? kept.list(type, options) : store.list(type, options),
  };
}

function storeOf({ config, keyName, keyFile }: Opening): RepositoryStore {
  const nothing = async () => failed({ code: 'not-found' } as const);
  return {
    load: async ({ type, name }) => {
      if (type === 'config') return ok(config);
      return type === 'keys' && name === keyName ? ok(keyFile) : nothing();
    },
    list: async (type) => ok(type === 'keys' ? [{ name: keyName, sizeBytes: keyFile.length }] : []),
    stat: nothing,
    save: nothing,
    remove: nothing,
  };
}
