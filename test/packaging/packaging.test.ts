import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium } from '../standin/chromium.ts';
import { addressOf, launchApp } from '../standin/launch-app.ts';
import { recorded } from '../standin/surfaces.ts';
import { until } from '../fakes/homes.ts';
import { asar, makeDistribution, readFuses } from './distribution.ts';

/**
 * The app is packed as for people, by the real electron-builder and its real configuration, around a
 * stand-in for Electron's own files. Nothing is downloaded.
 */
const root = resolve(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);
const BUILDER = join(dirname(require.resolve('electron-builder/package.json')), 'cli.js');
const { version } = require('electron/package.json') as { readonly version: string };

describe.skipIf(process.platform !== 'linux')('The packed app (packed on Linux only)', () => {
  let folder: string;
  let packed: string;
  let archive: string;
  let files: readonly string[];
  let beside: readonly string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'allotment-pack-'));
    const distribution = join(folder, 'electron');
    await makeDistribution(distribution, version);
    const settings = [
      `-c.electronDist=${distribution}`,
      `-c.directories.output=${join(folder, 'made')}`,
    ];
    await promisify(execFile)(
      process.execPath,
      [BUILDER, '--linux', 'dir', '--publish', 'never', ...settings],
      { cwd: root },
    );
    packed = join(folder, 'made', 'linux-unpacked');
    archive = join(packed, 'resources', 'app.asar');
    files = asar.listPackage(archive, { isPack: false }).map((file) => file.slice(1));
    beside = await filesBelow(`${archive}.unpacked`);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test('main, preload and window are in the archive', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'package.json',
        'out/main/main.js',
        expect.stringMatching(/^out\/main\/updater-[0-9a-f]+\.js$/),
        'out/preload/preload.cjs',
        'out/renderer/index.html',
      ]),
    );
  });

  test('threads and machine code lie beside it, for this system only', () => {
    expect(beside).toEqual(
      expect.arrayContaining(
        ['books', 'engine', 'crunch', 'reader', 'estimate'].map((name) =>
          expect.stringMatching(new RegExp(`^out/main/${name}-worker-[0-9a-f]+\\.js$`)),
        ),
      ),
    );
    // What the archive's seal is for is in it.
    expect(beside.filter((file) => /^out\/main\/(main|updater)\b/.test(file))).toEqual([]);
    const host = `linux-${process.arch}`;
    expect(beside.filter((file) => file.endsWith('.node')).sort()).toEqual([
      `node_modules/better-sqlite3/prebuilds/${host}.node`,
      `node_modules/sodium-native/prebuilds/${host}/sodium-native.node`,
    ]);
  });

  test('nothing else is: no sources, no maps, no tests, no libraries that the build took in', () => {
    const unwanted = files.filter(
      (file) => /\.(ts|tsx|map|md|c|h)$/.test(file) || /^(test|build|renderer|shared)\//.test(file),
    );
    expect(unwanted).toEqual([]);
    const libraries = files.map((file) => /^node_modules\/([^/]+)$/.exec(file)?.[1]);
    expect(libraries.filter((name) => name !== undefined).sort()).toEqual([
      'bare-addon-resolve',
      'bare-module-resolve',
      'bare-semver',
      'better-sqlite3',
      'require-addon',
      'sodium-native',
      'which-runtime',
    ]);
  });

  test('the licences of all that was built in lie beside the program', async () => {
    expect(await readFile(join(packed, 'LICENSE.txt'), 'utf8')).toContain('MIT License');
    const libraries = await readFile(join(packed, 'LICENSES.libraries.txt'), 'utf8');
    for (const name of ['react', 'zod', 'better-sqlite3', 'electron-updater'])
      expect(libraries).toMatch(new RegExp(`^${name} \\d+\\.\\S+ \\(MIT\\)$`, 'm'));
    // What only builds and tests it is in no package.
    expect(libraries).not.toMatch(/^(vitest|electron-builder) /m);
  });

  test('it knows of no place for newer versions, as nobody said one, and says that it is not signed', async () => {
    expect(await filesBelow(join(packed, 'resources'))).not.toContain('app-update.yml');
    const own = JSON.parse(asar.extractFile(archive, 'package.json').toString()) as object;
    expect(own).not.toHaveProperty('isSigned');
  });

  test('the preload is one small file that asks for nothing but Electron', () => {
    const text = asar.extractFile(archive, 'out/preload/preload.cjs').toString();
    expect(text.length).toBeLessThan(10_000);
    expect(text.match(/\b(require|import)\(.*?\)/g)).toEqual(['require("electron/renderer")']);
  });

  test('the fuses are switched', async () => {
    expect(readFuses(await readFile(join(packed, 'allotment')))).toEqual({
      runAsNode: false,
      cookieEncryption: true,
      nodeOptions: false,
      nodeCliInspect: false,
      asarIntegrity: true,
      onlyLoadAppFromAsar: true,
      browserV8Snapshot: false,
      fileProtocolPrivileges: false,
    });
  });

  /** Electron shows an archive as a folder of its name; here it is one. */
  async function install(name: string): Promise<string> {
    const place = join(folder, name, 'resources');
    asar.extractAll(archive, join(place, 'app.asar'));
    await cp(`${archive}.unpacked`, join(place, 'app.asar.unpacked'), { recursive: true });
    return place;
  }

  async function selfCheck(place: string): Promise<Checked & { readonly code: number | null }> {
    const app = await launchApp({
      home: join(folder, 'self-check'),
      main: join(place, 'app.asar', 'out', 'main', 'main.js'),
      args: ['--self-check'],
      env: { STANDIN_PACKAGED: '1' },
    });
    const { code } = await app.ended;
    const line = /^\{.*\}$/m.exec(app.output())?.[0];
    await app.close();
    if (line === undefined) throw new Error(`it said nothing: ${app.output()}`);
    return { code, ...(JSON.parse(line) as Checked) };
  }

  test.skipIf(!hasChromium)(
    'checks itself, and says what is missing where something is (skipped where Chromium is not installed)',
    async () => {
      const whole = await selfCheck(await install('whole'));
      expect(whole.checks.filter((check) => !check.ok)).toEqual([]);
      expect(whole.checks.map(({ name }) => name)).toEqual([
        'window',
        'system',
        'updater',
        'core',
        'engine',
        'reader',
        'estimate',
      ]);
      expect(whole).toMatchObject({ code: 0, ok: true });

      const broken = await install('broken');
      const host = `linux-${process.arch}`;
      const missing = [
        `app.asar.unpacked/${beside.find((file) => file.includes('crunch-worker'))}`,
        `app.asar.unpacked/node_modules/better-sqlite3/prebuilds/${host}.node`,
        'app.asar/out/preload/preload.cjs',
      ];
      for (const file of missing) await rm(join(broken, file));
      const found = await selfCheck(broken);
      expect(found).toMatchObject({ code: 1, ok: false });
      const problems = Object.fromEntries(found.checks.map((check) => [check.name, check.problem]));
      expect(problems['window']).toMatch(/^The window does not work: .*preload\.cjs.*\.$/);
      expect(problems['core']).toMatch(/^The core does not work: .+\.$/);
      expect(problems['engine']).toMatch(/^The engine does not work: .+crunch-worker.+\.$/);
      expect(problems['estimate']).toBeUndefined();
    },
  );

  test.skipIf(!hasChromium)(
    'told of a place for newer versions, it looks there once it may, tells of one and takes nothing (skipped where Chromium is not installed)',
    async () => {
      const releases = await startReleases('99.0.0');
      const place = await install('told');
      const feed = `provider: generic\nurl: ${releases.url}\nupdaterCacheDirName: allotment\n`;
      await writeFile(join(place, 'app-update.yml'), feed);
      const app = await launchApp({
        home: join(folder, 'told-home'),
        main: join(place, 'app.asar', 'out', 'main', 'main.js'),
        env: { STANDIN_PACKAGED: '1', APPIMAGE: join(folder, 'Allotment.AppImage') },
      });
      try {
        const page = await app.firstWindow();
        const call = (channel: string, args: unknown) =>
          page.evaluate(
            ([name, given]) =>
              (globalThis as unknown as { allotment: Bridge }).allotment.call(name, given),
            [channel, args] as const,
          );
        await call('settings.set', { updates: false });
        // What is due some minutes after a start is due now.
        await app.evaluate(() => {
          const now = performance.now.bind(performance);
          performance.now = () => now() + 3_600_000;
        });
        await call('settings.set', { theme: 'dark' });
        await call('settings.set', { theme: 'light' });
        expect(releases.asked).toEqual([]);
        await call('settings.set', { updates: true });
        const told = await until(async () =>
          (await recorded(app)).notifications.find(({ title }) => title.includes('99.0.0')),
        );
        expect(told.body).toContain('not signed');
        const updates = { mode: 'tells', version: '99.0.0', isReady: false };
        await until(async () => {
          const { value } = (await call('settings.get', {})) as { value: { updateTold: string } };
          return value.updateTold === '99.0.0' ? true : undefined;
        });
        expect(await call('status.get', {})).toMatchObject({ value: { shell: { updates } } });
        expect(releases.asked).toEqual(['/latest-linux.yml']);
        // Whoever is asked can't tell who asks: no number, no cookie, nothing to come back with.
        const [said = {}] = releases.said;
        expect(said['x-user-staging-id']).toMatch(/^[0-]+$/);
        for (const name of ['cookie', 'authorization', 'if-none-match'])
          expect(said).not.toHaveProperty(name);
      } finally {
        await app.close();
        await releases.close();
      }
    },
  );

  test.skipIf(!hasChromium)(
    'what was packed runs, with nothing around it (skipped where Chromium is not installed)',
    async () => {
      const place = await install('installed');
      const app = await launchApp({
        home: join(folder, 'home'),
        main: join(place, 'app.asar', 'out', 'main', 'main.js'),
        env: { STANDIN_PACKAGED: '1' },
      });
      try {
        const page = await app.firstWindow();
        expect(addressOf(page)).toMatch(/^app:\/\/allotment\//);
        const answer = page.evaluate(() =>
          (globalThis as unknown as { allotment: Bridge }).allotment.call('status.get', {}),
        );
        expect(await answer).toMatchObject({ ok: true, value: { shell: { kind: 'desktop' } } });
      } finally {
        await app.close();
      }
      expect(await app.ended).toEqual({ code: 0, signal: null });
    },
  );
});

/** A place where a newer version lies, and what was asked of it. */
async function startReleases(version: string) {
  const asked: string[] = [];
  const said: IncomingHttpHeaders[] = [];
  const sha512 = Buffer.alloc(64).toString('base64');
  const file = `Allotment-${version}.AppImage`;
  const feed = { version, files: [{ url: file, sha512, size: 1 }], path: file, sha512 };
  const server = createServer((request, response) => {
    asked.push(new URL(request.url ?? '', 'http://localhost').pathname);
    said.push(request.headers);
    // JSON is YAML too.
    response.end(JSON.stringify(feed));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    said,
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((done) => server.close(done)),
  };
}

type Checked = {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly problem?: string;
  }[];
};
type Bridge = { readonly call: (channel: string, args: unknown) => Promise<unknown> };

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
}
