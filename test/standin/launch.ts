import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { startChromium } from './chromium.ts';
import {
  type Ended,
  endOf,
  type LaunchedApp,
  type LaunchOptions,
  outputOf,
} from './launched-app.ts';
import type { Question, Reply } from './test-door.ts';

/**
 * Launches a main on the stand-in: a Chromium of its own, Playwright attached to it for the test, and
 * Node for main, a process that can be killed like the real one.
 */
const PATIENCE_MS = 60_000;
const QUITTING_MS = 10_000;
const RUN_MAIN = fileURLToPath(new URL('./run-main.ts', import.meta.url));
const REGISTER = new URL('./register.ts', import.meta.url).href;

export async function launchStandin(options: LaunchOptions): Promise<LaunchedApp> {
  const browser = await startChromium();
  const connected = await chromium.connectOverCDP(browser.url);
  const [context] = connected.contexts();
  if (context === undefined) throw new Error('Chromium has no context');
  const pages: Page[] = [];
  context.on('page', (page) => {
    pages.push(page);
    page.on('close', () => pages.splice(pages.indexOf(page), 1));
  });

  function start(args: readonly string[]) {
    return fork(RUN_MAIN, [options.main, ...options.args, ...args], {
      execPath: process.execPath,
      execArgv: ['--import', REGISTER],
      env: {
        ...options.env,
        STANDIN_CDP: browser.url,
        ALLOTMENT_PRETENCE: JSON.stringify(options.pretence),
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
  }

  const child = start([]);
  const output = outputOf(child);
  const ended: Promise<Ended> = endOf(child);
  const waiting = new Map<number, (reply: Reply) => void>();
  let lastId = 0;
  child.on('message', (reply: Reply) => {
    waiting.get(reply.evaluated)?.(reply);
    waiting.delete(reply.evaluated);
  });
  void ended.then(({ code }) => {
    for (const [evaluated, settle] of waiting) settle({ evaluated, error: endedWith(code) });
    waiting.clear();
  });
  const endedWith = (code: number | null) => `the app has ended (${code})\n${output()}`;

  async function ask(source: string, arg: unknown): Promise<unknown> {
    if (!child.connected) throw new Error(endedWith(child.exitCode));
    lastId += 1;
    const question: Question = { evaluate: lastId, source, arg };
    const reply = await new Promise<Reply>((resolve) => {
      waiting.set(question.evaluate, resolve);
      child.send(question);
    });
    if ('error' in reply) throw new Error(reply.error);
    return reply.value;
  }

  /** A window counts when it shows something; it begins as an empty page. */
  async function waitForPage(known: ReadonlySet<Page>): Promise<Page> {
    const endMs = Date.now() + PATIENCE_MS;
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    while (Date.now() < endMs && !isOver) {
      const page = pages.find((each) => !known.has(each) && each.url() !== 'about:blank');
      if (page !== undefined) {
        await page.waitForLoadState();
        return page;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`no window came${isOver ? ': the app has ended' : ''}\n${output()}`);
  }

  async function quit(): Promise<void> {
    // It may end before it has answered.
    ask('({ app }) => app.quit()', undefined).catch(() => undefined);
    const late = setTimeout(() => child.kill('SIGKILL'), QUITTING_MS);
    await ended;
    clearTimeout(late);
  }

  return {
    driver: 'standin',
    process: () => child,
    windows: () => pages.filter((page) => page.url() !== 'about:blank'),
    firstWindow: () => waitForPage(new Set()),
    waitForEvent: () => waitForPage(new Set(pages)),
    evaluate: async <R, A>(run: (electron: never, arg: A) => R | Promise<R>, arg?: A) =>
      (await ask(run.toString(), arg)) as R,
    launchAgain: (args = []) => endOf(start(args)),
    ended,
    output,
    close: async () => {
      await quit();
      await connected.close().catch(() => undefined);
      await browser.stop();
    },
  };
}
