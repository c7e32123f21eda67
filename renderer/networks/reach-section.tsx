import { type FormEvent, useState } from 'react';
import { ADDRESS_CHARS_MAX } from '../../shared/model/bounds.ts';
import type { AppSnapshot, NetworkView } from '../../shared/contract/views.ts';
import { OwnAddress } from '../settings/own-address.tsx';
import type { EditedSettings } from '../settings/use-settings.ts';
import { href } from '../state/router.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Field } from '../ui/field.tsx';
import { Problem } from '../ui/problem.tsx';
import { Switch } from '../ui/switch.tsx';
import { networkWords } from './network-words.ts';

/** On which networks this device shows itself, and by which addresses friends reach it. */
export function ReachSection({
  snapshot: { networks, status },
  settings,
}: {
  readonly snapshot: Pick<AppSnapshot, 'networks' | 'status'>;
  readonly settings: EditedSettings;
}) {
  const { values, save } = settings;
  return (
    <>
      <div className="stack tight" role="group" aria-labelledby="settings-networks">
        <h3 id="settings-networks">{t('networks.title')}</h3>
        <p className="hint">{t('networks.title-hint')}</p>
        {networks.networks.length === 0 ? (
          <p>{t(networks.isOff === true ? 'trouble.network-doubtful_off' : 'networks.none')}</p>
        ) : null}
        {networks.networks.map((network) => (
          <NetworkSwitch key={network.id} network={network} isVisible={values.visible} />
        ))}
      </div>
      <Switch
        label={t('settings.invisible')}
        hint={t('settings.invisible-hint')}
        isOn={!values.visible}
        onChange={(isOn) => void save('visible', !isOn)}
      />
      <div className="stack tight" role="group" aria-labelledby="settings-addresses">
        <h3 id="settings-addresses">{t('settings.addresses')}</h3>
        <OwnAddress status={status} />
        <p className="hint">{t('settings.addresses-hint')}</p>
      </div>
      <OutsideField settings={settings} />
      <p>
        <a href={href({ page: 'troubles' })}>{t('settings.troubles')}</a>
      </p>
    </>
  );
}

function NetworkSwitch({
  network,
  isVisible,
}: {
  readonly network: NetworkView;
  readonly isVisible: boolean;
}) {
  const { call, busy, problem } = useCall();
  const { id, home, interfaceName, addresses, hasRouter } = network;
  const isHome = home === true;
  const how = isVisible ? 'on-air' : 'hidden';
  return (
    <div className="stack tight">
      <Switch
        label={networkWords(network)}
        hint={
          <>
            {t(`networks.${isHome ? how : 'quiet'}`)}{' '}
            {isHome && !hasRouter && network.kind !== 'vpn' ? t('networks.no-router') : null}
            <span className="numbers">
              {t('networks.by', { interface: interfaceName, addresses: addresses.join(', ') })}
            </span>
          </>
        }
        isOn={isHome}
        disabled={busy}
        onChange={(isOn) => void call('networks.set', { network: id, home: isOn })}
      />
      <Problem>{problem}</Problem>
    </div>
  );
}

/** Saved with Enter, or by going elsewhere; what is refused stays to be mended. */
function OutsideField({ settings: { values, said, save } }: { readonly settings: EditedSettings }) {
  const present = values.outsideAddress;
  /** Until it was kept; then what the core has is shown. */
  const [typed, setTyped] = useState<string>();
  const send = () => {
    const wish = typed?.trim();
    if (wish === undefined || wish === present) return;
    void save('outsideAddress', wish).then((isSaved) => {
      if (isSaved) setTyped(undefined);
    });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  const refused = said?.of === 'outsideAddress' ? said : undefined;
  return (
    <form onSubmit={submit} onBlur={send}>
      <Field
        label={t('settings.outside')}
        hint={t('settings.outside-hint')}
        value={typed ?? present}
        onChange={setTyped}
        maxLength={ADDRESS_CHARS_MAX}
        problem={refused?.code === 'bad-address' ? t('settings.outside-bad') : refused?.problem}
      />
    </form>
  );
}
