import { useEffect, useRef } from 'react';
import type { AppSnapshot, PairingView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { announcer } from '../state/announce.ts';
import { t } from '../state/words.ts';
import { AfterPairing } from './after-pairing.tsx';
import { Comparing } from './comparing.tsx';
import { answered, openQuestions, usePairingAnswers } from './pairing-answers.ts';
import { PairingEnded } from './pairing-ended.tsx';
import './friends.css';

const ENDED: ReadonlySet<PairingView['state']> = new Set(['rejected', 'expired', 'failed']);
/** Whoever knocks again and again fills no screen; the core keeps few, and the newest say most. */
const ENDED_MAX = 3;

export function isOpen({ state }: PairingView): boolean {
  return state === 'comparing' || state === 'confirmed-here';
}

/** What is to be drawn of the pairings, newest first: to compare, to answer, to know. */
export function useShownPairings({
  pairings,
  friends,
  mine,
}: Pick<AppSnapshot, 'pairings' | 'friends' | 'mine'>): {
  readonly open: readonly PairingView[];
  readonly paired: readonly PairingView[];
  readonly ended: readonly PairingView[];
} {
  const answers = usePairingAnswers();
  const newest = pairings.toReversed();
  return {
    open: newest.filter(isOpen),
    paired: newest.filter(
      (pairing) => openQuestions(pairing, { friends, mine, answers }).length > 0,
    ),
    ended: newest
      .filter(({ id, state }) => ENDED.has(state) && !answers.putAway.has(id))
      .slice(0, ENDED_MAX),
  };
}

/** Every pairing under way, each whole; wherever it is shown it looks the same, on both sides. */
export function Pairings({
  snapshot,
  small = false,
}: {
  readonly snapshot: AppSnapshot;
  /** Without the questions that lead to other pages. */
  readonly small?: boolean;
}) {
  const { open, paired, ended } = useShownPairings(snapshot);
  const place = useRef<HTMLDivElement>(null);
  const { id, began, name = '' } = open[0] ?? {};
  useEffect(() => {
    // Whoever called looks for the digits now; whoever is called may be typing.
    if (began === 'here') place.current?.focus();
    if (began === 'there') announcer.announce(t('pairing.asks', { name: nameInSentence(name) }));
  }, [id, began, name]);
  if (open.length + paired.length + ended.length === 0) return null;
  return (
    <div ref={place} className="stack" tabIndex={-1}>
      {open.map((pairing) => (
        <Comparing key={pairing.id} pairing={pairing} />
      ))}
      {paired.map((pairing) => (
        <AfterPairing key={pairing.id} pairing={pairing} snapshot={snapshot} small={small} />
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
