import type { Async } from '../../../shared/async.ts';
import type { Answer } from '../../../shared/model/allocate.ts';
import { termsOf } from '../../../shared/model/plot.ts';
import type { Friend } from '../friends/friend-book.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import type { Clock } from '../ports.ts';
import type { HoldingsBook } from './holdings-book.ts';
import type { Peers } from './peers.ts';

/** Renews my leases long before they end (design §6). */
export type LeaseKeeper = { readonly renewDue: () => Promise<void> };

/** A host that is off is asked again later, not every minute. */
const RETRY_MS = 3_600_000;
/** Somebody waits for what is lent to me: that changes with leases that end, not within the hour. */
const RETRY_WANTED_MS = 6 * RETRY_MS;

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
  const nextMs = new Map<string, number>();
  return {
    renewDue: async () => {
      const nowMs = clock.nowMs();
      for (const { plot, host, untilMs, class: plotClass } of await holdings.holdings()) {
        const friend = friends.friend(host);
        if (friend === undefined || friend.departed) continue;
        // Where the friend ends it, the lease can't be made longer than that; no need to try every hour.
        const endMs = (wholeEndMs(friend) ?? Number.POSITIVE_INFINITY) - RETRY_MS;
        // Half a lease is left: two weeks of failed tries before anything is at stake, half a week of a loan.
        const { leaseS, renewFromS } = termsOf(plotClass);
        const wantedMs = Math.min(endMs, nowMs + renewFromS * 1000);
        // A clock that is put right must not make an hour last a year.
        const triesMs = clock.monotonicMs();
        if (untilMs >= wantedMs || triesMs < (nextMs.get(plot) ?? triesMs)) continue;
        nextMs.set(plot, triesMs + RETRY_MS);
        const answered = await peers.renew(friend, plot, { want: leaseS });
        if (!answered.ok) continue;
        if (answered.value.type === 'granted')
          await holdings.keep({ host, granted: answered.value, askedAtMs: nowMs });
        else if (isWanted(answered.value)) nextMs.set(plot, triesMs + RETRY_WANTED_MS);
      }
    },
  };
}

function isWanted(answer: Answer): boolean {
  return answer.type === 'denied' && answer.reasons[0]?.code === 'lent-wanted';
}

/** When the last of a friend's devices ends it; one that goes on may be the one that keeps the plot. */
function wholeEndMs({ devices, leavesMs }: Friend): number | undefined {
  const said = devices.filter(({ revoked }) => !revoked).map((device) => device.leavesMs);
  const dates = said.filter((each) => each !== undefined);
  if (dates.length === 0) return leavesMs;
  return dates.length < said.length ? undefined : Math.max(...dates);
}
