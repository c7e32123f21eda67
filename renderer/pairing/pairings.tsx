import { useEffect, useRef } from 'react';
import type { AppSnapshot, FriendView, PairingView } from '../../shared/contract/views.ts';
import { announcer } from '../state/announce.ts';
import { useIsLive } from '../state/use-answer.ts';
import { focusOn, useKeptFocus } from '../state/use-kept-focus.ts';
import { AfterPairing } from './after-pairing.tsx';
import { asksWords, Comparing } from './comparing.tsx';
import { FurtherDevice } from './further-device.tsx';
import { isOpen } from './pairing-states.ts';
import {
  answered,
  deviceOf,
  openQuestions,
  pairedWith,
  type Question,
  usePairingAnswers,
} from './pairing-answers.ts';
import { PairingEnded } from './pairing-ended.tsx';

const ENDED: ReadonlySet<PairingView['state']> = new Set(['rejected', 'expired', 'failed']);
/** Whoever knocks again and again fills no screen; the core keeps few, and the newest say most. */
const ENDED_MAX = 3;

/** What is to be drawn of the pairings, newest first: to compare, to answer, to know. */
export function useShownPairings(
  { pairings, friends, mine }: Pick<AppSnapshot, 'pairings' | 'friends' | 'mine'>,
  small = false,
): {
  readonly open: readonly PairingView[];
  readonly paired: readonly { readonly pairing: PairingView; readonly questions: Questions }[];
  readonly further: readonly { readonly pairing: PairingView; readonly friend: FriendView }[];
  readonly ended: readonly PairingView[];
} {
  const answers = usePairingAnswers();
  const newest = useWithPaired(pairings).toReversed();
  return {
    open: newest.filter(isOpen),
    paired: newest.flatMap((pairing) => {
      const all = openQuestions(pairing, { friends, mine, answers });
      // In the first steps there is enough to do; Home asks the other one.
      const questions = small ? all.filter((each) => each === 'space') : all;
      return questions.length === 0 ? [] : [{ pairing, questions }];
    }),
    further: newest.flatMap((pairing) => {
      const friend = pairedWith(pairing, friends);
      if (friend === undefined || answers.putAway.has(pairing.id)) return [];
      return deviceOf(pairing, friend)?.isLater === true ? [{ pairing, friend }] : [];
    }),
    ended: newest
      .filter(({ id, state }) => ENDED.has(state) && !answers.putAway.has(id))
      // The next one with the same device stands in its place, whoever began it.
      .filter((pairing) => newest.find(({ tail }) => tail === pairing.tail) === pairing)
      .slice(0, ENDED_MAX),
  };
}

/**
 * The core forgets a pairing some minutes after it has become a friendship. Whoever is choosing folders or
 * writing recovery words down then is not interrupted.
 */
function useWithPaired(pairings: readonly PairingView[]): readonly PairingView[] {
  const isLive = useIsLive();
  const paired = useRef<readonly PairingView[]>([]);
  const isListed = new Set(pairings.map(({ id }) => id));
  const forgotten = paired.current.filter(({ id }) => !isListed.has(id));
  const all = [...forgotten, ...pairings];
  // What an earlier window had kept is no news.
  if (isLive) paired.current = all.filter(({ state }) => state === 'paired');
  return all;
}

type Questions = readonly Question[];

/** Every pairing under way, each whole; wherever it is shown it looks the same, on both sides. */
export function Pairings({
  snapshot,
  small = false,
  isCovered = false,
}: {
  readonly snapshot: AppSnapshot;
  /** Without the question that leads far away. */
  readonly small?: boolean;
  /** A dialog stands in front of it; what was called from there is looked for once it is gone. */
  readonly isCovered?: boolean;
}) {
  const { open, paired, further, ended } = useShownPairings(snapshot, small);
  const place = useRef<HTMLDivElement>(null);
  const kept = useKeptFocus(place);
  const [newest] = open;
  const { id, began } = newest ?? {};
  const asks = newest === undefined ? '' : asksWords(newest);
  useEffect(() => {
    // Whoever called looks for the digits now; whoever is called may be typing.
    const card = place.current?.querySelector('article');
    if (began === 'here' && !isCovered && card) focusOn(card);
    if (began === 'there') announcer.announce(asks);
  }, [id, began, asks, isCovered]);
  if (open.length + paired.length + further.length + ended.length === 0) return null;
  return (
    <div ref={place} className="stack" tabIndex={-1} {...kept}>
      {open.map((pairing) => (
        <Comparing key={pairing.id} pairing={pairing} />
      ))}
      {paired.map(({ pairing, questions }) => (
        <AfterPairing
          key={pairing.id}
          pairing={pairing}
          question={questions[0]}
          count={small ? 1 : 2}
          snapshot={snapshot}
        />
      ))}
      {further.map(({ pairing, friend }) => (
        <FurtherDevice key={pairing.id} pairing={pairing} friend={friend} />
      ))}
      {ended.map((pairing) => (
        <PairingEnded
          key={pairing.id}
          pairing={pairing}
          onPutAway={() => answered('putAway', pairing.id)}
        />
      ))}
    </div>
  );
}
