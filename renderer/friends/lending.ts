import type {
  AppSnapshot,
  FriendView,
  HostedPlotView,
  MyPlotView,
} from '../../shared/contract/views.ts';
import { BORROWED_GRACE_S, BORROWED_LEASE_S } from '../../shared/model/plot.ts';

/** What is lent and who waits for it, worked out of what the core says. Pure. */

/** Lent room comes back within a lease and its grace, as long as the host is up (design §3.3). */
const BOUND_MS = (BORROWED_LEASE_S + BORROWED_GRACE_S) * 1000;

/** By when somebody in line has had his turn at the latest; `undefined`: that has passed, because the host was off. */
export function turnByMs(sinceMs: number, nowMs: number): number | undefined {
  const byMs = sinceMs + BOUND_MS;
  return byMs > nowMs ? byMs : undefined;
}

type Lease = Pick<MyPlotView, 'leftS'>;

/** Of some lent plots: how many, and when the first lease ends; `undefined`: one is over already. */
export type Loans = { readonly count: number; readonly untilMs: number | undefined };

export function loansOf(
  plots: readonly (Lease & Pick<MyPlotView, 'class' | 'owner'>)[],
  owner: string,
  nowMs: number,
): Loans | undefined {
  const lent = plots.filter((plot) => plot.owner === owner && isLent(plot));
  return lent.length === 0 ? undefined : { count: lent.length, untilMs: firstEndMs(lent, nowMs) };
}

export function isLent(plot: Pick<MyPlotView, 'class'>): boolean {
  return plot.class === 'borrowed';
}

/** When a lease ends by this side's clock; `undefined`: it has. */
export function leaseEndMs({ leftS }: Lease, nowMs: number): number | undefined {
  return leftS > 0 ? nowMs + leftS * 1000 : undefined;
}

function firstEndMs(plots: readonly Lease[], nowMs: number): number | undefined {
  return leaseEndMs({ leftS: Math.min(...plots.map(({ leftS }) => leftS)) }, nowMs);
}

/** What comes back for somebody in line: who else has how much of what is lent here, the soonest first. */
export type Loan = {
  readonly owner: string;
  readonly friend: string;
  readonly lentBytes: bigint;
  readonly untilMs: number | undefined;
};

export function loansOfOthers(
  hosted: AppSnapshot['hosted'],
  owner: string,
  nowMs: number,
): readonly Loan[] {
  const lent = hosted.filter((plot) => plot.owner !== owner && isLent(plot));
  return [...Map.groupBy(lent, (plot) => plot.owner).values()]
    .map((plots) => loanOf(plots, nowMs))
    .sort((one, other) => (one.untilMs ?? 0) - (other.untilMs ?? 0));
}

function loanOf(plots: readonly HostedPlotView[], nowMs: number): Loan {
  const [first] = plots;
  return {
    owner: first?.owner ?? '',
    friend: first?.friend ?? '',
    lentBytes: plots.reduce((sum, { promisedBytes }) => sum + BigInt(promisedBytes), 0n),
    untilMs: firstEndMs(plots, nowMs),
  };
}

/** What pends here, of friends who are still friends: for the owner to answer, and in line. */
export function pendingHere({ requests, friends }: Pick<AppSnapshot, 'requests' | 'friends'>): {
  readonly asked: AppSnapshot['requests'];
  readonly inLine: AppSnapshot['requests'];
} {
  const isKnown = (owner: string) => friends.some((friend) => isFriend(friend, owner));
  const open = requests.filter(({ owner }) => isKnown(owner));
  return {
    asked: open.filter(({ why }) => why === 'owner-approval'),
    inLine: open.filter(({ why }) => why === 'queue'),
  };
}

function isFriend({ owner, departed, blocked }: FriendView, wanted: string): boolean {
  return owner === wanted && !departed && !blocked;
}
