import type { Async } from '../../../../shared/async.ts';
import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import type { Answer } from '../../../../shared/model/allocate.ts';
import { termsOf } from '../../../../shared/model/plot.ts';
import { HOUR_MS } from '../../../../shared/units.ts';
import type { Friend } from '../../friends/friend-book.ts';
import type { FriendRegistry } from '../../friends/friend-registry.ts';
import type { Clock } from '../../ports.ts';
import type { Holding, HoldingsBook } from './holdings-book.ts';
import type { NotePayments } from '../asking/note-reason.ts';
import type { UpkeepCalls } from './upkeep-calls.ts';

/** Renews my leases long before they end (design §6), and those that others let me renew for them. */
export type LeaseKeeper = {
  readonly renewDue: () => Promise<void>;
  /** A friend says that I may renew something of somebody else's there. */
  readonly errandsAt: (host: OwnerId) => void;
};

/** A host that is off is asked again later, not every minute. */
const RETRY_MS = HOUR_MS;
/** What somebody waits for, or what is ended with notice: that changes with leases that end, not within the hour. */
const RETRY_WANTED_MS = 6 * RETRY_MS;
const NEVER_MS = Number.NEGATIVE_INFINITY;

export function startLeaseKeeper({
  upkeep,
  friends,
  holdings,
  pays,
  clock,
}: {
  readonly upkeep: Pick<UpkeepCalls, 'renewMany' | 'errands' | 'runErrands'>;
  readonly friends: Pick<FriendRegistry, 'person'>;
  readonly holdings: Async<Pick<HoldingsBook, 'holdings' | 'keep'>>;
  /** What a host does not renew without notes. */
  readonly pays?: Pick<NotePayments, 'renew'> | undefined;
  readonly clock: Clock;
}): LeaseKeeper {
  const nextMs = new Map<string, number>();
  /** Friends at whose places I may renew for others, and when I asked last. */
  const errandsMs = new Map<OwnerId, number>();

  function isDue({ plot, untilMs, leavesMs, class: plotClass }: Holding, host: Friend): boolean {
    const nowMs = clock.nowMs();
    // It goes whatever its lease is, because my own list says so.
    if (leavesMs !== undefined && leavesMs <= untilMs) return false;
    // Where the friend ends it, the lease can't be made longer than that; no need to try every hour.
    const endMs = (wholeEndMs(host) ?? Number.POSITIVE_INFINITY) - RETRY_MS;
    // Half a lease is left: two weeks of failed tries before anything is at stake, half a week of a loan.
    const wantedMs = Math.min(endMs, nowMs + termsOf(plotClass).renewFromS * 1000);
    // A clock that is put right must not make an hour last a year.
    const triesMs = clock.monotonicMs();
    return untilMs < wantedMs && triesMs >= (nextMs.get(plot) ?? triesMs);
  }

  async function renewAt(host: Friend, due: readonly Holding[]): Promise<void> {
    const askedAtMs = clock.nowMs();
    const triesMs = clock.monotonicMs();
    for (const { plot } of due) nextMs.set(plot, triesMs + RETRY_MS);
    const plots = new Map<PlotId, Holding>(due.map((holding) => [holding.plot, holding]));
    // Each gets at most what its class has; the longest is asked for all together.
    const want = Math.max(...due.map((holding) => termsOf(holding.class).leaseS));
    const answers = await upkeep.renewMany(host, [...plots.keys()], { want });
    for (const [plot, answered] of answers) {
      const before = plots.get(plot);
      if (!answered.ok || before === undefined) continue;
      const asked = { duration: { want: termsOf(before.class).leaseS }, refusal: answered.value };
      const paid =
        answered.value.type === 'granted' ? undefined : await pays?.renew(host, plot, asked);
      const answer = paid?.ok === true ? paid.value : answered.value;
      if (answer.type === 'granted')
        await holdings.keep({ host: host.owner, granted: answer, askedAtMs });
      if (isStuck(answer, before, askedAtMs)) nextMs.set(plot, triesMs + RETRY_WANTED_MS);
    }
  }

  async function renewMine(): Promise<void> {
    const byHost = Map.groupBy(await holdings.holdings(), ({ host }) => host);
    for (const [owner, held] of byHost) {
      const host = friends.person(owner);
      if (host === undefined || host.departed) continue;
      const due = held.filter((holding) => isDue(holding, host));
      if (due.length > 0) await renewAt(host, due);
    }
  }

  async function runErrands(): Promise<void> {
    for (const [owner, askedMs] of errandsMs) {
      const nowMs = clock.monotonicMs();
      const host = friends.person(owner);
      if (host === undefined || host.departed || nowMs < askedMs + RETRY_WANTED_MS) continue;
      errandsMs.set(owner, nowMs);
      const errands = await upkeep.errands(host);
      if (errands.length === 0) errandsMs.delete(owner);
      const due = errands.filter((each) => each.ttl < termsOf(each.class).renewFromS);
      if (due.length === 0) continue;
      const want = Math.max(...due.map((each) => termsOf(each.class).leaseS));
      await upkeep.runErrands(
        host,
        due.map(({ plot }) => plot),
        { want },
      );
    }
  }

  return {
    renewDue: async () => {
      await renewMine();
      await runErrands();
    },
    errandsAt: (host) => {
      if (!errandsMs.has(host)) errandsMs.set(host, NEVER_MS);
    },
  };
}

/** Somebody waits for what is lent, or the host ends it with notice: the lease got no longer. */
function isStuck(answer: Answer, { untilMs }: Holding, askedAtMs: number): boolean {
  if (answer.type === 'granted') return askedAtMs + answer.ttl * 1000 < untilMs + RETRY_MS;
  const code = answer.type === 'denied' ? answer.reasons[0]?.code : undefined;
  return code === 'lent-wanted' || code === 'stop-renewing';
}

/** When the last of a friend's devices ends it; one that goes on may be the one that keeps the plot. */
function wholeEndMs({ devices, leavesMs }: Friend): number | undefined {
  const said = devices.filter(({ revoked }) => !revoked).map((device) => device.leavesMs);
  const dates = said.filter((each) => each !== undefined);
  if (dates.length === 0) return leavesMs;
  return dates.length < said.length ? undefined : Math.max(...dates);
}
