import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../fakes/homes.ts';
import { addressOf, canLaunch, onElectron } from '../standin/launch-app.ts';
import {
  answerDialog,
  clickTray,
  clickTrayMenu,
  menuLines,
  recorded,
  tray,
} from '../standin/surfaces.ts';
import { type Desk, setUpDesk, TIME, untilMenu, untilToolTip } from './desk.ts';

const HOSTILE = '\u202e<img src=x onerror="alert(1)">👩‍👩‍👧‍👧 of the very long name';

describe.skipIf(!canLaunch)('the tray (skipped where there can be none)', TIME, () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await setUpDesk();
  });
  afterEach(() => desk.clear());

  const windows = () =>
    desk.app().evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
  const close = () =>
    desk.app().evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  const untilClosed = () => until(async () => ((await windows()) === 0 ? true : undefined));

  test('says how it is, who has how much, and pauses and resumes', async () => {
    const app = await desk.launch();
    await desk.offer();
    await desk.friend('Anna');
    const anna = await untilMenu(app, (lines) => lines.some((line) => line.startsWith('Anna')));
    expect(anna).toEqual([
      'All is well',
      '0 B of 20 GB used',
      '—',
      'Anna: 0 B of 20 GB',
      '—',
      'Open Allotment',
      'Pause sharing',
      '  For an hour',
      '  Until tomorrow',
      'Settings …',
      '—',
      'Quit Allotment',
    ]);
    const idle = await tray(app);
    expect(idle?.toolTip).toBe('Allotment: All is well, 0 B of 20 GB used');
    await clickTrayMenu(app, 'For an hour');
    const toolTip = await untilToolTip(app, 'Paused until');
    expect(toolTip).toMatch(/Paused until \d\d?:\d\d/);
    const paused = await tray(app);
    expect(paused?.image).not.toBe(idle?.image);
    expect(menuLines(paused?.menu ?? [])).toContain('Resume sharing');
    expect((await desk.call('status.get', {})).pausedUntilMs).toBeGreaterThan(Date.now());
    await clickTrayMenu(app, 'Resume sharing');
    await untilToolTip(app, 'All is well');
    expect((await tray(app))?.image).toBe(idle?.image);
  });

  test('leads to a friend’s page, and shows a hostile name as short, inert text', async () => {
    const app = await desk.launch();
    await desk.offer();
    await desk.friend(HOSTILE);
    const lines = await untilMenu(app, (all) => all.some((line) => line.includes('img src')));
    const line = lines.find((each) => each.includes('img src')) ?? '';
    expect(line).toMatch(/^<img src=x onerror="ale…: 0 B of 20 GB$/);
    await clickTrayMenu(app, line);
    const page = await desk.window();
    await until(() => (/#\/friends\/[a-z2-7]{52}$/.test(addressOf(page)) ? true : undefined));
  });

  test('keeps the app when the window is closed, says so once, and brings the window back', async () => {
    const app = await desk.launch({ settings: { trayHintShown: false } });
    await desk.window();
    await until(async () => ((await tray(app)) === undefined ? undefined : true));
    await desk.call('settings.get', {});
    await untilToolTip(app, 'Nothing is shared yet');
    await close();
    await untilClosed();
    const [hint] = await until(async () => {
      const { notifications } = await recorded(app);
      return notifications.length > 0 ? notifications : undefined;
    });
    expect(hint).toMatchObject({ title: 'Allotment keeps running', state: 'shown' });
    await clickTray(app);
    await desk.window();
    expect(await desk.call('settings.get', {})).toMatchObject({ trayHintShown: true });
    await close();
    await untilClosed();
    expect((await recorded(app)).notifications).toHaveLength(1);
    expect((await recorded(app)).dialogs).toEqual([]);
  });

  test('told in a dialog where the system shows no notifications', async () => {
    const app = await desk.launch({
      settings: { trayHintShown: false },
      pretence: { notifications: 'none' },
    });
    await desk.window();
    await untilToolTip(app, 'Nothing is shared yet');
    await close();
    const [hint] = await until(async () => {
      const { dialogs } = await recorded(app);
      return dialogs.length > 0 ? dialogs : undefined;
    });
    expect(hint).toMatchObject({ message: 'Allotment keeps running', buttons: ['Got it'] });
  });

  test('draws its icon for a dark panel where the system is dark', async () => {
    const app = await desk.launch({ args: ['--hidden'] });
    await untilToolTip(app, 'Nothing is shared yet');
    const light = (await tray(app))?.image;
    expect(light).toMatch(/^data:image\/png;base64,/);
    await app.evaluate(({ nativeTheme }) => {
      Object.defineProperty(nativeTheme, 'shouldUseDarkColors', {
        configurable: true,
        value: true,
      });
      nativeTheme.emit('updated');
    });
    await until(async () => ((await tray(app))?.image === light ? undefined : true));
  });

  // Real Electron makes a tray on every desktop; whether anybody shows it, only a desktop can tell.
  describe.skipIf(onElectron)('that is missing (the stand-in’s to pretend)', () => {
    const env = { STANDIN_TRAY: 'fails' };

    test('closing asks whether to go on, keeps to the answer, and a second launch shows the window', async () => {
      const app = await desk.launch({ env, settings: { trayHintShown: false } });
      await desk.window();
      // The wizard and the settings say what was found out, not what was expected.
      expect((await desk.call('status.get', {})).shell.hasTray).toBe(false);
      await untilAsked(async () => {
        await close();
        return (await recorded(app)).dialogs.length > 0;
      });
      expect(await windows()).toBe(1);
      const [question] = (await recorded(app)).dialogs;
      expect(question).toMatchObject({
        message: 'Keep Allotment running?',
        buttons: ['Keep running', 'Quit Allotment', 'Cancel'],
        cancelId: 2,
      });
      await answerDialog(app, { response: 0 });
      await untilClosed();
      expect(await app.launchAgain()).toMatchObject({ code: 0 });
      await desk.window();
      expect(await desk.call('settings.get', {})).toMatchObject({ trayHintShown: true });
      await close();
      await untilClosed();
      expect((await recorded(app)).dialogs).toHaveLength(1);
    });

    test('closing can also quit', async () => {
      const app = await desk.launch({ env, settings: { trayHintShown: false } });
      await desk.window();
      await answerDialog(app, { response: 1 });
      await untilAsked(async () => {
        await close().catch(() => undefined);
        return recorded(app).then(
          ({ dialogs }) => dialogs.length > 0,
          () => true,
        );
      });
      expect(await app.ended).toEqual({ code: 0, signal: null });
    });

    /** The settings reach the shell a moment after the window is there; before that it closes as told long ago. */
    async function untilAsked(isAsked: () => Promise<boolean>): Promise<void> {
      await until(async () => ((await isAsked()) ? true : undefined));
    }
  });
});
