import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PSEUDO } from '../../../shared/i18n/pseudo.ts';
import { bartering } from '../worlds/barter-worlds.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { cutText, resize, sideways, textsOf } from '../page-checks.ts';
import { speaking, type Spoken, unspoken, wordsIn } from '../spoken.ts';
import { ownerId, snapshot, world, type World } from '../worlds/world-parts.ts';

const LANGUAGES: readonly Spoken[] = [PSEUDO, 'de'];

describe.skipIf(!hasChromium)('Barter in other languages (skipped without Chromium)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  test.each(LANGUAGES)(
    '%s: the page, what opens from it and the grounds say everything in it, and nothing is cut',
    async (language) => {
      const t = await wordsIn(language);
      const spoken = speaking(bartering(), language);
      const { page, mock, close } = await browser.open(spoken, { path: 'barter' });
      const where = { language, world: spoken };
      const wrong = [...(await lookAt(page, { name: 'barter', ...where }))];
      const most = page.getByRole('textbox', { name: t('barter.most-to-give') });
      expect(await most.inputValue()).toBe(language === 'de' ? '30,1 GB' : '30.1 GB');
      const name = 'Ana';
      for (const label of [
        t('barter.propose'),
        t('barter.give'),
        t('barter.send-notes', { name }),
        t('barter.rate-what', { name }),
        t('barter.end-what', { name }),
        t('barter.take-back-what', { name: 'Cleo' }),
      ]) {
        await page.getByRole('button', { name: label, exact: true }).click();
        await page.locator('[role=dialog], [role=alertdialog]').waitFor();
        wrong.push(...(await lookAt(page, { name: label, ...where })));
        await page.keyboard.press('Escape');
        await page.locator('.overlay').waitFor({ state: 'detached' });
      }
      mock.answer('policy.get', {
        policy: {
          guards: {},
          grounds: [
            { kind: 'account', keepers: [ownerId('Ben')] },
            { kind: 'fair-share', weight: 1 },
            { kind: 'notes' },
            { kind: 'reciprocal', ratio: 1 },
            { kind: 'voucher' },
            { kind: 'always' },
          ],
        },
        own: true,
      });
      await mock.go(`friends/${ownerId('Ana')}`);
      await page.getByText(t('grounds.more-set', { count: 5 })).click();
      wrong.push(...(await lookAt(page, { name: 'grounds', ...where })));
      expect([...wrong, ...mock.complaints]).toEqual([]);
      await close();
      const off = speaking(world({ snapshot: snapshot() }), language);
      const other = await browser.open(off, { path: 'barter' });
      expect(await lookAt(other.page, { name: 'off', language, world: off })).toEqual([]);
      await other.close();
    },
    900_000,
  );
});

async function lookAt(
  page: Page,
  { name, language, world: of }: { name: string; language: Spoken; world: World },
): Promise<readonly string[]> {
  const texts = (await textsOf(page)).filter((text) => text !== 'Dismiss');
  const wrong = unspoken(texts, language, of).map((text) => `${name}: not spoken: ${text}`);
  for (const [width, height] of [
    [900, 600],
    [450, 300],
  ] as const) {
    await resize(page, width, height);
    wrong.push(...(await sideways(page, `${name}, ${width}`)));
    wrong.push(...(await cutText(page, `${name}, ${width}`)));
  }
  await resize(page, 1200, 800);
  return wrong;
}
