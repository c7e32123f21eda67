import i18next from 'i18next';
import { chooseLanguage, i18nOptions } from '../../shared/i18n/catalogues.ts';
import { createFormats } from '../../shared/i18n/formats.ts';
import type { Translate } from '../../shared/words/say.ts';

/** The command line speaks what the terminal's locale says (`LC_ALL`, `LC_MESSAGES`, `LANG`). */
export async function createTranslator(env: NodeJS.ProcessEnv = process.env): Promise<Translate> {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || 'en';
  const i18n = i18next.createInstance();
  await i18n.init(i18nOptions(chooseLanguage('system', [locale])));
  for (const [name, format] of Object.entries(createFormats('decimal')))
    i18n.services.formatter?.add(name, format);
  return (key, params) => i18n.t(key, { ...params });
}
