import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ChildHome, startChildHome } from '../../electron/headless/child-home.ts';
import { compareTrees } from '../../electron/headless/compare-trees.ts';
import type { JobView } from '../../shared/contract/views.ts';
import { bundle } from '../fakes/bundle.ts';
import { offer, pause, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';

/**
 * Ana's whole program is killed in the middle of backups, prunes and restores at a real friend's. After each start it goes on
 * from where it was, and everything comes back. `KILLS=30` makes it longer by hand.
 */
const CLI = fileURLToPath(new URL('../../electron/headless/cli.ts', import.meta.url));
const KILLS = Number(process.env['KILLS'] ?? (process.env['CI'] === undefined ? 3 : 9));
/** So long a run of this size takes about; the kills are spread over it. */
const RUN_MS = 1200;
const FILES = 40;
const NOTHING_ELSE = { hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };

let place: Awaited<ReturnType<typeof scratch>>;
let ben: TestHome;
let ana: ChildHome;
let files: string;
let cli: string;

beforeAll(async () => {
  place = await scratch();
  files = join(place.folder, 'files');
  mkdirSync(join(place.folder, 'spare'));
  mkdirSync(files);
  cli = await bundle(CLI);
  ben = await startHome('Ben', place.folder);
  ana = await start();
  const mine = await ana.call('pairings.start', { address: ben.address });
  const theirs = await until(async () =>
    (await ben.call('pairings.list')).find(({ id }) => id === mine.id),
  );
  await ben.call('pairings.confirm', { code: mine.digits });
  await ana.call('pairings.confirm', { code: theirs.digits ?? '' });
  await until(async () => ((await ana.call('friends.list', {})).length > 0 ? true : undefined));
  await offer(ben, join(place.folder, 'spare'));
  for (let file = 0; file < FILES; file += 1) change(file);
  await ana.call('sets.create', {
    name: 'files',
    folders: [files],
    to: ['Ben'],
    plan: { copies: 1, retention: { ...NOTHING_ELSE, last: 2 } },
  });
  await finish(await ana.call('sets.run', { name: 'files' }));
  // Only whoever ends well leaves what it has compiled to those who start after it.
  await ana.stop();
  ana = await start();
});
afterAll(async () => {
  await ana.stop();
  await ben.close();
  await place.remove();
});

const start = () =>
  startChildHome(join(place.folder, 'home of Ana'), 'Ana', (node, [, ...args]) =>
    spawn(node, [cli, ...args, '--no-discovery'], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );

function change(file: number): void {
  writeFileSync(join(files, `file ${file}`), randomBytes(200_000));
}

async function finish(job: JobView): Promise<void> {
  const ended = await ana.finish(job);
  expect(ended.state, JSON.stringify(ended.fault)).toBe('done');
}

/** At some moment of what has just begun. */
async function killAndStart(kill: number): Promise<void> {
  await pause((RUN_MS * (kill + Math.random())) / KILLS);
  const gone = new Promise((resolve) => ana.process.once('exit', resolve));
  ana.process.kill('SIGKILL');
  await gone;
  ana = await start();
}

async function expectAllBack(): Promise<void> {
  const to = join(place.folder, 'restored');
  await finish(await ana.call('sets.restore', { name: 'files', to }));
  expect((await compareTrees(files, join(to, 'files'))).differences).toEqual([]);
  rmSync(to, { recursive: true });
}

async function expectSound(): Promise<void> {
  const checked = await ana.finish(await ana.call('sets.check', { name: 'files', readData: true }));
  expect(checked).toMatchObject({ state: 'done', result: { problems: 0 } });
}

test(`${KILLS} × kill -9 during a backup: the next one finishes, and everything comes back`, async () => {
  for (let kill = 0; kill < KILLS; kill += 1) {
    for (let file = kill; file < FILES; file += 3) change(file);
    await ana.call('sets.run', { name: 'files' });
    await killAndStart(kill);
    await finish(await ana.call('sets.run', { name: 'files' }));
    await expectAllBack();
  }
  await expectSound();
}, 600_000);

test(`${KILLS} × kill -9 during a prune: the next one finishes, and everything comes back`, async () => {
  for (let kill = 0; kill < KILLS; kill += 1) {
    for (let file = kill; file < FILES; file += 3) change(file);
    await finish(await ana.call('sets.run', { name: 'files' }));
    await ana.call('sets.prune', { name: 'files' });
    await killAndStart(kill);
    await finish(await ana.call('sets.prune', { name: 'files' }));
    await expectAllBack();
  }
  await expectSound();
}, 600_000);

test(`${KILLS} × kill -9 during a restore: it goes on by itself, and leaves nothing half`, async () => {
  for (let kill = 0; kill < KILLS; kill += 1) {
    const to = join(place.folder, `out ${kill}`);
    await ana.call('sets.restore', { name: 'files', to });
    await killAndStart(kill);
    await until(async () =>
      (await ana.call('restores.list', {})).length === 0 ? true : undefined,
    );
    expect((await compareTrees(files, join(to, 'files'))).differences).toEqual([]);
    expect(readdirSync(join(to, 'files'))).toHaveLength(FILES);
    expect(readdirSync(to)).toEqual(['files']);
  }
}, 600_000);
