import { useEffect, useId, useState } from 'react';
import type { PairingView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/problem.tsx';
import { inGroups, KeyTail, Machine } from './machine.tsx';
import { useSecondsLeft } from './use-seconds-left.ts';
import './pairing.css';

/** Both people see this, whoever began; "the same" confirms with the digits of this very screen. */
export function Comparing({ pairing }: { readonly pairing: PairingView }) {
  const { call, busy, problem } = useCall();
  const { id, began, digits, state, kind, tail } = pairing;
  const digitsId = useId();
  const hasStood = useHasStood(digits !== null);
  const canSay = digits !== null && (began === 'here' || hasStood);
  const leftS = useSecondsLeft(pairing.leftS, true);
  const name = nameInSentence(pairing.name);
  const friend = pairing.friend === null ? undefined : nameInSentence(pairing.friend);
  const isSaid = state === 'confirmed-here';
  const reject = (why: 'differ' | 'declined') => void call('pairings.reject', { id, why });
  return (
    <article
      className="card acts stack"
      aria-label={t('pairing.title', { name })}
      aria-describedby={digitsId}
      tabIndex={-1}
    >
      <div className="stack tight">
        <p className="strong">
          {began === 'here' ? t('pairing.title', { name }) : asksWords(pairing)}
        </p>
        <p className="row small quiet device-line">
          <Machine kind={kind} />
          <KeyTail tail={tail} />
        </p>
        <p>{t('pairing.say', { name })}</p>
      </div>
      <Digits id={digitsId} digits={digits} />
      {friend === undefined ? null : <p>{t('pairing.another-device', { friend })}</p>}
      {isSaid ? (
        <p role="status">{t('pairing.waiting', { name })}</p>
      ) : digits === null ? null : (
        <p className="strong">{t('pairing.question')}</p>
      )}
      <div className="row">
        {isSaid ? (
          <Button disabled={busy} onPress={() => reject('declined')}>
            {t('ui.cancel')}
          </Button>
        ) : (
          <>
            <Button
              look="primary"
              disabled={busy || !canSay}
              onPress={() => void call('pairings.confirm', { id, code: digits ?? '' })}
            >
              {t('pairing.same')}
            </Button>
            <Button disabled={busy || digits === null} onPress={() => reject('differ')}>
              {t('pairing.differ')}
            </Button>
            <Button
              look="link"
              disabled={busy}
              label={t('pairing.not-now-what', { name })}
              onPress={() => reject('declined')}
            >
              {t('pairing.not-now')}
            </Button>
          </>
        )}
        <span className="quiet small numbers">{t('pairing.left', { count: leftS })}</span>
      </div>
      {friend === undefined ? <p className="small quiet">{t('pairing.grants', { name })}</p> : null}
      <Problem>{problem}</Problem>
    </article>
  );
}

/** What somebody wants who called this device. */
export function asksWords({ name, friend }: Pick<PairingView, 'name' | 'friend'>): string {
  return friend === null
    ? t('pairing.asks', { name: nameInSentence(name) })
    : t('pairing.asks-device', { name: nameInSentence(name), friend: nameInSentence(friend) });
}

/**
 * A call that comes by itself moves what stood here. Whoever was about to press something else must not
 * have said yes to a stranger.
 */
const STANDS_AFTER_MS = 1000;

function useHasStood(isThere: boolean): boolean {
  const [hasStood, setStood] = useState(false);
  useEffect(() => {
    if (!isThere) return;
    const timer = setTimeout(() => setStood(true), STANDS_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isThere]);
  return hasStood;
}

/** Read out one by one: as a number they would be four hundred and two thousand. */
function Digits({ id, digits }: { readonly id: string; readonly digits: string | null }) {
  if (digits === null)
    return (
      <p className="quiet" id={id}>
        {t('pairing.digits-coming')}
      </p>
    );
  return (
    <p id={id}>
      <span className="digits numbers" aria-hidden="true">
        {inGroups(digits, 3).join(' ')}
      </span>
      <span className="visually-hidden">
        {t('pairing.digits-spoken', { digits: inGroups(digits, 1).join(', ') })}
      </span>
    </p>
  );
}
