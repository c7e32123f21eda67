import type {
  CopyFacts,
  FriendDeviceFacts,
  FriendFacts,
  HostFacts,
  MyPlotFacts,
  NoticeFacts,
  OfferFacts,
  RequestFacts,
  SetFacts,
} from '../../shared/notices/facts.ts';
import type { NoticeMemory } from '../../shared/notices/memory.ts';
import { GB } from '../../shared/units.ts';
import { testOwnerId, testPlotId } from './test-ledger.ts';

/** A quiet home in which nothing has to be told, and its parts to change. */
export const NOON_MS = Date.UTC(2026, 10, 25, 12);
export const DAY_MS = 86_400_000;
export const ANA = testOwnerId(1);
export const BEN = testOwnerId(2);

export const nothingTold: NoticeMemory = {
  decision: 0,
  thresholds: {},
  refusedMs: {},
  notices: [],
};

export function quiet(more: Partial<NoticeFacts> = {}): NoticeFacts {
  return {
    offer: someOffer(),
    friends: [someFriend()],
    hosts: [someHost()],
    mine: [somePlot()],
    sets: [someSet()],
    pairings: [],
    asks: [],
    requests: [],
    attacks: [],
    diskRefused: [],
    ...more,
  };
}

export function someOffer(more: Partial<OfferFacts> = {}): OfferFacts {
  return {
    folder: '/srv/spare',
    volumePresent: true,
    offerBytes: 100n * GB,
    promisedBytes: 10n * GB,
    keepFreeBytes: 10n * GB,
    freeBytes: 500n * GB,
    diskBytes: 1000n * GB,
    ...more,
  };
}

export function someFriend(more: Partial<FriendFacts> = {}): FriendFacts {
  return {
    owner: ANA,
    name: 'Ana',
    blocked: false,
    isUndecided: false,
    useBytes: 10n * GB,
    shareBytes: 50n * GB,
    missingObjects: 0,
    hasLeft: false,
    writtenBytes: 8n * GB,
    devices: [someDevice()],
    wrongKeyAt: undefined,
    ...more,
  };
}

export function someDevice(more: Partial<FriendDeviceFacts> = {}): FriendDeviceFacts {
  return {
    device: testOwnerId(11),
    name: 'Ana’s desk',
    isLater: false,
    addedMs: NOON_MS - DAY_MS,
    clashMs: undefined,
    ...more,
  };
}

export function someHost(more: Partial<HostFacts> = {}): HostFacts {
  return {
    owner: BEN,
    name: 'Ben',
    lastContactMs: NOON_MS - 3_600_000,
    writtenBytes: 5n * GB,
    leavesMs: undefined,
    share: { useBytes: 6n * GB, shareBytes: 50n * GB },
    ...more,
  };
}

export function somePlot(more: Partial<MyPlotFacts> = {}): MyPlotFacts {
  return {
    plot: testPlotId(1),
    owner: BEN,
    name: 'Ben',
    isLent: false,
    writtenBytes: 5n * GB,
    untilMs: NOON_MS + 20 * DAY_MS,
    graceMs: NOON_MS + 34 * DAY_MS,
    ...more,
  };
}

export function someSet(more: Partial<SetFacts> = {}): SetFacts {
  return {
    name: 'photos',
    hosts: 1,
    wanted: 1,
    createdMs: NOON_MS - 40 * DAY_MS,
    safety: 'safe',
    newestMs: NOON_MS - DAY_MS,
    pausedUntilMs: undefined,
    drilledMs: NOON_MS - DAY_MS,
    lastFault: undefined,
    copies: [someCopy()],
    ...more,
  };
}

export function someCopy(more: Partial<CopyFacts> = {}): CopyFacts {
  return {
    owner: BEN,
    friend: 'Ben',
    state: 'complete',
    fault: undefined,
    repairedMs: undefined,
    drive: undefined,
    verifiedMs: NOON_MS - DAY_MS,
    isVerifyLate: false,
    seenMs: NOON_MS - 3_600_000,
    ...more,
  };
}

export function someRequest(number: number, more: Partial<RequestFacts> = {}): RequestFacts {
  return {
    number,
    owner: ANA,
    name: 'Ana',
    outcome: 'denied',
    code: 'over-share',
    requestedBytes: 60n * GB,
    params: { shareBytes: `${50n * GB}`, useBytes: `${10n * GB}`, mayAskBytes: `${39n * GB}` },
    ...more,
  };
}
