import type { FriendView } from '../../shared/contract/views.ts';

/** Those with whom something can be begun: neither blocked nor parted with. */
export function friendly(friends: readonly FriendView[]): readonly FriendView[] {
  return friends.filter(({ blocked, departed }) => !blocked && !departed);
}
