import type { Sql } from '../database/open-database.ts';

export type KnownNetwork = {
  readonly id: string;
  readonly label: string;
  /** Undefined: seen, and nobody has said. */
  readonly home: boolean | undefined;
};

/** Networks this device has been on, and which of them its owner called home. */
export type NetworkBook = {
  readonly networks: () => readonly KnownNetwork[];
  /** Writes down that it was seen; at most `NETWORKS_MAX` are kept, those at home last to go. */
  readonly seen: (call: {
    readonly id: string;
    readonly label: string;
    readonly atMs: number;
  }) => void;
  readonly setHome: (call: { readonly id: string; readonly home: boolean }) => void;
};

/** A traveller's year; each is a row of a hundred bytes. */
const NETWORKS_MAX = 200;

type Row = { readonly id: string; readonly label: string; readonly home: bigint | null };

export function openNetworkBook(sql: Sql): NetworkBook {
  const read = sql.prepare<[], Row>('SELECT id, label, home FROM networks');
  const write = sql.prepare(
    `INSERT INTO networks (id, label, seen_ms) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET label = excluded.label, seen_ms = excluded.seen_ms`,
  );
  const forget = sql.prepare(
    `DELETE FROM networks WHERE id IN (
       SELECT id FROM networks ORDER BY coalesce(home, 0) DESC, seen_ms DESC LIMIT -1 OFFSET ?)`,
  );
  const call = sql.prepare('UPDATE networks SET home = ? WHERE id = ?');
  return {
    networks: () =>
      read.all().map(({ id, label, home }) => ({
        id,
        label,
        home: home === null ? undefined : home === 1n,
      })),
    seen: ({ id, label, atMs }) => {
      write.run(id, label, atMs);
      forget.run(NETWORKS_MAX);
    },
    setHome: ({ id, home }) => void call.run(home ? 1 : 0, id),
  };
}
