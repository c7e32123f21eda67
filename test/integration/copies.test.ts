import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let ana: TestHome;
let ben: TestHome;
let cleo: TestHome;
let files: string;

beforeEach(async () => {
  place = await scratch();
  files = join(place.folder, 'files');
  await mkdir(files);
  await writeFile(join(files, 'one'), randomBytes(3_000_000));
  [ana, ben, cleo] = await Promise.all([
    startHome('Ana', place.folder),
    startHome('Ben', place.folder),
    startHome('Cleo', place.folder),
  ]);
  for (const [host, name] of [
    [ben, 'Ben'],
    [cleo, 'Cleo'],
  ] as const) {
    await mkdir(join(place.folder, `spare of ${name}`));
    await pair(ana, host);
    await offer(host, join(place.folder, `spare of ${name}`));
  }
  await ana.call('sets.create', { name: 'all', folders: [files], to: ['Ben', 'Cleo'] });
  const first = await ana.job(await ana.call('sets.run', { name: 'all' }));
  expect(first).toMatchObject({ state: 'done', result: { copies: 2 } });
});
afterEach(async () => {
  await Promise.all([ana.close(), ben.close(), cleo.close()]);
  await place.remove();
});

async function states(): Promise<readonly string[]> {
  const [set] = await ana.call('sets.list');
  return (set?.copies ?? []).map(({ friend, state }) => `${friend} ${state}`);
}

/** Packs, indexes and snapshots as they lie on a host's disk, by name. */
async function objectsOf(name: string): Promise<ReadonlyMap<string, string>> {
  const folder = join(place.folder, `spare of ${name}`);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name))
      .filter(({ parentPath }) => !parentPath.endsWith('locks'))
      .map((entry) => [entry.name, join(entry.parentPath, entry.name)]),
  );
}

test('a friend who was away is completed by himself when he is back', async () => {
  expect(await states()).toEqual(['Ben complete', 'Cleo complete']);
  await cleo.close();
  await writeFile(join(files, 'two'), randomBytes(2_000_000));
  const without = await ana.job(await ana.call('sets.run', { name: 'all' }));
  expect(without).toMatchObject({ state: 'done', result: { copies: 1 } });
  expect(await states()).toEqual(['Ben complete', 'Cleo behind']);
  const { port } = cleo.core.info();
  cleo = await startHome('Cleo', place.folder, { port });
  await until(async () => {
    await ana.core.chores();
    return (await states()).every((each) => each.endsWith('complete')) ? true : undefined;
  });
  const [here, there] = await Promise.all([objectsOf('Ben'), objectsOf('Cleo')]);
  expect([...there.keys()].sort()).toEqual([...here.keys()].sort());
});

test('what rots on a friend’s disk is found, told to both sides, and replaced from the other copy', async () => {
  const packs = [...(await objectsOf('Ben'))];
  for (const [, path] of packs.slice(0, 3)) {
    const bytes = await readFile(path);
    bytes[bytes.length - 20] = (bytes.at(-20) ?? 0) ^ 1;
    await chmod(path, 0o600);
    await writeFile(path, bytes);
  }
  const checked = await ana.job(await ana.call('sets.check', { name: 'all', readData: true }));
  expect(checked).toMatchObject({ state: 'done', result: { copies: 2 } });
  expect(checked.problems.map(({ key }) => key)).toContain('problem.copy-damaged');
  await until(async () => {
    await ana.core.chores();
    return (await states()).every((each) => each.endsWith('complete')) ? true : undefined;
  });
  for (const name of ['Ben', 'Cleo'])
    for (const [object, path] of await objectsOf(name)) {
      expect(
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      ).toBe(object);
    }
  const told = await until(async () => {
    await ben.core.chores();
    return (await ben.call('state.snapshot')).notices.find(({ kind }) => kind === 'drive-damaged');
  });
  expect(told.params).toMatchObject({ friend: 'Ana' });
  const again = await ana.job(await ana.call('sets.check', { name: 'all', readData: true }));
  expect(again).toMatchObject({ state: 'done', result: { problems: 0 }, problems: [] });
});

test('a look at random packs of every copy says when each was verified', async () => {
  const looked = await ana.job(await ana.call('sets.verify', { name: 'all' }));
  expect(looked).toMatchObject({ state: 'done', result: { copies: 2, problems: 0 } });
  const [set] = await ana.call('sets.list');
  expect(set?.verifiedMs).not.toBeNull();
  expect(set?.copies.map(({ verifiedShare }) => verifiedShare)).toEqual([1, 1]);
  expect(set?.safety).toBe('safe');
});
