import type { AppSnapshot, FriendView, OfferView } from '../../shared/contract/views.ts';

/** Where everything stands in the bed, in pixels of its own width. Pure, so that it can be tested. */
export type Stretch = {
  readonly owner: string;
  readonly friend: FriendView;
  readonly x: number;
  readonly width: number;
  readonly writtenWidth: number;
  readonly promisedWidth: number;
  /** `always` knows no limit, so its stretch has no right fence. */
  readonly hasFence: boolean;
  readonly state: 'empty' | 'writing' | 'full' | 'blocked' | 'away' | 'waiting' | 'held';
};
export type BedLayout = {
  readonly stretches: readonly Stretch[];
  /** Friends whose stretches would be too small to see. */
  readonly more: { readonly count: number; readonly x: number; readonly width: number } | undefined;
  readonly offerX: number;
  readonly width: number;
};

/** Below this a name can't stand above it. */
const STRETCH_MIN = 64;
/** The offer ends here; what follows stays the owner's. */
const BEYOND = 1.12;
const AWAY_MS = 3 * 86_400_000;

export function layOutBed(
  offer: OfferView,
  friends: AppSnapshot['friends'],
  { width, nowMs }: { readonly width: number; readonly nowMs: number },
): BedLayout {
  const offered = Math.max(1, Number(offer.offerBytes));
  const offerX = width / BEYOND;
  const entitled = friends.map((friend) => ({ friend, bytes: entitlement(friend) }));
  const total = entitled.reduce((sum, { bytes }) => sum + bytes, 0);
  // Quotas may add up to more than there is; then everybody's stretch shrinks alike.
  const perByte = offerX / Math.max(offered, total);
  const stretches: Stretch[] = [];
  let small = 0;
  let smallBytes = 0;
  let x = 0;
  const ordered = [...entitled].sort((one, other) => one.friend.sinceMs - other.friend.sinceMs);
  for (const { friend, bytes } of ordered) {
    const stretchWidth = bytes * perByte;
    if (bytes === 0) continue;
    if (stretchWidth < STRETCH_MIN) {
      small += 1;
      smallBytes += bytes;
      continue;
    }
    stretches.push({
      owner: friend.owner,
      friend,
      x,
      width: stretchWidth,
      writtenWidth: Math.min(stretchWidth, Number(friend.here.writtenBytes) * perByte),
      promisedWidth: Math.min(stretchWidth, Number(friend.here.promisedBytes) * perByte),
      hasFence: friend.here.ground !== 'always',
      state: stateOf(friend, nowMs),
    });
    x += stretchWidth;
  }
  const moreWidth = Math.max(small > 0 ? STRETCH_MIN : 0, smallBytes * perByte);
  const more = small === 0 ? undefined : { count: small, x, width: Math.min(moreWidth, width - x) };
  return { stretches, more, offerX, width };
}

/** A share, a quota; where there is no limit, what is promised. Never less than what is held. */
function entitlement({ here }: FriendView): number {
  const promised = Number(here.promisedBytes);
  return here.shareBytes === null ? promised : Math.max(promised, Number(here.shareBytes));
}

function stateOf(friend: FriendView, nowMs: number): Stretch['state'] {
  const { here } = friend;
  if (friend.blocked) return 'blocked';
  if (here.arrivingBytes !== '0') return 'writing';
  if (friend.lastContactMs !== null && nowMs - friend.lastContactMs > AWAY_MS) return 'away';
  if (here.weight === 0) return 'waiting';
  if (here.promisedBytes === '0') return 'empty';
  return here.mayAskBytes === '0' && here.shareBytes !== null ? 'full' : 'held';
}
