import i18next from 'i18next';
import { createFormats } from '../../shared/i18n/formats.ts';
import en from '../../shared/i18n/messages/en.json' with { type: 'json' };
import type { Translate } from '../../shared/words/say.ts';

const i18n = i18next.createInstance();
await i18n.init({
  lng: 'en',
  resources: { en: { translation: en } },
  // React escapes by itself.
  interpolation: { escapeValue: false },
});
for (const [name, format] of Object.entries(createFormats('decimal')))
  i18n.services.formatter?.add(name, format);

export const t: Translate = (key, params) => i18n.t(key, { ...params });
