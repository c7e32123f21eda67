import { z } from 'zod';
import type { Sentence } from '../../../../shared/contract/views.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import { keptParams } from '../../../../shared/refusal-params.ts';
import type { Sql } from '../../database/open-database.ts';
import { numberOf } from '../../database/number-of.ts';
import { openDamageBook, type DamageBook } from './damage.ts';
import { openSnapshotBook, type SnapshotBook } from './known-snapshots.ts';
import { openOpeningBook, type OpeningBook } from './openings.ts';
import { openRemovalBook, type RemovalBook } from './removals.ts';

/**
 * What is known of each copy of a set. `sequence` counts what was done to a set: a copy at sequence n has everything
 * that was there and not removed at n. It is written down before anything is removed, so that a copy at the newest
 * sequence can always complete the others.
 */
export type KnownCopy = {
  readonly set: string;
  readonly host: OwnerId;
  readonly sequence: number;
  /** When the newest backup that is whole there was made. */
  readonly completeMs: number | undefined;
  readonly seenMs: number | undefined;
  readonly verifiedMs: number | undefined;
  /** The pass over all packs: its order, how far it has come, when it began. */
  readonly pass:
    | { readonly seed: string; readonly share: number; readonly begunMs: number }
    | undefined;
  readonly lastFault: Sentence | undefined;
  /** A run went on without what it has. */
  readonly isApart: boolean;
  /** Writer and sequence of the manifest that was seen or left there last. */
  readonly paper: string | undefined;
  readonly goneMs: number | undefined;
  readonly repairedMs: number | undefined;
  readonly drive: string | undefined;
  readonly damagedObjects: number;
};

type Of = { readonly set: string; readonly host: OwnerId };

export type CopyBook = RemovalBook &
  SnapshotBook &
  OpeningBook &
  DamageBook & {
    readonly copies: () => readonly KnownCopy[];
    readonly copiesOf: (set: string) => readonly KnownCopy[];
    /** There is a plot for it; where one was said to be gone, it is a new one and empty. */
    readonly begin: (call: Of & { readonly atMs: number }) => void;
    /** A run begins to write to the copies. */
    readonly beginWriting: (call: { readonly set: string }) => void;
    /** Nothing was cut off since: whatever a complete copy lacks, it has lost. */
    readonly isSettled: (set: string) => boolean;
    readonly endWriting: (call: { readonly set: string }) => void;
    /** These copies have everything: a new sequence for them. Answers it. */
    readonly advance: (call: {
      readonly set: string;
      readonly hosts: readonly OwnerId[];
      /** Above this too, where another device has counted on. */
      readonly above?: number | undefined;
      /** A backup was made. */
      readonly completeMs?: number | undefined;
      /** They have these snapshots. */
      readonly snapshots?: readonly string[] | undefined;
    }) => number;
    /** It has everything of that sequence now, and the newest backup that those at that sequence have. */
    readonly caughtUp: (
      call: Of & {
        readonly sequence: number;
        readonly atMs: number;
        readonly completeMs: number | undefined;
      },
    ) => void;
    /** A run goes on without what these have. */
    readonly setApart: (call: { readonly set: string; readonly hosts: readonly OwnerId[] }) => void;
    readonly notePaper: (call: Of & { readonly paper: string }) => void;
    /** What is in the way of its being complete; undefined: nothing. */
    readonly noteFault: (
      call: Of & { readonly fault: Sentence | undefined; readonly atMs: number },
    ) => void;
    readonly noteGone: (call: Of & { readonly atMs: number }) => void;
    readonly setPass: (call: Of & { readonly pass: NonNullable<KnownCopy['pass']> }) => void;
    readonly noteVerified: (call: Of & { readonly atMs: number }) => void;
    /** Copies at friends who keep the set no more are forgotten; their plots are not touched by that. */
    readonly retain: (call: { readonly set: string; readonly hosts: readonly OwnerId[] }) => void;
  };

type CopyRecord = {
  readonly set_name: string;
  readonly host: string;
  readonly sequence: bigint;
  readonly complete_ms: bigint | null;
  readonly seen_ms: bigint | null;
  readonly verified_ms: bigint | null;
  readonly pass_seed: string | null;
  readonly pass_share: number;
  readonly pass_ms: bigint | null;
  readonly last_fault: string | null;
  readonly apart: bigint;
  readonly paper: string | null;
  readonly gone_ms: bigint | null;
  readonly repaired_ms: bigint | null;
  readonly drive: string | null;
  readonly damaged: bigint;
};

const sentence = z.object({
  key: z.string(),
  params: z.record(z.string(), z.string()).transform(keptParams),
});

const SELECT = `SELECT *, (SELECT count(*) FROM copy_damage AS damage
  WHERE damage.set_name = copies.set_name AND damage.host = copies.host) AS damaged FROM copies`;

export function openCopyBook(sql: Sql): CopyBook {
  const readAll = sql.prepare<[], CopyRecord>(`${SELECT} ORDER BY set_name, host`);
  const readOf = sql.prepare<[string], CopyRecord>(`${SELECT} WHERE set_name = ? ORDER BY host`);
  const begin = sql.prepare(
    `INSERT INTO copies (set_name, host, seen_ms) SELECT name, @host, @atMs FROM sets WHERE name = @set
     ON CONFLICT (set_name, host) DO UPDATE SET sequence = CASE WHEN gone_ms IS NULL THEN sequence ELSE 0 END,
       complete_ms = CASE WHEN gone_ms IS NULL THEN complete_ms END,
       verified_ms = CASE WHEN gone_ms IS NULL THEN verified_ms END,
       pass_seed = CASE WHEN gone_ms IS NULL THEN pass_seed END,
       paper = CASE WHEN gone_ms IS NULL THEN paper END,
       gone_ms = NULL, seen_ms = excluded.seen_ms`,
  );
  const dropDamage = sql.prepare(
    `DELETE FROM copy_damage WHERE set_name = @set AND host = @host AND EXISTS
     (SELECT 1 FROM copies WHERE set_name = @set AND host = @host AND gone_ms IS NOT NULL)`,
  );
  const raise = sql
    .prepare<[{ readonly set: string; readonly above: number }], bigint>(
      'UPDATE sets SET sequence = max(sequence, @above) + 1 WHERE name = @set RETURNING sequence',
    )
    .pluck();
  const setWriting = sql.prepare('UPDATE sets SET writing = ? WHERE name = ?');
  const readWriting = sql
    .prepare<[string], bigint>('SELECT writing FROM sets WHERE name = ?')
    .pluck();
  const complete = sql.prepare(
    `UPDATE copies SET sequence = @sequence, complete_ms = coalesce(@completeMs, complete_ms), apart = 0
     WHERE set_name = @set AND host = @host`,
  );
  const caughtUp = sql.prepare(
    `UPDATE copies SET sequence = @sequence, complete_ms = coalesce(@completeMs, complete_ms), apart = 0,
       last_fault = NULL, seen_ms = @atMs WHERE set_name = @set AND host = @host`,
  );
  const setApart = sql.prepare(
    'UPDATE copies SET apart = 1 WHERE set_name = @set AND host = @host',
  );
  const setPaper = sql.prepare(
    'UPDATE copies SET paper = @paper WHERE set_name = @set AND host = @host',
  );
  const setFault = sql.prepare(
    `UPDATE copies SET last_fault = @fault, seen_ms = CASE WHEN @fault IS NULL THEN @atMs ELSE seen_ms END
     WHERE set_name = @set AND host = @host`,
  );
  const setGone = sql.prepare(
    'UPDATE copies SET gone_ms = coalesce(gone_ms, @atMs) WHERE set_name = @set AND host = @host',
  );
  const setPass = sql.prepare(
    `UPDATE copies SET pass_seed = @seed, pass_share = @share, pass_ms = @begunMs
     WHERE set_name = @set AND host = @host`,
  );
  const setVerified = sql.prepare(
    'UPDATE copies SET verified_ms = @atMs WHERE set_name = @set AND host = @host',
  );
  const forget = sql.prepare('DELETE FROM copies WHERE set_name = @set AND host = @host');
  const snapshotBook = openSnapshotBook(sql);
  return {
    copies: () => readAll.all().map(toCopy),
    copiesOf: (set) => readOf.all(set).map(toCopy),
    begin: ({ set, host, atMs }) => {
      dropDamage.run({ set, host });
      begin.run({ set, host, atMs });
    },
    beginWriting: ({ set }) => void setWriting.run(1, set),
    isSettled: (set) => readWriting.get(set) === 0n,
    endWriting: ({ set }) => void setWriting.run(0, set),
    advance: ({ set, hosts, above = 0, completeMs = null, snapshots = [] }) => {
      const sequence = raise.get({ set, above });
      // The set was dropped meanwhile; whoever asks goes on to find that out.
      if (sequence === undefined) return 0;
      for (const host of hosts) complete.run({ set, host, sequence, completeMs });
      snapshotBook.keepSnapshots({ set, names: snapshots, sequence: Number(sequence) });
      return Number(sequence);
    },
    caughtUp: ({ completeMs = null, ...call }) => void caughtUp.run({ ...call, completeMs }),
    setApart: ({ set, hosts }) => {
      for (const host of hosts) setApart.run({ set, host });
    },
    notePaper: (call) => void setPaper.run(call),
    noteFault: ({ fault, ...call }) =>
      void setFault.run({ ...call, fault: fault === undefined ? null : JSON.stringify(fault) }),
    noteGone: (call) => void setGone.run(call),
    setPass: ({ set, host, pass }) => void setPass.run({ set, host, ...pass }),
    noteVerified: (call) => void setVerified.run(call),
    retain: ({ set, hosts }) => {
      for (const { host } of readOf.all(set))
        if (!hosts.some((each) => each === host)) forget.run({ set, host });
    },
    ...snapshotBook,
    ...openOpeningBook(sql),
    ...openRemovalBook(sql),
    ...openDamageBook(sql),
  };
}

/** Friends who should keep one and are not among these, but for those who have none any more. */
export function awayFrom(
  rows: readonly KnownCopy[],
  { hosts, here }: { readonly hosts: readonly OwnerId[]; readonly here: readonly OwnerId[] },
): readonly OwnerId[] {
  const isGone = (owner: OwnerId) =>
    rows.some(({ host, goneMs }) => host === owner && goneMs !== undefined);
  return hosts.filter((owner) => !here.includes(owner) && !isGone(owner));
}

function toCopy(record: CopyRecord): KnownCopy {
  const { pass_seed: seed, last_fault: lastFault } = record;
  return {
    set: record.set_name,
    host: record.host as OwnerId,
    sequence: Number(record.sequence),
    completeMs: numberOf(record.complete_ms),
    seenMs: numberOf(record.seen_ms),
    verifiedMs: numberOf(record.verified_ms),
    pass:
      seed === null
        ? undefined
        : { seed, share: record.pass_share, begunMs: Number(record.pass_ms ?? 0) },
    lastFault: lastFault === null ? undefined : sentence.parse(JSON.parse(lastFault)),
    isApart: record.apart === 1n,
    paper: record.paper ?? undefined,
    goneMs: numberOf(record.gone_ms),
    repairedMs: numberOf(record.repaired_ms),
    drive: record.drive ?? undefined,
    damagedObjects: Number(record.damaged),
  };
}
