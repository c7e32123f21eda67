import { expect, test } from 'vitest';
import { anyOf, at, backup, laterOn, prune, world, write } from '../../../fakes/copy-steps.ts';
import { SET } from '../../../fakes/copy-world.ts';

test('a person hears of another device’s manifest also when a prune finds damage', async () => {
  const here = world({ plots: 1 });
  write(here, 'one');
  await backup(here);
  write(here, 'two');
  await backup(here);
  const pack =
    [...at(here, 0).objects.objects].find(
      ([each, of]) => each.startsWith('data/') && of.length > 10_000,
    )?.[0] ?? '';
  const there = world({ plots: 1, at: here.plots, writer: 'another device' });
  await backup(there);
  there.restart();
  at(here, 0).objects.objects.delete(pack);
  expect(await prune(here, 100)).toMatchObject({
    ok: false,
    fault: { code: 'repository-damaged' },
  });
  expect(here.problems.map(({ key }) => key)).toContain('problem.manifest-foreign');
});

test('what is given up is told, wherever the program is killed', async () => {
  const here = world({ plots: 1 });
  write(here, 'one');
  await backup(here);
  const { name } = anyOf(at(here, 0), 'snapshots');
  write(here, 'two');
  await backup(here);
  at(here, 0).store.rot({ type: 'snapshots', name }, 'lost');
  await backup(here);
  const { dropSnapshots } = here.books.copies;
  const killed = Promise.withResolvers<void>();
  // Right after that is written down.
  (here.books.copies as { dropSnapshots: typeof dropSnapshots }).dropSnapshots = (call) => {
    dropSnapshots(call);
    here.restart();
    killed.resolve();
  };
  await Promise.race([laterOn(here), killed.promise]);
  (here.books.copies as { dropSnapshots: typeof dropSnapshots }).dropSnapshots = dropSnapshots;
  for (let times = 0; times < 3; times += 1) await laterOn(here);
  expect(here.books.copies.snapshots(SET).map((each) => each.name)).not.toContain(name);
  expect(here.books.copies.losses()).toHaveLength(1);
});
