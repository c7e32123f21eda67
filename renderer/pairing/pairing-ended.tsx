import type { PairingView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/problem.tsx';
import { KeyTail, Machine } from './machine.tsx';
import { StopCalling } from './stop-calling.tsx';

/** How a pairing ended that became no friendship: what it may mean, that nothing was shared, what to do. */
export function PairingEnded({
  pairing,
  onPutAway,
}: {
  readonly pairing: PairingView;
  readonly onPutAway: () => void;
}) {
  const { call, busy, problem } = useCall();
  const { kind, tail, address, no } = pairing;
  const name = nameInSentence(pairing.name);
  const isWarning = no?.why === 'differ';
  const again = async () => {
    // The new one stands in its place.
    if ((await call('pairings.start', { address })) !== undefined) onPutAway();
  };
  return (
    <article
      className={isWarning ? 'card stack warning' : 'card stack'}
      aria-label={t(endedKey(pairing), { name })}
      tabIndex={-1}
    >
      <div className="stack tight" role={isWarning ? 'alert' : 'status'}>
        <p className={isWarning ? 'strong' : ''}>{t(endedKey(pairing), { name })}</p>
        {isWarning ? (
          <>
            <p>{t('pairing.differ-what')}</p>
            <p>{t('pairing.differ-next')}</p>
          </>
        ) : null}
        <p className="row small quiet device-line">
          <Machine kind={kind} />
          <KeyTail tail={tail} />
        </p>
      </div>
      <div className="row">
        {/* Who does not listen can't be called; then the other side has to begin. */}
        {address === '' ? null : (
          <Button disabled={busy} onPress={() => void again()}>
            {busy ? t('nearby.calling') : t('pairing.again', { name })}
          </Button>
        )}
        {busy ? <StopCalling /> : null}
        <Button look="link" label={t('pairing.put-away-what', { name })} onPress={onPutAway}>
          {t('pairing.put-away')}
        </Button>
      </div>
      <Problem>{problem}</Problem>
    </article>
  );
}

function endedKey({ state, no }: PairingView): string {
  if (state !== 'rejected') return `pairing.ended-${state}`;
  return no === null ? 'pairing.ended-declined-there' : `pairing.ended-${no.why}-${no.by}`;
}
