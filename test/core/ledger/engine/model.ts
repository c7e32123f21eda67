import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import { affordableS, priceOf } from '../../../../shared/model/notes.ts';
import { promisedBytes, termsOf } from '../../../../shared/model/plot.ts';
import { steadyCapacity } from '../../../../shared/policy/steady.ts';
import { waterFill } from '../../../../shared/policy/water-filling.ts';
import { DAY_S } from '../../../../shared/units.ts';
import { createJudging } from './judging.ts';
import {
  lesser,
  type ModelAsk,
  type ModelClaim,
  type ModelNote,
  type ModelPlot,
  promiseOf,
  trashIn,
  unitsIn,
  type Verdict,
  writtenIn,
} from './model-types.ts';
import { createSums } from './sums.ts';

/**
 * The whole engine once more, as short as its rules can be said: all grounds of one host and the books behind them,
 * as plain lists that are added up anew each time (`sums.ts`); what is said to a request stands in `judging.ts`, here
 * what becomes of a plot. The real one must say the same after every command.
 */
/** How old a keeper's word may be: for a whole lease, and for any. */
const ACCOUNT_FRESH_S = 2 * DAY_S;
const ACCOUNT_GRACE_S = 14 * DAY_S;
/** What a list does not name goes after so long. */
const NOT_LISTED_S = 7 * DAY_S;

export function createEngineModel(offerBytes: bigint, freeBytes: bigint) {
  const sums = createSums(offerBytes, freeBytes);
  const judging = createJudging(sums);
  const { model, relation, guardsOf, groundOf, alive, sum, line, lineBytes, lent, isLive } = sums;
  const { isGood, leftS, goodUnits, capacity, overBytes, downTo, guaranteed, useOf } = sums;
  const { shared, presentFairBytes, owners, weightOf, freeBytesFor, reservedIn } = sums;
  const { price, bearer } = judging;

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
      protectDays: 0,
      falls: undefined,
      shrinks: undefined,
      trash: new Map(),
      delegates: new Map(),
    };
    if (grows === undefined) model.plots.push(plot);
    plot.size += ask.size;
    plot.shrinks = undefined;
    plot.untilS = Math.max(plot.untilS, model.nowS + wantS);
    if (verdict.ground === 'notes') pay(plot, shown.notes ?? [], cost);
    if (verdict.ground === 'account') Object.assign(plot, { goodS: model.nowS, covered: true });
    return plot;
  }

  /** Whether he may renew it for its owner. */
  const isDelegate = ({ delegates }: ModelPlot, caller: OwnerId) =>
    relation(caller) !== 'gone' && (delegates.get(caller) ?? 0) > model.nowS;
  const errandsOf = (caller: OwnerId) =>
    inOrder(alive().filter((plot) => isDelegate(plot, caller)));

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
    const wants = (owner: OwnerId) => lineBytes(line().filter(({ ask }) => ask.owner === owner));
    if (line().length === 0 && shared() <= presentFairBytes()) return new Set();
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
    const { stopRenewing, maxDurationS } = guardsOf(plot.owner);
    if (relation(plot.owner) === 'gone' || stopRenewing === true) return false;
    const endS = ending(plot.owner).has(plot) ? model.ends.get(plot.owner) : undefined;
    if (endS !== undefined && endS <= model.nowS) return false;
    const { leaseS } = termsOf(plot.class);
    const longestS = Math.min(
      maxDurationS ?? leaseS,
      plot.class === 'borrowed' ? leaseS : Infinity,
    );
    let mostS = Math.min(wantS, longestS, (endS ?? Infinity) - model.nowS);
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
    model.waiting = model.waiting.filter(({ polledS }) => polledS >= model.nowS - DAY_S);
    model.nos = model.nos.filter(({ kept }) => kept);
    model.steadyBytes = steadyCapacity(model.steadyBytes, capacity());
    if (capacity() > 0n)
      for (const owner of model.ends.keys())
        if (overBytes(owner, model.plots, downTo(owner)) === 0n) model.ends.delete(owner);
    if (mayEnd) {
      let missing = -freeBytesFor(line()) - sum(model.plots.filter((p) => p.state === 'released'));
      const over = model.plots.filter(({ state }) => state === 'reclaimable');
      const paid = over.filter(({ ground }) => ground === 'notes');
      for (const plot of [
        ...inOrder(over.filter((each) => each.class === 'borrowed')),
        ...inOrder(paid),
      ]) {
        const room = missing;
        const wasWanted = model.refusals.some(
          ({ owner, size, atMs }) =>
            owner !== plot.owner &&
            atMs >= model.nowMs - 7 * DAY_S * 1000 &&
            atMs <= model.nowMs &&
            promisedBytes(size) <= capacity() &&
            room + promisedBytes(size) > 0n,
        );
        if (!wasWanted && (line().length === 0 || missing <= 0n)) continue;
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
    for (const no of model.nos) no.kept = no.saidS >= model.nowS - 7 * DAY_S;
    for (const plot of model.plots) come(plot);
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
    const isIdle = (guest: OwnerId) =>
      model.plots.every(({ owner }) => owner !== guest) &&
      model.waiting.every(({ ask }) => ask.owner !== guest);
    for (const [owner, person] of model.people)
      if (person.relation === 'guest' && isIdle(owner)) person.relation = 'gone';
  }

  /** The owner has thought about it anew. */
  function forgive(owner: OwnerId): void {
    model.nos = model.nos.filter((each) => each.owner !== owner);
  }

  /** Less protection, or less room, whose time has come; what is written waits. */
  function come(plot: ModelPlot): void {
    const { falls, shrinks } = plot;
    if (falls !== undefined && falls.atS <= model.nowS)
      Object.assign(plot, { protectDays: falls.toDays, falls: undefined });
    if (shrinks === undefined || shrinks.atS > model.nowS || plot.state === 'released') return;
    if (writtenIn(plot) + reservedIn(plot) > shrinks.toBytes) return;
    Object.assign(plot, { size: shrinks.toBytes, shrinks: undefined });
  }
  /** More days at once, fewer after as many as there were. */
  function protect(plot: ModelPlot, days: number): void {
    const [before, stays] = [plot.protectDays, model.nowS + days * DAY_S];
    if (days < before) {
      const isLess = plot.falls === undefined || days < plot.falls.toDays;
      const atS = isLess ? model.nowS + before * DAY_S : (plot.falls?.atS ?? 0);
      plot.falls = { toDays: days, atS };
      return;
    }
    Object.assign(plot, { protectDays: days, falls: undefined });
    if (days > before && plot.leavesS !== undefined) plot.leavesS = Math.max(plot.leavesS, stays);
  }
  /** False: it is not to be had. What is protected becomes smaller only when it could have gone. */
  function resize(plot: ModelPlot, size: bigint): boolean {
    const goes = plot.protectDays > 0 ? trashIn(plot) : 0n;
    if (size > plot.size || size < writtenIn(plot) + reservedIn(plot) - goes) return false;
    const atS = model.nowS + plot.protectDays * DAY_S;
    if (plot.protectDays === 0) Object.assign(plot, { size, shrinks: undefined });
    else plot.shrinks = size < plot.size ? { toBytes: size, atS } : undefined;
    return true;
  }
  /** Its guest wants it no longer: at once, or after as many days as it is protected for. */
  function letGo(plot: ModelPlot): void {
    if (plot.protectDays === 0) return release(plot);
    plot.leavesS = Math.min(plot.leavesS ?? Infinity, model.nowS + plot.protectDays * DAY_S);
  }
  function notListed(plot: ModelPlot): void {
    plot.leavesS ??= model.nowS + Math.max(NOT_LISTED_S, plot.protectDays * DAY_S);
  }
  /** Whoever brings things back wants none of what would take them away again. */
  function bringBack(plot: ModelPlot, keys: readonly string[]): void {
    Object.assign(plot, { leavesS: undefined, falls: undefined, shrinks: undefined });
    for (const key of keys) backFromTrash(plot, key);
  }
  function backFromTrash(plot: ModelPlot, key: string): void {
    const lay = plot.trash.get(key);
    if (lay === undefined) return;
    plot.trash.delete(key);
    plot.objects.set(key, lay.size);
  }

  return {
    ...sums,
    ...judging,
    grant,
    renew,
    isDelegate,
    errandsOf,
    release,
    erased,
    sweep,
    tidyNotes,
    tidyGuests,
    spend,
    forgive,
    protect,
    resize,
    letGo,
    notListed,
    bringBack,
    backFromTrash,
  };
}

/** By the end of the lease, and the older of two that end together first. */
function inOrder(plots: readonly ModelPlot[]): readonly ModelPlot[] {
  return plots.toSorted((one, other) => one.untilS - other.untilS);
}
