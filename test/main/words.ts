import i18next from 'i18next';
import { i18nOptions } from '../../shared/i18n/catalogues.ts';
import { createFormats } from '../../shared/i18n/formats.ts';
import shell from '../../shared/i18n/messages/en/shell.json' with { type: 'json' };
import type { Translate } from '../../shared/words/say.ts';

/** The shell's own English words, so that the tests read what a person reads. */
const i18n = i18next.createInstance();
await i18n.init(i18nOptions('en', { en: shell }));
for (const [name, format] of Object.entries(createFormats('decimal')))
  i18n.services.formatter?.add(name, format);

export const t: Translate = (key, params) => i18n.t(key, { ...params });
