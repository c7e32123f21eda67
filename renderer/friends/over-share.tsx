import { useState } from 'react';
import type { OverShareView } from '../../shared/contract/space-views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { href } from '../state/router.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/problem.tsx';
import { EndOverDialog } from './end-over-dialog.tsx';
import { leaveAsItIs, useLeftOver } from './left-over.ts';

/** Somebody's plots are more than the share since a join or a smaller offer: the owner's three ways to go on. */
export function OverShareCard({
  over,
  nowMs,
  hasLink = false,
}: {
  readonly over: OverShareView;
  readonly nowMs: number;
  /** Where it isn't the friend's page anyway. */
  readonly hasLink?: boolean;
}) {
  const isLeft = useLeftOver()(over);
  const { owner, useBytes, shareBytes, endsMs } = over;
  const name = nameInSentence(over.name);
  const title = t('over.title', { name, useBytes, shareBytes });
  const needsWord = isUndecided(over) && !isLeft;
  return (
    <article className={`card need ${needsWord ? 'acts' : ''}`} aria-label={title} tabIndex={-1}>
      <div>
        <p className="strong">{title}</p>
        {endsMs === null ? <p className="quiet">{t('over.what', { name })}</p> : null}
        <p role="status">{statusWords(over, isLeft)}</p>
      </div>
      <div className="row">
        {hasLink ? <a href={href({ page: 'friend', owner })}>{t('home.look')}</a> : null}
        {endsMs === null ? (
          <Ways over={over} nowMs={nowMs} isLeft={isLeft} />
        ) : (
          <GoOn owner={owner} />
        )}
      </div>
    </article>
  );
}

function statusWords({ name, askedMs, endsMs }: OverShareView, isLeft: boolean): string {
  if (endsMs !== null) return t('over.ends', { endsMs });
  if (askedMs !== null) return t('over.asked', { name: nameInSentence(name), askedMs });
  return isLeft ? t('over.left') : '';
}

/** Whether it waits for the owner's word, so that Home shows it. */
export function isUndecided({ askedMs, endsMs }: OverShareView): boolean {
  return askedMs === null && endsMs === null;
}

function Ways({
  over,
  nowMs,
  isLeft,
}: {
  readonly over: OverShareView;
  readonly nowMs: number;
  readonly isLeft: boolean;
}) {
  const [ending, setEnding] = useState(false);
  const { call, busy, problem } = useCall();
  const { owner, askedMs } = over;
  const name = nameInSentence(over.name);
  return (
    <>
      {isLeft || askedMs !== null ? null : (
        <Button label={t('over.leave-what', { name })} onPress={() => leaveAsItIs(over)}>
          {t('over.leave')}
        </Button>
      )}
      <Button
        disabled={busy}
        label={t(askedMs === null ? 'over.ask-what' : 'over.ask-again-what', { name })}
        onPress={() => void call('shares.ask-less', { friend: owner })}
      >
        {t(askedMs === null ? 'over.ask' : 'over.ask-again')}
      </Button>
      <Button look="danger" label={t('over.end-what', { name })} onPress={() => setEnding(true)}>
        {t('over.end')}
      </Button>
      <Problem>{problem}</Problem>
      {ending ? <EndOverDialog over={over} nowMs={nowMs} onClose={() => setEnding(false)} /> : null}
    </>
  );
}

/** Takes back that it ends. */
function GoOn({ owner }: { readonly owner: string }) {
  const { call, busy, problem } = useCall();
  return (
    <>
      <Button
        disabled={busy}
        onPress={() => void call('shares.end', { friend: owner, days: null })}
      >
        {t('over.back')}
      </Button>
      <Problem>{problem}</Problem>
    </>
  );
}
