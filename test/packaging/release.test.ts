import { spawnSync } from 'node:child_process';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SERVICE } from '../../electron/core/discovery/adverts.ts';
import { ASKED_FILE, RULE } from '../../electron/main/firewall.ts';

/** What surrounds the packages: how they are made on the three systems, what they are told, and their pictures. */
const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFile(join(root, path), 'utf8');

/** The reader of YAML that electron-builder brings. */
function parseYaml(text: string): unknown {
  const builder = createRequire(import.meta.resolve('electron-builder'));
  const { load } = createRequire(builder.resolve('app-builder-lib'))('js-yaml') as {
    readonly load: (text: string) => unknown;
  };
  return load(text);
}

type Step = { readonly uses?: string; readonly run?: string; readonly env?: object };
type Job = {
  readonly permissions?: object;
  readonly needs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly Step[];
};
type Workflow = { readonly permissions: object; readonly jobs: Readonly<Record<string, Job>> };

describe('the workflow', () => {
  async function workflow() {
    const text = await read('.github/workflows/build.yml');
    const parsed = parseYaml(text) as Workflow;
    return { text, ...parsed, steps: Object.values(parsed.jobs).flatMap((job) => job.steps) };
  }

  test('may read the source and nothing else; only the draft of a release is written', async () => {
    const { permissions, jobs } = await workflow();
    expect(permissions).toEqual({ contents: 'read' });
    for (const [name, job] of Object.entries(jobs)) {
      expect(job.permissions, name).toEqual(name === 'release' ? { contents: 'write' } : undefined);
      expect(job['timeout-minutes'], name).toBeGreaterThan(0);
      for (const needed of job.needs ?? []) expect(Object.keys(jobs)).toContain(needed);
    }
  });

  test('drafts a release of nothing that failed anywhere, or of which nobody said what is known against it', async () => {
    const { jobs } = await workflow();
    const needed = new Set(['release']);
    // A set that grows while it is gone through is gone through to its end.
    for (const name of needed) for (const each of jobs[name]?.needs ?? []) needed.add(each);
    expect([...needed].sort()).toEqual(Object.keys(jobs).sort());
    const { ALLOTMENT_RELEASE: onTags = '' } = jobs['gate']?.env ?? {};
    expect(onTags).toContain("startsWith(github.ref, 'refs/tags/v')");
  });

  test('brings what its tests would be skipped without, and fails where it can’t', async () => {
    const { jobs } = await workflow();
    const runs = (name: string) => (jobs[name]?.steps ?? []).map(({ run = '' }) => run);
    const [gate = ''] = runs('gate').filter((run) => run.includes('apt-get install'));
    for (const name of ['restic', 'strace']) expect(gate).toContain(` ${name}`);
    const [networks = ''] = runs('networks').filter((run) => run.includes('apt-get install'));
    for (const name of ['iproute2', 'avahi-daemon', 'avahi-utils', 'dbus'])
      expect(networks).toContain(` ${name}`);
  });

  test('releases under the number that the packages bear, or fails at once', async () => {
    const { jobs } = await workflow();
    const step = jobs['gate']?.steps.find(({ run = '' }) => run.includes('GITHUB_REF_NAME'));
    const { version } = JSON.parse(await read('package.json')) as { readonly version: string };
    const goesOn = (tag: string) =>
      spawnSync('bash', ['-e', '-c', step?.run ?? ''], {
        cwd: root,
        env: { PATH: process.env['PATH'] ?? '', GITHUB_REF_NAME: tag },
      }).status === 0;
    expect(goesOn(`v${version}`)).toBe(true);
    expect(goesOn('v99.0.0')).toBe(false);
  });

  test('counts only its own run, where there was one before', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'allotment-ci-'));
    for (const name of ['.ci', '.cache', 'bin']) await mkdir(join(folder, name));
    await copyFile(join(root, '.ci/run'), join(folder, '.ci/run'));
    const counts = { numPassedTests: 7, numFailedTests: 0, numPendingTests: 1, numTodoTests: 0 };
    const report = join(folder, '.cache/vitest.json');
    const lastLine = async (npm: string) => {
      await writeFile(report, JSON.stringify({ ...counts, numPassedTests: 6 }));
      await writeFile(join(folder, 'bin/npm'), `#!/bin/sh\n${npm}\n`, { mode: 0o755 });
      const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` };
      const { stdout, status } = spawnSync(join(folder, '.ci/run'), { env, encoding: 'utf8' });
      return [stdout.trim().split('\n').at(-1), status];
    };
    expect(await lastLine('exit 3')).toEqual(['0 passed, 1 failed', 3]);
    const counted = `echo '${JSON.stringify(counts)}' > .cache/vitest.json`;
    expect(await lastLine(counted)).toEqual(['7 passed, 0 failed, 1 skipped', 0]);
    await rm(folder, { recursive: true });
  });

  test('takes GitHub’s own actions alone, each of one major version', async () => {
    const { steps } = await workflow();
    const uses = steps.flatMap((step) => step.uses ?? []);
    expect(uses.length).toBeGreaterThan(5);
    for (const each of uses) expect(each).toMatch(/^actions\/[a-z-]+@v\d+$/);
  });

  test('calls only scripts that there are', async () => {
    const { steps } = await workflow();
    const { scripts } = JSON.parse(await read('package.json')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const called = steps.flatMap((step) =>
      [...(step.run ?? '').matchAll(/npm (?:run )?([a-z][a-z:0-9]*)/g)].map(
        ([, name = '']) => name,
      ),
    );
    expect(called).toContain('pack:check');
    for (const name of called) expect(Object.keys(scripts)).toContain(name);
  });

  test('hands what is secret, and what others wrote, to environments and never to a shell’s text', async () => {
    const { steps, text } = await workflow();
    expect(text).not.toContain('pull_request_target');
    for (const { run = '' } of steps) expect(run).not.toMatch(/\$\{\{\s*(secrets|github)\./);
  });
});

describe.skipIf(process.platform === 'win32')('packing in the workflow', () => {
  /** What the step hands to `npm`, whose place a function takes. */
  async function packedWith(secrets: Record<string, string>) {
    const { jobs } = parseYaml(await read('.github/workflows/build.yml')) as Workflow;
    const step = jobs['package']?.steps.find(({ run = '' }) => run.includes('npm run pack'));
    const empty = Object.fromEntries(Object.keys(step?.env ?? {}).map((name) => [name, '']));
    const folder = await mkdtemp(join(tmpdir(), 'allotment-workflow-'));
    const env = { PATH: process.env['PATH'] ?? '', RUNNER_TEMP: folder, ...empty, ...secrets };
    const script = `npm() { env; }\n${step?.run ?? ''}`;
    const { stdout, status } = spawnSync('bash', ['-e', '-c', script], { env, encoding: 'utf8' });
    await rm(folder, { recursive: true });
    expect(status).toBe(0);
    return stdout
      .split('\n')
      .flatMap((line) => /^(?:ALLOTMENT_SIGNED|CSC_\w+|APPLE_\w+|WIN_\w+)/.exec(line) ?? [])
      .sort();
  }
  const apple = { APPLE_API_KEY: 'key', APPLE_API_KEY_ID: 'id', APPLE_API_ISSUER: 'issuer' };

  test('has no signature and nothing for Apple where there is no certificate, as for what others propose', async () => {
    expect(await packedWith({})).toEqual([]);
    expect(await packedWith(apple)).toEqual([]);
  });

  test('signs, and asks Apple, where there are both', async () => {
    const all = await packedWith({ ...apple, CSC_LINK: 'certificate', CSC_KEY_PASSWORD: 'word' });
    expect(all).toEqual(
      ['ALLOTMENT_SIGNED', ...Object.keys(apple), 'CSC_KEY_PASSWORD', 'CSC_LINK'].sort(),
    );
  });
});

describe('a package', () => {
  const options = async (env: object) => {
    const { packOptions } = (await import(join(root, 'build/pack-options.mjs'))) as {
      readonly packOptions: (env: object) => readonly string[];
    };
    return packOptions(env);
  };

  test('knows of no place for newer versions, and of no signature, unless it is told', async () => {
    expect(await options({})).toEqual(['-c.mac.identity=-', '-c.mac.hardenedRuntime=false']);
    expect(await options({ ALLOTMENT_UPDATES_FROM: '', ALLOTMENT_SIGNED: '' })).toEqual(
      await options({}),
    );
  });

  test('is told whose releases are newer ones, and that it must be signed', async () => {
    const env = { ALLOTMENT_UPDATES_FROM: 'somebody/allotment', ALLOTMENT_SIGNED: '1' };
    expect(await options(env)).toEqual([
      '-c.publish.provider=github',
      '-c.publish.owner=somebody',
      '-c.publish.repo=allotment',
      '-c.extraMetadata.homepage=https://github.com/somebody/allotment',
      '-c.forceCodeSigning=true',
      '-c.extraMetadata.isSigned=true',
    ]);
    await expect(options({ ALLOTMENT_UPDATES_FROM: 'https://x/y' })).rejects.toThrow('OWNER');
  });

  test('of Windows takes away the very rule that the app asked for', async () => {
    const installer = await read('build/windows/installer.nsh');
    expect(installer).toContain(`!define ALLOTMENT_RULE "${RULE}"`);
    // And forgets that it was asked: whoever installs it again has no rule, and must be asked again.
    expect(installer).toContain(`Delete "$APPDATA\\Allotment\\${ASKED_FILE}"`);
    expect(await read('electron-builder.yml')).toContain('include: build/windows/installer.nsh');
  });

  test('of macOS asks back from the hardened runtime only what its compiler needs', async () => {
    const plist = await read('build/mac/entitlements.plist');
    expect([...plist.matchAll(/<key>(.*)<\/key>/g)].map(([, key]) => key)).toEqual([
      'com.apple.security.cs.allow-jit',
    ]);
  });

  test('of macOS says in each language why it looks round the network, and by which name', async () => {
    const { mac } = parseYaml(await read('electron-builder.yml')) as {
      readonly mac: { readonly extendInfo: Readonly<Record<string, unknown>> };
    };
    const key = 'NSLocalNetworkUsageDescription';
    expect(mac.extendInfo[key]).toMatch(/friends/);
    expect(mac.extendInfo['NSBonjourServices']).toEqual([SERVICE.replace('.local', '')]);
    expect(mac).toMatchObject({ extraResources: [{ from: 'build/mac/de.lproj', to: 'de.lproj' }] });
    expect(await read('build/mac/de.lproj/InfoPlist.strings')).toMatch(
      new RegExp(`^"${key}" = ".*Freunde.*";$`, 'm'),
    );
  });

  test('that checked itself is reported with each check, and with its own exit code', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'allotment-check-'));
    const program = join(folder, 'allotment');
    const check = async (says: string, code: number) => {
      await writeFile(program, `#!/bin/sh\ncat <<'E'\n${says}\nE\nexit ${code}\n`);
      await chmod(program, 0o755);
      const args = [join(root, 'build/check-packed.mjs'), '--program', program];
      return spawnSync(process.execPath, args, { encoding: 'utf8' });
    };
    const found = (ok: boolean) =>
      JSON.stringify({
        ok,
        version: '1.0.0',
        system: 'linux-x64',
        checks: [{ name: 'core', ok, ms: 5, ...(ok ? {} : { problem: 'It is not there.' }) }],
      });
    expect(await check(`[a word of Chromium's]\n${found(true)}`, 0)).toMatchObject({
      status: 0,
      stdout: 'Allotment 1.0.0 on linux-x64\nok  core (5 ms)\n',
    });
    const broken = await check(found(false), 1);
    expect([broken.status, broken.stdout]).toEqual([
      1,
      expect.stringContaining('NOT OK  core (5 ms): It is not there.'),
    ]);
    expect((await check('Segmentation fault', 0)).status).toBe(1);
    await rm(folder, { recursive: true });
  });
});

describe('the pictures', () => {
  const sizeOf = (png: Buffer) => [png.readUInt32BE(16), png.readUInt32BE(20)];
  const sizeAt = async (path: string) => sizeOf(await readFile(join(root, path)));

  test('of the app are there in all sizes of Linux, macOS and Windows', async () => {
    for (const size of [16, 24, 32, 48, 64, 128, 256, 512])
      expect(await sizeAt(`build/icons/${size}x${size}.png`)).toEqual([size, size]);
    expect(await sizeAt('build/icons/icon.png')).toEqual([1024, 1024]);
    const ico = await readFile(join(root, 'build/icons/icon.ico'));
    const sizes = Array.from({ length: ico.readUInt16LE(4) }, (_, i) =>
      sizeOf(ico.subarray(ico.readUInt32LE(6 + 16 * i + 12))),
    );
    expect(sizes.map(([width]) => width)).toEqual([16, 24, 32, 48, 64, 128, 256]);
  });

  test('of the tray are there for each state, panel and scale', async () => {
    const sizes: Readonly<Record<string, number>> = {
      Template: 18,
      'Template@2x': 36,
      ...Object.fromEntries(
        ['-on-light', '-on-dark'].flatMap((variant) => [
          [variant, 16],
          [`${variant}@1.25x`, 20],
          [`${variant}@1.5x`, 24],
          [`${variant}@2x`, 32],
          [`${variant}-panel`, 32],
        ]),
      ),
    };
    const folder = 'renderer/public/shell';
    const states = ['idle', 'busy', 'paused', 'attention'];
    for (const state of states)
      for (const [name, size] of Object.entries(sizes))
        expect(await sizeAt(`${folder}/${state}${name}.png`), state + name).toEqual([size, size]);
    const all = await readdir(join(root, folder));
    expect(all).toHaveLength(1 + states.length * Object.keys(sizes).length);
  });
});
