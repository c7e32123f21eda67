import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { onlyWith } from '../network/namespaces.ts';
import { whyNoMount } from '../network/no-mount.ts';
import { sourceFiles } from './layers.ts';

/** What tests and scripts take from the machine that they run on, and must not take for granted. */
const root = resolve(import.meta.dirname, '../..');
const files = ['build', 'electron', 'shared', 'test']
  .flatMap((folder) => sourceFiles(join(root, folder)))
  .filter((file) => file !== import.meta.filename);

test('the project may lie in a folder with any name: the path of a URL is not that of a file', () => {
  for (const file of files)
    expect(readFileSync(file, 'utf8'), relative(root, file)).not.toMatch(
      /import\.meta\.url\)\s*\.pathname/,
    );
});

describe('which Chromium is meant', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  async function inTests(named: string | undefined): Promise<string> {
    vi.resetModules();
    vi.stubEnv('CHROMIUM', named);
    return (await import('../standin/chromium.ts')).CHROMIUM;
  }

  test('is said by its name, and an empty one is none', async () => {
    const { chromiumIn } = (await import(join(root, 'build/chromium.mjs'))) as {
      chromiumIn: (env: Record<string, string>, usual?: string) => string;
    };
    expect(chromiumIn({ CHROMIUM: '/opt/chrome' })).toBe('/opt/chrome');
    expect(chromiumIn({ CHROMIUM: '' }, 'chromium')).toBe('chromium');
    expect(chromiumIn({}, 'chromium')).toBe('chromium');
    expect(await inTests('/opt/chrome')).toBe('/opt/chrome');
    const unnamed = await inTests(undefined);
    expect(unnamed).toBe(chromiumIn({}));
    expect(await inTests('')).toBe(unnamed);
  });

  test('is asked of nobody else', () => {
    for (const file of files.filter((each) => !each.endsWith('chromium.ts')))
      expect(readFileSync(file, 'utf8'), relative(root, file)).not.toMatch(
        /process\.env(\.CHROMIUM|\['CHROMIUM'\])/,
      );
  });
});

const isLinux = process.platform === 'linux';

describe.skipIf(!isLinux)('a run’s own folder in memory (there is one on Linux only)', () => {
  // By its URL: in the path of a module a percent sign means something.
  const MODULE = pathToFileURL(join(root, 'build/memory-files.ts')).href;
  let memory: string;

  beforeEach(() => {
    memory = mkdtempSync(join(tmpdir(), 'memory-'));
  });
  afterEach(() => {
    rmSync(memory, { recursive: true, force: true });
  });

  const script = (then: string) =>
    `const { ownFolder, clearAfterGone } = await import(process.argv[1]);
     const folder = ownFolder(process.argv[2]);
     ${then}`;
  const args = (then: string) => ['--input-type=module', '-e', script(then), MODULE, memory];
  /** Another run, as long as it is let live; its folder. */
  async function otherRun() {
    const child = spawn(process.execPath, args('console.log(folder); setInterval(() => 0, 1e6);'));
    const ended = once(child, 'exit').then(() => {
      throw new Error('it has ended and said nothing');
    });
    const [said] = (await Promise.race([once(child.stdout, 'data'), ended])) as [Buffer];
    return { child, folder: said.toString().trim() };
  }

  test('is gone with it, and the next takes away what one that was killed has left, and nothing else', async () => {
    const [killed, lives] = [await otherRun(), await otherRun()];
    try {
      mkdirSync(join(killed.folder, 'allotment-test-1'));
      mkdirSync(join(memory, 'tests-of-somebody'));
      killed.child.kill('SIGKILL');
      await once(killed.child, 'exit');
      expect(existsSync(killed.folder)).toBe(true);
      const next = spawnSync(process.execPath, args('clearAfterGone(process.argv[2]);'));
      expect(next.status).toBe(0);
      const left = readdirSync(memory).map((name) => join(memory, name));
      expect(left.sort()).toEqual([lives.folder, join(memory, 'tests-of-somebody')].sort());
    } finally {
      lives.child.kill('SIGKILL');
    }
  });

  test('is short enough for the sockets that lie in it', async () => {
    const { child, folder } = await otherRun();
    child.kill('SIGKILL');
    const socket = join(
      '/dev/shm',
      relative(memory, folder),
      'allotment-65534/allotment',
      'a'.repeat(22),
    );
    expect(socket.length).toBeLessThan(104);
  });

  const noMount = whyNoMount();
  test.skipIf(noMount !== undefined)(
    onlyWith('is none where no program can be started from it', noMount),
    () => {
      const program = [process.execPath, ...args('console.log(String(folder));')];
      const mount = `mount -t tmpfs -o "$1" tmpfs "$2" && shift 2 && exec "$@"`;
      const inside = (options: string) =>
        spawnSync('unshare', ['-m', 'sh', '-c', mount, 'sh', options, memory, ...program], {
          encoding: 'utf8',
        }).stdout.trim();
      expect(inside('noexec')).toBe('undefined');
      expect(inside('exec')).toContain(memory);
    },
  );
});
