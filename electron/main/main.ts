import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { app, powerMonitor, protocol, safeStorage } from 'electron';
import { type Fault, faults } from '../../shared/fault.ts';
import { createPinoLogger } from '../core/adapters/pino-logger.ts';
import { folderFault, homeFault, layoutOf } from '../core/config.ts';
import { makeMissingNow } from '../core/database/durable-file.ts';
import { defaultHome } from '../core/default-home.ts';
import { type KeptCore, keepCore } from '../core/keep-core.ts';
import { isScreenless, readArguments, readErrand, readStart } from './arguments.ts';
import { createBreakDown, endSaying } from './break-down.ts';
import { openControlDoor } from './control-door.ts';
import { createDesktopActivity } from './desktop-activity.ts';
import { sayBroken, sayCannotStart, sayReplaced } from './dialogs.ts';
import { runErrand } from './errand.ts';
import { createFirewall } from './firewall.ts';
import { dropForeignMark } from './foreign-mark.ts';
import { machineOf } from './machine.ts';
import { openDesktopSecrets } from './secret-store.ts';
import { guardContents, PRIVILEGED_SCHEME, sandboxAll } from './security.ts';
import { type Shell, startShell } from './shell.ts';
import { createDesktopFacts } from './shell-facts.ts';
import { lookForTrayHost } from './tray-host.ts';
import { readUpdateMode } from './update-port.ts';
import { createWords, type Words } from './words.ts';

/**
 * The desktop app's entry; called with a command, it runs that and nothing else. The order matters: rights
 * before the first file, one instance before anything is opened, scheme and sandbox before Electron is
 * ready. Nothing here may wait for that at the top level: Electron is ready only after this file has run to
 * its end.
 */

/** What Electron and Chromium keep for the window lies in the home too: one home, one instance, one folder to delete. */
const WINDOW_FOLDER = 'window';
const APP_ID = 'io.github.allotment.app';

// Whatever is made from here on is this user's alone.
process.umask(0o077);

const log = createPinoLogger('warn').named('desktop');
const home = defaultHome();
const startedAtMs = Date.now();
app.setName('Allotment');
const errand = readErrand(process.argv.slice(process.defaultApp === true ? 2 : 1));
if (errand === undefined) beTheApp();
else void runErrand(errand, { app, out: dirname(import.meta.dirname) });

function beTheApp(): void {
  // Windows shows notifications only of programs with an id.
  app.setAppUserModelId(APP_ID);
  const unfit = homeFault(home) ?? makeWindowFolder();
  if (unfit !== undefined) return void refuse(unfit);
  const profile = join(home, WINDOW_FOLDER);
  app.setPath('userData', profile);
  dropForeignMark({ home, profile });

  if (app.requestSingleInstanceLock()) run();
  // The first one has been told and shows its window.
  else app.exit(0);
}

function makeWindowFolder(): Fault | undefined {
  try {
    makeMissingNow(join(home, WINDOW_FOLDER));
    return undefined;
  } catch (error) {
    return folderFault(error, home);
  }
}

/** There can be no home: that is said, and nothing is put there; what Chromium needs for it lies elsewhere. */
async function refuse(problem: Fault): Promise<void> {
  log.error('there can be no home', { fault: problem });
  let profile: string | undefined;
  try {
    profile = mkdtempSync(join(tmpdir(), 'allotment-refused-'));
    app.setPath('userData', profile);
    await app.whenReady();
    const { t } = await createWords(app.getPreferredSystemLanguages());
    await sayCannotStart(t, problem);
  } catch (error) {
    log.error('the start failed', { error: String(error) });
  }
  if (profile !== undefined)
    await rm(profile, { recursive: true, force: true }).catch(() => undefined);
  app.exit(faults[problem.code].exit);
}

function run(): void {
  protocol.registerSchemesAsPrivileged([PRIVILEGED_SCHEME]);
  sandboxAll(app, log.named('security'));
  guardContents(app, log.named('security'));
  let shell: Shell | undefined;
  /** What a second launch asked for while this one was still starting. */
  let early: { readonly path: string | undefined } | undefined;
  let core: KeptCore | undefined;

  app.on('second-instance', (_event, argv) => {
    const { hidden, path } = readArguments(argv);
    // The login item of somebody who had opened the app already.
    if (hidden) return;
    if (shell === undefined) early = { path };
    else shell.show(path);
  });
  app.on('activate', () => shell?.show());
  // Closing the window is not quitting.
  app.on('window-all-closed', () => undefined);
  app.on('before-quit', (event) => {
    if (shell === undefined || shell.isQuitting()) return;
    event.preventDefault();
    shell.requestQuit();
  });
  // Whoever sends these can't answer a question.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => (shell === undefined ? app.exit(0) : shell.quitNow()));

  app
    .whenReady()
    .then(async () => {
      const words = await createWords(app.getPreferredSystemLanguages());
      const breakDown = createBreakDown({
        log,
        close: async () => core?.close(),
        say: () => sayBroken(words.t),
        exit: () => app.exit(faults.internal.exit),
      });
      process.on('uncaughtException', breakDown);
      try {
        shell = await start(words, (started) => {
          core = started;
        });
      } catch (error) {
        return breakDown(error);
      }
      if (early !== undefined) shell?.show(early.path);
    })
    .catch((error: unknown) => {
      log.error('the start failed', { error: String(error) });
      app.exit(faults.internal.exit);
    });
}

async function start(words: Words, onCore: (core: KeptCore) => void): Promise<Shell | undefined> {
  const trayHost = await lookForTrayHost();
  const updateMode = readUpdateMode(app);
  const secrets = await openDesktopSecrets({
    safe: safeStorage,
    folder: layoutOf(home).secrets,
    log: log.named('secrets'),
  });
  const facts = createDesktopFacts({
    platform: process.platform,
    secrets: secrets.kind,
    hasTray: trayHost !== 'missing',
    updates: updateMode,
  });
  const started = await keepCore({
    home,
    version: app.getVersion(),
    shell: facts,
    listen: 'when-wanted',
    beforeListening: createFirewall({
      home,
      program: process.execPath,
      isPackaged: app.isPackaged,
      log: log.named('firewall'),
    }),
    machine: machineOf(process.platform, powerMonitor),
    ports: {
      secrets: secrets.store,
      activity: createDesktopActivity(powerMonitor),
      logger: createPinoLogger('warn'),
    },
  });
  if (!started.ok) {
    log.error('the core can’t start', { fault: started.fault });
    await sayCannotStart(words.t, started.fault);
    app.exit(faults[started.fault.code].exit);
    return undefined;
  }
  const core = await openControlDoor({ home, core: started.value, log: log.named('control') });
  onCore(core);
  void core.replaced.then((why) => beginAnew(core, words, why));
  return startShell({
    core,
    words,
    facts,
    start: readStart(process.argv, app),
    log,
    out: dirname(import.meta.dirname),
    trayHost,
    updateMode,
    startedAtMs,
  });
}

/** Without a core there is nothing that could go on. Where there is no screen, whoever keeps the service starts it again. */
function beginAnew(core: KeptCore, { t }: Words, why: Fault): Promise<void> {
  log.error('the program was replaced', { fault: why });
  return endSaying({
    log,
    close: core.close,
    say: () => sayReplaced(t, why),
    exit: () => {
      if (!isScreenless()) app.relaunch();
      app.exit(faults[why.code].exit);
    },
  });
}
