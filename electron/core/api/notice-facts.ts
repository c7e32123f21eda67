import { isVerifyLate, newestOf } from '../../../shared/backup/safety.ts';
import type { OverShareView } from '../../../shared/contract/space-views.ts';
import type { FriendView, Sentence } from '../../../shared/contract/views.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import type {
  FriendFacts,
  HostFacts,
  MyPlotFacts,
  NoticeFacts,
  OfferFacts,
  RequestFacts,
  SetFacts,
} from '../../../shared/notices/facts.ts';
import { bytesFor } from '../../../shared/model/notes.ts';
import { DAY_MS, DAY_S } from '../../../shared/units.ts';
import { BLOCK_BYTES } from '../backup/recovery/address-book.ts';
import type { BackupSet } from '../backup/set-book.ts';
import type { Holding } from '../client/holdings/holdings-book.ts';
import type { ToldShare } from '../friends/friend-book.ts';
import type { ListedPairing } from '../friends/pairing-entry.ts';
import { nameOf } from '../friends/friend-registry.ts';
import type { DecisionRow } from '../ledger/ledger.ts';
import type { OwnerUse } from '../ledger/use-book.ts';
import type { CoreParts } from './core-parts.ts';
import { setViews } from './sets/set-views.ts';
import { overShareViews } from './plots/upkeep-api.ts';
import { friendViews } from './friends/friend-views.ts';
import { hasLeft, ownerName } from './people.ts';
import { offerView } from './views.ts';

/** The present state as the rules for notices want it (`shared/notices`), out of what the doors show. */
export async function noticeFacts(
  parts: CoreParts,
  since: { readonly decision: number; readonly diskRefused: readonly OwnerId[] },
): Promise<NoticeFacts> {
  const [offer, friends, holdings, sets, requests, waiting] = await Promise.all([
    offerFacts(parts),
    friendFacts(parts),
    parts.holdings.holdings(),
    setFacts(parts),
    requestsSince(parts, since.decision),
    parts.ledger.waiting(),
  ]);
  return {
    isReplaced: parts.replacement.isReplaced(),
    offer,
    friends,
    hosts: hostFacts(parts, holdings),
    mine: await myPlotFacts(parts, holdings),
    lessened: lessenedFacts(parts, holdings),
    sets,
    pairings: parts.pairings
      .list()
      .filter((pairing) => pairing.began === 'there' && pairing.state === 'comparing')
      // Before there are digits there is nothing to compare, and anybody can knock.
      .filter(({ digits }) => digits !== null)
      .map(({ id, other }) => ({ id, name: other.name })),
    asks: waiting
      .filter(({ why, approved }) => why === 'owner-approval' && approved === undefined)
      .map(({ ticket, owner, requestedBytes, requestedS }) => {
        const name = ownerName(parts, owner);
        return { ticket, owner, name, requestedBytes, requestedS };
      }),
    requests,
    attacks: attacksAmong(parts.pairings.list()),
    orders: await orderFacts(parts),
    diskRefused: since.diskRefused.map((owner) => ({ owner, name: ownerName(parts, owner) })),
  };
}

/** In the order in which they began: once the digits with that person were the same, nobody sits between any more. */
function attacksAmong(pairings: readonly ListedPairing[]): NoticeFacts['attacks'] {
  return pairings
    .filter(
      ({ no, other }, at) =>
        no?.why === 'differ' &&
        !pairings.some(
          (later, from) =>
            from > at && later.state === 'paired' && isSamePerson(later.other, other),
        ),
    )
    .map(({ id, other }) => ({ id, name: other.name }));
}

/** Whoever sat between showed a key of his own under the name of the one who was called. */
function isSamePerson(one: ListedPairing['other'], other: ListedPairing['other']): boolean {
  return one.statement.owner === other.statement.owner || one.name === other.name;
}

async function orderFacts(parts: CoreParts): Promise<NoticeFacts['orders']> {
  const { trading } = parts;
  if (!trading.isOn()) return undefined;
  const orders = await trading.orders.orders();
  return orders
    .filter(({ state }) => state === 'asked' || state === 'standing')
    .map(({ id, friend, state, giveUnits, wantUnits, periodDays, problem }) => ({
      order: id,
      name: ownerName(parts, friend),
      isAsked: state === 'asked',
      giveBytes: bytesFor(giveUnits),
      wantBytes: bytesFor(wantUnits),
      periodS: periodDays * DAY_S,
      problem,
    }));
}

async function offerFacts(parts: CoreParts): Promise<OfferFacts | undefined> {
  const view = await offerView(parts);
  if (view === null) return undefined;
  const volumePresent = view.volume === 'present';
  return {
    folder: view.folder,
    volumePresent,
    offerBytes: BigInt(view.offerBytes),
    promisedBytes: BigInt(view.promisedBytes),
    keepFreeBytes: BigInt(view.keepFreeBytes),
    // Without its volume the folder may lie on quite another disk.
    freeBytes: volumePresent ? BigInt(view.freeBytes) : 0n,
    diskBytes: volumePresent ? BigInt(view.diskBytes) : 0n,
  };
}

async function friendFacts(parts: CoreParts): Promise<readonly FriendFacts[]> {
  const idleBeforeMs = parts.clock.nowMs() - IDLE_AFTER_MS;
  const [views, all, over] = await Promise.all([
    friendViews(parts),
    parts.ledger.uses({ idleBeforeMs }),
    overShareViews(parts),
  ]);
  const uses = new Map<string, OwnerUse>(all.map((use) => [use.owner, use]));
  const overs = new Map(over.map((each) => [each.owner, each]));
  const damages = await parts.ledger.damages({ sinceMs: parts.clock.nowMs() - ROTTEN_FOR_MS });
  const rotten = new Map<string, FriendFacts['rotten']>(
    damages.map(({ owner, objects, drive }) => [owner, { files: objects, drive }]),
  );
  return views
    .filter(({ departed }) => !departed)
    .map(({ owner, name, blocked, here, presence, devices }) => ({
      owner,
      name,
      blocked,
      isUndecided: isUndecided(here),
      useBytes: BigInt(here.promisedBytes),
      shareBytes: here.shareBytes === null ? undefined : BigInt(here.shareBytes),
      hasLeft: hasLeft(parts, owner as OwnerId),
      writtenBytes: BigInt(here.writtenBytes),
      devices: devices
        .filter(({ revoked }) => !revoked)
        .map(({ device, name: itsName, addedMs, isLater, clashMs }) => ({
          device,
          name: itsName ?? name,
          isLater,
          addedMs,
          clashMs: clashMs ?? undefined,
        })),
      callsUsStruckOff: presence.trouble === 'revoked',
      wrongKeyAt: presence.trouble === 'wrong-key' ? addressIn({ presence, devices }) : undefined,
      idleBytes: uses.get(owner)?.idleBytes ?? 0n,
      unrenewed: uses.get(owner)?.unrenewed,
      over: overFacts(overs.get(owner)),
      missingObjects: uses.get(owner)?.missingObjects ?? 0,
      rotten: rotten.get(owner),
    }));
}

function overFacts(view: OverShareView | undefined): FriendFacts['over'] {
  if (view === undefined) return undefined;
  const { useBytes, shareBytes, askedMs, endsMs } = view;
  return {
    useBytes: BigInt(useBytes),
    shareBytes: BigInt(shareBytes),
    askedMs: askedMs ?? undefined,
    endsMs: endsMs ?? undefined,
  };
}

/** A drive that has been quiet for so long may have been looked at. */
const ROTTEN_FOR_MS = 30 * DAY_MS;
/** Whoever needs space for a backup begins within days. */
const IDLE_AFTER_MS = 30 * DAY_MS;

function lessFacts(share: ToldShare | undefined): HostFacts['less'] {
  if (share?.lessBytes === undefined) return undefined;
  const { lessBytes, lessInS, atMs } = share;
  return { lessBytes, endsMs: lessInS === undefined ? undefined : atMs + lessInS * 1000 };
}

function addressIn({ presence, devices }: Pick<FriendView, 'presence' | 'devices'>): string {
  return presence.address ?? devices.flatMap(({ addresses }) => addresses)[0] ?? '';
}

/** Nothing was said about this friend; that he gets nothing, said by a policy of his own, is an answer. */
function isUndecided({ ownPolicy, ground, weight }: FriendView['here']): boolean {
  return !ownPolicy && (ground === null || (ground === 'fair-share' && weight === 0));
}

function hostFacts(
  { friends, lookIn }: CoreParts,
  holdings: readonly Holding[],
): readonly HostFacts[] {
  const byHost = Map.groupBy(holdings, ({ host }) => host);
  return friends.friends().flatMap((friend) => {
    const held = byHost.get(friend.owner);
    if (held === undefined || friend.departed) return [];
    const share = lookIn.share(friend.owner);
    return [
      {
        owner: friend.owner,
        name: nameOf(friend),
        lastContactMs: friend.lastContactMs ?? friend.sinceMs,
        writtenBytes: held.reduce((sum, { writtenBytes }) => sum + writtenBytes, 0n),
        leavesMs: friend.leavesMs,
        less: lessFacts(share),
        share: share && { useBytes: share.useBytes, shareBytes: share.shareBytes },
      },
    ];
  });
}

async function myPlotFacts(
  parts: CoreParts,
  holdings: readonly Holding[],
): Promise<readonly MyPlotFacts[]> {
  const hasSpare = holdings.some(({ set }) => set === undefined);
  const bookBytes = BigInt(hasSpare ? await parts.recovering.addresses.bytes() : 0);
  return holdings.map((holding) => {
    const name = ownerName(parts, holding.host);
    return { ...plotFacts(holding, bookBytes), name };
  });
}

/** `bookBytes`: as long is this installation's address book. */
export function plotFacts(holding: Holding, bookBytes: bigint): Omit<MyPlotFacts, 'name'> {
  const { plot, host, set, writtenBytes, untilMs, graceS, leavesMs } = holding;
  // It is written to every plot by itself, and lies in the others too: alone it is nothing to lose. The one that lies there may
  // be older than this one, a few blocks shorter or longer.
  const isBook = writtenBytes % BigInt(BLOCK_BYTES) === 0n && writtenBytes <= 2n * bookBytes;
  const isOnlyBook = set === undefined && isBook;
  return {
    plot,
    owner: host,
    isLent: holding.class === 'borrowed',
    writtenBytes: isOnlyBook ? 0n : writtenBytes,
    untilMs,
    graceMs: untilMs + graceS * 1000,
    leavesMs,
  };
}

/** What another device of mine does to what is its own, or to what no set's plan looks after. */
function lessenedFacts(parts: CoreParts, holdings: readonly Holding[]): NoticeFacts['lessened'] {
  const held = new Set(holdings.map(({ plot }) => plot));
  const elsewhere = parts.lookIn.elsewhere().filter(({ plot }) => !held.has(plot));
  return [
    // A set's plan is this device's word, and it sees to it; that plots of this device's go has a notice of its own.
    ...holdings.flatMap((holding) =>
      holding.set === undefined ? [{ ...holding, leavesMs: undefined }] : [],
    ),
    ...elsewhere,
  ]
    .filter(({ protection, leavesMs }) => (protection?.falls ?? leavesMs) !== undefined)
    .map(({ host, writtenBytes, protection, leavesMs }) => ({
      owner: host,
      name: ownerName(parts, host),
      writtenBytes,
      falls: protection?.falls,
      leavesMs,
    }));
}

async function setFacts(parts: CoreParts): Promise<readonly SetFacts[]> {
  const [views, sets, known, losses] = await Promise.all([
    setViews(parts),
    parts.sets.sets(),
    parts.copyBook.copies(),
    parts.copyBook.losses(),
  ]);
  const nowMs = parts.clock.nowMs();
  return sets.flatMap((set) => {
    const view = views.find(({ name }) => name === set.name);
    if (view === undefined) return [];
    const { copies, safety, drilledMs, pausedUntilMs, lastFault } = view;
    const { createdMs, plan } = set;
    const ownPauseMs = pausedUntilMs ?? undefined;
    return {
      name: set.name,
      hosts: set.hosts.filter((owner) => !hasLeft(parts, owner)).length,
      wanted: plan.copies,
      every: plan.schedule.every,
      createdMs,
      safety,
      newestMs: newestOf({ copies }) ?? undefined,
      pausedUntilMs: parts.pause.untilMs() ?? ownPauseMs,
      drilledMs: drilledMs ?? undefined,
      lastFault: saidFacts(lastFault),
      stuck: stuckFacts(parts, set),
      lost: losses.find((each) => each.set === set.name),
      copies: copies.map((copy) => {
        const row = known.find((each) => each.set === set.name && each.host === copy.owner);
        return {
          owner: copy.owner,
          friend: copy.friend,
          state: copy.state,
          fault: saidFacts(copy.fault),
          repairedMs: row?.repairedMs,
          drive: row?.drive,
          verifiedMs: copy.verifiedMs ?? undefined,
          isVerifyLate: isVerifyLate(copy, { verifyDays: plan.verifyDays, createdMs }, nowMs),
          seenMs: copy.seenMs ?? undefined,
        };
      }),
    };
  });
}

/** The newest prune that has ended tells; one that was stopped by hand says nothing. */
function stuckFacts(
  { jobs }: Pick<CoreParts, 'jobs'>,
  { name, prunedMs, createdMs }: Pick<BackupSet, 'name' | 'prunedMs' | 'createdMs'>,
): SetFacts['stuck'] {
  const ended = jobs
    .list()
    .find(
      ({ kind, set, state }) =>
        kind === 'prune' && set === name && (state === 'done' || state === 'failed'),
    );
  const fault = ended?.state === 'failed' ? saidFacts(ended.fault) : undefined;
  return fault && { fault, sinceMs: prunedMs ?? createdMs };
}

function saidFacts(said: Sentence | null): SetFacts['lastFault'] {
  return said === null
    ? undefined
    : { code: said.key.replace(/^fault\./, ''), params: said.params };
}

const PAGE = 100;
/** Beyond that somebody asks in a loop, and the latest of it tell as much. */
const PAGES_MAX = 5;

/** Decisions about requests that nobody has looked at yet. */
async function requestsSince(parts: CoreParts, since: number): Promise<readonly RequestFacts[]> {
  const rows: DecisionRow[] = [];
  let before: number | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const next = await parts.ledger.decisions({ kinds: ['allocate'], before, limit: PAGE });
    rows.push(...next.filter(({ number }) => number > since));
    before = next.at(-1)?.number;
    if (next.length < PAGE || before === undefined || before <= since) break;
  }
  return rows.map(({ number, owner, outcome, code, requestedBytes, params }) => {
    const name = ownerName(parts, owner);
    return { number, owner, name, outcome, code, requestedBytes, params };
  });
}
