import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bridgeMessages } from '../../shared/contract/bridge.ts';
import { until } from '../fakes/homes.ts';
import { canLaunch } from '../standin/launch-app.ts';
import { answerDialog, recorded } from '../standin/surfaces.ts';
import { type Desk, setUpDesk, TIME } from './desk.ts';

const PRELOAD = join(import.meta.dirname, '..', '..', 'out', 'preload', 'preload.cjs');

describe.skipIf(!canLaunch)('the calls of a page (skipped where none can be shown)', TIME, () => {
  let desk: Desk;
  let page: Page;
  beforeAll(async () => {
    desk = await setUpDesk();
    await desk.launch();
    page = await desk.window();
  }, TIME.timeout);
  afterAll(() => desk.clear());

  const ask = (from: Page, channel: unknown, args: unknown) =>
    from.evaluate(
      ([name, given]) =>
        globalThis.allotment
          .call(name as string, given)
          .catch((error: Error) => `rejected: ${error.message}`),
      [channel, args] as const,
    );
  const refusals = () => desk.app().output().split('refused').length - 1;

  test('is what the contract has, and the page gets four functions for it and nothing of Electron', async () => {
    expect(await ask(page, 'settings.get', {})).toMatchObject({
      ok: true,
      value: { name: 'Ben' },
    });
    const seen = await page.evaluate(() => ({
      functions: Object.keys(globalThis.allotment).sort(),
      isFrozen: Object.isFrozen(globalThis.allotment),
      globals: ['require', 'process', 'module', 'ipcRenderer', 'electron'].filter(
        (name) => name in globalThis,
      ),
    }));
    expect(seen).toEqual({
      functions: ['call', 'onEvent', 'onPage', 'pickFolder'],
      isFrozen: true,
      globals: [],
    });
  });

  test.each([
    ['an unknown channel', 'plots.delete-all', {}],
    ['a channel that only looks like one', '__proto__', {}],
    ['an argument of a wrong type', 'settings.set', { theme: 7 }],
    ['an argument that nobody asked for', 'settings.set', { theme: 'dark', more: true }],
    ['no argument where one is needed', 'friends.block', null],
    ['a list where an object belongs', 'settings.set', [1, 2]],
  ])('%s is refused, logged, and nothing happens', async (_what, channel, args) => {
    const before = await desk.call('settings.get', {});
    const logged = refusals();
    expect(await ask(page, channel, args)).toMatchObject({
      ok: false,
      fault: { code: 'bad-arguments' },
    });
    await until(() => (refusals() > logged ? true : undefined));
    expect(await desk.call('settings.get', {})).toEqual(before);
  });

  test.each([[7], [null], [{ toString: 'x' }]])(
    'a channel that is no text is refused: %j',
    async (channel) => {
      const logged = refusals();
      expect(await ask(page, channel, {})).toMatch(/^rejected/);
      await until(() => (refusals() > logged ? true : undefined));
    },
  );

  test('a page of somebody else’s is refused, though it has the preload', async () => {
    const opened = desk.app().waitForEvent('window');
    await desk.app().evaluate(({ BrowserWindow }, preload) => {
      const window = new BrowserWindow({ webPreferences: { preload } });
      void window.loadURL('data:text/html,<title>stranger</title>');
    }, PRELOAD);
    const stranger = await opened;
    await stranger.waitForFunction(() => 'allotment' in globalThis);
    const logged = refusals();
    expect(await ask(stranger, 'settings.set', { theme: 'dark' })).toMatch(/^rejected.*refused/);
    const picked = await stranger.evaluate(() => {
      const events: unknown[] = [];
      globalThis.allotment.onEvent((event) => void events.push(event));
      // What main sends comes in order: with the page that is sent last, all events have come.
      const all = new Promise<unknown>((resolve) => {
        globalThis.allotment.onPage(() => resolve(events));
      });
      Object.assign(globalThis, { all });
      return globalThis.allotment.pickFolder('/').catch(() => 'rejected');
    });
    expect(picked).toBe('rejected');
    await until(() => (refusals() >= logged + 3 ? true : undefined));
    expect(await desk.call('settings.get', {})).toMatchObject({ theme: 'system' });
    expect((await recorded(desk.app())).dialogs).toEqual([]);
    // Events go to Ben's window and not to the stranger's.
    const told = page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          const stop = globalThis.allotment.onEvent((event) => {
            if (event?.changed.settings?.units !== 'binary') return;
            stop();
            resolve();
          });
          void globalThis.allotment.call('settings.set', { units: 'binary' });
        }),
    );
    await told;
    await desk.app().evaluate(
      ({ BrowserWindow }, channel) =>
        BrowserWindow.getAllWindows()
          .find((window) => window.webContents.getURL().startsWith('data:'))
          ?.webContents.send(channel, 'home'),
      bridgeMessages.page,
    );
    const heard = stranger.evaluate(() => (globalThis as unknown as { all: unknown }).all);
    expect(await heard).toEqual([]);
    await desk.app().evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()
        .find((window) => window.webContents.getURL().startsWith('data:'))
        ?.destroy(),
    );
  });

  test('events come while somebody listens', async () => {
    const heard = page.evaluate(
      () =>
        new Promise<unknown>((resolve) => {
          const stop = globalThis.allotment.onEvent((event) => {
            if (event?.changed.settings?.units !== 'decimal') return;
            stop();
            resolve(event.changed.settings);
          });
          void globalThis.allotment.call('settings.set', { units: 'decimal' });
        }),
    );
    expect(await heard).toMatchObject({ name: 'Ben', units: 'decimal' });
  });

  test('a folder is picked in the system’s own dialog', async () => {
    const app = desk.app();
    const pick = (startAt: unknown) =>
      page.evaluate(
        (at) => globalThis.allotment.pickFolder(at as string).catch(() => 'rejected'),
        startAt,
      );
    await answerDialog(app, { filePaths: ['/srv/spare'] });
    expect(await pick('/srv')).toBe('/srv/spare');
    await answerDialog(app, { canceled: true });
    expect(await pick('')).toBeNull();
    expect(await pick(7)).toBe('rejected');
    const { dialogs } = await recorded(app);
    expect(dialogs.map(({ kind, title }) => [kind, title])).toEqual([
      ['open', 'Choose a folder'],
      ['open', 'Choose a folder'],
    ]);
  });
});
