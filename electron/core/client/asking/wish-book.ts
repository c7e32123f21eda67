import { z } from 'zod';
import type { OwnerId, PlotId, TicketId } from '../../../../shared/ids.ts';
import { plotId } from '../../../../shared/model/ids.ts';
import type { Sql } from '../../database/open-database.ts';

/** What I asked a friend for and what pends there: room that is lent has to come back, or its owner to answer. */
export type Wish = {
  readonly ticket: TicketId;
  readonly host: OwnerId;
  readonly why: 'queue' | 'owner-approval' | 'account-server';
  readonly sizeBytes: bigint;
  readonly durationS: number;
  readonly sinceMs: number;
  /** The set whose copy it would be, and the plot that would grow. */
  readonly set: string | undefined;
  readonly plot: PlotId | undefined;
};

export type WishBook = {
  readonly wishes: () => readonly Wish[];
  /** Written down, or what it waits for has changed. */
  readonly keep: (wish: Wish) => void;
  readonly drop: (ticket: TicketId) => void;
};

type Row = {
  readonly ticket: TicketId;
  readonly host: OwnerId;
  readonly why: string;
  readonly size: bigint;
  readonly duration_s: bigint;
  readonly since_ms: bigint;
  readonly set_name: string | null;
  readonly plot: string | null;
};

const why = z.enum(['queue', 'owner-approval', 'account-server']);

export function openWishBook(sql: Sql): WishBook {
  const read = sql.prepare<[], Row>('SELECT * FROM wishes ORDER BY since_ms, ticket');
  const write = sql.prepare(
    `INSERT INTO wishes (ticket, host, why, size, duration_s, since_ms, set_name, plot) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (ticket) DO UPDATE SET why = excluded.why`,
  );
  const remove = sql.prepare('DELETE FROM wishes WHERE ticket = ?');
  return {
    wishes: () =>
      read.all().map((row) => ({
        ticket: row.ticket,
        host: row.host,
        why: why.parse(row.why),
        sizeBytes: row.size,
        durationS: Number(row.duration_s),
        sinceMs: Number(row.since_ms),
        set: row.set_name ?? undefined,
        plot: row.plot === null ? undefined : plotId.parse(row.plot),
      })),
    keep: ({ ticket, host, why: reason, sizeBytes, durationS, sinceMs, set, plot }) =>
      void write.run(
        ticket,
        host,
        reason,
        sizeBytes,
        durationS,
        sinceMs,
        set ?? null,
        plot ?? null,
      ),
    drop: (ticket) => void remove.run(ticket),
  };
}
