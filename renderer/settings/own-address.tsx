import type { StatusView } from '../../shared/contract/views.ts';
import { t } from '../state/words.ts';
import { CopyButton } from '../ui/copy-button.tsx';

/** What a friend types to reach this device: the likeliest address to copy, the others in small print. */
export function OwnAddress({ status }: { readonly status: StatusView }) {
  const [first, ...others] = status.addresses;
  if (first === undefined)
    return <p>{t(status.port === null ? 'settings.not-listening' : 'settings.no-network')}</p>;
  return (
    <div className="stack tight">
      <div className="row">
        <code className="address">{first}</code>
        <CopyButton text={first} label={t('settings.copy-what', { text: first })} />
      </div>
      {others.length === 0 ? null : (
        <p className="small quiet">
          {t('settings.other-addresses')}{' '}
          {others.map((address) => (
            <code className="address small" key={address}>
              {address}
            </code>
          ))}
        </p>
      )}
    </div>
  );
}
