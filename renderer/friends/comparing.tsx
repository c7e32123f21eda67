import type { PairingView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/problem.tsx';
import './friends.css';

/** Here both people see the digits; "the same" confirms with the digits of this very screen. */
export function Comparing({ pairing }: { readonly pairing: PairingView }) {
  const { call, busy, problem } = useCall();
  const { id, digits, state, leftS, began } = pairing;
  const name = nameInSentence(pairing.name);
  const isSaid = state === 'confirmed-here';
  return (
    <article className="card acts stack" aria-label={t('pairing.title', { name })}>
      <div className="stack tight">
        <p className="strong">
          {t(began === 'there' ? 'pairing.asks' : 'pairing.title', { name })}
        </p>
        <p>{t('pairing.say', { name })}</p>
      </div>
      <p className="digits numbers">{digits === null ? '…' : grouped(digits)}</p>
      {isSaid ? (
        <p role="status">{t('pairing.waiting', { name })}</p>
      ) : (
        <p>{t('pairing.question', { name })}</p>
      )}
      <div className="row">
        {isSaid ? null : (
          <Button
            look="primary"
            disabled={busy || digits === null}
            onPress={() => void call('pairings.confirm', { id, code: digits ?? '' })}
          >
            {t('pairing.same')}
          </Button>
        )}
        <Button disabled={busy} onPress={() => void call('pairings.reject', { id })}>
          {t(isSaid ? 'ui.cancel' : 'pairing.differ')}
        </Button>
        <span className="quiet small numbers">
          {t('pairing.left', { count: Math.max(0, leftS) })}
        </span>
      </div>
      <Problem>{problem}</Problem>
    </article>
  );
}

/** How one that is over ended; nothing is said of one that became a friendship. */
export function PairingEnded({ pairing }: { readonly pairing: PairingView }) {
  const name = nameInSentence(pairing.name);
  return (
    <p className="quiet" role="status">
      {t(`pairing.ended-${pairing.state}`, { name })}
    </p>
  );
}

function grouped(digits: string): string {
  return `${digits.slice(0, 3)} ${digits.slice(3)}`;
}
