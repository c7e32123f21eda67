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
import { numberOf } from '../database/number-of.ts';

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
  /** Nothing begins by itself from then to then; `undefined` as soon as somebody says so, a time that is over stays. */
  readonly pause: { readonly sinceMs: number; readonly untilMs: number } | undefined;
  /** When it was last begun or ended, whatever came of it. */
  readonly lastTryMs: number | undefined;
  /** How often in a row it has failed; waiting for an answer and being stopped by hand are no failures. */
  readonly failures: number;
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
  /** Only what is named changes. */
  readonly edit: (
    change: Pick<BackupSet, 'name'> &
      Partial<Pick<BackupSet, 'folders' | 'hosts'>> & { readonly plan?: BackupPlanText },
  ) => void;
  /** What is known of its copies goes with it; the plots are somebody else's business. */
  readonly drop: (name: string) => boolean;
  /** `undefined` as a name: all of them; as a pause: it goes on. */
  readonly pause: (call: {
    readonly name: string | undefined;
    readonly pause: BackupSet['pause'];
  }) => void;
  /** A friendship is over: nothing goes to that friend any more. A set may be left with nobody. */
  readonly forgetHost: (call: { readonly host: OwnerId }) => void;
  /** One friend more or less, whatever else has changed of it meanwhile; `leave` answers where in the line he was. */
  readonly leave: (call: HostOf) => number | undefined;
  readonly join: (call: HostOf & { readonly at?: number | undefined }) => void;
  /** It begins now. */
  readonly tried: (call: At) => void;
  readonly ran: (
    call: At & { readonly bytes: bigint | undefined; readonly fault: Sentence | undefined },
  ) => void;
  /** What the retention does not keep was removed, or nothing was. */
  readonly notePruned: (call: At) => void;
  readonly noteDrilled: (call: At) => void;
  /** The sequence only rises. */
  readonly setSequence: (call: { readonly name: string; readonly sequence: number }) => void;
  readonly setRepository: (call: { readonly name: string; readonly repository: string }) => void;
  /** `undefined`: none falls any more. */
  readonly setFalls: (call: { readonly name: string; readonly falls: BackupSet['falls'] }) => void;
};

type At = { readonly name: string; readonly atMs: number };
type HostOf = { readonly name: string; readonly host: OwnerId };

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
  readonly paused_since_ms: bigint | null;
  readonly paused_until_ms: bigint | null;
  readonly last_try_ms: bigint | null;
  readonly failures: bigint;
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
       last_bytes = coalesce(@bytes, last_bytes), last_fault = @fault, last_try_ms = @atMs,
       failures = CASE WHEN @fault IS NULL THEN 0 ELSE min(failures + @failed, 1000000) END WHERE name = @name`,
  );
  const change = sql.prepare(
    `UPDATE sets SET folders = coalesce(@folders, folders), hosts = coalesce(@hosts, hosts), plan = coalesce(@plan, plan),
       exclude = CASE WHEN @plan IS NULL THEN exclude ELSE '[]' END WHERE name = @name`,
  );
  const remove = sql.prepare('DELETE FROM sets WHERE name = ?');
  const setPause = sql.prepare(
    'UPDATE sets SET paused_since_ms = @sinceMs, paused_until_ms = @untilMs WHERE @name IS NULL OR name = @name',
  );
  const setTried = sql.prepare('UPDATE sets SET last_try_ms = ? WHERE name = ?');
  const setPruned = sql.prepare('UPDATE sets SET pruned_ms = ? WHERE name = ?');
  const setDrilled = sql.prepare('UPDATE sets SET drilled_ms = ? WHERE name = ?');
  const setSequence = sql.prepare('UPDATE sets SET sequence = max(sequence, ?) WHERE name = ?');
  const setRepository = sql.prepare('UPDATE sets SET repository = ? WHERE name = ?');
  const setFalls = sql.prepare('UPDATE sets SET falls_to_days = ?, falls_ms = ? WHERE name = ?');
  const setHosts = sql.prepare('UPDATE sets SET hosts = ? WHERE name = ?');

  function hostsOf(name: string): readonly OwnerId[] | undefined {
    const record = read.get(name);
    return record === undefined ? undefined : toSet(record).hosts;
  }

  const leave: SetBook['leave'] = ({ name, host }) => {
    const hosts = hostsOf(name) ?? [];
    const at = hosts.indexOf(host);
    if (at < 0) return undefined;
    setHosts.run(JSON.stringify(hosts.toSpliced(at, 1)), name);
    return at;
  };

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
    edit: ({ name, folders, hosts, plan }) =>
      void change.run({
        name,
        folders: textOf(folders),
        hosts: textOf(hosts),
        // What older versions kept beside the plan is part of the plan that was shown and changed.
        plan: textOf(plan),
      }),
    drop: (name) => remove.run(name).changes === 1,
    pause: ({ name, pause }) =>
      void setPause.run({
        name: name ?? null,
        sinceMs: pause?.sinceMs ?? null,
        untilMs: pause?.untilMs ?? null,
      }),
    forgetHost: ({ host }) => {
      for (const { name } of readAll.all()) leave({ name, host });
    },
    leave,
    join: ({ name, host, at }) => {
      const hosts = hostsOf(name);
      if (hosts === undefined || hosts.includes(host)) return;
      setHosts.run(JSON.stringify(hosts.toSpliced(at ?? hosts.length, 0, host)), name);
    },
    ran: ({ name, atMs, bytes, fault }) =>
      void update.run({
        name,
        atMs,
        bytes: bytes ?? null,
        fault: textOf(fault),
        failed: fault === undefined || NO_FAILURES.has(fault.key) ? 0 : 1,
      }),
    tried: ({ name, atMs }) => void setTried.run(atMs, name),
    notePruned: ({ name, atMs }) => void setPruned.run(atMs, name),
    noteDrilled: ({ name, atMs }) => void setDrilled.run(atMs, name),
    setSequence: ({ name, sequence }) => void setSequence.run(sequence, name),
    setRepository: ({ name, repository }) => void setRepository.run(repository, name),
    setFalls: ({ name, falls }) =>
      void setFalls.run(falls?.days ?? null, falls?.atMs ?? null, name),
  };
}

const NO_FAILURES: ReadonlySet<string> = new Set(['fault.cancelled', 'fault.waits']);

function textOf(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

function toSet(record: SetRecord): BackupSet {
  return {
    name: record.name,
    folders: texts.parse(JSON.parse(record.folders)),
    plan: planOf(record),
    hosts: texts.parse(JSON.parse(record.hosts)) as OwnerId[],
    createdMs: Number(record.created_ms),
    lastRunMs: numberOf(record.last_run_ms),
    lastBytes: record.last_bytes ?? undefined,
    lastFault:
      record.last_fault === null ? undefined : sentence.parse(JSON.parse(record.last_fault)),
    sequence: Number(record.sequence),
    repository: record.repository ?? undefined,
    pause:
      record.paused_since_ms === null || record.paused_until_ms === null
        ? undefined
        : { sinceMs: Number(record.paused_since_ms), untilMs: Number(record.paused_until_ms) },
    lastTryMs: numberOf(record.last_try_ms),
    failures: Number(record.failures),
    prunedMs: numberOf(record.pruned_ms),
    drilledMs: numberOf(record.drilled_ms),
    falls:
      record.falls_to_days === null || record.falls_ms === null
        ? undefined
        : { days: Number(record.falls_to_days), atMs: Number(record.falls_ms) },
  };
}

/** A plan that can't be read is the default's; patterns of before there were plans count in gitignore's way now. */
function planOf({ plan, exclude }: SetRecord): BackupPlan {
  const stored: unknown = JSON.parse(plan);
  const isReadable = planChange.safeParse(stored).success;
  const whole = backupPlan.parse({ ...PLAN_AT_FIRST, ...(isReadable ? (stored as object) : {}) });
  const older = texts.parse(JSON.parse(exclude));
  return { ...whole, rules: { ...whole.rules, exclude: [...older, ...whole.rules.exclude] } };
}
