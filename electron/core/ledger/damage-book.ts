import type { OwnerId } from '../../../shared/ids.ts';
import type { Sql } from '../database/open-database.ts';
import type { DamageBook } from './beside-objects.ts';
import { INSERT_REMOVAL, nameBytes, type PlotRecord, typeNumber } from './rows.ts';

type DamageRecord = {
  readonly owner: OwnerId;
  readonly objects: bigint;
  readonly drive: string | null;
  readonly last_ms: bigint;
};

/** Objects that the disk gave back wrong, as their guests noticed and this host has seen for itself. */
export function openDamageBook(sql: Sql): DamageBook {
  const readPlot = sql.prepare<[string], PlotRecord>('SELECT * FROM plots WHERE id = ?');
  const readObject = sql.prepare<[bigint, number, Buffer], { size: bigint }>(
    'SELECT size FROM objects WHERE plot = ? AND type = ? AND name = ?',
  );
  const dropObject = sql.prepare('DELETE FROM objects WHERE plot = ? AND type = ? AND name = ?');
  const insertRemoval = sql.prepare(INSERT_REMOVAL);
  const count = sql.prepare(
    `INSERT INTO damages (plot, objects, drive, last_ms) VALUES (?, 1, ?, ?) ON CONFLICT (plot) DO UPDATE
       SET objects = objects + 1, drive = coalesce(excluded.drive, drive), last_ms = excluded.last_ms`,
  );
  const readDamages = sql.prepare<[number], DamageRecord>(
    `SELECT owner, sum(objects) AS objects, max(drive) AS drive, max(last_ms) AS last_ms
     FROM damages CROSS JOIN plots ON plots.number = damages.plot WHERE last_ms >= ? GROUP BY owner`,
  );
  return {
    dropDamaged: ({ plot, type, name, drive, moment }) => {
      const record = readPlot.get(plot);
      if (record === undefined) return false;
      const key = [record.number, typeNumber(type), nameBytes(name)] as const;
      const present = readObject.get(...key);
      if (present === undefined) return false;
      dropObject.run(...key);
      insertRemoval.run(...key, present.size);
      count.run(record.number, drive ?? null, moment.nowMs);
      return true;
    },
    damages: ({ sinceMs }) =>
      readDamages.all(sinceMs).map((row) => ({
        owner: row.owner,
        objects: Number(row.objects),
        drive: row.drive ?? undefined,
        lastMs: Number(row.last_ms),
      })),
  };
}
