import i18next from 'i18next';
import { type Catalogue, chooseLanguage, i18nOptions } from '../../shared/i18n/catalogues.ts';
import { createFormats } from '../../shared/i18n/formats.ts';
import shellDe from '../../shared/i18n/messages/de/shell.json' with { type: 'json' };
import shellEn from '../../shared/i18n/messages/en/shell.json' with { type: 'json' };
import type { Settings } from '../../shared/model/settings.ts';
import type { Translate } from '../../shared/words/say.ts';

/** The shell's sentences, in the language and with the units that the person chose; both may change. */
export type Words = {
  readonly t: Translate;
  /** True if it changed anything. */
  readonly choose: (settings: Pick<Settings, 'language' | 'units'>) => Promise<boolean>;
};

export async function createWords(systemLanguages: readonly string[]): Promise<Words> {
  const own: Readonly<Record<string, Catalogue>> = { en: shellEn, de: shellDe };
  const i18n = i18next.createInstance();
  let units: Settings['units'] = 'decimal';
  await i18n.init(i18nOptions(chooseLanguage('system', systemLanguages), own));
  setFormats();

  function setFormats(): void {
    for (const [name, format] of Object.entries(createFormats(units)))
      i18n.services.formatter?.add(name, format);
  }

  return {
    t: (key, params) => i18n.t(key, { ...params }),
    choose: async (settings) => {
      const language = chooseLanguage(settings.language, systemLanguages);
      if (language === i18n.language && settings.units === units) return false;
      units = settings.units;
      setFormats();
      await i18n.changeLanguage(language);
      return true;
    },
  };
}
