import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve } from '../../electron/headless/serve.ts';
import {
  asTestHome,
  offer,
  pair,
  scratch,
  startHome,
  type TestHome,
  until,
} from '../fakes/homes.ts';

const CHROMIUM = '/usr/bin/chromium';
const hasChromium = spawnSync(CHROMIUM, ['--version'], { stdio: 'ignore' }).status === 0;

/** The real window in a real browser, against a real core. `SCREENSHOT=file` keeps a picture. */
describe.skipIf(!hasChromium)('Home (skipped where Chromium is not installed)', () => {
  let place: Awaited<ReturnType<typeof scratch>>;
  let served: Extract<Awaited<ReturnType<typeof serve>>, { ok: true }>['value'];
  let ben: TestHome;
  let guests: TestHome[];
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    place = await scratch();
    const started = await serve({
      home: join(place.folder, 'ben'),
      name: 'Ben',
      port: 0,
      host: '127.0.0.1',
    });
    if (!started.ok) throw new Error(JSON.stringify(started.fault));
    served = started.value;
    ben = asTestHome(served.core, place.folder);
    guests = [];
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    const context = await browser.newContext({
      viewport: { width: 1120, height: 900 },
      colorScheme: 'light',
      // Colours in the middle of a transition have no contrast to measure.
      reducedMotion: 'reduce',
    });
    page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all(guests.map((guest) => guest.close()));
    await place.remove();
  });

  async function check(): Promise<void> {
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${theme}: ${id} ${nodes[0]?.html}`)).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: 'light' });
    expect(complaints).toEqual([]);
  }

  test('a link lets one tab in, once', async () => {
    const link = served.ready.web;
    await page.goto(link);
    await page.getByRole('heading', { name: 'Nothing is shared yet' }).waitFor();
    expect(page.url()).not.toContain('token');
    await page.reload();
    await page.getByRole('heading', { name: 'Nothing is shared yet' }).waitFor();
    const other = await browser.newPage();
    await other.goto(link);
    await other.getByRole('heading', { name: 'This page needs a fresh link.' }).waitFor();
    await other.close();
    await check();
  });

  test('space is offered from the window; a wrong folder is said in words', async () => {
    const spare = join(place.folder, 'spare');
    await mkdir(spare);
    await page.getByRole('button', { name: 'Offer space' }).click();
    await page.getByLabel('Folder for friends’ data').fill(join(place.folder, 'nowhere'));
    await page.getByLabel('Must stay free').fill('0');
    await page.getByRole('button', { name: 'Lend 50 GB' }).click();
    await page.getByRole('alert').getByText('is not there').waitFor();
    await page.getByLabel('Folder for friends’ data').fill(spare);
    await page.getByLabel('Space for friends').fill('20 GB');
    await check();
    await page.getByRole('button', { name: 'Lend 20 GB' }).click();
    await page.getByRole('heading', { name: 'Your bed' }).waitFor();
    await page.getByRole('heading', { name: 'No friends yet' }).waitFor();
    await check();
  });

  test('who knocks is shown with the digits; the same on both sides makes a friend', async () => {
    const ana = await startHome('Ana', place.folder);
    guests.push(ana);
    const knock = await ana.call('pairings.start', { address: ben.address });
    await page.getByRole('heading', { name: 'Ana wants to be your friend' }).waitFor();
    const shown = `${knock.digits?.slice(0, 3)} ${knock.digits?.slice(3)}`;
    await page.getByText(shown).waitFor();
    await check();
    await page.getByRole('button', { name: 'They are the same' }).click();
    await ana.call('pairings.confirm', { code: knock.digits });
    await page.getByText('How much space for Ana?').waitFor();
    await page.getByRole('button', { name: 'A fair share' }).click();
    await page.getByText('share 20 GB').first().waitFor({ state: 'attached' });
  });

  test('the bed fills while friends write, and decisions are told with their reasons', async () => {
    await offer(ben, join(place.folder, 'spare'), 20_000_000_000n);
    for (const name of ['Cleo', 'Dragan Petrović']) {
      const guest = await startHome(name, place.folder);
      guests.push(guest);
      await pair(guest, ben);
    }
    await ben.call('policy.set', { friend: 'Ana', policy: null });
    const [ana, cleo] = guests;
    const files = join(place.folder, 'files');
    await mkdir(files);
    for (let i = 0; i < 4; i += 1) await writeFile(join(files, `${i}`), randomBytes(10_000_000));
    await ana?.call('sets.create', { name: 'photos', folders: [files], to: ['Ben'] });
    const job = await ana?.job(await ana.call('sets.run', { name: 'photos' }));
    expect(job?.state).toBe('done');
    await ana?.call('allocations.ask', {
      friend: 'Ben',
      size: '4000000000',
      durationS: 2_592_000,
      purpose: 'films',
    });
    await cleo?.call('allocations.ask', {
      friend: 'Ben',
      size: '2500000000',
      durationS: 2_592_000,
    });
    await cleo?.call('allocations.ask', {
      friend: 'Ben',
      size: '9000000000',
      durationS: 2_592_000,
    });
    await page.getByText('Cleo asked for 9 GB for 30 days: refused').waitFor();
    await page.getByText('Why').first().click();
    await page.getByText('a fair share: says no').waitFor();
    await page.getByRole('button', { name: 'Show as a table' }).click();
    await until(async () =>
      (await page.locator('.bed tbody tr').count()) === 3 ? true : undefined,
    );
    await check();
    const file = process.env['SCREENSHOT'];
    if (file !== undefined) {
      await page.getByRole('button', { name: 'Show as a table' }).click();
      await page.screenshot({ path: `${file}-light.png`, fullPage: true });
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.screenshot({ path: `${file}-dark.png`, fullPage: true });
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setViewportSize({ width: 420, height: 900 });
      await page.screenshot({ path: `${file}-narrow.png`, fullPage: true });
    }
  });

  test('when the core goes away the window says as of when it is', async () => {
    await served.close();
    await page.getByText('No connection to Allotment on this computer.').waitFor();
    await page.getByRole('heading', { name: 'Your bed' }).waitFor();
  });
});
