import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWebMemory } from '../../electron/headless/web-memory.ts';
import { startWebServer, type WebServer } from '../../electron/headless/web-server.ts';
import { scratch, type TestHome } from '../fakes/homes.ts';
import { loseTheLaptop, newMachine, type WorstDay } from '../fakes/worst-day.ts';
import { CHROMIUM, hasChromium } from '../standin/chromium.ts';

const RENDERER =
  process.env['ALLOTMENT_RENDERER'] ?? join(import.meta.dirname, '../..', 'out', 'renderer');

/** The worst day in the real window: a new computer, a paper with 24 words, and everything back, by real cores. */
describe.skipIf(!hasChromium)('coming back (SKIPPED where Chromium is not installed)', () => {
  let place: Awaited<ReturnType<typeof scratch>>;
  let day: WorstDay;
  let home: TestHome;
  let web: WebServer;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    place = await scratch();
    day = await loseTheLaptop(place.folder);
    home = await newMachine(place.folder);
    const memory = await openWebMemory({ home: place.folder, nowMs: () => Date.now() });
    const { api, events } = home.core;
    const started = await startWebServer({ api, events, folder: RENDERER, ports: [0], memory });
    if (!started.ok) throw new Error(JSON.stringify(started.fault));
    web = started.value;
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    const context = await browser.newContext({
      viewport: { width: 900, height: 600 },
      reducedMotion: 'reduce',
      locale: 'en-GB',
    });
    page = await context.newPage();
    page.setDefaultTimeout(60_000);
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
    await home.close();
    await day.close();
    await place.remove();
  });

  async function check(): Promise<void> {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
    expect(complaints).toEqual([]);
  }
  const field = (name: string | RegExp) => page.getByRole('textbox', { name });
  const press = (name: string | RegExp) => page.getByRole('button', { name }).click();

  test('the words are typed, and the window goes on by itself when the core has begun again', async () => {
    await press('I have 24 words');
    const wrong = day.words.split(' ').with(6, 'bananna');
    await field(/^Your 24 words/).fill(wrong.join(' '));
    await press('Come back');
    await page.getByText('7 bananna is not in the list').waitFor();
    await page.getByText('More from the recovery sheet').click();
    await field(/^Your 24 words/).fill(day.words);
    await field('Number of the computer that is gone').fill('the laptop');
    await press('Come back');
    await page.getByText('No computer of yours has that number.').waitFor();
    await field('Number of the computer that is gone').fill('');
    await check();
    await press('Come back');
    await page.getByText('Looking for your friends.').waitFor();
    await check();
  });

  test('a friend is found by the sheet’s address and key, in groups as they are printed', async () => {
    await field('Address of a friend').fill(day.ben.address);
    const grouped = (home: TestHome) => home.core.info().device.replaceAll(/.{4}(?=.)/g, '$& ');
    await field('Key of that friend').fill(grouped(day.carl));
    await press('Look there');
    await page.getByText('Another device answers there').waitFor();
    await field('Key of that friend').fill(grouped(day.ben));
    await press('Look there');
    await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
    await page.getByText('Made on Ana, kept by Ben and Carl').waitFor();
    await check();
  });

  test('what another computer backed up is brought back at once', async () => {
    await press('Restore Ana/Documents');
    await page.getByRole('heading', { name: 'Restore Ana/Documents' }).waitFor();
    await page.reload();
    await press('Restore everything …');
    await field('Into which folder').fill(join(place.folder, 'back'));
    await page.getByRole('dialog').getByRole('button', { name: 'Restore', exact: true }).click();
    await page.getByText('Ana/Documents was restored.').waitFor();
    const letter = join(place.folder, 'back', 'Documents', 'letter.txt');
    expect(await readFile(letter, 'utf8')).toBe(day.files['letter.txt']);
    await check();
  });

  test('and goes on here when somebody says so, first that it is this computer’s, then that it runs', async () => {
    await page.getByRole('link', { name: 'Back to my backups' }).click();
    await press('Back up here: Ana/Documents');
    await press(/^Back it up here$/);
    const card = page.getByRole('listitem', { name: 'Documents' });
    await card.getByText('Waits until you say so').waitFor();
    await card.getByText('What another computer backed up lies with friends.').waitFor();
    await card.getByRole('button', { name: 'Restore Documents' }).waitFor();
    await card.getByRole('button', { name: 'More: Documents' }).click();
    expect(await card.getByRole('button', { name: /^Pause/ }).count()).toBe(0);
    // A pause of everything that is over, or is ended, does not let it begin.
    await home.call('sets.pause', { until: 'hour' });
    await home.call('sets.pause', { until: null });
    await card.getByText('Waits until you say so').waitFor();
    await page.getByRole('link', { name: 'Home' }).click();
    await page.getByRole('heading', { name: 'Nothing is shared yet' }).waitFor();
    await page.getByRole('link', { name: 'My backups' }).click();
    await check();
    await card.getByRole('button', { name: 'Go on now: Documents' }).click();
    await card.getByText('Waits until you say so').waitFor({ state: 'detached' });
  });
});
