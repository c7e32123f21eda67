import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Api } from '../../shared/contract/api.ts';
import { startWebServer } from '../../electron/headless/web-server.ts';
import { CHROMIUM } from '../standin/chromium.ts';
import { type Doorway, layDoorway, type Mock, WITHOUT_PICKER } from './mock-door.ts';
import { NOW_MS, type World } from './worlds/world-parts.ts';

/**
 * The built window in a real browser, with a mocked door behind it. The files come from the very server
 * that gives them to browsers in life, with its headers; it is never asked for anything else.
 */
export type MockedWindow = {
  readonly page: Page;
  readonly mock: Mock;
  readonly close: () => Promise<void>;
};

export type WindowOptions = {
  /** What stands in the address after `#/`. */
  readonly path?: string;
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
  readonly forcedColors?: boolean;
  /** As in a browser: without the system's own dialog for folders. */
  readonly hasPicker?: boolean;
  /** Time passes, and nothing is warm from before: for measuring. */
  readonly isMeasured?: boolean;
  /** Before the page is loaded: answers, other languages. */
  readonly prepare?: (mock: Mock, page: Page) => unknown;
};

export type MockedBrowser = {
  readonly open: (world: World, options?: WindowOptions) => Promise<MockedWindow>;
  readonly close: () => Promise<void>;
};

export { hasChromium } from '../standin/chromium.ts';

const root = join(import.meta.dirname, '../..');

export async function startMockedBrowser(): Promise<MockedBrowser> {
  const folder = process.env['ALLOTMENT_RENDERER'] ?? join(root, 'out', 'renderer');
  if (!existsSync(join(folder, 'index.html')))
    throw new Error('The window is not built. “npm run build” does it, “npm test” by itself.');
  // Only its files are wanted; whoever asks it for more gets an error, and the test with it.
  const started = await startWebServer({
    api: {} as Api,
    events: { subscribe: () => () => undefined },
    folder,
    ports: [0],
    memory: { issue: async () => '', knows: () => false },
  });
  if (!started.ok) throw new Error(JSON.stringify(started.fault));
  const server = started.value;
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  const address = `http://127.0.0.1:${server.port}/`;
  const idle: Pane[] = [];
  return {
    open: async (world, { isMeasured = false, ...options } = {}) => {
      const pane = (isMeasured ? undefined : idle.pop()) ?? (await makePane(browser, isMeasured));
      const window = await openIn(pane, address, { world, ...options });
      return {
        ...window,
        close: async () => {
          pane.doorway.shut();
          if (isMeasured) return pane.page.context().close();
          await wipe(pane);
          idle.push(pane);
        },
      };
    },
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/**
 * A page that is used again and again: a new one would cost ten times as much, because it has to be
 * given a process, its fonts and compiled scripts first.
 */
type Pane = {
  readonly page: Page;
  readonly doorway: Doorway;
};

async function makePane(browser: Browser, isMeasured: boolean): Promise<Pane> {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin' });
  const page = await context.newPage();
  const doorway = await layDoorway(page);
  // Timers run as ever; only the date stands still.
  if (!isMeasured) await page.clock.setFixedTime(NOW_MS);
  return { page, doorway };
}

let rounds = 0;

/** Nothing of one test shall be left for the next. */
async function wipe({ page }: Pane): Promise<void> {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.evaluate(() => {
    localStorage.clear();
    sessionStorage.clear();
  });
}

async function openIn(
  { page, doorway }: Pane,
  address: string,
  {
    world,
    path = 'home',
    width = 1200,
    height = 800,
    theme = 'light',
    forcedColors = false,
    hasPicker = true,
    prepare = () => undefined,
  }: Omit<WindowOptions, 'isMeasured'> & { readonly world: World },
): Promise<Omit<MockedWindow, 'close'>> {
  await page.setViewportSize({ width, height });
  await page.emulateMedia({
    media: 'screen',
    colorScheme: theme,
    forcedColors: forcedColors ? 'active' : 'none',
    // Colours in the middle of a transition have no contrast to measure.
    reducedMotion: 'reduce',
  });
  const mock = doorway.open(world);
  await prepare(mock, page);
  // Another address each time, or it would only be another place in the page that is there.
  rounds += 1;
  await page.goto(`${address}?${hasPicker ? '' : WITHOUT_PICKER}${rounds}#/${path}`);
  await page.locator('h1').first().waitFor();
  await mock.settled();
  return { page, mock };
}
