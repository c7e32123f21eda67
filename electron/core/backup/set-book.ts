import { z } from 'zod';
import type { OwnerId } from '../../../shared/ids.ts';
import type { Sentence } from '../../../shared/contract/views.ts';
import { keptParams } from '../../../shared/refusal-params.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { Sql } from '../database/open-database.ts';

/** A folder selection of mine and the friends who keep it. */
export type BackupSet = {
  readonly name: string;
  readonly folders: readonly string[];
  readonly exclude: readonly string[];
  /** Each of them keeps a complete copy. */
  readonly hosts: readonly OwnerId[];
  readonly createdMs: number;
  readonly lastRunMs: number | undefined;
  readonly lastBytes: bigint | undefined;
  readonly lastFault: Sentence | undefined;
};

export type SetBook = {
  readonly sets: () => readonly BackupSet[];
  readonly set: (name: string) => BackupSet | undefined;
  readonly create: (
    set: Pick<BackupSet, 'name' | 'folders' | 'exclude' | 'hosts'> & { readonly atMs: number },
  ) => Result<undefined, 'set-exists'>;
  /** A friendship is over: nothing goes to that friend any more. A set may be left with nobody. */
  readonly forgetHost: (call: { readonly host: OwnerId }) => void;
  readonly ran: (call: {
    readonly name: string;
    readonly atMs: number;
    readonly bytes: bigint | undefined;
    readonly fault: Sentence | undefined;
  }) => void;
};

type SetRecord = {
  readonly name: string;
  readonly folders: string;
  readonly exclude: string;
  readonly hosts: string;
  readonly created_ms: bigint;
  readonly last_run_ms: bigint | null;
  readonly last_bytes: bigint | null;
  readonly last_fault: string | null;
};

const texts = z.array(z.string());
const sentence = z.object({
  key: z.string(),
  params: z.record(z.string(), z.string()).transform(keptParams),
});

export function openSetBook(sql: Sql): SetBook {
  const readAll = sql.prepare<[], SetRecord>('SELECT * FROM sets ORDER BY name');
  const read = sql.prepare<[string], SetRecord>('SELECT * FROM sets WHERE name = ?');
  const insert = sql.prepare(
    'INSERT INTO sets (name, folders, exclude, hosts, created_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const update = sql.prepare(
    `UPDATE sets SET last_run_ms = CASE WHEN @fault IS NULL THEN @atMs ELSE last_run_ms END,
       last_bytes = coalesce(@bytes, last_bytes), last_fault = @fault WHERE name = @name`,
  );
  const setHosts = sql.prepare('UPDATE sets SET hosts = ? WHERE name = ?');
  return {
    sets: () => readAll.all().map(toSet),
    set: (name) => {
      const record = read.get(name);
      return record === undefined ? undefined : toSet(record);
    },
    create: ({ name, folders, exclude, hosts, atMs }) =>
      insert.run(
        name,
        JSON.stringify(folders),
        JSON.stringify(exclude),
        JSON.stringify(hosts),
        atMs,
      ).changes === 1
        ? ok(undefined)
        : failed('set-exists'),
    forgetHost: ({ host }) => {
      for (const { name, hosts } of readAll.all().map(toSet))
        if (hosts.includes(host))
          setHosts.run(JSON.stringify(hosts.filter((each) => each !== host)), name);
    },
    ran: ({ name, atMs, bytes, fault }) =>
      void update.run({
        name,
        atMs,
        bytes: bytes ?? null,
        fault: fault === undefined ? null : JSON.stringify(fault),
      }),
  };
}

function toSet(record: SetRecord): BackupSet {
  return {
    name: record.name,
    folders: texts.parse(JSON.parse(record.folders)),
    exclude: texts.parse(JSON.parse(record.exclude)),
    hosts: texts.parse(JSON.parse(record.hosts)) as OwnerId[],
    createdMs: Number(record.created_ms),
    lastRunMs: record.last_run_ms === null ? undefined : Number(record.last_run_ms),
    lastBytes: record.last_bytes ?? undefined,
    lastFault:
      record.last_fault === null ? undefined : sentence.parse(JSON.parse(record.last_fault)),
  };
}
