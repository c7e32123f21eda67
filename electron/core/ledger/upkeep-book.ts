import { createHash } from 'node:crypto';
import type { OwnerId, PlotId, RequestId } from '../../../shared/ids.ts';
import type { PlotClass } from '../../../shared/model/allocate.ts';
import { plotId } from '../../../shared/model/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { failed, ok } from '../../../shared/result.ts';
import { DAY_S } from '../../../shared/units.ts';
import {
  type Delegated,
  DELEGATES_MAX,
  KEEP_ONLY_AFTER_S,
  keptOnly,
  PLOTS_AT_ONCE_MAX,
} from '../../../shared/wire/upkeep.ts';
import type { Sql } from '../database/open-database.ts';
import { plainDenial } from './decision-log.ts';
import type { DecisionBook, UpkeepBook } from './ledger.ts';
import type { OverShare } from './over-share.ts';
import type { Standing } from './policy-book.ts';
import { ownPlot, type PlotRecord } from './rows.ts';

/** Plots many at a time, plots of others, and what is over a share; what a lease is stays with `renewals.ts`. */
export function openUpkeepBook(
  sql: Sql,
  {
    standing,
    overShare,
    renew,
  }: {
    readonly standing: Standing;
    readonly overShare: OverShare;
    readonly renew: DecisionBook['renew'];
  },
): UpkeepBook & {
  /** Whole answers are kept as long as those of single requests; of delegates only who still is one. */
  readonly forget: (moment: Moment) => void;
} {
  const readBatch = sql.prepare<[string, string], { body_hash: Buffer; answer: string }>(
    'SELECT body_hash, answer FROM batches WHERE owner = ? AND request_id = ?',
  );
  const readSingle = sql.prepare<[string, string], { number: bigint }>(
    'SELECT 1 AS number FROM answered WHERE owner = ? AND request_id = ?',
  );
  const insertBatch = sql.prepare(
    'INSERT INTO batches (owner, request_id, body_hash, answer, at_service) VALUES (?, ?, ?, ?, ?)',
  );
  const dropBatches = sql.prepare('DELETE FROM batches WHERE at_service < ?');
  const readPlot = sql.prepare<[string], PlotRecord>('SELECT * FROM plots WHERE id = ?');
  const readLiving = sql.prepare<[string], PlotRecord>(
    `SELECT * FROM plots WHERE owner = ? AND state IN ('active', 'grace', 'reclaimable')
     ORDER BY until_service, number`,
  );
  const setLeaves = sql.prepare('UPDATE plots SET leaves_service = ?, let_go = 0 WHERE number = ?');
  const readSequence = sql.prepare<[string], { keep_sequence: bigint }>(
    'SELECT keep_sequence FROM friends WHERE owner = ?',
  );
  const setSequence = sql.prepare('UPDATE friends SET keep_sequence = ? WHERE owner = ?');
  const readDelegates = sql.prepare<[bigint, number], { owner: OwnerId; until_service: bigint }>(
    'SELECT owner, until_service FROM delegates WHERE plot = ? AND until_service > ? ORDER BY owner',
  );
  const upsertDelegate = sql.prepare(
    `INSERT INTO delegates (plot, owner, until_service) VALUES (?, ?, ?)
     ON CONFLICT (plot, owner) DO UPDATE SET until_service = excluded.until_service`,
  );
  const dropDelegate = sql.prepare('DELETE FROM delegates WHERE plot = ? AND owner = ?');
  const dropOldDelegates = sql.prepare('DELETE FROM delegates WHERE until_service <= ?');
  const readErrands = sql.prepare<
    [string, number],
    { id: PlotId; class: PlotClass; until_service: bigint; may_until: bigint }
  >(
    `SELECT plots.id, plots.class, plots.until_service, delegates.until_service AS may_until
     FROM delegates JOIN plots ON plots.number = delegates.plot
     WHERE delegates.owner = ? AND delegates.until_service > ?
       AND plots.state IN ('active', 'grace', 'reclaimable')
     ORDER BY plots.until_service, plots.number LIMIT 1000`,
  );

  /** What was answered to this very request before; `reused`: to another one under its id. */
  function recall(owner: OwnerId, requestId: RequestId, bodyHash: Uint8Array): unknown {
    const row = readBatch.get(owner, requestId);
    if (row === undefined)
      return readSingle.get(owner, requestId) === undefined ? undefined : 'reused';
    return row.body_hash.equals(bodyHash) ? (JSON.parse(row.answer) as unknown) : 'reused';
  }

  function delegatesOf({ number }: PlotRecord, { serviceS }: Moment): Delegated {
    return {
      delegates: readDelegates.all(number, serviceS).map((row) => ({
        to: row.owner,
        forS: Number(row.until_service) - serviceS,
      })),
    };
  }

  return {
    renewMany: ({ owner, request, bodyHash, moment, disk, gathered, from = 0 }) => {
      if (standing.friend(owner) === undefined) return plainDenial('unknown-peer');
      const before = recall(owner, request.requestId, bodyHash);
      if (before === 'reused') return plainDenial('request-reused');
      const plots =
        before === undefined ? plotsMeant(owner, request.plots) : plotList.parse(before);
      if (before === undefined)
        insertBatch.run(owner, request.requestId, bodyHash, JSON.stringify(plots), moment.serviceS);
      const { duration, why = [] } = request;
      const until = from + RENEWED_TOGETHER;
      const answers = plots.slice(from, until).map((plot) => {
        const single = { v: 1, requestId: idFor(request.requestId, plot), duration, why } as const;
        const call = { owner, plot, request: single, bodyHash, moment, disk, gathered };
        return { plot, answer: renew(call).answer };
      });
      return { renewed: { answers }, next: until < plots.length ? until : undefined };
    },

    keepOnly: ({ owner, request, bodyHash, moment }) => {
      if (standing.friend(owner) === undefined) return plainDenial('unknown-peer');
      const before = recall(owner, request.requestId, bodyHash);
      if (before === 'reused') return plainDenial('request-reused');
      if (before !== undefined) return { kept: keptOnly.parse(before) };
      const last = readSequence.get(owner)?.keep_sequence ?? 0n;
      if (BigInt(request.sequence) <= last)
        return plainDenial('keep-only-stale', { sequence: `${last}` });
      setSequence.run(request.sequence, owner);
      const named = new Set(request.plots);
      const keeps: PlotId[] = [];
      const leaves: { plot: PlotId; inS: number }[] = [];
      for (const record of readLiving.all(owner)) {
        if (named.has(record.id)) {
          if (record.leaves_service !== null) setLeaves.run(null, record.number);
          keeps.push(record.id);
          continue;
        }
        // A date that was set by an earlier list is not put off by another that does not name it either.
        const afterS = Math.max(KEEP_ONLY_AFTER_S, Number(record.protect_days) * DAY_S);
        const leavesS = Number(record.leaves_service ?? moment.serviceS + afterS);
        setLeaves.run(leavesS, record.number);
        leaves.push({ plot: record.id, inS: leavesS - moment.serviceS });
      }
      const kept = { keeps, leaves };
      const text = JSON.stringify(kept);
      insertBatch.run(owner, request.requestId, bodyHash, text, moment.serviceS);
      return { kept };
    },

    delegate: ({ owner, plot, to, forS, moment }) => {
      const own = ownPlot(readPlot.get(plot), owner);
      if (!own.ok) return own;
      const record = own.value;
      if (forS === 0) dropDelegate.run(record.number, to);
      else {
        const others = delegatesOf(record, moment).delegates.filter((each) => each.to !== to);
        if (others.length >= DELEGATES_MAX) return failed('too-many');
        upsertDelegate.run(record.number, to, moment.serviceS + forS);
      }
      return ok(delegatesOf(record, moment));
    },
    delegates: ({ owner, plot, moment }) => {
      const record = readPlot.get(plot);
      if (record === undefined || record.owner !== owner) return failed('plot-unknown');
      return ok(delegatesOf(record, moment));
    },
    errands: ({ owner, moment: { serviceS } }) => {
      const friend = standing.friend(owner);
      return friend === undefined || friend.blocked === 1n || friend.departed === 1n
        ? []
        : readErrands.all(owner, serviceS).map((row) => ({
            plot: row.id,
            class: row.class,
            ttl: Number(row.until_service) - serviceS,
            forS: Number(row.may_until) - serviceS,
          }));
    },

    overShare: ({ disk, moment }) => overShare.rows(standing.totals({ disk }), moment),
    askLess: ({ owner, moment }) => overShare.ask(owner, moment),
    endOver: ({ owner, inS, moment, disk }) =>
      overShare.end(
        owner,
        inS === undefined ? undefined : moment.serviceS + inS,
        standing.totals({ disk }),
      ),

    forget: ({ serviceS }) => {
      dropBatches.run(serviceS - BATCHES_KEPT_S);
      dropOldDelegates.run(serviceS);
    },
  };

  function plotsMeant(owner: OwnerId, plots: readonly PlotId[] | 'all'): readonly PlotId[] {
    if (plots !== 'all') return [...new Set(plots)];
    // Those that end first, should there ever be more.
    return readLiving
      .all(owner)
      .slice(0, PLOTS_AT_ONCE_MAX)
      .map(({ id }) => id);
  }
}

const plotList = plotId.array();

/**
 * Everybody else's calls wait for the thread of the books meanwhile: a thousand at once would be most of a second.
 * The whole list is written down with the first of them, so whoever asks again after a crash goes on where it ended.
 */
export const RENEWED_TOGETHER = 25;

/** Answers to single requests are kept as long after their plot's end; a whole one is asked for again at once or never. */
const BATCHES_KEPT_S = 7 * DAY_S;

/** Each plot's part of a request about many: the same whenever the request is repeated, nobody else's. */
function idFor(requestId: RequestId, plot: PlotId): RequestId {
  return createHash('sha256')
    .update(`allotment-batch-v1\n${requestId}\n${plot}`)
    .digest()
    .subarray(0, 16)
    .toString('base64url') as RequestId;
}
