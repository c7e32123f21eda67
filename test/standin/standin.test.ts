import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasChromium } from './chromium.ts';
import { addressOf, launchApp, type LaunchedApp } from './launch-app.ts';
import {
  answerDialog,
  clickApplicationMenu,
  clickNotification,
  clickTray,
  clickTrayMenu,
  dismissNotification,
  menuLines,
  power,
  recorded,
  tray,
} from './surfaces.ts';

/** The stand-in itself, with a small main and preload: whatever the app's specs rely on. */
const MAIN = join(import.meta.dirname, 'fixtures', 'main.ts');
const PRELOAD = join(import.meta.dirname, 'fixtures', 'preload.cjs');

type Fixture = {
  readonly ask: (channel: string, ...args: unknown[]) => Promise<unknown>;
  readonly add: (a: number, b: number) => number;
  readonly fail: () => void;
  readonly onTick: (listener: (value: unknown) => void) => () => void;
};
declare global {
  var fixture: Fixture & { readonly told: readonly string[] };
}

describe.skipIf(!hasChromium)('The stand-in (skipped where Chromium is not installed)', () => {
  let home: string;
  let app: LaunchedApp;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'allotment-standin-'));
  });
  afterEach(async () => {
    await app.close();
    await rm(home, { recursive: true, force: true });
  });

  async function launch(
    env: Record<string, string> = {},
    more: Partial<Parameters<typeof launchApp>[0]> = {},
  ): Promise<void> {
    app = await launchApp({ home, main: MAIN, env, ...more });
  }
  async function launchWithWindow(): Promise<Page> {
    await launch();
    return app.firstWindow();
  }
  const told = () => app.evaluate(() => globalThis.fixture.told);
  const ask = (page: Page, channel: string, ...args: unknown[]) =>
    page.evaluate(
      ([name, rest]) =>
        globalThis.fixture.ask(name, ...rest).catch((error: Error) => error.message),
      [channel, args] as const,
    );

  test('the preload has a world of its own and shows the page nothing but its bridge', async () => {
    const page = await launchWithWindow();
    const seen = await page.evaluate(() => [
      'secretOfThePreload' in window,
      'require' in window,
      '__standinPost' in window,
      Object.isFrozen(window.fixture),
      window.fixture.add(40, 2),
    ]);
    expect(seen).toEqual([false, false, false, true, 42]);
    const failure = page.evaluate(() => window.fixture.fail());
    await expect(failure).rejects.toThrow('from the preload');
  });

  test('a call reaches main with its sender, and comes back cloned', async () => {
    const page = await launchWithWindow();
    expect(await ask(page, 'who')).toEqual(['app://fixture/index.html#/home', 1]);
    const value = await page.evaluate(async () => {
      const sent = {
        when: new Date(5),
        big: 2n ** 70n,
        bytes: new Uint8Array([1, 2]),
        no: undefined,
      };
      const back = (await window.fixture.ask('echo', sent)) as typeof sent;
      return [back.when.getTime(), String(back.big), back.bytes.join(), 'no' in back];
    });
    expect(value).toEqual([5, String(2n ** 70n), '1,2', true]);
    expect(await ask(page, 'nobody')).toContain("No handler registered for 'nobody'");
    const uncloneable = page.evaluate(() => window.fixture.ask('echo', () => 1).catch(String));
    expect(await uncloneable).toContain('could not be cloned');
  });

  test('a foreign page with the same preload is known by its address', async () => {
    const page = await launchWithWindow();
    expect(await ask(page, 'guarded')).toBe('welcome');
    const opening = app.waitForEvent('window');
    await app.evaluate(({ BrowserWindow }, preload) => {
      const window = new BrowserWindow({ webPreferences: { preload } });
      return window.loadURL('data:text/html,<p>elsewhere');
    }, PRELOAD);
    expect(await ask(await opening, 'guarded')).toContain('refused');
  });

  test('app:// is served by its handler, in a secure context and under its policy', async () => {
    const page = await launchWithWindow();
    expect(addressOf(page)).toBe('app://fixture/index.html#/home');
    await page.getByRole('heading', { name: 'Hello' }).waitFor();
    expect(await page.evaluate(() => [isSecureContext, document.body.dataset['script']])).toEqual([
      true,
      'ran',
    ]);
    const violation = await page.evaluate(() => {
      const seen = new Promise<string>((resolve) =>
        document.addEventListener('securitypolicyviolation', (event) =>
          resolve(event.effectiveDirective),
        ),
      );
      const script = document.createElement('script');
      script.textContent = 'window.hacked = 1';
      document.body.append(script);
      return seen;
    });
    expect(violation).toBe('script-src-elem');
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    const missing = await page.evaluate(async () => (await fetch('missing.txt')).status);
    expect(missing).toBe(404);
  });

  test('where the page wants to go and what it wants to open is put to main, and refused', async () => {
    const page = await launchWithWindow();
    await page.evaluate(() => {
      location.href = 'https://evil.example/';
    });
    await expect.poll(told).toContain('navigate https://evil.example/');
    expect(await page.evaluate(() => window.open('https://evil.example/a'))).toBe(null);
    await expect.poll(told).toContain('open https://evil.example/a');
    await page.evaluate(() => {
      document.body.innerHTML = '<a target="_blank" href="https://evil.example/b">out</a>';
    });
    await page.getByText('out').click();
    await expect.poll(told).toContain('open https://evil.example/b');
    await expect.poll(() => app.windows().length).toBe(1);
    expect(addressOf(page)).toBe('app://fixture/index.html#/home');
  });

  test('what a page may do is what main grants', async () => {
    const page = await launchWithWindow();
    const state = await page.evaluate(
      async () => (await navigator.permissions.query({ name: 'notifications' })).state,
    );
    expect(state).toBe('denied');
  });

  test('two windows have two senders, and both hear what main says', async () => {
    const first = await launchWithWindow();
    const opening = app.waitForEvent('window');
    await clickTray(app);
    const second = await opening;
    for (const page of [first, second])
      await page.evaluate(() => {
        window.fixture.onTick((value) => {
          document.title = `tick ${String(value)}`;
        });
      });
    const [, id] = (await ask(second, 'who')) as [string, number];
    expect(id).toBe(2);
    await ask(second, 'tick');
    await expect
      .poll(() => Promise.all([first.title(), second.title()]))
      .toEqual(['tick 2', 'tick 2']);
  });

  test('tray, menu, notification and dialog are written down and can be used', async () => {
    await launch({}, { args: ['--hidden'] });
    await expect.poll(async () => (await tray(app))?.toolTip).toBe('all is well');
    expect(menuLines((await tray(app))?.menu ?? [])).toEqual([
      'Sharing 50 GB',
      '—',
      'Pause',
      '  For an hour',
      'Ask',
      'Quit',
    ]);
    await clickTrayMenu(app, 'pause-hour');
    expect((await recorded(app)).notifications).toMatchObject([
      { title: 'Paused', body: 'For an hour.', state: 'shown' },
    ]);
    await clickNotification(app);
    await dismissNotification(app);
    expect(await told()).toEqual(['notification clicked', 'notification closed']);
    await clickApplicationMenu(app, 'Help');
    expect(await told()).toContain('help');
    await expect(clickTrayMenu(app, 'Sharing 50 GB')).rejects.toThrow("can't be chosen");

    await clickTrayMenu(app, 'Ask');
    expect((await recorded(app)).dialogs).toMatchObject([
      { kind: 'message', message: 'Quit?', buttons: ['Yes', 'No'], answered: false },
    ]);
    await answerDialog(app, { response: 1 });
    await expect.poll(async () => (await tray(app))?.toolTip).toBe('answer 1');
    expect((await recorded(app)).dialogs[0]?.answered).toBe(true);
  });

  test('power comes and goes when a test says so', async () => {
    await launch({}, { args: ['--hidden'], pretence: { onBattery: true } });
    await expect.poll(async () => (await tray(app)) !== undefined).toBe(true);
    const onBattery = () => app.evaluate(({ powerMonitor }) => powerMonitor.isOnBatteryPower());
    expect(await onBattery()).toBe(true);
    await power(app, 'on-ac');
    expect(await onBattery()).toBe(false);
    await power(app, 'resume');
    expect(await told()).toContain('resumed');
  });

  test('a desktop without a tray and a machine without a key ring can be had', async () => {
    await launch({ STANDIN_TRAY: 'fails' }, { args: ['--hidden'], pretence: { keyring: 'none' } });
    await expect.poll(told).toContain('no tray');
    const keyring = app.evaluate(({ safeStorage }) => safeStorage.isAsyncEncryptionAvailable());
    expect(await keyring).toBe(false);
  });

  test('a second launch gets no lock, ends, and is told to the first', async () => {
    await launch({}, { args: ['--hidden'] });
    await expect.poll(async () => (await tray(app)) !== undefined).toBe(true);
    const opening = app.waitForEvent('window');
    expect(await app.launchAgain(['--page=friends'])).toMatchObject({ code: 7 });
    await opening;
    expect(await told()).toContain('second --page=friends');
  });

  test('a window that main hides on closing is hidden, and comes again', async () => {
    await launch({ FIXTURE_HIDES: '1' });
    await app.firstWindow();
    const isVisible = () =>
      app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((w) => w.isVisible()));
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getFocusedWindow()?.close());
    expect(await isVisible()).toEqual([false]);
    await app.launchAgain();
    await expect.poll(isVisible).toEqual([true]);
  });

  test('a closed window is gone, the app is not, and a new one has the old one’s size', async () => {
    const page = await launchWithWindow();
    await app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      window?.setBounds({ width: 1000, height: 700 });
      window?.close();
    });
    await expect.poll(told).toContain('all closed');
    await expect.poll(() => page.isClosed()).toBe(true);
    const opening = app.waitForEvent('window');
    await clickTray(app);
    await opening;
    const bounds = app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map((each) => each.getBounds()),
    );
    expect(await bounds).toMatchObject([{ width: 1000, height: 700 }]);
  });

  test('the theme that main chooses is what pages see', async () => {
    const page = await launchWithWindow();
    const isDark = () => page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
    expect(await isDark()).toBe(false);
    await app.evaluate(({ nativeTheme }) => {
      nativeTheme.themeSource = 'dark';
    });
    await expect.poll(isDark).toBe(true);
  });

  test('a page that crashes is told to main, which can bring it back', async () => {
    await launchWithWindow();
    await app.evaluate(({ webContents }) => webContents.fromId(1)?.forcefullyCrashRenderer());
    await expect.poll(told).toContain('gone crashed');
    const heading = () =>
      app.evaluate(({ webContents }) =>
        webContents.fromId(1)?.executeJavaScript('document.querySelector("h1")?.textContent'),
      );
    await expect.poll(heading).toBe('Hello');
  });

  test('quitting ends it with its code, and a kill ends it without one', async () => {
    await launchWithWindow();
    await clickTrayMenu(app, 'Quit');
    expect(await app.ended).toEqual({ code: 0, signal: null });
    await app.close();
    await launchWithWindow();
    await app.evaluate(({ app: running }) => running.exit(3));
    expect(await app.ended).toEqual({ code: 3, signal: null });
    await app.close();
    await launchWithWindow();
    app.process().kill('SIGKILL');
    expect(await app.ended).toEqual({ code: null, signal: 'SIGKILL' });
    await expect(app.evaluate(() => 1)).rejects.toThrow('the app has ended');
  });

  test('main’s failures and words are there to read', async () => {
    await launch({}, { args: ['--hidden'] });
    await app.evaluate(() => {
      setImmediate(() => {
        throw new Error('main fell over');
      });
    });
    expect((await app.ended).code).not.toBe(0);
    await expect.poll(() => app.output()).toContain('main fell over');
  });
});
