import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';
import { commandLine } from './command-line.ts';
import { cancellable } from './events.ts';
import { createPaths, packageOf } from './paths.ts';
import { isReady, setReady } from './readiness.ts';
import { type InstanceLock, type SecondLaunch, takeInstanceLock } from './single-instance.ts';
import { openWindows } from './window-list.ts';

/**
 * `app`: the life of the program. A class because main listens to it like to any emitter. What Electron
 * does at once happens at once here, what it does a moment later a moment later, so that main can't come
 * to rely on an order that it won't find there.
 */
const main = process.argv[1] ?? '';
const own = packageOf(main);
let name = own.name;
const paths = createPaths(() => name);
let lock: InstanceLock | undefined;
let quitting = false;
let beforeReady: (() => void)[] = [];

function languages(): readonly string[] {
  const { LANGUAGE, LC_ALL, LC_MESSAGES, LANG } = process.env;
  const wish = [LANGUAGE, LC_ALL, LC_MESSAGES, LANG].find(
    (each) => each !== undefined && each !== '',
  );
  return (wish ?? 'en')
    .split(':')
    .map((each) => each.replace(/[.@].*$/, '').replace('_', '-'))
    .map((each) => (each === 'C' || each === 'POSIX' ? 'en-US' : each));
}

function createDock(): Electron.Dock {
  let visible = true;
  let badge = '';
  let menu: Electron.Menu | null = null;
  return {
    bounce: () => 1,
    cancelBounce: () => undefined,
    downloadFinished: () => undefined,
    getBadge: () => badge,
    getMenu: () => menu,
    hide: () => {
      visible = false;
    },
    isVisible: () => visible,
    setBadge: (text) => {
      badge = text;
    },
    setIcon: () => undefined,
    setMenu: (next) => {
      menu = next;
    },
    show: async () => {
      visible = true;
    },
  };
}

export class App extends EventEmitter {
  readonly commandLine = commandLine;
  /** STANDIN_DOCK=1: as on macOS. */
  readonly dock =
    process.platform === 'darwin' || process.env['STANDIN_DOCK'] === '1' ? createDock() : undefined;
  readonly isPackaged = process.env['STANDIN_PACKAGED'] === '1';
  badgeCount = 0;
  userAgentFallback = 'standin';

  get name(): string {
    return name;
  }
  set name(next: string) {
    name = next;
  }
  getName(): string {
    return name;
  }
  setName(next: string): void {
    name = next;
  }
  getVersion(): string {
    return own.version;
  }
  getAppPath(): string {
    return own.folder;
  }
  getPath(which: string): string {
    return paths.get(which);
  }
  setPath(which: string, path: string): void {
    paths.set(which, path);
  }
  setAppLogsPath(path?: string): void {
    if (path !== undefined) paths.set('logs', path);
  }

  getPreferredSystemLanguages(): string[] {
    return [...languages()];
  }
  getLocale(): string {
    return commandLine.hasSwitch('lang')
      ? commandLine.getSwitchValue('lang')
      : (languages()[0] ?? 'en-US');
  }
  getSystemLocale(): string {
    return languages()[0] ?? 'en-US';
  }
  getLocaleCountryCode(): string {
    return languages()[0]?.split('-')[1] ?? '';
  }

  isReady(): boolean {
    return isReady();
  }
  whenReady(): Promise<void> {
    return isReady()
      ? Promise.resolve()
      : new Promise((resolve) => this.once('ready', () => resolve()));
  }

  requestSingleInstanceLock(additionalData?: unknown): boolean {
    if (lock !== undefined) return true;
    const self = { argv: process.argv, workingDirectory: process.cwd(), additionalData };
    lock = takeInstanceLock(this.getPath('userData'), self, (launch) => {
      // Electron promises that this comes after `ready`.
      if (isReady()) tellSecond(launch);
      else beforeReady.push(() => tellSecond(launch));
    });
    return lock !== undefined;
  }
  hasSingleInstanceLock(): boolean {
    return lock !== undefined;
  }
  releaseSingleInstanceLock(): void {
    lock?.release();
    lock = undefined;
  }

  quit(): void {
    if (quitting) return;
    const before = cancellable({});
    this.emit('before-quit', before);
    if (before.defaultPrevented) return;
    quitting = true;
    if (openWindows().length === 0) finish();
    else for (const each of openWindows()) each.close();
  }
  /** What stands after the call still runs, as in Electron, where it only asks the loop to end. */
  exit(exitCode = 0): void {
    this.emit('quit', cancellable({}), exitCode);
    setImmediate(() => process.exit(exitCode));
  }
  /** Said and not done: whoever launched this one would not know of the other. */
  relaunch({ args = [] }: { readonly args?: readonly string[] } = {}): void {
    process.stderr.write(`relaunched with ${JSON.stringify(args)}\n`);
  }

  focus(): void {}
  hide(): void {}
  show(): void {}
  isHidden(): boolean {
    return openWindows().every((each) => !each.isVisible());
  }
  isActive(): boolean {
    return openWindows().some((each) => each.isFocused());
  }
  enableSandbox(): void {
    if (isReady()) throw new Error('app.enableSandbox() can only be called before app is ready');
    // Electron does no more either; the switch that says the opposite goes.
    commandLine.removeSwitch('no-sandbox');
    commandLine.appendSwitch('enable-sandbox');
  }
  disableHardwareAcceleration(): void {
    if (isReady())
      throw new Error('app.disableHardwareAcceleration() can only be called before app is ready');
  }
  setAppUserModelId(): void {}
  setDesktopName(): void {}
  setActivationPolicy(): void {}
  setAboutPanelOptions(): void {}
  showAboutPanel(): void {}
  setUserTasks(): boolean {
    return true;
  }
  setJumpList(): 'ok' {
    return 'ok';
  }
  setBadgeCount(count = 0): boolean {
    this.badgeCount = count;
    return true;
  }
  getBadgeCount(): number {
    return this.badgeCount;
  }
  /** On Linux Electron has none of this either: nothing happens, nothing is there. */
  setLoginItemSettings(): void {}
  getLoginItemSettings(): Electron.LoginItemSettings {
    return {
      openAtLogin: false,
      wasOpenedAtLogin: false,
      status: 'not-registered',
      executableWillLaunchAtLogin: false,
      launchItems: [],
    };
  }
  isInApplicationsFolder(): boolean {
    return true;
  }
  isAccessibilitySupportEnabled(): boolean {
    return false;
  }
  setAccessibilitySupportEnabled(): void {}
  getAppMetrics(): [] {
    return [];
  }
}

export const app = new App();

function tellSecond({ argv, workingDirectory, additionalData }: SecondLaunch): void {
  app.emit('second-instance', cancellable({}), [...argv], workingDirectory, additionalData);
}

function finish(): void {
  const will = cancellable({});
  app.emit('will-quit', will);
  if (will.defaultPrevented) quitting = false;
  else app.exit(0);
}

/** A window's listener kept it open: that calls off the whole quitting, as in Electron. */
export function windowStaysOpen(): void {
  quitting = false;
}

export function windowClosed(): void {
  if (openWindows().length > 0) return;
  if (quitting) finish();
  else if (!app.emit('window-all-closed')) app.quit();
}

/** Electron says `ready` only after main was evaluated; whoever runs main calls this then. */
export function becomeReady(): void {
  setReady();
  app.emit('will-finish-launching');
  app.emit('ready', cancellable({}), {});
  for (const each of beforeReady) each();
  beforeReady = [];
}

// As in Electron, the system's wish to end the program is a quit that main hears of.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());
