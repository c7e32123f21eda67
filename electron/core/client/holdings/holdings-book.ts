import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import type { Granted, PlotClass } from '../../../../shared/model/allocate.ts';
import type { Sql } from '../../database/open-database.ts';
import { numberOf } from '../../database/number-of.ts';

/** A plot of mine at a friend's, as this device remembers it. */
export type Holding = {
  readonly plot: PlotId;
  readonly host: OwnerId;
  readonly class: PlotClass;
  readonly sizeBytes: bigint;
  readonly writtenBytes: bigint;
  /** By my own clock: the answer's relative `ttl`, counted from when I asked (design §3.1). */
  readonly untilMs: number;
  readonly graceS: number;
  /** It goes then: my own list of what to keep does not name it, or I let go of it while it was protected. */
  readonly leavesMs: number | undefined;
  readonly set: string | undefined;
  /** What is deleted there stays for a while; absent: it does not. */
  readonly protection?: HoldingProtection | undefined;
};

export type HoldingProtection = {
  readonly days: number;
  /** Of what is written, what was deleted and is kept. */
  readonly trashBytes: bigint;
  /** A lower protection that was asked for, by whichever device of mine. */
  readonly falls: { readonly toDays: number; readonly atMs: number } | undefined;
};

/** What I was promised, by whom, with the receipts. */
export type HoldingsBook = {
  readonly holdings: () => readonly Holding[];
  readonly holding: (plot: PlotId) => Holding | undefined;
  /** Writes down a grant, a growth or a renewal. Of a plot that lies at another's nobody grants anything. */
  readonly keep: (call: {
    readonly host: OwnerId;
    readonly granted: Granted;
    readonly askedAtMs: number;
    readonly set?: string | undefined;
  }) => void;
  /** What another installation of mine knew of a plot; what is known here already stands. */
  readonly remember: (call: Omit<Holding, 'writtenBytes' | 'leavesMs'>) => void;
  /** A plot that was asked for by hand is where a set lives from now on. */
  readonly assign: (call: { readonly plot: PlotId; readonly set: string }) => void;
  readonly noteWritten: (call: { readonly plot: PlotId; readonly writtenBytes: bigint }) => void;
  /**
   * How a plot stands as its host says: his lease is the one that counts, also where my clock was wrong when I
   * was told of it.
   */
  readonly noteSeen: (
    call: Pick<Holding, 'plot' | 'writtenBytes' | 'untilMs' | 'leavesMs' | 'protection'>,
  ) => void;
  readonly drop: (plot: PlotId) => void;
};

type HoldingRecord = {
  readonly plot: PlotId;
  readonly host: OwnerId;
  readonly class: PlotClass;
  readonly size: bigint;
  readonly written: bigint;
  readonly until_ms: bigint;
  readonly grace_s: bigint;
  readonly leaves_ms: bigint | null;
  readonly set_name: string | null;
  readonly trash: bigint;
  readonly protect_days: bigint;
  readonly falls_to: bigint | null;
  readonly falls_ms: bigint | null;
};

export function openHoldingsBook(sql: Sql): HoldingsBook {
  const readAll = sql.prepare<[], HoldingRecord>('SELECT * FROM holdings ORDER BY set_name, plot');
  const read = sql.prepare<[string], HoldingRecord>('SELECT * FROM holdings WHERE plot = ?');
  const upsert = sql.prepare(
    `INSERT INTO holdings (plot, host, class, size, until_ms, grace_s, receipt, set_name) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (plot) DO UPDATE SET size = excluded.size, until_ms = max(until_ms, excluded.until_ms),
       grace_s = excluded.grace_s, receipt = excluded.receipt, set_name = coalesce(excluded.set_name, set_name)
       WHERE host = excluded.host`,
  );
  // Its receipt is with whoever asked for it.
  const insertKnown = sql.prepare(
    `INSERT INTO holdings (plot, host, class, size, until_ms, grace_s, receipt, set_name) VALUES (?, ?, ?, ?, ?, ?, 'null', ?)
     ON CONFLICT (plot) DO UPDATE SET set_name = coalesce(set_name, excluded.set_name)`,
  );
  const setWritten = sql.prepare('UPDATE holdings SET written = ? WHERE plot = ?');
  const setSeen = sql.prepare(
    `UPDATE holdings SET written = ?, until_ms = ?, leaves_ms = ?, trash = ?, protect_days = ?, falls_to = ?, falls_ms = ?
     WHERE plot = ?`,
  );
  const setSet = sql.prepare('UPDATE holdings SET set_name = ? WHERE plot = ?');
  const remove = sql.prepare('DELETE FROM holdings WHERE plot = ?');
  return {
    holdings: () => readAll.all().map(toHolding),
    holding: (plot) => {
      const record = read.get(plot);
      return record === undefined ? undefined : toHolding(record);
    },
    keep: ({ host, granted, askedAtMs, set }) => {
      const untilMs = askedAtMs + granted.ttl * 1000;
      const receipt = JSON.stringify(granted.receipt);
      upsert.run(
        granted.plot,
        host,
        granted.class,
        granted.size,
        untilMs,
        granted.grace,
        receipt,
        set ?? null,
      );
    },
    remember: ({ plot, host, class: plotClass, sizeBytes, untilMs, graceS, set }) =>
      void insertKnown.run(plot, host, plotClass, sizeBytes, untilMs, graceS, set ?? null),
    assign: ({ plot, set }) => void setSet.run(set, plot),
    noteWritten: ({ plot, writtenBytes }) => void setWritten.run(writtenBytes, plot),
    noteSeen: ({ plot, writtenBytes, untilMs, leavesMs, protection }) => {
      const { days = 0, trashBytes = 0n, falls } = protection ?? {};
      const [toDays, atMs] = [falls?.toDays ?? null, falls?.atMs ?? null];
      setSeen.run(writtenBytes, untilMs, leavesMs ?? null, trashBytes, days, toDays, atMs, plot);
    },
    drop: (plot) => void remove.run(plot),
  };
}

function toHolding(record: HoldingRecord): Holding {
  return {
    plot: record.plot,
    host: record.host,
    class: record.class,
    sizeBytes: record.size,
    writtenBytes: record.written,
    untilMs: Number(record.until_ms),
    graceS: Number(record.grace_s),
    leavesMs: numberOf(record.leaves_ms),
    set: record.set_name ?? undefined,
    protection: protectionOf(record),
  };
}

function protectionOf({
  protect_days: days,
  trash,
  falls_to: toDays,
  falls_ms: atMs,
}: HoldingRecord): Holding['protection'] {
  // After it has ended there may be something of it left.
  if (days === 0n && trash === 0n) return undefined;
  return {
    days: Number(days),
    trashBytes: trash,
    falls:
      toDays === null || atMs === null ? undefined : { toDays: Number(toDays), atMs: Number(atMs) },
  };
}
