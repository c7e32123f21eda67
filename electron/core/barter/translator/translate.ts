import type { OwnerId } from '../../../../shared/ids.ts';
import { UNIT_BYTES } from '../../../../shared/model/notes.ts';
import { DAY_MS, least } from '../../../../shared/units.ts';
import type { Order, OrderId } from '../orders/orders.ts';

/**
 * The market translator (design §3.6): turns what I do into standing orders. My backups want room at a friend who
 * refuses it: I ask for his notes. My offer stands idle: I ask for notes to have them when I need them. It proposes, the
 * friend says yes or no, and never gives or wants more than its owner allowed. Pure.
 */
export type Behaviour = {
  readonly nowMs: number;
  /** Both over all orders together, in units for 30 days. */
  readonly limits: { readonly mostGiveUnits: bigint; readonly mostWantUnits: bigint };
  readonly friends: readonly FriendNeed[];
  /** What I could promise beyond all that is promised, and all that I share. */
  readonly idleBytes: bigint;
  readonly capacityBytes: bigint;
  /** All that are not over, whoever made them. */
  readonly orders: readonly Pick<
    Order,
    'id' | 'friend' | 'giveUnits' | 'wantUnits' | 'periodDays' | 'state' | 'translated' | 'madeMs'
  >[];
  /** When an order with this friend was last proposed or said no to. */
  readonly lastMs: ReadonlyMap<OwnerId, number>;
};

export type FriendNeed = {
  readonly friend: OwnerId;
  /** What my sets still want there and were refused, or soon would be, and what I pay for there each 30 days. */
  readonly refusedBytes: bigint;
  readonly paidUnits: bigint;
  /** He takes part in barter, and has been there lately. */
  readonly isThere: boolean;
};

export type Move =
  | {
      readonly type: 'propose';
      readonly friend: OwnerId;
      readonly giveUnits: bigint;
      readonly wantUnits: bigint;
      /** The order that ends when this one begins. */
      readonly replaces: OrderId | undefined;
    }
  | { readonly type: 'end'; readonly order: OrderId };

export const TRANSLATED_PERIOD_DAYS = 30;
const PERIOD = BigInt(TRANSLATED_PERIOD_DAYS);
/** A friend is asked again about the same thing a week later at the earliest. */
const QUIET_MS = 7 * DAY_MS;
/** An offer is idle while more than half of it is promised to nobody; a twentieth of it is then offered. */
const IDLE_PART = 2n;
const OFFERED_PART = 20n;

export function translate(behaviour: Behaviour): readonly Move[] {
  const moves: Move[] = [];
  const left = budgetOf(behaviour);
  const needs = [...behaviour.friends]
    .map((each) => ({ ...each, need: needOf(each) }))
    .sort((one, other) => Number(other.need - one.need) || (one.friend < other.friend ? -1 : 1));
  for (const need of needs) {
    const move = moveFor(need, behaviour, left);
    if (move === undefined) continue;
    moves.push(move);
    if (move.type === 'propose') {
      const old = behaviour.orders.find(({ id }) => id === move.replaces);
      left.give -= move.giveUnits - monthly(old, 'giveUnits');
      left.want -= move.wantUnits - monthly(old, 'wantUnits');
    }
  }
  return moves;
}

type Budget = { give: bigint; want: bigint };

/** What is left of the limits beside all orders that stand or may soon. */
function budgetOf({ limits, orders, idleBytes }: Behaviour): Budget {
  const sum = (what: 'giveUnits' | 'wantUnits') =>
    orders.reduce((total, order) => total + monthly(order, what), 0n);
  const give = limits.mostGiveUnits - sum('giveUnits');
  const idle = idleBytes / UNIT_BYTES;
  return { give: least(give, idle), want: limits.mostWantUnits - sum('wantUnits') };
}

/** In 30 days, rounded up: a weekly order of ten units is one of 43. */
function monthly(
  order: Behaviour['orders'][number] | undefined,
  what: 'giveUnits' | 'wantUnits',
): bigint {
  if (order === undefined) return 0n;
  const days = BigInt(order.periodDays);
  return (order[what] * PERIOD + days - 1n) / days;
}

function needOf({ refusedBytes, paidUnits }: FriendNeed): bigint {
  return paidUnits + (refusedBytes + UNIT_BYTES - 1n) / UNIT_BYTES;
}

function moveFor(
  { friend, need, isThere }: FriendNeed & { readonly need: bigint },
  behaviour: Behaviour,
  left: Budget,
): Move | undefined {
  const { orders, lastMs, nowMs } = behaviour;
  const mine = orders.filter((each) => each.friend === friend);
  // What people arranged themselves, or have not answered yet, is not talked over.
  if (mine.some(({ translated, state }) => !translated || state !== 'standing')) return undefined;
  const sinceMs = nowMs - (lastMs.get(friend) ?? Number.NEGATIVE_INFINITY);
  // A clock that went back counts as quiet, not as a year of it.
  if (Math.abs(sinceMs) < QUIET_MS) return undefined;
  const [old] = mine;
  const wanted = need > 0n ? coarse(need) : idleUnits(behaviour);
  if (old !== undefined && !isOtherEnough(old.wantUnits, wanted)) return undefined;
  if (wanted === 0n) return old && { type: 'end', order: old.id };
  const most = least(left.give + monthly(old, 'giveUnits'), left.want + monthly(old, 'wantUnits'));
  const units = least(wanted, most);
  if (units <= 0n || !isThere) return undefined;
  if (old !== undefined && !isOtherEnough(old.wantUnits, units)) return undefined;
  return { type: 'propose', friend, giveUnits: units, wantUnits: units, replaces: old?.id };
}

/** Half as much again, or half of it: less is noise, and not worth a question. */
function isOtherEnough(before: bigint, after: bigint): boolean {
  return 2n * after >= 3n * before || 2n * after <= before;
}

/** One figure and a half: 1, 1½, 2, 3, 4, 6, 8, 12 … rounded up, so that a growing set doesn't ask anew each day. */
function coarse(units: bigint): bigint {
  let step = 1n;
  while (step < units) {
    const half = step + step / 2n;
    if (step >= 2n && half >= units) return half;
    step *= 2n;
  }
  return step;
}

function idleUnits({ idleBytes, capacityBytes }: Behaviour): bigint {
  if (capacityBytes === 0n || idleBytes * IDLE_PART <= capacityBytes) return 0n;
  return coarse(capacityBytes / OFFERED_PART / UNIT_BYTES);
}
