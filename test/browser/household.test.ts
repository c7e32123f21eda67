import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWebMemory } from '../../electron/headless/web-memory.ts';
import { startWebServer, type WebServer } from '../../electron/headless/web-server.ts';
import { GB } from '../../shared/units.ts';
import { offer, pair, scratch, startHome, type TestHome } from '../fakes/homes.ts';
import { CHROMIUM, hasChromium } from '../standin/chromium.ts';

const RENDERER =
  process.env['ALLOTMENT_RENDERER'] ?? join(import.meta.dirname, '../..', 'out', 'renderer');

/** A keeper, a host who honours him and a member, each at the own window, between three real cores. */
describe.skipIf(!hasChromium)('A household (skipped where Chromium is not installed)', () => {
  let place: Awaited<ReturnType<typeof scratch>>;
  let mum: TestHome;
  let ben: TestHome;
  let cleo: TestHome;
  let browser: Browser;
  let mums: Page;
  let bens: Page;
  let cleos: Page;
  let nils: TestHome;
  let nilses: Page;
  const webs: WebServer[] = [];
  const complaints: string[] = [];

  async function windowOf(home: TestHome, name: string): Promise<Page> {
    const memory = await openWebMemory({
      home: join(place.folder, `home of ${name}`),
      nowMs: () => Date.now(),
    });
    const { api, events } = home.core;
    const started = await startWebServer({ api, events, folder: RENDERER, ports: [0], memory });
    if (!started.ok) throw new Error(JSON.stringify(started.fault));
    webs.push(started.value);
    await home.call('settings.set', { welcomed: true, language: 'en' });
    const page = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(started.value.link());
    await page.getByRole('link', { name: 'My backups' }).waitFor();
    return page;
  }

  beforeAll(async () => {
    place = await scratch();
    await mkdir(join(place.folder, 'spare'));
    mum = await startHome('Mum', place.folder);
    ben = await startHome('Ben', place.folder);
    cleo = await startHome('Cleo', place.folder);
    nils = await startHome('Nils', place.folder);
    await pair(mum, ben);
    await pair(mum, cleo);
    await pair(ben, cleo);
    await offer(ben, join(place.folder, 'spare'), 20n * GB);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    mums = await windowOf(mum, 'Mum');
    bens = await windowOf(ben, 'Ben');
    cleos = await windowOf(cleo, 'Cleo');
    nilses = await windowOf(nils, 'Nils');
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all(webs.map((web) => web.close()));
    for (const home of [mum, ben, cleo, nils]) await home.close();
    await place.remove();
  });

  test('the keeper switches the page on and makes an account', async () => {
    await mums.getByRole('link', { name: 'Settings' }).click();
    await mums.getByText('Household accounts', { exact: true }).click();
    await mums.getByRole('navigation').getByRole('link', { name: 'Household' }).click();
    await mums.getByRole('button', { name: 'New account' }).first().click();
    const dialog = mums.getByRole('dialog', { name: 'New account' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill('The kids');
    await dialog.getByRole('textbox', { name: 'Plan' }).fill('3 GB');
    await dialog.getByText('Cleo', { exact: true }).click();
    await dialog.getByRole('button', { name: 'Make the account' }).click();
    await dialog.waitFor({ state: 'detached' });
    const card = mums.getByRole('article', { name: 'The kids' });
    await card.getByText(/^0\sB of 3\sGB in use · 3\sGB left$/).waitFor();
    await card.getByText(/^Members: Cleo\. Counts at every friend’s/).waitFor();
  });

  test('a host lets the keeper’s accounts count, and the page stands among his from then on', async () => {
    await bens.evaluate(() => {
      location.hash = '#/household';
    });
    // Who keeps accounts is heard by asking.
    await bens.getByRole('button', { name: 'Ask my friends' }).click();
    await bens.getByText('Give room to members of Mum’s accounts').click();
    const own = bens.getByRole('switch', { name: 'Give room to members of Mum’s accounts' });
    await bens.getByRole('navigation').getByRole('link', { name: 'Household' }).waitFor();
    await expect.poll(() => own.isChecked()).toBe(true);
  });

  test('the member sees the plan, gets room on it, and everybody is told what is used', async () => {
    await cleos.evaluate(() => {
      location.hash = '#/household';
    });
    await cleos.getByRole('button', { name: /^Ask (my friends|what is left)$/ }).click();
    const kids = cleos.getByRole('listitem', { name: 'The kids' });
    await kids.getByText(/in use · 3\sGB left$/).waitFor();
    await kids.getByText('kept by Mum').waitFor();
    const answer = await cleo.call('allocations.ask', {
      friend: 'Ben',
      size: `${2n * GB}`,
      durationS: 30 * 86_400,
    });
    expect(answer).toMatchObject({ type: 'granted' });
    const card = mums.getByRole('article', { name: 'The kids' });
    await expect
      .poll(async () => (await card.innerText()).replaceAll(/\s+/g, ' '))
      .toMatch(/^The kids 2(\.\d)? GB of 3 GB in use.*Cleo 2(\.\d)? GB At Ben’s 1/);
    await cleos.getByRole('button', { name: 'Ask what is left' }).click();
    await kids.getByText(/^2(\.\d)?\sGB of 3\sGB in use/).waitFor();
  });

  test('where the space went is counted on the host’s disk, and adds up', async () => {
    await bens.getByRole('link', { name: 'Home' }).click();
    await bens.getByText('Where did my space go?').click();
    const offered = bens.getByRole('row', { name: /^What you offer/ });
    await offered.getByText(/^20\sGB$/).waitFor();
    await bens
      .getByRole('row', { name: /^Promised to friends, not written yet 2(\.\d)?\sGB$/ })
      .waitFor();
  });

  test('somebody whom the host does not know gets room out of the introducer’s share', async () => {
    await bens.getByRole('link', { name: 'Friends' }).click();
    await bens.getByRole('main').getByRole('link', { name: 'Mum' }).click();
    await bens.getByRole('radio', { name: /^A fair share/ }).check({ force: true });
    await bens.getByRole('button', { name: 'Set Mum’s share' }).click();
    await bens.getByText('Saved.').waitFor();
    await nilses.getByRole('link', { name: 'Friends' }).click();
    await nilses.getByRole('button', { name: 'I was introduced …' }).click();
    const id = await nilses.getByRole('dialog').locator('code').innerText();
    await mums.getByRole('link', { name: 'Friends' }).click();
    await mums.getByRole('main').getByRole('link', { name: 'Ben' }).click();
    await mums.getByRole('button', { name: 'Introduce somebody …' }).click();
    await mums.getByRole('dialog').getByRole('button', { name: /Whom/ }).click();
    await mums.getByRole('option', { name: 'Somebody else, by their id' }).click();
    await mums.getByRole('textbox', { name: 'Their id' }).fill(id);
    await mums.getByRole('textbox', { name: 'How much' }).fill('1 GB');
    await mums.getByRole('button', { name: 'Make the introduction' }).click();
    const made = mums.getByRole('dialog', { name: /^Give this text to/ });
    const text = await made.getByRole('textbox', { name: 'The introduction' }).inputValue();
    await made.getByRole('button', { name: 'Done' }).click();
    const taking = nilses.getByRole('dialog', { name: 'I was introduced' });
    await taking.getByRole('textbox', { name: 'The text that you were given' }).fill(text);
    await taking.getByRole('button', { name: 'Ask for the space' }).click();
    const said = taking.getByRole('status').or(taking.getByRole('alert'));
    await expect
      .poll(async () => (await said.allInnerTexts()).join(' '))
      .toMatch(/^\s*You have \S+\s.?B for \d+ days now\./);
    await taking.getByRole('button', { name: 'Close' }).click();
    await nilses
      .getByRole('region', { name: 'Where I was introduced' })
      .getByText(/at Ben’s/)
      .waitFor();
    await bens.getByRole('link', { name: 'All friends' }).click();
    const guests = bens.getByRole('region', { name: 'Guests' });
    await guests.getByText('Nils', { exact: true }).waitFor();
    await guests.getByText('introduced by Mum, out of Mum’s share').waitFor();
  });

  test('no window complained', () => {
    expect(complaints).toEqual([]);
  });
});
