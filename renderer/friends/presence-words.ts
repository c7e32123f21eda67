import type { FriendView } from '../../shared/contract/views.ts';

/** A friend's presence as sentences of the window's catalogue. Pure. */
export type PresenceSentence = {
  readonly key: string;
  readonly params?: Readonly<Record<string, string | number>>;
};

/** Less than this is a moment, not a time. */
const JUST_MS = 60_000;

export function presenceWords(
  { presence, lastContactMs }: Pick<FriendView, 'presence' | 'lastContactMs'>,
  nowMs: number,
  withAddress: boolean,
): readonly PresenceSentence[] {
  const { state, sinceMs, address } = presence;
  if (state === 'online')
    return withAddress && address !== null
      ? [{ key: 'presence.online-at', params: { address } }]
      : [{ key: 'presence.online' }];
  const seen: PresenceSentence =
    lastContactMs === null
      ? { key: 'presence.never' }
      : { key: 'presence.seen', params: { lastContactMs } };
  if (state === 'unknown') return [{ key: 'presence.unknown' }, seen];
  return awayWords(sinceMs, nowMs) ?? [{ key: 'presence.away' }, seen];
}

/** A clock that was set back makes the moment lie in the future; then nothing is said of how long. */
function awayWords(sinceMs: number | null, nowMs: number): readonly PresenceSentence[] | undefined {
  if (sinceMs === null || sinceMs > nowMs) return undefined;
  const awayMs = nowMs - sinceMs;
  return awayMs < JUST_MS
    ? [{ key: 'presence.away-just' }]
    : [{ key: 'presence.away-for', params: { awayS: Math.floor(awayMs / 1000) } }];
}
