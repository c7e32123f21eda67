import type { OwnerId } from '../../../../shared/ids.ts';
import { DAY_MS } from '../../../../shared/units.ts';

/**
 * Standing orders (design §3.6), what is due and when; pure. Each side gives by its own clock, and neither is ever
 * more than one instalment ahead of the other: whatever clocks do and whoever stays away, that is the most anybody
 * can lose. Amounts are as this side sees them: `give` is mine.
 */
export type OrderId = string & { readonly __id: 'order' };

export type Terms = {
  readonly giveUnits: bigint;
  readonly wantUnits: bigint;
  readonly periodDays: number;
};

export type OrderState = 'offered' | 'asked' | 'standing' | 'ended';

/** Why an order does not go on as agreed; each has its sentence `order-problem.<code>`. */
export const ORDER_PROBLEMS = [
  'over-issue-here',
  'over-issue-there',
  'friend-away',
  'friend-owes',
  'paused-here',
  'paused-there',
  'off-there',
  'unknown-there',
  'refused-there',
  'less-than-agreed',
] as const;
export type OrderProblem = (typeof ORDER_PROBLEMS)[number];

export type Order = Terms & {
  readonly id: OrderId;
  readonly friend: OwnerId;
  readonly state: OrderState;
  readonly translated: boolean;
  readonly madeMs: number;
  /** When the next instalment is due here; undefined: it does not stand. */
  readonly nextMs: number | undefined;
  /** Instalments put out to be fetched, fetched of those, and fetched at the friend's. */
  readonly serial: number;
  readonly given: number;
  readonly got: number;
  readonly lastMs: number | undefined;
  readonly endedMs: number | undefined;
  readonly replaces: OrderId | undefined;
  readonly untold: 'propose' | 'accept' | 'end' | undefined;
  readonly problem: OrderProblem | undefined;
};

/** Of what is put out and not fetched: this one and one that was missed. */
const MOST_OPEN = 2;

export type Plan = {
  /** One more instalment may be put out now. */
  readonly give: boolean;
  /** When the next one is due, this one included; moved where a clock jumped or too many were missed. */
  readonly nextMs: number;
  /** It is due, and the friend has first to give what he owes. */
  readonly owes: boolean;
};

export function planOf(
  order: Pick<Order, 'giveUnits' | 'wantUnits' | 'periodDays' | 'serial' | 'given' | 'got'> & {
    readonly nextMs: number;
  },
  { nowMs, open }: { readonly nowMs: number; readonly open: number },
): Plan {
  const periodMs = periodMsOf(order);
  // A clock that went back must not make the next one a year away.
  const heldMs = Math.min(order.nextMs, nowMs + periodMs);
  const due = heldMs > nowMs ? 0 : Math.floor((nowMs - heldMs) / periodMs) + 1;
  const most = Math.max(0, MOST_OPEN - open);
  const nextMs = heldMs + Math.max(0, due - most) * periodMs;
  const isDue = nextMs <= nowMs;
  // Nothing of mine to give: the day passes, and the friend's part comes by his own clock.
  if (order.giveUnits === 0n)
    return { give: false, nextMs: isDue ? nextMs + periodMs : nextMs, owes: false };
  const owes = order.wantUnits > 0n && order.given + open - order.got >= 1;
  return { give: isDue && !owes, nextMs, owes: isDue && owes && open === 0 };
}

export function periodMsOf({ periodDays }: Pick<Terms, 'periodDays'>): number {
  return periodDays * DAY_MS;
}

export type OrderEvent = 'accept' | 'accepted' | 'end' | 'ended';

/**
 * What becomes of an order by a word from here (`accept`, `end`) or from there; undefined: it means nothing in this
 * state. Said twice it changes nothing.
 */
export function nextOrder(order: Order, event: OrderEvent, nowMs: number): Order | undefined {
  switch (event) {
    case 'accept':
      if (order.state !== 'asked') return undefined;
      return { ...order, state: 'standing', nextMs: nowMs, untold: 'accept', problem: undefined };
    case 'accepted':
      if (order.state === 'standing') return order;
      if (order.state !== 'offered') return undefined;
      return { ...order, state: 'standing', nextMs: nowMs, untold: undefined, problem: undefined };
    default: {
      if (order.state === 'ended') return event === 'ended' ? order : undefined;
      // What the friend never heard of needs no goodbye; he may have, if only the answer was lost.
      const untold = event === 'end' ? 'end' : undefined;
      const over = { state: 'ended', nextMs: undefined, endedMs: nowMs } as const;
      return { ...order, ...over, untold, problem: undefined };
    }
  }
}

/** Nobody answers for a month: then it was no wish of his. */
export const ANSWER_WITHIN_MS = 30 * DAY_MS;
/** What is over is shown for a while. */
export const ENDED_SHOWN_MS = 30 * DAY_MS;

export function isLapsed({ state, madeMs }: Order, nowMs: number): boolean {
  return (state === 'offered' || state === 'asked') && nowMs - madeMs > ANSWER_WITHIN_MS;
}
