import { pagePath } from '../contract/pages.ts';
import { candidate } from './candidate.ts';
import type { NoticeFacts } from './facts.ts';
import type { Candidate } from './memory.ts';

/** Standing orders that wait for a word, and those that do not go on as agreed. */
export function orderCandidates({ orders = [] }: NoticeFacts): readonly Candidate[] {
  const path = pagePath({ page: 'barter' });
  return orders.flatMap(({ order, name, isAsked, giveBytes, wantBytes, periodS, problem }) => {
    if (isAsked) {
      const figures = {
        giveBytes: `${giveBytes}`,
        wantBytes: `${wantBytes}`,
        periodS: `${periodS}`,
      };
      return [candidate('order-asks', order, { params: { friend: name, ...figures }, path })];
    }
    if (problem === undefined || !IN_THE_WAY.has(problem)) return [];
    const params = { friend: name, context: problem };
    return [candidate('order-stuck', order, { params, path, mark: problem })];
  });
}

/**
 * What a person can do something about, or should know. A friend who is away is told of elsewhere, and one's own
 * pause is no news.
 */
const IN_THE_WAY: ReadonlySet<string> = new Set([
  'over-issue-here',
  'over-issue-there',
  'off-there',
  'refused-there',
  'less-than-agreed',
]);
