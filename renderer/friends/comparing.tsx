import type { PairingView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/problem.tsx';
import { inGroups, KeyTail, Machine } from './machine.tsx';
import { useSecondsLeft } from './use-seconds-left.ts';
import './friends.css';

/** Both people see this, whoever began; "the same" confirms with the digits of this very screen. */
export function Comparing({ pairing }: { readonly pairing: PairingView }) {
  const { call, busy, problem } = useCall();
  const { id, digits, state, kind, tail } = pairing;
  const leftS = useSecondsLeft(pairing.leftS, true);
  const name = nameInSentence(pairing.name);
  const friend = pairing.friend === null ? undefined : nameInSentence(pairing.friend);
  const isSaid = state === 'confirmed-here';
  const reject = (why: 'differ' | 'declined') => void call('pairings.reject', { id, why });
  return (
    <article className="card acts stack" aria-label={t('pairing.title', { name })}>
      <div className="stack tight">
        <p className="strong">{headWords(pairing, name, friend)}</p>
        <p className="row small quiet device-line">
          <Machine kind={kind} />
          <KeyTail tail={tail} />
        </p>
        <p>{t('pairing.say', { name })}</p>
      </div>
      <Digits digits={digits} />
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
              disabled={busy || digits === null}
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

function headWords({ began }: PairingView, name: string, friend: string | undefined): string {
  if (began === 'here') return t('pairing.title', { name });
  return friend === undefined
    ? t('pairing.asks', { name })
    : t('pairing.asks-device', { name, friend });
}

/** Read out one by one: as a number they would be four hundred and two thousand. */
function Digits({ digits }: { readonly digits: string | null }) {
  if (digits === null) return <p className="quiet">{t('pairing.digits-coming')}</p>;
  return (
    <p>
      <span className="digits numbers" aria-hidden="true">
        {inGroups(digits, 3).join(' ')}
      </span>
      <span className="visually-hidden">
        {t('pairing.digits-spoken', { digits: inGroups(digits, 1).join(', ') })}
      </span>
    </p>
  );
}
