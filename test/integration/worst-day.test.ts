import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, rmSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compareTrees } from '../../electron/headless/compare-trees.ts';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { fillWithNastyThings } from '../fakes/nasty-tree.ts';
import { keysOf, type Raw, type RawAnswer, send } from '../fakes/raw-friend.ts';
import { newMachine, typeWords, whenFound } from '../fakes/worst-day.ts';

/** The day for which all of this is there, as a whole: over TLS, between real homes, with everything that can come together. */
let place: Awaited<ReturnType<typeof scratch>>;
let mum: TestHome;
let ana: TestHome;
let ben: TestHome;
let fresh: TestHome | undefined;
let files: string;

const SET = 'Everything';
const DAY_S = 86_400;
const DAY_MS = DAY_S * 1000;

beforeEach(async () => {
  place = await scratch();
  files = join(place.folder, 'files');
  await mkdir(files);
  fillWithNastyThings(files);
  [mum, ana, ben] = await Promise.all([
    startHome('Mum', place.folder, { machine: 'laptop' }),
    startHome('Ana', place.folder),
    startHome('Ben', place.folder),
  ]);
  for (const host of [ana, ben]) {
    const disk = diskOf(host);
    await mkdir(disk);
    await pair(mum, host);
    await offer(host, disk);
  }
});
afterEach(async () => {
  await Promise.all([mum.close(), ana.close(), ben.close(), fresh?.close()]);
  fresh = undefined;
  await place.remove();
});

function diskOf(host: TestHome): string {
  return join(place.folder, host === ana ? 'disk of Ana' : 'disk of Ben');
}

/** What lies on a host's disk under the name of its own hash, in the repository or in the trash. */
async function objectsAt(host: TestHome): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(diskOf(host), { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile() && /[0-9a-f]{64}$/.test(entry.name))
      .filter(({ parentPath }) => !/locks/.test(parentPath))
      .map((entry) => [entry.name.slice(-64), join(entry.parentPath, entry.name)]),
  );
}

async function wrongAt(host: TestHome): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const [name, path] of await objectsAt(host)) {
    const hash = createHash('sha256').update(await readFile(path));
    if (hash.digest('hex') !== name) wrong.push(name);
  }
  return wrong;
}

/** Mum's laptop backs up three states of her files; of each a copy is put aside, to compare. */
async function backUpThrice(): Promise<readonly string[]> {
  const change = [
    async () => undefined,
    async () => {
      await rename(join(files, '-rf'), join(files, 'moved'));
      appendFileSync(join(files, 'large'), 'and one more line');
    },
    async () => {
      await rm(join(files, 'sparse'));
      await writeFile(join(files, 'new'), Buffer.alloc(5_000_000, 'something new '));
    },
  ];
  await mum.call('sets.create', {
    name: SET,
    folders: [files],
    to: ['Ana', 'Ben'],
    plan: { copies: 2, protectDays: 30 },
  });
  const states: string[] = [];
  for (const [number, next] of change.entries()) {
    await next();
    const run = await mum.job(await mum.call('sets.run', { name: SET }));
    expect(run).toMatchObject({ state: 'done', problems: [], result: { copies: 2 } });
    const state = join(place.folder, `state ${number}`);
    // Node's own copy knows only names that are text.
    await promisify(execFile)('cp', ['-a', files, state]);
    states.push(state);
  }
  // What follows by itself: protection at both, and an address book with each.
  await until(async () => {
    await mum.core.chores();
    const hosted = [...(await ana.call('plots.hosted')), ...(await ben.call('plots.hosted'))];
    const booked = await Promise.all([ana, ben].map(bookAt));
    const isReady = hosted.every(({ protectDays }) => protectDays === 30) && !booked.includes('');
    return isReady ? true : undefined;
  });
  return states;
}

async function bookAt(host: TestHome): Promise<string> {
  const found = await readdir(diskOf(host), { recursive: true });
  return found.find((each) => each.endsWith('allotment-address-book')) ?? '';
}

type Ask = (raw: Raw & { readonly json?: object }) => Promise<RawAnswer>;

/** Everything that somebody with the laptop's key can think of, at one friend's. */
async function robAt(ask: Ask, plot: string): Promise<void> {
  const at = (path: string) => `/v1/plots/${plot}${path}`;
  for (const type of ['snapshots', 'index', 'data', 'keys', 'locks']) {
    const listed = await ask({ path: at(`/repository/${type}/`) });
    for (const name of JSON.parse(listed.body.toString()) as readonly string[])
      expect(
        (await ask({ method: 'DELETE', path: at(`/repository/${type}/${name}`) })).status,
      ).toBe(200);
  }
  await ask({ method: 'DELETE', path: at('/repository/config') });
  await ask({ method: 'PUT', path: at('/protection'), json: { days: 0 } });
  await ask({ path: at('/resize'), json: { requestId: 'AAAAAAAAAAAAAAAAAAAAAA', size: '1' } });
  expect((await ask({ method: 'DELETE', path: at('') })).status).toBe(200);
}

test('a stolen laptop, a thief who deletes what he can, a friend with a bad disk: with 24 words and an address every byte is back', async () => {
  const states = await backUpThrice();
  const { words, instance } = await mum.call('phrase.show');
  const sheet = await mum.call('recovery.sheet');
  const anas = sheet.friends.find(({ name }) => name === 'Ana');
  const lostDevice = mum.core.info().device;
  const keys = await keysOf(mum, 'Mum');
  const asMum =
    (host: TestHome): Ask =>
    ({ json, ...raw }) =>
      send(
        host,
        keys,
        json === undefined ? raw : { ...raw, body: JSON.stringify({ v: 1, ...json }) },
      );
  const plotAt = async (host: TestHome) => (await host.call('plots.hosted'))[0]?.plot ?? '';
  await mum.close();
  rmSync(join(place.folder, 'home of Mum'), { recursive: true });
  await rm(files, { recursive: true });

  // The thief has the laptop for an evening.
  const robbedMs = Date.now();
  for (const host of [ana, ben]) await robAt(asMum(host), await plotAt(host));
  for (const host of [ana, ben])
    expect((await host.call('plots.hosted'))[0]?.leavesMs).toBeGreaterThan(robbedMs + 29 * DAY_MS);

  // And Ben's disk goes bad: bytes of two packs are flipped, one pack is lost.
  const packs = await packsBySize(ben);
  expect(packs.length).toBeGreaterThan(3);
  for (const path of packs.slice(0, 2)) await flip(path);
  await rm(packs[2] ?? '');

  // A new computer, the words from the paper, and the one address that stands on it.
  fresh = await newMachine(place.folder);
  const home = fresh;
  await typeWords(home, (words ?? []).join(' '), instance);
  await home.call('recovery.call', {
    address: anas?.addresses[0] ?? ana.address,
    device: anas?.device,
  });
  const found = await whenFound(home);
  expect(found).toMatchObject({ fault: null, sets: [{ name: SET, folders: [files] }] });
  expect(found.friends.map(({ name }) => name).sort()).toEqual(['Ana', 'Ben']);
  await untilStruckOff(lostDevice);

  // What the thief deleted lies in the trash at both, and comes out of it.
  const trash = await home.call('sets.trash', { name: SET });
  expect(trash.map(({ friend }) => friend).toSorted()).toEqual(['Ana', 'Ben']);
  expect(Math.min(...trash.map(({ objects }) => objects))).toBeGreaterThan(5);
  const { objects } = await home.call('sets.untrash', { name: SET, sinceMs: robbedMs - 60_000 });
  expect(objects).toBe(Math.max(...trash.map((each) => each.objects)));
  const snapshots = await home.call('sets.snapshots', { name: SET });
  expect(snapshots).toHaveLength(3);

  // All three states, from two friends at once.
  const oldest = snapshots.toSorted((a, b) => a.atMs - b.atMs);
  for (const [number, { id }] of oldest.entries()) {
    const to = join(place.folder, `back ${number}`);
    const back = await home.job(await home.call('sets.restore', { name: SET, snapshot: id, to }));
    expect(back).toMatchObject({ state: 'done', problems: [], result: { filesFailed: 0 } });
    const same = await compareTrees(states[number] ?? '', join(to, 'files'));
    expect(same).toMatchObject({ differences: [], folders: 42, links: 2 });
    expect((await stat(join(to, 'files', 'modes'))).mode & 0o7777).toBe(0o4751);
  }

  // The damage is found, said to both, and made good from Ana's.
  const checked = await home.job(await home.call('sets.check', { name: SET, readData: true }));
  expect(checked).toMatchObject({ state: 'done', result: { copies: 2 } });
  // What a restore came upon is told already; the whole look finds the rest. Nothing else is wrong.
  expect(checked.problems).toMatchObject([
    { key: 'problem.copy-damaged', params: { friend: 'Ben' } },
  ]);
  await until(async () => {
    await home.core.chores();
    const [set] = await home.call('sets.list');
    return set?.copies.every(({ state }) => state === 'complete') === true ? true : undefined;
  });
  expect(await wrongAt(ben)).toEqual([]);
  expect([...(await objectsAt(ben)).keys()].sort()).toEqual(
    [...(await objectsAt(ana)).keys()].sort(),
  );
  await until(async () => {
    await ben.core.chores();
    const { notices } = await ben.call('state.snapshot');
    return notices.find(({ kind }) => kind === 'drive-damaged');
  });

  // The laptop is nobody any more.
  for (const host of [ana, ben]) {
    const plot = await plotAt(host);
    const ask = asMum(host);
    for (const raw of [
      { path: '/v1/plots' },
      { path: `/v1/plots/${plot}/repository/data/` },
      { method: 'DELETE', path: `/v1/plots/${plot}` },
      { method: 'PUT', path: `/v1/plots/${plot}/papers/address-book`, body: 'x' },
    ])
      expect([raw.path, (await ask(raw)).status >= 400]).toEqual([raw.path, true]);
    const [hosted] = await host.call('plots.hosted');
    expect(hosted).toMatchObject({ state: 'active', protectDays: 30 });
    // What still waits there to go is what its papers were before.
    expect(Number(hosted?.trashBytes)).toBeLessThan(200_000);
    expect(hosted?.leavesMs ?? null).toBeNull();
  }

  // And life goes on: the files are put where they were, and the set runs again.
  const inPlace = await home.job(await home.call('sets.restore', { name: SET, conflict: 'skip' }));
  expect(inPlace.state).toBe('done');
  expect((await compareTrees(states[2] ?? '', files)).differences).toEqual([]);
  await home.call('sets.pause', { name: SET, until: null });
  const run = await home.job(await home.call('sets.run', { name: SET }));
  expect(run).toMatchObject({ state: 'done', result: { copies: 2 } });
  expect(await home.call('sets.snapshots', { name: SET })).toHaveLength(4);
});

async function untilStruckOff(device: string): Promise<void> {
  for (const host of [ana, ben])
    await until(async () => {
      const [friend] = await host.call('friends.list');
      return friend?.devices.some((each) => each.revoked && each.device === device)
        ? true
        : undefined;
    });
}

/** Of the packs, the largest first. */
async function packsBySize(host: TestHome): Promise<readonly string[]> {
  const paths = [...(await objectsAt(host)).values()].filter((path) => /\bdata\b/.test(path));
  const sized = await Promise.all(
    paths.map(async (path) => ({ path, size: (await stat(path)).size })),
  );
  return sized.toSorted((a, b) => b.size - a.size).map(({ path }) => path);
}

async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[1000] = (bytes[1000] ?? 0) ^ 255;
  await chmod(path, 0o600);
  await writeFile(path, bytes);
}
