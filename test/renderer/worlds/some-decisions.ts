import type { DecisionView, FriendView } from '../../../shared/contract/views.ts';
import { decision, MINUTE_MS, NOW_MS, refused } from './world-parts.ts';

/** A bit of everything that a log can hold, newest first. */
export function someDecisions(
  friends: readonly FriendView[],
  count: number,
): readonly DecisionView[] {
  return Array.from({ length: count }, (_, index): DecisionView => {
    const number = count - index;
    const of = friends[index % friends.length];
    if (of === undefined) throw new Error('no friends to decide about');
    const atMs = NOW_MS - index * 35 * MINUTE_MS;
    const made = kindOf(index, number, of);
    return { ...made, number, atMs };
  });
}

function kindOf(index: number, number: number, of: FriendView): DecisionView {
  switch (index % 7) {
    case 1:
      return refused(number, of);
    case 2:
      return decision(number, of, { kind: 'renew', requestedBytes: null });
    case 3:
      return decision(number, of, { outcome: 'counter', purpose: 'Photos of the summer' });
    case 4:
      return decision(number, of, { kind: 'resize', requestedS: null });
    case 5:
      return decision(number, of, {
        kind: 'release',
        outcome: 'done',
        requestedBytes: null,
        steps: [],
      });
    case 6:
      return decision(number, of, {
        kind: 'lapse',
        outcome: 'done',
        requestedBytes: null,
        steps: [],
      });
    default:
      return decision(number, of);
  }
}
