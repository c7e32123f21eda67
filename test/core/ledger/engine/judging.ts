import type { OwnerId } from '../../../../shared/ids.ts';
import { priceOf, UNIT_BYTES } from '../../../../shared/model/notes.ts';
import { GUARANTEED_LEASE_S, promisedBytes, termsOf } from '../../../../shared/model/plot.ts';
import type { Ground, GroundKind, Guards } from '../../../../shared/model/policy.ts';
import {
  lesser,
  type ModelAsk,
  type ModelPlot,
  positive,
  promiseOf,
  unitsIn,
  type Verdict,
  type Waiter,
} from './model-types.ts';
import type { Sums } from './sums.ts';

/**
 * What is said to a request: each guard names the most that it lets pass, each ground the most that it gives, and of what
 * both leave the largest size is found by trying.
 */
type Most = { readonly bytes: bigint; readonly s: number };
type Offer = Most & { readonly ground: GroundKind; readonly class: ModelPlot['class'] };
type How = { readonly approved?: boolean | undefined; readonly waits?: boolean };

const MOST_PLOTS = 64;
const NEVER = { bytes: 0n, s: 0 } as const;

export function createJudging(sums: Sums) {
  const { model, relation, groundsOf, guardsOf, shareOf, useOf, line, freeBytesFor } = sums;
  const { isGood, leftS, usedOf, goodUnits } = sums;

  const addedBytes = ({ size, grows }: Pick<ModelAsk, 'size' | 'grows'>) =>
    promisedBytes(size + (grows?.size ?? 0n)) - (grows === undefined ? 0n : promiseOf(grows));

  /** The most of what is asked that fits; nothing where that would be of no use. */
  function mostThat(ask: ModelAsk, fits: (size: bigint) => boolean): bigint {
    if (fits(ask.size)) return ask.size;
    if (ask.minSize >= ask.size || !fits(ask.minSize)) return 0n;
    let [fit, over] = [ask.minSize, ask.size];
    while (over - fit > 1n) {
      const middle = (fit + over) / 2n;
      if (fits(middle)) fit = middle;
      else over = middle;
    }
    return fit;
  }
  const within = (ask: ModelAsk, room: bigint) =>
    mostThat(ask, (size) => addedBytes({ ...ask, size }) <= room);

  /** Somebody's own, for nothing that he shows: himself, or for whom he vouches. */
  function own(ask: ModelAsk, owner: OwnerId, ground: Ground): bigint {
    if (ground.kind === 'always') return ask.size;
    if (ground.kind === 'quota') return within(ask, ground.bytes - useOf(owner, 'quota'));
    if (ground.kind !== 'fair-share' || ground.weight === 0 || model.ends.has(owner)) return 0n;
    return within(ask, shareOf(owner) - useOf(owner, 'fair-share'));
  }

  function fairly(
    ask: ModelAsk,
    ground: Ground & { readonly kind: 'fair-share' },
  ): Most & Partial<Offer> {
    const { owner, grows } = ask;
    const bytes = grows?.class === 'borrowed' ? 0n : own(ask, owner, ground);
    const takesLoan = (grows?.class ?? ask.accept) === 'borrowed';
    const { leaseS } = termsOf('borrowed');
    const mayLend = ground.strict !== true && !model.ends.has(owner) && line().length === 0;
    if (!takesLoan || !mayLend || ground.weight === 0 || ask.minS > leaseS)
      return { bytes, s: Infinity };
    const lent = within(ask, positive(sums.fairBytes() - sums.shared()));
    return lent > bytes ? { bytes: lent, s: leaseS, class: 'borrowed' } : { bytes, s: Infinity };
  }

  const chainOf = ({ grows, shown }: ModelAsk) => grows?.chain ?? shown.chain ?? [];

  /** The first introducer answers for it, with what the owner lets him have unasked. */
  function cover(ask: ModelAsk): {
    readonly bytes: bigint;
    readonly bears: GroundKind | undefined;
  } {
    const introducer = chainOf(ask)[0]?.introducer;
    if (introducer === undefined) return { bytes: 0n, bears: undefined };
    const others = line().filter((each) => each.ask.owner !== introducer);
    const { askAboveBytes = ask.size } = guardsOf(introducer);
    const limit = guards({ ...ask, owner: introducer }, others, {}).reduce(
      (least, { bytes }) => lesser(least, bytes),
      lesser(ask.size, askAboveBytes),
    );
    let best: { bytes: bigint; bears: GroundKind | undefined } = { bytes: 0n, bears: undefined };
    for (const ground of groundsOf(introducer)) {
      if (ask.grows !== undefined && ask.grows.bears !== ground.kind) continue;
      const bytes = lesser(limit, own(ask, introducer, ground));
      if (bytes > best.bytes) best = { bytes, bears: ground.kind };
      if (bytes === ask.size) break;
    }
    return best;
  }
  const isSound = (ask: ModelAsk) => {
    const chain = chainOf(ask);
    return chain.at(-1)?.newcomer === ask.owner && isGood(chain) && leftS(chain) > 0;
  };
  function byVoucher(ask: ModelAsk): Most {
    if (!isSound(ask)) return NEVER;
    const chain = chainOf(ask);
    const bytes = chain.map((link) => within(ask, link.bytes - usedOf(link.hash)));
    return { bytes: bytes.reduce(lesser, cover(ask).bytes), s: leftS(chain) };
  }

  function price({ size, wantS, grows }: Pick<ModelAsk, 'size' | 'wantS' | 'grows'>): bigint {
    const left = grows === undefined ? 0 : grows.untilS - model.nowS;
    const beforeBytes = grows === undefined ? 0n : promiseOf(grows);
    const afterBytes = promisedBytes(size + (grows?.size ?? 0n));
    return priceOf({ afterBytes, forS: Math.max(wantS, left), beforeBytes, leftS: left });
  }
  /** All of it, or for as long as it pays for, or as much as it pays for. */
  function byNotes(ask: ModelAsk): Most {
    const units = goodUnits(ask.shown.notes) ?? 0n;
    if (units === 0n) return NEVER;
    const pays = (size: bigint, wantS: number) => price({ ...ask, size, wantS }) <= units;
    if (pays(ask.size, ask.wantS)) return { bytes: ask.size, s: ask.wantS };
    const leastS = Math.max(ask.minS, ask.grows === undefined ? 0 : ask.grows.untilS - model.nowS);
    if (pays(ask.size, leastS)) {
      let [paid, over] = [leastS, ask.wantS];
      while (over - paid > 1) {
        const middle = Math.floor((paid + over) / 2);
        if (pays(ask.size, middle)) paid = middle;
        else over = middle;
      }
      return { bytes: ask.size, s: paid };
    }
    for (const s of [ask.wantS, ask.minS]) {
      const bytes = mostThat(ask, (size) => pays(size, s));
      if (bytes > 0n) return { bytes, s };
    }
    return NEVER;
  }

  function byAccount(ask: ModelAsk): Most {
    const { bytes = -1n, maxS = 0, leftBytes } = ask.shown.account ?? {};
    if (leftBytes !== undefined) {
      const left = within(ask, leftBytes);
      // What nobody has set aside is never given, whatever the numbers say.
      return { bytes: left === ask.size ? left - 1n : left, s: Infinity };
    }
    return bytes >= addedBytes(ask) ? { bytes: ask.size, s: maxS } : NEVER;
  }

  function mostBy(ask: ModelAsk, ground: Ground): Most & Partial<Offer> {
    switch (ground.kind) {
      case 'notes':
        return byNotes(ask);
      case 'voucher':
        return byVoucher(ask);
      case 'account':
        return byAccount(ask);
      case 'fair-share':
        return fairly(ask, ground);
      case 'reciprocal': {
        const allowed = (sums.heldBy(ask.owner) * BigInt(Math.round(ground.ratio * 10))) / 10n;
        return { bytes: within(ask, allowed - useOf(ask.owner, 'reciprocal')), s: Infinity };
      }
      default:
        return { bytes: own(ask, ask.owner, ground), s: Infinity };
    }
  }

  type Guard = Most & { readonly is?: 'room' | 'passing' | 'final' };
  function guards(
    ask: ModelAsk,
    ahead: readonly Waiter[],
    { approved, waits, freed = 0n }: How & { readonly freed?: bigint },
  ): readonly Guard[] {
    const { owner, grows } = ask;
    const all = guardsOf(owner);
    const gate = (isOpen: boolean, is?: Guard['is']): Guard => ({
      bytes: isOpen ? ask.size : 0n,
      s: Infinity,
      ...(is && { is }),
    });
    const plots = model.plots.filter((each) => each.owner === owner).length;
    const free = positive(freeBytesFor(ahead.filter((each) => each.ask.owner !== owner)) + freed);
    const no = refused(owner);
    const isAsked = all.askAboveBytes !== undefined && approved !== true && waits !== true;
    const unasked = isAsked && no !== undefined ? within(ask, no - 1n) : ask.size;
    return [
      gate(all.paused !== true && !model.isPaused, 'passing'),
      gate(!isQuiet(all), 'passing'),
      gate(grows !== undefined || plots < (all.maxPlots ?? MOST_PLOTS), 'final'),
      { bytes: lesser(ask.size, all.maxSize ?? ask.size), s: Infinity, is: 'final' },
      { bytes: ask.size, s: all.maxDurationS ?? GUARANTEED_LEASE_S, is: 'final' },
      { bytes: within(ask, free), s: Infinity, is: 'room' },
      {
        bytes: lesser(
          ask.size,
          unasked > (all.askAboveBytes ?? 0n) ? unasked : (all.askAboveBytes ?? 0n),
        ),
        s: Infinity,
        is: 'final',
      },
      gate(all.stopRenewing !== true || grows === undefined),
    ];
  }
  function isQuiet({ quietHours }: Guards): boolean {
    if (quietHours === undefined) return false;
    const { fromMin, untilMin } = quietHours;
    // From when they begin, the minutes go round.
    const since = (minute: number) => (minute - fromMin + 1440) % 1440;
    const length = since(untilMin);
    return length === 0 || since(model.minuteOfDay()) < length;
  }
  /** The least that the owner said no to. */
  function refused(owner: OwnerId): bigint | undefined {
    const own = [
      ...model.nos.filter((each) => each.owner === owner).map(({ wanted }) => wanted),
      ...model.waiting
        .filter(({ ask, approved }) => ask.owner === owner && approved === false)
        .map(({ wanted }) => wanted),
    ];
    return own.length === 0 ? undefined : own.reduce(lesser);
  }

  const isWhole = (ask: ModelAsk, { bytes, s }: Most) => bytes >= ask.size && s >= ask.wantS;
  const isOfUse = (ask: ModelAsk, { bytes, s }: Most) =>
    bytes > 0n && bytes >= ask.minSize && s >= ask.minS;

  function decide(
    ask: ModelAsk,
    grounds: readonly Ground[],
    ahead: readonly Waiter[],
    how: How & { readonly freed?: bigint },
  ): Verdict {
    const limits = guards(ask, ahead, how);
    const refusing = limits.filter((each) => !isOfUse(ask, each));
    const offers: Offer[] = [];
    for (const ground of grounds) {
      const offer = { class: 'guaranteed', ...mostBy(ask, ground), ground: ground.kind } as const;
      if (isOfUse(ask, offer)) offers.push(offer);
      if (isWhole(ask, offer)) break;
    }
    const most = offers.reduce<bigint>((one, { bytes }) => (bytes > one ? bytes : one), 0n);
    const chosen =
      offers.find((each) => isWhole(ask, each)) ?? offers.find(({ bytes }) => bytes === most);
    if (refusing.length === 1 && refusing[0]?.is === 'room' && mayWait(ask, grounds, ahead))
      return { type: 'queue' };
    if (refusing.length > 0 || chosen === undefined) {
      const isFinal =
        refusing.some(({ is }) => is === 'final') ||
        (chosen === undefined && !grounds.some((each) => mayChange(ask, each)));
      const isPaused = guardsOf(ask.owner).paused === true;
      const passes = refusing.some(({ is }) => is === 'passing') && !isPaused && !isFinal;
      return { type: 'denied', passes };
    }
    const size = limits.reduce(
      (one, { bytes }) => lesser(one, bytes),
      lesser(ask.size, chosen.bytes),
    );
    const s = Math.min(ask.wantS, chosen.s, ...limits.map((each) => each.s));
    const { ground, class: plotClass } = chosen;
    if (size < ask.size || s < ask.wantS) return { type: 'counter', size, s, class: plotClass };
    const { askAboveBytes } = guardsOf(ask.owner);
    if (askAboveBytes !== undefined && how.approved !== true && size > askAboveBytes)
      return { type: 'owner-approval' };
    return { type: 'granted', ground, class: plotClass };
  }

  /** Only the room is missing, it is his share, and what is lent to others is enough. */
  function mayWait(ask: ModelAsk, grounds: readonly Ground[], ahead: readonly Waiter[]): boolean {
    const isLoan = ask.grows?.class === 'borrowed';
    const isHis = grounds.some(
      (each) => each.kind === 'fair-share' && !isLoan && own(ask, ask.owner, each) === ask.size,
    );
    const free = freeBytesFor(ahead.filter((each) => each.ask.owner !== ask.owner));
    const back = sums.lent().filter((each) => each.owner !== ask.owner);
    return isHis && free + sums.sum(back) >= addedBytes(ask);
  }
  /** What this ground said no to may be had another day. */
  function mayChange(ask: ModelAsk, { kind }: Ground): boolean {
    if (kind === 'account') return ask.shown.account?.isForGood === false;
    return kind === 'voucher' ? isSound(ask) : true;
  }

  /** What outstanding notes keep free is free for whoever brings them; of what they offer nothing is too much. */
  function decidePaid(
    ask: ModelAsk,
    notes: readonly Ground[],
    ahead: readonly Waiter[],
    how: How,
  ): Verdict {
    let offer: Verdict | undefined;
    let wish = ask;
    for (let tries = 0; tries < 8 && isOfUse(wish, byNotes(wish)); tries += 1) {
      const freed = lesser(price(wish), unitsIn(ask.shown.notes ?? [])) * UNIT_BYTES;
      const said = decide(wish, notes, ahead, { ...how, freed });
      if (said.type === 'denied') break;
      if (said.type !== 'counter') return offer ?? said;
      offer = said;
      wish = { ...wish, size: said.size, wantS: said.s };
    }
    return { type: 'denied', passes: false };
  }

  /** `ahead`: who stands in line before it. */
  function judge(ask: ModelAsk, ahead: readonly Waiter[] = line(), how: How = {}): Verdict {
    const { owner, grows } = ask;
    if (grows !== undefined && (!model.plots.includes(grows) || grows.state !== 'active'))
      return { type: 'gone' };
    if (relation(owner) === 'gone') return { type: 'denied', passes: false };
    const grounds = groundsOf(owner).filter(({ kind }) => kind === (grows?.ground ?? kind));
    const first = decide(ask, grounds, ahead, how);
    if (first.type !== 'counter' && first.type !== 'denied') return first;
    const notes = grounds.filter(({ kind }) => kind === 'notes');
    const paid = notes.length === 0 ? first : decidePaid(ask, notes, ahead, how);
    if (paid.type === 'denied') return first;
    return paid.type === 'counter' && first.type === 'counter' && paid.size <= first.size
      ? first
      : paid;
  }

  return { judge, price, addedBytes, bearer: (ask: ModelAsk) => cover(ask).bears };
}
