import type { OwnerId } from '../../../shared/ids.ts';
import { nameOf } from '../friends/friend-registry.ts';
import type { CoreParts } from './core-parts.ts';

/** Somebody who is no friend any more still has a beginning of an id. */
export function ownerName({ friends }: Pick<CoreParts, 'friends'>, owner: OwnerId): string {
  const person = friends.person(owner);
  return person === undefined ? owner.slice(0, 8) : nameOf(person);
}

/** The friend has ended the friendship, as far as he said or could be found out. */
export function hasLeft(
  { friends, clock }: Pick<CoreParts, 'friends' | 'clock'>,
  owner: OwnerId,
): boolean {
  const leavesMs = friends.friend(owner)?.leavesMs;
  return leavesMs !== undefined && leavesMs <= clock.nowMs();
}
