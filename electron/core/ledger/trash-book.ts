import type { PlotId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { hasEnded, promisedBytes } from '../../../shared/model/plot.ts';
import { ok } from '../../../shared/result.ts';
import { DAY_S } from '../../../shared/units.ts';
import type { ProtectionState } from '../../../shared/wire/protection.ts';
import type { Sql } from '../database/open-database.ts';
import { numberOf } from '../database/number-of.ts';
import type { DecisionLog } from './decision-log.ts';
import type { GroundBooks } from './ground-book.ts';
import type { TrashBook } from './beside-objects.ts';
import {
  INSERT_REMOVAL,
  nameBytes,
  ownPlot,
  type PlotRecord,
  typeName,
  typeNumber,
} from './rows.ts';

type TrashRecord = {
  readonly type: bigint;
  readonly name: Buffer;
  readonly size: bigint;
  readonly goes_service: bigint;
};
type Key = readonly [plot: bigint, type: number | bigint, name: Buffer];

/** What other parts of the ledger do with the trash, by a plot's number. */
export type Trash = {
  /** It is not there for its guest any more, and stays for as long as the plot is protected. */
  readonly put: (record: PlotRecord, key: Key, size: bigint, moment: Moment) => void;
  /** Back to where it was; its size, or `undefined`: it is not in the trash. */
  readonly takeBack: (key: Key) => bigint | undefined;
  /** No file of that size lies there. */
  readonly lose: (key: Key) => void;
  readonly find: (key: Key) => TrashRecord | undefined;
  /** The plot is off the disk. */
  readonly clear: (plot: bigint) => void;
  /** Lower protections and smaller sizes whose time has come. */
  readonly settle: (moment: Moment) => void;
};

/**
 * Protected plots (design §6). What the guest deletes is taken out of `objects`, so that nothing of his protocol sees it, and
 * kept here; its file stays where it is. So deleting, bringing back and a crash in between are one row each, and no file moves.
 */
export function openTrashBook(
  sql: Sql,
  { log, grounds }: { readonly log: DecisionLog; readonly grounds: Pick<GroundBooks, 'of'> },
): { readonly book: TrashBook; readonly trash: Trash } {
  const readPlot = sql.prepare<[string], PlotRecord>('SELECT * FROM plots WHERE id = ?');
  const setProtection = sql.prepare(
    'UPDATE plots SET protect_days = ?, falls_to = ?, falls_service = ? WHERE number = ?',
  );
  const setLeaves = sql.prepare('UPDATE plots SET leaves_service = ? WHERE number = ?');
  const stay = sql.prepare(
    `UPDATE plots SET leaves_service = NULL, let_go = 0, falls_to = NULL, falls_service = NULL,
       shrinks_to = NULL, shrinks_service = NULL WHERE number = ?`,
  );
  const readFalling = sql.prepare<[number], PlotRecord>(
    'SELECT * FROM plots WHERE falls_service IS NOT NULL AND falls_service <= ?',
  );
  const readShrinking = sql.prepare<[number], PlotRecord>(
    'SELECT * FROM plots WHERE shrinks_service IS NOT NULL AND shrinks_service <= ?',
  );
  const shrink = sql.prepare(
    `UPDATE plots SET size = ?, promised = ?, shrinks_to = NULL, shrinks_service = NULL WHERE number = ?`,
  );
  const insert = sql.prepare(
    'INSERT INTO trash (plot, type, name, size, since_service, goes_service) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const find = sql.prepare<[bigint, number | bigint, Buffer], TrashRecord>(
    'SELECT type, name, size, goes_service FROM trash WHERE plot = ? AND type = ? AND name = ?',
  );
  const drop = sql.prepare('DELETE FROM trash WHERE plot = ? AND type = ? AND name = ?');
  const clear = sql.prepare('DELETE FROM trash WHERE plot = ?');
  const insertObject = sql.prepare(
    'INSERT INTO objects (plot, type, name, size) VALUES (?, ?, ?, ?)',
  );
  const insertRemoval = sql.prepare(INSERT_REMOVAL);
  const page = sql.prepare<[bigint, number, Buffer, number], TrashRecord>(
    `SELECT type, name, size, goes_service FROM trash WHERE plot = ? AND (type, name) > (?, ?)
     ORDER BY type, name LIMIT ?`,
  );
  const pageOfType = sql.prepare<[bigint, number, Buffer, number], { name: Buffer; size: bigint }>(
    'SELECT name, size FROM trash WHERE plot = ? AND type = ? AND name > ? ORDER BY name LIMIT ?',
  );
  const count = sql.prepare<
    [bigint],
    { objects: bigint; first: bigint | null; last: bigint | null }
  >(
    `SELECT count(*) AS objects, min(goes_service) AS first, max(goes_service) AS last
     FROM trash WHERE plot = ?`,
  );
  const readLatest = sql.prepare<[bigint, number, number], TrashRecord>(
    `SELECT type, name, size, goes_service FROM trash WHERE plot = ? AND since_service >= ?
     ORDER BY since_service LIMIT ?`,
  );
  const readDue = sql.prepare<[number, number], TrashRecord & { readonly id: PlotId }>(
    `SELECT plots.id, trash.type, trash.name, trash.size, trash.goes_service
     FROM trash CROSS JOIN plots ON plots.number = trash.plot
     WHERE trash.goes_service <= ? AND plots.state IN ('active', 'grace', 'reclaimable')
     ORDER BY trash.goes_service LIMIT ?`,
  );
  const readSum = sql.prepare<[], { bytes: bigint }>(
    `SELECT coalesce((SELECT sum(trashed) FROM plots WHERE trashed > 0), 0)
       + coalesce((SELECT sum(papers_kept) FROM plots WHERE papers_kept > 0), 0) AS bytes`,
  );

  function takeBack(key: Key): bigint | undefined {
    const found = find.get(...key);
    if (found === undefined) return undefined;
    drop.run(...key);
    insertObject.run(...key, found.size);
    return found.size;
  }

  const trash: Trash = {
    put: ({ protect_days: days }, key, size, { serviceS }) =>
      void insert.run(...key, size, serviceS, serviceS + Number(days) * DAY_S),
    takeBack,
    lose: (key) => void drop.run(...key),
    find: (key) => find.get(...key),
    clear: (plot) => void clear.run(plot),
    settle: (moment) => {
      for (const { number, falls_to: days } of readFalling.all(moment.serviceS))
        setProtection.run(days ?? 0n, null, null, number);
      for (const record of readShrinking.all(moment.serviceS)) {
        const size = record.shrinks_to ?? record.size;
        // It waits for what is in the trash; written is written.
        if (record.written + record.reserved > size || hasEnded(record.state)) continue;
        const promised = promisedBytes(size);
        shrink.run(size, promised, record.number);
        const { owner, ground, id: plot } = record;
        grounds.of(ground)?.resized?.({ owner, plot, promisedBytes: promised, moment });
        const promisedDeltaBytes = promised - record.promised;
        log.append(
          {
            owner,
            kind: 'resize',
            outcome: 'granted',
            plot,
            ground,
            requestedBytes: size,
            promisedDeltaBytes,
          },
          moment,
        );
      }
    },
  };

  const book: TrashBook = {
    protect: ({ owner, plot, days, moment }) => {
      const found = ownPlot(readPlot.get(plot), owner);
      if (!found.ok) return found;
      const record = found.value;
      const { serviceS } = moment;
      const now = Number(record.protect_days);
      if (days >= now) {
        setProtection.run(days, null, null, record.number);
        const stays = serviceS + days * DAY_S;
        // What was about to go is protected from now on as well.
        if (days > now && record.leaves_service !== null && record.leaves_service < stays)
          setLeaves.run(stays, record.number);
      } else {
        // Asked again, or for less of a fall, it is put off no further.
        const asked = numberOf(record.falls_to);
        const isKnown = asked !== undefined && days >= asked;
        const falls = isKnown ? Number(record.falls_service) : serviceS + now * DAY_S;
        setProtection.run(now, days, falls, record.number);
      }
      return ok(protectionOf(readPlot.get(plot) ?? record, moment));
    },

    trash: ({ owner, plot, after, limit, moment }) => {
      const found = ownPlot(readPlot.get(plot), owner);
      if (!found.ok) return found;
      const record = found.value;
      const from =
        after === undefined ? FIRST : ([typeNumber(after.type), nameBytes(after.name)] as const);
      const objects = page.all(record.number, ...from, limit).map((row) => ({
        type: typeName(row.type),
        name: row.name.toString('hex'),
        bytes: row.size,
        goesInS: Number(row.goes_service) - moment.serviceS,
      }));
      const { objects: all, first, last } = count.get(record.number) ?? NONE;
      const end = objects.length === limit ? objects.at(-1) : undefined;
      return ok({
        objects,
        ...(end === undefined ? {} : { next: `${end.type}.${end.name}` }),
        total: {
          objects: Number(all),
          bytes: record.trashed,
          ...(first === null ? {} : { firstGoesInS: Number(first) - moment.serviceS }),
          ...(last === null ? {} : { lastGoesInS: Number(last) - moment.serviceS }),
        },
      });
    },

    restore: ({ owner, plot, what, limit, moment }) => {
      const found = ownPlot(readPlot.get(plot), owner);
      if (!found.ok) return found;
      const { number, leaves_service: leaves, falls_to: falls, shrinks_to: shrinks } = found.value;
      // Whoever brings things back wants none of what would take them away again.
      const stays = leaves !== null || falls !== null || shrinks !== null;
      if (stays) stay.run(number);
      const keys: readonly Key[] =
        'names' in what
          ? what.names.map(({ type, name }) => [number, typeNumber(type), nameBytes(name)])
          : readLatest
              .all(number, moment.serviceS - what.sinceS, limit)
              .map((row) => [number, row.type, row.name]);
      const sizes = keys.flatMap((key) => takeBack(key) ?? []);
      return ok({
        objects: sizes.length,
        bytes: sizes.reduce((sum, size) => sum + size, 0n),
        stays,
        isMore: !('names' in what) && keys.length === limit,
      });
    },

    dueTrash: ({ limit, moment }) =>
      readDue.all(moment.serviceS, limit).map(({ id, type, name }) => ({
        plot: id,
        type: typeName(type),
        name: name.toString('hex'),
      })),
    dropTrash: ({ plot, type, name, moment }) => {
      const record = readPlot.get(plot);
      if (record === undefined || hasEnded(record.state)) return false;
      const key = [record.number, typeNumber(type), nameBytes(name)] as const;
      const row = find.get(...key);
      // Brought back meanwhile.
      if (row === undefined || Number(row.goes_service) > moment.serviceS) return false;
      drop.run(...key);
      insertRemoval.run(...key, row.size);
      return true;
    },
    trashedObjects: ({ plot, type, after, limit }) => {
      const record = readPlot.get(plot);
      if (record === undefined) return [];
      return pageOfType
        .all(record.number, typeNumber(type), nameBytes(after ?? ''), limit)
        .map((row) => ({ name: row.name.toString('hex'), sizeBytes: row.size }));
    },
    trashedObject: ({ plot, type, name }) => {
      const record = readPlot.get(plot);
      const row = record && find.get(record.number, typeNumber(type), nameBytes(name));
      return row && { sizeBytes: row.size };
    },
    trashBytes: () => readSum.get()?.bytes ?? 0n,
  };
  return { book, trash };
}

const FIRST = [-1, Buffer.alloc(0)] as const;
const NONE = { objects: 0n, first: null, last: null };

function protectionOf(record: PlotRecord, { serviceS }: Moment): ProtectionState {
  const { protect_days: days, falls_to: to, falls_service: falls } = record;
  return {
    protectDays: Number(days),
    ...(to === null || falls === null
      ? {}
      : { fallsTo: Number(to), fallsInS: Number(falls) - serviceS }),
  };
}
