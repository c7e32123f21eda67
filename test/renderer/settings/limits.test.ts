import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { worlds } from '../worlds/worlds.ts';

/** How much of the line my backups may take. */
describe.skipIf(!hasChromium)('limits (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  test('a rate is kept as it is typed, taken away with the text, and hours go with it', async () => {
    const { page, mock, close } = await browser.open(worlds.garden(), { path: 'settings' });
    mock.answer('settings.set', () => mock.current().settings);
    const upload = page.getByRole('textbox', { name: 'Send at most, per second' });
    await upload.fill('5 kB');
    await page
      .getByText(
        /Write a size such as 2 MB .* no point or comma for thousands, at least \d+.kB, or nothing\./,
      )
      .waitFor();
    await page.keyboard.press('Enter');
    expect(mock.calls('settings.set')).toEqual([]);
    await upload.fill('2 MB/s');
    await page.keyboard.press('Enter');
    await mock.settled();
    await mock.push({ settings: { ...mock.current().settings, uploadBytesPerS: 2_000_000 } });
    await page.getByText('Only between certain hours').click();
    await mock.settled();
    const limitsOnly = { fromMin: 480, untilMin: 1320 };
    await mock.push({ settings: { ...mock.current().settings, limitsOnly } });
    await page.getByRole('textbox', { name: 'Limited until' }).fill('18 Uhr');
    await page.keyboard.press('Enter');
    await mock.settled();
    await upload.fill('');
    await page.keyboard.press('Enter');
    await mock.settled();
    expect(mock.calls('settings.set')).toEqual([
      { uploadBytesPerS: 2_000_000 },
      { limitsOnly },
      { limitsOnly: { fromMin: 480, untilMin: 1080 } },
      { uploadBytesPerS: null },
    ]);
    expect(mock.complaints).toEqual([]);
    await close();
  });
});
