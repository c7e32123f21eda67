import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWebMemory } from '../../electron/headless/web-memory.ts';
import { startWebServer, type WebServer } from '../../electron/headless/web-server.ts';
import type { Clock } from '../../electron/core/ports.ts';
import { GB } from '../../shared/units.ts';
import { offer, pair, scratch, startHome, type TestHome } from '../fakes/homes.ts';
import { CHROMIUM, hasChromium } from '../standin/chromium.ts';

const RENDERER =
  process.env['ALLOTMENT_RENDERER'] ?? join(import.meta.dirname, '../..', 'out', 'renderer');

/** A host who wants to be asked, and a guest who waits for the answer: both windows, between two real cores. */
describe.skipIf(!hasChromium)('Being asked (skipped where Chromium is not installed)', () => {
  let place: Awaited<ReturnType<typeof scratch>>;
  let ben: TestHome;
  let ana: TestHome;
  let browser: Browser;
  let bens: Page;
  let anas: Page;
  const webs: WebServer[] = [];
  const complaints: string[] = [];
  let aheadMs = 0;
  const clock: Clock = {
    nowMs: () => Date.now() + aheadMs,
    monotonicMs: () => performance.now() + aheadMs,
  };

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
    ben = await startHome('Ben', place.folder);
    ana = await startHome('Ana', place.folder, { ports: { clock } });
    await pair(ana, ben);
    await offer(ben, join(place.folder, 'spare'), 20n * GB);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    bens = await windowOf(ben, 'Ben');
    anas = await windowOf(ana, 'Ana');
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all(webs.map((web) => web.close()));
    await ben.close();
    await ana.close();
    await place.remove();
  });

  test('the host says above how much he wants to be asked, and tries it', async () => {
    await bens.getByRole('link', { name: 'Friends' }).click();
    await bens.getByRole('main').getByRole('link', { name: 'Ana' }).click();
    await bens.getByRole('radio', { name: /^A fair share/ }).check({ force: true });
    await bens.getByText('More limits', { exact: true }).click();
    await bens.getByRole('textbox', { name: 'Ask me above' }).fill('1 GB');
    await bens.getByRole('button', { name: 'Set Ana’s share' }).click();
    await bens.getByText('Saved.').waitFor();
    await bens.getByText('What would happen if Ana asked?').click();
    await bens.getByRole('textbox', { name: 'How much', exact: true }).fill('2 GB');
    await bens.getByRole('button', { name: 'Try it' }).click();
    await bens.getByText('Not yet: you would be asked first').waitFor();
    await bens.getByText('the owner’s own word: wants to wait').waitFor();
    await bens.getByRole('textbox', { name: 'How much', exact: true }).fill('1 GB');
    await bens.getByRole('button', { name: 'Try it' }).click();
    await bens.getByText(/^Yes: 1\sGB for 30 days\.$/).waitFor();
  });

  test('the guest sees what she waits for, the host who asks, each without looking again', async () => {
    await anas.getByRole('link', { name: 'My backups' }).click();
    await bens.getByRole('link', { name: 'Home' }).click();
    const asked = await ana.call('allocations.ask', {
      friend: 'Ben',
      size: `${2n * GB}`,
      durationS: 30 * 86_400,
      purpose: 'films <b>',
    });
    expect(asked.type).toBe('pending');
    await anas.getByText(/^You wait at Ben’s for 2\sGB: Ben has to answer\.$/).waitFor();
    const card = bens.getByRole('article', { name: /^Ana asks for 2\sGB for 30 days$/ });
    await card.getByText('films <b>').waitFor();
    await card.getByRole('button', { name: /^Yes:/ }).click();
    await card.getByText('You said yes.').waitFor();
  });

  test('the yes becomes a plot by itself', async () => {
    aheadMs += 120_000;
    await ana.core.chores();
    await anas.getByRole('heading', { name: 'What you wait for' }).waitFor({ state: 'detached' });
    await anas.getByText(/lease runs for 30 days more|lease runs for 29 days more/).waitFor();
    await bens.getByRole('article', { name: /^Ana asks for/ }).waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });
});
