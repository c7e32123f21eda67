import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** `npm start` on machines that can and can't run the desktop app; Electron's program is a script here. */
const RUN = resolve(import.meta.dirname, '../../build/run.mjs');
const RUNNING = /Allotment is running\. Its window: http:\/\/127\.0\.0\.1/;

type Ended = { readonly code: number | null; readonly output: string };

describe.skipIf(process.platform !== 'linux')('npm start (tested on Linux only)', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'allotment-start-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function electronThat(does: string): Promise<string> {
    const distribution = join(folder, 'electron');
    await mkdir(distribution);
    await writeFile(join(distribution, 'electron'), `#!/bin/sh\n${does}\n`);
    await chmod(join(distribution, 'electron'), 0o755);
    return distribution;
  }

  /** Runs it until it ends or says that it is running without a desktop app, and ends it then. */
  function start(args: readonly string[], env: Record<string, string>): Promise<Ended> {
    const { DISPLAY: _, WAYLAND_DISPLAY: __, ...rest } = process.env;
    const child = spawn(process.execPath, [RUN, 'start', ...args], {
      env: { ...rest, ALLOTMENT_HOME: join(folder, 'home'), LANG: 'en_GB.UTF-8', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let isAsked = false;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += String(chunk);
        // Once: who asks a second time is obeyed at once.
        if (isAsked || !RUNNING.test(output)) return;
        isAsked = true;
        child.kill('SIGTERM');
      });
    return new Promise((done) => child.on('close', (code) => done({ code, output })));
  }

  test('without Electron it says so, says how to get it, and runs all the same', async () => {
    const nowhere = { ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'nowhere'), DISPLAY: ':0' };
    const { output } = await start([], nowhere);
    expect(output).toMatch(/No desktop app: .*npx install-electron/);
    expect(output).toMatch(RUNNING);
  });

  test('without a display it says so', async () => {
    const distribution = await electronThat('exit 0');
    const { output } = await start([], { ELECTRON_OVERRIDE_DIST_PATH: distribution });
    expect(output).toContain('there is no display');
    expect(output).toMatch(RUNNING);
  });

  test('where Electron can’t run after all, its reason is said', async () => {
    const distribution = await electronThat('echo "libnss3.so is missing" >&2; exit 127');
    const env = { ELECTRON_OVERRIDE_DIST_PATH: distribution, DISPLAY: ':0' };
    const { output } = await start([], env);
    expect(output).toContain('Electron ended with code 127 (libnss3.so is missing)');
    expect(output).toMatch(RUNNING);
  });

  test('where its program can’t even be started, it runs without, once', async () => {
    const distribution = await electronThat('exit 0');
    await chmod(join(distribution, 'electron'), 0o644);
    const env = { ELECTRON_OVERRIDE_DIST_PATH: distribution, DISPLAY: ':0' };
    const { code, output } = await start([], env);
    expect(output.match(/No desktop app: .*EACCES/g)).toHaveLength(1);
    expect(output.match(/No desktop app/g)).toHaveLength(1);
    expect(output).toMatch(RUNNING);
    expect(code).toBe(0);
  });

  test('where it runs, it is the app and nothing else is started', async () => {
    const distribution = await electronThat('echo "app of $1 with $2"; exit 0');
    const env = { ELECTRON_OVERRIDE_DIST_PATH: distribution, DISPLAY: ':0' };
    const { code, output } = await start(['--hidden'], env);
    expect(code).toBe(0);
    expect(output).toContain(`app of ${resolve(RUN, '../..')} with --hidden`);
    expect(output).not.toMatch(RUNNING);
  });

  test('--headless wants no desktop app', async () => {
    const distribution = await electronThat('exit 0');
    const env = { ELECTRON_OVERRIDE_DIST_PATH: distribution, DISPLAY: ':0' };
    const { output } = await start(['--headless'], env);
    expect(output).not.toContain('No desktop app');
    expect(output).toMatch(RUNNING);
  });
});
