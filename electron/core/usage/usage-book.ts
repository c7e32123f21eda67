import type { OwnerId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { DAY_MS } from '../../../shared/units.ts';
import type { Sql } from '../database/open-database.ts';
import type { DiskFacts, Ledger } from '../ledger/ledger.ts';
import { type Figures, isDue, mayLook, type Sample, type Taken } from './due.ts';
import { spread, thinned } from './thin.ts';

/** The history of use: of each friend and of everybody together, finer the younger it is. */
export type UsageBook = {
  /** Once a minute: takes the samples that are due, and thins those of one owner in turn. */
  readonly sample: (call: { readonly moment: Moment; readonly disk: DiskFacts }) => void;
  /** Oldest first, at most 500, the last one the present state. `undefined` owner: everybody together. */
  readonly history: (query: {
    readonly owner: OwnerId | undefined;
    readonly sinceMs: number | undefined;
    readonly moment: Moment;
    readonly disk: DiskFacts;
  }) => readonly Sample[];
};

const POINTS_MAX = 500;
/** What somebody used who is no friend any more is of interest for about a year. */
const DEPARTED_KEPT_MS = 400 * DAY_MS;
/** In the tables: everybody together. */
const ALL = '';

type SampleRecord = {
  readonly at_ms: bigint;
  readonly service_s: bigint;
  readonly written: bigint;
  readonly promised: bigint;
  readonly ceiling: bigint | null;
};
type Use = { readonly owner: string; readonly written: bigint; readonly promised: bigint };

export function openUsageBook(
  sql: Sql,
  ledger: Pick<Ledger, 'offer' | 'share' | 'totals'>,
): UsageBook {
  const readUse = sql.prepare<[], Use>(
    'SELECT owner, sum(written) AS written, sum(promised) AS promised FROM usage GROUP BY owner',
  );
  const readUseOf = sql.prepare<[string], Omit<Use, 'owner'>>(
    `SELECT coalesce(sum(written), 0) AS written, coalesce(sum(promised), 0) AS promised FROM usage
     WHERE owner = ?`,
  );
  const readPresent = sql.prepare<[], { owner: string }>(
    `SELECT owner FROM friends WHERE departed = 0
     UNION SELECT owner FROM usage WHERE plots > 0`,
  );
  const isPresent = sql.prepare<[string, string], { present: bigint }>(
    `SELECT EXISTS (SELECT 1 FROM friends WHERE owner = ? AND departed = 0)
       OR EXISTS (SELECT 1 FROM usage WHERE owner = ? AND plots > 0) AS present`,
  );
  const isFriend = sql.prepare<[string], { friend: bigint }>(
    'SELECT 1 AS friend FROM friends WHERE owner = ? AND departed = 0',
  );
  const readLast = sql.prepare<[string], SampleRecord>(
    'SELECT * FROM samples WHERE owner = ? ORDER BY at_ms DESC LIMIT 1',
  );
  const readSpan = sql.prepare<[string, number, number], SampleRecord>(
    'SELECT * FROM samples WHERE owner = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms',
  );
  const readTimes = sql.prepare<[string, number], { at_ms: bigint }>(
    'SELECT at_ms FROM samples WHERE owner = ? AND at_ms <= ? ORDER BY at_ms',
  );
  const insert = sql.prepare(
    `INSERT OR REPLACE INTO samples (owner, at_ms, service_s, written, promised, ceiling)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const dropOne = sql.prepare('DELETE FROM samples WHERE owner = ? AND at_ms = ?');
  const dropAfter = sql.prepare('DELETE FROM samples WHERE owner = ? AND at_ms > ?');
  const dropBefore = sql.prepare('DELETE FROM samples WHERE owner = ? AND at_ms < ?');
  const ownerAfter = sql.prepare<[string], { owner: string }>(
    'SELECT owner FROM samples WHERE owner > ? ORDER BY owner LIMIT 1',
  );
  /** Whose samples were thinned last. */
  let turn = ALL;

  function last(owner: string): Taken | undefined {
    const record = readLast.get(owner);
    return record && { ...toSample(record), serviceS: Number(record.service_s) };
  }

  function limitOf(owner: string, disk: DiskFacts): bigint | undefined {
    if (owner === ALL) return ledger.offer()?.offerBytes;
    // Whoever is no friend, or is one no more, has plots here but no share.
    if (isFriend.get(owner) === undefined) return undefined;
    return ledger.share({ owner: owner as OwnerId, disk }).shareBytes;
  }

  function figuresOf(owner: string, use: Omit<Use, 'owner'>, disk: DiskFacts): Figures {
    return {
      writtenBytes: use.written,
      promisedBytes: use.promised,
      limitBytes: limitOf(owner, disk),
    };
  }

  function everybody(disk: DiskFacts): Omit<Use, 'owner'> {
    const { writtenBytes, promisedBytes } = ledger.totals({ disk });
    return { written: writtenBytes, promised: promisedBytes };
  }

  function keep(owner: string, figures: Figures, { nowMs, serviceS }: Moment): void {
    const { writtenBytes, promisedBytes, limitBytes } = figures;
    insert.run(owner, nowMs, serviceS, writtenBytes, promisedBytes, limitBytes ?? null);
  }

  function thin(owner: string, nowMs: number): void {
    if (owner !== ALL && isPresent.get(owner, owner)?.present === 0n)
      dropBefore.run(owner, nowMs - DEPARTED_KEPT_MS);
    const times = readTimes.all(owner, nowMs).map(({ at_ms }) => Number(at_ms));
    const kept = new Set(thinned(times, nowMs));
    for (const atMs of times) if (!kept.has(atMs)) dropOne.run(owner, atMs);
  }

  return {
    sample: ({ moment, disk }) => {
      // Without the drive nothing changes, and shares that nobody can use now are no history.
      if (!disk.volumePresent) return;
      const due = [ALL, ...readPresent.all().map(({ owner }) => owner)]
        .map((owner) => ({ owner, before: last(owner) }))
        .filter(({ before }) => mayLook(before, moment));
      const uses = due.length === 0 ? [] : readUse.all();
      const useOf = new Map<string, Omit<Use, 'owner'>>(uses.map((use) => [use.owner, use]));
      useOf.set(ALL, everybody(disk));
      for (const { owner, before } of due) {
        const figures = figuresOf(owner, useOf.get(owner) ?? NOTHING, disk);
        const verdict = isDue(before, figures, moment);
        if (verdict === 'no') continue;
        if (verdict === 'ahead') dropAfter.run(owner, moment.nowMs);
        keep(owner, figures, moment);
      }
      thin(turn, moment.nowMs);
      turn = ownerAfter.get(turn)?.owner ?? ALL;
    },
    history: ({ owner = ALL, sinceMs = 0, moment, disk }) => {
      const past = readSpan.all(owner, sinceMs, moment.nowMs).map(toSample);
      const use = owner === ALL ? everybody(disk) : (readUseOf.get(owner) ?? NOTHING);
      const now = figuresOf(owner, use, disk);
      // Without the drive, no share can be worked out; the one there was is still meant.
      const limitBytes = disk.volumePresent ? now.limitBytes : past.at(-1)?.limitBytes;
      const present = { ...now, limitBytes: owner === ALL ? now.limitBytes : limitBytes };
      return spread([...past, { atMs: moment.nowMs, ...present }], POINTS_MAX);
    },
  };
}

const NOTHING = { written: 0n, promised: 0n };

function toSample(record: SampleRecord): Sample {
  return {
    atMs: Number(record.at_ms),
    writtenBytes: record.written,
    promisedBytes: record.promised,
    limitBytes: record.ceiling ?? undefined,
  };
}
