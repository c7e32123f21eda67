/**
 * Whether the desktop app can run on this machine, and running it. Electron's own module would download
 * its program when asked for it; here nobody downloads and nobody waits.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const electron = join(root, 'node_modules', 'electron');

/** An end within this time was no use of the app but a machine that can't run it. */
const EARLY_MS = 10_000;
const KEPT_CHARACTERS = 2_000;

const PROGRAMS = {
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
};

/** `{ program }`, or `{ reason }` why there can be no desktop app here. */
export function findDesktop(env = process.env, platform = process.platform) {
  const pathFile = join(electron, 'path.txt');
  const name = existsSync(pathFile)
    ? readFileSync(pathFile, 'utf8').trim()
    : (PROGRAMS[platform] ?? 'electron');
  const program = join(env.ELECTRON_OVERRIDE_DIST_PATH || join(electron, 'dist'), name);
  if (!existsSync(program))
    return { reason: 'Electron is not installed here; "npx install-electron" fetches it' };
  const needsDisplay = platform === 'linux' || platform.endsWith('bsd');
  if (needsDisplay && !env.DISPLAY && !env.WAYLAND_DISPLAY)
    return { reason: 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)' };
  return { program };
}

/** Runs the app with this terminal; `onEarlyEnd` is called with the reason if it never came to anything. */
export function runDesktop(program, args, { env, onEarlyEnd }) {
  const { ELECTRON_RUN_AS_NODE: _, ...rest } = env;
  const startedAtMs = Date.now();
  const child = spawn(program, [root, ...args], {
    stdio: ['inherit', 'inherit', 'pipe'],
    env: rest,
  });
  let words = '';
  let isAsked = false;
  let isOver = false;
  child.stderr.on('data', (chunk) => {
    words = `${words}${chunk}`.slice(-KEPT_CHARACTERS);
    process.stderr.write(chunk);
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const forward = (signal) => {
    isAsked = true;
    child.kill(signal);
  };
  for (const signal of signals) process.on(signal, forward);

  function ended(code, reason) {
    // One that can't be started is told of twice, as an error and as an end.
    if (isOver) return;
    isOver = true;
    for (const signal of signals) process.off(signal, forward);
    const isEarly = Date.now() - startedAtMs < EARLY_MS;
    if (code !== 0 && isEarly && !isAsked) onEarlyEnd(reason);
    else process.exit(code);
  }
  child.on('error', (error) => ended(1, String(error)));
  // `close` and not `exit`: what it said last has been read then.
  child.on('close', (code, signal) => {
    const lastLine = words.trim().split('\n').at(-1) ?? '';
    const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
    ended(
      code ?? 128 + (constants.signals[signal] ?? 0),
      `Electron ${how}${lastLine === '' ? '' : ` (${lastLine})`}`,
    );
  });
}
