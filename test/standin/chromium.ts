import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const named = process.env['CHROMIUM'] ?? '';
/** The Chromium whose pages are the stand-in's windows: Debian's, or the one that CHROMIUM names; empty, it names none. */
export const CHROMIUM = named === '' ? '/usr/bin/chromium' : named;

export const hasChromium = spawnSync(CHROMIUM, ['--version'], { stdio: 'ignore' }).status === 0;

export type RunningChromium = { readonly url: string; readonly stop: () => Promise<void> };

const PATIENCE_MS = 60_000;

const FLAGS = [
  '--headless=new',
  // Containers and root have no user namespaces to build the sandbox from.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  // A window behind another one must go on: nobody sees which is in front.
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-background-timer-throttling',
  '--force-color-profile=srgb',
  '--no-first-run',
  '--remote-debugging-port=0',
];

export async function startChromium(): Promise<RunningChromium> {
  const profile = await mkdtemp(join(tmpdir(), 'allotment-chromium-'));
  const args = [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'];
  const child = spawn(CHROMIUM, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (chunk) => {
    words = `${words}${chunk}`.slice(-4_000);
  });
  async function stop(): Promise<void> {
    await end(child);
    // Its helpers may still be writing when it is gone.
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
  try {
    return { url: await addressOf(child, join(profile, 'DevToolsActivePort')), stop };
  } catch (error) {
    await stop();
    throw new Error(`${String(error)}\n${words}`);
  }
}

async function addressOf(child: ChildProcess, file: string): Promise<string> {
  const endMs = Date.now() + PATIENCE_MS;
  while (Date.now() < endMs && isRunning(child)) {
    const text = existsSync(file) ? await readFile(file, 'utf8') : '';
    const [port, path] = text.split('\n');
    if (path !== undefined) return `ws://127.0.0.1:${port}${path}`;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('Chromium did not start');
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function end(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
