import type { Async } from '../../../shared/async.ts';
import { GUARANTEED_LEASE_S } from '../../../shared/model/plot.ts';
import type { Friend } from '../friends/friend-book.ts';
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
        const endMs = (wholeEndMs(friend) ?? Number.POSITIVE_INFINITY) - RETRY_MS;
        const wantedMs = Math.min(endMs, nowMs + HALF_MS);
        if (untilMs >= wantedMs) continue;
        // A clock that is put right must not make an hour last a year.
        const triesMs = clock.monotonicMs();
        if (tried !== undefined && triesMs - tried < RETRY_MS) continue;
        triedMs.set(plot, triesMs);
        const answered = await peers.renew(friend, plot, { want: GUARANTEED_LEASE_S });
        if (answered.ok && answered.value.type === 'granted')
          await holdings.keep({ host, granted: answered.value, askedAtMs: nowMs });
      }
    },
  };
}

/** When the last of a friend's devices ends it; one that goes on may be the one that keeps the plot. */
function wholeEndMs({ devices, leavesMs }: Friend): number | undefined {
  const said = devices.filter(({ revoked }) => !revoked).map((device) => device.leavesMs);
  const dates = said.filter((each) => each !== undefined);
  if (dates.length === 0) return leavesMs;
  return dates.length < said.length ? undefined : Math.max(...dates);
}
