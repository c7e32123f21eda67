import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium, type Page } from 'playwright-core';
import { type ChildHome, pairHomes, startChildHome } from '../../electron/headless/child-home.ts';
import type { AppSnapshot } from '../../shared/contract/views.ts';
import { type MockedBrowser, startMockedBrowser } from '../renderer/mock-window.ts';
import { gb } from '../renderer/worlds/world-parts.ts';
import { worlds } from '../renderer/worlds/worlds.ts';
import { CHROMIUM, hasChromium } from '../standin/chromium.ts';
import { makeCorpus } from './corpus.ts';

/**
 * How fast the window is (design §10): with ten thousand rows of the log and twenty friends, and while
 * a friend uploads. Part of `npm run bench`; alone with `node test/bench/window.ts`.
 */
export type WindowFigure = {
  readonly what: string;
  readonly ours: string;
  readonly wanted: string;
  /** How much better than wanted; 1 is just enough. */
  readonly ratio: number;
};

const ROUNDS = 5;
const FIRST_MS = 1000;
const SCRIPTS_BYTES = 300_000;
const LONG_TASK_MS = 50;
const ROWS = 200;
const PUSH_EVERY_MS = 250;
const PUSHES = 60;

const renderer = join(import.meta.dirname, '../../out/renderer');

/** Ana uploads to Ben meanwhile; both are real, each in a process of its own. */
export async function measureWindow(
  ben: ChildHome,
  upload: () => Promise<unknown>,
): Promise<readonly WindowFigure[]> {
  if (!hasChromium) return [];
  const browser = await startMockedBrowser();
  try {
    return [
      measureScripts(),
      ...(await measureStart(browser)),
      await measurePushes(browser),
      await measureUpload(ben, upload),
      await measureRows(browser),
    ];
  } finally {
    await browser.close();
  }
}

/** What is fetched before anything is shown; a page that not everybody opens, and another language, come when they are wanted. */
function measureScripts(): WindowFigure {
  const packed = (name: string) => gzipSync(readFileSync(join(renderer, 'assets', name))).length;
  const sum = (names: readonly string[]) => names.reduce((all, name) => all + packed(name), 0);
  const html = readFileSync(join(renderer, 'index.html'), 'utf8');
  const first = [...html.matchAll(/(?:src|href)="\.\/assets\/([^"]+\.js)"/g)].map(
    ([, name = '']) => name,
  );
  const all = readdirSync(join(renderer, 'assets')).filter((name) => name.endsWith('.js'));
  const bytes = sum(first);
  return {
    what: 'window: scripts before anything is shown, gzipped, kB',
    ours: (bytes / 1000).toFixed(0),
    wanted: `${SCRIPTS_BYTES / 1000} at most; ${(sum(all) / 1000).toFixed(0)} with every page and language`,
    ratio: SCRIPTS_BYTES / bytes,
  };
}

/** From the start of loading until the page's heading is painted, and until nothing keeps it busy. */
async function measureStart(browser: MockedBrowser): Promise<readonly WindowFigure[]> {
  const figures: WindowFigure[] = [];
  const world = worlds['ten thousand decisions']();
  for (const path of ['home', 'activity']) {
    const painted: number[] = [];
    const ready: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { page, close } = await browser.open(world, { path, isMeasured: true });
      await page.evaluate(watchTasks);
      await page.waitForTimeout(500);
      const { paintedMs, readyMs } = await page.evaluate(() => ({
        paintedMs: window.benchPaintedMs,
        readyMs: Math.max(
          0,
          ...window.benchTasks
            .filter(({ durationMs }) => durationMs > 50)
            .map(({ startMs, durationMs }) => startMs + durationMs),
        ),
      }));
      painted.push(paintedMs);
      ready.push(Math.max(paintedMs, readyMs));
      await close();
    }
    const add = (what: string, ms: number) =>
      figures.push({
        what: `window: ${path}, 10,000 rows and 20 friends, ${what}, ms`,
        ours: ms.toFixed(0),
        wanted: `under ${FIRST_MS}`,
        ratio: FIRST_MS / ms,
      });
    add('painted', median(painted));
    add('interactive', median(ready));
  }
  return figures;
}

/** Four events a second, as the core sends them while a friend uploads, each with new figures. */
async function measurePushes(browser: MockedBrowser): Promise<WindowFigure> {
  const world = worlds['twenty friends']();
  const { page, mock, close } = await browser.open(world, { isMeasured: true });
  // What loading leaves behind is measured above.
  await page.waitForTimeout(1000);
  const figure = await longTasks(page, 'mocked, 4 events a second', async () => {
    for (let push = 1; push <= PUSHES; push += 1) {
      await mock.push(uploaded(mock.current(), push));
      await page.waitForTimeout(PUSH_EVERY_MS);
    }
  });
  await close();
  return figure;
}

function uploaded(now: AppSnapshot, push: number): Partial<AppSnapshot> {
  const writtenBytes = gb(5 + push / 10);
  const [first, ...others] = now.friends;
  if (first === undefined || now.offer === null) throw new Error('nobody uploads in this world');
  const here = { ...first.here, writtenBytes, arrivingBytes: gb(0.1), promisedBytes: gb(24) };
  return {
    friends: [{ ...first, here }, ...others],
    hosted: now.hosted.map((plot) =>
      plot.owner === first.owner ? { ...plot, writtenBytes } : plot,
    ),
    offer: { ...now.offer, writtenBytes: gb(231 + push / 10) },
  };
}

async function measureUpload(
  ben: ChildHome,
  upload: () => Promise<unknown>,
): Promise<WindowFigure> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    await ben.call('settings.set', { welcomed: true });
    const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
    await page.goto(ben.ready.web);
    await page.locator('.bed').waitFor();
    await page.waitForTimeout(1000);
    return await longTasks(page, 'two real cores, full speed', upload);
  } finally {
    await browser.close();
  }
}

async function measureRows(browser: MockedBrowser): Promise<WindowFigure> {
  const world = worlds['ten thousand decisions']();
  const { page, mock, close } = await browser.open(world, {
    path: 'activity',
    isMeasured: true,
  });
  let most = 0;
  for (let step = 0; step < 40; step += 1) {
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await mock.settled();
    most = Math.max(most, await page.locator('[aria-posinset]').count());
  }
  await close();
  return {
    what: 'window: rows of the log mounted at once',
    ours: `${most}`,
    wanted: `${ROWS} at most`,
    ratio: ROWS / most,
  };
}

type Task = { readonly startMs: number; readonly durationMs: number };

declare global {
  interface Window {
    benchTasks: Task[];
    /** When the largest thing on the screen was painted. */
    benchPaintedMs: number;
  }
}

/** Runs in the page; what was before is told as well. */
function watchTasks(): void {
  window.benchTasks = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries())
      window.benchTasks.push({ startMs: startTime, durationMs: duration });
  }).observe({ type: 'longtask', buffered: true });
  window.benchPaintedMs = 0;
  new PerformanceObserver((list) => {
    window.benchPaintedMs = list.getEntries().at(-1)?.startTime ?? 0;
  }).observe({ type: 'largest-contentful-paint', buffered: true });
}

/** An event of Chromium's trace: microseconds by the clock, and of the thread's own work. */
type Traced = {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
};

/**
 * Tasks of the page's main thread while `act` goes on. On a machine whose cores are all busy the clock
 * also counts what others did meanwhile; what is held against us is our own work.
 */
async function longTasks(
  page: Page,
  how: string,
  act: () => Promise<unknown>,
): Promise<WindowFigure> {
  const chrome = await page.context().browser()?.newBrowserCDPSession();
  if (chrome === undefined) throw new Error('the page has no browser');
  const traced: Traced[] = [];
  chrome.on('Tracing.dataCollected', ({ value }) => {
    traced.push(...(value as unknown as Traced[]));
  });
  const complete = new Promise((done) => chrome.once('Tracing.tracingComplete', done));
  const traceConfig = { includedCategories: ['toplevel', 'disabled-by-default-devtools.timeline'] };
  await chrome.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig });
  await act();
  await chrome.send('Tracing.end');
  await complete;
  await chrome.detach();
  const isMain = ({ name, args }: Traced) =>
    name === 'thread_name' && args.name === 'CrRendererMain';
  const mains = new Set(traced.filter(isMain).map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = traced.filter(
    ({ name, pid, tid }) => name === 'RunTask' && mains.has(`${pid} ${tid}`),
  );
  const ownMs = Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1000));
  const long = tasks.filter(({ dur = 0 }) => dur > LONG_TASK_MS * 1000).length;
  return {
    what: `window: longest task while a friend uploads (${how}), ms of its own work`,
    ours: ownMs.toFixed(0),
    wanted: `${LONG_TASK_MS} at most; ${long} of ${tasks.length} longer by the clock`,
    ratio: LONG_TASK_MS / ownMs,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

async function alone(): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'allotment-window-'));
  const homes: ChildHome[] = [];
  try {
    const ben = await startChildHome(join(place, 'ben'), 'Ben');
    const ana = await startChildHome(join(place, 'ana'), 'Ana');
    homes.push(ben, ana);
    await pairHomes(ana, ben);
    mkdirSync(join(place, 'spare'));
    await ben.call('offer.set', {
      folder: join(place, 'spare'),
      offerBytes: '40000000000',
      keepFreeBytes: '0',
    });
    await ben.call('policy.set', { policy: { guards: {}, grounds: [{ kind: 'always' }] } });
    makeCorpus(join(place, 'corpus'));
    const figures = await measureWindow(ben, async () => {
      await ana.call('sets.create', { name: 'all', folders: [join(place, 'corpus')], to: ['Ben'] });
      return ana.finish(await ana.call('sets.run', { name: 'all' }));
    });
    for (const { what, ours, wanted, ratio } of figures)
      process.stdout.write(`| ${what} | ${ours} | ${wanted} | ${ratio.toFixed(2)} |\n`);
  } finally {
    await Promise.all(homes.map((home) => home.stop()));
    rmSync(place, { recursive: true, force: true });
  }
}

if (import.meta.main) await alone();
