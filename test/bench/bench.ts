import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type ChildHome, pairHomes, startChildHome } from '../../electron/headless/child-home.ts';
import { makeCorpus } from './corpus.ts';
import { decideRate } from './all-grounds.ts';
import { allocateRate } from './allocate-rate.ts';
import { measureGrowth } from './growth.ts';
import { measureScale, sqliteRate } from './scale.ts';
import { makeItems, rate, type Target } from './transfer.ts';
import { measureLoopDelay } from './loop-delay.ts';
import { measureNearness } from './nearness.ts';
import { measureTwoFriends } from './two-friends.ts';
import { measureWindow } from './window.ts';

/**
 * `npm run bench`: side by side in one run, ratios rather than seconds (design §10). Peers are used
 * where they are installed. The table goes to standard output, the figures to `.cache/bench.json`.
 */
type Row = {
  readonly what: string;
  readonly ours: string;
  readonly peers: string;
  readonly ratio: number | undefined;
  readonly wanted: number | undefined;
};

const ROUNDS = 3;
/** Each round of the backup begins a set of its own. */
let sets = 0;
const UPLOADS = 12;
const rows: Row[] = [];
const place = mkdtempSync(join(tmpdir(), 'allotment-bench-'));
const children: ChildProcess[] = [];
const homes: ChildHome[] = [];

try {
  await (process.argv[2] === 'growth' ? growth() : main());
} finally {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(homes.map((home) => home.stop()));
  rmSync(place, { recursive: true, force: true });
}

/** How what each thing costs grows with what there is; alone, because filling a million rows takes its time. */
async function growth(): Promise<void> {
  for (const line of await measureGrowth()) process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const ben = await startChildHome(join(place, 'ben'), 'Ben');
  const ana = await startChildHome(join(place, 'ana'), 'Ana');
  homes.push(ben, ana);
  await pairHomes(ana, ben);
  mkdirSync(join(place, 'spare'));
  await ben.call('offer.set', {
    folder: join(place, 'spare'),
    offerBytes: '40000000000',
    keepFreeBytes: '0',
  });
  await ben.call('policy.set', {
    policy: { guards: { maxPlots: 100_000 }, grounds: [{ kind: 'always' }] },
  });
  measureDecide();
  await measureAllocate(ben);
  for (const { what, ours, peers, ratio, wanted } of await measureScale(place, homes))
    add(what, ours, peers, ratio, wanted);
  await measureTransfers(ben, ana);
  await measureBackup(ana);
  const { oneS, twoS } = await measureTwoFriends(place);
  const what = 'restore from two friends at 20 MB/s each, against one, s';
  add(what, twoS.toFixed(1), oneS.toFixed(1), oneS / twoS, 1);
  for (const { what, ours, ratio } of await measureLoopDelay(place, join(place, 'corpus')))
    add(what, ours, '', ratio, 1);
  await measureTheWindow(ben, ana);
  for (const { what, ours, wanted, ratio } of await measureNearness())
    add(what, ours, wanted, ratio, 1);
  print();
  await growth();
}

function measureDecide(): void {
  for (const what of ['fair share', 'all grounds'] as const) {
    const ten = median(() => decideRate(10, what));
    const many = median(() => decideRate(10_000, what));
    add(
      `decide(), ${what}, 10,000 friends, calls per second`,
      whole(many),
      `${whole(ten)} with 10 friends; 500,000 wanted`,
      many / 500_000,
      1,
    );
  }
}

async function measureAllocate(ben: ChildHome): Promise<void> {
  const sqlite = median(() => sqliteRate(place));
  const measured = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    measured.push(await allocateRate(ben.ready.port, keysOf('ana'), { clients: 16, calls: 400 }));
    // Each was granted, and takes its working room off the offer.
    await releaseAll(ben);
  }
  const ours = middle(measured.map(({ perS }) => perS));
  const p99 = middle(measured.map(({ p99Ms }) => p99Ms));
  add(
    'durable allocate over mTLS, 16 clients',
    `${whole(ours)}/s, p99 ${p99.toFixed(0)} ms`,
    `SQLite alone ${whole(sqlite)}/s`,
    ours / sqlite,
    0.45,
  );
}

async function releaseAll(ben: ChildHome): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const rest = (await ben.call('plots.hosted', {})).values();
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (const { plot } of rest)
        await new Promise<void>((resolve, reject) => {
          const path = `/v1/plots/${plot}`;
          const call = { ...keysOf('ana'), agent, host: '127.0.0.1', port: ben.ready.port };
          request({ ...call, path, method: 'DELETE', rejectUnauthorized: false }, (response) => {
            response.resume();
            response.once('end', resolve);
          })
            .once('error', reject)
            .end();
        });
    }),
  );
  agent.destroy();
}

async function measureTransfers(ben: ChildHome, ana: ChildHome): Promise<void> {
  const granted = await ana.call('allocations.ask', {
    friend: 'Ben',
    size: '8000000000',
    durationS: 86_400,
  });
  if (granted.type !== 'granted') throw new Error('no plot for the bench');
  const base = `/v1/plots/${granted.plot}/repository/data/`;
  const ours: Target = {
    name: 'plot',
    port: ben.ready.port,
    method: 'POST',
    pathOf: (name) => base + name,
    keys: keysOf('ana'),
  };
  const bare = await startBare();
  const rclone = await startRclone();
  const nginx = await startNginx();
  for (const atOnce of [1, 4]) {
    const up = await medianOf(async () => rate(ours, makeItems(UPLOADS), atOnce));
    const upBare = await medianOf(async () => rate(bare, makeItems(UPLOADS), atOnce));
    const upRclone =
      rclone && (await medianOf(async () => rate(rclone, makeItems(UPLOADS), atOnce)));
    add(
      `plot upload, 16 MiB, ${atOnce} at a time, GB/s`,
      up.toFixed(2),
      `bare Node ${upBare.toFixed(2)}, rclone ${shown(upRclone)} (never syncs)`,
      up / upBare,
      0.85,
    );
  }
  const items = makeItems(UPLOADS);
  const names = items.map(({ name }) => ({ name }));
  const down = await downloads(ours, items, names);
  const downRclone = rclone && (await downloads(rclone, items, names));
  const downNginx = nginx && (await downloads(nginx, items, names));
  if (downRclone !== undefined)
    add(
      'plot download, 4 at a time, GB/s',
      down.toFixed(2),
      `rclone ${shown(downRclone)}`,
      down / downRclone,
      1.2,
    );
  if (downNginx !== undefined)
    add(
      'plot download, 4 at a time, GB/s',
      down.toFixed(2),
      `nginx ${shown(downNginx)}`,
      down / downNginx,
      0.9,
    );
}

async function downloads(
  target: Target,
  items: Parameters<typeof rate>[1],
  names: Parameters<typeof rate>[1],
): Promise<number> {
  await rate(target, items, 4);
  return medianOf(() => rate(target, names, 4));
}

async function measureBackup(ana: ChildHome): Promise<void> {
  const corpus = join(place, 'corpus');
  const size = makeCorpus(corpus);
  const label = `${size.files} files, ${(size.bytes / 1e9).toFixed(2)} GB`;
  resetPeak(ana.process.pid);
  const first = await medianOf(async () => {
    sets += 1;
    await ana.call('sets.create', { name: `bench ${sets}`, folders: [corpus], to: ['Ben'] });
    settleDisk();
    return job(ana, 'first');
  });
  const repeat = await medianOf(() => job(ana, 'repeat'));
  const peakBackup = peakMB(ana.process.pid);
  let restores = 0;
  const restore = await medianOf(async () => {
    restores += 1;
    settleDisk();
    return job(ana, join(place, `restored ${restores}`));
  });
  if (!isInstalled('restic')) return;
  let url = '';
  let peak = 0;
  const theirs = await medianOf(async () => {
    const plot = await ana.call('allocations.ask', {
      friend: 'Ben',
      size: '4000000000',
      durationS: 86_400,
    });
    if (plot.type !== 'granted') throw new Error('no plot for restic');
    ({ url } = await ana.call('gateway.open', { plot: plot.plot }));
    await restic(url, ['init']);
    settleDisk();
    const ended = await restic(url, ['backup', '-q', corpus]);
    peak = Math.max(peak, ended.peakMB);
    return ended.seconds;
  });
  const theirRepeat = await medianOf(
    async () => (await restic(url, ['backup', '-q', corpus])).seconds,
  );
  const theirRestore = await medianOf(async () => {
    restores += 1;
    settleDisk();
    return (
      await restic(url, [
        'restore',
        'latest',
        '-q',
        '--target',
        join(place, `restored ${restores}`),
      ])
    ).seconds;
  });
  add(`backup, ${label}, s`, first.toFixed(1), `restic ${theirs.toFixed(1)}`, theirs / first, 2);
  add(
    'unchanged repeat, s',
    repeat.toFixed(2),
    `restic ${theirRepeat.toFixed(2)}`,
    theirRepeat / repeat,
    2,
  );
  add(
    'peak memory of a backup, MB (whole app; restic + 100 wanted)',
    peakBackup.toFixed(0),
    `restic ${peak.toFixed(0)}`,
    (peak + 100) / peakBackup,
    1,
  );
  add(
    'restore, on the disk, s',
    restore.toFixed(1),
    `restic ${theirRestore.toFixed(1)} (flushes nothing)`,
    theirRestore / restore,
    2,
  );
}

async function measureTheWindow(ben: ChildHome, ana: ChildHome): Promise<void> {
  const figures = await measureWindow(ben, async () => {
    const folders = [join(place, 'corpus')];
    await ana.call('sets.create', { name: 'seen in the window', folders, to: ['Ben'] });
    return ana.finish(await ana.call('sets.run', { name: 'seen in the window' }));
  });
  for (const { what, ours, wanted, ratio } of figures) add(what, ours, wanted, ratio, 1);
}

/** What others have written must not be flushed on the time of the next. */
function settleDisk(): void {
  execFileSync('sync');
}

/** Seconds of a backup run, or of a restore into `what`. */
async function job(ana: ChildHome, what: string): Promise<number> {
  const startedMs = performance.now();
  const begun = what.startsWith('/')
    ? await ana.call('sets.restore', { name: 'bench 1', to: what })
    : await ana.call('sets.run', { name: `bench ${sets}` });
  const ended = await ana.finish(begun);
  if (ended.state !== 'done') throw new Error(JSON.stringify(ended.fault));
  return (performance.now() - startedMs) / 1000;
}

function restic(
  url: string,
  args: readonly string[],
): Promise<{ readonly seconds: number; readonly peakMB: number }> {
  const cache = join(place, 'restic-cache');
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn('restic', ['-r', `rest:${url}`, '--cache-dir', cache, ...args], {
      env: { ...process.env, RESTIC_PASSWORD: 'bench' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    let peak = 0;
    const timer = setInterval(() => {
      peak = Math.max(peak, peakMB(child.pid));
    }, 50);
    child.once('exit', (code) => {
      clearInterval(timer);
      if (code !== 0) reject(new Error(`restic ${args[0]} ended with ${code}`));
      else resolve({ seconds: (performance.now() - startedMs) / 1000, peakMB: peak });
    });
  });
}

function peakMB(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+([0-9]+) kB/.exec(status)?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
}

function resetPeak(pid: number | undefined): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Then the peak counts from the start of the process.
  }
}

function keysOf(home: string): { readonly key: string; readonly cert: string } {
  const text = readFileSync(join(place, home, 'secrets', 'identity'), 'utf8');
  const { keyPem, certificatePem } = JSON.parse(text) as Record<string, string>;
  return { key: keyPem ?? '', cert: certificatePem ?? '' };
}

async function startBare(): Promise<Target> {
  const folder = join(place, 'bare');
  mkdirSync(folder);
  const script = fileURLToPath(new URL('./bare-server.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    [script, join(place, 'ben', 'secrets', 'identity'), folder],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  const port = await new Promise<number>((resolve) =>
    createInterface({ input: child.stdout }).once('line', (line) => resolve(Number(line))),
  );
  return { name: 'bare', port, method: 'PUT', pathOf: (name) => `/${name}`, keys: {} };
}

function tlsFiles(): { readonly key: string; readonly cert: string } {
  const { key, cert } = keysOf('ben');
  const files = { key: join(place, 'tls.key'), cert: join(place, 'tls.crt') };
  writeFileSync(files.key, key, { mode: 0o600 });
  writeFileSync(files.cert, cert);
  return files;
}

async function startRclone(): Promise<Target | undefined> {
  if (!isInstalled('rclone')) return undefined;
  const folder = join(place, 'rclone');
  mkdirSync(join(folder, 'data'), { recursive: true });
  const { key, cert } = tlsFiles();
  const port = 20_000 + (randomBytes(2).readUInt16BE() % 9000);
  const args = [
    'serve',
    'restic',
    '--addr',
    `127.0.0.1:${port}`,
    '--cert',
    cert,
    '--key',
    key,
    folder,
  ];
  children.push(spawn('rclone', args, { stdio: 'ignore' }));
  await new Promise((resolve) => setTimeout(resolve, 1500));
  return { name: 'rclone', port, method: 'POST', pathOf: (name) => `/data/${name}`, keys: {} };
}

async function startNginx(): Promise<Target | undefined> {
  if (!isInstalled('nginx')) return undefined;
  const folder = join(place, 'nginx');
  for (const part of ['files', 'tmp'])
    mkdirSync(join(folder, part), { recursive: true, mode: 0o777 });
  execFileSync('chmod', ['-R', '777', folder]);
  execFileSync('chmod', ['755', place]);
  const { key, cert } = tlsFiles();
  const port = 20_000 + (randomBytes(2).readUInt16BE() % 9000);
  const config = join(folder, 'nginx.conf');
  writeFileSync(
    config,
    `pid ${folder}/pid; error_log ${folder}/error.log; worker_processes 2; daemon off; events {}
http { access_log off; client_body_temp_path ${folder}/tmp; client_max_body_size 0; sendfile on;
server { listen 127.0.0.1:${port} ssl; ssl_certificate ${cert}; ssl_certificate_key ${key}; ssl_protocols TLSv1.3;
location / { root ${folder}/files; dav_methods PUT; } } }`,
  );
  children.push(spawn('nginx', ['-c', config], { stdio: 'ignore' }));
  await new Promise((resolve) => setTimeout(resolve, 800));
  return { name: 'nginx', port, method: 'PUT', pathOf: (name) => `/${name}`, keys: {} };
}

function isInstalled(program: string): boolean {
  return (
    spawnSync(program, [program === 'nginx' ? '-v' : 'version'], { stdio: 'ignore' }).error ===
    undefined
  );
}

function middle(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function median(measure: () => number): number {
  return middle(Array.from({ length: ROUNDS }, measure));
}

async function medianOf(measure: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) values.push(await measure());
  return middle(values);
}

function add(
  what: string,
  ours: string,
  peers: string,
  ratio: number | undefined,
  wanted: number | undefined,
): void {
  rows.push({ what, ours, peers, ratio, wanted });
  process.stderr.write(`${what}: ${ours} (${peers})\n`);
}

function shown(value: number | undefined): string {
  return value === undefined ? 'not installed' : value.toFixed(2);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function print(): void {
  const lines = rows.map(
    ({ what, ours, peers, ratio, wanted }) =>
      `| ${what} | ${ours} | ${peers} | ${ratio?.toFixed(2) ?? ''} | ${wanted ?? ''} |`,
  );
  process.stdout.write(
    `${['| what | Allotment | beside it | ratio | wanted |', '|---|---|---|---|---|', ...lines].join('\n')}\n`,
  );
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? ''}, ${(totalmem() / 1e9).toFixed(0)} GB, Node ${process.versions.node}`;
  process.stdout.write(`\n${machine}; medians of ${ROUNDS}.\n`);
  mkdirSync('.cache', { recursive: true });
  writeFileSync(join('.cache', 'bench.json'), JSON.stringify({ machine, rows }, undefined, 2));
}
