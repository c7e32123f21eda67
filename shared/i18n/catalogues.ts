import { chooseLanguage, i18nWays, type Language, regionOf } from './languages.ts';
import { mergeCatalogues } from './merge-catalogues.ts';
import commonDe from './messages/de/common.json' with { type: 'json' };
import commonEn from './messages/en/common.json' with { type: 'json' };

/**
 * The languages there are, and how each door gets its words. A door adds its own part (`window.json`,
 * `shell.json`) to what all of them say (`common.json`).
 */
export { chooseLanguage, type Language, regionOf };
export type Catalogue = Readonly<Record<string, unknown>>;
export type Catalogues = Readonly<Record<Language, Catalogue>>;

export const common: Catalogues = { en: commonEn, de: commonDe };

/** What i18next's `init` wants, the same in every door. */
export function i18nOptions(language: string, own: Readonly<Record<string, Catalogue>> = {}) {
  return {
    ...i18nWays,
    lng: language,
    resources: {
      en: { translation: mergeCatalogues(common.en, own['en'] ?? {}) },
      de: { translation: mergeCatalogues(common.de, own['de'] ?? {}) },
    },
  } as const;
}
