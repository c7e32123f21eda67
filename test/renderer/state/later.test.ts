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

    test('is there once the window is loaded anew, which one press does', async () => {
      const gone = /activity.*js$/;
      const { page, mock, close } = await browser.open(backedUp(), {
        prepare: (_, before) => before.route(gone, (route) => route.abort()),
      });
      await page.getByRole('link', { name: 'Activity' }).click();
      const anew = page.getByRole('button', { name: 'Load the window anew' });
      await anew.waitFor();
      // As after an update: the page itself names what there is now.
      await page.unroute(gone);
      await anew.click();
      await page.getByRole('heading', { level: 1, name: 'Activity' }).waitFor();
      await mock.settled();
      await close();
    });
  },
);
