import type { Async } from '../../../shared/async.ts';
import { type Fault, fault } from '../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { Growth } from '../client/asking/growth.ts';
import type { Holding, HoldingsBook } from '../client/holdings/holdings-book.ts';
import type { Peers } from '../client/peers.ts';
import type { Friend } from '../friends/friend-book.ts';
import { type FriendRegistry, nameOf } from '../friends/friend-registry.ts';
import type { HeldCopy } from './copies/look.ts';
import type { EngineFault } from './engine/engine.ts';
import { limited, type Limits } from './limited-store.ts';
import { createPlotDamage } from './copies/plot-damage.ts';
import { createPlotPapers } from './plot-papers.ts';
import { createPlotRepositoryStore } from './plot-repository-store.ts';
import { type Line, withRetries } from './retrying-store.ts';
import type { BackupSet } from './set-book.ts';
import { engineFault } from './engine-fault.ts';

/** Where the copies of a set lie, and how to get at them. */
export type Targets = {
  /** The copies that can be worked with now. With `begin`, plots that are missing are asked for. */
  readonly of: (
    set: BackupSet,
    how: { readonly begin: boolean; readonly onLost: (fault: Fault) => void },
  ) => Promise<Result<FoundTargets, Fault>>;
  /** Tries one copy after the other until one can be read. */
  readonly onFirst: <T>(
    set: BackupSet,
    act: (target: Target) => Promise<Result<T, EngineFault>>,
  ) => Promise<Result<T, Fault>>;
};

/** A copy at a friend's; why its plot did not grow, if it was asked to. */
export type Target = HeldCopy & {
  readonly host: Friend;
  readonly plot: Holding['plot'];
  readonly refusal: () => Fault | undefined;
};

/** What can be worked with, and how many plots of the set can't even be looked at. */
export type FoundTargets = { readonly targets: readonly Target[]; readonly unseen: number };

export type TargetOptions = {
  readonly friends: FriendRegistry;
  readonly holdings: Async<Pick<HoldingsBook, 'holdings' | 'assign'>>;
  readonly peers: Peers;
  readonly growth: Growth;
  readonly limits: Limits;
  /** The program ends: whoever is away is not waited for. */
  readonly hurry?: AbortSignal | undefined;
};

export function createTargets({
  friends,
  holdings,
  peers,
  growth,
  limits,
  hurry,
}: TargetOptions): Targets {
  const lines = new Map<Holding['plot'], Line>();

  function lineTo(plot: Holding['plot']): Line {
    const line = lines.get(plot) ?? { isAway: false };
    lines.set(plot, line);
    return line;
  }

  function targetAt(host: Friend, holding: Pick<Holding, 'plot'>): Result<Target, Fault> {
    const session = peers.session(host);
    if (!session.ok) return session;
    let refusal: Fault | undefined;
    const store = createPlotRepositoryStore({
      plot: holding.plot,
      stream: session.value.stream,
      grow: async (bytes) => {
        const grown = await growth.grow(host, holding.plot, BigInt(bytes));
        if (!grown.ok) refusal = grown.fault;
        return grown.ok;
      },
    });
    const name = nameOf(host);
    return ok({
      name,
      host,
      plot: holding.plot,
      store: withRetries(limited(store, limits), lineTo(holding.plot), { hurry }),
      papers: createPlotPapers({ plot: holding.plot, stream: session.value.stream }),
      report: createPlotDamage({ plot: holding.plot, stream: session.value.stream }),
      refusal: () => refusal,
    });
  }

  async function holdingOf(set: BackupSet, host: Friend): Promise<Holding | undefined> {
    const all = (await holdings.holdings()).filter((each) => each.host === host.owner);
    const own = all.find((each) => each.set === set.name);
    if (own !== undefined || host.relation === undefined) return own;
    // A guest has the one plot that was asked for when he came.
    const free = all.find((each) => each.set === undefined);
    if (free !== undefined) await holdings.assign({ plot: free.plot, set: set.name });
    return free;
  }

  /** What is lent may have to go back within days: only a copy besides one that stays may lie there. */
  async function mayBorrow(set: BackupSet, host: Friend): Promise<boolean> {
    const all = await holdings.holdings();
    return all.some(
      (each) => each.set === set.name && each.host !== host.owner && each.class === 'guaranteed',
    );
  }

  /** The copies that can be worked with now. With `begin`, plots that are missing are asked for. */
  async function of(
    set: BackupSet,
    { begin, onLost }: { readonly begin: boolean; readonly onLost: (fault: Fault) => void },
  ): Promise<Result<FoundTargets, Fault>> {
    const targets: Target[] = [];
    let unseen = 0;
    if (set.hosts.length === 0) return failed(fault('nobody-keeps', { set: set.name }));
    let last: Fault = fault('snapshot-unknown', { set: set.name, snapshot: 'latest' });
    const lose = (why: Fault) => {
      last = why;
      onLost(why);
    };
    for (const owner of set.hosts) {
      const host = friends.person(owner);
      if (host === undefined || host.departed) {
        // A friendship that ended just now; the set forgets it with the next tick.
        const name = host === undefined ? owner.slice(0, 8) : nameOf(host);
        lose(fault('friend-unknown', { friend: name }));
        continue;
      }
      const holding = await holdingOf(set, host);
      if (holding === undefined && !begin) continue;
      const place =
        holding === undefined
          ? await growth.begin(host, set.name, { mayBorrow: await mayBorrow(set, host) })
          : ok(holding);
      const target = place.ok ? targetAt(host, place.value) : place;
      if (target.ok) targets.push(target.value);
      else {
        if (holding !== undefined) unseen += 1;
        lose(target.fault);
      }
    }
    return targets.length > 0 ? ok({ targets, unseen }) : failed(last);
  }

  /** Tries one copy after the other until one can be read. */
  async function onFirst<T>(
    set: BackupSet,
    act: (target: Target) => Promise<Result<T, EngineFault>>,
  ): Promise<Result<T, Fault>> {
    const found = await of(set, { begin: false, onLost: () => undefined });
    if (!found.ok) return found;
    const { targets } = found.value;
    let last: EngineFault = { code: 'no-repository' };
    for (const target of targets) {
      const result = await act(target);
      if (result.ok) return result;
      last = result.fault;
      if (!TRY_ANOTHER.has(last.code)) break;
    }
    return failed(engineFault(last, targets, set));
  }

  return { of, onFirst };
}

/** Faults of one copy; another may be fine. */
const TRY_ANOTHER: ReadonlySet<EngineFault['code']> = new Set([
  'unreachable',
  'refused',
  'not-found',
  'no-repository',
  'damaged',
]);
