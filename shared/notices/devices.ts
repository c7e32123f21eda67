import { pagePath } from '../contract/pages.ts';
import { candidate, friendPage } from './candidate.ts';
import type { FriendDeviceFacts, NoticeFacts } from './facts.ts';
import type { Candidate } from './memory.ts';
import { DAY_MS } from '../units.ts';

/** Who was away on holiday still reads it; afterwards it is simply a device of a friend. */
const NEWS_FOR_MS = 14 * DAY_MS;

/** What keys say: of friends' devices, of who answers in their place, of somebody in between. */
export function deviceCandidates(facts: NoticeFacts, nowMs: number): readonly Candidate[] {
  return [
    ...facts.friends.flatMap((friend) => {
      const path = friendPage(friend.owner);
      const params = { friend: friend.name };
      return [
        ...friend.devices.flatMap((device) => news(device, { params, path }, nowMs)),
        ...(friend.wrongKeyAt === undefined
          ? []
          : [
              candidate('friend-key', friend.owner, {
                params: { ...params, address: friend.wrongKeyAt },
                path,
              }),
            ]),
      ];
    }),
    ...struckOff(facts),
    ...attacked(facts),
  ];
}

/** One for all: whoever is struck off is so at every friend's, as each of them hears of it. */
function struckOff({ friends }: NoticeFacts): readonly Candidate[] {
  const first = friends.find(({ callsUsStruckOff }) => callsUsStruckOff === true);
  if (first === undefined) return [];
  const path = pagePath({ page: 'settings' });
  return [candidate('struck-off', '', { params: { friend: first.name }, path })];
}

function news(
  { device, name, isLater, addedMs, clashMs }: FriendDeviceFacts,
  { params, path }: { readonly params: { readonly friend: string }; readonly path: string },
  nowMs: number,
): readonly Candidate[] {
  const about = { params: { ...params, device: name }, path };
  const isFresh = (atMs: number | undefined) => atMs !== undefined && nowMs - atMs < NEWS_FOR_MS;
  return [
    ...(isLater && isFresh(addedMs) ? [candidate('friend-device', device, about)] : []),
    ...(isFresh(clashMs) ? [candidate('device-clash', device, about)] : []),
  ];
}

/** One for all: whoever sits in between takes any name, and could fill the list with them. */
function attacked({ attacks }: NoticeFacts): readonly Candidate[] {
  const latest = attacks.at(-1);
  if (latest === undefined) return [];
  return [
    candidate('pairing-attacked', '', {
      params: { name: latest.name },
      path: pagePath({ page: 'friends' }),
      mark: latest.id,
    }),
  ];
}
