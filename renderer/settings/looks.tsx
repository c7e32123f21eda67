import { formatBytes } from '../../shared/units.ts';
import { currentRegion, t } from '../state/words.ts';
import { Choice } from '../ui/choice.tsx';
import type { EditedSettings } from './use-settings.ts';

/** What a disk of half a terabyte is called in either kind of unit. */
const EXAMPLE_BYTES = 500_000_000_000n;

/** Units, language, appearance. */
export function LooksSection({
  settings: { values, save },
}: {
  readonly settings: EditedSettings;
}) {
  const example = (units: 'decimal' | 'binary') =>
    formatBytes(EXAMPLE_BYTES, units, currentRegion());
  return (
    <>
      <Choice
        strip
        label={t('settings.units')}
        value={values.units}
        options={[
          { value: 'decimal', label: t('settings.units-decimal') },
          { value: 'binary', label: t('settings.units-binary') },
        ]}
        hint={t('settings.units-example', {
          decimal: example('decimal'),
          binary: example('binary'),
        })}
        onChange={(units) => void save('units', units)}
      />
      <Choice
        strip
        label={t('settings.language')}
        value={values.language}
        options={[
          { value: 'system', label: t('settings.language-system') },
          { value: 'en', label: t('settings.language-en') },
          { value: 'de', label: t('settings.language-de') },
        ]}
        onChange={(language) => void save('language', language)}
      />
      <Choice
        strip
        label={t('settings.theme')}
        value={values.theme}
        options={[
          { value: 'system', label: t('settings.theme-system') },
          { value: 'light', label: t('settings.theme-light') },
          { value: 'dark', label: t('settings.theme-dark') },
        ]}
        onChange={(theme) => void save('theme', theme)}
      />
    </>
  );
}
