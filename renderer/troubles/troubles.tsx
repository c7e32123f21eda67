import { useEffect, useRef } from 'react';
import type { AppSnapshot, TroubleView } from '../../shared/contract/views.ts';
import { useAnswer } from '../state/use-answer.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/problem.tsx';
import { Failed, Loading } from '../ui/states.tsx';
import { TryAddress } from './try-address.tsx';
import { TroubleLine } from './trouble-line.tsx';
import './troubles.css';

/** What keeps this device and others apart, as far as it can be found out from here, and how to mend it. */
export function Troubles({ snapshot }: { readonly snapshot: AppSnapshot }) {
  const { value, problem, retry } = useAnswer('troubles.look', {});
  const { networks, settings, status } = snapshot;
  useLookAgain([networks, settings.visible, status.port], retry);
  const { platform } = status.shell;
  return (
    <>
      <header className="page-head">
        <div className="row between">
          <h1>{t('troubles.title')}</h1>
          <Button onPress={retry}>{t('troubles.look')}</Button>
        </div>
        <p className="quiet" role="status">
          {value === undefined
            ? t('troubles.about')
            : `${sumUp(value.troubles)} ${t('troubles.as-of', { asOfMs: value.asOfMs })}`}
        </p>
      </header>
      {value === undefined && problem === undefined ? (
        <Loading what={t('troubles.looking')} />
      ) : null}
      {value === undefined && problem !== undefined ? (
        <Failed problem={problem} onRetry={retry} />
      ) : null}
      {value === undefined ? null : (
        <>
          <Problem>{problem}</Problem>
          <ul className="lines card" aria-label={t('troubles.list')}>
            {value.troubles.map((trouble) => (
              <li key={trouble.id}>
                <TroubleLine trouble={trouble} platform={platform} />
              </li>
            ))}
          </ul>
        </>
      )}
      <TryAddress platform={platform} />
    </>
  );
}

function sumUp(troubles: readonly TroubleView[]): string {
  const count = troubles.filter(({ state }) => state !== 'good').length;
  return count === 0 ? t('troubles.all-good') : t('troubles.found', { count });
}

/** Whoever plugs a cable in or switches something on need not press anything. */
function useLookAgain(when: readonly unknown[], look: () => void): void {
  const latest = useRef(look);
  latest.current = look;
  const isFirst = useRef(true);
  const text = JSON.stringify(when);
  useEffect(() => {
    if (isFirst.current) isFirst.current = false;
    else latest.current();
  }, [text]);
}
