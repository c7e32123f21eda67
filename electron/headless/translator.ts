import i18next from 'i18next';
import { i18nOptions } from '../../shared/i18n/catalogues.ts';
import { createFormats } from '../../shared/i18n/formats.ts';
import type { Translate } from '../../shared/words/say.ts';

/** The command line speaks English: scripts read it, and its tables and its help are not in the catalogue. */
export async function createTranslator(): Promise<Translate> {
  const i18n = i18next.createInstance();
  await i18n.init(i18nOptions('en'));
  for (const [name, format] of Object.entries(createFormats('decimal')))
    i18n.services.formatter?.add(name, format);
  return (key, params) => i18n.t(key, { ...params });
}
