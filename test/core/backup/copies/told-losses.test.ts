import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { openManifest } from '../../../../electron/core/backup/copies/manifest.ts';
import { openRepository } from '../../../../electron/core/backup/repository/repository.ts';
import { type Target } from '../../../../electron/core/backup/targets.ts';
import { ok } from '../../../../shared/result.ts';
import {
  anyOf,
  at,
  backup,
  concealing,
  expectSound,
  laterOn,
  namesAt,
  prune,
  rowOf,
  world,
  write,
} from '../../../fakes/copy-steps.ts';
import { type CopyWorld, PASSWORD, SET } from '../../../fakes/copy-world.ts';

/** What a person is told of losses: what nobody has lost is not said to be lost, damaged or whole again; what all have lost is. */

test.each([1, 2])(
  'a backup that all %d friends have lost is told as lost, whoever finds it, and not as whole again',
  async (plots) => {
    const here = world({ plots });
    write(here, 'one');
    await backup(here);
    const { name } = anyOf(at(here, 0), 'snapshots');
    write(here, 'two');
    await backup(here);
    for (const plot of here.plots) plot.store.rot({ type: 'snapshots', name }, 'lost');
    await backup(here);
    expect(here.books.copies.losses()).toEqual([]);
    await laterOn(here);
    expect(here.books.copies.losses()).toEqual([{ set: SET, objects: 1, atMs: here.clock.nowMs }]);
    expect(rowOf(here, 0)?.repairedMs).toBeUndefined();
  },
);

/** What another device wrote at one friend is no loss of another one’s, who never had it. */
async function ofAnother(plots: number): Promise<CopyWorld> {
  const here = world({ plots });
  write(here, 'one');
  await backup(here);
  const there = world({ plots, at: here.plots, writer: 'another device' });
  write(there, 'two');
  for (let other = 1; other < plots; other += 1) at(here, other).store.cut();
  expect(await backup(there)).toMatchObject({ ok: true, value: { copies: 1 } });
  // It is switched off before it has completed anybody.
  there.restart();
  for (let other = 1; other < plots; other += 1) at(here, other).store.mend();
  return here;
}

test('a friend who was away while another device made a backup is sent it, and nothing of his counts as damaged or repaired', async () => {
  const here = await ofAnother(2);
  const done = await here.runner().check(here.set(), { readData: false }, here.control());
  expect(done).toMatchObject({ ok: true, value: { repaired: 0 } });
  expect(rowOf(here, 1)?.repairedMs).toBeUndefined();
  await expectSound(here);
});

test('nor does anything of his while the friend where it lies is slow or away', async () => {
  const here = await ofAnother(3);
  at(here, 0).objects.onCall = (call, object) =>
    call === 'load' && object.type === 'data'
      ? { code: 'unreachable', detail: 'timeout' }
      : undefined;
  await backup(here);
  at(here, 0).store.cut();
  await laterOn(here);
  write(here, 'three');
  expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 2 } });
  expect(
    here.books.copies.damage(SET).map(({ host, type }) => `${host.slice(-4)} ${type}`),
  ).toEqual([]);
});

test.each(['leaves', 'gone'] as const)(
  'whoever goes on when the only one who had the newest backup %s is not said to have lost it',
  async (how) => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    at(here, 1).store.cut();
    write(here, 'two');
    await backup(here);
    at(here, 1).store.mend();
    at(here, 0).store.cut();
    const { owner } = at(here, 0).target.host;
    if (how === 'leaves') {
      here.books.sets.leave({ name: SET, host: owner });
      here.books.copies.retain({ set: SET, hosts: here.set().hosts });
    } else {
      here.books.copies.noteGone({ set: SET, host: owner, atMs: 1 });
    }
    const noted: string[] = [];
    const { noteDamage } = here.books.copies;
    (here.books.copies as { noteDamage: typeof noteDamage }).noteDamage = (call) => {
      for (const { type, name } of call.objects)
        noted.push(`${call.host.slice(0, 4)} ${type}/${name.slice(0, 8)}`);
      noteDamage(call);
    };
    here.restart();
    await laterOn(here);
    await backup(here);
    await laterOn(here);
    expect(noted).toEqual([]);
    expect(here.books.copies.damage(SET).length).toBe(0);
    expect(rowOf(here, 1)?.damagedObjects).toBe(0);
    await here.runner().check(here.set(), { readData: false }, here.control());
  },
);

test('what was given up and told is not told again by the machine that comes after', async () => {
  const here = world({ plots: 1 });
  write(here, 'one');
  await backup(here);
  const { name } = anyOf(at(here, 0), 'snapshots');
  write(here, 'two');
  await backup(here);
  at(here, 0).store.rot({ type: 'snapshots', name }, 'lost');
  const check = (one: typeof here) =>
    one.runner().check(one.set(), { readData: true }, one.control());
  await check(here);
  here.clock.nowMs += 86_400_000;
  expect(await check(here)).toMatchObject({ ok: true, value: { givenUp: 1 } });
  await laterOn(here);
  const opened = await openRepository(at(here, 0).objects, PASSWORD);
  const paper = await at(here, 0).papers.read('manifest');
  if (!opened.ok || !paper.ok) throw new Error('none');
  expect(openManifest(opened.value.key, paper.value)?.snapshots).not.toContain(name);
  const there = world({ plots: 1, at: here.plots, writer: 'the next machine' });
  await check(there);
  expect(there.problems).toEqual([]);
});

test('a friend who brings back an old manifest of another device makes nobody else’s copy look damaged', async () => {
  const first = world({ plots: 3, writer: 'the first' });
  write(first, 'one');
  await backup(first);
  const { name } = anyOf(at(first, 0), 'snapshots');
  write(first, 'two');
  await backup(first);
  const old = new Map(at(first, 0).papers.kept);
  const job = { kind: 'prune', keep: undefined, forget: [name], onlyForget: false, repackShare: 1 };
  expect(await first.runner().write(first.set(), job as never, first.control())).toMatchObject({
    ok: true,
  });
  first.restart();
  // The machine that comes after it.
  const here = world({ plots: 3, at: first.plots, writer: 'the second' });
  write(here, 'three');
  expect(await backup(here)).toMatchObject({ ok: true });
  await laterOn(here);
  expect(await prune(here, 100)).toMatchObject({ ok: true });
  expect(here.books.copies.damage(SET)).toEqual([]);
  // From now on he says so; somebody else is away.
  for (const [paper, bytes] of old) at(here, 0).papers.kept.set(paper, bytes);
  at(here, 1).store.cut();
  write(here, 'four');
  await backup(here);
  await laterOn(here);
  expect(
    here.books.copies.damage(SET).map(({ host, type }) => `${host.slice(-4)} ${type}`),
  ).toEqual([]);
  expect(await prune(here, 100)).toMatchObject({ ok: true });
  at(here, 1).store.mend();
  await laterOn(here);
  const checked = await here.runner().check(here.set(), { readData: true }, here.control());
  expect(checked).toMatchObject({ ok: true, value: { givenUp: 0 } });
  expect(here.problems.map(({ key }) => key)).not.toContain('problem.objects-lost');
});

test('what another device has forgotten and could not say, nobody has lost', async () => {
  const here = world({ plots: 3 });
  write(here, 'one');
  await backup(here);
  const { name } = anyOf(at(here, 0), 'snapshots');
  write(here, 'two');
  await backup(here);
  const there = world({ plots: 3, at: here.plots, writer: 'another device' });
  at(here, 2).store.cut();
  // It leaves its manifest before it removes anything, and none after.
  const before = [0, 1].map((n) => at(here, n).papers.onCall);
  let writes = 0;
  for (const n of [0, 1])
    at(here, n).papers.onCall = (...call) => {
      if ((call as readonly unknown[])[0] === 'write') writes += 1;
      return writes > 2 ? { code: 'unreachable', detail: 'cut' } : undefined;
    };
  const job = { kind: 'prune', keep: undefined, forget: [name], onlyForget: false, repackShare: 1 };
  await there.runner().write(there.set(), job as never, there.control());
  there.restart();
  for (const n of [0, 1]) at(here, n).papers.onCall = before[n] as never;
  expect(namesAt(at(here, 0))).not.toContain(`snapshots/${name}`);
  write(here, 'three');
  await backup(here);
  await laterOn(here);
  write(here, 'four');
  await backup(here);
  expect(
    here.books.copies.damage(SET).map(({ host, type }) => `${host.slice(-4)} ${type}`),
  ).toEqual([]);
});

test('the person is not told after every backup that what is concealed from lists is whole again', async () => {
  const { what, seen } = concealing();
  const here = world({ plots: 1, seen });
  write(here, 'one');
  await backup(here);
  what.name = anyOf(at(here, 0), 'snapshots').name;
  const told = new Set<number | undefined>();
  for (let day = 0; day < 4; day += 1) {
    write(here, 'two');
    await backup(here);
    await laterOn(here);
    told.add(here.books.copies.copiesOf(SET)[0]?.repairedMs);
  }
  // Each other moment is a notice of its own (`shared/notices/backups.ts`).
  expect([...told]).toEqual([undefined]);
});

test.each(['data', 'snapshots'] as const)(
  'what a friend only lists of type %s, and everybody gives up, is not told as lost',
  async (type) => {
    let isLying = false;
    const name = '7'.repeat(64);
    const seen = (target: Target): Target => ({
      ...target,
      store: {
        ...target.store,
        list: async (what, options) => {
          const listed = await target.store.list(what, options);
          const isHere = isLying && what === type && target.name === 'Friend 0';
          return listed.ok && isHere ? ok([...listed.value, { name, sizeBytes: 9 }]) : listed;
        },
      },
    });
    const here = world({ plots: 2, seen });
    write(here, 'one');
    await backup(here);
    isLying = true;
    await backup(here);
    for (let times = 0; times < 3; times += 1) await laterOn(here);
    expect(here.books.copies.losses()).toEqual([]);
    isLying = false;
    await laterOn(here);
    await expectSound(here);
  },
);

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
