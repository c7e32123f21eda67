/**
 * Every npm script comes through here. This file is plain JavaScript for whatever Node the machine
 * has: it does the set-up that is missing (dependencies, Node 24, what the tests need), says so in
 * sentences, and then runs the task on the project's own Node 24. better-sqlite3 crashes on
 * Node 20, so nothing else may be imported before that.
 */
import { spawnSync, spawn } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { audit } from './audit.mjs';
import { build, parts } from './build.mjs';
import { chromiumIn } from './chromium.mjs';
import { findDesktop, runDesktop } from './desktop.mjs';
import { packOptions } from './pack-options.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.allotment-lock');
const isWindows = process.platform === 'win32';

/** Notes go to standard error, so that `--json` output stays clean. */
function say(sentence) {
  process.stderr.write(`${sentence}\n`);
}

function stop(sentence, code = 1) {
  say(sentence);
  process.exit(code);
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function node24() {
  const packaged = join(modules, 'node', 'bin', isWindows ? 'node.exe' : 'node');
  if (existsSync(packaged)) return realpathSync(packaged);
  return Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : undefined;
}

function npm(...args) {
  const quiet = ['--no-fund', '--no-audit', '--loglevel=error'];
  const options = { cwd: root, stdio: ['ignore', 2, 2], shell: isWindows };
  return spawnSync('npm', [...args, ...quiet], options).status === 0;
}

function setUp() {
  const hash = lockHash();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash && node24() !== undefined)
    return;
  say('Setting up: fetching the dependencies (npm ci). This takes a minute, once.');
  // No install scripts: better-sqlite3 brings binaries for every platform, but npm would compile it.
  // The one script that is wanted is that of the package "node", which fetches the binary.
  if (!npm('ci', '--ignore-scripts') || !npm('rebuild', 'node'))
    stop('Set-up failed: npm ci did not succeed. Its own words are above; is the network there?');
  if (node24() === undefined) {
    stop(
      'Set-up failed: the package "node" brought no Node 24. Install Node 24 yourself, or allow its install script and run npm ci again.',
    );
  }
  writeFileSync(stampFile, hash);
}

/** Builds what changed, or everything; a part that can't be built ends the task. */
function buildParts(names, { force = false } = {}) {
  for (const name of names)
    if (!build(name, { node: node24(), env: environment(), say, force })) stop('build: failed');
}

/** What was built of the program without a desktop. Where nothing can be written its sources do the same, only later. */
function builtHeadless(name) {
  if (build('headless', { node: node24(), env: environment(), say }))
    return `out/headless/${name}.js`;
  say('It runs from its sources instead.');
  return `electron/headless/${name}.ts`;
}

/** Runs a step on Node 24 to its end; a failing step ends the task. */
function step(name, args) {
  const startedMs = Date.now();
  const run = spawnSync(node24(), args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: environment(),
  });
  if (run.status !== 0) stop(`${name}: failed`, run.status ?? 1);
  say(`${name}: ok (${((Date.now() - startedMs) / 1000).toFixed(1)} s)`);
}

function environment() {
  // Tools started by tools must find Node 24 too.
  return {
    ...process.env,
    PATH: `${dirname(node24())}${isWindows ? ';' : ':'}${process.env.PATH ?? ''}`,
  };
}

/** Hands over to Node 24 with this terminal, its signals and its exit code. */
function become(args, more = {}) {
  const env = { ...environment(), ...more };
  const child = spawn(node24(), args, { cwd: process.cwd(), stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

/** Which Chromium it is may be said by name. */
const found = (program) => (program === 'chromium' ? chromiumIn(process.env, 'chromium') : program);

/**
 * The program itself. Packs pass through memory outside V8's heap, and Node 24 looks through the whole program for every 64 MB of
 * that; newer V8 counts it with the heap and looks when both have grown, which this flag brings.
 */
function run(file, args) {
  const is24 = node24() !== process.execPath || process.versions.node.startsWith('24.');
  const flags = is24 ? ['--external-memory-accounted-in-global-limit'] : [];
  become([...flags, join(root, file), ...args]);
}

const has = (program) =>
  ['--version', 'version', '-V'].some(
    (ask) => spawnSync(found(program), [ask], { stdio: 'ignore' }).status === 0,
  );

/** What tests need beyond npm, by program: the package that brings it, what is skipped without it. */
const forTests = {
  chromium: { brings: 'chromium', without: 'The tests of the window' },
  restic: { brings: 'restic', without: 'The proofs against stock restic' },
};
/** Network namespaces are Linux's alone, and so is what runs in them. */
const forTestsOnLinux = {
  ip: { brings: 'iproute2', without: 'The tests on real networks' },
  'avahi-daemon': { brings: 'avahi-daemon', without: 'The proofs against Avahi' },
  'avahi-browse': { brings: 'avahi-utils', without: 'The proofs against Avahi' },
  'dbus-daemon': { brings: 'dbus', without: 'The proofs against Avahi' },
  strace: { brings: 'strace', without: 'Power losses inside SQLite' },
};

/** Found, installed where that is possible, or said loudly. */
function setUpTests() {
  const isLinux = process.platform === 'linux';
  const isRoot = process.getuid?.() === 0;
  const wanted = { ...forTests, ...(isLinux ? forTestsOnLinux : {}) };
  if (!isLinux || !isRoot)
    say('SKIPPED: the tests on real networks. They need Linux and root, for network namespaces.');
  const missing = Object.keys(wanted).filter((program) => !has(program));
  if (missing.length === 0) return;
  if (isLinux && isRoot && existsSync('/usr/bin/apt-get')) {
    const packages = missing.map((program) => wanted[program].brings);
    say(`Setting up: installing ${packages.join(', ')} (apt-get). This takes a minute, once.`);
    const options = {
      stdio: ['ignore', 'ignore', 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    };
    spawnSync('apt-get', ['update', '-qq'], options);
    // One by one: a name that this system has no package for would keep all others out.
    for (const name of packages)
      spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], options);
  }
  for (const program of missing.filter((name) => !has(name))) {
    const { without } = wanted[program];
    say(`NOT FOUND: ${program}. ${without} will be skipped. Install it to run them.`);
  }
}

const bin = (name, file) => join(modules, name, file);
const typecheck = () => step('types', [bin('typescript', 'bin/tsc'), '-b', '--force']);
const lint = () => step('lint', [bin('oxlint', 'bin/oxlint'), '--deny-warnings', '--type-aware']);
const formatCheck = () => step('format', [bin('@biomejs/biome', 'bin/biome'), 'check']);
const unused = () =>
  step('unused code', [bin('knip', 'bin/knip.js'), '--config', 'build/knip.json']);
const everything = Object.keys(parts);
/** Other homes that tests and the bench start are what people start. */
const builtHomes = { ALLOTMENT_CLI: join(root, 'out/headless/cli.js') };
const vitest = [bin('vitest', 'vitest.mjs'), 'run', '--config', 'build/vitest.config.ts'];

function test(rest) {
  setUpTests();
  buildParts(everything);
  // What was built just now is what threads are started from: two of three seconds of a home's start went into reading sources.
  become([...vitest, ...rest], { BUILT_THREADS: '1', ...builtHomes });
}

/** A million random commands to the ledger and to its reference model, and 50,000 steps of backups; SEED=… begins elsewhere. */
function simulate(rest) {
  const COMMANDS = process.env.COMMANDS ?? '1000000';
  const STEPS = process.env.STEPS ?? '50000';
  const models = ['sharing-model', 'engine-model'].map(
    (name) => `test/core/ledger/${name}.test.ts`,
  );
  become([...vitest, ...models, 'test/core/backup/storm.test.ts', ...rest], { COMMANDS, STEPS });
}

/** Every property with twenty times as many cases, and others than in `npm test`; SEED=… repeats them. */
function properties(rest) {
  const SEED = process.env.SEED ?? String(randomInt(2 ** 31));
  const TIMES = process.env.TIMES ?? '20';
  const tests = readdirSync(join(root, 'test'), { recursive: true })
    .filter((name) => /[.]test[.]tsx?$/.test(name))
    .map((name) => join('test', name))
    .filter((name) => readFileSync(join(root, name), 'utf8').includes('/fakes/properties.ts'));
  say(`Properties with SEED=${SEED} TIMES=${TIMES}.`);
  become([...vitest, '--testTimeout', String(2 * 3600 * 1000), ...tests, ...rest], { SEED, TIMES });
}

/** A year among twenty friends, in minutes; `soak load 60`: a real host under full load for an hour. See `test/soak/soak.ts`. */
function soak(rest) {
  become([join(root, 'test/soak/soak.ts'), ...rest]);
}

/** More than a million hostile inputs to everything that takes any; see `test/fuzz/fuzz.ts` for what can be said behind it. */
function fuzz(rest) {
  become([join(root, 'test/fuzz/fuzz.ts'), ...rest]);
}

/** Power losses and failing disks at every step, with far more luck at each than `npm test` has time for. */
function power(rest) {
  setUpTests();
  const suites = [
    'plots/power-loss',
    'plots/disk-faults',
    'database/power-loss',
    'database/crash-states',
  ];
  const files = suites.map((name) => `test/core/${name}.test.ts`);
  become([...vitest, ...files, ...rest], { POWER: 'long' });
}

/** The desktop app where there can be one; otherwise the same without it, and the window in the browser. */
function start(rest) {
  const args = rest.filter((arg) => arg !== '--headless');
  const headless = () => run(builtHeadless('start'), args);
  const instead = (reason) => {
    say(
      `No desktop app: ${reason}. Allotment runs without it; its window is a page in your browser.`,
    );
    headless();
  };
  buildParts(['window']);
  if (rest.includes('--headless')) return headless();
  const desktop = findDesktop();
  if (desktop.reason !== undefined) return instead(desktop.reason);
  buildParts(['shell']);
  runDesktop(desktop.program, args, { env: environment(), onEarlyEnd: instead });
}

/** The end-to-end specs on real Electron instead of its stand-in. */
function testOnElectron(rest) {
  const desktop = findDesktop();
  if (desktop.reason !== undefined) stop(`The specs can't run on Electron: ${desktop.reason}.`);
  buildParts(everything);
  become([...vitest, '--project', 'shell', 'test/e2e', ...rest], { ALLOTMENT_E2E: 'electron' });
}

/** The app as people get it, in a folder; with --installers, what they install. */
function pack(rest) {
  buildParts(['window', 'shell', 'licences'], { force: true });
  const more = rest.filter((arg) => arg !== '--installers');
  const what = more.length === rest.length ? ['--dir'] : [];
  const options = packOptions(process.env);
  become([bin('electron-builder', 'cli.js'), ...what, '--publish', 'never', ...options, ...more]);
}

/** The program without a desktop with a Node of its own, as a tarball for this system. */
function packHeadless(rest) {
  buildParts(['window', 'headless', 'licences'], { force: true });
  become([join(root, 'build/pack-headless.mjs'), ...rest]);
}

const tasks = {
  start,
  allotment: (rest) => run(builtHeadless('cli'), rest),
  demo: (rest) => {
    buildParts(['window']);
    become([join(root, builtHeadless('demo')), ...rest]);
  },
  bench: (rest) => {
    buildParts(['window', 'headless']);
    become([join(root, 'test/bench/bench.ts'), ...rest], builtHomes);
  },
  test,
  simulate,
  properties,
  power,
  fuzz,
  soak,
  'e2e:electron': testOnElectron,
  pack,
  'pack:check': (rest) => become([join(root, 'build/check-packed.mjs'), ...rest]),
  'pack:headless': packHeadless,
  typecheck,
  lint,
  format: () => step('format', [bin('@biomejs/biome', 'bin/biome'), 'check', '--write']),
  build: () => buildParts(everything, { force: true }),
  ok: (rest) => {
    typecheck();
    lint();
    formatCheck();
    unused();
    const isRelease = process.env.ALLOTMENT_RELEASE === '1';
    if (!audit({ root, say, isRelease })) stop('audit: failed');
    test(rest);
  },
};

const [task = '', ...rest] = process.argv.slice(2);
if (!Object.hasOwn(tasks, task))
  stop(`There is no task "${task}". There are: ${Object.keys(tasks).join(', ')}.`, 2);
if (Number(process.versions.node.split('.')[0]) < 20)
  stop(`Allotment needs Node 20 or newer to set itself up; this is ${process.version}.`);
setUp();
tasks[task](rest);
