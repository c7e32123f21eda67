import { type FormEvent, useState } from 'react';
import { ADDRESS_CHARS_MAX } from '../../shared/model/bounds.ts';
import type { StatusView, TroubleView } from '../../shared/contract/views.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { TroubleLine } from './trouble-line.tsx';

/** Calls an address that somebody gave, and says what stands there or in between. */
export function TryAddress({ platform }: { readonly platform: StatusView['shell']['platform'] }) {
  const [address, setAddress] = useState('');
  const [found, setFound] = useState<TroubleView>();
  const { call, busy, problem } = useCall();
  const look = async (event: FormEvent) => {
    event.preventDefault();
    if (address.trim() === '' || busy) return;
    setFound(undefined);
    const looked = await call('troubles.look', { address: address.trim() });
    setFound(looked?.troubles.find(({ id }) => id === 'address'));
  };
  return (
    <section className="section" aria-labelledby="try-title">
      <h2 id="try-title">{t('troubles.address-title')}</h2>
      <div className="card stack">
        <form onSubmit={(event) => void look(event)}>
          <Field
            label={t('troubles.address')}
            hint={t('troubles.address-hint')}
            value={address}
            onChange={setAddress}
            maxLength={ADDRESS_CHARS_MAX}
            problem={problem}
            beside={
              <Button type="submit" disabled={address.trim() === '' || busy}>
                {t('troubles.try')}
              </Button>
            }
          />
        </form>
        <div role="status">
          {busy ? <p className="quiet">{t('troubles.trying')}</p> : null}
          {found === undefined ? null : <TroubleLine trouble={found} platform={platform} />}
        </div>
      </div>
    </section>
  );
}
