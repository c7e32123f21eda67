import type { StatusView } from '../../shared/contract/views.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/problem.tsx';
import { Switch } from '../ui/switch.tsx';
import type { EditedSettings } from './use-settings.ts';

/** When the program runs, and when it shares. */
export function RunningSection({
  status,
  settings: { values, save },
}: {
  readonly status: StatusView;
  readonly settings: EditedSettings;
}) {
  const { shell } = status;
  return (
    <>
      <StartAtLogin
        shell={shell}
        isOn={values.startAtLogin}
        onChange={(isOn) => void save('startAtLogin', isOn)}
      />
      {shell.kind === 'desktop' ? (
        <Switch
          label={t('settings.awake')}
          hint={t('settings.awake-hint')}
          isOn={values.keepAwake}
          onChange={(isOn) => void save('keepAwake', isOn)}
        />
      ) : null}
      <Updates
        shell={shell}
        isOn={values.updates}
        onChange={(isOn) => void save('updates', isOn)}
      />
      <Pause untilMs={status.pausedUntilMs} />
    </>
  );
}

/** A switch where the desktop can do it, else how the system does. */
export function StartAtLogin({
  shell: { kind, platform, canStartAtLogin },
  isOn,
  onChange,
}: {
  readonly shell: StatusView['shell'];
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}) {
  if (canStartAtLogin)
    return (
      <Switch
        label={t('settings.login')}
        hint={t('settings.login-hint')}
        isOn={isOn}
        onChange={onChange}
      />
    );
  return (
    <div className="stack tight">
      <p className="strong">{t('settings.login-title')}</p>
      {kind === 'desktop' ? (
        <p>{t('settings.login-cannot')}</p>
      ) : (
        <p>{t(`settings.login-${platform}`)}</p>
      )}
    </div>
  );
}

/** Only the desktop app keeps itself up to date; whoever installed a program without one does it there. */
function Updates({
  shell: { kind, updates },
  isOn,
  onChange,
}: {
  readonly shell: StatusView['shell'];
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}) {
  if (kind === 'headless') return null;
  const { mode, version, isReady } = updates;
  if (mode === 'none') return <p className="hint">{t('settings.updates-none')}</p>;
  return (
    <div className="stack tight">
      <Switch
        label={t('settings.updates')}
        hint={t(mode === 'installs' ? 'settings.updates-installs' : 'settings.updates-tells')}
        isOn={isOn}
        onChange={onChange}
      />
      {version === null ? null : (
        <p role="status">
          {t(isReady ? 'settings.updates-ready' : 'settings.updates-found', { version })}
        </p>
      )}
    </div>
  );
}

function Pause({ untilMs }: { readonly untilMs: number | null }) {
  const { call, busy, problem } = useCall();
  return (
    <div className="stack tight" role="group" aria-labelledby="settings-pause">
      <h3 id="settings-pause">{t('settings.pause')}</h3>
      <p className="hint" role="status">
        {untilMs === null ? t('settings.pause-what') : t('settings.pause-now', { untilMs })}
      </p>
      <div className="row">
        {untilMs === null ? null : (
          <Button disabled={busy} onPress={() => void call('pause.set', { until: null })}>
            {t('pause.resume')}
          </Button>
        )}
        <Button disabled={busy} onPress={() => void call('pause.set', { until: 'hour' })}>
          {t('settings.pause-hour')}
        </Button>
        <Button disabled={busy} onPress={() => void call('pause.set', { until: 'tomorrow' })}>
          {t('settings.pause-tomorrow')}
        </Button>
      </div>
      <Problem>{problem}</Problem>
    </div>
  );
}
