import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron } from 'playwright-core';
import { endOf, type LaunchedApp, type LaunchOptions, outputOf } from './launched-app.ts';
import { installRecorder } from './recorder.ts';

/** Launches a main on real Electron, for `npm run e2e:electron`. It wants Electron's binary and a display. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MODULE = join(ROOT, 'node_modules', 'electron');
const QUITTING_MS = 10_000;

function electronBinary(): string {
  const pathFile = join(MODULE, 'path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : 'electron';
  const binary = join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(MODULE, 'dist'), name);
  if (!existsSync(binary))
    throw new Error(`Electron is not installed (${binary}). Run: npx install-electron`);
  return binary;
}

/** Electron takes name and version from the package it is given, and neither from a file. */
function packageOf(main: string): string {
  return main.startsWith(join(ROOT, 'out')) ? ROOT : main;
}

export async function launchElectron(options: LaunchOptions): Promise<LaunchedApp> {
  const binary = electronBinary();
  const recorder = join(options.home, 'recorder.cjs');
  const call = `(${installRecorder})(require('electron'), ${JSON.stringify(options.pretence)});`;
  await writeFile(recorder, call);
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const args = [...asRoot, '-r', recorder, packageOf(options.main), ...options.args];
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.env))
    if (value !== undefined) env[name] = value;
  const app = await _electron.launch({ executablePath: binary, args, env });
  const child = app.process();
  const output = outputOf(child);
  const ended = endOf(child);
  return {
    driver: 'electron',
    process: () => child,
    windows: () => app.windows(),
    firstWindow: () => app.firstWindow(),
    waitForEvent: (event) => app.waitForEvent(event),
    evaluate: app.evaluate.bind(app) as LaunchedApp['evaluate'],
    launchAgain: (more = []) => endOf(spawn(binary, [...args, ...more], { env, stdio: 'ignore' })),
    ended,
    output,
    close: async () => {
      // An app that asks whether it may quit is not answered by anybody.
      const late = setTimeout(() => child.kill('SIGKILL'), QUITTING_MS);
      await app.close().catch(() => undefined);
      await ended;
      clearTimeout(late);
    },
  };
}
