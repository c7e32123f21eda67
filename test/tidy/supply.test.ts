import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

/** What the app is made of that others wrote: where it comes from, that it is what it was, and what is known against it. */
const root = resolve(import.meta.dirname, '../..');

type Entry = {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
};
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, Entry>>;
};
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

/** Scripts that run when they are installed; `npm ci` runs with `--ignore-scripts`, and then only that of `node`. */
const MAY_HAVE_SCRIPTS: ReadonlySet<string> = new Set([
  // Fetches the binary of Node 24 that everything runs on.
  'node_modules/node',
  // Of the Windows installer that we don't build; its script never runs here.
  'node_modules/electron-winstaller',
]);

describe('the lock file', () => {
  test('has the hash of every package, so that none can be another than it was', () => {
    expect(packages.length).toBeGreaterThan(100);
    const without = packages.filter(
      ([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''),
    );
    expect(without.map(([path]) => path)).toEqual([]);
  });

  test('takes packages from the registry and from nowhere else', () => {
    const elsewhere = packages.filter(
      ([, { resolved, link }]) =>
        link === true ||
        !(resolved ?? 'https://registry.npmjs.org/').startsWith('https://registry.npmjs.org/'),
    );
    expect(elsewhere.map(([path]) => path)).toEqual([]);
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
      'dependencies' | 'devDependencies',
      Record<string, string>
    >;
    for (const [name, range] of Object.entries({
      ...manifest.dependencies,
      ...manifest.devDependencies,
    }))
      expect(range, name).toMatch(/^[\^~]?\d+\.\d+\.\d+$/);
  });

  test('lets no other package run a script when it is installed', () => {
    const scripts = packages.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    expect(scripts.map(([path]) => path).filter((path) => !MAY_HAVE_SCRIPTS.has(path))).toEqual([]);
    const setUp = readFileSync(join(root, 'build/run.mjs'), 'utf8');
    expect(setUp).toContain("npm('ci', '--ignore-scripts')");
    expect([...setUp.matchAll(/npm\('rebuild', '([^']+)'\)/g)].map(([, name]) => name)).toEqual([
      'node',
    ]);
  });
});

type Judged = {
  readonly asked: boolean;
  readonly grave: readonly { readonly advisory: string; readonly name: string }[];
  readonly lapsed?: readonly string[];
};
type Accepted = { readonly advisory: string; readonly until: string; readonly why: string };

describe('the audit', async () => {
  const { audit, judgeAudit, shippedBy } = (await import(join(root, 'build/audit.mjs'))) as {
    readonly audit: (at: {
      readonly root: string;
      readonly say: (sentence: string) => void;
      readonly isRelease: boolean;
      readonly ask: () => string;
    }) => boolean;
    readonly judgeAudit: (
      text: string,
      at: {
        readonly today: string;
        readonly accepted?: readonly Accepted[];
        readonly isShipped: (path: string) => boolean;
      },
    ) => Judged;
    readonly shippedBy: (read: typeof lock) => (path: string) => boolean;
  };
  const isShipped = () => true;
  const today = '2026-11-26';
  const advisory = (severity: string) => ({
    name: 'left-pad',
    title: 'pads on the wrong side',
    url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
    severity,
  });
  const report = (severity: string, path = 'node_modules/left-pad') =>
    JSON.stringify({
      vulnerabilities: {
        'left-pad': { severity, via: [advisory(severity)], nodes: [path] },
        'uses-it': { severity, via: ['left-pad'], nodes: ['node_modules/uses-it'] },
      },
    });

  test('fails on what is grave, once, and not on what is less', () => {
    expect(judgeAudit(report('critical'), { today, isShipped })).toMatchObject({
      asked: true,
      grave: [{ advisory: 'GHSA-aaaa-bbbb-cccc', name: 'left-pad' }],
    });
    expect(judgeAudit(report('moderate'), { today, isShipped }).grave).toEqual([]);
  });

  test('accepts what is on the list until its day, and not a day longer', () => {
    const accepted = [{ advisory: 'GHSA-aaaa-bbbb-cccc', until: today, why: 'never called' }];
    expect(judgeAudit(report('high'), { today, accepted, isShipped }).grave).toEqual([]);
    const tomorrow = judgeAudit(report('high'), { today: '2026-11-27', accepted, isShipped });
    expect(tomorrow.grave).toHaveLength(1);
    expect(tomorrow.lapsed).toEqual(['GHSA-aaaa-bbbb-cccc']);
  });

  test('takes a registry that does not answer for one that was not asked', () => {
    const refused = JSON.stringify({ message: '405 Method Not Allowed', error: { summary: '' } });
    expect(judgeAudit(refused, { today, isShipped })).toMatchObject({
      asked: false,
      why: '405 Method Not Allowed',
    });
    expect(judgeAudit('', { today, isShipped })).toMatchObject({ asked: false });
    expect(judgeAudit('{}', { today, isShipped })).toMatchObject({ asked: false });
  });

  test('looks at what people get, Electron too, and not at what only builds and tests it', () => {
    const isInApp = shippedBy(lock);
    for (const name of ['electron', 'node', 'zod', 'react'])
      expect(isInApp(`node_modules/${name}`), name).toBe(true);
    for (const name of ['vitest', 'electron-builder'])
      expect(isInApp(`node_modules/${name}`), name).toBe(false);
    const found = (path: string) =>
      judgeAudit(report('high', path), { today, isShipped: isInApp }).grave.length;
    expect(found('node_modules/electron')).toBe(1);
    expect(found('node_modules/vitest')).toBe(0);
  });

  test('that gets no answer is said, and stops a release and nothing else', () => {
    const said: string[] = [];
    const say = (sentence: string) => said.push(sentence);
    const at = { root, say, ask: () => '' };
    expect(audit({ ...at, isRelease: false })).toBe(true);
    expect(audit({ ...at, isRelease: true })).toBe(false);
    expect(said).toHaveLength(2);
    for (const each of said) expect(each).toMatch(/^NOT ASKED: /);
    const grave = () => report('critical', 'node_modules/electron');
    expect(audit({ ...at, isRelease: false, ask: grave })).toBe(false);
  });
});
