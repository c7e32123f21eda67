import type { ResultOf } from '../../shared/contract/contract.ts';
import { sayGround } from './ground-words.ts';
import { left, plainText, size } from './output.ts';
import { sayTimeOfDay } from './time-of-day.ts';

/** A policy for people: what speaks for a yes, in its order, and what limits it. Scripts take the JSON. */
type Shown = ResultOf<'policy.get'>;

export function policyText(
  who: string,
  { policy: { grounds, guards }, own }: Shown,
  nameOf: (owner: string) => string,
): string {
  const said = grounds.map((ground) => plainText(sayGround(ground, nameOf)));
  const inOrder = said.map(
    (words, index) => `  ${said.length === 1 ? '' : `${index + 1}. `}${words}`,
  );
  const limits = guardWords(guards);
  return [
    `${whose(who, own)}${said.length > 1 ? ' the first of these that allows it counts' : ''}`,
    ...(said.length === 0 ? ['  nothing speaks for a yes'] : inOrder),
    limits.length === 0 ? 'There are no other limits.' : `Besides: ${limits.join('; ')}.`,
  ].join('\n');
}

function whose(who: string, own: boolean): string {
  if (who === 'default') return 'Friends for whom nothing else is set:';
  if (who === 'guests') return 'People who are no friends:';
  return own ? `${plainText(who)}:` : `${plainText(who)}, like everybody else:`;
}

function guardWords(guards: Shown['policy']['guards']): readonly string[] {
  const { maxSize, maxDurationS, maxPlots, askAboveBytes, quietHours } = guards;
  return [
    ...(maxSize === undefined ? [] : [`no request for more than ${size(maxSize)}`]),
    ...(maxDurationS === undefined ? [] : [`no lease for longer than ${left(maxDurationS)}`]),
    ...(maxPlots === undefined ? [] : [`no more plots than ${maxPlots}`]),
    ...(askAboveBytes === undefined
      ? []
      : [
          askAboveBytes === '0'
            ? 'you are always asked'
            : `you are asked above ${size(askAboveBytes)}`,
        ]),
    ...(quietHours === undefined
      ? []
      : [
          `nothing new from ${sayTimeOfDay(quietHours.fromMin)} to ${sayTimeOfDay(quietHours.untilMin)}`,
        ]),
    ...(guards.paused === true ? ['nothing new for now'] : []),
    ...(guards.stopRenewing === true ? ['nothing is renewed any more'] : []),
  ];
}
