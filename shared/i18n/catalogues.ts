import type { Settings } from '../model/settings.ts';
import commonDe from './messages/de/common.json' with { type: 'json' };
import commonEn from './messages/en/common.json' with { type: 'json' };

/**
 * The languages there are, and how each door gets its words. A door adds its own part (`window.json`,
 * `shell.json`) to what all of them say (`common.json`).
 */
export type Language = 'en' | 'de';
export type Catalogue = Readonly<Record<string, unknown>>;
export type Catalogues = Readonly<Record<Language, Catalogue>>;

export const common: Catalogues = { en: commonEn, de: commonDe };

/** What i18next's `init` wants, the same in every door. */
export function i18nOptions(language: string, own: Readonly<Record<string, Catalogue>> = {}) {
  return {
    lng: language,
    fallbackLng: 'en',
    resources: {
      en: { translation: { ...common.en, ...own['en'] } },
      de: { translation: { ...common.de, ...own['de'] } },
    },
    // A terminal and a menu have no HTML to escape from, and React escapes by itself.
    interpolation: { escapeValue: false },
  } as const;
}

/** `system` takes the first of the system's languages that we speak. */
export function chooseLanguage(
  wish: Settings['language'],
  systemLanguages: readonly string[],
): Language {
  if (wish !== 'system') return wish;
  for (const each of systemLanguages) {
    const [language] = each.toLowerCase().split(/[-_.]/);
    if (language === 'en' || language === 'de') return language;
  }
  return 'en';
}
