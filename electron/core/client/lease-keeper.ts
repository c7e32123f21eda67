import type { Async } from '../../../shared/async.ts';
import { GUARANTEED_LEASE_S } from '../../../shared/model/plot.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Clock } from '../ports.ts';
import type { HoldingsBook } from './holdings-book.ts';
import type { Peers } from './peers.ts';

/** Renews my leases long before they end (design §6). */
export type LeaseKeeper = { readonly renewDue: () => Promise<void> };

/** Half a lease is left: two weeks of failed tries before anything is at stake. */
const HALF_MS = (GUARANTEED_LEASE_S / 2) * 1000;
/** A host that is off is asked again later, not every minute. */
const RETRY_MS = 3_600_000;

export function startLeaseKeeper({
  peers,
  friends,
  holdings,
  clock,
}: {
  readonly peers: Peers;
  readonly friends: FriendRegistry;
  readonly holdings: Async<HoldingsBook>;
  readonly clock: Clock;
}): LeaseKeeper {
  const triedMs = new Map<string, number>();
  return {
    renewDue: async () => {
      const nowMs = clock.nowMs();
      for (const { plot, host, untilMs } of await holdings.holdings()) {
        const tried = triedMs.get(plot);
        const friend = friends.friend(host);
        if (friend === undefined || friend.departed) continue;
        // Where the friend ends it, the lease can't be made longer than that; no need to try every hour.
        const endMs = (friend.leavesMs ?? Number.POSITIVE_INFINITY) - RETRY_MS;
        const wantedMs = Math.min(endMs, nowMs + HALF_MS);
        if (untilMs >= wantedMs) continue;
        if (tried !== undefined && nowMs - tried < RETRY_MS) continue;
        triedMs.set(plot, nowMs);
        const answered = await peers.renew(friend, plot, { want: GUARANTEED_LEASE_S });
        if (answered.ok && answered.value.type === 'granted')
          await holdings.keep({ host, granted: answered.value, askedAtMs: nowMs });
      }
    },
  };
}
