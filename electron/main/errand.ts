import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'electron';
import { selfCheck, windowCheck } from '../core/self-check.ts';
import { main } from '../headless/cli-main.ts';
import type { Errand } from './arguments.ts';
import { loadUpdater } from './update-port.ts';

/**
 * The program called for something else than the app: a command for the one that runs, or whether what was
 * packed is whole. No window, no tray, no lock; it ends when that is done, with the command's exit code.
 */
export async function runErrand(
  errand: Errand,
  { app, out }: { readonly app: App; readonly out: string },
): Promise<void> {
  let profile: string | undefined;
  let code = 1;
  // Whatever goes wrong, it ends: nobody sees that a program without a window still runs.
  try {
    // What Chromium keeps for a window is nobody's here, and the app that runs has its own.
    profile = mkdtempSync(join(tmpdir(), 'allotment-errand-'));
    app.setPath('userData', profile);
    app.dock?.hide();
    code = await run(errand, { app, out });
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
  }
  await written();
  if (profile !== undefined)
    await rm(profile, { recursive: true, force: true }).catch(() => undefined);
  app.exit(code);
}

async function run(
  errand: Errand,
  { app, out }: { readonly app: Pick<App, 'getVersion' | 'whenReady'>; readonly out: string },
): Promise<number> {
  if (errand.kind === 'command')
    return main(errand.words, { calledAs: 'allotment', kind: 'desktop' });
  const own = [
    windowCheck(join(out, 'renderer'), [join('..', 'preload', 'preload.cjs')]),
    { name: 'system', run: () => app.whenReady() },
    // It lies in a file of its own, which nothing else would miss.
    { name: 'updater', run: loadUpdater },
  ];
  const found = await selfCheck({ version: app.getVersion(), own });
  process.stdout.write(`${JSON.stringify(found)}\n`);
  return found.ok ? 0 : 1;
}

/** Where the output is a pipe of Windows', it is written a moment later. */
function written(): Promise<void> {
  return new Promise((resolve) => process.stdout.write('', () => resolve()));
}
