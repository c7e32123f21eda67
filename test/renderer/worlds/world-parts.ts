import { emptyViews } from '../../fakes/empty-views.ts';
import type { NoteLogView } from '../../../shared/contract/barter-views.ts';
import type {
  BackupSetView,
  CopyView,
  RestoreView,
} from '../../../shared/contract/backup-views.ts';
import { PLAN_AT_FIRST } from '../../../shared/model/plan-at-first.ts';
import type {
  AppSnapshot,
  DecisionView,
  FriendDeviceView,
  FriendView,
  HostedPlotView,
  JobView,
  MyPlotView,
  NearbyView,
  NetworkView,
  OfferView,
  PairingView,
  RequestView,
  Revisioned,
  UsageSample,
  WishView,
} from '../../../shared/contract/views.ts';
import { SETTINGS_AT_FIRST } from '../../../shared/model/settings.ts';

/** Plain builders of what a core would say: everything has a sensible value, and only what matters is named. */

/** It is always this moment in a mocked window: 25 November 2026, 14:30 in Berlin. */
export const NOW_MS = Date.UTC(2026, 10, 25, 13, 30);
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export const DAY_S = 86_400;

export type World = {
  readonly snapshot: Revisioned & AppSnapshot;
  /** All decisions there are, newest first; the snapshot holds the latest. */
  readonly decisions: readonly DecisionView[];
  readonly history: readonly UsageSample[];
  /** All movements of notes there are, newest first. */
  readonly notes?: readonly NoteLogView[];
};

/** So many of the latest decisions lie in a snapshot. */
const LATEST = 50;

export function world(parts: Partial<World> & Pick<World, 'snapshot'>): World {
  const decisions = parts.decisions ?? [];
  return {
    history: [],
    ...parts,
    decisions,
    snapshot: { ...parts.snapshot, decisions: decisions.slice(0, LATEST) },
  };
}

export function gb(count: number): string {
  return `${BigInt(Math.round(count * 1000)) * 1_000_000n}`;
}

/** 52 characters of base32, the same for the same name. */
export function ownerId(name: string): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  let state = 7;
  let id = '';
  for (let i = 0; i < 52; i += 1) {
    state = (state * 31 + (name.codePointAt(i % Math.max(1, name.length)) ?? 1) + i) % 65_521;
    id += letters[state % 32];
  }
  // 256 bits: of the last letter only the first bit counts.
  return `${id.slice(0, 51)}${state % 2 === 0 ? 'a' : 'q'}`;
}

type Over<T> = { readonly [K in keyof T]?: T[K] };

export function snapshot(over: Over<AppSnapshot> = {}): Revisioned & AppSnapshot {
  return {
    epoch: 'first-run-of-the-core',
    revision: 1,
    asOfMs: NOW_MS,
    status: status(),
    offer: null,
    friends: [],
    hosted: [],
    mine: [],
    decisions: [],
    pairings: [],
    nearby: [],
    wishes: [],
    requests: [],
    ...emptyViews,
    networks: { networks: [homeNetwork()], announces: true },
    sets: [],
    jobs: [],
    settings: { ...SETTINGS_AT_FIRST, welcomed: true, language: 'en', name: 'Kim' },
    notices: [],
    ...over,
  };
}

export function status(over: Over<AppSnapshot['status']> = {}): AppSnapshot['status'] {
  return {
    version: '0.1.0',
    name: 'Kim',
    owner: ownerId('Kim'),
    device: ownerId('Kim’s desktop'),
    port: 24_816,
    addresses: ['192.168.1.20:24816'],
    phraseSaved: true,
    warnings: [],
    pausedUntilMs: null,
    shell: {
      kind: 'desktop',
      platform: 'linux',
      secrets: 'keyring',
      hasTray: true,
      canStartAtLogin: true,
      updates: { mode: 'tells', version: '0.2.0', isReady: false },
    },
    ...over,
  };
}

export function offer(over: Over<OfferView> = {}): OfferView {
  return {
    folder: '/home/kim/Allotment',
    volume: 'present',
    offerBytes: gb(500),
    keepFreeBytes: gb(50),
    freeBytes: gb(1200),
    diskBytes: gb(1800),
    capacityBytes: gb(500),
    promisedBytes: gb(312),
    writtenBytes: gb(231),
    fairBytes: gb(500),
    ...over,
  };
}

export function friend(
  name: string,
  here: Over<FriendView['here']> = {},
  over: Over<Omit<FriendView, 'here'>> = {},
): FriendView {
  return {
    owner: ownerId(name),
    name,
    sinceMs: NOW_MS - 90 * DAY_MS,
    lastContactMs: NOW_MS - 12 * MINUTE_MS,
    blocked: false,
    departed: false,
    ownName: null,
    devices: [device(name)],
    presence: {
      state: 'online',
      sinceMs: NOW_MS - 2 * HOUR_MS,
      address: '192.168.1.20:24816',
      trouble: null,
    },
    givenAddress: null,
    leaving: null,
    there: null,
    here: {
      ground: 'fair-share',
      weight: 1,
      shareBytes: gb(100),
      promisedBytes: '0',
      writtenBytes: '0',
      mayAskBytes: gb(99),
      arrivingBytes: '0',
      lentBytes: '0',
      readsNow: false,
      ownPolicy: false,
      ...here,
    },
    ...over,
  };
}

export function device(name: string, over: Over<FriendDeviceView> = {}): FriendDeviceView {
  return {
    device: ownerId(`${name}’s device`),
    name: `${name}’s desktop`,
    kind: 'desktop',
    addresses: ['192.168.1.20:24816'],
    revoked: false,
    addedMs: NOW_MS - 90 * DAY_MS,
    isLater: false,
    clashMs: null,
    ...over,
  };
}

export function homeNetwork(over: Over<NetworkView> = {}): NetworkView {
  return {
    id: 'home',
    label: '192.168.1.0/24',
    interfaceName: 'wlan0',
    kind: 'wireless',
    addresses: ['192.168.1.20'],
    hasRouter: true,
    home: true,
    ...over,
  };
}

/** Somebody's device that announces itself and answers. */
export function nearby(name: string, over: Over<NearbyView> = {}): NearbyView {
  return {
    id: `nearby ${name}`.slice(0, 80),
    name,
    kind: 'laptop',
    tail: ownerId(`${name}’s device`).slice(-6),
    address: '192.168.1.41:24816',
    network: '192.168.1.0/24',
    state: 'answers',
    ...over,
  };
}

/** Somebody knocks, and there are digits to compare. */
export function pairing(name: string, over: Over<PairingView> = {}): PairingView {
  return {
    id: `pairing with ${name}`,
    began: 'there',
    name,
    address: '192.168.1.31:24816',
    kind: 'laptop',
    tail: ownerId(`${name}’s device`).slice(-6),
    friend: null,
    owner: null,
    digits: '402913',
    state: 'comparing',
    no: null,
    leftS: 95,
    ...over,
  };
}

export function hosted(of: FriendView, over: Over<HostedPlotView> = {}): HostedPlotView {
  const { promisedBytes, writtenBytes, ground } = of.here;
  return {
    plot: ownerId(`${of.name} plot`).slice(0, 26),
    owner: of.owner,
    friend: of.name,
    ground: ground ?? 'fair-share',
    class: 'guaranteed',
    state: 'active',
    sizeBytes: promisedBytes,
    promisedBytes,
    writtenBytes,
    fromMs: of.sinceMs,
    leftS: 20 * DAY_S,
    renewals: 2,
    purpose: null,
    missingObjects: 0,
    trashBytes: '0',
    protectDays: 0,
    ...over,
  };
}

export function mine(at: FriendView, over: Over<MyPlotView> = {}): MyPlotView {
  return {
    plot: ownerId(`mine at ${at.name}`).slice(0, 26),
    owner: at.owner,
    friend: at.name,
    class: 'guaranteed',
    state: 'active',
    sizeBytes: gb(50),
    writtenBytes: gb(38.2),
    leftS: 24 * DAY_S,
    set: 'Photos',
    trashBytes: '0',
    protectDays: 0,
    ...over,
  };
}

/** Asks for more than may be granted without a word of the owner. */
export function request(of: FriendView, over: Over<RequestView> = {}): RequestView {
  return {
    ticket: ownerId(`${of.name} asks`).slice(0, 26),
    owner: of.owner,
    friend: of.name,
    why: 'owner-approval',
    sizeBytes: gb(20),
    durationS: 30 * DAY_S,
    loan: false,
    purpose: null,
    sinceMs: NOW_MS - 5 * MINUTE_MS,
    answered: null,
    ...over,
  };
}

export function wish(at: FriendView, over: Over<WishView> = {}): WishView {
  return {
    ticket: ownerId(`wish at ${at.name}`).slice(0, 26),
    owner: at.owner,
    friend: at.name,
    why: 'owner-approval',
    sizeBytes: gb(20),
    durationS: 30 * DAY_S,
    sinceMs: NOW_MS - HOUR_MS,
    set: null,
    ...over,
  };
}

export function set(name: string, over: Over<BackupSetView> = {}): BackupSetView {
  return {
    name,
    folders: [`/home/kim/${name}`],
    to: ['Ana', 'Ben'],
    plan: PLAN_AT_FIRST,
    safety: 'safe',
    copies: [],
    nextMs: NOW_MS + 20 * HOUR_MS,
    waitsFor: null,
    pausedUntilMs: null,
    verifiedMs: NOW_MS - 9 * HOUR_MS,
    drilledMs: null,
    protectionFalls: null,
    lastRunMs: NOW_MS - 4 * HOUR_MS,
    lastBytes: gb(38.2),
    lastFault: null,
    ...over,
  };
}

/** Whole, fresh and looked into, at this friend's. */
export function copy(at: FriendView, over: Over<CopyView> = {}): CopyView {
  return {
    owner: at.owner,
    friend: at.name,
    state: 'complete',
    plot: ownerId(`mine at ${at.name}`).slice(0, 26),
    class: 'guaranteed',
    completeMs: NOW_MS - 4 * HOUR_MS,
    writtenBytes: gb(38.2),
    trashBytes: '0',
    verifiedMs: NOW_MS - 9 * HOUR_MS,
    verifiedShare: 0.41,
    damagedObjects: 0,
    seenMs: NOW_MS - 12 * MINUTE_MS,
    fault: null,
    ...over,
  };
}

export function restore(over: Over<RestoreView> = {}): RestoreView {
  return {
    id: 'restore-1',
    source: 'Photos',
    snapshot: '1'.padStart(64, 'a'),
    to: '/home/kim/Restored',
    startedMs: NOW_MS - 20 * MINUTE_MS,
    state: 'running',
    waits: null,
    job: 'job-3',
    progress: job().progress,
    ...over,
  };
}

export function job(over: Over<JobView> = {}): JobView {
  return {
    id: 'job-1',
    kind: 'backup',
    set: 'Photos',
    state: 'running',
    progress: {
      phase: 'reading',
      filesDone: 3120,
      filesTotal: 8000,
      bytesDone: gb(12.4),
      bytesTotal: gb(38.2),
      bytesPerS: 24_000_000,
      leftS: 1080,
    },
    result: null,
    fault: null,
    problems: [],
    ...over,
  };
}

export function decision(
  number: number,
  of: FriendView,
  over: Over<DecisionView> = {},
): DecisionView {
  return {
    number,
    atMs: NOW_MS - number * HOUR_MS,
    owner: of.owner,
    friend: of.name,
    kind: 'allocate',
    outcome: 'granted',
    code: null,
    plot: ownerId(`${of.name} plot`).slice(0, 26),
    ground: 'fair-share',
    requestedBytes: gb(40),
    requestedS: 30 * DAY_S,
    purpose: null,
    params: {},
    steps: [
      { by: 'known', verdict: 'pass' },
      { by: 'pause', verdict: 'pass' },
      { by: 'room', verdict: 'pass' },
      { by: 'fair-share', verdict: 'allow' },
    ],
    ...over,
  };
}

/** A refusal with its numbers, as most people meet one. */
export function refused(number: number, of: FriendView): DecisionView {
  const params = { shareBytes: gb(100), useBytes: gb(96), mayAskBytes: gb(3.9) };
  return decision(number, of, {
    outcome: 'denied',
    code: 'over-share',
    plot: null,
    purpose: 'films',
    params,
    steps: [
      { by: 'known', verdict: 'pass' },
      { by: 'room', verdict: 'pass' },
      { by: 'fair-share', verdict: 'deny', code: 'over-share', params },
    ],
  });
}

/** Use that grew from `fromGb` to `toGb` over the days, with a dent where something was deleted. */
export function history(fromGb: number, toGb: number, limitGb: number | null): UsageSample[] {
  const days = 60;
  return Array.from({ length: days * 4 + 1 }, (_, index) => {
    const part = index / (days * 4);
    const dent = part > 0.4 && part < 0.5 ? 0.9 : 1;
    const written = (fromGb + (toGb - fromGb) * part) * dent;
    return {
      atMs: NOW_MS - (1 - part) * days * DAY_MS,
      writtenBytes: gb(written),
      promisedBytes: gb(written + (part < 0.3 ? 8 : 20)),
      limitBytes: limitGb === null ? null : gb(part < 0.6 ? limitGb * 0.8 : limitGb),
    };
  });
}
