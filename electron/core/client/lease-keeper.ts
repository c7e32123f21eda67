import type { Async } from '../../../shared/async.ts';
import { GUARANTEED_LEASE_S } from '../../../shared/model/plot.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Clock } from '../ports.ts';
import type { HoldingsBook } from './holdings-book.ts';
import type { Peers } from './peers.ts';

/** Renews my leases long before they end (design §6). */
export type LeaseKeeper = { readonly renewDue: () => Promise<void> };

/** Half a lease is left: two weeks of failed tries before anything is at stake. */
const RENEW_BELOW_S = GUARANTEED_LEASE_S / 2;
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
        if (friend === undefined || untilMs - nowMs > RENEW_BELOW_S * 1000) continue;
        if (tried !== undefined && nowMs - tried < RETRY_MS) continue;
        triedMs.set(plot, nowMs);
        const answered = await peers.renew(friend, plot, { want: GUARANTEED_LEASE_S });
        if (answered.ok && answered.value.type === 'granted')
          await holdings.keep({ host, granted: answered.value, askedAtMs: nowMs });
      }
    },
  };
}
