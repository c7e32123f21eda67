import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { anyOf, at, backup, laterOn, world, write } from '../../../fakes/copy-steps.ts';
import { SET } from '../../../fakes/copy-world.ts';

/** What is given up without anybody's having lost something. */
const day = async (here: ReturnType<typeof world>) => {
  write(here, 'other');
  await backup(here);
  await laterOn(here);
  await here.runner().check(here.set(), { readData: true }, here.control());
  await laterOn(here);
};

test.each([1, 2])('a pack that one of %d friends makes up is nobody’s loss', async (plots) => {
  const here = world({ plots });
  write(here, 'one');
  await backup(here);
  await backup(here);
  // It has some name, and its bytes are others.
  at(here, 0).objects.objects.set(`data/${randomBytes(32).toString('hex')}`, randomBytes(3000));
  for (let times = 0; times < 4; times += 1) await day(here);
  expect(here.books.copies.losses()).toEqual([]);
});

test.each([
  ['snapshots', 1],
  ['snapshots', 2],
  ['index', 1],
  ['index', 2],
] as const)('%s that one of %d friends makes up are nobody’s loss', async (type, plots) => {
  const here = world({ plots });
  write(here, 'one');
  await backup(here);
  await backup(here);
  at(here, 0).objects.objects.set(`${type}/${randomBytes(32).toString('hex')}`, randomBytes(300));
  for (let times = 0; times < 4; times += 1) await day(here);
  expect(here.books.copies.losses()).toEqual([]);
});

test('what a run that was cut off left, and no index names, is nobody’s loss when it rots', async () => {
  const here = world({ plots: 2 });
  write(here, 'one');
  await backup(here);
  await backup(here);
  const bytes = randomBytes(3000);
  const name = createHash('sha256').update(bytes).digest('hex');
  for (const plot of here.plots) {
    plot.objects.objects.set(`data/${name}`, bytes);
    plot.store.rot({ type: 'data', name }, 'flipped');
    here.books.copies.noteDamage({
      set: SET,
      host: plot.target.host.owner,
      objects: [{ type: 'data', name }],
      atMs: 1,
    });
  }
  for (let times = 0; times < 3; times += 1) await day(here);
  expect(here.books.copies.losses()).toEqual([]);
});

test('a pack of which every piece was saved is nobody’s loss', async () => {
  const here = world({ plots: 1 });
  write(here, 'one');
  await backup(here);
  await backup(here);
  const [key = '', bytes] =
    [...at(here, 0).objects.objects].find(
      ([each, of]) => each.startsWith('data/') && of.length > 10_000,
    ) ?? [];
  // The very last byte is the header's length.
  const bad = Buffer.from(bytes ?? []);
  bad[bad.length - 8] = (bad[bad.length - 8] ?? 0) ^ 1;
  at(here, 0).objects.objects.set(key, bad);
  for (let times = 0; times < 3; times += 1) await day(here);
  expect(here.books.copies.losses()).toEqual([]);
});

test('an index that all have lost and that is made anew is nobody’s loss', async () => {
  const here = world({ plots: 2 });
  write(here, 'one');
  await backup(here);
  await backup(here);
  const object = anyOf(at(here, 0), 'index');
  for (const plot of here.plots) plot.store.rot(object, 'flipped');
  for (let times = 0; times < 3; times += 1) await day(here);
  expect(here.books.copies.losses()).toEqual([]);
});
