import { expect, test } from 'vitest';
import { common } from '../../../shared/i18n/catalogues.ts';
import { mergeCatalogues } from '../../../shared/i18n/merge-catalogues.ts';
import windowDe from '../../../shared/i18n/messages/de/window.json' with { type: 'json' };
import windowEn from '../../../shared/i18n/messages/en/window.json' with { type: 'json' };

test.each([
  ['English', common.en, windowEn],
  ['German', common.de, windowDe],
] as const)('no word that all doors say is lost in the window: %s', (_language, all, own) => {
  const merged = mergeCatalogues(all, own);
  expect(merged).toMatchObject(all);
  expect(merged).toMatchObject(own);
});
