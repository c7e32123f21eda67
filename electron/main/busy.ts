import type { AppSnapshot, JobView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import type { Translate } from '../../shared/words/say.ts';

/**
 * Who is in the middle of what, so that quitting can name them, the tray can show it, and the
 * computer stays awake for it. Pure: the clock is handed in.
 */
export type Doing =
  | { readonly kind: 'reads'; readonly owner: string; readonly friend: string }
  | {
      readonly kind: 'writes';
      readonly owner: string;
      readonly friend: string;
      readonly bytes: string;
    }
  | {
      readonly kind: JobView['kind'];
      readonly set: string;
      /** Hundredths, or null while nobody knows how much there is. */
      readonly percent: number | null;
    };

/** When each friend was last seen at it. */
export type BusyMemory = ReadonlyMap<string, number>;

/**
 * A backup is many uploads with pauses between them: the next one is packed, or an index is written.
 * A friend counts as busy until nothing came for this long.
 */
export const BUSY_LINGER_MS = 20_000;

export function lookBusy(
  before: BusyMemory,
  { friends, jobs }: Pick<AppSnapshot, 'friends' | 'jobs'>,
  nowMs: number,
): { readonly memory: BusyMemory; readonly doings: readonly Doing[] } {
  const memory = new Map<string, number>();
  const doings: Doing[] = [];
  for (const { owner, name, here } of friends) {
    if (here.readsNow) doings.push({ kind: 'reads', owner, friend: name });
    const seenMs = here.arrivingBytes === '0' ? before.get(owner) : nowMs;
    // A clock that was set back must not keep somebody busy for hours.
    if (seenMs === undefined || seenMs > nowMs || nowMs - seenMs >= BUSY_LINGER_MS) continue;
    memory.set(owner, seenMs);
    doings.push({ kind: 'writes', owner, friend: name, bytes: here.arrivingBytes });
  }
  for (const { kind, set, state, progress } of jobs)
    if (state === 'running') doings.push({ kind, set, percent: percentOf(progress) });
  return { memory, doings };
}

/** How long until somebody may no longer be busy without anything being told; undefined: nobody lingers. */
export function lingersForMs(memory: BusyMemory, nowMs: number): number | undefined {
  const first = Math.min(...memory.values());
  return Number.isFinite(first) ? Math.max(0, first + BUSY_LINGER_MS - nowMs) : undefined;
}

function percentOf({ bytesDone, bytesTotal }: JobView['progress']): number | null {
  if (bytesTotal === null || bytesTotal === '0') return null;
  const percent = Number((BigInt(bytesDone) * 100n) / BigInt(bytesTotal));
  return Math.min(100, percent);
}

export function sayDoing(t: Translate, doing: Doing): string {
  switch (doing.kind) {
    case 'reads':
      return t('doing.reads', { friend: nameInSentence(doing.friend) });
    case 'writes': {
      const friend = nameInSentence(doing.friend);
      return doing.bytes === '0'
        ? t('doing.writes-on', { friend })
        : t('doing.writes', { friend, bytes: doing.bytes });
    }
    default: {
      const set = nameInSentence(doing.set);
      return doing.percent === null
        ? t(`doing.${doing.kind}`, { set })
        : t(`doing.${doing.kind}-percent`, { set, percent: doing.percent });
    }
  }
}

/** Those of others: for them the computer stays awake. */
export function isFriends(doing: Doing): doing is Extract<Doing, { readonly friend: string }> {
  return doing.kind === 'writes' || doing.kind === 'reads';
}
