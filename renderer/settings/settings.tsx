import type { ReactNode } from 'react';
import type { AppSnapshot, Revisioned } from '../../shared/contract/views.ts';
import { ReachSection } from '../networks/reach-section.tsx';
import { t } from '../state/words.ts';
import { Problem } from '../ui/problem.tsx';
import { ExtrasSection } from './extras.tsx';
import { DeviceSection, PhraseSection, SecretsSection } from './device.tsx';
import { LimitsSection } from './limits.tsx';
import { LooksSection } from './looks.tsx';
import { NameField } from './name-field.tsx';
import { NotificationsChoice } from './notifications-choice.tsx';
import { RunningSection } from './running.tsx';
import { type EditedSettings, type Said, type Setting, useSettings } from './use-settings.ts';
import './settings.css';

/** Every choice of this installation. Each is saved as it is made. */
export function Settings({ snapshot }: { readonly snapshot: Revisioned & AppSnapshot }) {
  const { status } = snapshot;
  const settings = useSettings(snapshot.settings);
  return (
    <>
      <header className="page-head">
        <h1>{t('settings.title')}</h1>
        <p className="quiet">{t('settings.saved-at-once')}</p>
      </header>
      <SettingsSection id="you" settings={settings} of={['name']}>
        <NameField name={settings.values.name} onSave={(name) => settings.save('name', name)} />
      </SettingsSection>
      <SettingsSection id="looks" settings={settings} of={['units', 'language', 'theme']}>
        <LooksSection settings={settings} />
      </SettingsSection>
      <SettingsSection id="notifications" settings={settings} of={['notifications']}>
        <NotificationsChoice
          value={settings.values.notifications}
          onChange={(level) => void settings.save('notifications', level)}
        />
        {status.shell.kind === 'headless' ? (
          <p className="hint">{t('settings.notify-headless')}</p>
        ) : null}
      </SettingsSection>
      <SettingsSection
        id="running"
        settings={settings}
        of={['startAtLogin', 'keepAwake', 'updates']}
      >
        <RunningSection status={status} settings={settings} />
      </SettingsSection>
      <SettingsSection
        id="limits"
        settings={settings}
        of={['uploadBytesPerS', 'downloadBytesPerS', 'limitsOnly']}
      >
        <LimitsSection settings={settings} />
      </SettingsSection>
      <SettingsSection id="reach" settings={settings} of={['visible', 'outsideAddress']}>
        <ReachSection snapshot={snapshot} settings={settings} />
      </SettingsSection>
      <SettingsSection id="extras" settings={settings} of={['household', 'barter']}>
        <ExtrasSection settings={settings} />
      </SettingsSection>
      <SettingsSection id="device">
        <DeviceSection status={status} />
      </SettingsSection>
      <SettingsSection id="phrase">
        <PhraseSection isSaved={status.phraseSaved} />
      </SettingsSection>
      <SettingsSection id="secrets">
        <SecretsSection shell={status.shell} />
      </SettingsSection>
    </>
  );
}

/** What belongs together, and beside its title what became of the last choice made in it. */
function SettingsSection({
  id,
  settings,
  of = [],
  children,
}: {
  readonly id: string;
  readonly settings?: EditedSettings;
  readonly of?: readonly Setting[];
  readonly children: ReactNode;
}) {
  const title = `settings-${id}`;
  const said =
    settings?.said !== undefined && of.includes(settings.said.of) ? settings.said : undefined;
  return (
    <section className="settings-section" aria-labelledby={title}>
      <div className="settings-title">
        <h2 id={title}>{t(`settings.${id}`)}</h2>
        {of.length === 0 ? null : <Saved said={said} />}
      </div>
      <div className="card stack">
        {children}
        <Problem>{said?.of === 'outsideAddress' ? undefined : said?.problem}</Problem>
      </div>
    </section>
  );
}

function Saved({ said }: { readonly said: Said | undefined }) {
  const isSaved = said !== undefined && said.problem === undefined;
  return (
    <p className="small good settings-saved" role="status">
      {isSaved ? t('settings.saved') : ''}
    </p>
  );
}
