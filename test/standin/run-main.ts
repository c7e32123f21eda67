import { pathToFileURL } from 'node:url';
import type * as Electron from 'electron';
import type { Pretence } from './recorded.ts';

/**
 * Runs a main as Electron does: connected to its browser, recorded from the first line, and told `ready`
 * only after its module was evaluated. A main that awaits `ready` at its top level hangs there for
 * ever; here it is told so.
 */
const PATIENCE_MS = 30_000;
const ELECTRON_VERSION = '45.5.0';

// Main finds itself where Electron puts it; so this must be done before anybody looks.
process.argv.splice(1, 1);
const [, main = '', ...rest] = process.argv;
Object.assign(process, { type: 'browser', defaultApp: true });
Object.defineProperty(process, 'versions', {
  value: { ...process.versions, electron: ELECTRON_VERSION, chrome: '0.0.0.0' },
});

// Electron says where a packed app's files lie.
const [, resources] = /^(.*)\/app\.asar\//.exec(main) ?? [];
if (resources !== undefined) Object.defineProperty(process, 'resourcesPath', { value: resources });

const { app, becomeReady } = await import('./electron/app.ts');
const { openBrowser } = await import('./electron/browser.ts');
const { readSwitches } = await import('./electron/command-line.ts');
const { default: standin } = await import('./electron/module.ts');
const { installRecorder } = await import('./recorder.ts');
const { openTestDoor } = await import('./test-door.ts');

readSwitches(rest);
await openBrowser(process.env['STANDIN_CDP'] ?? '');
// Electron's shape as far as main and the recorder go; `module.ts` lets the compiler check that.
const electron = standin as unknown as typeof Electron;
installRecorder(electron, JSON.parse(process.env['ALLOTMENT_PRETENCE'] ?? '{}') as Pretence);
openTestDoor(electron);
// The process is Electron's to end, not an empty event loop's.
setInterval(() => undefined, 2 ** 30);

const late = setTimeout(() => {
  process.stderr.write('main awaits, while it is evaluated, what only comes after that\n');
  app.exit(1);
}, PATIENCE_MS);
await import(pathToFileURL(main).href);
clearTimeout(late);
becomeReady();
