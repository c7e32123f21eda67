import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** The package for a NAS as its owner gets it: unpacked, installed, served and stopped, where there is no other Node. */
const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
/** What the launcher needs of a system. */
const TOOLS = ['sh', 'dirname', 'readlink', 'mkdir', 'ln', 'cp', 'rm'];

const REPLACED = /replaced by another version.* Restart it/;

describe.skipIf(process.platform === 'win32')('The package without a desktop', () => {
  let place: string;
  let unpacked: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'allotment-headless-'));
    const made = join(place, 'made');
    await run(process.execPath, [join(root, 'build/pack-headless.mjs'), '--output', made]);
    const file = (await readdir(made)).find((name) => name.endsWith('.tar.gz')) ?? '';
    const hash = createHash('sha256')
      .update(await readFile(join(made, file)))
      .digest('hex');
    expect(await readFile(join(made, `${file}.sha256`), 'utf8')).toBe(`${hash}  ${file}\n`);
    await mkdir(join(place, 'lib'));
    await run('tar', ['-xzf', join(made, file), '-C', join(place, 'lib')]);
    unpacked = join(place, 'lib', file.replace('.tar.gz', ''));
    env = {
      PATH: await pathWith(TOOLS),
      HOME: join(place, 'user'),
      ALLOTMENT_HOME: join(place, 'home'),
      XDG_RUNTIME_DIR: await folder('runtime'),
    };
    await mkdir(env['HOME'] ?? '');
  });
  afterAll(() => rm(place, { recursive: true, force: true }));

  async function folder(name: string): Promise<string> {
    await mkdir(join(place, name), { mode: 0o700 });
    return join(place, name);
  }

  /** Nothing but these is found on it, and so no Node. */
  async function pathWith(tools: readonly string[]): Promise<string> {
    const bin = await folder('bin');
    for (const tool of tools) {
      const found = (
        await Promise.all(
          (process.env['PATH'] ?? '')
            .split(delimiter)
            .map(async (each) =>
              (await readdir(each).catch((): string[] => [])).includes(tool)
                ? join(each, tool)
                : undefined,
            ),
        )
      ).find((file) => file !== undefined);
      if (found !== undefined) await symlink(found, join(bin, tool));
    }
    return bin;
  }

  const allotment = (...args: readonly string[]) => run(join(unpacked, 'allotment'), args, { env });

  test('has only this system’s machine code, and no sources', async () => {
    const files = (await readdir(unpacked, { recursive: true })).map((file) => `/${file}`);
    const host = `${process.platform}-${process.arch}`;
    expect(files.filter((file) => file.endsWith('.node')).sort()).toEqual([
      `/node_modules/better-sqlite3/prebuilds/${host}.node`,
      `/node_modules/sodium-native/prebuilds/${host}/sodium-native.node`,
    ]);
    expect(files.filter((file) => /\.(ts|tsx|map|md|c|h|built)$/.test(file))).toEqual([]);
    const licences = ['/LICENSE', '/LICENSES-libraries.txt', '/bin/LICENSE-node'];
    expect(files).toEqual(expect.arrayContaining(licences));
  });

  test('checks itself', async () => {
    const { stdout } = await allotment('self-check');
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  });

  test('serves, answers and stops when the system says so, where there is no other Node', async () => {
    await expect(run('sh', ['-c', 'command -v node'], { env })).rejects.toThrow();
    const serve = spawn(join(unpacked, 'allotment'), ['serve', '--name', 'Nas', '--no-discovery'], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((done) =>
      serve.once('exit', (code, signal) => done({ code, signal })),
    );
    try {
      const ready = await new Promise<Buffer>((done) => serve.stdout.once('data', done));
      expect(JSON.parse(ready.toString())).toMatchObject({ web: expect.stringMatching(/^http:/) });
      const { stdout } = await allotment('status', '--json');
      const status = JSON.parse(stdout) as { readonly name: string; readonly web: string };
      expect(status).toMatchObject({ name: 'Nas', shell: { kind: 'headless' } });
      const page = await fetch(status.web);
      expect(await page.text()).toContain('<div id="root">');
    } finally {
      serve.kill('SIGTERM');
    }
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(await readdir(join(place, 'home'))).not.toContain('control.json');
  });

  test('is replaced while it runs: what can’t begin any more says so, and all else goes on', async () => {
    const here = join(place, 'replaced');
    await cp(unpacked, here, { recursive: true });
    const program = join(here, 'allotment');
    const own = { ...env, ALLOTMENT_HOME: join(place, 'replaced home') };
    const call = (...args: readonly string[]) =>
      run(program, args, { env: own }).catch(
        (error: { readonly code: number; readonly stderr: string }) => error,
      );
    const serve = spawn(program, ['serve', '--name', 'Nas', '--no-discovery'], {
      env: own,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    serve.stderr.on('data', (chunk) => {
      said += String(chunk);
    });
    const ended = new Promise((done) =>
      serve.once('close', (code, signal) => done({ code, signal })),
    );
    try {
      await new Promise<Buffer>((done) => serve.stdout.once('data', done));
      expect(await call('backup', 'estimate', '--folder', here)).not.toHaveProperty('code');
      // As another version would: its own threads, under names of their own, in place of these.
      const out = join(here, 'out/headless');
      for (const name of await readdir(out))
        if (name.includes('-worker-')) {
          await rm(join(out, name));
          const other = name.replace(/-[0-9a-f]+\.js$/, '-01234567.js');
          await writeFile(join(out, other), 'throw new Error("of another version");');
        }
      const estimated = await call('backup', 'estimate', '--folder', here);
      expect(estimated).toMatchObject({ code: 7 });
      expect(estimated.stderr).toMatch(REPLACED);
      const { stdout } = await run(program, ['friends', '--json'], { env: own });
      expect(JSON.parse(stdout)).toEqual([]);
      // With other words it is another device: the core begins anew, and can't. Whoever keeps the service starts what is there now.
      const words = join(place, 'words');
      await writeFile(words, `${'abandon '.repeat(23)}art`);
      await call('recovery', 'begin', '--words-file', words);
      expect(await ended).toEqual({ code: 7, signal: null });
      expect(said).toMatch(REPLACED);
    } finally {
      serve.kill('SIGTERM');
    }
    expect(await readdir(own.ALLOTMENT_HOME)).not.toContain('control.json');
  });

  test('puts itself on its user’s path, with a unit that systemd understands, and takes itself away', async () => {
    const { stdout } = await allotment('install');
    expect(stdout).toContain('systemctl --user enable --now allotment');
    const user = env['HOME'] ?? '';
    const program = join(user, '.local/bin/allotment');
    expect(await readlink(program)).toBe(join(unpacked, 'allotment'));
    const { stdout: help } = await run(program, ['help'], { env });
    expect(help).toMatch(/^allotment COMMAND/);
    const unit = join(user, '.config/systemd/user/allotment.service');
    expect(await readFile(unit, 'utf8')).toContain('ExecStart=%h/.local/bin/allotment serve');
    // Where there is systemd, it says itself what it thinks of it.
    const verify = run('systemd-analyze', ['--user', 'verify', unit], {
      env: { ...env, PATH: process.env['PATH'] ?? '' },
    });
    expect(await verify.then(({ stderr }) => stderr, ignoreMissing)).toBe('');
    await allotment('uninstall');
    expect(await readdir(join(user, '.local/bin'))).toEqual([]);
    expect(await readdir(join(user, '.config/systemd/user'))).toEqual([]);
  });

  test('says what is still to be done: a path, an older one that runs, a systemd that can’t be asked', async () => {
    const bin = join(env['HOME'] ?? '', '.local/bin');
    const units = join(env['HOME'] ?? '', '.config/systemd/user');
    const first = await allotment('install');
    expect(first.stdout).toContain(`${bin} is not on your path`);
    const newer = await folder('newer with a blank');
    for (const name of ['allotment', 'allotment.service'])
      await cp(join(unpacked, name), join(newer, name));
    // A systemd that knows of no session of this user's.
    const tools = await folder('tools');
    await writeFile(join(tools, 'systemctl'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const more = { ...env, PATH: `${bin}:${tools}:${env['PATH']}` };
    const call = (word: string) => run(join(newer, 'allotment'), [word], { env: more });
    const { stdout } = await call('install');
    expect(stdout).not.toContain('not on your path');
    expect(stdout).toContain('enable --now');
    expect(stdout).toContain('systemctl --user try-restart allotment');
    expect(stdout).toContain(`Only then remove ${unpacked}\n`);
    expect(await readlink(join(bin, 'allotment'))).toBe(join(newer, 'allotment'));
    const again = await call('install');
    expect(again.stdout).toContain('enable --now');
    expect(again.stdout).not.toContain('remove');
    await mkdir(join(units, 'default.target.wants'));
    const wanted = join(units, 'default.target.wants/allotment.service');
    await symlink(join(units, 'allotment.service'), wanted);
    expect((await call('uninstall')).stdout).toContain('systemd did not stop it');
    expect(await readdir(join(units, 'default.target.wants'))).toEqual([]);
    expect(await readdir(bin)).toEqual([]);
  });

  test('says of nothing that it can be removed but of an older package of its own', async () => {
    const bin = join(env['HOME'] ?? '', '.local/bin');
    const system = join(await folder('usr'), 'allotment');
    await writeFile(system, '#!/bin/sh\n', { mode: 0o755 });
    await mkdir(bin, { recursive: true });
    await symlink(system, join(bin, 'allotment'));
    const { stdout } = await allotment('install');
    expect(stdout).toContain('enable --now');
    expect(stdout).not.toContain('remove');
    expect(await readlink(join(bin, 'allotment'))).toBe(join(unpacked, 'allotment'));
    await allotment('uninstall');
  });

  test('is what the container runs: what its recipe copies and calls is there', async () => {
    const recipe = await readFile(join(root, 'build/headless/Dockerfile'), 'utf8');
    const [, task = ''] = /build\/run\.mjs (\S+) --folder/.exec(recipe) ?? [];
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    expect(scripts[task]).toBe(`node build/run.mjs ${task}`);
    expect(recipe).toContain('ln -s /opt/allotment/allotment');
    expect(recipe).toMatch(/ENTRYPOINT \["allotment"\]\nCMD \["serve"\]/);
  });
});

/** A system without systemd has no opinion. */
function ignoreMissing(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}
