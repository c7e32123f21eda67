import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deriveSecrets } from '../../electron/core/identity/phrase.ts';
import { offer, pair, scratch, startHome, type TestHome } from '../fakes/homes.ts';
import { newMachine, typeWords } from '../fakes/worst-day.ts';

const run = promisify(execFile);
let place: Awaited<ReturnType<typeof scratch>>;
let ana: TestHome;
let ben: TestHome;
let usb: string;
let files: string;

beforeEach(async () => {
  place = await scratch();
  [ana, ben] = await Promise.all([startHome('Ana', place.folder), startHome('Ben', place.folder)]);
  usb = join(place.folder, 'usb');
  files = join(place.folder, 'Documents');
  for (const folder of [usb, files, join(place.folder, 'spare')]) await mkdir(folder);
  await writeFile(join(files, 'letter.txt'), 'Dear Ben');
  await writeFile(join(files, 'film.bin'), randomBytes(20_000_000));
  await pair(ana, ben);
  await offer(ben, join(place.folder, 'spare'));
  await ana.call('sets.create', { name: 'Documents', folders: [files], to: ['Ben'] });
});
afterEach(async () => {
  await Promise.all([ana.close(), ben.close()]);
  await place.remove();
});

/** Debian's restic on the disk, with the password that follows from the words. */
async function restic(...args: readonly string[]): Promise<string> {
  const { words } = await ana.call('phrase.show');
  const { repositoryPassword } = await deriveSecrets(words ?? []);
  const { stdout } = await run('timeout', ['120', 'restic', '-r', usb, '--no-cache', ...args], {
    env: { ...process.env, RESTIC_PASSWORD: repositoryPassword },
  });
  return stdout;
}

const carry = async () => ana.job(await ana.call('sets.export', { name: 'Documents', to: usb }));
const backUp = async () => ana.job(await ana.call('sets.run', { name: 'Documents' }));

test('a set on a disk is read by any restic, follows what is deleted, and leads to friends with the words', async () => {
  expect(await backUp()).toMatchObject({ state: 'done' });
  const first = await carry();
  expect(first).toMatchObject({ state: 'done', problems: [], result: { missing: 0, removed: 0 } });
  expect(await restic('check', '--read-data')).toContain('no errors were found');
  await rm(join(files, 'film.bin'));
  await writeFile(join(files, 'letter.txt'), 'Dear Ben, it goes on');
  expect(await backUp()).toMatchObject({ state: 'done' });
  expect(await carry()).toMatchObject({ state: 'done' });
  expect(await restic('check', '--read-data')).toContain('no errors were found');
  const out = join(place.folder, 'out');
  await restic('restore', 'latest', '--target', out);
  expect(await readFile(join(out, files, 'letter.txt'), 'utf8')).toBe('Dear Ben, it goes on');
  // The way home without anybody near: the disk and the words.
  const { words } = await ana.call('phrase.show');
  const home = await newMachine(place.folder);
  try {
    await typeWords(home, (words ?? []).join(' '));
    expect(await home.call('recovery.call', { address: usb })).toMatchObject({
      state: 'found',
      friends: [{ name: 'Ben' }],
      sets: [{ name: 'Ana/Documents' }],
    });
  } finally {
    await home.close();
  }
});

test('a set that nobody keeps yet is backed up straight to the disk, and the disk never into itself', async () => {
  usb = join(files, 'usb');
  await mkdir(usb);
  const first = await carry();
  expect(first).toMatchObject({ state: 'done', result: { files: 2 } });
  expect(await restic('check', '--read-data')).toContain('no errors were found');
  expect(await restic('ls', 'latest')).not.toContain(join(usb, 'config'));
  // Nothing of it went to Ben.
  expect(await ana.call('plots.mine')).toEqual([]);
  const again = await carry();
  expect(again).toMatchObject({ state: 'done' });
  expect(JSON.parse(await restic('snapshots', '--json'))).toHaveLength(2);
  expect((await readdir(usb)).filter((each) => each.startsWith('allotment-'))).toEqual([
    'allotment-address-book',
  ]);
});

test('what began on a disk becomes the same repository at a friend’s', async () => {
  expect(await carry()).toMatchObject({ state: 'done' });
  const config = await readFile(join(usb, 'config'));
  await writeFile(join(files, 'later.txt'), 'and then');
  expect(await backUp()).toMatchObject({ state: 'done', result: { copies: 1 } });
  const kept = await readdir(join(place.folder, 'spare'), { recursive: true });
  const there = kept.find((each) => each.endsWith('/repository/config')) ?? '';
  expect(await readFile(join(place.folder, 'spare', there))).toEqual(config);
  // From then on the disk follows what the friend keeps.
  expect(await carry()).toMatchObject({ state: 'done' });
  expect(await restic('check', '--read-data')).toContain('no errors were found');
  expect(await restic('ls', 'latest')).toContain('later.txt');
});

test('a folder of our own, or one in use, is refused before anything begins', async () => {
  const wish = (to: string) => ana.fault('sets.export', { name: 'Documents', to });
  expect(await wish(join(place.folder, 'home of Ana', 'cache'))).toBe('folder-inside-store');
  expect(await wish(files)).toBe('folder-not-empty');
  expect(await wish(join(place.folder, 'no', 'such'))).toBe('folder-missing');
  expect(await ana.fault('sets.export', { name: 'Letters', to: usb })).toBe('set-unknown');
  expect((await stat(usb)).isDirectory()).toBe(true);
  expect(await readdir(usb)).toEqual([]);
});
