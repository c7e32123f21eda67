import type { PlainPolicy } from '../policy/policy-choice.ts';
import { useAnswer } from '../state/use-answer.ts';
import type { Share } from './draft.ts';

/** What friends get who have no rule of their own, as one of the answers to a plain question. */
export function useDefaultShare(): Share | undefined {
  const { value } = useAnswer('policy.get', {});
  return value === undefined ? undefined : shareOf(value.policy);
}

export function shareOf({ guards, grounds }: PlainPolicy): Share {
  const [ground, ...others] = grounds;
  const isPlain = Object.keys(guards).length === 0 && others.length === 0;
  if (!isPlain || ground?.kind !== 'fair-share' || ground.weight > 1 || ground.strict === true)
    return 'kept';
  return ground.weight === 0 ? 'each' : 'evenly';
}
