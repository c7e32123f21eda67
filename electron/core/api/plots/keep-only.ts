import type { KeepOnlyView } from '../../../../shared/contract/space-views.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import type { PlotId } from '../../../../shared/ids.ts';
import { hasEnded } from '../../../../shared/model/plot.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { KEEP_ONLY_AFTER_S } from '../../../../shared/wire/upkeep.ts';
import type { Friend } from '../../friends/friend-book.ts';
import { nameOf } from '../../friends/friend-registry.ts';
import type { CoreParts } from '../core-parts.ts';
import { mineOf } from './plots-api.ts';

/**
 * A list of what friends are to keep, and no more (design §3.4). What goes by it is gone, so nothing may go by a
 * slip: it is said before by each of the friend's devices, also what other devices of mine have there; what my
 * backups lie in stays without being named; and whoever confirms it names how many bytes go, so that nothing goes
 * that came between.
 */
export async function keepOnly(
  parts: CoreParts,
  plots: readonly string[],
  goesBytes: bigint | undefined,
): Promise<Result<readonly KeepOnlyView[], Fault>> {
  const lists = await listsOf(parts, plots);
  if (!lists.ok) return lists;
  const views = await viewsOf(parts, lists.value);
  if (!views.ok || goesBytes === undefined) return views;
  const writtenBytes = views.value
    .flatMap(({ leaves }) => leaves)
    .reduce((sum, each) => sum + BigInt(each.writtenBytes), 0n);
  if (writtenBytes !== goesBytes)
    return failed(fault('leaves-otherwise', { writtenBytes: `${writtenBytes}` }));
  for (const list of lists.value) {
    const sent = await send(parts, list);
    if (!sent.ok) return sent;
  }
  return viewsOf(parts, lists.value);
}

type List = { readonly host: Friend; readonly plots: ReadonlySet<PlotId> };
type Found = { readonly host: Friend; readonly plot: PlotId };

/** What is named at each friend's, and what my backups have there besides. */
async function listsOf(
  parts: CoreParts,
  plots: readonly string[],
): Promise<Result<readonly List[], Fault>> {
  const found: Found[] = [];
  const unknown: string[] = [];
  for (const text of plots) {
    const mine = await mineOf(parts, text);
    if (mine.ok) found.push({ host: mine.value.host, plot: mine.value.holding.plot });
    else unknown.push(text);
  }
  const others = unknown.length === 0 ? [] : await ofMyOtherDevices(parts);
  for (const text of unknown) {
    const matches = others.filter(({ plot }) => plot.startsWith(text.toLowerCase()));
    const [match] = matches;
    if (match === undefined || matches.length > 1)
      return failed(fault('plot-unknown', { plot: text }));
    found.push(match);
  }
  const holdings = await parts.holdings.holdings();
  const ofSets = Map.groupBy(
    holdings.filter(({ set }) => set !== undefined),
    ({ host }) => host,
  );
  const byHost = Map.groupBy(found, ({ host }) => host.owner);
  return ok(
    [...byHost].flatMap(([owner, named]): readonly List[] => {
      const kept = [...named, ...(ofSets.get(owner) ?? [])].map(({ plot }) => plot);
      return named[0] === undefined ? [] : [{ host: named[0].host, plots: new Set(kept) }];
    }),
  );
}

/** Of plots that another device of mine asked for only the friends who keep them know. */
async function ofMyOtherDevices({ peers, friends }: CoreParts): Promise<readonly Found[]> {
  const people = [...friends.friends(), ...friends.others()].filter(({ departed }) => !departed);
  const told = await Promise.all(
    people.map(async (host) => {
      const there = await peers.plots(host);
      return there.ok ? there.value.plots.map(({ plot }) => ({ host, plot })) : [];
    }),
  );
  return told.flat();
}

async function viewsOf(
  parts: CoreParts,
  lists: readonly List[],
): Promise<Result<readonly KeepOnlyView[], Fault>> {
  const known = new Set<PlotId>((await parts.holdings.holdings()).map(({ plot }) => plot));
  const views: KeepOnlyView[] = [];
  for (const list of lists) {
    const view = await whatWouldGo(parts, list, known);
    if (!view.ok) return view;
    views.push(view.value);
  }
  return ok(views);
}

/** As the friend's devices say now. Of one that is silent nobody can say what it would let go of. */
async function whatWouldGo(
  { peers, clock }: CoreParts,
  { host, plots: kept }: List,
  known: ReadonlySet<PlotId>,
): Promise<Result<KeepOnlyView, Fault>> {
  const there = await peers.plots(host);
  if (!there.ok) return there;
  const { plots, isWhole } = there.value;
  if (!isWhole) {
    const detail = 'one of several devices is silent';
    return failed(fault('unreachable', { friend: nameOf(host), detail }));
  }
  const living = plots.filter(({ state }) => !hasEnded(state));
  return ok({
    owner: host.owner,
    friend: nameOf(host),
    keeps: living.map(({ plot }) => plot).filter((plot) => kept.has(plot)),
    leaves: living
      .filter(({ plot }) => !kept.has(plot))
      .map(({ plot, written, leavesInS = KEEP_ONLY_AFTER_S }) => ({
        plot,
        writtenBytes: `${written}`,
        leavesMs: clock.nowMs() + leavesInS * 1000,
        isOthers: !known.has(plot),
      })),
  });
}

async function send(
  { upkeep, upkeepNotes, lookIn }: CoreParts,
  { host, plots }: List,
): Promise<Result<undefined, Fault>> {
  const sequence = await upkeepNotes.nextSequence(host.owner);
  const sent = await upkeep.keepOnly(host, { plots: [...plots], sequence });
  if (!sent.ok) {
    const known = Number(sent.fault.params['sequence'] ?? 0);
    // A newer list came from elsewhere. Whoever has looked at what is there now may send another.
    if (Number.isSafeInteger(known))
      await upkeepNotes.sawSequence({ host: host.owner, sequence: known });
    return sent;
  }
  await lookIn.ask(host.owner);
  return ok(undefined);
}
