import type { PresenceView } from '../../../shared/contract/views.ts';
import type { Friend } from '../friends/friend-book.ts';
import type { DeviceState, Trouble } from './presence-state.ts';

/** Of several devices' troubles the one that says most. */
const TELLING: readonly Trouble[] = [
  'wrong-key',
  'revoked',
  'not-friends',
  'unreachable',
  'no-address',
];

/** A friend is there if one of his devices is. */
export function presenceView(
  friend: Pick<Friend, 'departed' | 'lastContactMs'> | undefined,
  devices: readonly {
    readonly state: DeviceState;
    readonly sinceMs: number;
    readonly address: string | undefined;
  }[],
): PresenceView {
  if (friend === undefined || friend.departed)
    return { state: 'unknown', sinceMs: null, address: null, trouble: null };
  const online = devices.filter(({ state }) => state.state === 'online');
  const [first] = online.toSorted((a, b) => a.sinceMs - b.sinceMs);
  if (first !== undefined) {
    const address = online.find((each) => each.address !== undefined)?.address ?? null;
    return { state: 'online', sinceMs: first.sinceMs, address, trouble: null };
  }
  if (devices.some(({ state }) => state.state === 'unknown'))
    return { state: 'unknown', sinceMs: null, address: null, trouble: null };
  const troubles = devices.map(({ state }) => state.trouble);
  return {
    state: 'away',
    sinceMs: friend.lastContactMs ?? null,
    address: null,
    trouble:
      devices.length === 0
        ? 'no-address'
        : (TELLING.find((each) => troubles.includes(each)) ?? null),
  };
}
