import { DAY_MS } from '../../shared/units.ts';
import type {
  AppSnapshot,
  FriendView,
  HostedPlotView,
  OfferView,
} from '../../shared/contract/views.ts';

/** Where everything stands in the bed, in pixels of its own width. Pure, so that it can be tested. */
export type Stretch = {
  readonly owner: string;
  readonly friend: FriendView;
  readonly x: number;
  readonly width: number;
  readonly isNamed: boolean;
  /** From the left: written in living plots, written in plots whose lease is over, promised. */
  readonly writtenWidth: number;
  readonly graceWidth: number;
  readonly promisedWidth: number;
  /** `always` knows no limit, so its stretch has no right fence. */
  readonly hasFence: boolean;
  readonly isDamaged: boolean;
  readonly lentBytes: bigint;
  readonly state: StretchState;
};
/** What stands below a stretch in words; the first that is true. */
export type StretchState =
  | 'blocked'
  | 'damaged'
  | 'arriving'
  | 'full'
  | 'away'
  | 'grace'
  | 'waiting'
  | 'lent'
  | 'empty'
  | 'held';

/** What is lent lies as a visiting patch in somebody's idle stretch. */
export type Patch = {
  readonly owner: string;
  readonly friend: FriendView;
  readonly x: number;
  readonly width: number;
  readonly writtenWidth: number;
  readonly bytes: bigint;
};

export type BedLayout = {
  readonly stretches: readonly Stretch[];
  readonly patches: readonly Patch[];
  /** Friends whose stretches are too small to name: they lie last, side by side, under one name. */
  readonly more:
    | { readonly friends: readonly FriendView[]; readonly x: number; readonly width: number }
    | undefined;
  /** The right end of what is offered. */
  readonly offerX: number;
  readonly width: number;
  /** How many bytes a pixel is, for the handle. */
  readonly bytesPerPixel: number;
};

/** Below this a name can't stand above it (art direction). */
export const STRETCH_MIN = 64;
/** The offer ends here; what follows stays the owner's. */
const BEYOND = 1.12;
/** Room for how much that is, in the longest figure, where the window is narrow. */
const BEYOND_MIN = 76;
/** Narrower than this nothing could be seen of a patch. */
const PATCH_MIN = 6;
const AWAY_MS = 3 * DAY_MS;

export function layOutBed(
  offer: Pick<OfferView, 'offerBytes'>,
  { friends, hosted }: Pick<AppSnapshot, 'friends' | 'hosted'>,
  {
    width,
    nowMs,
    bytesPerPixel,
  }: {
    readonly width: number;
    readonly nowMs: number;
    /** Keeps the scale still while the handle moves; absent: 1.12 × the offer fills the width. */
    readonly bytesPerPixel?: number | undefined;
  },
): BedLayout {
  const plots = Map.groupBy(hosted, ({ owner }) => owner);
  const beds = [...friends]
    .sort((one, other) => one.sinceMs - other.sinceMs)
    .map((friend) => standing(friend, plots.get(friend.owner) ?? []))
    .filter(({ entitledBytes, friend }) => entitledBytes > 0 || friend.here.weight === 0);
  const offered = Math.max(1, Number(offer.offerBytes));
  const total = beds.reduce((sum, { entitledBytes }) => sum + entitledBytes, 0);
  // Quotas may add up to more than there is; then everybody's stretch shrinks alike.
  const end = Math.min(width / BEYOND, width - BEYOND_MIN);
  const perByte = bytesPerPixel === undefined ? end / Math.max(offered, total) : 1 / bytesPerPixel;
  const offerX = Math.min(width, Math.max(offered, total) * perByte);
  const isNamed = ({ entitledBytes }: Standing) => entitledBytes * perByte >= STRETCH_MIN;
  const stretches: Stretch[] = [];
  let x = 0;
  for (const bed of [...beds.filter(isNamed), ...beds.filter((each) => !isNamed(each))]) {
    const stretchWidth = bed.entitledBytes * perByte;
    stretches.push(stretch(bed, { x, width: stretchWidth, isNamed: isNamed(bed), perByte, nowMs }));
    x += stretchWidth;
  }
  return {
    stretches,
    patches: placePatches(beds, stretches, { x, offerX, perByte }),
    more: moreOf(stretches),
    offerX,
    width,
    bytesPerPixel: 1 / perByte,
  };
}

type Standing = {
  readonly friend: FriendView;
  readonly entitledBytes: number;
  readonly promisedBytes: number;
  readonly writtenBytes: number;
  readonly graceBytes: number;
  readonly lentBytes: bigint;
  readonly lentWrittenBytes: number;
  readonly isDamaged: boolean;
};

function standing(friend: FriendView, plots: readonly HostedPlotView[]): Standing {
  const lent = plots.filter((plot) => plot.class === 'borrowed');
  const own = plots.filter((plot) => plot.class === 'guaranteed');
  const over = own.filter(({ state }) => state === 'grace' || state === 'reclaimable');
  const lentBytes = sum(lent, 'promisedBytes');
  const lentWritten = Number(sum(lent, 'writtenBytes'));
  const promisedBytes = Math.max(0, Number(friend.here.promisedBytes) - Number(lentBytes));
  const share = friend.here.shareBytes;
  return {
    friend,
    // A share, a quota; where there is no limit, what is promised. Never less than what is held.
    entitledBytes: share === null ? promisedBytes : Math.max(promisedBytes, Number(share)),
    promisedBytes,
    writtenBytes: Math.max(0, Number(friend.here.writtenBytes) - lentWritten),
    graceBytes: Number(sum(over, 'writtenBytes')),
    lentBytes,
    lentWrittenBytes: lentWritten,
    isDamaged: plots.some(({ missingObjects }) => missingObjects > 0),
  };
}

function sum(plots: readonly HostedPlotView[], key: 'promisedBytes' | 'writtenBytes'): bigint {
  return plots.reduce((total, plot) => total + BigInt(plot[key]), 0n);
}

function stretch(
  bed: Standing,
  place: {
    readonly x: number;
    readonly width: number;
    readonly isNamed: boolean;
    readonly perByte: number;
    readonly nowMs: number;
  },
): Stretch {
  const { x, width, isNamed, perByte, nowMs } = place;
  const pixels = (bytes: number) => Math.min(width, bytes * perByte);
  const graceWidth = pixels(Math.min(bed.graceBytes, bed.writtenBytes));
  return {
    owner: bed.friend.owner,
    friend: bed.friend,
    x,
    width,
    isNamed,
    writtenWidth: Math.max(0, pixels(bed.writtenBytes) - graceWidth),
    graceWidth,
    promisedWidth: pixels(bed.promisedBytes),
    hasFence: bed.friend.here.ground !== 'always',
    isDamaged: bed.isDamaged,
    lentBytes: bed.lentBytes,
    state: stateOf(bed, nowMs),
  };
}

function stateOf({ friend, isDamaged, graceBytes, lentBytes }: Standing, nowMs: number) {
  const { here, lastContactMs } = friend;
  if (friend.blocked) return 'blocked';
  if (isDamaged) return 'damaged';
  if (here.arrivingBytes !== '0') return 'arriving';
  if (here.weight === 0 && here.promisedBytes === '0') return 'waiting';
  if (here.shareBytes !== null && here.promisedBytes !== '0' && here.mayAskBytes === '0')
    return 'full';
  if (lastContactMs !== null && nowMs - lastContactMs > AWAY_MS) return 'away';
  if (graceBytes > 0) return 'grace';
  if (lentBytes > 0n) return 'lent';
  return here.promisedBytes === '0' ? 'empty' : 'held';
}

/** The largest patch first, each into the widest idle ground that is left (art direction). */
function placePatches(
  beds: readonly Standing[],
  stretches: readonly Stretch[],
  { x, offerX, perByte }: { readonly x: number; readonly offerX: number; readonly perByte: number },
): readonly Patch[] {
  const idle = stretches.map((each) => ({
    from: each.x + each.promisedWidth,
    to: each.x + each.width,
  }));
  idle.push({ from: x, to: Math.max(x, offerX) });
  const lenders = beds
    .filter(({ lentBytes }) => lentBytes > 0n)
    .sort((one, other) => Number(other.lentBytes - one.lentBytes));
  const patches: Patch[] = [];
  for (const bed of lenders) {
    const [ground] = idle.sort((one, other) => other.to - other.from - (one.to - one.from));
    if (ground === undefined || ground.to - ground.from < PATCH_MIN) break;
    const width = Math.min(
      ground.to - ground.from,
      Math.max(PATCH_MIN, Number(bed.lentBytes) * perByte),
    );
    ground.to -= width;
    patches.push({
      owner: bed.friend.owner,
      friend: bed.friend,
      x: ground.to,
      width,
      writtenWidth: Math.min(width, bed.lentWrittenBytes * perByte),
      bytes: bed.lentBytes,
    });
  }
  return patches;
}

function moreOf(stretches: readonly Stretch[]): BedLayout['more'] {
  const small = stretches.filter(({ isNamed }) => !isNamed);
  const [first] = small;
  if (first === undefined) return undefined;
  return {
    friends: small.map(({ friend }) => friend),
    x: first.x,
    width: small.reduce((total, { width }) => total + width, 0),
  };
}
