import { assert } from '../../../shared/assert.ts';
import type { PlotId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { headroomBytes, type ObjectType, objectsMax } from '../../../shared/model/plot.ts';
import { failed, ok } from '../../../shared/result.ts';
import type { Sql } from '../database/open-database.ts';
import type { GroundBooks } from './ground-book.ts';
import type { ObjectKey, UploadBook } from './ledger.ts';
import type { Standing } from './policy-book.ts';
import type { RaisePromise } from './raise-promise.ts';
import type { Trash } from './trash-book.ts';
import {
  INSERT_REMOVAL,
  nameBytes,
  ownPlot,
  type PlotRecord,
  typeName,
  typeNumber,
} from './rows.ts';

type ReservationRecord = {
  readonly number: bigint;
  readonly plot: bigint;
  readonly type: bigint;
  readonly name: Buffer;
  readonly size: bigint;
};
type UnsettledRecord = {
  readonly number: bigint;
  readonly id: PlotId;
  readonly type: bigint;
  readonly name: Buffer;
  readonly size: bigint;
};

const DATA = typeNumber('data');
const LOCKS = typeNumber('locks');
/** What else a repository needs than data, so that it can be pruned. */
const WORKING_OBJECTS = 1000n;

/** What lies in a plot and what is on its way there: two-phase, so that a crash can be settled (design §4). */
export function openUploadBook(
  sql: Sql,
  {
    standing,
    raise,
    trash,
    grounds,
  }: {
    readonly standing: Pick<Standing, 'pause'>;
    readonly raise: RaisePromise;
    readonly trash: Trash;
    readonly grounds: Pick<GroundBooks, 'of'>;
  },
): UploadBook {
  const readPlot = sql.prepare<[string], PlotRecord>('SELECT * FROM plots WHERE id = ?');
  const readObject = sql.prepare<[bigint, number, Buffer], { size: bigint }>(
    'SELECT size FROM objects WHERE plot = ? AND type = ? AND name = ?',
  );
  const insertObject = sql.prepare(
    'INSERT INTO objects (plot, type, name, size) VALUES (?, ?, ?, ?)',
  );
  const dropObject = sql.prepare('DELETE FROM objects WHERE plot = ? AND type = ? AND name = ?');
  const pageObjects = sql.prepare<[bigint, number, Buffer, number], { name: Buffer; size: bigint }>(
    'SELECT name, size FROM objects WHERE plot = ? AND type = ? AND name > ? ORDER BY name LIMIT ?',
  );
  const firstObjects = sql.prepare<[bigint, number, number], { name: Buffer; size: bigint }>(
    'SELECT name, size FROM objects WHERE plot = ? AND type = ? ORDER BY name LIMIT ?',
  );
  const countLocks = sql.prepare<[bigint, number], { count: bigint }>(
    'SELECT count(*) AS count FROM objects WHERE plot = ? AND type = ?',
  );
  const insertReservation = sql.prepare(
    'INSERT INTO reservations (plot, type, name, size) VALUES (?, ?, ?, ?)',
  );
  const readReservation = sql.prepare<[number], ReservationRecord>(
    'SELECT * FROM reservations WHERE number = ?',
  );
  const dropReservation = sql.prepare('DELETE FROM reservations WHERE number = ?');
  const setAside = sql.prepare('UPDATE plots SET reserved = reserved + ? WHERE number = ?');
  const giveBack = sql.prepare('UPDATE plots SET reserved = reserved - ? WHERE number = ?');
  const becomeWritten = sql.prepare(
    'UPDATE plots SET reserved = reserved - ?, written = written + ? WHERE number = ?',
  );
  const changeWritten = sql.prepare('UPDATE plots SET written = written + ? WHERE number = ?');
  const beginPlot = sql.prepare<[bigint], Pick<PlotRecord, 'id' | 'owner' | 'ground'>>(
    'UPDATE plots SET begun = 1 WHERE number = ? AND begun = 0 RETURNING id, owner, ground',
  );
  const readUse = sql.prepare<[bigint], { written: bigint; size: bigint }>(
    'SELECT written, size FROM plots WHERE number = ? AND begun = 0',
  );
  const insertRemoval = sql.prepare(INSERT_REMOVAL);
  const readRemoval = sql.prepare<[bigint, number, Buffer], { size: bigint }>(
    'SELECT size FROM removals WHERE plot = ? AND type = ? AND name = ?',
  );
  const dropRemoval = sql.prepare('DELETE FROM removals WHERE plot = ? AND type = ? AND name = ?');
  const dropMissing = sql.prepare('DELETE FROM missing WHERE plot = ? AND type = ? AND name = ?');
  const appendTransfer = sql.prepare(
    'INSERT INTO transfers (at_ms, plot, kind, type, name, size) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const readUploads = sql.prepare<[], UnsettledRecord>(
    `SELECT reservations.number, plots.id, reservations.type, reservations.name, reservations.size
     FROM reservations JOIN plots ON plots.number = reservations.plot`,
  );
  const readRemovals = sql.prepare<[], UnsettledRecord>(
    `SELECT 0 AS number, plots.id, removals.type, removals.name, removals.size
     FROM removals JOIN plots ON plots.number = removals.plot`,
  );

  function transfer(
    entry: {
      readonly plot: bigint;
      readonly kind: string;
      readonly type: number | bigint;
      readonly name: Buffer;
      readonly size: bigint;
    },
    moment: Moment,
  ): void {
    appendTransfer.run(moment.nowMs, entry.plot, entry.kind, entry.type, entry.name, entry.size);
  }

  function begin(number: bigint, moment: Moment): void {
    const record = beginPlot.get(number);
    if (record === undefined) return;
    const { id, owner, ground } = record;
    grounds.of(ground)?.begun?.({ plot: id, owner, moment });
  }

  /** More lies there than working room: whatever it calls itself, the plot is used, and what it cost does not come back. */
  function isFilled(number: bigint): boolean {
    const record = readUse.get(number);
    return record !== undefined && record.written > headroomBytes(record.size);
  }

  /** It has as many objects as a plot of its size may have; of locks, without which nobody could clear it up, as many as that. */
  function isCrowded({ number, object_count: count, size }: PlotRecord, type: ObjectType): boolean {
    const most = objectsMax(size) + (type === 'data' ? 0n : WORKING_OBJECTS);
    if (count < most) return false;
    return type !== 'locks' || (countLocks.get(number, LOCKS)?.count ?? 0n) >= WORKING_OBJECTS;
  }

  function settle(reservation: number): ReservationRecord | undefined {
    const record = readReservation.get(reservation);
    if (record !== undefined) dropReservation.run(reservation);
    return record;
  }

  return {
    reserve: ({ plot, owner, type, name, sizeBytes }) => {
      const own = ownPlot(readPlot.get(plot), owner);
      if (!own.ok) return failed({ code: own.fault });
      const record = own.value;
      // In grace only locks are written: what reading, deleting and renewing need (design §3.4).
      if (record.state !== 'active' && type !== 'locks') return failed({ code: 'in-grace' });
      const present = readObject.get(record.number, typeNumber(type), nameBytes(name));
      if (present !== undefined) return failed({ code: 'exists', sizeBytes: present.size });
      // What was deleted and comes again lies there still.
      const keptBytes = trash.takeBack([record.number, typeNumber(type), nameBytes(name)]);
      if (keptBytes !== undefined) return failed({ code: 'exists', sizeBytes: keptBytes });
      // Reading and deleting go on through a pause, and so do the locks they take.
      if (type !== 'locks' && standing.pause() !== undefined) return failed({ code: 'paused' });
      const isData = type === 'data';
      const isFull = isCrowded(record, type);
      const freeBytes = isFull ? 0n : freeFor(record, isData);
      if (isFull || sizeBytes > freeBytes)
        return failed({ code: 'plot-full', freeBytes, trashBytes: comesFree(record) });
      setAside.run(sizeBytes, record.number);
      const { lastInsertRowid } = insertReservation.run(
        record.number,
        typeNumber(type),
        nameBytes(name),
        sizeBytes,
      );
      return ok({ reservation: Number(lastInsertRowid) });
    },

    post: ({ reservation, moment }) => {
      const record = settle(reservation);
      assert(record !== undefined, 'only a pending upload is posted');
      const { plot, name, size } = record;
      const type = Number(record.type);
      // Deleted while it came a second time, it lies in the trash still; both at once would be charged twice, and end together.
      const isKept = trash.takeBack([plot, type, name]) !== undefined;
      if (isKept || readObject.get(plot, type, name) !== undefined) {
        giveBack.run(size, plot);
        transfer({ plot, kind: 'void', type, name, size }, moment);
        return false;
      }
      becomeWritten.run(size, size, plot);
      insertObject.run(plot, type, name, size);
      transfer({ plot, kind: 'post', type, name, size }, moment);
      if (type === DATA || isFilled(plot)) begin(plot, moment);
      return true;
    },

    void: ({ reservation, moment }) => {
      const record = settle(reservation);
      if (record === undefined) return;
      giveBack.run(record.size, record.plot);
      transfer({ ...record, kind: 'void' }, moment);
    },

    remove: ({ plot, owner, type, name, moment }) => {
      const own = ownPlot(readPlot.get(plot), owner);
      if (!own.ok) return failed({ code: own.fault });
      const record = own.value;
      const key = [record.number, typeNumber(type), nameBytes(name)] as const;
      const present = readObject.get(...key);
      if (present === undefined) {
        // The disk lost it and its guest doesn't want it any more: nobody misses it.
        dropMissing.run(...key);
        return failed({ code: 'object-unknown' });
      }
      dropObject.run(...key);
      // Locks come and go with every call of a program; there is nothing in them that anybody could miss.
      const isKept = record.protect_days > 0n && type !== 'locks';
      if (isKept) trash.put(record, key, present.size, moment);
      else insertRemoval.run(...key, present.size);
      return ok({ sizeBytes: present.size, isKept });
    },

    removed: ({ plot, type, name, moment }) => {
      const record = readPlot.get(plot);
      if (record === undefined) return;
      const key = [record.number, typeNumber(type), nameBytes(name)] as const;
      const removal = readRemoval.get(...key);
      if (removal === undefined) return;
      dropRemoval.run(...key);
      changeWritten.run(-removal.size, record.number);
      transfer(
        { plot: record.number, kind: 'removed', type: key[1], name: key[2], size: removal.size },
        moment,
      );
    },

    object: ({ plot, type, name }) => {
      const record = readPlot.get(plot);
      const present = record && readObject.get(record.number, typeNumber(type), nameBytes(name));
      return present && { sizeBytes: present.size };
    },

    objects: ({ plot, type, after, limit }) => {
      const record = readPlot.get(plot);
      if (record === undefined) return [];
      const rows =
        after === undefined
          ? firstObjects.all(record.number, typeNumber(type), limit)
          : pageObjects.all(record.number, typeNumber(type), nameBytes(after), limit);
      return rows.map((row) => ({ name: row.name.toString('hex'), sizeBytes: row.size }));
    },

    unsettled: () => ({
      uploads: readUploads
        .all()
        .map((row) => ({ ...toKey(row), reservation: Number(row.number), sizeBytes: row.size })),
      removals: readRemovals.all().map((row) => ({ ...toKey(row), sizeBytes: row.size })),
    }),

    correct: ({ plot, type, name, sizeBytes, moment }) => {
      const record = readPlot.get(plot);
      // Compared while it was taken off the disk: what was seen of it then is off it too.
      if (record === undefined || record.state === 'gone') return;
      const key = [record.number, typeNumber(type), nameBytes(name)] as const;
      const entry = { plot: record.number, type: key[1], name: key[2] };
      const kept = trash.find(key);
      if (kept?.size === sizeBytes && kept !== undefined) return;
      if (kept !== undefined) {
        // Nobody misses what was deleted; a file of another size under its name is found like any other.
        trash.lose(key);
        changeWritten.run(-kept.size, record.number);
        transfer({ ...entry, kind: 'removed', size: kept.size }, moment);
      }
      const known = readObject.get(...key);
      if (known?.size === sizeBytes) return;
      if (known !== undefined) {
        dropObject.run(...key);
        changeWritten.run(-known.size, record.number);
        transfer({ ...entry, kind: 'missing', size: known.size }, moment);
      }
      if (sizeBytes !== undefined) {
        raise(readPlot.get(plot) ?? record, sizeBytes, moment);
        changeWritten.run(sizeBytes, record.number);
        insertObject.run(...key, sizeBytes);
        transfer({ ...entry, kind: 'found', size: sizeBytes }, moment);
        if (key[1] === DATA) begin(record.number, moment);
      }
    },
  };
}

/**
 * Data may fill the plot's size; what keeps a full repository usable (locks, keys, indexes,
 * snapshots, config) may also use the working room beside it (design §3.4).
 */
export function freeFor(record: PlotRecord, isData: boolean): bigint {
  const limitBytes = isData ? record.size : record.size + headroomBytes(record.size);
  const freeBytes = limitBytes - record.written - record.reserved;
  return freeBytes > 0n ? freeBytes : 0n;
}

/** What of it lies in the trash, or is what papers were before. */
export function comesFree(record: PlotRecord): bigint {
  return record.trashed + record.papers_kept;
}

function toKey(row: UnsettledRecord): ObjectKey {
  return { plot: row.id, type: typeName(row.type), name: row.name.toString('hex') };
}
