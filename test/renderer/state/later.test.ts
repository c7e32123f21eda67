import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backedUp } from '../worlds/backup-worlds.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';

/** Parts of the window that are fetched when they are wanted. */
describe.skipIf(!hasChromium)(
  'a part that is no more (skipped where Chromium is not installed)',
  () => {
    let browser: MockedBrowser;
    beforeAll(async () => {
      browser = await startMockedBrowser();
    });
    afterAll(() => browser.close());

    test('is said where whoever wanted it sees it', async () => {
      const { page, close } = await browser.open(backedUp(), {
        path: 'backups',
        height: 500,
        prepare: (_, before) => before.route(/set-dialog.*js$/, (route) => route.abort()),
      });
      await page.getByRole('button', { name: 'New backup' }).click();
      const said = page.getByText('This part of the window could not be loaded.');
      await said.waitFor();
      await expect
        .poll(() =>
          said.evaluate((each) => {
            const { top, bottom } = each.getBoundingClientRect();
            return top >= 0 && bottom <= innerHeight;
          }),
        )
        .toBe(true);
      await close();
    });
  },
);
