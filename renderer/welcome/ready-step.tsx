import type { StatusView } from '../../shared/contract/views.ts';
import { NotificationsChoice } from '../settings/notifications-choice.tsx';
import { StartAtLogin } from '../settings/running.tsx';
import { useSettings } from '../settings/use-settings.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/problem.tsx';
import { StepActs } from './step-acts.tsx';
import type { StepProps } from './welcome.tsx';

/** How it runs from now on. */
export function ReadyStep({
  snapshot,
  onBack,
  onFinish,
  busy,
}: StepProps & { readonly onFinish: () => void; readonly busy: boolean }) {
  const { values, said, save } = useSettings(snapshot.settings);
  const { shell } = snapshot.status;
  return (
    <div className="stack welcome-step">
      <p>{t('welcome.ready-what')}</p>
      <StartAtLogin
        shell={shell}
        isOn={values.startAtLogin}
        onChange={(isOn) => void save('startAtLogin', isOn)}
      />
      {shell.kind === 'headless' ? null : (
        <NotificationsChoice
          value={values.notifications}
          onChange={(level) => void save('notifications', level)}
        />
      )}
      <div className="stack tight">
        <h2>{t('welcome.closing')}</h2>
        <p>{t(closingWords(shell))}</p>
      </div>
      <Problem>{said?.problem}</Problem>
      <StepActs onBack={onBack}>
        <Button look="primary" disabled={busy} onPress={onFinish}>
          {t('welcome.finish')}
        </Button>
      </StepActs>
    </div>
  );
}

/** What closing the window does, which is not the same everywhere. */
function closingWords({ kind, hasTray }: StatusView['shell']): string {
  if (kind === 'headless') return 'welcome.closing-browser';
  return hasTray ? 'welcome.closing-tray' : 'welcome.closing-no-tray';
}
