import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve, type Served } from '../../electron/headless/serve.ts';
import { silentAir } from '../fakes/air.ts';
import { asTestHome, scratch, startHome, type TestHome } from '../fakes/homes.ts';
import { CHROMIUM, hasChromium } from '../standin/chromium.ts';

const GB = 1_000_000_000n;

/**
 * What a first-time user does, in the real window against real cores: two people, a browser each, from
 * the wizard to a backup that lies at the other's. `SCREENSHOT=FOLDER` keeps a picture of each station.
 */
describe.skipIf(!hasChromium)('the first time (SKIPPED where Chromium is not installed)', () => {
  let place: Awaited<ReturnType<typeof scratch>>;
  let browser: Browser;
  let served: { readonly ben: Served; readonly ana: Served };
  let ben: Page;
  let ana: Page;
  let cleo: TestHome;
  const complaints: string[] = [];

  beforeAll(async () => {
    place = await scratch();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    served = { ben: await start('Ben'), ana: await start('Ana') };
    ben = await openTab();
    ana = await openTab();
  });
  afterAll(async () => {
    await browser.close();
    await cleo?.close();
    await served.ana.close();
    await served.ben.close();
    await place.remove();
  });

  async function start(name: string, port = 0): Promise<Served> {
    // A disk of the size that the story needs, whatever this machine has.
    const space = { read: async () => ({ freeBytes: 1200n * GB, totalBytes: 2000n * GB }) };
    const started = await serve({
      home: join(place.folder, name),
      name,
      port,
      host: '127.0.0.1',
      ports: { ...silentAir(), space },
    });
    if (!started.ok) throw new Error(JSON.stringify(started.fault));
    return started.value;
  }

  async function openTab(): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: 1120, height: 860 },
      colorScheme: 'light',
      locale: 'en-GB',
      // Colours in the middle of a transition have no contrast to measure.
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    return page;
  }

  /** A station of the story: nothing was complained of, nobody is shut out, and a picture if wanted. */
  async function station(page: Page, name: string): Promise<void> {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
    expect(complaints).toEqual([]);
    const folder = process.env['SCREENSHOT'];
    if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) });
  }

  const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click();
  const bed = () => ben.getByRole('region', { name: 'Space I share' });
  const heading = (page: Page, name: string | RegExp) =>
    page.getByRole('heading', { name }).first().waitFor();

  test('a link lets one tab in, once', async () => {
    const link = served.ben.ready.web;
    await ben.goto(link);
    await heading(ben, 'Welcome to Allotment');
    expect(ben.url()).not.toContain('token');
    await ben.reload();
    await heading(ben, 'Welcome to Allotment');
    const other = await openTab();
    await other.goto(link);
    await heading(other, 'This page needs a fresh link.');
    await other.context().close();
    // The browser itself reports the refusal of the used link.
    complaints.length = 0;
  });

  test('the wizard offers 50 GB in a folder that it makes', async () => {
    await station(ben, '1-welcome');
    await ben.getByLabel('Your name').fill('Ben Abel');
    await press(ben, 'Next');
    await heading(ben, 'How much can you spare?');
    await ben.getByLabel('Folder for friends’ data').fill(join(place.folder, 'no such', 'spare'));
    await ben.getByLabel('Space for friends').fill('50 GB');
    // By the keyboard: what is said about the disk moves the button while it is on its way.
    await ben.getByLabel('Space for friends').press('Enter');
    await ben
      .getByText(/is not there/)
      .first()
      .waitFor();
    await ben.getByLabel('Folder for friends’ data').fill(join(place.folder, 'spare'));
    await station(ben, '2-space');
    await ben.getByLabel('Space for friends').press('Enter');
    await heading(ben, 'Add a friend');
    await station(ben, '3-friends');
  });

  test('somebody who calls is compared with on both screens', async () => {
    await ana.goto(served.ana.ready.web);
    await press(ana, 'Skip all of this');
    await heading(ana, 'Nothing is shared yet');
    await station(ana, '4-nothing-shared');
    await ana.getByRole('link', { name: 'Friends' }).click();
    await press(ana, 'Add by address');
    await ana.getByLabel('Address of the other device').fill('nobody here');
    await press(ana, 'Call');
    await ana.getByText(/is not an address/).waitFor();
    const address = `127.0.0.1:${served.ben.ready.port}`;
    await ana.getByLabel('Address of the other device').fill(address);
    await press(ana, 'Call');
    const digits = ana.locator('.digits');
    await digits.filter({ hasText: /\d{3} \d{3}/ }).waitFor();
    const shown = await digits.innerText();
    await ben.getByText(shown).waitFor();
    await station(ben, '5-comparing');
    await press(ben, 'They are the same');
    await press(ana, 'They are the same');
    await ana.getByRole('link', { name: 'Ben Abel' }).waitFor();
    await ben.getByText('Ana').first().waitFor();
  });

  test('the wizard ends at Home, where the bed shows the friend’s share', async () => {
    await press(ben, /^(Next|Later)$/);
    await heading(ben, 'Ready');
    await station(ben, '6-ready');
    await press(ben, 'Open my allotment');
    await heading(ben, 'All is well');
    await ben.getByText('0 of 50 GB', { exact: true }).waitFor();
    await ben.reload();
    await heading(ben, 'All is well');
    await station(ben, '7-home');
  });

  test('the friend’s backup arrives, is seen arriving, and the recovery words are asked for first', async () => {
    const files = join(place.folder, 'photos');
    await mkdir(files);
    for (let i = 0; i < 6; i += 1) await writeFile(join(files, `${i}`), randomBytes(8_000_000));
    const home = asTestHome(served.ana.core, place.folder);
    await home.call('sets.create', { name: 'Photos', folders: [files], to: ['Ben Abel'] });
    const done = await home.job(await home.call('sets.run', { name: 'Photos' }));
    expect(done.state).toBe('done');
    await ben.getByText('written').first().waitFor();
    await bed().getByRole('button', { name: 'Show as a table' }).click();
    await ben.getByRole('cell', { name: '48 MB', exact: true }).waitFor();
    await station(ben, '8-table');
    await bed().getByRole('button', { name: 'Hide the table' }).click();
    await ana.getByRole('link', { name: 'Home' }).click();
    await ana.getByRole('link', { name: 'Photos' }).waitFor();
    await ana.getByText('Save your recovery words').waitFor();
    await station(ana, '9-guest');
  });

  test('a refusal is told with its reasons, and how much a friend may have can be changed on the bed', async () => {
    cleo = await startHome('Cleo', place.folder);
    const call = await cleo.call('pairings.start', {
      address: `127.0.0.1:${served.ben.ready.port}`,
    });
    await heading(ben, 'Cleo wants to be your friend');
    await press(ben, 'They are the same');
    await cleo.call('pairings.confirm', { code: call.digits });
    await ben.getByText('0 of 25 GB', { exact: true }).waitFor();
    await cleo.call('allocations.ask', {
      friend: 'Ben Abel',
      size: '40000000000',
      durationS: 86_400,
    });
    await ben.getByText('Cleo was refused space').first().waitFor();
    await ben.getByRole('button', { name: /^Cleo.*Change the share/ }).click();
    const panel = ben.getByRole('dialog');
    await panel.getByRole('radio', { name: 'A fixed size' }).check({ force: true });
    await panel.getByRole('textbox', { name: 'Size' }).fill('45 GB');
    await ben.getByText('Cleo’s share would be 45 GB').waitFor();
    await station(ben, '10-share');
    await press(ben, 'Give Cleo 45 GB');
    await ben.getByText('0 of 45 GB', { exact: true }).waitFor();
    await ben.getByRole('link', { name: 'Activity' }).click();
    await ben
      .getByText(/Cleo asked for 40\sGB for .*: refused/)
      .first()
      .waitFor();
    await station(ben, '11-activity');
    await ben.getByRole('link', { name: 'Home' }).click();
  });

  test('the offer is changed by the keyboard; below what is promised nothing is deleted, and it says so', async () => {
    const handle = ben.getByRole('slider', { name: 'How much I share' });
    await handle.focus();
    await ben.keyboard.press('PageUp');
    await ben.keyboard.press('ArrowRight');
    await ben.keyboard.press('Enter');
    await ben.getByText(/^61\sGB of 2\sTB/).waitFor();
    expect(await handle.getAttribute('aria-valuetext')).toMatch(/^61\sGB$/);
    await handle.focus();
    await ben.keyboard.press('Home');
    await ben.keyboard.press('Escape');
    await ben.getByText(/^61\sGB of 2\sTB/).waitFor();
  });

  test('when the core goes away the window says as of when it is, and recovers by itself', async () => {
    await served.ben.close();
    await ben.getByText('No connection to Allotment on this computer.').waitFor();
    await heading(ben, /Cleo was refused space|All is well/);
    served = { ...served, ben: await start('Ben') };
    await ben
      .getByText('No connection to Allotment on this computer.')
      .waitFor({ state: 'detached', timeout: 60_000 });
    await ben.getByText(/^61\sGB of 2\sTB/).waitFor();
    await bed().getByRole('button', { name: 'Show as a table' }).click();
  });
});
