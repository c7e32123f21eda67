import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWebMemory } from '../../electron/headless/web-memory.ts';
import { startWebServer, type WebServer } from '../../electron/headless/web-server.ts';
import { createAir } from '../fakes/air.ts';
import { nearTo, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { CHROMIUM, hasChromium } from '../standin/chromium.ts';

const GB = 1_000_000_000n;
const root = join(import.meta.dirname, '../..');
const pictures = join(root, '.cache/screens/pairing');

type Side = { readonly home: TestHome; readonly page: Page; readonly close: () => Promise<void> };

/**
 * Two people, a computer and a browser each, become friends: real cores that find each other through an
 * air in memory, from the first sight to the end of the friendship, seen from both sides. Pictures of
 * each station lie in `.cache/screens/pairing` afterwards.
 */
describe.skipIf(!hasChromium)('two people pair (SKIPPED where Chromium is not installed)', () => {
  let place: Awaited<ReturnType<typeof scratch>>;
  let browser: Browser;
  let ana: Side;
  let ben: Side;
  const air = createAir();
  const complaints: string[] = [];

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    place = await scratch();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    ana = await side('Ana', 'light');
    ben = await side('Ben', 'dark');
  });
  afterAll(async () => {
    await ana?.close();
    await ben?.close();
    await browser.close();
    await place.remove();
  });

  async function side(name: string, colorScheme: 'light' | 'dark'): Promise<Side> {
    // A disk of the size that the story needs, whatever this machine has.
    const space = { read: async () => ({ freeBytes: 1200n * GB, totalBytes: 2000n * GB }) };
    const home = await startHome(name, place.folder, { ports: { ...nearTo(air), space } });
    await home.call('settings.set', { welcomed: true });
    await home.call('offer.set', {
      folder: join(place.folder, `spare of ${name}`),
      offerBytes: `${100n * GB}`,
      keepFreeBytes: '0',
      make: true,
    });
    const server = await serveWindow(home, join(place.folder, `home of ${name}`));
    const context = await browser.newContext({
      viewport: { width: 1000, height: 800 },
      colorScheme,
      locale: 'en-GB',
      // Colours in the middle of a transition have no contrast to measure.
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        complaints.push(`${name}: ${message.text()}`);
    });
    page.on('pageerror', (error) => complaints.push(`${name}: ${error}`));
    await page.goto(server.link());
    await page.getByRole('link', { name: 'Friends' }).click();
    return {
      home,
      page,
      close: async () => {
        await context.close();
        await server.close();
        await home.close();
      },
    };
  }

  /** What both see at this moment of the story: nobody is shut out, nothing was complained of. */
  async function station(name: string, ...pages: readonly Page[]): Promise<void> {
    for (const page of pages) {
      const who = page === ana.page ? 'ana' : 'ben';
      // What is below an open dialog is nothing to look at.
      const fullPage = (await page.getByRole('alertdialog').count()) === 0;
      await page.screenshot({ path: join(pictures, `${name}-${who}.png`), fullPage });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${name}: ${id} ${nodes[0]?.html}`)).toEqual([]);
    }
    expect(complaints).toEqual([]);
  }

  const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click();
  const comparing = (page: Page) => page.locator('.digits');

  /** Ana adds Ben, whom she sees; both screens show the same six digits. */
  async function call(): Promise<void> {
    await press(ana.page, 'Add Ben');
    await comparing(ana.page).waitFor();
    await comparing(ben.page).waitFor();
    const shown = await comparing(ana.page).innerText();
    expect(shown).toMatch(/^\d{3} \d{3}$/);
    expect(await comparing(ben.page).innerText()).toBe(shown);
  }

  test('nobody is seen before both call the network home', async () => {
    for (const { page } of [ana, ben])
      await page.getByRole('heading', { name: 'Is this your home network?' }).waitFor();
    await station('1-asked', ana.page, ben.page);
    await press(ana.page, /^Yes, it is home/);
    await ana.page.getByText(/^(Looking around|Nobody else is here yet)/).waitFor();
    expect(await ben.home.call('nearby.list')).toEqual([]);
    await press(ben.page, /^Yes, it is home/);
  });

  test('each appears on the other’s screen, with the end of the right key', async () => {
    for (const [one, other] of [
      [ana, ben],
      [ben, ana],
    ] as const) {
      const name = other === ben ? 'Ben' : 'Ana';
      const line = one.page.getByRole('list', { name: 'Nearby' }).getByRole('listitem');
      await line.getByText(name, { exact: true }).waitFor();
      await line.getByText('answers', { exact: true }).waitFor();
      const tail = other.home.core.info().device.slice(-6);
      expect(await line.locator('.key-tail code').innerText()).toBe(
        `…${tail.slice(0, 3)} ${tail.slice(3)}`,
      );
    }
    await station('2-nearby', ana.page, ben.page);
  });

  test('digits that differ end it on both screens, each in the right words', async () => {
    await call();
    await station('3-comparing', ana.page, ben.page);
    await press(ben.page, 'They differ');
    await ben.page.getByText('You said that the digits with Ana differ').waitFor();
    await ana.page.getByText('Ben said that the digits differ').waitFor();
    await station('4-differ', ana.page, ben.page);
    expect(await ana.home.call('friends.list')).toEqual([]);
    await press(ana.page, /^Put away/);
    await press(ben.page, /^Put away/);
  });

  test('“not now” is something else, and is said so', async () => {
    await call();
    await press(ben.page, 'Not now: Ana');
    await ana.page.getByText('Ben said “not now”').waitFor();
    await ben.page.getByText('You ended the pairing with Ana').waitFor();
    await station('5-not-now', ana.page, ben.page);
    await press(ben.page, /^Put away/);
  });

  test('the same digits, said on both screens, make friends', async () => {
    await press(ana.page, 'Try again with Ben');
    await comparing(ana.page).waitFor();
    await comparing(ben.page).waitFor();
    expect(await comparing(ben.page).innerText()).toBe(await comparing(ana.page).innerText());
    await press(ana.page, 'They are the same');
    await ana.page.getByText('Ben hasn’t said yet').waitFor();
    await station('6-waiting', ana.page, ben.page);
    await press(ben.page, 'They are the same');
    await ana.page.getByText('You and Ben are friends now').waitFor();
    await ben.page.getByText('You and Ana are friends now').waitFor();
    await ana.page.getByText(/Ben’s share would be/).waitFor();
    await station('7-friends', ana.page, ben.page);
  });

  test('both are asked two questions, and what the one gives the other may use', async () => {
    await press(ana.page, 'Set Ben’s share');
    await ana.page.getByText('Ask Ben to keep yours?').waitFor();
    await press(ben.page, 'Decide later');
    await ben.page.getByText(/You may keep up to [\d.]+\sGB at Ana’s/).waitFor();
    await station('8-questions', ana.page, ben.page);
    await press(ben.page, 'Not now');
    await press(ana.page, 'Not now');
    for (const { page } of [ana, ben])
      await page.getByText(/are friends now/).waitFor({ state: 'detached' });
  });

  test('each sees the other online, and nobody nearby any more', async () => {
    for (const { page } of [ana, ben]) {
      await page.getByText('online', { exact: true }).waitFor();
      await page.getByText('Nobody new is here.').waitFor();
    }
    await station('9-online', ana.page, ben.page);
    await ana.page.getByRole('link', { name: 'Ben', exact: true }).click();
    await ana.page.getByText(/online, at 127\.0\.0\.1/).waitFor();
    await station('10-friend', ana.page);
  });

  test('an end with a date is seen on both sides and can be taken back', async () => {
    await ben.page.getByRole('link', { name: 'Ana', exact: true }).click();
    await press(ana.page, 'End the friendship …');
    await ana.page.getByRole('alertdialog').waitFor();
    await station('11-leave', ana.page);
    await press(ana.page, /^End it on/);
    await ana.page.getByText(/^Your friendship with Ben ends on/).waitFor();
    await ben.page.getByText(/^Ana ends your friendship on/).waitFor();
    await station('12-leaving', ana.page, ben.page);
    await press(ana.page, 'Take it back');
    for (const { page } of [ana, ben])
      await page.getByRole('button', { name: 'End the friendship …' }).waitFor();
  });

  test('an end at once needs the name; the other side learns of it and can tidy up', async () => {
    await press(ana.page, 'End the friendship …');
    const dialog = ana.page.getByRole('alertdialog');
    await dialog.getByRole('radio', { name: 'At once' }).check({ force: true });
    await dialog.getByRole('textbox').fill('Ben');
    await station('13-at-once', ana.page);
    await dialog.getByRole('button', { name: 'End it now' }).click();
    await ana.page.getByRole('heading', { name: 'Nobody by that name' }).waitFor();
    await until(async () =>
      (await ana.home.call('friends.list')).every(({ departed }) => departed) ? true : undefined,
    );
    await ben.page.getByText('Ana has ended your friendship').waitFor();
    await station('14-left', ana.page, ben.page);
    await press(ben.page, 'Remove Ana');
    await ben.page.getByRole('alertdialog').getByRole('button', { name: 'Remove Ana' }).click();
    await ben.page.getByRole('heading', { name: 'Nobody by that name' }).waitFor();
    expect(complaints).toEqual([]);
  });
});

async function serveWindow(home: TestHome, folder: string): Promise<WebServer> {
  const built = process.env['ALLOTMENT_RENDERER'] ?? join(root, 'out', 'renderer');
  if (!existsSync(join(built, 'index.html')))
    throw new Error('The window is not built. “npm run build” does it, “npm test” by itself.');
  const started = await startWebServer({
    api: home.core.api,
    events: home.core.events,
    folder: built,
    ports: [0],
    memory: await openWebMemory({ home: folder, nowMs: () => Date.now() }),
  });
  if (!started.ok) throw new Error(JSON.stringify(started.fault));
  return started.value;
}
