import type { PlotId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { PAPER_BYTES_MAX, type PaperName } from '../../../shared/model/plot.ts';
import { DAY_S } from '../../../shared/units.ts';
import type { Sql } from '../database/open-database.ts';
import { numberOf } from '../database/number-of.ts';
import type { PaperVersion, PaperVersionKey } from './beside-objects.ts';
import type { PlotRecord } from './rows.ts';

type VersionRecord = {
  readonly version: bigint;
  readonly size: bigint;
  readonly from_ms: bigint | null;
  readonly until_ms: bigint;
  readonly goes_service: bigint;
};
type Kept = { readonly name: PaperName; readonly version: bigint; readonly size: bigint };

/** What the papers of protected plots were before. Whoever has the guest's key can replace a paper; what it was goes by time alone. */
export type PaperVersions = {
  /** Whether the one that is there now is kept when another takes its place. */
  readonly isWorthKeeping: (
    record: PlotRecord,
    name: PaperName,
    size: bigint,
    moment: Moment,
  ) => boolean;
  readonly keep: (
    record: PlotRecord,
    kept: Kept & { readonly fromMs: bigint | null },
    moment: Moment,
  ) => void;
  /** A file that these books had lost: when it was left there nobody knows. */
  readonly find: (record: PlotRecord, kept: Kept, moment: Moment) => void;
  readonly lose: (plot: bigint, name: PaperName, version: number) => void;
  readonly size: (plot: bigint, name: PaperName, version: number) => bigint | undefined;
  readonly of: (plot: bigint, name: PaperName, moment: Moment) => readonly PaperVersion[];
  readonly due: (call: {
    readonly limit: number;
    readonly moment: Moment;
  }) => readonly PaperVersionKey[];
  readonly clear: (plot: bigint) => void;
};

/** So many steps make up the time that a plot is protected for, at a day each at least; one version is kept in each. */
const STEPS = 30;
/** Beside it the first few of a step are kept, as long as there are not more of these. */
const IN_A_STEP_MAX = 4;
const EXTRAS_MAX = 12;
/** A quarter of the smallest working room; that of those beside the one in each step. */
const BYTES_MAX = 4n * BigInt(PAPER_BYTES_MAX);
const EXTRA_BYTES_MAX = BigInt(PAPER_BYTES_MAX);
/** Books that were lost don't know how long it was to be. */
const FOUND_DAYS = 30;

export function openPaperVersions(sql: Sql): PaperVersions {
  const insert = sql.prepare(
    `INSERT INTO paper_versions (plot, name, version, size, from_ms, until_ms, until_service, goes_service, extra)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const count = sql.prepare<
    [number, bigint, string],
    { lately: bigint; extras: bigint; bytes: bigint; extraBytes: bigint }
  >(
    `SELECT coalesce(sum(until_service > ?), 0) AS lately, coalesce(sum(extra), 0) AS extras,
       coalesce(sum(size), 0) AS bytes, coalesce(sum(extra * size), 0) AS extraBytes
     FROM paper_versions WHERE plot = ? AND name = ?`,
  );
  const read = sql.prepare<[bigint, string], VersionRecord>(
    'SELECT * FROM paper_versions WHERE plot = ? AND name = ? ORDER BY version',
  );
  const readSize = sql
    .prepare<[bigint, string, number], bigint>(
      'SELECT size FROM paper_versions WHERE plot = ? AND name = ? AND version = ?',
    )
    .pluck();
  const drop = sql.prepare(
    'DELETE FROM paper_versions WHERE plot = ? AND name = ? AND version = ?',
  );
  const clear = sql.prepare('DELETE FROM paper_versions WHERE plot = ?');
  const numberAbove = sql.prepare(
    `INSERT INTO papers (plot, name, last) VALUES (?, ?, ?)
     ON CONFLICT (plot, name) DO UPDATE SET last = max(last, excluded.last)`,
  );
  const readDue = sql.prepare<[number, number], VersionRecord & { id: PlotId; name: PaperName }>(
    `SELECT plots.id, kept.name, kept.version
     FROM paper_versions AS kept CROSS JOIN plots ON plots.number = kept.plot
     WHERE kept.goes_service <= ? AND plots.state IN ('active', 'grace', 'reclaimable')
     ORDER BY kept.goes_service LIMIT ?`,
  );

  /** `first`: nothing was kept in this step yet. */
  function judge(
    { number, protect_days: days }: PlotRecord,
    name: PaperName,
    size: bigint,
    { serviceS }: Moment,
  ): 'first' | 'extra' | 'not' {
    if (days === 0n) return 'not';
    const stepS = Math.max(DAY_S, Math.ceil((Number(days) * DAY_S) / STEPS));
    const kept = count.get(serviceS - stepS, number, name);
    if (kept === undefined || kept.bytes + size > BYTES_MAX) return 'not';
    if (kept.lately === 0n) return 'first';
    const isRoom = kept.extras < EXTRAS_MAX && kept.extraBytes + size <= EXTRA_BYTES_MAX;
    return isRoom && kept.lately < IN_A_STEP_MAX ? 'extra' : 'not';
  }

  return {
    isWorthKeeping: (...call) => judge(...call) !== 'not',
    keep: (record, { name, version, size, fromMs }, moment) => {
      const goes = moment.serviceS + Math.max(1, Number(record.protect_days)) * DAY_S;
      const isExtra = judge(record, name, size, moment) === 'extra';
      const { number } = record;
      const { nowMs, serviceS } = moment;
      insert.run(number, name, version, size, fromMs, nowMs, serviceS, goes, isExtra ? 1 : 0);
    },
    find: (record, { name, version, size }, { nowMs, serviceS }) => {
      const days = Math.max(FOUND_DAYS, Number(record.protect_days));
      const goes = serviceS + days * DAY_S;
      insert.run(record.number, name, version, size, null, nowMs, serviceS, goes, 0);
      numberAbove.run(record.number, name, version);
    },
    lose: (plot, name, version) => void drop.run(plot, name, version),
    size: (plot, name, version) => readSize.get(plot, name, version),
    of: (plot, name, { serviceS }) =>
      read.all(plot, name).map((row) => ({
        version: Number(row.version),
        sizeBytes: row.size,
        fromMs: numberOf(row.from_ms),
        untilMs: Number(row.until_ms),
        goesInS: Number(row.goes_service) - serviceS,
      })),
    due: ({ limit, moment }) =>
      readDue.all(moment.serviceS, limit).map(({ id, name, version }) => ({
        plot: id,
        name,
        version: Number(version),
      })),
    clear: (plot) => void clear.run(plot),
  };
}
