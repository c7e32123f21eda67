import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';

/** The disk of the only friend loses what opens a backup: the half kilobyte on which all the rest hangs. */
let place: Awaited<ReturnType<typeof scratch>>;
let ana: TestHome;
let ben: TestHome;
let files: string;

beforeEach(async () => {
  place = await scratch();
  files = join(place.folder, 'files');
  await mkdir(files);
  await writeFile(join(files, 'one'), randomBytes(300_000));
  [ana, ben] = await Promise.all([startHome('Ana', place.folder), startHome('Ben', place.folder)]);
  await mkdir(join(place.folder, 'spare of Ben'));
  await pair(ana, ben);
  await offer(ben, join(place.folder, 'spare of Ben'));
  await ana.call('sets.create', { name: 'all', folders: [files], to: ['Ben'] });
  const first = await ana.job(await ana.call('sets.run', { name: 'all' }));
  expect(first).toMatchObject({ state: 'done', result: { copies: 1 } });
});
afterEach(async () => {
  await Promise.all([ana.close(), ben.close()]);
  await place.remove();
});

async function found(isMeant: (path: string) => boolean): Promise<string> {
  const folder = join(place.folder, 'spare of Ben');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const path = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .find(isMeant);
  if (path === undefined) throw new Error('it is not there');
  return path;
}
const keyFile = () => found((path) => basename(dirname(path)) === 'keys');
const config = () => found((path) => basename(path) === 'config');

async function rot(path: string): Promise<void> {
  await chmod(path, 0o600);
  await writeFile(path, randomBytes((await readFile(path)).length));
}

test('it is put back from the books with the next backup, check or restore, and that is told', async () => {
  const was = { key: await readFile(await keyFile()), config: await readFile(await config()) };
  const isAsBefore = async () => {
    expect((await readFile(await keyFile())).equals(was.key)).toBe(true);
    expect((await readFile(await config())).equals(was.config)).toBe(true);
  };
  await rm(await keyFile());
  await writeFile(join(files, 'two'), randomBytes(1000));
  const ran = await ana.job(await ana.call('sets.run', { name: 'all' }));
  expect(ran).toMatchObject({ state: 'done', result: { copies: 1 } });
  expect(ran.problems).toContainEqual({
    key: 'problem.copy-reopened',
    params: { friend: 'Ben' },
  });
  await isAsBefore();
  // What follows a backup by itself may find it before the check does.
  await rot(await config());
  await rot(await keyFile());
  const checked = await ana.job(await ana.call('sets.check', { name: 'all', readData: true }));
  expect(checked).toMatchObject({ state: 'done', result: { copies: 1, problems: 0 } });
  await isAsBefore();

  await rm(await keyFile());
  await rm(await config());
  const to = join(place.folder, 'back');
  const back = await ana.job(await ana.call('sets.restore', { name: 'all', to }));
  expect(back).toMatchObject({ state: 'done' });
  expect(
    (await readFile(join(to, 'files', 'one'))).equals(await readFile(join(files, 'one'))),
  ).toBe(true);
  await isAsBefore();
  await until(async () => {
    await ana.core.chores();
    const { notices } = await ana.call('state.snapshot');
    return notices.find(
      ({ kind, params }) => kind === 'copy-damaged' && params['context'] === 'repaired',
    );
  });
});
