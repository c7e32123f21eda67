import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import {
  ABSENT_BEFORE_RECLAIM_S,
  hasEnded,
  headroomBytes,
  promisedBytes,
  termsOf,
} from '../../../shared/model/plot.ts';
import { failed, ok } from '../../../shared/result.ts';
import { DAY_S } from '../../../shared/units.ts';
import type { Sql } from '../database/open-database.ts';
import { type DecisionEntry, type DecisionLog, plainDenial } from './decision-log.ts';
import type { GroundBooks } from './ground-book.ts';
import type { DecisionBook, DiskFacts, PlotBook } from './ledger.ts';
import type { OverShare } from './over-share.ts';
import type { Standing } from './policy-book.ts';
import type { Renewals } from './renewals.ts';
import { ownPlot, type PlotRecord, stays, toPlotRow } from './rows.ts';
import type { WaitingBook } from './waiting-book.ts';

/** A denial for want of room this long ago still counts as somebody wanting the room. */
const ROOM_WANTED_S = 7 * DAY_S;
/** So many of the latest are looked at: somebody's flood of them keeps nobody else waiting. */
const WISHES_MAX = 10_000;

type Wish = { readonly owner: OwnerId; readonly bytes: bigint | null };

/** What there may be a million of in one plot, each a row that is counted: all at once, everybody's calls would wait for seconds. */
const MANY = ['objects', 'trash', 'missing'] as const;
const FORGOTTEN_AT_ONCE = 2000;

/** The life of a plot after its grant (design §3.4). */
export function openPlotBook(
  sql: Sql,
  {
    standing,
    log,
    waiting,
    overShare,
    renewals: { granted },
    grounds,
    forget,
    emptied,
  }: {
    readonly standing: Standing;
    readonly log: DecisionLog;
    readonly waiting: WaitingBook;
    readonly overShare: OverShare;
    readonly renewals: Pick<Renewals, 'granted'>;
    readonly grounds: GroundBooks;
    /** What other parts of the ledger drop when its time has come. */
    readonly forget: (moment: Moment) => void;
    /** What other parts of the ledger know of what lay in a plot is over. */
    readonly emptied: (plot: bigint) => void;
  },
): PlotBook & Pick<DecisionBook, 'resize' | 'release'> {
  const readPlot = sql.prepare<[string], PlotRecord>('SELECT * FROM plots WHERE id = ?');
  const readAll = sql.prepare<[], PlotRecord>(
    "SELECT * FROM plots WHERE state <> 'gone' ORDER BY number",
  );
  const readNext = sql.prepare<[string], PlotRecord>(
    `SELECT * FROM plots WHERE state <> 'gone' AND number > coalesce((SELECT number FROM plots WHERE id = ?), 0)
     ORDER BY number LIMIT 1`,
  );
  const readOf = sql.prepare<[string], PlotRecord>(
    "SELECT * FROM plots WHERE owner = ? AND state <> 'gone' ORDER BY number",
  );
  // What was asked for while it was protected may be more than this.
  const resizePlot = sql.prepare(
    'UPDATE plots SET size = ?, promised = ?, shrinks_to = NULL, shrinks_service = NULL WHERE number = ?',
  );
  const resizeLater = sql.prepare(
    'UPDATE plots SET shrinks_to = ?, shrinks_service = ? WHERE number = ?',
  );
  const leaveLater = sql.prepare(
    'UPDATE plots SET leaves_service = ?, let_go = 1 WHERE number = ?',
  );
  const endPlot = sql.prepare(
    "UPDATE plots SET state = 'released', ended_service = ? WHERE number = ?",
  );
  const setState = sql.prepare('UPDATE plots SET state = ? WHERE number = ?');
  const readDue = sql.prepare<[number, number], PlotRecord>(
    `SELECT * FROM plots WHERE state = 'active' AND until_service <= ?
     UNION ALL SELECT * FROM plots WHERE state = 'grace' AND until_service + grace_s <= ? LIMIT 1000`,
  );
  const readLentAndOver = sql.prepare<[], PlotRecord>(
    "SELECT * FROM plots WHERE state = 'reclaimable' AND class = 'borrowed' ORDER BY until_service, number",
  );
  const readPaidAndOver = sql.prepare<[], PlotRecord>(
    "SELECT * FROM plots WHERE state = 'reclaimable' AND ground = 'notes' ORDER BY until_service, number",
  );
  const readNotListed = sql.prepare<[number], PlotRecord>(
    `SELECT * FROM plots WHERE leaves_service IS NOT NULL AND leaves_service <= ?
     AND state IN ('active', 'grace', 'reclaimable') LIMIT 1000`,
  );
  const readReleased = sql.prepare<[], { id: PlotId }>(
    "SELECT id FROM plots WHERE state = 'released'",
  );
  const clearSome = MANY.map((table) =>
    sql.prepare(
      `DELETE FROM ${table} WHERE plot = @plot AND (type, name) <= (
         SELECT type, name FROM ${table} WHERE plot = @plot ORDER BY type, name LIMIT 1 OFFSET ${FORGOTTEN_AT_ONCE})`,
    ),
  );
  const clearObjects = sql.prepare('DELETE FROM objects WHERE plot = ?');
  const clearRemovals = sql.prepare('DELETE FROM removals WHERE plot = ?');
  const clearReservations = sql.prepare('DELETE FROM reservations WHERE plot = ?');
  const logErased = sql.prepare(
    "INSERT INTO transfers (at_ms, plot, kind, type, name, size) VALUES (?, ?, 'erased', 0, x'', ?)",
  );
  const empty = sql.prepare(
    "UPDATE plots SET written = 0, reserved = 0, state = 'gone' WHERE number = ?",
  );
  const insertFound = sql.prepare(
    `INSERT INTO plots (id, owner, ground, class, state, size, promised, from_ms, until_service, grace_s, protect_days)
     VALUES (?, ?, ?, ?, 'active', ?, ?, ?, ?, ?, ?)`,
  );
  const leaseClass = sql.prepare(
    `UPDATE plots SET state = 'active', until_service = max(until_service, ?)
     WHERE class = ? AND state IN ('active', 'grace', 'reclaimable')`,
  );
  const takeBackNotices = sql.prepare(
    `UPDATE friends SET leaving_service = NULL, over_ends_service = NULL, over_ends_share = NULL
     WHERE leaving_service IS NOT NULL OR over_ends_service IS NOT NULL`,
  );
  const readContact = sql.prepare<
    [string],
    { last_contact_ms: bigint | null; name: string; pet_name: string | null }
  >('SELECT last_contact_ms, name, pet_name FROM friends WHERE owner = ?');
  // What a clock that was ahead has dated is no wish of today.
  const readWanted = sql.prepare<[number, number], { wanted: bigint }>(
    `SELECT EXISTS (SELECT 1 FROM decisions WHERE outcome <> 'granted'
     AND code IN ('no-space', 'over-share') AND at_ms >= ? AND at_ms <= ?) AS wanted`,
  );
  const readRefused = sql.prepare<[number, number], Wish>(
    `SELECT owner, requested AS bytes FROM decisions WHERE outcome <> 'granted'
     AND code IN ('no-space', 'over-share') AND at_ms >= ? AND at_ms <= ? ORDER BY at_ms DESC LIMIT ${WISHES_MAX}`,
  );
  const readLeaving = sql.prepare<[], { promised: bigint }>(
    "SELECT coalesce(sum(promised), 0) AS promised FROM plots WHERE state = 'released'",
  );
  const readServiceS = sql.prepare<[], { value: string }>(
    "SELECT value FROM meta WHERE key = 'service-s'",
  );
  const writeServiceS = sql.prepare(
    "INSERT INTO meta (key, value) VALUES ('service-s', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  );

  function doesAnybodyWait(): boolean {
    return waiting.inLine().length > 0;
  }

  /** Somebody stands in line, or was refused for want of room lately. */
  function isRoomWanted({ nowMs }: Moment): boolean {
    if (doesAnybodyWait()) return true;
    return (readWanted.get(nowMs - ROOM_WANTED_S * 1000, nowMs)?.wanted ?? 0n) > 0n;
  }

  /**
   * The most that each friend was refused lately, with its working room. What would not fit if nobody had anything here
   * is no wish that could come true.
   */
  function refusedLately(
    { nowMs }: Moment,
    capacityBytes: bigint,
  ): readonly (readonly [OwnerId, bigint])[] {
    const wishes = new Map<OwnerId, bigint>();
    for (const { owner, bytes } of readRefused.all(nowMs - ROOM_WANTED_S * 1000, nowMs)) {
      const wanted = promisedBytes(bytes ?? 0n);
      if (wanted <= capacityBytes && wanted > (wishes.get(owner) ?? 0n)) wishes.set(owner, wanted);
    }
    return [...wishes];
  }

  /**
   * Lent plots past their time, and after them those that were paid with notes, go where somebody wants their room: what stands in line and does not fit
   * yet, or what another friend was refused lately and would not fit behind the line. Those that ended first go first, and no more of them
   * than are wanted.
   */
  function endLent(moment: Moment, disk: DiskFacts): void {
    const over = disk.volumePresent ? [...readLentAndOver.all(), ...readPaidAndOver.all()] : [];
    if (over.length === 0) return;
    const totals = standing.totals({ disk });
    const promised = totals.promisedBytes + totals.outstandingBytes;
    // On its way off the disk, it is still charged.
    const comesBytes = readLeaving.get()?.promised ?? 0n;
    const line = waiting.inLine();
    const lineBytes = line.reduce((sum, { wantedBytes }) => sum + wantedBytes, 0n);
    let missingBytes = lineBytes + promised - comesBytes - totals.capacityBytes;
    const refused = refusedLately(moment, totals.capacityBytes);
    for (const record of over) {
      const isForLine = lineBytes > 0n && missingBytes > 0n;
      const wasWanted = refused.some(
        ([owner, bytes]) => owner !== record.owner && missingBytes + bytes > 0n,
      );
      if (!isForLine && !wasWanted) continue;
      const context = record.class === 'borrowed' ? 'lent' : 'paid';
      const params = { context, writtenBytes: `${record.written}` };
      end(record, { kind: 'reclaim', params }, moment);
      missingBytes -= record.promised;
    }
  }

  /** What a notice has ended and whose lease and grace are over besides: the owner's word, kept in time. */
  function endNoticed(moment: Moment, disk: DiskFacts): void {
    const owners = disk.volumePresent ? overShare.due(moment) : [];
    for (const owner of owners) {
      const ending = overShare.ending(owner, standing.totals({ disk }));
      for (const record of readOf.all(owner)) {
        if (record.state !== 'reclaimable' || !ending.has(record.id)) continue;
        const params = { context: 'notice', writtenBytes: `${record.written}` };
        end(record, { kind: 'reclaim', params }, moment);
      }
    }
  }

  /** What a guest's own list has not named for a week, and what he let go of while it was protected. */
  function endNotListed(moment: Moment): void {
    for (const record of readNotListed.all(moment.serviceS)) {
      const params = { context: 'not-listed', writtenBytes: `${record.written}` };
      end(record, { kind: 'release', ...(record.let_go === 1n ? {} : { params }) }, moment);
    }
  }

  function end(
    record: PlotRecord,
    { kind, params = {} }: Pick<DecisionEntry, 'kind' | 'params'>,
    moment: Moment,
  ): void {
    endPlot.run(moment.serviceS, record.number);
    log.append(
      {
        owner: record.owner,
        kind,
        outcome: 'done',
        plot: record.id,
        ground: record.ground,
        promisedDeltaBytes: 0n,
        params,
      },
      moment,
    );
    grounds.of(record.ground)?.ended?.({ owner: record.owner, plot: record.id, moment });
  }

  /** A guest's own plot that still lives, or why there is none. */
  return {
    resize: ({ owner, plot, request, bodyHash, moment, disk }) => {
      const key = { owner, requestId: request.requestId, bodyHash };
      const before = log.recall(key, moment);
      if (before === 'reused') return plainDenial('request-reused');
      if (before !== undefined) return before;
      const own = ownPlot(readPlot.get(plot), owner);
      if (!own.ok) return plainDenial(own.fault);
      const record = own.value;
      // What lies in the trash goes before a protected plot shrinks.
      const days = Number(record.protect_days);
      const goes = days > 0 ? record.trashed + record.papers_kept : 0n;
      const occupiedBytes = record.written + record.reserved - goes;
      const leastBytes = occupiedBytes > 0n ? occupiedBytes : 1n;
      if (request.size > record.size)
        return plainDenial('bad-size', { maxBytes: `${record.size}` });
      if (request.size < leastBytes)
        return plainDenial('below-written', { minBytes: `${leastBytes}` });
      if (days > 0) {
        const isSmaller = request.size < record.size;
        const atService = isSmaller ? moment.serviceS + days * DAY_S : null;
        resizeLater.run(isSmaller ? request.size : null, atService, record.number);
        const reply = granted(record, { moment, disk, steps: [] });
        log.remember(key, { ...reply, untilServiceS: stays(record) }, moment);
        return reply;
      }
      const promised = promisedBytes(request.size);
      resizePlot.run(request.size, promised, record.number);
      grounds.of(record.ground)?.resized?.({ owner, plot, promisedBytes: promised, moment });
      log.append(
        {
          owner,
          kind: 'resize',
          outcome: 'granted',
          plot,
          ground: record.ground,
          requestedBytes: request.size,
          promisedDeltaBytes: promised - record.promised,
        },
        moment,
      );
      const reply = granted(
        { ...record, size: request.size, promised },
        { moment, disk, steps: [] },
      );
      // Not as long as the plot is there: that would be a row for every size that it ever had.
      log.remember(key, { ...reply, untilServiceS: stays(record) }, moment);
      return reply;
    },

    release: ({ owner, plot, moment }) => {
      const record = readPlot.get(plot);
      if (record === undefined || record.owner !== owner) return failed('plot-unknown');
      if (hasEnded(record.state)) return ok({ state: record.state, leavesInS: undefined });
      if (record.protect_days > 0n) {
        const atService = moment.serviceS + Number(record.protect_days) * DAY_S;
        const leavesService = Math.min(atService, Number(record.leaves_service ?? atService));
        leaveLater.run(leavesService, record.number);
        return ok({ state: record.state, leavesInS: leavesService - moment.serviceS });
      }
      end(record, { kind: 'release' }, moment);
      return ok({ state: 'released', leavesInS: undefined });
    },

    plot: ({ plot, moment }) => {
      const record = readPlot.get(plot);
      return record === undefined ? undefined : toPlotRow(record, moment);
    },
    nextPlot: ({ after, moment }) => {
      const record = readNext.get(after ?? '') ?? readNext.get('');
      return record === undefined ? undefined : toPlotRow(record, moment);
    },
    plots: ({ owner, moment }) =>
      (owner === undefined ? readAll.all() : readOf.all(owner)).map((record) =>
        toPlotRow(record, moment),
      ),

    sweep: ({ moment, mayEndOn, disk }) => {
      waiting.lapse(moment);
      if (disk !== undefined) {
        standing.steady(disk);
        overShare.settle(standing.totals({ disk }));
      }
      if (mayEndOn !== undefined) {
        endLent(moment, mayEndOn);
        endNoticed(moment, mayEndOn);
        endNotListed(moment);
      }
      for (const record of readDue.all(moment.serviceS, moment.serviceS)) {
        const state = record.state === 'active' ? 'grace' : 'reclaimable';
        setState.run(state, record.number);
        log.append(
          {
            owner: record.owner,
            kind: 'lapse',
            outcome: 'done',
            plot: record.id,
            ground: record.ground,
            promisedDeltaBytes: 0n,
            params: { state },
          },
          moment,
        );
      }
      log.forget(moment);
      forget(moment);
      writeServiceS.run(String(moment.serviceS));
      return { toErase: readReleased.all().map((row) => row.id) };
    },

    forgetSome: ({ plot }) => {
      const record = readPlot.get(plot);
      if (record?.state !== 'released') return false;
      return clearSome.some((clear) => clear.run({ plot: record.number }).changes > 0);
    },

    erased: ({ plot, moment }) => {
      const record = readPlot.get(plot);
      if (record === undefined || record.state !== 'released') return;
      clearObjects.run(record.number);
      clearRemovals.run(record.number);
      clearReservations.run(record.number);
      emptied(record.number);
      logErased.run(moment.nowMs, record.number, record.written);
      empty.run(record.number);
      log.append(
        {
          owner: record.owner,
          kind: 'erase',
          outcome: 'done',
          plot,
          ground: record.ground,
          promisedDeltaBytes: -record.promised,
        },
        moment,
      );
    },

    reclaim: ({ plot, name, moment }) => {
      const record = readPlot.get(plot);
      if (record === undefined) return failed('plot-unknown');
      if (record.state !== 'reclaimable') return failed('not-reclaimable');
      const friend = readContact.get(record.owner);
      const lastContactMs = Number(friend?.last_contact_ms ?? record.from_ms);
      if (moment.nowMs - lastContactMs < ABSENT_BEFORE_RECLAIM_S * 1000)
        return failed('seen-lately');
      if (!isRoomWanted(moment)) return failed('room-not-wanted');
      if (name !== (friend?.pet_name ?? friend?.name ?? record.owner)) return failed('wrong-name');
      end(record, { kind: 'reclaim' }, moment);
      return ok(undefined);
    },

    endAll: ({ owner, moment }) => {
      for (const record of readOf.all(owner)) {
        if (record.state === 'released') continue;
        const params = { context: 'parted', writtenBytes: `${record.written}` };
        end(record, { kind: 'reclaim', params }, moment);
      }
      waiting.endAll(owner);
      overShare.forget(owner);
      standing.setPolicy({ owner, policy: undefined });
    },

    adopt: ({ plot, owner, ground, class: plotClass, sizeBytes, protectDays = 0, moment }) => {
      if (readPlot.get(plot) !== undefined) return;
      const promised = promisedBytes(sizeBytes);
      insertFound.run(
        plot,
        owner,
        ground,
        plotClass,
        sizeBytes,
        promised,
        moment.nowMs,
        moment.serviceS + termsOf(plotClass).leaseS,
        termsOf(plotClass).graceS,
        protectDays,
      );
      log.append(
        {
          owner,
          kind: 'adopt',
          outcome: 'done',
          plot,
          ground,
          requestedBytes: sizeBytes,
          promisedDeltaBytes: promised,
          params: { headroomBytes: `${headroomBytes(sizeBytes)}` },
        },
        moment,
      );
    },

    leaseAnew: ({ moment }) => {
      for (const plotClass of ['guaranteed', 'borrowed'] as const)
        leaseClass.run(moment.serviceS + termsOf(plotClass).leaseS, plotClass);
      takeBackNotices.run();
    },

    serviceS: () => Number(readServiceS.get()?.value ?? '0'),
  };
}
