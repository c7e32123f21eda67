import type { OwnerId, PlotId, TicketId } from '../../../shared/ids.ts';
import { promisedBytes, termsOf } from '../../../shared/model/plot.ts';
import { waterFill } from '../../../shared/policy/water-filling.ts';
import { DAY_S } from '../../../shared/units.ts';

/**
 * The rules of fair sharing with loans once more, as short as they can be said: no database, no counters,
 * everything added up anew each time. The ledger must say the same after every command.
 */
export type ModelPlot = {
  readonly plot: PlotId;
  readonly owner: OwnerId;
  readonly class: 'guaranteed' | 'borrowed';
  readonly promised: bigint;
  state: 'active' | 'grace' | 'reclaimable';
  untilS: number;
};
type Waiter = {
  readonly ticket: TicketId;
  readonly owner: OwnerId;
  readonly size: bigint;
  readonly wantS: number;
  polledS: number;
};
export type Verdict = 'guaranteed' | 'borrowed' | 'queue' | 'denied' | 'too-many-waiting';

export function createModel(owners: readonly OwnerId[], offerBytes: bigint) {
  const model = {
    offerBytes,
    nowS: 0,
    /** In halves, as they are stored. */
    weights: new Map(owners.map((owner) => [owner, 2n])),
    strict: new Set<OwnerId>(),
    plots: [] as ModelPlot[],
    line: [] as Waiter[],
    refusals: [] as { readonly owner: OwnerId; readonly bytes: bigint; readonly atS: number }[],
    /** When what is over a friend's share ends, because the owner gave notice. */
    ends: new Map<OwnerId, number>(),
    /** His share when he was given notice: what a notice is about grows no more. */
    told: new Map<OwnerId, bigint>(),
  };
  const sum = (plots: readonly ModelPlot[]) => plots.reduce((all, each) => all + each.promised, 0n);
  const weightOf = (owner: OwnerId) => model.weights.get(owner) ?? 0n;
  const useOf = (owner: OwnerId) => sum(model.plots.filter((each) => each.owner === owner));
  const lent = () => model.plots.filter((each) => each.class === 'borrowed');
  const sharing = () => model.plots.filter(({ owner }) => weightOf(owner) > 0n);
  const positive = (bytes: bigint) => (bytes > 0n ? bytes : 0n);
  const fairBytes = () => positive(model.offerBytes - (sum(model.plots) - sum(sharing())));
  const shareOf = (owner: OwnerId) => {
    const weights = owners.reduce((all, each) => all + weightOf(each), 0n);
    return weights === 0n ? 0n : (fairBytes() * weightOf(owner)) / weights;
  };
  const owned = (owner: OwnerId) =>
    model.plots.filter((each) => each.owner === owner && each.class === 'guaranteed');
  const overBytes = (owner: OwnerId, share = shareOf(owner)) => positive(sum(owned(owner)) - share);

  /** What a friend is to come down to. */
  const downTo = (owner: OwnerId, share = shareOf(owner)) => {
    const told = model.ends.has(owner) ? (model.told.get(owner) ?? 0n) : 0n;
    return told > share ? told : share;
  };

  /** Of a friend with notice the latest plots that are over his share, and none that need not go. */
  function ending(owner: OwnerId, share = shareOf(owner)): ReadonlySet<PlotId> {
    const over = model.ends.has(owner) ? overBytes(owner, downTo(owner, share)) : 0n;
    const latest = owned(owner).toReversed();
    const enough = latest.findIndex((_, at) => sum(latest.slice(0, at + 1)) >= over);
    let goes = over === 0n ? [] : latest.slice(0, enough + 1);
    for (const plot of goes.toReversed()) {
      const rest = goes.filter((each) => each !== plot);
      if (sum(rest) >= over) goes = rest;
    }
    return new Set(goes.map(({ plot }) => plot));
  }

  const lineBytes = (line: readonly Waiter[]) =>
    line.reduce((all, { size }) => all + promisedBytes(size), 0n);

  /** What is said to a request; `ahead`: who stands in line before it. */
  function judge(
    { owner, size, accept }: { owner: OwnerId; size: bigint; accept: 'guaranteed' | 'borrowed' },
    ahead: readonly Waiter[],
  ): Verdict {
    const bytes = promisedBytes(size);
    const others = ahead.filter((each) => each.owner !== owner);
    const freeBytes = model.offerBytes - sum(model.plots) - lineBytes(others);
    // Whoever was given notice gets nothing of fair sharing meanwhile.
    if (model.ends.has(owner)) return 'denied';
    if (weightOf(owner) > 0n && useOf(owner) + bytes <= shareOf(owner)) {
      if (bytes <= freeBytes) return 'guaranteed';
      const back = lent().filter((each) => each.owner !== owner);
      return freeBytes + sum(back) >= bytes ? 'queue' : 'denied';
    }
    const mayLend =
      weightOf(owner) > 0n && !model.strict.has(owner) && model.line.length === 0 && freeBytes > 0n;
    const lendable = positive(fairBytes() - sum(sharing()));
    return accept === 'borrowed' && mayLend && bytes <= lendable && bytes <= freeBytes
      ? 'borrowed'
      : 'denied';
  }

  function refuse(owner: OwnerId, size: bigint, ahead: readonly Waiter[]): void {
    const others = ahead.filter((each) => each.owner !== owner);
    const freeBytes = model.offerBytes - sum(model.plots) - lineBytes(others);
    // To whom nothing is shared, only a lack of room is a wish for room.
    if (weightOf(owner) > 0n || promisedBytes(size) > freeBytes)
      model.refusals.push({ owner, bytes: promisedBytes(size), atS: model.nowS });
  }

  /** Loans that are not renewed now: of those who use more than the level, the first to end first. */
  function wanted(): ReadonlySet<PlotId> {
    const users = owners.filter((owner) => weightOf(owner) > 0n);
    const wants = (owner: OwnerId) => lineBytes(model.line.filter((each) => each.owner === owner));
    if (model.line.length === 0 && sum(sharing()) <= fairBytes()) return new Set();
    const levels = waterFill(
      fairBytes(),
      users.map((owner) => ({ bytes: useOf(owner) + wants(owner), weight: weightOf(owner) })),
    );
    const over = new Map(users.map((owner, at) => [owner, useOf(owner) - (levels[at] ?? 0n)]));
    const back = new Set<PlotId>();
    for (const loan of inOrder(lent())) {
      const overBytes = over.get(loan.owner);
      if (overBytes !== undefined && overBytes <= 0n) continue;
      back.add(loan.plot);
      if (overBytes !== undefined) over.set(loan.owner, overBytes - loan.promised);
    }
    return back;
  }

  /** What one minute of the host does to plots and to the line. */
  function sweep(): void {
    model.line = model.line.filter(({ polledS }) => polledS >= model.nowS - DAY_S);
    for (const owner of model.ends.keys())
      if (overBytes(owner, downTo(owner)) === 0n) model.ends.delete(owner);
    // What goes in this minute is charged until it is off the disk.
    const shares = new Map(owners.map((owner) => [owner, shareOf(owner)]));
    let missing = lineBytes(model.line) + sum(model.plots) - model.offerBytes;
    for (const loan of inOrder(lent().filter(({ state }) => state === 'reclaimable'))) {
      const isForLine = model.line.length > 0 && missing > 0n;
      const room = missing;
      const wasWanted = model.refusals.some(
        ({ owner, bytes, atS }) =>
          owner !== loan.owner &&
          atS >= model.nowS - 7 * DAY_S &&
          bytes <= model.offerBytes &&
          room + bytes > 0n,
      );
      if (!isForLine && !wasWanted) continue;
      missing -= loan.promised;
      drop(loan.plot);
    }
    for (const [owner, endS] of model.ends) {
      const goes = endS <= model.nowS ? ending(owner, shares.get(owner)) : new Set<PlotId>();
      for (const { plot, state } of owned(owner))
        if (state === 'reclaimable' && goes.has(plot)) drop(plot);
    }
    for (const each of model.plots) {
      const { graceS } = termsOf(each.class);
      if (each.state === 'active' && each.untilS <= model.nowS) each.state = 'grace';
      else if (each.state === 'grace' && each.untilS + graceS <= model.nowS)
        each.state = 'reclaimable';
    }
  }

  function drop(plot: PlotId): void {
    model.plots = model.plots.filter((each) => each.plot !== plot);
  }

  function renew(plot: ModelPlot, wantS: number): boolean {
    if (plot.class === 'borrowed' && wanted().has(plot.plot)) return false;
    const endS = ending(plot.owner).has(plot.plot) ? model.ends.get(plot.owner) : undefined;
    if (endS !== undefined && endS <= model.nowS) return false;
    const leftS = (endS ?? Number.POSITIVE_INFINITY) - model.nowS;
    const forS = Math.min(wantS, termsOf(plot.class).leaseS, leftS);
    plot.untilS = Math.max(plot.untilS, model.nowS + forS);
    plot.state = 'active';
    return true;
  }

  return {
    model,
    judge,
    refuse,
    wanted,
    sweep,
    drop,
    renew,
    sum,
    useOf,
    shareOf,
    overBytes,
    fairBytes,
    lent,
  };
}

/** By the end of the lease, and the older of two that end together first. */
function inOrder(plots: readonly ModelPlot[]): readonly ModelPlot[] {
  return plots.toSorted((one, other) => one.untilS - other.untilS);
}
