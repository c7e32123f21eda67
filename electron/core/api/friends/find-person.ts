import type { Fault } from '../../../../shared/fault.ts';
import type { Result } from '../../../../shared/result.ts';
import type { Friend } from '../../friends/friend-book.ts';
import type { FriendRegistry } from '../../friends/friend-registry.ts';

/** A friend by name or id or, where no friend is meant, somebody who is here as a guest or has me as one. */
export function findPerson(
  friends: Pick<FriendRegistry, 'find' | 'findOther'>,
  text: string,
): Result<Friend, Fault> {
  const found = friends.find(text);
  if (found.ok || found.fault.code !== 'friend-unknown') return found;
  const other = friends.findOther(text);
  return other.ok ? other : found;
}
