import { z } from 'zod';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import { plotId } from '../../../shared/model/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { Sql } from '../database/open-database.ts';
import { numberOf } from '../database/number-of.ts';
import { VOUCHER_WITHIN_MS } from './voucher.ts';

/** A voucher of mine: what I gave, to whom, at whose place. */
export type IssuedVoucher = {
  readonly id: string;
  readonly host: OwnerId;
  readonly newcomer: OwnerId;
  readonly bytes: bigint;
  readonly untilMs: number;
  readonly issuedMs: number;
  readonly withdrawnMs: number | undefined;
  readonly told: boolean;
  /** What the host said last of what stands on it. */
  readonly usedBytes: bigint | undefined;
};

/** One that was given to me. */
export type HeldVoucher = {
  readonly hash: string;
  readonly id: string;
  readonly host: OwnerId;
  readonly introducer: OwnerId;
  /** What he called himself when he gave it. */
  readonly introducerName: string;
  readonly bytes: bigint;
  readonly untilMs: number;
  readonly chain: readonly string[];
  readonly plots: readonly PlotId[];
};

/** What a friend vouched for here, as he is told. */
export type VouchedHere = {
  readonly id: string;
  readonly newcomer: OwnerId;
  readonly bytes: bigint;
  readonly untilMs: number;
  readonly usedBytes: bigint;
  readonly withdrawn: boolean;
};

/** Introductions that I gave, that I hold, and that others gave to be used here. */
export type VoucherBook = {
  readonly issued: () => readonly IssuedVoucher[];
  readonly issue: (
    voucher: Pick<IssuedVoucher, 'id' | 'host' | 'newcomer' | 'bytes' | 'untilMs' | 'issuedMs'>,
  ) => void;
  /** Undefined: I gave none of that id. Repeating it changes nothing. */
  readonly withdraw: (call: {
    readonly id: string;
    readonly atMs: number;
  }) => IssuedVoucher | undefined;
  readonly told: (ids: readonly string[]) => void;
  readonly noteUsed: (used: readonly { readonly id: string; readonly usedBytes: bigint }[]) => void;
  readonly held: () => readonly HeldVoucher[];
  /** Writes down one that was given to me; a plot that was granted on it comes to those there are. */
  readonly hold: (
    voucher: Omit<HeldVoucher, 'plots'> & { readonly plot?: PlotId | undefined },
  ) => void;
  /** A friend, or whoever passed one on, takes vouchers back that are to be used here. */
  readonly takeBack: (call: {
    readonly introducer: OwnerId;
    readonly ids: readonly string[];
    readonly atMs: number;
  }) => Result<undefined, 'too-many'>;
  /** What of an introducer's vouchers is used here. */
  readonly vouchedBy: (introducer: OwnerId) => readonly VouchedHere[];
  /** People here who are no friends and for whom nothing is renewed any more. */
  readonly ended: () => readonly OwnerId[];
  /** Whose share each plot on a voucher is charged to. */
  readonly introducers: () => readonly { readonly plot: PlotId; readonly introducer: OwnerId }[];
};

type IssuedRecord = {
  readonly id: string;
  readonly host: OwnerId;
  readonly newcomer: OwnerId;
  readonly bytes: bigint;
  readonly until_ms: bigint;
  readonly issued_ms: bigint;
  readonly withdrawn_ms: bigint | null;
  readonly told: bigint;
  readonly used: bigint | null;
};
type HeldRecord = {
  readonly hash: string;
  readonly id: string;
  readonly host: OwnerId;
  readonly introducer: OwnerId;
  readonly name: string;
  readonly bytes: bigint;
  readonly until_ms: bigint;
  readonly chain: string;
  readonly plots: string;
};
type VouchedRecord = {
  readonly id: string;
  readonly newcomer: OwnerId;
  readonly bytes: bigint;
  readonly until_ms: bigint;
  readonly used: bigint;
  readonly withdrawn: bigint;
};

/** Nobody introduces that many people; each costs a row. */
const TAKEN_BACK_MAX = 1000;
const LISTED_MAX = 1000;

const texts = z.array(z.string());
const plotIds = z.array(plotId);

export function openVoucherBook(sql: Sql): VoucherBook {
  const readIssued = sql.prepare<[], IssuedRecord>(
    `SELECT * FROM vouchers_issued ORDER BY issued_ms DESC, id LIMIT ${LISTED_MAX}`,
  );
  const readOne = sql.prepare<[string], IssuedRecord>('SELECT * FROM vouchers_issued WHERE id = ?');
  const insertIssued = sql.prepare(
    `INSERT INTO vouchers_issued (id, host, newcomer, bytes, until_ms, issued_ms) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const setWithdrawn = sql.prepare(
    'UPDATE vouchers_issued SET withdrawn_ms = ? WHERE id = ? AND withdrawn_ms IS NULL',
  );
  const setTold = sql.prepare('UPDATE vouchers_issued SET told = 1 WHERE id = ?');
  const setUsed = sql.prepare('UPDATE vouchers_issued SET used = ? WHERE id = ?');
  const readHeld = sql.prepare<[], HeldRecord>(
    'SELECT * FROM vouchers_held ORDER BY until_ms, hash',
  );
  const readHeldOne = sql.prepare<[string], HeldRecord>(
    'SELECT * FROM vouchers_held WHERE hash = ?',
  );
  const upsertHeld = sql.prepare(
    `INSERT INTO vouchers_held (hash, id, host, introducer, name, bytes, until_ms, chain, plots)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO UPDATE SET plots = excluded.plots`,
  );
  const countTaken = sql.prepare<[string], { rows: bigint }>(
    'SELECT count(*) AS rows FROM voucher_withdrawals WHERE introducer = ?',
  );
  const readTaken = sql.prepare<[string, string]>(
    'SELECT 1 FROM voucher_withdrawals WHERE introducer = ? AND id = ?',
  );
  const forgetTaken = sql.prepare(
    'DELETE FROM voucher_withdrawals WHERE introducer = ? AND at_ms < ?',
  );
  const insertTaken = sql.prepare(
    'INSERT INTO voucher_withdrawals (introducer, id, at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const readVouched = sql.prepare<[string, number], VouchedRecord>(
    `SELECT id, newcomer, bytes, until_ms,
       (WITH RECURSIVE below (hash) AS (VALUES (links.hash) UNION
          SELECT voucher_links.hash FROM voucher_links JOIN below ON voucher_links.parent = below.hash)
        SELECT coalesce(sum(plots.promised), 0) FROM plots JOIN below ON plots.voucher = below.hash
        WHERE plots.state <> 'gone') AS used,
       EXISTS (SELECT 1 FROM voucher_withdrawals AS taken
         WHERE taken.introducer = links.introducer AND taken.id = links.id) AS withdrawn
     FROM voucher_links AS links WHERE introducer = ? ORDER BY until_ms DESC, hash LIMIT ?`,
  );
  const readIntroducers = sql.prepare<[], { id: PlotId; introducer: OwnerId }>(
    "SELECT id, introducer FROM plots WHERE introducer IS NOT NULL AND state <> 'gone'",
  );
  const readEnded = sql.prepare<[], { owner: OwnerId }>(
    `SELECT owner FROM friends WHERE relation = 'guest' AND departed = 0 AND policy IS NOT NULL
       AND json_extract(policy, '$.guards.stopRenewing') = 1`,
  );

  function one(id: string): IssuedVoucher | undefined {
    const record = readOne.get(id);
    return record === undefined ? undefined : toIssued(record);
  }

  return {
    issued: () => readIssued.all().map(toIssued),
    issue: ({ id, host, newcomer, bytes, untilMs, issuedMs }) =>
      void insertIssued.run(id, host, newcomer, bytes, untilMs, issuedMs),
    withdraw: ({ id, atMs }) => {
      setWithdrawn.run(atMs, id);
      return one(id);
    },
    told: (ids) => {
      for (const id of ids) setTold.run(id);
    },
    noteUsed: (used) => {
      for (const { id, usedBytes } of used) setUsed.run(usedBytes, id);
    },
    held: () => readHeld.all().map(toHeld),
    hold: ({ plot, ...voucher }) => {
      const { hash, id, host, introducer, introducerName, bytes, untilMs, chain } = voucher;
      const before = readHeldOne.get(hash);
      const plots = before === undefined ? [] : toHeld(before).plots;
      const now = plot === undefined || plots.includes(plot) ? plots : [...plots, plot];
      const what = [bytes, untilMs, JSON.stringify(chain), JSON.stringify(now)] as const;
      upsertHeld.run(hash, id, host, introducer, introducerName, ...what);
    },
    takeBack: ({ introducer, ids, atMs }) => {
      const fresh = new Set(ids.filter((id) => readTaken.get(introducer, id) === undefined));
      const taken = () => Number(countTaken.get(introducer)?.rows ?? 0n);
      // By then every voucher that it was about has ended by itself. Only where they have become too many: a clock
      // that once was a year ahead must not bring back what was taken back.
      if (taken() + fresh.size > TAKEN_BACK_MAX)
        forgetTaken.run(introducer, atMs - VOUCHER_WITHIN_MS);
      if (taken() + fresh.size > TAKEN_BACK_MAX) return failed('too-many');
      for (const id of ids) insertTaken.run(introducer, id, atMs);
      return ok(undefined);
    },
    vouchedBy: (introducer) =>
      readVouched.all(introducer, LISTED_MAX).map((record) => ({
        id: record.id,
        newcomer: record.newcomer,
        bytes: record.bytes,
        untilMs: Number(record.until_ms),
        usedBytes: record.used,
        withdrawn: record.withdrawn === 1n,
      })),
    ended: () => readEnded.all().map(({ owner }) => owner),
    introducers: () =>
      readIntroducers.all().map(({ id, introducer }) => ({ plot: id, introducer })),
  };
}

function toIssued(record: IssuedRecord): IssuedVoucher {
  return {
    id: record.id,
    host: record.host,
    newcomer: record.newcomer,
    bytes: record.bytes,
    untilMs: Number(record.until_ms),
    issuedMs: Number(record.issued_ms),
    withdrawnMs: numberOf(record.withdrawn_ms),
    told: record.told === 1n,
    usedBytes: record.used ?? undefined,
  };
}

function toHeld(record: HeldRecord): HeldVoucher {
  return {
    hash: record.hash,
    id: record.id,
    host: record.host,
    introducer: record.introducer,
    introducerName: record.name,
    bytes: record.bytes,
    untilMs: Number(record.until_ms),
    chain: texts.parse(JSON.parse(record.chain)),
    plots: plotIds.parse(JSON.parse(record.plots)),
  };
}
