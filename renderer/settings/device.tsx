import { type ReactNode, useState } from 'react';
import type { StatusView } from '../../shared/contract/views.ts';
import { shortName } from '../../shared/words/short-name.ts';
import { keyTail } from '../../shared/words/key-text.ts';
import { later } from '../state/later.tsx';
import { href } from '../state/router.ts';
import { inGroups } from '../pairing/machine.tsx';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Tag } from '../ui/states.tsx';

/** What this installation is and how friends come to it. */
export function DeviceSection({ status }: { readonly status: StatusView }) {
  const { name, port, version, device } = status;
  return (
    <>
      <dl className="device-facts">
        <Fact name={t('settings.device-name')}>
          <bdi>{shortName(name, 80)}</bdi>
        </Fact>
        <Fact name={t('settings.port')}>{port ?? t('settings.port-none')}</Fact>
        <Fact name={t('settings.key')}>
          <span className="numbers">…{inGroups(keyTail(device), 3).join(' ')}</span>
          <p className="hint">{t('settings.key-hint')}</p>
        </Fact>
        <Fact name={t('settings.version')}>{version}</Fact>
      </dl>
      <p>
        <a href={href({ page: 'welcome' })}>{t('settings.welcome')}</a>
      </p>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const StrikeDialog = later(
  async () => (await import('../recovery/strike-dialog.tsx')).StrikeDialog,
);

export function PhraseSection({ isSaved }: { readonly isSaved: boolean }) {
  const [isStriking, setStriking] = useState(false);
  return (
    <div className="stack tight">
      <p className="row">
        <Tag tone={isSaved ? 'good' : 'warn'}>
          {t(isSaved ? 'settings.phrase-saved' : 'settings.phrase-unsaved')}
        </Tag>
      </p>
      <p>{t(isSaved ? 'settings.phrase-saved-what' : 'settings.phrase-unsaved-what')}</p>
      {isSaved ? null : (
        <p>
          <a href={href({ page: 'backups' })}>{t('settings.phrase-save')}</a>
        </p>
      )}
      {isSaved ? (
        <p>
          <Button look="link" onPress={() => setStriking(true)}>
            {t('recovery.strike-open')}
          </Button>
        </p>
      ) : null}
      {isStriking ? <StrikeDialog onClose={() => setStriking(false)} /> : null}
    </div>
  );
}

/** Where this device's key lies, without making it sound safer than it is. */
export function SecretsSection({ shell }: { readonly shell: StatusView['shell'] }) {
  return <p>{t(`settings.secrets-${shell.secrets}`)}</p>;
}
