import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWebMemory } from '../../electron/headless/web-memory.ts';
import { startWebServer, type WebServer } from '../../electron/headless/web-server.ts';
import { scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { CHROMIUM, hasChromium } from '../standin/chromium.ts';

const RENDERER =
  process.env['ALLOTMENT_RENDERER'] ?? join(import.meta.dirname, '../..', 'out', 'renderer');

/** A new user's way from the first question to sharing with a friend, in a real browser, between two real cores. */
describe.skipIf(!hasChromium)('The first run (skipped where Chromium is not installed)', () => {
  let place: Awaited<ReturnType<typeof scratch>>;
  let ben: TestHome;
  let ana: TestHome;
  let web: WebServer;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    place = await scratch();
    await mkdir(join(place.folder, 'spare', 'drive'), { recursive: true });
    ben = await startHome('Ben', place.folder);
    ana = await startHome('Ana', place.folder);
    const memory = await openWebMemory({ home: place.folder, nowMs: () => Date.now() });
    const { api, events } = ben.core;
    const started = await startWebServer({ api, events, folder: RENDERER, ports: [0], memory });
    if (!started.ok) throw new Error(JSON.stringify(started.fault));
    web = started.value;
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    const context = await browser.newContext({
      viewport: { width: 900, height: 600 },
      reducedMotion: 'reduce',
    });
    page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(web.link());
  });
  afterAll(async () => {
    await browser.close();
    await web.close();
    await ben.close();
    await ana.close();
    await place.remove();
  });

  async function check(): Promise<void> {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
    expect(complaints).toEqual([]);
  }
  test('is in German from the first moment where the browser is', async () => {
    const german = await browser.newContext({ locale: 'de-DE' });
    const first = await german.newPage();
    await first.goto(web.link());
    await first.getByRole('heading', { name: 'Willkommen bei Allotment' }).waitFor();
    expect(await first.locator('html').getAttribute('lang')).toBe('de');
    await german.close();
  });

  const folder = () => page.getByRole('textbox', { name: 'Folder for friends’ data' });

  test('begins with a name, by keyboard alone', async () => {
    await page.getByRole('heading', { name: 'Welcome to Allotment' }).waitFor();
    await check();
    await page.getByRole('textbox', { name: 'Your name' }).focus();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('Ben of the hill');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'How much can you spare?' }).waitFor();
    expect((await ben.call('settings.get')).name).toBe('Ben of the hill');
  });

  test('a folder that can’t be made is said at its field, which has the focus then', async () => {
    const nowhere = join(place.folder, 'nowhere', 'at all');
    await folder().fill(nowhere);
    await page.getByRole('textbox', { name: 'Space for friends' }).fill('50');
    await page.getByRole('textbox', { name: 'Must stay free' }).fill('0');
    await page.getByRole('button', { name: 'Share 50 GB' }).click();
    await page.getByText('is not there').waitFor();
    await until(async () =>
      (await folder().evaluate((field) => field === document.activeElement)) ? true : undefined,
    );
    await check();
  });

  test('a folder is found by walking to it, and made', async () => {
    await folder().fill(join(place.folder, 'spare'));
    await page.getByRole('button', { name: 'Choose …' }).click();
    await page.getByRole('option', { name: 'drive' }).click();
    await page.getByText('No folders in here.').waitFor();
    await check();
    await page.getByRole('textbox', { name: 'New folder in here' }).fill('for friends');
    await page.getByRole('button', { name: 'Use a new folder' }).click();
    expect(await folder().inputValue()).toBe(join(place.folder, 'spare', 'drive', 'for friends'));
  });

  test('going back and forth loses nothing that was typed, nor does a reload', async () => {
    await page.getByRole('button', { name: 'Back' }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.reload();
    await page.getByRole('heading', { name: 'How much can you spare?' }).waitFor();
    expect(await folder().inputValue()).toContain('for friends');
    await page.getByRole('button', { name: 'Share 50 GB' }).click();
    await page.getByRole('heading', { name: 'Add a friend' }).waitFor();
    expect((await ben.call('status.get')).offer).toMatchObject({ offerBytes: '50000000000' });
    await check();
  });

  test('a friend is found by address, compared with, and has a fair share at once', async () => {
    await page.getByRole('textbox', { name: 'Address of the other device' }).fill(ana.address);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'They are the same' }).click();
    const [knock] = await ana.call('pairings.list');
    await ana.call('pairings.confirm', { code: knock?.digits });
    await page.getByRole('heading', { name: 'Your friends' }).waitFor();
    const [friend] = await ben.call('friends.list');
    expect(friend?.here).toMatchObject({ ground: 'fair-share', weight: 1 });
    await check();
  });

  test('ends at home, and does not come again', async () => {
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('heading', { name: 'When you close the window' }).waitFor();
    await check();
    await page.getByRole('button', { name: 'Open my allotment' }).click();
    await page.getByRole('navigation').waitFor();
    await page.reload();
    await page.getByRole('navigation').waitFor();
    expect((await ben.call('settings.get')).welcomed).toBe(true);
  });

  test('what happens is told in Activity while one looks, with its reasons', async () => {
    await page.getByRole('link', { name: 'Activity' }).click();
    await page.getByText('Nothing was decided yet').waitFor();
    const [ours] = await ana.call('friends.list');
    await ana.call('allocations.ask', {
      friend: ours?.owner,
      size: '900000000000',
      durationS: 2_592_000,
      purpose: '<b>films</b>',
    });
    await page.getByText('Ana asked for 900 GB for 30 days: refused').waitFor();
    await page.getByText('<b>films</b>').waitFor();
    await page.getByText('Why?', { exact: true }).click();
    await page.getByText('a fair share: says no').waitFor();
    await check();
  });

  test('a setting is kept as it is made, and the keyboard stays where it was', async () => {
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('radio', { name: 'GB', exact: true }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText('Saved', { exact: true }).waitFor();
    expect((await ben.call('settings.get')).units).toBe('binary');
    expect(
      await page
        .getByRole('radio', { name: 'GiB', exact: true })
        .evaluate((radio) => radio === document.activeElement),
    ).toBe(true);
    await check();
  });
});
