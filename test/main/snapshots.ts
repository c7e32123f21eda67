import { emptyViews } from '../fakes/empty-views.ts';
import type {
  AppSnapshot,
  FriendView,
  JobView,
  NoticeView,
  OfferView,
  RequestView,
} from '../../shared/contract/views.ts';
import type { BackupSetView } from '../../shared/contract/backup-views.ts';
import { PLAN_AT_FIRST } from '../../shared/model/plan-at-first.ts';
import { SETTINGS_AT_FIRST } from '../../shared/model/settings.ts';
import { noticeKinds, type NoticeKind } from '../../shared/notices/notice.ts';

/** What the core would say, in as few words as a test needs. */
export const NOW_MS = Date.UTC(2026, 2, 14, 12, 0);

/** An owner id that looks like one; the same letter, the same owner. */
export function owner(letter: string): string {
  return letter.repeat(52);
}

export function friend(
  name: string,
  {
    here,
    ...more
  }: Partial<Omit<FriendView, 'here'>> & { readonly here?: Partial<FriendView['here']> } = {},
): FriendView {
  return {
    owner: owner(
      name
        .toLowerCase()
        .replaceAll(/[^a-z]/g, '')
        .slice(0, 1) || 'x',
    ),
    name,
    sinceMs: NOW_MS - 86_400_000,
    lastContactMs: NOW_MS,
    blocked: false,
    departed: false,
    ownName: null,
    presence: { state: 'online', sinceMs: NOW_MS, address: null, trouble: null },
    givenAddress: null,
    leaving: null,
    there: null,
    devices: [],
    ...more,
    here: {
      ground: 'fair-share',
      weight: 1,
      shareBytes: '50000000000',
      promisedBytes: '0',
      writtenBytes: '0',
      mayAskBytes: '0',
      arrivingBytes: '0',
      lentBytes: '0',
      readsNow: false,
      ownPolicy: false,
      ...here,
    },
  };
}

export const offer: OfferView = {
  folder: '/spare',
  volume: 'present',
  offerBytes: '100000000000',
  keepFreeBytes: '0',
  freeBytes: '900000000000',
  diskBytes: '1000000000000',
  capacityBytes: '100000000000',
  promisedBytes: '50000000000',
  writtenBytes: '41000000000',
  fairBytes: '100000000000',
};

export function job(
  more: Partial<JobView> = {},
  progress: Partial<JobView['progress']> = {},
): JobView {
  return {
    id: 'j1',
    kind: 'backup',
    set: 'Photos',
    state: 'running',
    result: null,
    fault: null,
    problems: [],
    ...more,
    progress: {
      phase: 'reading',
      filesDone: 0,
      filesTotal: null,
      bytesDone: '0',
      bytesTotal: null,
      bytesPerS: 0,
      leftS: null,
      ...progress,
    },
  };
}

export function notice(kind: NoticeKind, more: Partial<NoticeView> = {}): NoticeView {
  return {
    id: kind,
    kind,
    level: noticeKinds[kind],
    atMs: NOW_MS,
    params: {},
    path: 'home',
    dismissed: false,
    ...more,
  };
}

/** A friend asks and waits for a word. */
export function request(friend: string, more: Partial<RequestView> = {}): RequestView {
  return {
    ticket: friend.toLowerCase().padEnd(26, 't'),
    owner: owner(friend.slice(0, 1).toLowerCase()),
    friend,
    why: 'owner-approval',
    sizeBytes: '20000000000',
    durationS: 2_592_000,
    loan: false,
    purpose: null,
    sinceMs: NOW_MS - 60_000,
    answered: null,
    ...more,
  };
}

export function set(name: string, more: Partial<BackupSetView> = {}): BackupSetView {
  return {
    name,
    folders: [`/home/ben/${name}`],
    to: ['Anna'],
    plan: PLAN_AT_FIRST,
    safety: 'safe',
    copies: [],
    nextMs: null,
    waitsFor: null,
    pausedUntilMs: null,
    verifiedMs: null,
    drilledMs: null,
    protectionFalls: null,
    lastRunMs: NOW_MS - 1000,
    lastBytes: null,
    lastFault: null,
    ...more,
  };
}

export function snapshot(more: Partial<AppSnapshot> = {}): AppSnapshot {
  return {
    status: {
      version: 'test',
      name: 'Ben',
      owner: owner('b'),
      device: owner('d'),
      port: 24_816,
      addresses: ['192.168.1.20:24816'],
      phraseSaved: true,
      warnings: [],
      pausedUntilMs: null,
      shell: {
        kind: 'desktop',
        platform: 'linux',
        secrets: 'file',
        hasTray: true,
        canStartAtLogin: true,
        updates: { mode: 'none', version: null, isReady: false },
      },
    },
    offer,
    friends: [],
    hosted: [],
    mine: [],
    decisions: [],
    pairings: [],
    nearby: [],
    wishes: [],
    requests: [],
    ...emptyViews,
    networks: { networks: [], announces: false },
    sets: [],
    jobs: [],
    settings: { ...SETTINGS_AT_FIRST, name: 'Ben' },
    notices: [],
    ...more,
  };
}
