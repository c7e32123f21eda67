import { t } from '../state/words.ts';
import { Switch } from '../ui/switch.tsx';
import type { EditedSettings } from './use-settings.ts';

/** Ways to share that not everybody needs: each has a page of its own while it is on. */
export function ExtrasSection({
  settings: { values, save },
}: {
  readonly settings: EditedSettings;
}) {
  return (
    <>
      {(['household', 'barter'] as const).map((which) => (
        <Switch
          key={which}
          label={t(`settings.${which}`)}
          hint={t(`settings.${which}-hint`)}
          isOn={values[which]}
          onChange={(isOn) => void save(which, isOn)}
        />
      ))}
    </>
  );
}
