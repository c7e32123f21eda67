import type { LaunchedApp } from './launched-app.ts';
import type { MenuRecord, Recorded } from './recorded.ts';

/** What a person can see and do outside the window, as specs say it; the same on both drivers. */
export function recorded(app: LaunchedApp): Promise<Recorded> {
  return app.evaluate(() => globalThis.__recorder.recorded());
}

/** The tray as it is now; undefined where there is none. */
export async function tray(app: LaunchedApp): Promise<Recorded['trays'][number] | undefined> {
  return (await recorded(app)).trays.findLast((each) => !each.isDestroyed);
}

/** The labels of a menu, sub-menus indented, as a person reads them. */
export function menuLines(menu: readonly MenuRecord[], indent = ''): readonly string[] {
  return menu
    .filter((item) => item.visible)
    .flatMap((item) => [
      `${indent}${item.type === 'separator' ? '—' : item.label}`,
      ...menuLines(item.submenu, `${indent}  `),
    ]);
}

/** By id or by label. */
export function clickTrayMenu(app: LaunchedApp, which: string): Promise<void> {
  return app.evaluate((_, item) => globalThis.__recorder.clickMenu('tray', item), which);
}

export function clickApplicationMenu(app: LaunchedApp, which: string): Promise<void> {
  return app.evaluate((_, item) => globalThis.__recorder.clickMenu('application', item), which);
}

export function clickTray(app: LaunchedApp): Promise<void> {
  return app.evaluate(() => globalThis.__recorder.tell('tray', 0, 'click'));
}

/** The newest one, unless said otherwise. */
export function clickNotification(app: LaunchedApp, index = -1): Promise<void> {
  return app.evaluate((_, at) => globalThis.__recorder.tell('notification', at, 'click'), index);
}

/** Presses one of its buttons, by its place. */
export function pressNotification(app: LaunchedApp, button: number, index = -1): Promise<void> {
  return app.evaluate(
    (_, [at, actionIndex]) =>
      globalThis.__recorder.tell('notification', at, 'action', { actionIndex }),
    [index, button] as const,
  );
}

/** The person, or the system, makes it go away. */
export function dismissNotification(app: LaunchedApp, index = -1): Promise<void> {
  return app.evaluate((_, at) => globalThis.__recorder.tell('notification', at, 'close'), index);
}

/**
 * Answers the oldest dialog that stands there, or else the next one: `{ response: 1 }` for a question,
 * `{ filePaths: [...] }` or `{ canceled: true }` for a folder.
 */
export function answerDialog(
  app: LaunchedApp,
  answer: {
    readonly response?: number;
    readonly checkboxChecked?: boolean;
    readonly filePaths?: readonly string[];
    readonly filePath?: string;
    readonly canceled?: boolean;
  },
): Promise<void> {
  return app.evaluate((_, value) => globalThis.__recorder.answer(value), answer);
}

export function power(
  app: LaunchedApp,
  event: 'suspend' | 'resume' | 'shutdown' | 'on-ac' | 'on-battery' | 'lock-screen',
): Promise<void> {
  return app.evaluate(({ powerMonitor }, name) => {
    if (name === 'on-ac' || name === 'on-battery')
      globalThis.__recorder.battery(name === 'on-battery');
    powerMonitor.emit(name as 'resume', { preventDefault: () => undefined });
  }, event);
}
