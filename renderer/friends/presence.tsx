import type { FriendView } from '../../shared/contract/views.ts';
import { t } from '../state/words.ts';
import { presenceWords } from './presence-words.ts';

/** Whether a friend is there: a mark whose shape says it, and the same in words. */
export function Presence({
  friend,
  nowMs,
  withAddress = false,
}: {
  readonly friend: FriendView;
  readonly nowMs: number;
  readonly withAddress?: boolean;
}) {
  return (
    <span className="presence">
      <span className={`presence-mark ${friend.presence.state}`} aria-hidden="true" />
      <span>
        {presenceWords(friend, nowMs, withAddress)
          .map(({ key, params }) => t(key, params))
          .join(' · ')}
      </span>
    </span>
  );
}
