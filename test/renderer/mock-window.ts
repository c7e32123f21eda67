import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Api } from '../../shared/contract/api.ts';
import { startWebServer } from '../../electron/headless/web-server.ts';
import { CHROMIUM } from '../standin/chromium.ts';
import { type Mock, mockDoor } from './mock-door.ts';
import { NOW_MS, type World } from './world-parts.ts';

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
  /** It is always the same moment, unless time is what is measured. */
  readonly hasFixedTime?: boolean;
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
  return {
    open: (world, options = {}) => openWindow(browser, server.port, { world, ...options }),
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

async function openWindow(
  browser: Browser,
  port: number,
  {
    world,
    path = 'home',
    width = 1200,
    height = 800,
    theme = 'light',
    forcedColors = false,
    hasPicker = true,
    hasFixedTime = true,
    prepare = () => undefined,
  }: WindowOptions & { readonly world: World },
): Promise<MockedWindow> {
  const settings: BrowserContextOptions = {
    viewport: { width, height },
    colorScheme: theme,
    forcedColors: forcedColors ? 'active' : 'none',
    // Colours in the middle of a transition have no contrast to measure.
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  };
  const context = await browser.newContext(settings);
  const page = await context.newPage();
  const mock = await mockDoor(page, world, { hasPicker });
  await prepare(mock, page);
  // Timers run as ever; only the date stands still.
  if (hasFixedTime) await page.clock.setFixedTime(NOW_MS);
  await page.goto(`http://127.0.0.1:${port}/#/${path}`);
  await page.locator('h1').first().waitFor();
  await mock.settled();
  return { page, mock, close: () => context.close() };
}
