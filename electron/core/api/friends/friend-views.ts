import type { FriendView, PairingView, PresenceView } from '../../../../shared/contract/views.ts';
import { GIVEN } from '../../../../shared/policy/grounds.ts';
import { keyTail } from '../../../../shared/words/key-text.ts';
import type { Friend, ToldShare } from '../../friends/friend-book.ts';
import { hasNewcomer, nameOf } from '../../friends/friend-registry.ts';
import type { PlotRow } from '../../ledger/ledger.ts';
import type { OwnerUse } from '../../ledger/use-book.ts';
import type { CoreParts } from '../core-parts.ts';

/** Friends and pairings as every door shows them. */
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

export function pairingViews({ pairings, friends }: CoreParts): readonly PairingView[] {
  return pairings.list().map(({ other, ...view }) => {
    const { device, owner } = other.statement;
    const friend = friends.friend(owner);
    return {
      ...view,
      name: other.name,
      address: other.address,
      kind: other.kind,
      tail: keyTail(device),
      friend: friend === undefined || friend.departed ? null : nameOf(friend),
      owner: view.state === 'paired' ? owner : null,
    };
  });
}

function sum(rows: readonly PlotRow[], of: (row: PlotRow) => bigint): bigint {
  return rows.reduce((total, row) => total + of(row), 0n);
}
