import type { OwnerId } from '../../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import type { Sql } from '../../database/open-database.ts';
import { numberOf } from '../../database/number-of.ts';
import {
  ENDED_SHOWN_MS,
  isLapsed,
  nextOrder,
  ORDER_PROBLEMS,
  type Order,
  type OrderEvent,
  type OrderId,
  type OrderProblem,
  type OrderState,
  periodMsOf,
  type Terms,
} from './orders.ts';

/** Standing orders as this device knows them. What of them is fetched, mint and wallet count. */
export type OrderBook = {
  readonly orders: () => readonly Order[];
  readonly order: (id: OrderId) => Order | undefined;
  /** Written down if it is new; the same again changes nothing. */
  readonly propose: (call: ProposeCall) => Result<Order, ProposeFault>;
  /** `friend`: whose word it is, where it comes from there. */
  readonly step: (call: {
    readonly id: OrderId;
    readonly event: OrderEvent;
    readonly friend?: OwnerId | undefined;
    readonly nowMs: number;
  }) => Result<Order, 'order-unknown'>;
  /** The friend has heard it. */
  readonly told: (call: { readonly id: OrderId; readonly what: Order['untold'] }) => void;
  /** What a look at it found; whether something in it is new. */
  readonly note: (call: {
    readonly id: OrderId;
    readonly given: number;
    readonly got: number;
    readonly nextMs?: number | undefined;
    readonly problem: OrderProblem | undefined;
    readonly nowMs: number;
  }) => boolean;
  /** One more instalment of mine is out. */
  readonly put: (call: { readonly id: OrderId; readonly part: number }) => void;
  /** Notes of that friend's came in for it. Anything but an order with that friend is left aside. */
  readonly came: (call: {
    readonly id: OrderId;
    readonly friend: OwnerId;
    readonly units: bigint;
    readonly atMs: number;
  }) => void;
  /** What came in for it, all in all. */
  readonly got: (id: OrderId) => Came;
  /** What nobody answered lapses, what is over long enough is forgotten; every order of a friend who left ends. */
  readonly sweep: (call: {
    readonly nowMs: number;
    readonly friends: readonly OwnerId[];
  }) => boolean;
};

export type Came = {
  readonly fetched: number;
  readonly units: bigint;
  readonly lastMs: number | undefined;
};

export type ProposeCall = Terms & {
  readonly id: OrderId;
  readonly friend: OwnerId;
  readonly by: 'here' | 'there';
  readonly translated: boolean;
  readonly replaces: OrderId | undefined;
  readonly nowMs: number;
};

/** `too-many`: so many of this friend's wait for an answer already. */
export type ProposeFault = 'order-reused' | 'too-many';

/** Between two people; more is no arrangement, it is a flood. */
const ASKED_MOST = 5;
const ALIVE_MOST = 20;
/** Of what is over, so many are remembered with one friend, those that stood rather than others. */
const OVER_MOST = 40;

type Row = {
  readonly id: OrderId;
  readonly friend: OwnerId;
  readonly give: bigint;
  readonly want: bigint;
  readonly period_days: bigint;
  readonly state: OrderState;
  readonly translated: bigint;
  readonly made_ms: bigint;
  readonly next_ms: bigint | null;
  readonly serial: bigint;
  readonly given: bigint;
  readonly got: bigint;
  readonly last_ms: bigint | null;
  readonly ended_ms: bigint | null;
  readonly replaces: OrderId | null;
  readonly untold: 'propose' | 'accept' | 'end' | null;
  readonly problem: string | null;
};

export function openOrderBook(sql: Sql): OrderBook {
  const readAll = sql.prepare<[], Row>('SELECT * FROM standing_orders ORDER BY made_ms, id');
  const read = sql.prepare<[string], Row>('SELECT * FROM standing_orders WHERE id = ?');
  const readAlive = sql.prepare<[string], { state: OrderState }>(
    "SELECT state FROM standing_orders WHERE friend = ? AND state <> 'ended'",
  );
  const insert = sql.prepare(
    `INSERT INTO standing_orders (id, friend, give, want, period_days, state, translated, made_ms, replaces, untold)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const write = sql.prepare(
    `UPDATE standing_orders SET state = @state, next_ms = @nextMs, ended_ms = @endedMs, untold = @untold,
       problem = @problem WHERE id = @id`,
  );
  const setTold = sql.prepare(
    'UPDATE standing_orders SET untold = NULL WHERE id = ? AND untold = ?',
  );
  const setNote = sql.prepare(
    `UPDATE standing_orders SET problem = @problem, next_ms = iif(next_ms IS NULL, NULL, coalesce(@nextMs, next_ms)),
       last_ms = iif(given = @given AND got = @got, last_ms, @nowMs), given = @given, got = @got
     WHERE id = @id AND (problem IS NOT @problem OR given <> @given OR got <> @got OR next_ms IS NOT coalesce(@nextMs, next_ms))`,
  );
  const setPut = sql.prepare(
    'UPDATE standing_orders SET serial = serial + 1, next_ms = next_ms + ? WHERE id = ? AND serial = ?',
  );
  const setCame = sql.prepare(
    `UPDATE standing_orders SET came = came + 1, came_units = came_units + ?, came_ms = ?
     WHERE id = ? AND friend = ?`,
  );
  const readCame = sql.prepare<
    [string],
    { came: bigint; came_units: bigint; came_ms: bigint | null }
  >('SELECT came, came_units, came_ms FROM standing_orders WHERE id = ?');
  const forget = sql.prepare("DELETE FROM standing_orders WHERE state = 'ended' AND ended_ms < ?");

  const trim = sql.prepare(
    `DELETE FROM standing_orders WHERE friend = @friend AND state = 'ended' AND id NOT IN
       (SELECT id FROM standing_orders WHERE friend = @friend AND state = 'ended'
        ORDER BY serial > 0 DESC, ended_ms DESC, id LIMIT @most)`,
  );

  const order = (id: OrderId): Order | undefined => {
    const row = read.get(id);
    return row === undefined ? undefined : toOrder(row);
  };

  function save({ id, state, nextMs, endedMs, untold, problem }: Order): void {
    write.run({
      id,
      state,
      nextMs: nextMs ?? null,
      endedMs: endedMs ?? null,
      untold: untold ?? null,
      problem: problem ?? null,
    });
  }

  function step(before: Order, event: OrderEvent, nowMs: number): Order | undefined {
    const after = nextOrder(before, event, nowMs);
    if (after === undefined) return undefined;
    save(after);
    const old = after.replaces === undefined ? undefined : order(after.replaces);
    const begins = before.state !== 'standing' && after.state === 'standing';
    // Both sides do the same by themselves; whoever is told of the end besides has heard it already.
    if (begins && old !== undefined && old.friend === after.friend && old.state !== 'ended')
      save({ ...(nextOrder(old, 'ended', nowMs) ?? old), untold: undefined });
    return after;
  }

  return {
    orders: () => readAll.all().map(toOrder),
    order,
    propose: (call) => {
      const { id, friend, by, giveUnits, wantUnits, periodDays, translated, nowMs } = call;
      const known = order(id);
      if (known !== undefined) return isSame(known, call) ? ok(known) : failed('order-reused');
      const alive = readAlive.all(friend);
      const asked = alive.filter(({ state }) => state === 'asked').length;
      if (alive.length >= ALIVE_MOST || (by === 'there' && asked >= ASKED_MOST))
        return failed('too-many');
      trim.run({ friend, most: OVER_MOST });
      insert.run(
        id,
        friend,
        giveUnits,
        wantUnits,
        periodDays,
        by === 'here' ? 'offered' : 'asked',
        translated ? 1 : 0,
        nowMs,
        call.replaces ?? null,
        by === 'here' ? 'propose' : null,
      );
      const written = order(id);
      if (written === undefined) throw new Error('an order was not written');
      return ok(written);
    },
    step: ({ id, event, friend, nowMs }) => {
      const before = order(id);
      if (before === undefined || (friend !== undefined && before.friend !== friend))
        return failed('order-unknown');
      const after = step(before, event, nowMs);
      return after === undefined ? failed('order-unknown') : ok(after);
    },
    told: ({ id, what }) => void setTold.run(id, what ?? null),
    note: ({ id, given, got, nextMs, problem, nowMs }) => {
      const found = { id, given, got, nowMs };
      return (
        setNote.run({ ...found, nextMs: nextMs ?? null, problem: problem ?? null }).changes > 0
      );
    },
    put: ({ id, part }) => {
      const found = order(id);
      if (found !== undefined) setPut.run(periodMsOf(found), id, part);
    },
    came: ({ id, friend, units, atMs }) => void setCame.run(units, atMs, id, friend),
    got: (id) => {
      const row = readCame.get(id);
      return {
        fetched: Number(row?.came ?? 0n),
        units: row?.came_units ?? 0n,
        lastMs: numberOf(row?.came_ms),
      };
    },
    sweep: ({ nowMs, friends }) => {
      const present = new Set(friends);
      let isChanged = forget.run(nowMs - ENDED_SHOWN_MS).changes > 0;
      for (const each of readAll.all().map(toOrder)) {
        if (each.state === 'ended') continue;
        if (present.has(each.friend) && !isLapsed(each, nowMs)) continue;
        step(each, 'ended', nowMs);
        isChanged = true;
      }
      return isChanged;
    },
  };
}

function isSame(known: Order, call: ProposeCall): boolean {
  return (
    known.friend === call.friend &&
    known.giveUnits === call.giveUnits &&
    known.wantUnits === call.wantUnits &&
    known.periodDays === call.periodDays
  );
}

function toOrder(row: Row): Order {
  return {
    id: row.id,
    friend: row.friend,
    giveUnits: row.give,
    wantUnits: row.want,
    periodDays: Number(row.period_days),
    state: row.state,
    translated: row.translated === 1n,
    madeMs: Number(row.made_ms),
    nextMs: numberOf(row.next_ms),
    serial: Number(row.serial),
    given: Number(row.given),
    got: Number(row.got),
    lastMs: numberOf(row.last_ms),
    endedMs: numberOf(row.ended_ms),
    replaces: row.replaces ?? undefined,
    untold: row.untold ?? undefined,
    problem: ORDER_PROBLEMS.find((each) => each === row.problem),
  };
}
