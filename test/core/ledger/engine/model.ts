import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import { affordableS, priceOf, UNIT_BYTES } from '../../../../shared/model/notes.ts';
import { promisedBytes, termsOf } from '../../../../shared/model/plot.ts';
import type { Ground, GroundKind } from '../../../../shared/model/policy.ts';
import { steadyCapacity } from '../../../../shared/policy/steady.ts';
import { waterFill } from '../../../../shared/policy/water-filling.ts';
import { DAY_S, HOUR_S } from '../../../../shared/units.ts';

import {
  type ModelAsk,
  type ModelClaim,
  type ModelLink,
  type ModelNote,
  type ModelPlot,
  type ModelUpload,
  type Person,
  positive,
  promiseOf,
  total,
  unitsIn,
  type Verdict,
  type Waiter,
  writtenIn,
} from './model-types.ts';

/**
 * The whole engine once more, as short as its rules can be said: all grounds of one host and the books behind them,
 * as plain lists that are added up anew each time. The real one must say the same after every command.
 */
/** How old a keeper's word may be: for a whole lease, and for any. */
const ACCOUNT_FRESH_S = 2 * DAY_S;
const ACCOUNT_GRACE_S = 14 * DAY_S;
const MOST = 64;
export function createEngineModel(offerBytes: bigint, freeBytes: bigint) {
  const model = {
    offerBytes,
    freeBytes,
    steadyBytes: undefined as bigint | undefined,
    nowS: 0,
    nowMs: 0,
    people: new Map<OwnerId, Person>(),
    plots: [] as ModelPlot[],
    uploads: [] as ModelUpload[],
    line: [] as Waiter[],
    refusals: [] as { readonly owner: OwnerId; readonly atMs: number }[],
    ends: new Map<OwnerId, number>(),
    /** Whose share was how large when he was given notice: what a notice is about grows no more. */
    told: new Map<OwnerId, bigint>(),
    notes: [] as ModelNote[],
    claims: [] as ModelClaim[],
    keysets: new Map<string, { expiresMs: number; live: boolean; overS: number | undefined }>(),
    withdrawn: new Set<string>(),
    kept: [] as { host: OwnerId; known: bigint; bytes: bigint; passedS: number; failed: boolean }[],
  };
  const { people } = model;
  const relation = (owner: OwnerId) => people.get(owner)?.relation ?? 'gone';
  const groundsOf = (owner: OwnerId) => people.get(owner)?.grounds ?? [];
  const groundOf = (owner: OwnerId, kind: GroundKind) =>
    groundsOf(owner).find((each) => each.kind === kind);
  function weightOf(owner: OwnerId): bigint {
    const ground = groundOf(owner, 'fair-share');
    return relation(owner) === 'friend' && ground?.kind === 'fair-share'
      ? BigInt(2 * ground.weight)
      : 0n;
  }
  const sum = (plots: readonly ModelPlot[]) => total(plots.map(promiseOf));
  const alive = (owner?: OwnerId) =>
    model.plots.filter(
      (each) => each.state !== 'released' && (owner === undefined || each.owner === owner),
    );
  const introducerOf = ({ chain }: ModelPlot) => chain[0]?.introducer;
  const vouched = (owner: OwnerId, ground?: GroundKind) =>
    sum(
      model.plots.filter(
        (each) => introducerOf(each) === owner && (ground === undefined || each.bears === ground),
      ),
    );
  const useOf = (owner: OwnerId, ground?: GroundKind) =>
    vouched(owner, ground) +
    sum(
      model.plots.filter(
        (each) => each.owner === owner && (ground === undefined || each.ground === ground),
      ),
    );
  const capacity = () => {
    const bears = total(model.plots.map(writtenIn)) + model.freeBytes;
    return bears < model.offerBytes ? bears : model.offerBytes;
  };
  const isLive = (keyset: string) => model.keysets.get(keyset)?.live === true;
  const outstandingUnits = () =>
    unitsIn(model.notes.filter(({ state, keyset }) => state === 'out' && isLive(keyset))) +
    total(model.claims.map(({ units }) => units));
  /** What an unused plot would give back beyond what it keeps free itself. */
  const heldOver = (plot: ModelPlot) => {
    const units = [...plot.holds].map(([keyset, each]) => (isLive(keyset) ? each : 0n));
    return positive(total(units) * UNIT_BYTES - promiseOf(plot));
  };
  const outstandingBytes = () => outstandingUnits() * UNIT_BYTES + total(model.plots.map(heldOver));
  const freeBytesFor = (ahead: readonly Waiter[]) =>
    capacity() - sum(model.plots) - outstandingBytes() - lineBytes(ahead);
  const mayIssueUnits = () => positive(freeBytesFor(model.line)) / UNIT_BYTES;
  const owners = () => [...people.keys()];
  const shared = () =>
    total(owners().map((owner) => (weightOf(owner) > 0n ? useOf(owner, 'fair-share') : 0n)));
  const divided = (bytes: bigint) =>
    positive(bytes - (sum(model.plots) - shared()) - outstandingBytes());
  const fairBytes = () => divided(steadyCapacity(model.steadyBytes, capacity()));
  const presentFairBytes = () => divided(capacity());
  const shareOf = (owner: OwnerId) => {
    const weights = total(owners().map(weightOf));
    return weights === 0n ? 0n : (fairBytes() * weightOf(owner)) / weights;
  };
  const lent = () => model.plots.filter((each) => each.class === 'borrowed');
  const guaranteed = (plots: readonly ModelPlot[], owner: OwnerId) =>
    plots.filter(
      (each) => each.owner === owner && each.ground === 'fair-share' && each.class === 'guaranteed',
    );
  /** What a friend is to come down to. */
  const downTo = (owner: OwnerId) => {
    const told = model.ends.has(owner) ? (model.told.get(owner) ?? 0n) : 0n;
    return told > shareOf(owner) ? told : shareOf(owner);
  };
  const overBytes = (owner: OwnerId, plots = model.plots, share = shareOf(owner)) =>
    // Where nothing can be promised at all, nobody has a share to be over.
    relation(owner) !== 'friend' || capacity() === 0n || guaranteed(model.plots, owner).length === 0
      ? 0n
      : positive(sum(guaranteed(plots, owner)) + vouched(owner, 'fair-share') - share);
  const addedBytes = ({ size, grows }: Pick<ModelAsk, 'size' | 'grows'>) =>
    promisedBytes(size + (grows?.size ?? 0n)) - (grows === undefined ? 0n : promiseOf(grows));
  const lineBytes = (line: readonly Waiter[]) => total(line.map(({ wanted: each }) => each));

  /** Of a friend with notice the latest plots that are over his share, and none that need not go. */
  function ending(owner: OwnerId): ReadonlySet<ModelPlot> {
    const over = model.ends.has(owner) ? overBytes(owner, alive(), downTo(owner)) : 0n;
    const latest = guaranteed(alive(), owner).toReversed();
    const enough = latest.findIndex((_, at) => sum(latest.slice(0, at + 1)) >= over);
    // What he has vouched for may be more than all of them.
    let goes = over === 0n ? [] : latest.slice(0, enough < 0 ? latest.length : enough + 1);
    for (const plot of goes.toReversed()) {
      const rest = goes.filter((each) => each !== plot);
      if (sum(rest) >= over) goes = rest;
    }
    return new Set(goes);
  }

  /** Whether this friend has as much by right, for nothing that he shows: himself, or for whom he vouches. */
  function isHis(owner: OwnerId, ground: Ground, added: bigint, isLoan = false): boolean {
    if (ground.kind === 'always') return true;
    if (ground.kind === 'quota') return useOf(owner, 'quota') + added <= ground.bytes;
    if (ground.kind !== 'fair-share' || isLoan || ground.weight === 0) return false;
    return !model.ends.has(owner) && useOf(owner, 'fair-share') + added <= shareOf(owner);
  }

  const used = (hash: string) =>
    sum(model.plots.filter(({ chain }) => chain.some((link) => link.hash === hash)));
  const isGood = (chain: readonly ModelLink[]) =>
    relation(chain[0]?.introducer ?? ('' as OwnerId)) === 'friend' &&
    chain.every(({ introducer, id }) => !model.withdrawn.has(`${introducer} ${id}`));
  const leftS = (chain: readonly ModelLink[]) =>
    Math.floor((Math.min(...chain.map(({ untilMs }) => untilMs)) - model.nowMs) / 1000);

  /** The ground of the introducer's that bears what is asked on his word. */
  function bearer({ owner, shown, grows, wantS, ...rest }: ModelAsk): GroundKind | undefined {
    const chain = grows?.chain ?? shown.chain ?? [];
    const [root] = chain;
    if (root === undefined || chain.at(-1)?.newcomer !== owner || !isGood(chain)) return undefined;
    const added = addedBytes({ grows, ...rest });
    if (leftS(chain) < wantS || chain.some(({ hash, bytes }) => used(hash) + added > bytes))
      return undefined;
    const others = model.line.filter(({ ask }) => ask.owner !== root.introducer);
    if (added > freeBytesFor(others)) return undefined;
    return groundsOf(root.introducer).find(
      (each) =>
        (grows === undefined || each.kind === grows.bears) && isHis(root.introducer, each, added),
    )?.kind;
  }

  const isRunning = (keyset: string) =>
    isLive(keyset) && (model.keysets.get(keyset)?.expiresMs ?? 0) > model.nowMs - HOUR_S * 1000;
  /** Undefined: something is wrong with one of them, so none is taken. */
  const goodUnits = (notes: readonly ModelNote[] = []) =>
    notes.every(({ state, keyset }) => state === 'out' && isRunning(keyset)) &&
    new Set(notes).size === notes.length
      ? unitsIn(notes)
      : undefined;
  function price({ size, wantS, grows }: Pick<ModelAsk, 'size' | 'wantS' | 'grows'>): bigint {
    const left = grows === undefined ? 0 : grows.untilS - model.nowS;
    const beforeBytes = grows === undefined ? 0n : promiseOf(grows);
    const afterBytes = promisedBytes(size + (grows?.size ?? 0n));
    return priceOf({ afterBytes, forS: Math.max(wantS, left), beforeBytes, leftS: left });
  }
  const isPaid = (ask: ModelAsk) => {
    const units = goodUnits(ask.shown.notes) ?? 0n;
    return units > 0n && units >= price(ask);
  };

  const isLoan = ({ grows, accept }: ModelAsk) => (grows?.class ?? accept) === 'borrowed';
  function mayBorrow(ask: ModelAsk, ground: Ground): boolean {
    if (ground.kind !== 'fair-share' || !isLoan(ask) || ground.strict === true) return false;
    if (ground.weight === 0 || model.ends.has(ask.owner) || model.line.length > 0) return false;
    const lendable = positive(fairBytes() - shared());
    return addedBytes(ask) <= lendable && ask.wantS <= termsOf('borrowed').leaseS;
  }
  function held(owner: OwnerId): bigint {
    const fresh = ({ host, passedS, failed }: (typeof model.kept)[number]) =>
      host === owner && !failed && passedS > model.nowS - 7 * DAY_S;
    return total(model.kept.filter(fresh).map(({ bytes }) => bytes));
  }
  function allows(ask: ModelAsk, ground: Ground): boolean {
    const added = addedBytes(ask);
    const { owner, shown, grows } = ask;
    if (ground.kind === 'notes') return isPaid(ask);
    if (ground.kind === 'voucher') return bearer(ask) !== undefined;
    if (ground.kind === 'account')
      return (shown.account?.bytes ?? -1n) >= added && (shown.account?.maxS ?? 0) >= ask.wantS;
    if (ground.kind === 'reciprocal')
      return (
        useOf(owner, 'reciprocal') + added <=
        (held(owner) * BigInt(Math.round(ground.ratio * 10))) / 10n
      );
    return isHis(owner, ground, added, grows?.class === 'borrowed') || mayBorrow(ask, ground);
  }

  /** What is said to a request; `ahead`: who stands in line before it. */
  function judge(ask: ModelAsk, ahead: readonly Waiter[] = model.line): Verdict {
    const { owner, grows, shown } = ask;
    if (grows !== undefined && (!model.plots.includes(grows) || grows.state !== 'active'))
      return { type: 'gone' };
    const most = relation(owner) === 'guest' ? 1 : MOST;
    const plots = model.plots.filter((each) => each.owner === owner).length;
    if (relation(owner) === 'gone' || (grows === undefined && plots >= most))
      return { type: 'denied' };
    const grounds = groundsOf(owner).filter(({ kind }) => kind === (grows?.ground ?? kind));
    const added = addedBytes(ask);
    const free = freeBytesFor(ahead.filter((each) => each.ask.owner !== owner));
    const found = grounds.find((ground) => allows(ask, ground));
    if (found !== undefined && added <= free) {
      const isOwn = isHis(owner, found, added, grows?.class === 'borrowed');
      const isLent = found.kind === 'fair-share' && !isOwn;
      return { type: 'granted', ground: found.kind, class: isLent ? 'borrowed' : 'guaranteed' };
    }
    const isFair = grounds.some(
      (each) =>
        each.kind === 'fair-share' && isHis(owner, each, added, grows?.class === 'borrowed'),
    );
    const back = lent().filter((each) => each.owner !== owner);
    if (isFair && added > free && free + sum(back) >= added) return { type: 'queue' };
    // What outstanding notes keep free is free for whoever brings them.
    const isPaying = isPaid(ask) && grounds.some(({ kind }) => kind === 'notes');
    return isPaying && added <= free + lesser(price(ask), unitsIn(shown.notes ?? [])) * UNIT_BYTES
      ? { type: 'granted', ground: 'notes', class: 'guaranteed' }
      : { type: 'denied' };
  }

  /** Notes go in; what they are worth beyond the price is owed back, in what runs longest. */
  function pay(plot: ModelPlot, notes: readonly ModelNote[], cost: bigint): void {
    let change = unitsIn(notes) - cost;
    const endOf = (keyset: string) => model.keysets.get(keyset)?.expiresMs ?? 0;
    const byKeyset = [...Map.groupBy(notes, ({ keyset }) => keyset)];
    for (const [keyset, own] of byKeyset.toSorted(([one], [other]) => endOf(other) - endOf(one))) {
      for (const note of own) {
        note.state = plot.begun ? 'spent' : 'held';
        note.plot = plot.plot;
      }
      const back = lesser(change, unitsIn(own));
      change -= back;
      if (back > 0n) owe(plot, back, keyset, 'change');
      const held = (plot.holds.get(keyset) ?? 0n) + unitsIn(own) - back;
      if (!plot.begun && held > 0n) plot.holds.set(keyset, held);
    }
  }
  function owe(
    { owner, plot }: ModelPlot,
    units: bigint,
    keyset: string,
    why: ModelClaim['why'],
  ): void {
    model.claims.push({ owner, units, keyset, plot, why, madeS: model.nowS, madeMs: model.nowMs });
  }
  function spend(plot: ModelPlot): void {
    for (const note of model.notes)
      if (note.plot === plot.plot && note.state === 'held') note.state = 'spent';
    plot.holds.clear();
  }

  /** A yes is carried out; the plot as it is then. */
  function grant(
    ask: ModelAsk,
    verdict: Extract<Verdict, { type: 'granted' }>,
    id: PlotId,
  ): ModelPlot {
    const { grows, shown, owner, wantS } = ask;
    const cost = price(ask);
    const bears = verdict.ground === 'voucher' ? bearer(ask) : undefined;
    const plot: ModelPlot = grows ?? {
      plot: id,
      owner,
      ground: verdict.ground,
      class: verdict.class,
      size: 0n,
      state: 'active',
      untilS: 0,
      leavesS: undefined,
      chain: verdict.ground === 'voucher' ? (shown.chain ?? []) : [],
      bears,
      begun: false,
      holds: new Map(),
      goodS: 0,
      covered: true,
      objects: new Map(),
      removals: new Map(),
    };
    if (grows === undefined) model.plots.push(plot);
    plot.size += ask.size;
    plot.untilS = Math.max(plot.untilS, model.nowS + wantS);
    if (verdict.ground === 'notes') pay(plot, shown.notes ?? [], cost);
    if (verdict.ground === 'account') Object.assign(plot, { goodS: model.nowS, covered: true });
    return plot;
  }

  function release(plot: ModelPlot): void {
    plot.state = 'released';
    if (plot.ground !== 'notes') return;
    for (const [keyset, units] of plot.holds)
      if (isLive(keyset)) owe(plot, units, keyset, 'refund');
    spend(plot);
  }
  function erased(plot: ModelPlot): void {
    model.plots = model.plots.filter((each) => each !== plot);
    model.uploads = model.uploads.filter((each) => each.plot !== plot);
  }

  /** Loans that are not renewed now: of those who use more than the level, the first to end first. */
  function wanted(): ReadonlySet<ModelPlot> {
    const users = owners().filter((owner) => weightOf(owner) > 0n);
    const wants = (owner: OwnerId) =>
      lineBytes(model.line.filter(({ ask }) => ask.owner === owner));
    if (model.line.length === 0 && shared() <= presentFairBytes()) return new Set();
    const uses = users.map((owner) => useOf(owner, 'fair-share'));
    const levels = waterFill(
      presentFairBytes(),
      users.map((owner, at) => ({
        bytes: (uses[at] ?? 0n) + wants(owner),
        weight: weightOf(owner),
      })),
    );
    const over = new Map(users.map((owner, at) => [owner, (uses[at] ?? 0n) - (levels[at] ?? 0n)]));
    const back = new Set<ModelPlot>();
    for (const loan of inOrder(lent().filter(({ state }) => state !== 'released'))) {
      const overOf = over.get(loan.owner);
      if (overOf !== undefined && overOf <= 0n) continue;
      back.add(loan);
      if (overOf !== undefined) over.set(loan.owner, overOf - promiseOf(loan));
    }
    return back;
  }

  /** For how long from now it goes on; undefined: not. Notes are taken for it. */
  function renew(plot: ModelPlot, wantS: number, notes: readonly ModelNote[]): boolean {
    if (plot.class === 'borrowed' && wanted().has(plot)) return false;
    if (relation(plot.owner) === 'gone') return false;
    const endS = ending(plot.owner).has(plot) ? model.ends.get(plot.owner) : undefined;
    if (endS !== undefined && endS <= model.nowS) return false;
    let mostS = Math.min(wantS, termsOf(plot.class).leaseS, (endS ?? Infinity) - model.nowS);
    if (plot.ground === 'voucher') {
      if (!isGood(plot.chain) || leftS(plot.chain) <= 0) return false;
      mostS = Math.min(mostS, leftS(plot.chain));
    }
    if (plot.ground === 'account') {
      const sinceS = model.nowS - plot.goodS;
      const isHonoured = plot.covered && groundOf(plot.owner, 'account') !== undefined;
      if (!isHonoured || sinceS > ACCOUNT_FRESH_S)
        mostS = Math.min(mostS, ACCOUNT_GRACE_S - sinceS);
      if (mostS <= 0) return false;
    }
    const left = plot.untilS - model.nowS;
    const paid = { afterBytes: promiseOf(plot), beforeBytes: promiseOf(plot), leftS: left };
    if (plot.ground === 'notes' && priceOf({ ...paid, forS: wantS }) > 0n) {
      const units = goodUnits(notes);
      const forS = affordableS(units ?? 0n, paid);
      const isTaken = groundOf(plot.owner, 'notes') !== undefined && (units ?? 0n) > 0n;
      if (!isTaken || forS <= Math.max(0, left)) return false;
      mostS = Math.min(mostS, forS);
    }
    const untilS = Math.max(plot.untilS, model.nowS + mostS);
    if (plot.ground === 'notes' && goodUnits(notes) !== undefined)
      pay(plot, notes, priceOf({ ...paid, forS: untilS - model.nowS }));
    plot.untilS = untilS;
    plot.state = 'active';
    return true;
  }

  /** What one minute of the host does; `mayEnd`: not in the first hour after a start. */
  function sweep(mayEnd: boolean): void {
    model.line = model.line.filter(({ polledS }) => polledS >= model.nowS - DAY_S);
    model.steadyBytes = steadyCapacity(model.steadyBytes, capacity());
    if (capacity() > 0n)
      for (const owner of model.ends.keys())
        if (overBytes(owner, model.plots, downTo(owner)) === 0n) model.ends.delete(owner);
    if (mayEnd) {
      let missing =
        -freeBytesFor(model.line) - sum(model.plots.filter((p) => p.state === 'released'));
      const over = model.plots.filter(({ state }) => state === 'reclaimable');
      const paid = over.filter(({ ground }) => ground === 'notes');
      for (const plot of [
        ...inOrder(over.filter((each) => each.class === 'borrowed')),
        ...inOrder(paid),
      ]) {
        const wasWanted = model.refusals.some(
          ({ owner, atMs }) => owner !== plot.owner && atMs >= model.nowMs - 7 * DAY_S * 1000,
        );
        if (!wasWanted && (model.line.length === 0 || missing <= 0n)) continue;
        release(plot);
        missing -= promiseOf(plot);
      }
      for (const [owner, endS] of model.ends)
        if (endS <= model.nowS)
          for (const plot of ending(owner)) if (plot.state === 'reclaimable') release(plot);
      for (const plot of alive()) if ((plot.leavesS ?? Infinity) <= model.nowS) release(plot);
    }
    for (const each of alive()) {
      const { graceS } = termsOf(each.class);
      if (each.state === 'active' && each.untilS <= model.nowS) each.state = 'grace';
      else if (each.state === 'grace' && each.untilS + graceS <= model.nowS)
        each.state = 'reclaimable';
    }
  }

  /** Notes whose time has been over for a day of service, and what nobody fetched for a quarter of a year. */
  function tidyNotes(): void {
    for (const [id, keyset] of model.keysets) {
      if (!keyset.live) continue;
      if (keyset.expiresMs > model.nowMs) keyset.overS = undefined;
      else if (keyset.overS === undefined) keyset.overS = model.nowS;
      else if (keyset.overS + DAY_S <= model.nowS) {
        keyset.live = false;
        model.claims = model.claims.filter((claim) => claim.keyset !== id);
      }
    }
    model.claims = model.claims.filter(({ madeS }) => madeS > model.nowS - 90 * DAY_S);
  }

  function tidyGuests(): void {
    for (const [owner, person] of people)
      if (person.relation === 'guest' && model.plots.every((each) => each.owner !== owner))
        person.relation = 'gone';
  }

  const reservedIn = (plot: ModelPlot) =>
    total(model.uploads.filter((each) => each.plot === plot).map(({ size }) => size));

  /** What everybody is charged under each ground. */
  function uses() {
    const byUse = Map.groupBy(model.plots, ({ owner, ground }) => `${owner} ${ground}`);
    return [...byUse.values()].flatMap((plots) => {
      const [first] = plots;
      if (first === undefined) return [];
      return [
        {
          owner: first.owner,
          ground: first.ground,
          promised: sum(plots),
          plots: BigInt(plots.length),
          lent: sum(plots.filter((each) => each.class === 'borrowed')),
          written: total(plots.map(writtenIn)),
        },
      ];
    });
  }
  const entitling = (owner: OwnerId) =>
    groundsOf(owner).filter(({ kind }) => kind === 'fair-share' || kind === 'quota');

  return {
    model,
    uses,
    entitling,
    judge,
    grant,
    renew,
    release,
    erased,
    sweep,
    tidyNotes,
    tidyGuests,
    spend,
    sum,
    useOf,
    vouched,
    shareOf,
    overBytes,
    fairBytes,
    shared,
    lent,
    alive,
    capacity,
    outstandingBytes,
    mayIssueUnits,
    isRunning,
    goodUnits,
    price,
    relation,
    addedBytes,
    introducerOf,
    freeBytesFor,
    reservedIn,
  };
}

function lesser(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

/** By the end of the lease, and the older of two that end together first. */
function inOrder(plots: readonly ModelPlot[]): readonly ModelPlot[] {
  return plots.toSorted((one, other) => one.untilS - other.untilS);
}
