import type { DeviceId, OwnerId, PlotId } from '../../../shared/ids.ts';
import { DAY_MS } from '../../../shared/units.ts';
import {
  COMPARED_MAX,
  type ComparisonAnswer,
  type ComparisonRequest,
  type HeldPlot,
  type Settlement,
  SETTLEMENTS_MAX,
  settlement,
} from '../../../shared/wire/accounts.ts';
import { encodeJson } from '../../../shared/wire/json.ts';
import type { Sql } from '../database/open-database.ts';
import { numberOf } from '../database/number-of.ts';
import { TICKET_S, TICKET_SKEW_MS } from './ticket.ts';

/** A device that keeps accounts, and whose it is. */
export type Keeper = { readonly keeper: OwnerId; readonly device: DeviceId };

/**
 * What this host has still to tell keepers, written in the same transactions as what it tells of, and the daily
 * comparison, which puts right whatever got lost all the same.
 */
export type OutboxBook = {
  /** Written down with the next number; told by and by. */
  readonly put: (to: Keeper, item: Unnumbered, nowMs: number) => void;
  /** Every device of a keeper with which this host has had to do. */
  readonly keepers: () => readonly (Keeper & {
    /** Something waits for it. */
    readonly untold: boolean;
    /** Whether plots stand on its accounts here. */
    readonly holds: boolean;
    readonly comparedMs: number | undefined;
  })[];
  readonly untold: () => number;
  /** So much waits for it that nothing is to be added. */
  readonly isFull: (device: DeviceId) => boolean;
  readonly next: (device: DeviceId) => readonly Settlement[];
  /** The keeper has taken everything up to this number; `seq`: the highest that he knows of this host. */
  readonly told: (call: {
    readonly device: DeviceId;
    readonly upTo: number;
    readonly seq: number;
  }) => void;
  /** Whoever kept them is a friend no longer: nobody is to be told. */
  readonly forget: (device: DeviceId) => void;
  /** What stands on this keeper's accounts from there on; undefined: he has not been told everything yet. */
  readonly page: (call: {
    readonly device: DeviceId;
    readonly after: PlotId | null;
    readonly nowMs: number;
  }) => Omit<ComparisonRequest, 'v'> | undefined;
  readonly compared: (call: {
    readonly from: Keeper;
    readonly page: Omit<ComparisonRequest, 'v'>;
    readonly answer: ComparisonAnswer;
    /** His word about what is covered counts here. */
    readonly isHonoured: boolean;
    readonly serviceS: number;
    readonly nowMs: number;
  }) => void;
};

type Unnumbered = Settlement extends infer S
  ? S extends Settlement
    ? Omit<S, 'seq'>
    : never
  : never;

/** No clock and no keeper moves the number further than this: what comes after must still be exact. */
const SEQ_MAX = 2 ** 52;
/** Tickets that were honoured are remembered longer than any clock is likely to be put back. */
const SPENT_FOR_MS = 2 * 366 * DAY_MS;

/** Whoever has so much to be told first is not asked for more; a friend who asks and asks fills no disk. */
const UNTOLD_MAX = 1000;

type OutboxRow = { readonly seq: bigint; readonly item: string };

export function openOutboxBook(sql: Sql): OutboxBook {
  const readCounter = sql.prepare<[], { seq: bigint }>('SELECT seq FROM account_counter');
  const setCounter = sql.prepare('UPDATE account_counter SET seq = ?');
  const insert = sql.prepare(
    'INSERT INTO account_outbox (seq, keeper, device, item) VALUES (?, ?, ?, ?)',
  );
  const readNext = sql.prepare<[string], OutboxRow>(
    `SELECT seq, item FROM account_outbox WHERE device = ? ORDER BY seq LIMIT ${SETTLEMENTS_MAX}`,
  );
  const remove = sql.prepare('DELETE FROM account_outbox WHERE device = ? AND seq <= ?');
  const removeAll = sql.prepare('DELETE FROM account_outbox WHERE device = ?');
  const count = sql.prepare<[], { untold: bigint }>(
    'SELECT count(*) AS untold FROM account_outbox',
  );
  const readKeepers = sql.prepare<
    [],
    {
      keeper: OwnerId;
      device: DeviceId;
      untold: bigint;
      holds: bigint;
      compared_ms: bigint | null;
    }
  >(
    // From one device to the next, past everything that each has: there may be a million plots of one keeper.
    `WITH RECURSIVE
       waiting (device) AS (SELECT min(device) FROM account_outbox UNION ALL
         SELECT (SELECT min(device) FROM account_outbox AS own WHERE own.device > waiting.device)
         FROM waiting WHERE waiting.device IS NOT NULL),
       holding (device) AS (SELECT min(device) FROM account_plots UNION ALL
         SELECT (SELECT min(device) FROM account_plots AS own WHERE own.device > holding.device)
         FROM holding WHERE holding.device IS NOT NULL),
       met (device) AS (SELECT device FROM waiting UNION SELECT device FROM holding
         UNION SELECT device FROM account_compared)
     SELECT device,
       coalesce((SELECT keeper FROM account_compared AS own WHERE own.device = met.device),
         (SELECT keeper FROM account_outbox AS own WHERE own.device = met.device LIMIT 1),
         (SELECT keeper FROM account_plots AS own WHERE own.device = met.device LIMIT 1)) AS keeper,
       EXISTS (SELECT 1 FROM account_outbox AS own WHERE own.device = met.device) AS untold,
       EXISTS (SELECT 1 FROM account_plots AS own WHERE own.device = met.device) AS holds,
       (SELECT compared_ms FROM account_compared AS own WHERE own.device = met.device) AS compared_ms
     FROM met WHERE device IS NOT NULL`,
  );
  // What is promised is what counts: reconciliation may have raised it since the grant.
  const readPlots = sql.prepare<[string, string], HeldPlot>(
    `SELECT account_plots.plot, account, member, promised AS bytes FROM account_plots
     JOIN plots ON plots.id = account_plots.plot WHERE device = ? AND account_plots.plot > ?
     ORDER BY account_plots.plot LIMIT ${COMPARED_MAX + 1}`,
  );
  const readFull = sql.prepare<[string]>(
    `SELECT 1 FROM account_outbox WHERE device = ? LIMIT 1 OFFSET ${UNTOLD_MAX - 1}`,
  );
  const cover = sql.prepare(
    'UPDATE account_plots SET covered = 1, good_service = max(good_service, ?) WHERE plot = ? AND device = ?',
  );
  const uncover = sql.prepare('UPDATE account_plots SET covered = 0 WHERE plot = ? AND device = ?');
  const readFound = sql.prepare<[string, string], { promised: bigint }>(
    `SELECT promised FROM plots WHERE id = ? AND owner = ? AND ground = 'account' AND state NOT IN ('released', 'gone')`,
  );
  const adopt = sql.prepare(
    `INSERT INTO account_plots (plot, keeper, device, account, member, good_service) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const readIntent = sql.prepare<[string]>('SELECT 1 FROM account_intents WHERE id = ?');
  const spend = sql.prepare(
    'INSERT INTO account_spent (device, jti, at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const forgetSpent = sql.prepare('DELETE FROM account_spent WHERE at_ms < ?');
  const noteCompared = sql.prepare(
    `INSERT INTO account_compared (device, keeper, compared_ms) VALUES (?, ?, ?)
     ON CONFLICT (device) DO UPDATE SET compared_ms = excluded.compared_ms`,
  );

  /** Goes with the clock, so that a host that has lost its books says nothing with a number that it has used. */
  function nextSeq(nowMs: number): number {
    const last = Number(readCounter.get()?.seq ?? 0n);
    const seq = Math.max(last + 1, Math.min(Math.max(0, nowMs), SEQ_MAX));
    setCounter.run(BigInt(seq));
    return seq;
  }

  function catchUp(seq: number): void {
    const last = Number(readCounter.get()?.seq ?? 0n);
    if (seq > last && seq <= SEQ_MAX) setCounter.run(BigInt(seq));
  }

  const put: OutboxBook['put'] = ({ keeper, device }, item, nowMs) => {
    const seq = nextSeq(nowMs);
    insert.run(seq, keeper, device, encodeJson({ ...item, seq }));
  };

  const next = (device: DeviceId) =>
    readNext.all(device).map(({ item }) => settlement.parse(JSON.parse(item)));

  /** A reservation that nobody here waits for, or a ticket whose time is over here, comes back for good. */
  function resolveOpen(
    from: Keeper,
    { promise, untilMs }: ComparisonAnswer['open'][number],
    nowMs: number,
  ): void {
    const isTicket = untilMs !== undefined;
    if (isTicket ? mayCome(untilMs, nowMs) : readIntent.get(promise) !== undefined) return;
    // Whatever the clock will say: it is never honoured here. If it was, that was told before this, and a void changes
    // nothing; unless the keeper has forgotten it, and then it would count for ever.
    if (isTicket) spend.run(from.device, promise, nowMs);
    put(from, { state: 'void', promise, account: ANY_ACCOUNT }, nowMs);
  }

  const compared: OutboxBook['compared'] = (call) => {
    const { from, page, answer, isHonoured, serviceS, nowMs } = call;
    catchUp(answer.seq);
    const uncovered = new Set(answer.uncovered);
    for (const { plot } of page.plots) {
      if (uncovered.has(plot)) uncover.run(plot, from.device);
      else if (isHonoured) cover.run(serviceS, plot, from.device);
    }
    // The keeper knows of plots that these books don't: they were found on the disk after the books were lost.
    for (const { plot, account, member } of answer.dropped) {
      const found = readFound.get(plot, member);
      if (found === undefined || !isHonoured) continue;
      const { keeper, device } = from;
      const bytes = found.promised;
      if (adopt.run(plot, keeper, device, account, member, serviceS).changes === 0) continue;
      put(from, { state: 'settled', account, member, plot, bytes }, nowMs);
    }
    if (page.upTo !== null) return;
    for (const open of answer.open) resolveOpen(from, open, nowMs);
    noteCompared.run(from.device, from.keeper, nowMs);
    forgetSpent.run(nowMs - SPENT_FOR_MS);
  };

  return {
    put,
    next,
    keepers: () =>
      readKeepers.all().map(({ keeper, device, untold, holds, compared_ms }) => ({
        keeper,
        device,
        untold: untold === 1n,
        holds: holds === 1n,
        comparedMs: numberOf(compared_ms),
      })),
    untold: () => Number(count.get()?.untold ?? 0n),
    told: ({ device, upTo, seq }) => {
      remove.run(device, upTo);
      catchUp(seq);
    },
    forget: (device) => void removeAll.run(device),
    isFull: (device) => readFull.get(device) !== undefined,
    page: ({ device, after, nowMs }) => {
      if (next(device).length > 0) return undefined;
      const found = readPlots.all(device, after ?? '');
      const plots = found.slice(0, COMPARED_MAX);
      const upTo = found.length > COMPARED_MAX ? (plots.at(-1)?.plot ?? null) : null;
      return { seq: nextSeq(nowMs), after, upTo, plots };
    },
    compared,
  };
}

/** A ticket that would be honoured yet. One of a clock that was a year ahead never is, and must not be charged for a year. */
function mayCome(untilMs: number, nowMs: number): boolean {
  const leftMs = untilMs - nowMs;
  return leftMs >= -TICKET_SKEW_MS && leftMs <= TICKET_S * 1000 + TICKET_SKEW_MS;
}

/** A void is found by its number alone. */
const ANY_ACCOUNT = '-';
