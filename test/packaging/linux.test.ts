import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDistribution } from './distribution.ts';

/** The package of Debian, made by the real electron-builder and its real configuration; `fpm` is a stand-in. */
const root = resolve(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);
const BUILDER = join(dirname(require.resolve('electron-builder/package.json')), 'cli.js');
const { version } = require('electron/package.json') as { readonly version: string };
const run = promisify(execFile);
const hasDpkg = spawnSync('dpkg-deb', ['--version']).status === 0;

describe.skipIf(!hasDpkg)('The deb (skipped where there is no dpkg-deb)', () => {
  let folder: string;
  let installed: string;
  let control: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'allotment-deb-'));
    const distribution = join(folder, 'electron');
    await makeDistribution(distribution, version);
    const fpm = join(folder, 'fpm');
    const standin = join(import.meta.dirname, 'fpm-standin.mjs');
    await writeFile(fpm, `#!/bin/sh\nexec '${process.execPath}' '${standin}' "$@"\n`);
    await chmod(fpm, 0o755);
    const settings = [
      `-c.electronDist=${distribution}`,
      `-c.directories.output=${join(folder, 'made')}`,
    ];
    await run(process.execPath, [BUILDER, '--linux', 'deb', '--publish', 'never', ...settings], {
      cwd: root,
      env: { ...process.env, CUSTOM_FPM_PATH: fpm },
    });
    const made = await readdir(join(folder, 'made'));
    const deb = join(folder, 'made', made.find((name) => name.endsWith('.deb')) ?? '');
    installed = join(folder, 'installed');
    control = join(folder, 'control');
    await run('dpkg-deb', ['-x', deb, installed]);
    await run('dpkg-deb', ['-e', deb, control]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const read = (path: string) => readFile(join(installed, path), 'utf8');

  test('says what it is, and whose', async () => {
    const text = await readFile(join(control, 'control'), 'utf8');
    expect(text).toMatch(/^Package: allotment$/m);
    expect(text).toMatch(/^Section: net$/m);
    expect(text).toMatch(/^Maintainer: .+ <.+@.+>$/m);
  });

  test('has the app, its entry in the menu and its icons in all sizes', async () => {
    const entry = await read('usr/share/applications/allotment.desktop');
    expect(entry).toMatch(/^Name=Allotment$/m);
    expect(entry).toMatch(/^Exec=\/opt\/Allotment\/allotment /m);
    expect(entry).toMatch(/^Categories=Network;FileTransfer;P2P;$/m);
    expect(entry).toMatch(/^Comment=Share storage between friends/m);
    const sizes = await readdir(join(installed, 'usr/share/icons/hicolor'));
    expect(sizes.sort()).toEqual(
      ['16x16', '24x24', '32x32', '48x48', '64x64', '128x128', '256x256', '512x512'].sort(),
    );
  });

  test('has a unit for computers without a screen, which systemd understands and nobody is made to run', async () => {
    const unit = await read('usr/lib/systemd/user/allotment.service');
    expect(unit).toMatch(/^ExecStart=\/usr\/bin\/allotment --hidden$/m);
    const copy = join(folder, 'allotment.service');
    await writeFile(copy, unit.replace('/usr/bin/allotment', '/bin/true'));
    const env = { ...process.env, XDG_RUNTIME_DIR: folder };
    const { status, stderr } = spawnSync('systemd-analyze', ['--user', 'verify', copy], { env });
    // Null: there is no systemd here to ask.
    expect([`${stderr ?? ''}`, status ?? 0]).toEqual(['', 0]);
  });

  test('links the command line, and takes the link away again', async () => {
    const scripts = await Promise.all(
      ['postinst', 'postrm'].map((name) => readFile(join(control, name), 'utf8')),
    );
    for (const [i, name] of ['postinst', 'postrm'].entries()) {
      expect(scripts[i], name).not.toMatch(/\$\{[a-zA-Z]+\}/);
      expect(spawnSync('sh', ['-n', join(control, name)]).status, name).toBe(0);
    }
    expect(scripts[0]).toContain(`ln -sf "$app/resources/allotment" '/usr/bin/allotment'`);
    expect(scripts[1]).toContain(`rm -f '/usr/bin/allotment'`);
  });

  test('makes Chromium’s helper root’s where people may make no namespaces, whatever root may', async () => {
    const app = join(folder, 'app');
    const tools = join(folder, 'tools');
    for (const each of [app, tools]) await mkdir(each);
    const written = await readFile(join(control, 'postinst'), 'utf8');
    const script = written
      .replaceAll('/opt/Allotment', app)
      .replaceAll('/usr/bin/allotment', join(folder, 'link'));
    const put = (file: string, text: string) => writeFile(file, text, { mode: 0o755 });
    const modeWhere = async (may: string) => {
      await put(join(app, 'chrome-sandbox'), '');
      // Root may always.
      await put(join(tools, 'unshare'), '#!/bin/sh\nexit 0\n');
      await put(join(tools, 'setpriv'), `#!/bin/sh\n${may}\n`);
      const env = { PATH: `${tools}:/usr/bin:/bin` };
      await run('sh', ['-c', script, 'postinst', 'configure'], { env });
      return ((await stat(join(app, 'chrome-sandbox'))).mode & 0o7777).toString(8);
    };
    expect(await modeWhere('exit 1')).toBe('4755');
    expect(await modeWhere('exit 0')).toBe('755');
  });

  test('tells Chromium where there is no screen, and passes on every word', async () => {
    const launcher = join(installed, 'opt/Allotment/resources/allotment');
    expect((await stat(launcher)).mode & 0o777).toBe(0o755);
    await mkdir(join(folder, 'opt/resources'), { recursive: true });
    const program = join(folder, 'opt/allotment');
    await writeFile(program, '#!/bin/sh\nfor each; do echo "[$each]"; done\n');
    await chmod(program, 0o755);
    const link = join(folder, 'opt/resources/allotment');
    await writeFile(link, await readFile(launcher), { mode: 0o755 });
    const said = async (env: Record<string, string>, ...args: string[]) => {
      const { stdout } = await run(link, args, {
        env: { PATH: process.env['PATH'] ?? '', ...env },
      });
      return stdout.trim().split('\n').join('');
    };
    const headless = '[--ozone-platform=headless][--disable-gpu]';
    expect(await said({}, 'ask', 'Ben the great')).toBe(`${headless}[ask][Ben the great]`);
    expect(await said({})).toBe(`${headless}[--hidden]`);
    expect(await said({ DISPLAY: ':0' }, 'status')).toBe('[status]');
    expect(await said({ WAYLAND_DISPLAY: 'wayland-0' })).toBe('');
  });
});
