import type { AppSnapshot, NoticeView, RequestView } from '../../shared/contract/views.ts';
import type { NoticeKind } from '../../shared/notices/notice.ts';

/**
 * Which notices become notifications of the system (design §7): by the level that the person chose, not
 * while the window is in front of them, each once, the newest of a kind in place of the older. Pure.
 */
export type Told = {
  /** When what was told had happened, by the notice's id: happening anew is told anew. */
  readonly atMs: ReadonlyMap<string, number>;
  /** What the system still shows, by kind. */
  readonly shown: ReadonlyMap<NoticeKind, { readonly id: string; readonly atMs: number }>;
};

/**
 * At the first look: what had happened before the program started was told then, or is to be read in the
 * window. Known by what is there and not by the clock alone, which may have been put back since; after
 * this look only what happens anew counts, whatever its time.
 */
export function toldAtFirst(
  notices: AppSnapshot['notices'],
  { startedAtMs, nowMs }: { readonly startedAtMs: number; readonly nowMs: number },
): Told {
  const old = notices.filter(({ atMs }) => atMs < startedAtMs || atMs > nowMs);
  return { atMs: new Map(old.map(({ id, atMs }) => [id, atMs])), shown: new Map() };
}

export type NotificationPlan = {
  readonly told: Told;
  readonly show: readonly NoticeView[];
  readonly close: readonly NoticeKind[];
};

export function planNotifications(
  before: Told,
  {
    notices,
    level,
    isFocused,
  }: {
    readonly notices: AppSnapshot['notices'];
    readonly level: AppSnapshot['settings']['notifications'];
    readonly isFocused: boolean;
  },
): NotificationPlan {
  const open = notices.filter(({ dismissed }) => !dismissed);
  const news = open.filter(({ id, atMs }) => before.atMs.get(id) !== atMs);
  const loud = isFocused ? [] : news.filter((notice) => isWanted(notice, level));
  const newest = new Map<NoticeKind, NoticeView>();
  for (const notice of loud) {
    const other = newest.get(notice.kind);
    if (other === undefined || notice.atMs > other.atMs) newest.set(notice.kind, notice);
  }
  const present = new Map(open.map(({ id, atMs }) => [id, atMs]));
  const close: NoticeKind[] = [];
  const shown = new Map<NoticeKind, { readonly id: string; readonly atMs: number }>();
  for (const [kind, one] of before.shown) {
    const isOver = present.get(one.id) !== one.atMs;
    if (isOver || newest.has(kind)) close.push(kind);
    else shown.set(kind, one);
  }
  for (const [kind, { id, atMs }] of newest) shown.set(kind, { id, atMs });
  return { told: { atMs: present, shown }, show: [...newest.values()], close };
}

/** Requests that wait for the owner's word and have none yet, whoever waited longest first. */
export function unansweredOf(requests: AppSnapshot['requests']): readonly RequestView[] {
  return requests
    .filter(({ why, answered }) => why === 'owner-approval' && answered === null)
    .toSorted((one, other) => one.sinceMs - other.sinceMs);
}

/** The request that a notice is about, while it can be answered: its ticket is part of the notice's id. */
export function askedIn(
  { id, kind }: Pick<NoticeView, 'id' | 'kind'>,
  requests: AppSnapshot['requests'],
): RequestView | undefined {
  if (kind !== 'friend-asks') return undefined;
  return unansweredOf(requests).find(({ ticket }) => id === `friend-asks:${ticket}`);
}

function isWanted({ level }: NoticeView, wish: AppSnapshot['settings']['notifications']): boolean {
  return wish === 'all' || (wish === 'warnings' && level !== 'info');
}
