import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ShellView } from '../../../shared/contract/views.ts';
import { hasChromium, type MockedBrowser, startMockedBrowser } from '../mock-window.ts';
import { worlds } from '../worlds/worlds.ts';

/** Whether newer versions are looked for, and what a build may do about them. */
describe.skipIf(!hasChromium)('updates (skipped where Chromium is not installed)', () => {
  let browser: MockedBrowser;
  beforeAll(async () => {
    browser = await startMockedBrowser();
  });
  afterAll(() => browser.close());

  test('are a switch that says what this build does, and what was found', async () => {
    const { page, mock, close } = await browser.open(worlds.garden(), { path: 'settings' });
    mock.answer('settings.set', () => mock.current().settings);
    const show = (updates: ShellView['updates'], kind: ShellView['kind'] = 'desktop') => {
      const { status } = mock.current();
      return mock.push({ status: { ...status, shell: { ...status.shell, kind, updates } } });
    };
    const theSwitch = page.getByRole('switch', { name: 'Look for newer versions' });
    await show({ mode: 'none', version: null, isReady: false });
    await page.getByText('This build knows of no place where newer versions would be.').waitFor();
    expect(await theSwitch.count()).toBe(0);
    await show({ mode: 'tells', version: '2.0.0', isReady: false });
    await page.getByText('This build is not signed, so it only tells you.').waitFor();
    await page.getByText('Version 2.0.0 is out.').waitFor();
    await show({ mode: 'installs', version: '2.0.0', isReady: true });
    await page.getByText('Version 2.0.0 is here; the next quiet moment').waitFor();
    expect(await theSwitch.isChecked()).toBe(true);
    await page.getByText('Look for newer versions').click();
    await mock.settled();
    expect(mock.calls('settings.set')).toEqual([{ updates: false }]);
    await show({ mode: 'none', version: null, isReady: false }, 'headless');
    await page.getByText('Version 2.0.0').waitFor({ state: 'detached' });
    expect(await page.getByText('newer versions').count()).toBe(0);
    expect(mock.complaints).toEqual([]);
    await close();
  });
});
