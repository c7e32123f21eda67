import type { PlotId } from '../../../shared/ids.ts';
import type { PaperName } from '../../../shared/model/plot.ts';
import { failed, ok } from '../../../shared/result.ts';
import type { Sql } from '../database/open-database.ts';
import { numberOf } from '../database/number-of.ts';
import type { PaperBook } from './beside-objects.ts';
import { openPaperVersions } from './paper-versions.ts';
import type { Standing } from './policy-book.ts';
import type { RaisePromise } from './raise-promise.ts';
import { ownPlot, type PlotRecord } from './rows.ts';
import { comesFree, freeFor } from './upload-book.ts';

type PaperRecord = {
  readonly size: bigint | null;
  readonly reserved: bigint | null;
  readonly from_ms: bigint | null;
  readonly keeps: bigint | null;
};

/**
 * What the small sealed things beside a repository take (design §5, §6). One that is replaced needs room for both, as long as
 * both are on the disk; afterwards the file itself says which of them is there. In a protected plot the one that was replaced
 * may stay for as long as what is deleted there (`paper-versions.ts`).
 */
export function openPaperBook(
  sql: Sql,
  { standing, raise }: { readonly standing: Pick<Standing, 'pause'>; readonly raise: RaisePromise },
): PaperBook & { readonly forget: (plot: bigint) => void } {
  const versions = openPaperVersions(sql);
  const readPlot = sql.prepare<[string], PlotRecord>('SELECT * FROM plots WHERE id = ?');
  const read = sql.prepare<[bigint, string], PaperRecord>(
    'SELECT size, reserved, from_ms, keeps FROM papers WHERE plot = ? AND name = ?',
  );
  const setAside = sql.prepare(
    `INSERT INTO papers (plot, name, reserved) VALUES (?, ?, ?)
     ON CONFLICT (plot, name) DO UPDATE SET reserved = excluded.reserved`,
  );
  const number = sql
    .prepare<[bigint, string], bigint>(
      'UPDATE papers SET last = last + 1, keeps = last + 1 WHERE plot = ? AND name = ? RETURNING keeps',
    )
    .pluck();
  const setSize = sql.prepare(
    `INSERT INTO papers (plot, name, size, from_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (plot, name) DO UPDATE SET size = excluded.size, from_ms = excluded.from_ms, reserved = NULL, keeps = NULL`,
  );
  const changeReserved = sql.prepare('UPDATE plots SET reserved = reserved + ? WHERE number = ?');
  const changeWritten = sql.prepare('UPDATE plots SET written = written + ? WHERE number = ?');
  const readUnsettled = sql.prepare<[], { id: PlotId; name: PaperName; keeps: bigint | null }>(
    `SELECT plots.id, papers.name, papers.keeps FROM papers CROSS JOIN plots ON plots.number = papers.plot
     WHERE papers.reserved IS NOT NULL`,
  );
  const drop = sql.prepare('DELETE FROM papers WHERE plot = ?');

  return {
    reservePaper: ({ plot, owner, name, sizeBytes, moment }) => {
      const own = ownPlot(readPlot.get(plot), owner);
      if (!own.ok) return failed({ code: own.fault });
      const record = own.value;
      if (record.state !== 'active') return failed({ code: 'in-grace' });
      if (standing.pause() !== undefined) return failed({ code: 'paused' });
      const known = read.get(record.number, name);
      const before = known?.reserved ?? 0n;
      const freeBytes = freeFor(record, false) + before;
      if (sizeBytes > freeBytes)
        return failed({ code: 'plot-full', freeBytes, trashBytes: comesFree(record) });
      changeReserved.run(sizeBytes - before, record.number);
      setAside.run(record.number, name, sizeBytes);
      const there = known?.size ?? undefined;
      const isKept = there !== undefined && versions.isWorthKeeping(record, name, there, moment);
      return ok({ keeps: isKept ? Number(number.get(record.number, name)) : undefined });
    },

    paperIs: ({ plot, name, sizeBytes, keptBytes, isOld = false, moment }) => {
      const found = readPlot.get(plot);
      if (found === undefined || found.state === 'gone') return;
      const known = read.get(found.number, name);
      const isSettled = (known?.reserved ?? null) === null;
      if (isSettled && (known?.size ?? undefined) === sizeBytes) return;
      changeReserved.run(-(known?.reserved ?? 0n), found.number);
      changeWritten.run(-(known?.size ?? 0n), found.number);
      const take = (bytes: bigint) => {
        raise(readPlot.get(plot) ?? found, bytes, moment);
        changeWritten.run(bytes, found.number);
      };
      const version = known?.keeps ?? null;
      if (version !== null && keptBytes !== undefined) {
        take(keptBytes);
        const fromMs = known?.from_ms ?? null;
        versions.keep(found, { name, version, size: keptBytes, fromMs }, moment);
      }
      take(sizeBytes ?? 0n);
      const fromMs = isOld ? (known?.from_ms ?? null) : BigInt(moment.nowMs);
      setSize.run(found.number, name, sizeBytes ?? null, fromMs);
    },

    paper: ({ plot, name }) => {
      const record = readPlot.get(plot);
      const known = record && read.get(record.number, name);
      if (known === undefined || known.size === null) return undefined;
      const fromMs = numberOf(known.from_ms);
      return { sizeBytes: known.size, fromMs };
    },

    unsettledPapers: () =>
      readUnsettled.all().map(({ id, name, keeps }) => ({
        plot: id,
        name,
        keeps: numberOf(keeps),
      })),

    paperVersions: ({ plot, name, moment }) => {
      const record = readPlot.get(plot);
      return record === undefined ? [] : versions.of(record.number, name, moment);
    },

    paperVersionIs: ({ plot, name, version, sizeBytes, moment }) => {
      const found = readPlot.get(plot);
      if (found === undefined || found.state === 'gone') return;
      const known = versions.size(found.number, name, version);
      if (known === sizeBytes) return;
      if (known !== undefined) {
        versions.lose(found.number, name, version);
        changeWritten.run(-known, found.number);
      }
      if (sizeBytes === undefined) return;
      raise(readPlot.get(plot) ?? found, sizeBytes, moment);
      changeWritten.run(sizeBytes, found.number);
      versions.find(found, { name, version: BigInt(version), size: sizeBytes }, moment);
    },

    duePaperVersions: versions.due,

    forget: (plot) => {
      versions.clear(plot);
      drop.run(plot);
    },
  };
}
