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
