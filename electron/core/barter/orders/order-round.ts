import type { Async } from '../../../../shared/async.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import type { Result } from '../../../../shared/result.ts';
import { DAY_MS, HOUR_MS } from '../../../../shared/units.ts';
import type { FriendRegistry } from '../../friends/friend-registry.ts';
import type { Clock } from '../../ports.ts';
import type { Came, OrderBook } from './order-book.ts';
import type { OrderCallFault, OrderCalls } from './order-calls.ts';
import { type Order, type OrderId, type OrderProblem, periodMsOf, planOf } from './orders.ts';

/** What an order is carried out with: the mint here, the wallet here, the owner's word. */
export type OrderMeans = {
  /** One instalment for the friend to fetch; the same part twice is one. */
  readonly give: (call: {
    readonly owner: OwnerId;
    readonly units: bigint;
    readonly order: OrderId;
    readonly part: number;
  }) => Promise<Result<unknown, { readonly code: 'over-issue' | 'barter-off' }>>;
  /** Of my instalments: how many the friend has fetched, and what waits to be. */
  readonly given: (order: OrderId) => Promise<{
    readonly fetched: number;
    readonly waiting: readonly { readonly claim: string }[];
  }>;
  readonly takeBack: (claim: string) => Promise<unknown>;
  /** Of the friend's: how much came, and when last. */
  readonly got: (order: OrderId) => Promise<Came>;
  /** Fetches what lies at the friend's mint for me; false: nobody answered. */
  readonly collect: (friend: OwnerId) => Promise<boolean>;
  readonly mayIssueUnits: () => Promise<bigint>;
  /** The owner wants to be left alone, or to give this friend nothing new. */
  readonly isPaused: (friend: OwnerId) => Promise<boolean>;
};

export type OrderRound = {
  /** `only`: something of that friend's may have changed; he is asked if he was not asked in the last `gapMs`. */
  readonly run: (which?: { readonly only: OwnerId; readonly gapMs: number }) => Promise<void>;
  /** Says to the friend what he has still to hear; undefined: he has heard it. */
  readonly tell: (order: Order) => Promise<OrderCallFault | undefined>;
};

/** A friend who is away, or has nothing for me yet, is asked once an hour. */
const RETRY_MS = HOUR_MS;
/** Being away for a day is no trouble that anybody has to read of. */
const AWAY_TOLD_MS = DAY_MS;
/** The two clocks need not agree to the day. */
const SLACK_MS = DAY_MS;

/** Known only from the friend's own word, or from his silence: it stays until he is asked again. */
const SAID_THERE: ReadonlySet<OrderProblem | undefined> = new Set([
  'over-issue-there',
  'friend-away',
  'paused-there',
  'off-there',
  'refused-there',
] as const);

export function createOrderRound({
  book,
  calls,
  friends,
  means,
  clock,
  onChange,
}: {
  readonly book: Async<OrderBook>;
  readonly calls: OrderCalls;
  readonly friends: Pick<FriendRegistry, 'friends' | 'friend'>;
  readonly means: OrderMeans;
  readonly clock: Clock;
  readonly onChange: () => void;
}): OrderRound {
  /** By the monotonic clock: one that is put right must not make an hour last a year. */
  const askedMs = new Map<OwnerId, number>();
  const toldMs = new Map<OrderId, number>();
  const cleared = new Set<OrderId>();

  const run: OrderRound['run'] = async (which) => {
    const only = which?.only;
    const gapMs = which?.gapMs ?? RETRY_MS;
    const present = friends.friends().filter(({ departed }) => !departed);
    const owners = present.map(({ owner }) => owner);
    if (await book.sweep({ nowMs: clock.nowMs(), friends: owners })) onChange();
    const orders = await book.orders();
    forget(orders);
    for (const order of orders) {
      if (order.state === 'ended') await clear(order);
      if (order.untold === undefined || (only !== undefined && only !== order.friend)) continue;
      if (isTime(toldMs.get(order.id), gapMs)) await tell(order);
    }
    const friendly = Map.groupBy(await book.orders(), ({ friend }) => friend);
    for (const [friend, mine] of friendly) {
      if (only !== undefined && only !== friend) continue;
      const standing = mine.filter(({ state, untold }) => state === 'standing' && !untold);
      if (standing.length > 0) await carryOut(friend, standing, gapMs);
    }
  };

  /** What the book has forgotten is remembered here no longer: a friend who proposes and ends all day fills no memory. */
  function forget(orders: readonly Order[]): void {
    const known = new Set(orders.map(({ id }) => id));
    for (const id of cleared) if (!known.has(id)) cleared.delete(id);
    for (const id of toldMs.keys()) if (!known.has(id)) toldMs.delete(id);
  }

  function isTime(sinceMs: number | undefined, gapMs: number): boolean {
    return sinceMs === undefined || clock.monotonicMs() - sinceMs >= gapMs;
  }

  /** What was put out for an order that is over, and not fetched, is not owed any more. */
  async function clear({ id }: Order): Promise<void> {
    if (cleared.has(id)) return;
    const { waiting } = await means.given(id);
    for (const { claim } of waiting) await means.takeBack(claim);
    cleared.add(id);
  }

  async function tell(order: Order): Promise<OrderCallFault | undefined> {
    const { id, friend, untold, giveUnits: give, wantUnits: want, periodDays } = order;
    toldMs.set(id, clock.monotonicMs());
    const said = await sayOf(order);
    if (said === undefined || said.ok || said.fault.code === 'refused') {
      await book.told({ id, what: untold });
      toldMs.delete(id);
    }
    if (said === undefined || said.ok) return undefined;
    if (said.fault.code === 'refused' && untold !== 'end') {
      // It can't become what was agreed: a proposal that is not wanted, a yes to what is over.
      await end(order, problemIn(said.fault));
    }
    return said.fault;

    function sayOf({ translated, replaces }: Order) {
      if (untold === 'accept') return calls.answer(friend, id, true);
      if (untold === 'end') return calls.end(friend, id);
      if (untold === undefined) return undefined;
      const proposal = { order: id, give, want, periodDays, translated };
      return calls.propose(friend, replaces === undefined ? proposal : { ...proposal, replaces });
    }
  }

  async function carryOut(friend: OwnerId, orders: readonly Order[], gapMs: number): Promise<void> {
    for (const order of orders) await give(order, undefined);
    const lagging = [];
    for (const order of orders) if (await lags(order)) lagging.push(order);
    if (lagging.length === 0 || !isTime(askedMs.get(friend), gapMs)) return;
    askedMs.set(friend, clock.monotonicMs());
    const isThere = await means.collect(friend);
    for (const order of lagging) {
      const there = (await lags(order)) ? await whyNot(order, isThere) : 'asked';
      // What came in may be what I was waiting for.
      await give(order, there);
    }
  }

  /** The friend's part of this period has not come, or he is one behind. */
  async function lags(order: Order): Promise<boolean> {
    const { id, giveUnits, wantUnits } = order;
    if (wantUnits === 0n) return false;
    const [{ fetched, waiting }, { units, lastMs }] = await Promise.all([
      means.given(id),
      means.got(id),
    ]);
    const nowMs = clock.nowMs();
    const slackMs = Math.min(SLACK_MS, periodMsOf(order) / 4);
    const isBehind = giveUnits > 0n && units < wantUnits * BigInt(fetched + waiting.length);
    return (
      isBehind || lastMs === undefined || lastMs < beganMs(order, nowMs) - slackMs || lastMs > nowMs
    );
  }

  async function end({ id }: Order, problem: OrderProblem | undefined): Promise<void> {
    const nowMs = clock.nowMs();
    const ended = await book.step({ id, event: 'ended', nowMs });
    if (ended.ok) await book.note({ ...ended.value, id, problem, nextMs: undefined, nowMs });
    onChange();
  }

  /** `there`: why nothing comes from there, if he was asked just now; `asked`: it should come. */
  async function give(stale: Order, there: OrderProblem | 'asked' | undefined): Promise<void> {
    const order = await book.order(stale.id);
    if (order?.state !== 'standing' || order.nextMs === undefined) return;
    const { id, friend, giveUnits, wantUnits } = order;
    const [{ fetched, waiting }, came, paused, isLate] = await Promise.all([
      means.given(id),
      means.got(id),
      means.isPaused(friend),
      lags(order),
    ]);
    const nowMs = clock.nowMs();
    // Whoever gives less than agreed has given that much less.
    const got = wantUnits === 0n ? 0 : Number(came.units / wantUnits);
    const counted = { ...order, given: fetched, got, nextMs: order.nextMs };
    const plan = planOf(counted, { nowMs, open: waiting.length });
    const common = { id, given: fetched, got, nowMs };
    if (plan.give && !paused) {
      const part = order.serial;
      await book.note({ ...common, nextMs: plan.nextMs, problem: order.problem });
      const given = await means.give({ owner: friend, units: giveUnits, order: id, part });
      if (given.ok) {
        await book.put({ id, part });
        onChange();
        // One that was missed may be due besides.
        return give(order, there);
      }
      if (await book.note({ ...common, nextMs: plan.nextMs, problem: 'over-issue-here' }))
        onChange();
      return;
    }
    const isShort = came.fetched > got && plan.owes;
    const known = isLate && SAID_THERE.has(order.problem) ? order.problem : undefined;
    const said = there === 'asked' ? undefined : (there ?? known);
    const problem = problemOf({
      paused: plan.give && paused,
      owes: plan.owes,
      isShort,
      there: said,
    });
    if (await book.note({ ...common, nextMs: plan.nextMs, problem })) onChange();
  }

  /** Since when something of his is missing: periods go on while he is away. */
  async function missedMs(order: Order, nowMs: number): Promise<number> {
    const { lastMs } = await means.got(order.id);
    const began = beganMs(order, nowMs);
    return lastMs === undefined ? began : Math.min(began, lastMs + periodMsOf(order));
  }

  /** Why nothing comes from the friend, as far as he says. */
  async function whyNot(order: Order, isThere: boolean): Promise<OrderProblem | 'asked'> {
    const nowMs = clock.nowMs();
    const listed = isThere ? await calls.list(order.friend) : undefined;
    if (listed === undefined || (!listed.ok && listed.fault.code === 'unreachable'))
      return nowMs - (await missedMs(order, nowMs)) > AWAY_TOLD_MS ? 'friend-away' : 'asked';
    if (!listed.ok) return problemIn(listed.fault);
    const theirs = listed.value.find((each) => each.order === order.id);
    if (theirs === undefined || theirs.state === 'ended') {
      await end(order, 'unknown-there');
      return 'asked';
    }
    if (theirs.waits === 'over-issue') return 'over-issue-there';
    return theirs.waits === 'paused' ? 'paused-there' : 'asked';
  }

  return { run, tell };
}

function problemOf({
  paused,
  owes,
  isShort,
  there,
}: {
  readonly paused: boolean;
  readonly owes: boolean;
  readonly isShort: boolean;
  readonly there: OrderProblem | undefined;
}): OrderProblem | undefined {
  if (paused) return 'paused-here';
  if (there !== undefined) return there;
  if (isShort) return 'less-than-agreed';
  return owes ? 'friend-owes' : undefined;
}

/** When the period began that an order is in, by the clock here. */
function beganMs(order: Order, nowMs: number): number {
  const { nextMs = nowMs } = order;
  return nextMs > nowMs ? nextMs - periodMsOf(order) : nextMs;
}

function problemIn(fault: OrderCallFault): OrderProblem {
  if (fault.code === 'unreachable') return 'friend-away';
  if (fault.denial === 'barter-off') return 'off-there';
  return fault.denial === 'order-unknown' ? 'unknown-there' : 'refused-there';
}
