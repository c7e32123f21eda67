import { friendly } from './friendly.ts';
import type { AppSnapshot, HostedPlotView, MyPlotView } from '../../shared/contract/views.ts';
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
type Lent = Lease & Pick<MyPlotView, 'class' | 'owner'>;

/** A friend's lent plots: those whose lease runs, and those whose time is over. */
export type Loans<P extends Lent> = { readonly running: readonly P[]; readonly over: readonly P[] };

export function loansOf<P extends Lent>(plots: readonly P[], owner: string): Loans<P> {
  const lent = plots.filter((plot) => plot.owner === owner && isLent(plot));
  return {
    running: lent.filter(({ leftS }) => leftS > 0),
    over: lent.filter(({ leftS }) => leftS <= 0),
  };
}

export function isLent(plot: Pick<MyPlotView, 'class'>): boolean {
  return plot.class === 'borrowed';
}

/** When the first of these leases ends by this side's clock; `undefined`: one has, or there is none. */
export function firstEndMs(plots: readonly Lease[], nowMs: number): number | undefined {
  const leftS = Math.min(...plots.map((plot) => plot.leftS));
  return leftS > 0 && Number.isFinite(leftS) ? nowMs + leftS * 1000 : undefined;
}

/** What comes back for somebody in line: the plots that are lent to others here, the soonest first. */
export function loansOfOthers(
  hosted: AppSnapshot['hosted'],
  owner: string,
): readonly HostedPlotView[] {
  return hosted
    .filter((plot) => plot.owner !== owner && isLent(plot))
    .sort((one, other) => one.leftS - other.leftS);
}

/** What pends here, of friends who are still friends: for the owner to answer, and in line. */
export function pendingHere({ requests, friends }: Pick<AppSnapshot, 'requests' | 'friends'>): {
  readonly asked: AppSnapshot['requests'];
  readonly inLine: AppSnapshot['requests'];
} {
  const known = new Set(friendly(friends).map(({ owner }) => owner));
  const open = requests.filter(({ owner }) => known.has(owner));
  return {
    asked: open.filter(({ why }) => why === 'owner-approval'),
    inLine: open.filter(({ why }) => why === 'queue'),
  };
}
