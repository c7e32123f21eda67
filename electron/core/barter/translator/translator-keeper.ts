import type { Async } from '../../../../shared/async.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import { DAY_MS } from '../../../../shared/units.ts';
import type { FriendRegistry } from '../../friends/friend-registry.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { ChoicesBook } from '../choices-book.ts';
import type { OrderKeeper } from '../orders/order-keeper.ts';
import type { Order } from '../orders/orders.ts';
import { type Behaviour, translate, TRANSLATED_PERIOD_DAYS } from './translate.ts';

/** Lets the market translator look once a day, and does what it says. */
export type TranslatorKeeper = { readonly tick: () => Promise<void> };

/** What I do, apart from limits and orders. */
export type Doings = Pick<Behaviour, 'friends' | 'idleBytes' | 'capacityBytes'>;

const EVERY_MS = DAY_MS;

export function createTranslatorKeeper({
  choices,
  orders,
  friends,
  doings,
  clock,
  logger,
}: {
  readonly choices: Async<ChoicesBook>;
  readonly orders: Pick<OrderKeeper, 'orders' | 'propose' | 'answer'>;
  readonly friends: Pick<FriendRegistry, 'friend'>;
  readonly doings: () => Promise<Doings>;
  readonly clock: Clock;
  readonly logger: Logger;
}): TranslatorKeeper {
  async function look(nowMs: number): Promise<void> {
    const { translator } = await choices.choices();
    const all = await orders.orders();
    const moves = translate({
      ...(await doings()),
      nowMs,
      limits: translator,
      orders: all.filter(({ state }) => state !== 'ended'),
      lastMs: lastMoves(all),
    });
    for (const move of moves) {
      if (move.type === 'end') {
        await orders.answer(move.order, false);
        continue;
      }
      const friend = friends.friend(move.friend);
      if (friend === undefined) continue;
      const { giveUnits, wantUnits, replaces } = move;
      const terms = { giveUnits, wantUnits, periodDays: TRANSLATED_PERIOD_DAYS, replaces };
      const said = await orders.propose(friend, { ...terms, translated: true });
      // It is asked again in a week; until then the page shows what he said.
      if (!said.ok) logger.info('a proposal was not wanted', { code: said.fault.code });
    }
  }

  return {
    tick: async () => {
      const { translator } = await choices.choices();
      if (!translator.on) return;
      const nowMs = clock.nowMs();
      const lastMs = await choices.translatedMs();
      // A day that a clock has lost is waited for again, and none is looked at twice.
      const isDue = lastMs === undefined || nowMs - lastMs >= EVERY_MS;
      if (!isDue && lastMs <= nowMs) return;
      await choices.translated({ atMs: nowMs });
      if (isDue) await look(nowMs);
    },
  };
}

/** When there was last something about an order with each friend. */
function lastMoves(orders: readonly Order[]): ReadonlyMap<OwnerId, number> {
  const last = new Map<OwnerId, number>();
  for (const { friend, madeMs, endedMs = madeMs } of orders)
    last.set(friend, Math.max(last.get(friend) ?? Number.NEGATIVE_INFINITY, madeMs, endedMs));
  return last;
}
