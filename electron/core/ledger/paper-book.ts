import type { PlotId } from '../../../shared/ids.ts';
import type { PaperName } from '../../../shared/model/plot.ts';
import { failed, ok } from '../../../shared/result.ts';
import type { Sql } from '../database/open-database.ts';
import type { PaperBook } from './beside-objects.ts';
import type { Standing } from './policy-book.ts';
import type { RaisePromise } from './raise-promise.ts';
import type { PlotRecord } from './rows.ts';
import { freeFor } from './upload-book.ts';

type PaperRecord = { readonly size: bigint | null; readonly reserved: bigint | null };

/**
 * What the small sealed things beside a repository take (design §5, §6). One that is replaced needs room for both, as long as
 * both are on the disk; afterwards the file itself says which of them is there.
 */
export function openPaperBook(
  sql: Sql,
  { standing, raise }: { readonly standing: Pick<Standing, 'pause'>; readonly raise: RaisePromise },
): PaperBook & { readonly forget: (plot: bigint) => void } {
  const readPlot = sql.prepare<[string], PlotRecord>('SELECT * FROM plots WHERE id = ?');
  const read = sql.prepare<[bigint, string], PaperRecord>(
    'SELECT size, reserved FROM papers WHERE plot = ? AND name = ?',
  );
  const setAside = sql.prepare(
    `INSERT INTO papers (plot, name, reserved) VALUES (?, ?, ?)
     ON CONFLICT (plot, name) DO UPDATE SET reserved = excluded.reserved`,
  );
  const setSize = sql.prepare(
    `INSERT INTO papers (plot, name, size) VALUES (?, ?, ?)
     ON CONFLICT (plot, name) DO UPDATE SET size = excluded.size, reserved = NULL`,
  );
  const changeReserved = sql.prepare('UPDATE plots SET reserved = reserved + ? WHERE number = ?');
  const changeWritten = sql.prepare('UPDATE plots SET written = written + ? WHERE number = ?');
  const readUnsettled = sql.prepare<[], { id: PlotId; name: PaperName }>(
    `SELECT plots.id, papers.name FROM papers CROSS JOIN plots ON plots.number = papers.plot
     WHERE papers.reserved IS NOT NULL`,
  );
  const drop = sql.prepare('DELETE FROM papers WHERE plot = ?');

  return {
    reservePaper: ({ plot, owner, name, sizeBytes }) => {
      const record = readPlot.get(plot);
      if (record === undefined || record.owner !== owner) return failed({ code: 'plot-unknown' });
      if (record.state === 'released' || record.state === 'gone')
        return failed({ code: 'plot-ended' });
      if (record.state !== 'active') return failed({ code: 'in-grace' });
      if (standing.pause() !== undefined) return failed({ code: 'paused' });
      const before = read.get(record.number, name)?.reserved ?? 0n;
      const freeBytes = freeFor(record, false) + before;
      if (sizeBytes > freeBytes)
        return failed({ code: 'plot-full', freeBytes, trashBytes: record.trashed });
      changeReserved.run(sizeBytes - before, record.number);
      setAside.run(record.number, name, sizeBytes);
      return ok(undefined);
    },

    paperIs: ({ plot, name, sizeBytes, moment }) => {
      const found = readPlot.get(plot);
      if (found === undefined || found.state === 'gone') return;
      const known = read.get(found.number, name);
      const isSettled = (known?.reserved ?? null) === null;
      if (isSettled && (known?.size ?? undefined) === sizeBytes) return;
      changeReserved.run(-(known?.reserved ?? 0n), found.number);
      changeWritten.run(-(known?.size ?? 0n), found.number);
      const record = readPlot.get(plot) ?? found;
      raise(record, sizeBytes ?? 0n, moment);
      changeWritten.run(sizeBytes ?? 0n, record.number);
      setSize.run(record.number, name, sizeBytes ?? null);
    },

    paper: ({ plot, name }) => {
      const record = readPlot.get(plot);
      const size = record && read.get(record.number, name)?.size;
      return size === undefined || size === null ? undefined : { sizeBytes: size };
    },

    unsettledPapers: () => readUnsettled.all().map(({ id, name }) => ({ plot: id, name })),

    forget: (plot) => void drop.run(plot),
  };
}
