import { DAY_MS } from '../../shared/units.ts';
import { join } from 'node:path';
import { app, ipcMain, powerMonitor, powerSaveBlocker, protocol, session } from 'electron';
import type { AppSnapshot } from '../../shared/contract/views.ts';
import { pagePath } from '../../shared/contract/pages.ts';
import type { Settings } from '../../shared/model/settings.ts';
import { say } from '../../shared/words/say.ts';
import type { KeptCore } from '../core/keep-core.ts';
import type { Logger } from '../core/ports.ts';
import { createAppProtocol } from './app-protocol.ts';
import { HIDDEN, type StartArguments } from './arguments.ts';
import { type BusyMemory, type Doing, isFriends, lingersForMs, lookBusy } from './busy.ts';
import { createDialogs } from './dialogs.ts';
import { createFirstClose } from './first-close.ts';
import { followCore } from './follower.ts';
import { trayIcon } from './icons.ts';
import { openIpc } from './ipc.ts';
import { jobsProgress } from './job-progress.ts';
import { createLoginItem } from './login-item.ts';
import { setApplicationMenu } from './menu.ts';
import { createNotifier } from './notifications.ts';
import { watchPower } from './power.ts';
import { createQuitter } from './quit.ts';
import { guardSession, SCHEME } from './security.ts';
import { createTheme } from './theme.ts';
import { openTray } from './tray.ts';
import { awaitTrayHost, type TrayHost } from './tray-host.ts';
import { type TrayAction, type TrayFacts, trayModelOrPlain } from './tray-model.ts';
import type { DesktopFacts } from './shell-facts.ts';
import { createUpdatePort } from './update-port.ts';
import { createUpdates, type UpdateMode } from './updates.ts';
import type { Words } from './words.ts';
import { createMainWindow } from './window.ts';

/**
 * Where the desktop's parts meet: the core's state goes to tray, notifications, task bar and power; what
 * the person does there goes to the core or the window. It decides nothing: what is said and when, the
 * pure modules beside it say.
 */
export type Shell = {
  readonly show: (path?: string) => void;
  readonly requestQuit: () => void;
  readonly quitNow: () => void;
  readonly isQuitting: () => boolean;
};

export type ShellOptions = {
  readonly core: KeptCore;
  readonly words: Words;
  /** What the core tells of this desktop; the tray is known only here. */
  readonly facts: DesktopFacts;
  readonly start: StartArguments;
  readonly log: Logger;
  /** Where the built renderer and preload lie. */
  readonly out: string;
  readonly trayHost: TrayHost;
  readonly updateMode: UpdateMode;
  readonly startedAtMs: number;
};

/** How often it is looked whether a newer version can be had, or the moment for it has come. */
const UPDATES_EVERY_MS = 60_000;
/** macOS takes the new version over only now; then the program ends by itself. */
const INSTALL_MS = 60_000;
/** Never wait longer than this for the core to close: everything acknowledged is on the disk already. */
const CLOSE_MS = 10_000;

export function startShell(options: ShellOptions): Shell {
  const { core, words, log, out } = options;
  const { t } = words;
  const renderer = join(out, 'renderer');
  const pictures = join(renderer, 'shell');
  const appIcon = join(pictures, 'icon.png');
  const theme = createTheme();
  let busy: { readonly memory: BusyMemory; readonly doings: readonly Doing[] } = NOBODY_BUSY;
  let settings: Settings | undefined;
  let timer: NodeJS.Timeout | undefined;
  let hasTrayHost = false;
  /** Somebody wanted the app while it ended, who would see a window go again. */
  let isWantedAgain = false;

  protocol.handle(SCHEME, createAppProtocol(renderer));
  guardSession(session.defaultSession, log);

  const firstClose = createFirstClose({
    hasTray: () => tray.isThere(),
    wasTold: () => settings?.trayHintShown ?? true,
    remember: () => call(core.api['settings.set']({ trayHintShown: true })),
    tell: () => tell(t('closing.hint-title'), t('closing.hint-body')),
    ask: () => dialogs.askClose(),
    close: () => window.destroy(),
    quit: () => quitter.request(),
  });
  const window = createMainWindow({
    title: t('shell.app'),
    preload: join(out, 'preload', 'preload.cjs'),
    icon: appIcon,
    log: log.named('window'),
    onOpened: () => call(app.dock?.show()),
    mayClose: firstClose.mayClose,
    onClosed: () => {
      app.dock?.hide();
      firstClose.closed();
    },
    askAgain: () => dialogs.askOpenAgain(),
  });
  const dialogs = createDialogs(t, window.current);
  const ipc = openIpc({
    ipcMain,
    api: core.api,
    events: core.events,
    isOurWindow: window.owns,
    pickFolder: dialogs.pickFolder,
    log: log.named('ipc'),
  });
  const notifier = createNotifier({
    t,
    icon: appIcon,
    isFocused: window.isFocused,
    startedAtMs: options.startedAtMs,
    onClick: window.show,
    onAnswer: (ticket, yes) => call(answer(ticket, yes)),
    log: log.named('notifications'),
  });
  const tray = openTray({
    icon: (state) => trayIcon(pictures, state, theme.isPanelDark()),
    onAction: act,
    log,
  });
  const loginItem = createLoginItem({
    app,
    name: t('shell.app'),
    comment: () => t('autostart.comment'),
    log,
  });
  const quitter = createQuitter({
    doings: () => busy.doings,
    ask: dialogs.askQuit,
    finish: () => call(finish()),
    onChange: refresh,
  });
  const updatePort = createUpdatePort();
  const updates = createUpdates({
    mode: options.updateMode,
    port: updatePort,
    read: () =>
      settings === undefined
        ? undefined
        : {
            isWanted: settings.updates,
            isBusy: busy.doings.length > 0 || core.isInUse() || quitter.isWaiting(),
            told: settings.updateTold,
            hasWindow: window.current() !== undefined,
          },
    tell: (version) => {
      tell(t('updates.there-title', { version }), t('updates.there-body'));
      call(core.api['settings.set']({ updateTold: version }));
    },
    restart: (version) =>
      call(core.api['settings.set']({ updateTold: version }).finally(quitter.now)),
    onChange: refresh,
    nowMs: () => performance.now(),
    log: log.named('updates'),
  });
  const updateTimer = setInterval(updates.look, UPDATES_EVERY_MS);
  const power = watchPower({
    monitor: powerMonitor,
    blocker: powerSaveBlocker,
    onResume: () => {
      core.woke();
      call(core.chores());
    },
    onShutdown: quitter.now,
  });
  const follower = followCore(core, refresh);
  theme.onChange(tray.redraw);
  setApplicationMenu(t, openSettings);
  const stopLooking = awaitTrayHost(options.trayHost, () => {
    hasTrayHost = true;
    refresh();
  });
  // With a window the dock's icon comes, and goes with it.
  if (options.start.hidden) app.dock?.hide();
  else window.show(options.start.path);

  function act(action: TrayAction): void {
    switch (action.do) {
      case 'open':
        return window.show(action.path);
      case 'pause':
        return call(core.api['pause.set']({ until: action.until }));
      case 'answer':
        return call(answer(action.ticket, action.yes));
      case 'update':
        return updates.wish();
      case 'quit':
        return quitter.request();
      case 'quit-now':
        return quitter.now();
      case 'stay':
        return quitter.stay();
    }
  }

  /** Whoever pressed it sees no window that could say that it came too late. */
  async function answer(ticket: string, yes: boolean): Promise<void> {
    const answered = await core.api['requests.answer']({ ticket, yes });
    if (answered.ok) return;
    const { code, params } = answered.fault;
    tell(t('asks.not-answered'), say(t, { key: `fault.${code}`, params }));
  }

  function openSettings(): void {
    window.show(pagePath({ page: 'settings' }));
  }

  /** Something may have changed: in the core, in time, or in who waits for whom. */
  function refresh(): void {
    if (quitter.isOver()) return;
    const { snapshot, isReading } = follower.state();
    const nowMs = Date.now();
    if (snapshot !== undefined) {
      busy = lookBusy(busy.memory, snapshot, nowMs);
      follow(snapshot);
    }
    const newer = updates.state();
    options.facts.setUpdates({
      mode: options.updateMode,
      version: newer.is === 'none' ? null : newer.version,
      isReady: newer.is === 'ready',
    });
    const facts = {
      snapshot,
      isConnected: !isReading,
      doings: busy.doings,
      quitWaits: quitter.isWaiting(),
      // What is switched off is offered nowhere.
      update:
        newer.is === 'ready' && settings?.updates === true
          ? { version: newer.version, isWished: updates.isWished() }
          : undefined,
      nowMs,
    };
    if (hasTrayHost) showTray(facts);
    lookAgainLater(snapshot, nowMs);
    quitter.look();
    updates.look();
  }

  function showTray(facts: TrayFacts): void {
    const onTrouble = (error: unknown) =>
      log.error('the tray could not be said', { error: String(error) });
    tray.show(trayModelOrPlain(facts, t, onTrouble));
    options.facts.setTray(tray.isThere());
  }

  /** Something to know, wherever it can be shown. */
  function tell(title: string, body: string): void {
    if (!notifier.tell(title, body)) call(dialogs.note(title, body));
  }

  function follow(snapshot: AppSnapshot): void {
    if (settings !== snapshot.settings) choose(snapshot.settings);
    window.setProgress(jobsProgress(snapshot.jobs));
    notifier.look(snapshot);
    power.look({
      isWanted: snapshot.settings.keepAwake,
      isFriendBusy: busy.doings.some(isFriends),
    });
  }

  function choose(next: Settings): void {
    settings = next;
    theme.set(next.theme);
    call(startAtLogin(next.startAtLogin));
    call(
      words.choose(next).then((isOther) => {
        if (!isOther) return;
        setApplicationMenu(t, openSettings);
        refresh();
      }),
    );
  }

  /** A switch that shows what is not so would be believed. */
  async function startAtLogin(isWanted: boolean): Promise<void> {
    if (await loginItem.set(isWanted)) return;
    await core.api['settings.set']({ startAtLogin: !isWanted });
    const title = t(isWanted ? 'autostart.not-on' : 'autostart.not-off');
    // Whoever pressed the switch looks at the window.
    if (window.current() === undefined) tell(title, t('autostart.refused'));
    else await dialogs.note(title, t('autostart.refused'));
  }

  /** Nothing is told when a pause is over or a friend has been quiet long enough. */
  function lookAgainLater(snapshot: AppSnapshot | undefined, nowMs: number): void {
    clearTimeout(timer);
    const pauseMs = (snapshot?.status.pausedUntilMs ?? 0) - nowMs;
    const waits = [lingersForMs(busy.memory, nowMs), pauseMs > 0 ? pauseMs : undefined].filter(
      (each) => each !== undefined,
    );
    // A timer beyond 2^31 ms fires at once; a pause is never that long, but clocks jump.
    if (waits.length > 0) timer = setTimeout(refresh, Math.min(...waits, DAY_MS) + 1);
  }

  async function finish(): Promise<void> {
    // First: whatever goes wrong on the way, the program ends.
    const late = setTimeout(updates.isRestarting() ? startAgain : leave, CLOSE_MS);
    try {
      letGo();
    } catch (error) {
      log.error('not ended in order', { error: String(error) });
    }
    await core.close().catch((error: unknown) => log.error('not closed', { error: String(error) }));
    clearTimeout(late);
    if (!updates.isRestarting()) return leave();
    updatePort.install();
    // Had it come to anything, the program would have ended by now; friends still want what they keep here.
    setTimeout(startAgain, INSTALL_MS);
  }

  function letGo(): void {
    clearTimeout(timer);
    clearInterval(updateTimer);
    stopLooking();
    follower.close();
    notifier.close();
    power.close();
    ipc.close();
    // Gone from the screen at once; the core may take a moment longer.
    tray.close();
    window.destroy();
  }

  function leave(): void {
    if (isWantedAgain)
      app.relaunch({ args: process.argv.slice(1).filter((each) => each !== HIDDEN) });
    app.exit(0);
  }

  /** As it was, into the tray. */
  function startAgain(): void {
    app.relaunch({ args: [...process.argv.slice(1), HIDDEN] });
    app.exit(0);
  }

  function show(path?: string): void {
    if (quitter.isOver()) isWantedAgain = true;
    else window.show(path);
  }

  /** Nobody waits for these; what goes wrong is for whoever mends the program. */
  function call(work: Promise<unknown> | undefined): void {
    work?.catch((error: unknown) => log.error('something failed', { error: String(error) }));
  }

  return {
    show,
    requestQuit: quitter.request,
    quitNow: quitter.now,
    isQuitting: quitter.isOver,
  };
}

const NOBODY_BUSY = { memory: new Map<string, number>(), doings: [] } as const;
