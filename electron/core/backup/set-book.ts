import { z } from 'zod';
import type { OwnerId } from '../../../shared/ids.ts';
import type { Sentence } from '../../../shared/contract/views.ts';
import {
  type BackupPlan,
  type BackupPlanText,
  backupPlan,
  PLAN_AT_FIRST,
  planChange,
} from '../../../shared/model/backup-plan.ts';
import { keptParams } from '../../../shared/refusal-params.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { Sql } from '../database/open-database.ts';

/** A folder selection of mine and the friends who keep it. */
export type BackupSet = {
  readonly name: string;
  readonly folders: readonly string[];
  readonly plan: BackupPlan;
  /** Each of them keeps a complete copy. */
  readonly hosts: readonly OwnerId[];
  readonly createdMs: number;
  readonly lastRunMs: number | undefined;
  readonly lastBytes: bigint | undefined;
  readonly lastFault: Sentence | undefined;
  /** Of the manifest that was published last; 0: none. */
  readonly sequence: number;
  /** The repository's id, once there is one. */
  readonly repository: string | undefined;
  readonly pausedUntilMs: number | undefined;
  /** When it was last begun by itself, whatever came of it. */
  readonly lastTryMs: number | undefined;
  readonly prunedMs: number | undefined;
  readonly drilledMs: number | undefined;
  /** A lower protection that was asked for, and when it begins. */
  readonly falls: { readonly days: number; readonly atMs: number } | undefined;
};

export type SetBook = {
  readonly sets: () => readonly BackupSet[];
  readonly set: (name: string) => BackupSet | undefined;
  readonly create: (
    set: Pick<BackupSet, 'name' | 'folders' | 'hosts'> & {
      readonly plan: BackupPlanText;
      readonly atMs: number;
    },
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
  readonly plan: string;
  readonly sequence: bigint;
  readonly repository: string | null;
  readonly paused_until_ms: bigint | null;
  readonly last_try_ms: bigint | null;
  readonly pruned_ms: bigint | null;
  readonly drilled_ms: bigint | null;
  readonly falls_to_days: bigint | null;
  readonly falls_ms: bigint | null;
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
    "INSERT INTO sets (name, folders, exclude, plan, hosts, created_ms) VALUES (?, ?, '[]', ?, ?, ?) ON CONFLICT DO NOTHING",
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
    create: ({ name, folders, plan, hosts, atMs }) =>
      insert.run(name, JSON.stringify(folders), JSON.stringify(plan), JSON.stringify(hosts), atMs)
        .changes === 1
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
    plan: planOf(record),
    hosts: texts.parse(JSON.parse(record.hosts)) as OwnerId[],
    createdMs: Number(record.created_ms),
    lastRunMs: record.last_run_ms === null ? undefined : Number(record.last_run_ms),
    lastBytes: record.last_bytes ?? undefined,
    lastFault:
      record.last_fault === null ? undefined : sentence.parse(JSON.parse(record.last_fault)),
    sequence: Number(record.sequence),
    repository: record.repository ?? undefined,
    pausedUntilMs: numberOf(record.paused_until_ms),
    lastTryMs: numberOf(record.last_try_ms),
    prunedMs: numberOf(record.pruned_ms),
    drilledMs: numberOf(record.drilled_ms),
    falls:
      record.falls_to_days === null || record.falls_ms === null
        ? undefined
        : { days: Number(record.falls_to_days), atMs: Number(record.falls_ms) },
  };
}

function numberOf(value: bigint | null): number | undefined {
  return value === null ? undefined : Number(value);
}

/** A plan that can't be read is the default's; patterns of before there were plans count in gitignore's way now. */
function planOf({ plan, exclude }: SetRecord): BackupPlan {
  const stored: unknown = JSON.parse(plan);
  const isReadable = planChange.safeParse(stored).success;
  const whole = backupPlan.parse({ ...PLAN_AT_FIRST, ...(isReadable ? (stored as object) : {}) });
  const older = texts.parse(JSON.parse(exclude));
  return { ...whole, rules: { ...whole.rules, exclude: [...older, ...whole.rules.exclude] } };
}
