import { describe, expect, test } from 'vitest';
import { presenceWords } from '../../../renderer/friends/presence-words.ts';
import type { FriendView } from '../../../shared/contract/views.ts';
import { HOUR_MS, NOW_MS } from '../worlds/world-parts.ts';

const words = (
  presence: Partial<FriendView['presence']>,
  { lastContactMs = NOW_MS - HOUR_MS, withAddress = false } = {},
) =>
  presenceWords(
    {
      presence: { state: 'away', sinceMs: null, address: null, trouble: null, ...presence },
      lastContactMs,
    },
    NOW_MS,
    withAddress,
  );
const keys = (...args: Parameters<typeof words>) => words(...args).map(({ key }) => key);

describe('presence in words', () => {
  test('names the address only where there is room for it', () => {
    const presence = { state: 'online', address: '192.168.1.20:24816' } as const;
    expect(keys(presence)).toEqual(['presence.online']);
    expect(words(presence, { withAddress: true })).toEqual([
      { key: 'presence.online-at', params: { address: '192.168.1.20:24816' } },
    ]);
  });

  test('says for how long somebody is away', () => {
    expect(words({ sinceMs: NOW_MS - 4 * HOUR_MS })).toEqual([
      { key: 'presence.away-for', params: { awayS: 4 * 3600 } },
    ]);
    expect(keys({ sinceMs: NOW_MS - 5000 })).toEqual(['presence.away-just']);
  });

  test('says when somebody was seen last where more is not known, or the clock was set back', () => {
    expect(keys({})).toEqual(['presence.away', 'presence.seen']);
    expect(keys({ sinceMs: NOW_MS + HOUR_MS })).toEqual(['presence.away', 'presence.seen']);
    expect(keys({ state: 'unknown' })).toEqual(['presence.unknown', 'presence.seen']);
  });
});
