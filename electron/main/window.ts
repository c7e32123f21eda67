import {
  BrowserWindow,
  type BrowserWindowConstructorOptions,
  nativeTheme,
  type RenderProcessGoneDetails,
  type WebContents,
} from 'electron';
import { bridgeMessages } from '../../shared/contract/bridge.ts';
import type { Logger } from '../core/ports.ts';
import type { JobsProgress } from './job-progress.ts';
import { ORIGIN, webPreferences } from './security.ts';

/**
 * The one window. Closing it destroys it, so that an app in the tray costs no page; it comes back where
 * and as it was. All that it needs to know is a page path (`shared/contract/pages.ts`).
 */
export type MainWindow = {
  /** Opens it or brings it to the front, and shows the page if one is named. */
  readonly show: (path?: string) => void;
  readonly current: () => BrowserWindow | undefined;
  readonly isFocused: () => boolean;
  readonly owns: (contents: WebContents) => boolean;
  readonly setProgress: (progress: JobsProgress) => void;
  /** Without asking anybody. */
  readonly destroy: () => void;
};

export type MainWindowOptions = {
  readonly title: string;
  readonly preload: string;
  /** For the task bar on Linux; the other systems take it from the program. */
  readonly icon: string;
  readonly log: Logger;
  readonly onOpened: () => void;
  /** Whether it may close now; whoever says no closes it later, or not. */
  readonly mayClose: () => boolean;
  readonly onClosed: () => void;
  /** It broke again and again: is another try wanted? */
  readonly askAgain: () => Promise<boolean>;
};

/** The grounds of the two themes (`renderer/styles/tokens.css`): what is seen before the first paint. */
const GROUND = { light: '#f3f4f0', dark: '#151a16' } as const;

const CRASHES_MAX = 3;
const CRASHES_WITHIN_MS = 60_000;

export function createMainWindow(options: MainWindowOptions): MainWindow {
  let window: BrowserWindow | undefined;
  let progress: JobsProgress = { mode: 'none' };
  let crashesAtMs: readonly number[] = [];
  /** A page that was asked for before there was anybody to tell. */
  let early: string | undefined;
  let isLoaded = false;

  function open(path: string | undefined): void {
    const opened = new BrowserWindow(windowOptions(options));
    window = opened;
    isLoaded = false;
    const { webContents } = opened;
    // Both, because a window that never painted would never be shown.
    opened.once('ready-to-show', () => opened.show());
    webContents.on('did-finish-load', () => {
      isLoaded = true;
      if (!opened.isVisible()) opened.show();
      if (early !== undefined) tell(early);
      early = undefined;
    });
    webContents.on('did-fail-load', (_event, code, description) =>
      options.log.error('the window’s page did not load', { code, description }),
    );
    webContents.on('render-process-gone', (_event, details) => recover(opened, details));
    opened.on('close', (event) => {
      if (!options.mayClose()) event.preventDefault();
    });
    opened.once('closed', () => {
      window = undefined;
      early = undefined;
      options.onClosed();
    });
    options.onOpened();
    showProgress();
    load(opened, path);
  }

  function load(opened: BrowserWindow, path: string | undefined): void {
    opened
      .loadURL(`${ORIGIN}/index.html${path === undefined ? '' : `#/${path}`}`)
      // `did-fail-load` has told the log.
      .catch(() => undefined);
  }

  function tell(path: string): void {
    window?.webContents.send(bridgeMessages.page, path);
  }

  function recover(opened: BrowserWindow, { reason, exitCode }: RenderProcessGoneDetails): void {
    if (reason === 'clean-exit' || opened.isDestroyed()) return;
    options.log.error('the window’s process is gone', { reason, exitCode });
    const nowMs = Date.now();
    crashesAtMs = [...crashesAtMs.filter((atMs) => nowMs - atMs < CRASHES_WITHIN_MS), nowMs];
    if (crashesAtMs.length < CRASHES_MAX) {
      opened.webContents.reload();
      return;
    }
    opened.destroy();
    crashesAtMs = [];
    options
      .askAgain()
      .then((isWanted) => {
        if (isWanted) show();
      })
      .catch((error: unknown) => options.log.error('a dialog failed', { error: String(error) }));
  }

  function show(path?: string): void {
    if (window === undefined) return open(path);
    if (path !== undefined && isLoaded) tell(path);
    else early = path ?? early;
    if (window.isMinimized()) window.restore();
    // Before the first paint it shows itself.
    if (isLoaded) window.show();
    window.focus();
  }

  function showProgress(): void {
    if (window === undefined || window.isDestroyed()) return;
    switch (progress.mode) {
      case 'none':
        return window.setProgressBar(-1);
      case 'indeterminate':
        return window.setProgressBar(2, { mode: 'indeterminate' });
      case 'normal':
        return window.setProgressBar(progress.done, { mode: 'normal' });
    }
  }

  nativeTheme.on('updated', () => window?.setBackgroundColor(ground()));

  return {
    show,
    current: () => window,
    isFocused: () => window?.isFocused() ?? false,
    owns: (contents) => window?.webContents === contents,
    setProgress: (next) => {
      if (JSON.stringify(next) === JSON.stringify(progress)) return;
      progress = next;
      showProgress();
    },
    destroy: () => window?.destroy(),
  };
}

function ground(): string {
  return nativeTheme.shouldUseDarkColors ? GROUND.dark : GROUND.light;
}

function windowOptions({
  title,
  preload,
  icon,
}: MainWindowOptions): BrowserWindowConstructorOptions {
  return {
    // The name under which Electron remembers place, size and whether it was maximised.
    name: 'main',
    windowStatePersistence: true,
    width: 1120,
    height: 780,
    minWidth: 640,
    minHeight: 480,
    title,
    show: false,
    backgroundColor: ground(),
    // The menu is there for its keys; Alt shows it.
    autoHideMenuBar: true,
    ...(process.platform === 'linux' ? { icon } : {}),
    webPreferences: webPreferences(preload),
  };
}
