import type { Settings } from '../model/settings.ts';

/** The languages there are and which of them is spoken; without their words, which a window fetches when they are wanted. */
export type Language = 'en' | 'de';

/** What i18next's `init` wants beside the words, the same in every door. */
export const i18nWays = {
  fallbackLng: 'en',
  // A terminal and a menu have no HTML to escape from, and React escapes by itself.
  interpolation: { escapeValue: false },
  // A figure that another device owes us; its place in the sentence is not for people.
  missingInterpolationHandler: () => '?',
} as const;

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

/** How dates and figures are written: the system's own variety of the language, if it has one ("en-GB"). */
export function regionOf(language: Language, systemLanguages: readonly string[]): string {
  const own = systemLanguages.find((each) => each.toLowerCase().split(/[-_.]/)[0] === language);
  const tag = own?.split('.')[0]?.replaceAll('_', '-');
  return tag !== undefined && isLocale(tag) ? tag : language;
}

/** What the environment calls a locale need not be one: "C", "POSIX", "en_GB@euro". */
function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
