import { barterView } from './barter-view.ts';
import { setViews } from './sets/set-views.ts';
import { householdView } from './household-api.ts';
import { overShareViews } from './plots/upkeep-api.ts';
import { recoveryView } from './sets/recovery-view.ts';
import { vouchersView } from './vouchers-api.ts';
import type {
  AppSnapshot,
  DecisionView,
  FriendView,
  HostedPlotView,
  MyPlotView,
  OfferView,
  PairingView,
  PresenceView,
  Sentence,
  RequestView,
  SettingsView,
  StatusView,
  WishView,
} from '../../../shared/contract/views.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { GIVEN } from '../../../shared/policy/grounds.ts';
import type { Holding } from '../client/holdings/holdings-book.ts';
import type { Friend, ToldShare } from '../friends/friend-book.ts';
import { hasNewcomer, nameOf } from '../friends/friend-registry.ts';
import type { DecisionQuery, DecisionRow, PlotRow } from '../ledger/ledger.ts';
import type { OwnerUse } from '../ledger/use-book.ts';
import type { CoreParts } from './core-parts.ts';

/** From the books to what is shown: plain values with names in place of ids (`shared/contract/views.ts`). */

/** The latest decisions in a snapshot; older ones are paged. */
const SNAPSHOT_DECISIONS = 50;

export function snapshotReaders(parts: CoreParts): {
  readonly [S in keyof AppSnapshot]: () => Promise<AppSnapshot[S]>;
} {
  return {
    status: () => statusView(parts),
    offer: () => offerView(parts),
    friends: () => friendViews(parts),
    hosted: () => hostedViews(parts),
    mine: () => myPlotViews(parts),
    decisions: () => decisionViews(parts, { limit: SNAPSHOT_DECISIONS }),
    pairings: async () => pairingViews(parts),
    sets: () => setViews(parts),
    jobs: async () => parts.jobs.list(),
    restores: () => parts.restores.list(),
    recovery: () => recoveryView(parts),
    settings: async () => settingsView(parts),
    wishes: () => wishViews(parts),
    requests: () => requestViews(parts),
    nearby: async () => parts.discovery.nearby(),
    networks: async () => parts.discovery.networks(),
    notices: async () => parts.notices.list(),
    household: () => householdView(parts),
    barter: () => barterView(parts),
    vouchers: () => vouchersView(parts),
    overShare: () => overShareViews(parts),
  };
}

export async function statusView(parts: CoreParts): Promise<StatusView> {
  const { config, identity, hosting } = parts;
  const phraseSaved = identity.pendingPhrase() === undefined;
  const warnings: Sentence[] = [];
  const offer = hosting.offer();
  if (offer !== undefined && !(await hosting.disk()).volumePresent)
    warnings.push({ key: 'warning.volume-missing', params: { folder: offer.folder } });
  if (hosting.wereBooksOlder()) warnings.push({ key: 'warning.books-older', params: {} });
  const file = await config.putAside();
  if (file !== undefined) warnings.push({ key: 'warning.config-damaged', params: { file } });
  if (!phraseSaved) warnings.push({ key: 'warning.phrase-unsaved', params: {} });
  return {
    version: parts.version,
    name: parts.name(),
    owner: identity.owner,
    device: identity.device,
    port: parts.port() ?? null,
    addresses: parts.addresses(),
    phraseSaved,
    warnings,
    pausedUntilMs: parts.pause.untilMs(),
    shell: await parts.shell(),
  };
}

export function settingsView({ config }: CoreParts): SettingsView {
  const { name, settings } = config.get();
  return { ...settings, name };
}

export async function offerView({ hosting, ledger }: CoreParts): Promise<OfferView | null> {
  const offer = hosting.offer();
  if (offer === undefined) return null;
  const disk = await hosting.disk();
  const [totals, size] = await Promise.all([ledger.totals({ disk }), hosting.diskSize()]);
  return {
    folder: offer.folder,
    volume: disk.volumePresent ? 'present' : 'missing',
    offerBytes: `${offer.offerBytes}`,
    keepFreeBytes: `${offer.keepFreeBytes}`,
    freeBytes: `${size.freeBytes}`,
    diskBytes: `${size.totalBytes}`,
    capacityBytes: `${totals.capacityBytes}`,
    promisedBytes: `${totals.promisedBytes}`,
    writtenBytes: `${totals.writtenBytes}`,
    fairBytes: `${totals.fairBytes}`,
  };
}

export async function friendViews(parts: CoreParts): Promise<readonly FriendView[]> {
  const { friends, ledger } = parts;
  const uses = new Map((await ledger.uses({ idleBeforeMs: 0 })).map((use) => [use.owner, use]));
  const all = friends.friends();
  const views: FriendView[] = [];
  for (let at = 0; at < all.length; at += FRIENDS_AT_ONCE)
    views.push(
      ...(await Promise.all(
        all
          .slice(at, at + FRIENDS_AT_ONCE)
          .map((friend) => friendView(parts, friend, uses.get(friend.owner) ?? NO_USE)),
      )),
    );
  return views;
}

/** Whoever asks for room in between must not wait until thousands of friends are through. */
const FRIENDS_AT_ONCE = 32;

type HereUse = Pick<OwnerUse, 'promisedBytes' | 'writtenBytes' | 'reservedBytes'>;
const NO_USE: HereUse = { promisedBytes: 0n, writtenBytes: 0n, reservedBytes: 0n };

/** What one friend's plots come to. */
export function useIn(rows: readonly PlotRow[]): HereUse {
  return {
    promisedBytes: sum(rows, (row) => row.promisedBytes),
    writtenBytes: sum(rows, (row) => row.writtenBytes),
    reservedBytes: sum(rows, (row) => row.reservedBytes),
  };
}

export async function friendView(
  { ledger, hosting, readers, presence, moment, clock }: CoreParts,
  friend: Friend,
  use: HereUse,
): Promise<FriendView> {
  const { owner } = friend;
  const disk = await hosting.disk();
  const [{ policy, own }, share] = await Promise.all([
    ledger.policy({ owner }),
    ledger.share({ owner, disk }),
  ]);
  // What is wanted for a yes may be tried before; a friend's share is what he has without it.
  const ground = policy.grounds.find(({ kind }) => GIVEN.has(kind)) ?? policy.grounds[0];
  return {
    owner,
    name: nameOf(friend),
    sinceMs: friend.sinceMs,
    lastContactMs: friend.lastContactMs ?? null,
    blocked: friend.blocked,
    departed: friend.departed,
    ownName: friend.petName === undefined ? null : friend.name,
    devices: friend.devices.map((device) => ({
      device: device.device,
      name: device.name ?? null,
      kind: device.kind,
      addresses: device.addresses,
      revoked: device.revoked,
      addedMs: device.addedMs,
      isLater: device.came !== 'first',
      clashMs: device.clashMs ?? null,
    })),
    presence: presenceOf(friend, presence.of(owner)),
    givenAddress: friend.givenAddress ?? null,
    leaving: leavingOf(friend, { serviceS: moment().serviceS, nowMs: clock.nowMs() }),
    there: friend.told === undefined ? null : thereOf(friend.told),
    here: {
      ground: ground?.kind ?? null,
      weight: ground?.kind === 'fair-share' ? ground.weight : null,
      shareBytes: share.shareBytes === undefined ? null : `${share.shareBytes}`,
      promisedBytes: `${use.promisedBytes}`,
      writtenBytes: `${use.writtenBytes}`,
      mayAskBytes: `${share.mayAskBytes}`,
      arrivingBytes: `${use.reservedBytes}`,
      lentBytes: `${share.lentBytes ?? 0n}`,
      ...(share.vouchedBytes === undefined ? {} : { vouchedBytes: `${share.vouchedBytes}` }),
      readsNow: readers.reads(owner),
      ownPolicy: own,
    },
  };
}

/** A new machine that doesn't know this one yet must not look like somebody who has ended it. */
function presenceOf(friend: Friend, seen: PresenceView): PresenceView {
  return seen.trouble === 'not-friends' && hasNewcomer(friend)
    ? { ...seen, trouble: 'not-yet' }
    : seen;
}

function leavingOf(
  { leavingServiceS, leavesMs }: Friend,
  { serviceS, nowMs }: { readonly serviceS: number; readonly nowMs: number },
): FriendView['leaving'] {
  if (leavingServiceS !== undefined)
    return { by: 'here', atMs: nowMs + Math.max(0, leavingServiceS - serviceS) * 1000 };
  return leavesMs === undefined ? null : { by: 'there', atMs: leavesMs };
}

function thereOf(told: ToldShare): FriendView['there'] {
  const { shareBytes, useBytes, mayAskBytes, lentBytes = 0n, mayBorrowBytes = 0n, atMs } = told;
  return {
    lentBytes: `${lentBytes}`,
    mayBorrowBytes: `${mayBorrowBytes}`,
    shareBytes: shareBytes === undefined ? null : `${shareBytes}`,
    useBytes: `${useBytes}`,
    mayAskBytes: `${mayAskBytes}`,
    asOfMs: atMs,
    ...(told.lessBytes === undefined ? {} : { lessBytes: `${told.lessBytes}` }),
    ...(told.lessInS === undefined ? {} : { lessEndsMs: atMs + told.lessInS * 1000 }),
  };
}

export async function wishViews(parts: CoreParts): Promise<readonly WishView[]> {
  return (await parts.wishes.wishes()).map((wish) => ({
    ticket: wish.ticket,
    owner: wish.host,
    friend: ownerName(parts, wish.host),
    why: wish.why,
    sizeBytes: `${wish.sizeBytes}`,
    durationS: wish.durationS,
    sinceMs: wish.sinceMs,
    set: wish.set ?? null,
  }));
}

export async function requestViews(parts: CoreParts): Promise<readonly RequestView[]> {
  return (await parts.ledger.waiting()).map((row) => ({
    ticket: row.ticket,
    owner: row.owner,
    friend: ownerName(parts, row.owner),
    why: row.why,
    sizeBytes: `${row.requestedBytes}`,
    durationS: row.requestedS,
    loan: row.accept === 'borrowed',
    purpose: row.purpose ?? null,
    sinceMs: row.sinceMs,
    answered: row.approved ?? null,
  }));
}

/** How many letters of a key two people can compare at a glance; they prove nothing. */
const TAIL_CHARS = 6;

export function pairingViews({ pairings, friends }: CoreParts): readonly PairingView[] {
  return pairings.list().map(({ other, ...view }) => {
    const { device, owner } = other.statement;
    const friend = friends.friend(owner);
    return {
      ...view,
      name: other.name,
      address: other.address,
      kind: other.kind,
      tail: device.slice(-TAIL_CHARS),
      friend: friend === undefined || friend.departed ? null : nameOf(friend),
      owner: view.state === 'paired' ? owner : null,
    };
  });
}

function sum(rows: readonly PlotRow[], of: (row: PlotRow) => bigint): bigint {
  return rows.reduce((total, row) => total + of(row), 0n);
}

export async function hostedViews(parts: CoreParts): Promise<readonly HostedPlotView[]> {
  const rows = await parts.ledger.plots({ moment: parts.moment() });
  return rows.map((row) => ({
    plot: row.plot,
    owner: row.owner,
    friend: ownerName(parts, row.owner),
    ground: row.ground,
    class: row.class,
    state: row.state,
    sizeBytes: `${row.sizeBytes}`,
    promisedBytes: `${row.promisedBytes}`,
    writtenBytes: `${row.writtenBytes}`,
    fromMs: row.fromMs,
    leftS: row.leftS,
    renewals: row.renewals,
    purpose: row.purpose ?? null,
    missingObjects: row.missingObjects,
    trashBytes: `${row.trashBytes + row.keptPaperBytes}`,
    protectDays: row.protectDays,
    ...(row.falls === undefined
      ? {}
      : {
          protectionFalls: {
            days: row.falls.toDays,
            atMs: parts.clock.nowMs() + row.falls.inS * 1000,
          },
        }),
    ...(row.leavesInS === undefined
      ? {}
      : { leavesMs: parts.clock.nowMs() + row.leavesInS * 1000 }),
  }));
}

export async function myPlotViews(parts: CoreParts): Promise<readonly MyPlotView[]> {
  return (await parts.holdings.holdings()).map((holding) => {
    const leftS = Math.floor((holding.untilMs - parts.clock.nowMs()) / 1000);
    return {
      plot: holding.plot,
      owner: holding.host,
      friend: ownerName(parts, holding.host),
      class: holding.class,
      // What lay at a friend's who has ended it is no copy of anything any more.
      state: hasLeft(parts, holding.host) ? 'gone' : holdingState(holding, leftS),
      sizeBytes: `${holding.sizeBytes}`,
      writtenBytes: `${holding.writtenBytes}`,
      leftS,
      set: holding.set ?? null,
      trashBytes: `${holding.protection?.trashBytes ?? 0n}`,
      protectDays: holding.protection?.days ?? 0,
      ...(holding.protection?.falls === undefined
        ? {}
        : {
            protectionFalls: {
              days: holding.protection.falls.toDays,
              atMs: holding.protection.falls.atMs,
            },
          }),
      ...(holding.leavesMs === undefined ? {} : { leavesMs: holding.leavesMs }),
    };
  });
}

/** As far as my own clock can tell; the host's service time may have stood still meanwhile. */
function holdingState(holding: Holding, leftS: number): MyPlotView['state'] {
  if (leftS > 0) return 'active';
  return leftS + holding.graceS > 0 ? 'grace' : 'reclaimable';
}

/** The friend has ended the friendship, as far as he said or could be found out. */
export function hasLeft(
  { friends, clock }: Pick<CoreParts, 'friends' | 'clock'>,
  owner: OwnerId,
): boolean {
  const leavesMs = friends.friend(owner)?.leavesMs;
  return leavesMs !== undefined && leavesMs <= clock.nowMs();
}

export async function decisionViews(
  parts: CoreParts,
  query: DecisionQuery,
): Promise<readonly DecisionView[]> {
  const rows = await parts.ledger.decisions(query);
  return rows.map((row) => decisionView(parts, row));
}

function decisionView(parts: CoreParts, row: DecisionRow): DecisionView {
  return {
    number: row.number,
    atMs: row.atMs,
    owner: row.owner,
    friend: ownerName(parts, row.owner),
    kind: row.kind,
    outcome: row.outcome,
    code: row.code ?? null,
    plot: row.plot ?? null,
    ground: row.ground ?? null,
    requestedBytes: row.requestedBytes === undefined ? null : `${row.requestedBytes}`,
    requestedS: row.requestedS ?? null,
    purpose: row.purpose ?? null,
    params: row.params,
    steps: row.steps,
  };
}

/** Somebody who is no friend any more still has a beginning of an id. */
export function ownerName({ friends }: Pick<CoreParts, 'friends'>, owner: OwnerId): string {
  const person = friends.person(owner);
  return person === undefined ? owner.slice(0, 8) : nameOf(person);
}
