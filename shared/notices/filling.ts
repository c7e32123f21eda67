import { pagePath } from '../contract/pages.ts';
import type { FriendFacts, HostFacts, NoticeFacts, OfferFacts, RequestFacts } from './facts.ts';
import type { Candidate, KeptNotice } from './memory.ts';
import { MONTH_MS } from './memory.ts';
import { candidate, friendPage } from './candidate.ts';
import {
  crossedAtFirst,
  crossThresholds,
  isStillAt,
  type Level,
  NOTHING_CROSSED,
  percentOf,
  type Threshold,
  THRESHOLDS,
  type ThresholdMemory,
} from './thresholds.ts';

/** What fills up: shares here, the offer, the disk below it, and my own shares at friends'. */
type Filling = {
  /** `<kind>:<whose>` in the memory of thresholds. */
  readonly key: string;
  readonly level: Level;
  /** A disk that was full before anything was offered on it is no news. */
  readonly isQuietAtFirst?: boolean;
  readonly notice: (threshold: Threshold) => Candidate;
};

type Thresholds = Readonly<Record<string, ThresholdMemory>>;

export function fillingCandidates(
  facts: NoticeFacts,
  {
    thresholds,
    before,
    refused,
  }: {
    readonly thresholds: Thresholds;
    readonly before: ReadonlyMap<string, KeptNotice>;
    /** Requests refused since the last look. */
    readonly refused: readonly RequestFacts[];
  },
  nowMs: number,
): { readonly thresholds: Thresholds; readonly candidates: readonly Candidate[] } {
  const after: Record<string, ThresholdMemory> = stillToldIn(thresholds, nowMs);
  const candidates: Candidate[] = [];
  for (const { key, level, isQuietAtFirst, notice } of fillings(facts, refused)) {
    const known = thresholds[key];
    if (known === undefined && isQuietAtFirst === true && level.percent !== undefined) {
      after[key] = crossedAtFirst(level);
      continue;
    }
    const { memory, tell } = crossThresholds(known ?? NOTHING_CROSSED, level, nowMs);
    after[key] = memory;
    if (tell !== undefined) {
      candidates.push({ ...notice(tell), mark: `${tell} ${nowMs}` });
      continue;
    }
    // What was said of a threshold is left as it was said, for as long as it is so.
    const kept = before.get(notice(80).id);
    const threshold = kept && thresholdIn(kept);
    if (kept !== undefined && threshold !== undefined && isStillAt(threshold, level))
      candidates.push({ ...kept, params: { ...kept.params, ...nameIn(notice(threshold)) } });
  }
  return { thresholds: after, candidates };
}

/** Of what is no longer there (a friend who left) only what was told lately matters. */
function stillToldIn(thresholds: Thresholds, nowMs: number): Record<string, ThresholdMemory> {
  const recent = Object.entries(thresholds).filter(([, { toldMs }]) =>
    Object.values(toldMs).some((ms) => nowMs - ms < MONTH_MS),
  );
  return Object.fromEntries(recent.slice(-KEYS_KEPT_MAX));
}

const KEYS_KEPT_MAX = 500;

function thresholdIn({ mark }: KeptNotice): Threshold | undefined {
  return THRESHOLDS.find((threshold) => mark.startsWith(`${threshold} `));
}

function nameIn({ params }: Candidate): Readonly<Record<string, string>> {
  const { friend } = params;
  return friend === undefined ? {} : { friend };
}

function fillings(facts: NoticeFacts, refused: readonly RequestFacts[]): readonly Filling[] {
  const { offer, friends, hosts } = facts;
  return [
    ...(offer === undefined ? [] : [offerFills(offer, refused), diskFills(offer, facts)]),
    ...friends.filter(({ blocked }) => !blocked).map((friend) => shareFills(friend, refused)),
    ...hosts.map(plotFills),
  ];
}

const NO_ROOM: ReadonlySet<string | undefined> = new Set(['no-space', 'over-share', 'quota']);

function offerFills(offer: OfferFacts, refused: readonly RequestFacts[]): Filling {
  const { offerBytes, promisedBytes } = offer;
  const percent = percentOf(promisedBytes, offerBytes);
  return {
    key: 'offer-fills:',
    level: {
      percent,
      isRefusing: refused.some(({ code }) => code === 'no-space'),
    },
    notice: (threshold) =>
      candidate('offer-fills', '', {
        params: {
          ...saying(threshold, percent),
          offerBytes: `${offerBytes}`,
          promisedBytes: `${promisedBytes}`,
        },
        path: pagePath({ page: 'home' }),
      }),
  };
}

function diskFills(offer: OfferFacts, { diskRefused }: NoticeFacts): Filling {
  const { folder, diskBytes, freeBytes, keepFreeBytes } = offer;
  const usableBytes = diskBytes - keepFreeBytes;
  const isRefusing = diskRefused.length > 0;
  const percent = diskBytes === 0n ? undefined : percentOf(diskBytes - freeBytes, usableBytes);
  return {
    key: `disk-fills:${folder}`,
    // A disk that turned a friend away is full, whatever the figures say a moment later.
    level: { percent: isRefusing ? Math.max(100, percent ?? 0) : percent, isRefusing },
    isQuietAtFirst: !isRefusing,
    notice: (threshold) =>
      candidate('disk-fills', '', {
        params: {
          ...saying(threshold, percent),
          folder,
          freeBytes: `${freeBytes}`,
          keepFreeBytes: `${keepFreeBytes}`,
        },
        path: pagePath({ page: 'home' }),
      }),
  };
}

function shareFills(friend: FriendFacts, refused: readonly RequestFacts[]): Filling {
  const { owner, name, useBytes, shareBytes } = friend;
  const percent = percentOf(useBytes, shareBytes);
  return {
    key: `share-fills:${owner}`,
    level: {
      percent,
      isRefusing: refused.some((each) => each.owner === owner && NO_ROOM.has(each.code)),
    },
    notice: (threshold) =>
      candidate('share-fills', owner, {
        params: {
          ...saying(threshold, percent),
          friend: name,
          useBytes: `${useBytes}`,
          shareBytes: `${shareBytes ?? 0n}`,
        },
        path: friendPage(owner),
        // Somebody could not go on; that more is used than before is only good to know.
        level: threshold === 100 ? 'warning' : 'info',
      }),
  };
}

function plotFills({ owner, name, share, less }: HostFacts): Filling {
  // Whoever was asked to make do with less is not told to ask for more, as long as he can go on.
  const percent =
    less === undefined && share ? percentOf(share.useBytes, share.shareBytes) : undefined;
  return {
    key: `plot-fills:${owner}`,
    // That it is full is told of the set that needed more.
    level: { percent, isRefusing: false },
    notice: (threshold) =>
      candidate('plot-fills', owner, {
        params: {
          ...saying(threshold, percent),
          friend: name,
          useBytes: `${share?.useBytes ?? 0n}`,
          shareBytes: `${share?.shareBytes ?? 0n}`,
        },
        path: friendPage(owner),
      }),
  };
}

/** "Full" has words of its own; below that the figure as it is, which may be beyond the threshold. */
function saying(
  threshold: Threshold,
  percent: number | undefined,
): Readonly<Record<string, string>> {
  return threshold === 100 ? { context: 'full' } : { percent: `${percent ?? threshold}` };
}
