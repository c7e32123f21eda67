import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fault } from '../../../shared/fault.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { worlds } from '../worlds/worlds.ts';

/** The name that friends see: saved as it is typed, and never lost on the way. */
describe.skipIf(!hasChromium)('one’s own name (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  test('stays as it was typed where it could not be saved, to be saved again', async () => {
    const { page, mock, close } = await browser.open(worlds.garden(), { path: 'settings' });
    const name = page.getByRole('textbox', { name: 'Your name' });
    mock.fail('settings.set', fault('disk-full', {}));
    await name.fill('Kim of the allotments');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await mock.settled();
    expect(await name.inputValue()).toBe('Kim of the allotments');
    mock.answer('settings.set', (change) => ({ ...mock.current().settings, ...change }) as never);
    await page.keyboard.press('Enter');
    await page.getByText('Saved', { exact: true }).waitFor();
    expect(mock.calls('settings.set').at(-1)).toEqual({ name: 'Kim of the allotments' });
    expect(await name.inputValue()).toBe('Kim of the allotments');
    expect(mock.complaints).toEqual([]);
    await close();
  });
});
