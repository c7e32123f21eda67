import type { Async } from '../../../shared/async.ts';
import type { PlotId } from '../../../shared/ids.ts';
import type { Holding, HoldingsBook } from '../client/holdings/holdings-book.ts';
import type { ProtectionCalls } from '../client/holdings/protection.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Clock } from '../ports.ts';
import type { SetBook } from './set-book.ts';

/**
 * Sees to it that each copy of a set is protected as its plan wants (design §6): also at a friend who was away when that
 * was said, and in a plot that is new. Friends lower it only after as many days as there were.
 */
export type Protecting = { readonly tick: () => Promise<void> };

/** One who says no, or is away, is not asked every minute. */
const AGAIN_MS = 15 * 60_000;

export function createProtecting({
  sets,
  holdings,
  friends,
  protection,
  clock,
}: {
  readonly sets: Async<Pick<SetBook, 'sets'>>;
  readonly holdings: Async<Pick<HoldingsBook, 'holdings'>>;
  readonly friends: Pick<FriendRegistry, 'person'>;
  readonly protection: Pick<ProtectionCalls, 'apply'>;
  readonly clock: Clock;
}): Protecting {
  /** When each was asked in vain, by what for. */
  const asked = new Map<PlotId, { readonly days: number; readonly atMs: number }>();

  async function apply({ plot, host }: Holding, days: number): Promise<void> {
    const before = asked.get(plot);
    const nowMs = clock.monotonicMs();
    if (before?.days === days && nowMs - before.atMs < AGAIN_MS) return;
    const friend = friends.person(host);
    if (friend === undefined || friend.departed) return;
    asked.set(plot, { days, atMs: nowMs });
    await protection.apply(friend, plot, days);
  }

  return {
    tick: async () => {
      const wanted = new Map((await sets.sets()).map(({ name, plan }) => [name, plan.protectDays]));
      if (wanted.size === 0) return;
      for (const holding of await holdings.holdings()) {
        const days = holding.set === undefined ? undefined : wanted.get(holding.set);
        if (days !== undefined && isOff(holding, days)) await apply(holding, days);
      }
    },
  };
}

/** Nobody but this device plans for its sets: a fall that it does not want was asked for by somebody who has no business here. */
function isOff({ protection }: Holding, days: number): boolean {
  const now = protection?.days ?? 0;
  if (days > now) return true;
  return (protection?.falls?.toDays ?? now) !== days;
}
