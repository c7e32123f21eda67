import type { SettingsView } from '../../shared/contract/views.ts';
import { t } from '../state/words.ts';
import { Choice } from '../ui/choice.tsx';

type Level = SettingsView['notifications'];

const LEVELS = ['all', 'warnings', 'off'] as const satisfies readonly Level[];

/** How much the system shows unasked; the window shows all of it anyway. */
export function NotificationsChoice({
  value,
  onChange,
}: {
  readonly value: Level;
  readonly onChange: (level: Level) => void;
}) {
  return (
    <Choice
      label={t('settings.notify')}
      value={value}
      options={LEVELS.map((level) => ({
        value: level,
        label: t(`settings.notify-${level}`),
        hint: t(`settings.notify-${level}-hint`),
      }))}
      onChange={onChange}
    />
  );
}
