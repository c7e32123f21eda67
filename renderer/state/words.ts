import i18next from 'i18next';
import { chooseLanguage, i18nWays, type Language, regionOf } from '../../shared/i18n/languages.ts';
import { mergeCatalogues } from '../../shared/i18n/merge-catalogues.ts';
import { createFormats, isMoment, NO_FIGURE } from '../../shared/i18n/formats.ts';
import commonEn from '../../shared/i18n/messages/en/common.json' with { type: 'json' };
import windowEn from '../../shared/i18n/messages/en/window.json' with { type: 'json' };
import { PSEUDO, pseudoCatalogue } from '../../shared/i18n/pseudo.ts';
import type { Settings } from '../../shared/model/settings.ts';
import { formatBytes, type SizeUnits } from '../../shared/units.ts';
import type { Translate } from '../../shared/words/say.ts';

/** The window's words and figures, in the language and the units that the owner chose. */

const i18n = i18next.createInstance();
let units: SizeUnits = 'decimal';
/** Until the settings are known, what the browser or the system prefers. */
let language: Language = chooseLanguage('system', navigator.languages);
/** As dates and figures are written here: "en-GB" for English in Britain. */
let region = regionOf(language, navigator.languages);

await i18n.init({
  ...i18nWays,
  lng: language,
  resources: { en: { translation: mergeCatalogues(commonEn, windowEn) } },
});
await learn(language);
setFormats();

/**
 * Wanted before anything is drawn, and again whenever the settings change. With a promise the words are not there yet,
 * and what is drawn should wait for them.
 */
export function applyWords(
  settings: Pick<Settings, 'language' | 'units'>,
): Promise<void> | undefined {
  units = settings.units;
  const isEnglish = isPseudo(settings.language);
  language = isEnglish ? 'en' : chooseLanguage(settings.language, navigator.languages);
  region = regionOf(language, navigator.languages);
  setFormats();
  if (isEnglish) {
    speakPseudo();
    return undefined;
  }
  const wanted = language;
  const speak = () => {
    void i18n.changeLanguage(wanted);
    document.documentElement.lang = wanted;
  };
  if (isKnown(wanted)) {
    speak();
    return undefined;
  }
  return learn(wanted).then(() => {
    if (language === wanted) speak();
  });
}

function isKnown(wanted: Language): boolean {
  return i18n.hasResourceBundle(wanted, 'translation');
}

/** English is always there; whoever speaks nothing else need not fetch another. */
async function learn(wanted: Language): Promise<void> {
  if (isKnown(wanted)) return;
  try {
    const { german } = await import('./words-de.ts');
    const words = mergeCatalogues(german.common, german.window);
    i18n.addResourceBundle(wanted, 'translation', words);
  } catch {
    // A window that was open while the program was replaced goes on in English.
  }
}

export const t: Translate = (key, params) => i18n.t(key, { ...params });

/** What the page is in, for whoever reads it out. */
export function currentLanguage(): Language {
  return language;
}

/** For what formats by itself: dates, figures, react-aria. */
export function currentRegion(): string {
  return region;
}

export function currentUnits(): SizeUnits {
  return units;
}

/** A size in words, as the owner likes sizes. */
export function size(bytes: bigint | string): string {
  return unbroken(formatBytes(BigInt(bytes), units, region));
}

/** A figure and its unit stay on one line. */
function unbroken(figure: string): string {
  return figure.replaceAll(' ', '\u00A0');
}

/** "Ana, Ben and Cleo". */
export function listed(parts: readonly string[]): string {
  return new Intl.ListFormat(region, { type: 'conjunction' }).format(parts);
}

/** A moment as it is told here; `style` as `Intl` takes it. What a file or another device made up may be none. */
export function dateTime(ms: number, style: Intl.DateTimeFormatOptions): string {
  const key = `${region} ${JSON.stringify(style)}`;
  // Making one costs more than a row of a list; there are few kinds of them.
  const format = dateFormats.get(key) ?? new Intl.DateTimeFormat(region, style);
  dateFormats.set(key, format);
  return isMoment(ms) ? format.format(ms) : NO_FIGURE;
}

const dateFormats = new Map<string, Intl.DateTimeFormat>();

function setFormats(): void {
  for (const [name, format] of Object.entries(createFormats(units, region)))
    i18n.services.formatter?.add(
      name,
      name === 'bytes' ? (value, lng) => unbroken(format(value, lng)) : format,
    );
}

/** Not among the settings that anybody can choose: a test's way to see untranslated and cut text. */
function isPseudo(wish: string): boolean {
  return wish === PSEUDO;
}

function speakPseudo(): void {
  const english = i18n.getResourceBundle('en', 'translation') as Readonly<Record<string, unknown>>;
  i18n.addResourceBundle(PSEUDO, 'translation', pseudoCatalogue(english));
  void i18n.changeLanguage(PSEUDO);
}
