import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasSandbox } from '../../electron/main/sandbox.ts';
import { until } from '../fakes/homes.ts';
import { addressOf, canLaunch, type LaunchedApp } from '../standin/launch-app.ts';
import { answerDialog, clickTray, clickTrayMenu, recorded } from '../standin/surfaces.ts';
import { type Desk, setUpDesk, TIME } from './desk.ts';

const sandboxSwitches = (app: LaunchedApp) =>
  app.evaluate(({ app: { commandLine } }) => ({
    enable: commandLine.hasSwitch('enable-sandbox'),
    no: commandLine.hasSwitch('no-sandbox'),
  }));

describe.skipIf(!canLaunch)('the window (skipped where nothing can show one)', TIME, () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await setUpDesk();
  });
  afterEach(() => desk.clear());

  /** What main knows of its windows. */
  const states = () =>
    desk.app().evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map((window) => ({
        isVisible: window.isVisible(),
        isMinimized: window.isMinimized(),
      })),
    );
  const closeWindow = async () => {
    await desk.app().evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    await until(async () => ((await states()).length === 0 ? true : undefined));
  };

  test('shows Home, and says nothing to the console', async () => {
    await desk.launch();
    const page = await desk.window();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.reload();
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.getByRole('navigation').first().waitFor();
    expect(addressOf(page)).toBe('app://allotment/index.html');
    expect(await states()).toEqual([{ isVisible: true, isMinimized: false }]);
    expect(complaints).toEqual([]);
  });

  test('started at login there is none, nor a place in the dock, until it is asked for from the tray', async () => {
    const app = await desk.launch({ args: ['--hidden'], env: { STANDIN_DOCK: '1' } });
    await until(async () => ((await recorded(app)).trays.length > 0 ? true : undefined));
    expect(await states()).toEqual([]);
    // Only macOS has a dock.
    const isInDock = () => app.evaluate(({ app: { dock } }) => dock?.isVisible() ?? null);
    expect([false, null]).toContain(await isInDock());
    await clickTray(app);
    await desk.window();
    expect(await states()).toHaveLength(1);
  });

  test('a second launch shows it, also when only the tray was left, and opens a page', async () => {
    const app = await desk.launch();
    await desk.window();
    await closeWindow();
    expect(await app.launchAgain(['--page=settings'])).toMatchObject({ code: 0 });
    const page = await desk.window();
    await until(() => (addressOf(page).endsWith('#/settings') ? true : undefined));
    expect(await states()).toHaveLength(1);
    // The window is there now: it goes to the page, and no second one opens.
    await app.launchAgain(['--page=friends']);
    await until(() => (addressOf(page).endsWith('#/friends') ? true : undefined));
    expect(await states()).toHaveLength(1);
  });

  test('a second launch brings it back from the task bar', async () => {
    const app = await desk.launch();
    await desk.window();
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.minimize());
    await app.launchAgain();
    await until(async () => ((await states())[0]?.isMinimized === false ? true : undefined));
  });

  test('the login item of an app that runs already opens nothing', async () => {
    const app = await desk.launch({ args: ['--hidden'] });
    await until(async () => ((await recorded(app)).trays.length > 0 ? true : undefined));
    await app.launchAgain(['--hidden']);
    await app.launchAgain(['--hidden', '--page=friends']);
    expect(await states()).toEqual([]);
  });

  /** Asked through main: for a test's own connection a page that broke once stays broken. */
  const inPage = <T>(code: string): Promise<T> =>
    desk
      .app()
      .evaluate(
        ({ BrowserWindow }, source) =>
          BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(source) as Promise<never>,
        code,
      );
  const breakWindow = () =>
    desk
      .app()
      .evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
      );
  const untilItShows = () =>
    until(async () =>
      (await inPage<boolean>('document.querySelector("nav") !== null').catch(() => false))
        ? true
        : undefined,
    );
  const timesGone = () => desk.app().output().split('process is gone').length - 1;

  test('comes back by itself, on the same page, when its process breaks', async () => {
    const app = await desk.launch({ args: ['--page=settings'] });
    await desk.window();
    await breakWindow();
    await until(() => (timesGone() === 1 ? true : undefined));
    await untilItShows();
    expect(await inPage('location.hash')).toBe('#/settings');
    const asked = 'globalThis.allotment.call("settings.get", {})';
    expect(await inPage(asked)).toMatchObject({ value: { name: 'Ben' } });
    expect((await recorded(app)).dialogs).toEqual([]);
  });

  test('that breaks again and again is closed, and opened only if the person wants it', async () => {
    const app = await desk.launch();
    await desk.window();
    for (let times = 1; times <= 3; times += 1) {
      await untilItShows();
      await breakWindow();
      await until(() => (timesGone() === times ? true : undefined));
    }
    const [question] = await until(async () => {
      const { dialogs } = await recorded(app);
      return dialogs.length > 0 ? dialogs : undefined;
    });
    expect(question).toMatchObject({ message: 'The window broke several times' });
    expect(await states()).toEqual([]);
    await answerDialog(app, { response: 0 });
    await until(async () => ((await states()).length === 1 ? true : undefined));
    await untilItShows();
  });

  test('comes back where it was', async () => {
    const app = await desk.launch();
    await desk.window();
    const bounds = () =>
      desk.app().evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds());
    const chosen = { x: 60, y: 50, width: 900, height: 640 };
    await app.evaluate(
      ({ BrowserWindow }, wanted) => BrowserWindow.getAllWindows()[0]?.setBounds(wanted),
      chosen,
    );
    const kept = await bounds();
    await closeWindow();
    await clickTray(app);
    await desk.window();
    expect(await bounds()).toEqual(kept);
    await app.close();
    await desk.launch();
    await desk.window();
    expect(await bounds()).toMatchObject({ width: 900, height: 640 });
  });

  test('follows the theme that the person chose, and the system when they choose none', async () => {
    await desk.launch();
    const page = await desk.window();
    const isDark = () => page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
    const source = () => desk.app().evaluate(({ nativeTheme }) => nativeTheme.themeSource);
    await desk.call('settings.set', { theme: 'dark' });
    await until(async () => ((await isDark()) ? true : undefined));
    expect(await source()).toBe('dark');
    await desk.call('settings.set', { theme: 'light' });
    await until(async () => ((await isDark()) ? undefined : true));
    await desk.call('settings.set', { theme: 'system' });
    await until(async () => ((await source()) === 'system' ? true : undefined));
  });

  test('leads nowhere else: no other page, no second window, no permission', async () => {
    const app = await desk.launch();
    const page = await desk.window();
    const before = addressOf(page);
    expect(await page.evaluate(() => window.open('https://evil.example/') === null)).toBe(true);
    await until(() => (app.output().includes('"what":"new window"') ? true : undefined));
    await page.evaluate(() => {
      location.href = 'https://evil.example/';
    });
    await until(() => (app.output().includes('"what":"navigation"') ? true : undefined));
    expect(addressOf(page)).toBe(before);
    const permission = await page.evaluate(() =>
      navigator.permissions.query({ name: 'geolocation' }).then(({ state }) => state),
    );
    expect(permission).toBe('denied');
    const violations = page.evaluate(
      () =>
        new Promise<readonly string[]>((resolve) => {
          const directives: string[] = [];
          document.addEventListener('securitypolicyviolation', (event) => {
            directives.push(event.effectiveDirective);
            if (directives.length === 2) resolve(directives);
          });
          const element = document.createElement('script');
          element.textContent = 'globalThis.hacked = true';
          document.body.append(element);
          fetch('https://evil.example/').catch(() => undefined);
        }),
    );
    expect((await violations).toSorted()).toEqual(['connect-src', 'script-src-elem']);
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
    expect(await states()).toHaveLength(1);
  });

  test('and whatever else there is of Chromium fetches nothing, even for main itself', async () => {
    const app = await desk.launch();
    await desk.window();
    const failed = await app.evaluate(async ({ BrowserWindow }) => {
      const other = new BrowserWindow({ show: false });
      const error = await other.loadURL('https://evil.example/').then(
        () => 'loaded',
        (reason: Error) => reason.message,
      );
      other.destroy();
      return error;
    });
    expect(failed).toContain('ERR_BLOCKED_BY_CLIENT');
    await until(() => (app.output().includes('"what":"request"') ? true : undefined));
    await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.downloadURL('app://allotment/index.html'),
    );
    await until(() => (app.output().includes('"what":"download"') ? true : undefined));
    // Root's tests on real Electron ask for no sandbox.
    const { enable, no } = await sandboxSwitches(app);
    expect(enable).toBe(!no);
  });

  test('and is out of the sandbox only where a start asks for that and there can be none', async () => {
    const app = await desk.launch({ args: ['--hidden', '--no-sandbox'] });
    // Only now has main said all that it says before Electron is ready.
    await until(async () => ((await recorded(app)).trays.length > 0 ? true : undefined));
    const can = process.platform !== 'linux' || hasSandbox();
    expect(await sandboxSwitches(app)).toEqual({ enable: can, no: !can });
  });

  test('opens the settings from the tray', async () => {
    const app = await desk.launch({ args: ['--hidden'] });
    await until(async () => ((await recorded(app)).trays.length > 0 ? true : undefined));
    await clickTrayMenu(app, 'Settings …');
    const page = await desk.window();
    await until(() => (addressOf(page).endsWith('#/settings') ? true : undefined));
  });
});
