import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TestHome, until } from '../fakes/homes.ts';
import { addressOf, canLaunch, type LaunchedApp } from '../standin/launch-app.ts';
import {
  clickNotification,
  clickTrayMenu,
  pressNotification,
  recorded,
} from '../standin/surfaces.ts';
import { type Desk, setUpDesk, TIME, untilMenu, untilToolTip } from './desk.ts';

const HOSTILE = '<b>\u202eEve</b> & a name far too long for any line';

describe.skipIf(!canLaunch)('notifications (skipped where nothing can show them)', TIME, () => {
  let desk: Desk;
  let app: LaunchedApp;
  beforeEach(async () => {
    desk = await setUpDesk();
    app = await desk.launch();
  }, TIME.timeout);
  afterEach(() => desk.clear());

  const untilShown = (count: number) =>
    until(async () => {
      const { notifications } = await recorded(app);
      return notifications.length >= count ? notifications : undefined;
    });
  const setFocus = (isWanted: boolean) =>
    app.evaluate(({ BrowserWindow }, wanted) => {
      const [window] = BrowserWindow.getAllWindows();
      if (wanted) window?.focus();
      else window?.blur();
    }, isWanted);
  /** More than is there: refused, and something that Ben should hear of. */
  const askTooMuch = (friend: TestHome) =>
    friend.call('allocations.ask', { friend: 'Ben', size: '90000000000', durationS: 86_400 });
  test('a refused request is shown, and a click opens the friend’s page', async () => {
    await desk.offer();
    const anna = await desk.friend('Anna');
    await setFocus(false);
    await askTooMuch(anna);
    const shown = await untilShown(1);
    const refused = shown.find(({ body, title }) => `${title} ${body}`.includes('Anna'));
    expect(refused).toMatchObject({ state: 'shown' });
    await untilToolTip(app, 'Anna');
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    await until(() => (app.windows().every((page) => page.isClosed()) ? true : undefined));
    await clickNotification(app, shown.indexOf(refused as never));
    const page = await desk.window();
    await until(() => (/#\/friends\/[a-z2-7]{52}$/.test(addressOf(page)) ? true : undefined));
  });

  /** Ben wants to be asked before anything is given, and Anna asks. */
  const annaAsks = async () => {
    await desk.offer();
    const grounds = [{ kind: 'fair-share', weight: 1 }] as const;
    await desk.call('policy.set', {
      policy: { guards: { askAboveBytes: '0' }, grounds: [...grounds] },
    });
    const anna = await desk.friend('Anna');
    await setFocus(false);
    const ask = { friend: 'Ben', size: '1000000000', durationS: 86_400 } as const;
    expect(await anna.call('allocations.ask', ask)).toMatchObject({ type: 'pending' });
    const shown = await until(async () => {
      const { notifications } = await recorded(app);
      const index = notifications.findIndex(({ title }) => title.includes('Anna asks'));
      return index < 0 ? undefined : { index, ...notifications[index] };
    });
    const said = () =>
      until(async () => {
        const [request] = await desk.call('requests.list', {});
        return request === undefined || request.answered === null ? undefined : request.answered;
      });
    return { shown, said };
  };

  test('a friend who asks is answered in the notification itself, where the system has buttons', async () => {
    // Read whenever one is shown, so that every system's ways can be tried on any.
    await app.evaluate(() => {
      Object.defineProperty(process, 'platform', { value: 'darwin' });
    });
    const { shown, said } = await annaAsks();
    expect(shown.actions).toEqual(['Yes', 'No']);
    await pressNotification(app, 1, shown.index);
    expect(await said()).toBe(false);
  });

  test('elsewhere the tray’s menu has the two words, until one was said', async () => {
    const { shown, said } = await annaAsks();
    if (process.platform !== 'darwin') expect(shown.actions).toEqual([]);
    const lines = await untilMenu(app, (all) => all.some((line) => line.includes('asks for')));
    // It is also the most pressing there is, which stands on top.
    const at = lines.lastIndexOf('Anna asks for 1 GB');
    expect(lines.slice(at, at + 5)).toEqual([
      'Anna asks for 1 GB',
      '  Yes',
      '  No',
      '  —',
      '  Look at it …',
    ]);
    await clickTrayMenu(app, 'Yes');
    expect(await said()).toBe(true);
    await untilMenu(app, (all) => !all.some((line) => line.includes('asks for')));
  });

  test('none while the window is in front, and none of those afterwards', async () => {
    await desk.offer();
    const anna = await desk.friend('Anna');
    await setFocus(true);
    await askTooMuch(anna);
    await untilToolTip(app, 'Anna');
    await setFocus(false);
    // Something else is shown, so whatever was to come before it has come.
    const cleo = await desk.friend('Cleo');
    await askTooMuch(cleo);
    const shown = await untilShown(1);
    expect(shown.filter(({ title, body }) => `${title}${body}`.includes('Anna'))).toEqual([]);
  });

  test('one that can’t be shown is skipped, and the next one is shown', async () => {
    await desk.offer();
    const anna = await desk.friend('Anna');
    const cleo = await desk.friend('Cleo');
    await setFocus(false);
    await app.evaluate(({ Notification }) => {
      const { isSupported } = Notification;
      Notification.isSupported = () => {
        Notification.isSupported = isSupported;
        throw new Error('the notifications’ service is gone');
      };
    });
    await askTooMuch(anna);
    await until(() => (app.output().includes('a notice was not shown') ? true : undefined));
    await askTooMuch(cleo);
    const shown = await until(async () => {
      const { notifications } = await recorded(app);
      return notifications.find(({ title, body }) => `${title}${body}`.includes('Cleo'));
    });
    expect(shown.state).toBe('shown');
    expect((await recorded(app)).dialogs).toEqual([]);
  });

  test('none at all when they are switched off', async () => {
    await desk.offer();
    await desk.call('settings.set', { notifications: 'off' });
    const anna = await desk.friend('Anna');
    await setFocus(false);
    await askTooMuch(anna);
    await untilToolTip(app, 'Anna');
    await desk.call('settings.set', { notifications: 'warnings' });
    const cleo = await desk.friend('Cleo');
    await askTooMuch(cleo);
    const shown = await untilShown(1);
    expect(shown.filter(({ title, body }) => `${title}${body}`.includes('Anna'))).toEqual([]);
  });

  test('the newest of a kind takes the place of the older', async () => {
    await desk.offer();
    const anna = await desk.friend('Anna');
    const cleo = await desk.friend('Cleo');
    await setFocus(false);
    await askTooMuch(anna);
    await until(async () =>
      (await recorded(app)).notifications.find(({ body, title }) =>
        `${title}${body}`.includes('Anna'),
      ),
    );
    await askTooMuch(cleo);
    await until(async () => {
      const { notifications } = await recorded(app);
      const of = (name: string) =>
        notifications.filter(({ body, title }) => `${title}${body}`.includes(name));
      return of('Anna').every(({ state }) => state === 'closed') && of('Cleo').length === 1
        ? true
        : undefined;
    });
  });

  test('a hostile name is short, inert text', async () => {
    await desk.offer();
    const eve = await desk.friend(HOSTILE);
    await setFocus(false);
    await askTooMuch(eve);
    const shown = await until(async () => {
      const { notifications } = await recorded(app);
      return notifications.find(({ body, title }) => `${title}${body}`.includes('Eve'));
    });
    for (const text of [shown.title, shown.body]) {
      expect(text.length).toBeLessThanOrEqual(181);
      expect(text).not.toContain('\u202e');
      expect(text).not.toContain('too long for any line');
      if (process.platform === 'linux') expect(text).not.toMatch(/[<>]/);
    }
  });
});
