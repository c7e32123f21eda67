import { useState } from 'react';
import type { WishView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { useAct } from '../state/use-call.ts';
import { size, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { When } from '../ui/figures.tsx';
import { turnByMs } from './lending.ts';

/** What I asked friends for and what pends there; it is asked again by itself. */
export function Wishes({
  wishes,
  nowMs,
}: {
  readonly wishes: readonly WishView[];
  readonly nowMs: number;
}) {
  if (wishes.length === 0) return null;
  return (
    <section className="section" aria-labelledby="wishes-title">
      <h2 id="wishes-title">{t('wishes.title')}</h2>
      <ul className="lines card">
        {wishes.map((wish) => (
          <WishLine key={wish.ticket} wish={wish} nowMs={nowMs} />
        ))}
      </ul>
    </section>
  );
}

function WishLine({ wish, nowMs }: { readonly wish: WishView; readonly nowMs: number }) {
  const [asking, setAsking] = useState(false);
  const act = useAct();
  const { ticket, friend, sizeBytes, sinceMs, set, why } = wish;
  const words = { name: nameInSentence(friend), size: size(sizeBytes) };
  return (
    <li className="row between top">
      <div className="row-words">
        <p>{wishWords(wish, nowMs)}</p>
        <p className="small quiet">
          {set === null ? '' : `${t('wishes.for-set', { set })} · `}
          {t('wishes.since')} <When ms={sinceMs} /> · {t('wishes.by-itself')}
        </p>
      </div>
      <Button label={t('wishes.withdraw-what', words)} onPress={() => setAsking(true)}>
        {t('wishes.withdraw')}
      </Button>
      {asking ? (
        <Confirm
          title={t('wishes.withdraw-title', words)}
          act={t('wishes.withdraw-act', words)}
          onClose={() => setAsking(false)}
          onConfirm={() => act('wishes.withdraw', { ticket })}
        >
          <p>{t(why === 'queue' ? 'wishes.withdraw-line' : 'wishes.withdraw-ask', words)}</p>
        </Confirm>
      ) : null}
    </li>
  );
}

function wishWords({ friend, sizeBytes, sinceMs, why }: WishView, nowMs: number): string {
  const words = { name: nameInSentence(friend), sizeBytes };
  if (why !== 'queue') return t(`wishes.${why}`, words);
  const byMs = turnByMs(sinceMs, nowMs);
  return byMs === undefined ? t('wishes.queue-on', words) : t('wishes.queue', { ...words, byMs });
}
