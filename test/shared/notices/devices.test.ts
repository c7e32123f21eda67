import { expect, it } from 'vitest';
import { pagePath, parsePage } from '../../../shared/contract/pages.ts';
import type { NoticeFacts } from '../../../shared/notices/facts.ts';
import { judgeNotices } from '../../../shared/notices/judge.ts';
import {
  ANA,
  DAY_MS,
  NOON_MS,
  nothingTold,
  quiet,
  someDevice,
  someFriend,
} from '../../fakes/notice-facts.ts';
import { testOwnerId } from '../../fakes/test-ledger.ts';

/** What happens to friends' devices and keys, told for as long as it is so. */
it.each<[string, Partial<NoticeFacts>, object]>([
  [
    'a friend has another device, for two weeks',
    {
      friends: [
        someFriend({
          devices: [
            someDevice({ isLater: true, name: 'NAS', addedMs: NOON_MS - 14 * DAY_MS + 1 }),
            someDevice({
              device: testOwnerId(12),
              isLater: true,
              addedMs: NOON_MS - 14 * DAY_MS,
            }),
          ],
        }),
      ],
    },
    {
      id: `friend-device:${testOwnerId(11)}`,
      level: 'info',
      params: { friend: 'Ana', device: 'NAS' },
      path: `friends/${ANA}`,
    },
  ],
  [
    'two devices of a friend claim to be the same',
    { friends: [someFriend({ devices: [someDevice({ clashMs: NOON_MS })] })] },
    {
      id: `device-clash:${testOwnerId(11)}`,
      level: 'alarm',
      params: { friend: 'Ana', device: 'Ana’s desk' },
      path: `friends/${ANA}`,
    },
  ],
  [
    'friends say that this device was struck off, once for all of them',
    { friends: [someFriend(), someFriend({ name: 'Ben', callsUsStruckOff: true })] },
    { id: 'struck-off', level: 'alarm', params: { friend: 'Ben' }, path: 'settings' },
  ],
  [
    'another key answers where a friend was',
    { friends: [someFriend({ wrongKeyAt: '10.0.0.5:24816' })] },
    {
      id: `friend-key:${ANA}`,
      level: 'alarm',
      params: { friend: 'Ana', address: '10.0.0.5:24816' },
      path: `friends/${ANA}`,
    },
  ],
  [
    'digits differed, however often and under whatever names: the latest',
    {
      attacks: [
        { id: 'f00', name: 'Cleo' },
        { id: 'f01', name: 'Dora' },
      ],
    },
    { id: 'pairing-attacked', level: 'alarm', params: { name: 'Dora' }, path: 'friends' },
  ],
])('%s', (_name, more, expected) => {
  const told = judgeNotices(nothingTold, quiet(more), NOON_MS);
  expect(told.notices).toHaveLength(1);
  const [first] = told.notices;
  expect(first).toMatchObject({ ...expected, atMs: NOON_MS, dismissed: false });
  expect(pagePath(parsePage(first?.path ?? ''))).toBe(first?.path);
  expect(judgeNotices(told, quiet(), NOON_MS + 1).notices).toEqual([]);
});
