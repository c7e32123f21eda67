import type {
  AppSnapshot,
  FriendView,
  NoticeView,
  RequestView,
} from '../../shared/contract/views.ts';
import { pagePath } from '../../shared/contract/pages.ts';
import { sayNotice, type Translate } from '../../shared/words/say.ts';
import { setState, type SetState } from '../../shared/words/set-state.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { type Doing, sayDoing } from './busy.ts';
import { unansweredOf } from './notification-plan.ts';
import { shorten } from './system-text.ts';

/**
 * What the tray shows, as plain values: the state that its icon draws, the same in words, and the menu.
 * `tray.ts` hands it to the system.
 */
export type TrayState = 'idle' | 'busy' | 'paused' | 'attention';

export type TrayAction =
  | { readonly do: 'open'; readonly path: string | undefined }
  | { readonly do: 'pause'; readonly until: 'hour' | 'tomorrow' | null }
  /** The owner's word to a request that waits for it. */
  | { readonly do: 'answer'; readonly ticket: string; readonly yes: boolean }
  /** Restarts with the newer version, as soon as nobody is in the middle of something. */
  | { readonly do: 'update' }
  | { readonly do: 'quit' }
  /** Without waiting any longer for those who are in the middle of something. */
  | { readonly do: 'quit-now' }
  /** Takes "quit when done" back. */
  | { readonly do: 'stay' };

export type TrayItem =
  | { readonly type: 'separator' }
  /** Says something; there is nothing to click. */
  | { readonly type: 'text'; readonly label: string }
  | { readonly type: 'action'; readonly label: string; readonly action: TrayAction }
  | { readonly type: 'menu'; readonly label: string; readonly items: readonly TrayItem[] };

export type TrayModel = {
  readonly state: TrayState;
  readonly tooltip: string;
  readonly items: readonly TrayItem[];
};

export type TrayFacts = {
  readonly snapshot: AppSnapshot | undefined;
  /** False while the core is gone; then the snapshot is what was known last. */
  readonly isConnected: boolean;
  readonly doings: readonly Doing[];
  readonly quitWaits: boolean;
  /** A newer version that a restart would bring; `isWished`: it restarts when nobody is busy. */
  readonly update: { readonly version: string; readonly isWished: boolean } | undefined;
  readonly nowMs: number;
};

/** More lines than this make a menu that nobody reads. */
const FRIENDS_MAX = 12;
const ASKED_MAX = 4;
/** Windows cuts tooltips beyond 127 characters, in the middle of a word. */
const TOOLTIP_MAX = 127;
const LABEL_MAX = 80;
const SEPARATOR: TrayItem = { type: 'separator' };

export function trayModel(facts: TrayFacts, t: Translate): TrayModel {
  const { snapshot, isConnected } = facts;
  const urgent = urgentNotices(snapshot);
  const headline = headlineOf(facts, urgent[0], t);
  const use = useOf(snapshot, t);
  const words = [
    `${t('shell.app')}: ${headline}`,
    ...(use === undefined ? [] : [use]),
    ...(urgent.length > 1 ? [t('tray.needs-you', { count: urgent.length })] : []),
  ];
  return {
    state: stateOf(facts, urgent.length > 0),
    tooltip: shorten(words.join(', '), TOOLTIP_MAX),
    items: [
      headlineItem(facts, urgent[0], headline),
      ...setItems(snapshot, t).filter(({ label }) => label !== headline),
      ...(use === undefined ? [] : [{ type: 'text', label: use } as const]),
      ...(isConnected ? askedItems(snapshot?.requests ?? [], t) : []),
      ...friendItems(snapshot?.friends ?? [], t),
      SEPARATOR,
      { type: 'action', label: t('tray.open'), action: { do: 'open', path: undefined } },
      ...(isConnected ? pauseItems(facts, t) : []),
      {
        type: 'action',
        label: t('tray.settings'),
        action: { do: 'open', path: pagePath({ page: 'settings' }) },
      },
      SEPARATOR,
      ...updateItems(facts, t),
      ...quitItems(facts, t),
    ],
  };
}

/** Where the present state can't be said, what a person needs to go on: words without any figures or names. */
export function trayModelOrPlain(
  facts: TrayFacts,
  t: Translate,
  onTrouble: (error: unknown) => void,
): TrayModel {
  try {
    return trayModel(facts, t);
  } catch (error) {
    onTrouble(error);
  }
  return {
    state: 'attention',
    tooltip: t('shell.app'),
    items: [
      { type: 'action', label: t('tray.open'), action: { do: 'open', path: undefined } },
      SEPARATOR,
      { type: 'action', label: t('tray.quit'), action: { do: 'quit' } },
    ],
  };
}

function stateOf(
  { isConnected, snapshot, doings, nowMs }: TrayFacts,
  isUrgent: boolean,
): TrayState {
  if (snapshot !== undefined && (!isConnected || isUrgent)) return 'attention';
  if (isPaused(snapshot, nowMs)) return 'paused';
  return doings.length > 0 ? 'busy' : 'idle';
}

/** One line for all of it, the most pressing first. */
function headlineOf(facts: TrayFacts, urgent: NoticeView | undefined, t: Translate): string {
  const { snapshot, isConnected, doings, quitWaits, nowMs } = facts;
  const [doing] = doings;
  if (snapshot === undefined) return t('tray.starting');
  if (!isConnected) return t('tray.lost');
  if (quitWaits)
    return doing === undefined
      ? t('tray.quits')
      : t('tray.quit-waits', { doing: sayDoing(t, doing) });
  if (urgent !== undefined) return shorten(sayNotice(t, urgent).title, LABEL_MAX);
  const { pausedUntilMs } = snapshot.status;
  if (isPaused(snapshot, nowMs)) return t('tray.paused', { untilMs: pausedUntilMs });
  if (doing !== undefined) return sayDoing(t, doing);
  const worst = worstOf(snapshot);
  // What a person has put away is no news, and still not well.
  if (worst === 'at-risk' || worst === 'late') return t(`tray.sets-${worst}`);
  return t(snapshot.offer === null ? 'tray.nothing-shared' : 'tray.all-well');
}

/** What is pressing can be clicked; everything else is only said. */
function headlineItem(
  { isConnected, quitWaits }: TrayFacts,
  urgent: NoticeView | undefined,
  label: string,
): TrayItem {
  return urgent === undefined || !isConnected || quitWaits
    ? { type: 'text', label }
    : { type: 'action', label, action: { do: 'open', path: urgent.path } };
}

const SETS_WORST_FIRST: readonly SetState[] = [
  'at-risk',
  'late',
  'new',
  'waits',
  'catching-up',
  'running',
  'safe',
];

/** Are my files safe: of all sets the one that is worst off. */
function worstOf(snapshot: AppSnapshot | undefined): SetState | undefined {
  const states = new Set(snapshot?.sets.map((set) => setState(set, snapshot).state));
  return SETS_WORST_FIRST.find((state) => states.has(state));
}

function setItems(
  snapshot: AppSnapshot | undefined,
  t: Translate,
): readonly Extract<TrayItem, { readonly type: 'action' }>[] {
  const worst = worstOf(snapshot);
  if (worst === undefined) return [];
  const action = { do: 'open', path: pagePath({ page: 'backups' }) } as const;
  return [{ type: 'action', label: t(`tray.sets-${worst}`), action }];
}

function useOf(snapshot: AppSnapshot | undefined, t: Translate): string | undefined {
  const offer = snapshot?.offer ?? null;
  if (offer === null) return undefined;
  const { writtenBytes, offerBytes } = offer;
  return t('tray.use', { writtenBytes, offerBytes });
}

/** Whoever waits for a word gets it here too, where the system's notifications have no buttons. */
function askedItems(requests: AppSnapshot['requests'], t: Translate): readonly TrayItem[] {
  const asked = unansweredOf(requests);
  if (asked.length === 0) return [];
  const rest = asked.length - ASKED_MAX;
  const more: TrayItem = {
    type: 'action',
    label: t('asks.more', { count: rest }),
    action: { do: 'open', path: pagePath({ page: 'home' }) },
  };
  return [
    SEPARATOR,
    ...asked.slice(0, ASKED_MAX).map((request) => askedMenu(request, t)),
    ...(rest > 0 ? [more] : []),
  ];
}

function askedMenu(
  { ticket, owner, friend, sizeBytes, loan }: RequestView,
  t: Translate,
): TrayItem {
  const path = pagePath({ page: 'friend', owner });
  const words = { friend: nameInSentence(friend), sizeBytes };
  return {
    type: 'menu',
    label: shorten(t(loan ? 'asks.what-loan' : 'asks.what', words), LABEL_MAX),
    items: [
      { type: 'action', label: t('asks.yes'), action: { do: 'answer', ticket, yes: true } },
      { type: 'action', label: t('asks.no'), action: { do: 'answer', ticket, yes: false } },
      SEPARATOR,
      { type: 'action', label: t('asks.look'), action: { do: 'open', path } },
    ],
  };
}

function friendItems(all: readonly FriendView[], t: Translate): readonly TrayItem[] {
  const friends = all.filter(({ departed }) => !departed);
  if (friends.length === 0) return [];
  const rest = friends.length - FRIENDS_MAX;
  const lines = friends.slice(0, FRIENDS_MAX).map(
    (friend): TrayItem => ({
      type: 'action',
      label: friendLine(friend, t),
      action: { do: 'open', path: pagePath({ page: 'friend', owner: friend.owner }) },
    }),
  );
  const more: TrayItem = {
    type: 'action',
    label: t('tray.more', { count: rest }),
    action: { do: 'open', path: pagePath({ page: 'friends' }) },
  };
  return [SEPARATOR, ...lines, ...(rest > 0 ? [more] : [])];
}

function friendLine({ name, blocked, here }: FriendView, t: Translate): string {
  const friend = nameInSentence(name);
  const { promisedBytes, shareBytes } = here;
  if (blocked) return t('tray.friend-blocked', { friend });
  if (shareBytes === null) return t('tray.friend-open', { friend, promisedBytes });
  if (shareBytes === '0' && promisedBytes === '0') return t('tray.friend-none', { friend });
  return t('tray.friend', { friend, promisedBytes, shareBytes });
}

function pauseItems({ snapshot, nowMs }: TrayFacts, t: Translate): readonly TrayItem[] {
  if (isPaused(snapshot, nowMs))
    return [{ type: 'action', label: t('tray.resume'), action: { do: 'pause', until: null } }];
  if ((snapshot?.offer ?? null) === null) return [];
  return [
    {
      type: 'menu',
      label: t('tray.pause'),
      items: [
        { type: 'action', label: t('tray.pause-hour'), action: { do: 'pause', until: 'hour' } },
        {
          type: 'action',
          label: t('tray.pause-tomorrow'),
          action: { do: 'pause', until: 'tomorrow' },
        },
      ],
    },
  ];
}

function updateItems({ update, quitWaits }: TrayFacts, t: Translate): readonly TrayItem[] {
  if (update === undefined || quitWaits) return [];
  const { version, isWished } = update;
  return isWished
    ? [{ type: 'text', label: t('tray.update-waits', { version }) }]
    : [{ type: 'action', label: t('tray.update', { version }), action: { do: 'update' } }];
}

function quitItems({ quitWaits }: TrayFacts, t: Translate): readonly TrayItem[] {
  if (!quitWaits) return [{ type: 'action', label: t('tray.quit'), action: { do: 'quit' } }];
  return [
    { type: 'action', label: t('tray.stay'), action: { do: 'stay' } },
    { type: 'action', label: t('tray.quit-now'), action: { do: 'quit-now' } },
  ];
}

function urgentNotices(snapshot: AppSnapshot | undefined): readonly NoticeView[] {
  const open = (snapshot?.notices ?? []).filter(
    ({ dismissed, level }) => !dismissed && level !== 'info',
  );
  return [
    ...open.filter(({ level }) => level === 'alarm'),
    ...open.filter(({ level }) => level !== 'alarm'),
  ];
}

function isPaused(snapshot: AppSnapshot | undefined, nowMs: number): boolean {
  return (snapshot?.status.pausedUntilMs ?? 0) > nowMs;
}
