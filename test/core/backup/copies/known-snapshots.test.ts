import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openManifest } from '../../../../electron/core/backup/copies/manifest.ts';
import { recordRemovals } from '../../../../electron/core/backup/copies/recorder.ts';
import { openRepository } from '../../../../electron/core/backup/repository/repository.ts';
import {
  anyOf,
  at,
  backup,
  expectSound,
  laterOn,
  namesAt,
  prune,
  world,
  write,
} from '../../../fakes/copy-steps.ts';
import { type CopyWorld, PASSWORD, SET } from '../../../fakes/copy-world.ts';

/** Nothing leads to a snapshot: whoever has lost one looks like somebody who never had it, unless it is known. */
const ALL = 100;

const snapshotsAt = (here: CopyWorld, number: number) =>
  namesAt(at(here, number)).flatMap((key) =>
    key.startsWith('snapshots/') ? [key.slice('snapshots/'.length)] : [],
  );
const knownTo = ({ books }: CopyWorld) => books.copies.snapshots(SET).map(({ name }) => name);
const damageIn = ({ books }: CopyWorld) =>
  books.copies.damage(SET).map(({ type, name }) => `${type}/${name}`);

async function ofTwo(here: CopyWorld): Promise<string> {
  write(here, 'one');
  await backup(here);
  const { name } = anyOf(at(here, 0), 'snapshots');
  write(here, 'two');
  await backup(here);
  return name;
}

function lose(here: CopyWorld, number: number, name: string): void {
  at(here, number).store.rot({ type: 'snapshots', name }, 'lost');
}

async function forget(here: CopyWorld, name: string) {
  const job = { kind: 'prune', keep: undefined, forget: [name], onlyForget: false, repackShare: 1 };
  return here.runner().write(here.set(), job as never, here.control());
}

async function check(here: CopyWorld) {
  return here.runner().check(here.set(), { readData: true }, here.control());
}

async function manifestAt(here: CopyWorld, number: number) {
  const opened = await openRepository(at(here, number).objects, PASSWORD);
  const paper = await at(here, number).papers.read('manifest');
  if (!opened.ok || !paper.ok) throw new Error('there is none');
  return openManifest(opened.value.key, paper.value);
}

describe('which snapshots there should be', () => {
  test('stands in the books and in manifests from the first backup on, and goes with what is forgotten', async () => {
    const here = world({ plots: 2 });
    const first = await ofTwo(here);
    expect(knownTo(here)).toEqual(snapshotsAt(here, 0));
    expect((await manifestAt(here, 1))?.snapshots).toEqual(snapshotsAt(here, 0));
    expect(await forget(here, first)).toMatchObject({ ok: true });
    expect(knownTo(here)).toHaveLength(1);
    expect(knownTo(here)).toEqual(snapshotsAt(here, 1));
  });

  test('is read where nothing says it, as after an older version', async () => {
    const here = world({ plots: 2 });
    await ofTwo(here);
    here.books.copies.setSnapshots({ set: SET, names: [], sequence: 1 });
    await prune(here, ALL);
    expect(knownTo(here)).toHaveLength(2);
    expect(knownTo(here)).toEqual(snapshotsAt(here, 0));
  });

  test('does not grow by what was removed and lies there again, nor by what is only listed', async () => {
    const here = world({ plots: 2 });
    const first = await ofTwo(here);
    const before = at(here, 0).objects.objects.get(`snapshots/${first}`) ?? new Uint8Array();
    await forget(here, first);
    at(here, 0).objects.objects.set(`snapshots/${first}`, before);
    at(here, 0).objects.objects.set(`snapshots/${'5'.repeat(64)}`, new Uint8Array(9));
    await backup(here);
    await prune(here, ALL);
    expect(knownTo(here)).not.toContain(first);
    expect(knownTo(here)).not.toContain('5'.repeat(64));
  });

  test('begins anew with another repository', async () => {
    const here = world({ plots: 1 });
    await ofTwo(here);
    here.books.sets.setRepository({ name: SET, repository: '7'.repeat(64) });
    expect(knownTo(here)).toEqual([]);
  });
});

describe('a friend who has lost a snapshot without a word', () => {
  test('loses nothing else while the one who still has it is away, and gets it back from him', async () => {
    const here = world({ plots: 2 });
    const first = await ofTwo(here);
    lose(here, 0, first);
    at(here, 1).store.cut();
    expect(await prune(here, ALL)).toMatchObject({ ok: false, fault: { code: 'unreachable' } });
    // What rots there while he is away, too, is still to be had here.
    for (const key of namesAt(at(here, 1)).filter((each) => each.startsWith('data/')))
      at(here, 1).store.rot({ type: 'data', name: key.slice('data/'.length) }, 'flipped');
    at(here, 1).store.mend();
    await check(here);
    await laterOn(here);
    await expectSound(here);
    expect(snapshotsAt(here, 0)).toContain(first);
    expect(await prune(here, ALL)).toMatchObject({ ok: true });
  });

  test('is told, also where nobody else has it; then it is given up, and prunes go on', async () => {
    const here = world({ plots: 1 });
    const first = await ofTwo(here);
    lose(here, 0, first);
    await laterOn(here);
    // A disk that does not show something for an hour has not lost it.
    expect(await check(here)).toMatchObject({ ok: true, value: { givenUp: 0 } });
    expect(await prune(here)).toMatchObject({ ok: false, fault: { code: 'repository-damaged' } });
    here.clock.nowMs += 86_400_000;
    expect(await check(here)).toMatchObject({ ok: true, value: { givenUp: 1 } });
    expect(here.problems).toContainEqual({ key: 'problem.objects-lost', params: { count: '1' } });
    expect(damageIn(here)).toEqual([]);
    expect(knownTo(here)).toEqual(snapshotsAt(here, 0));
    expect(await prune(here)).toMatchObject({ ok: true });
    await expectSound(here);
  });

  test('is not pruned by another device either, which has never seen it', async () => {
    const here = world({ plots: 2 });
    const first = await ofTwo(here);
    const there = world({ plots: 2, at: here.plots, writer: 'another device' });
    lose(here, 0, first);
    at(here, 1).store.cut();
    const before = namesAt(at(here, 0)).filter((key) => key.startsWith('data/'));
    expect(await prune(there, ALL)).toMatchObject({ ok: false });
    expect(namesAt(at(here, 0)).filter((key) => key.startsWith('data/'))).toEqual(before);
    at(here, 1).store.mend();
    await prune(there, ALL);
    await laterOn(there);
    await expectSound(there);
    expect(snapshotsAt(here, 0)).toContain(first);
  });
});

describe('a snapshot that only somebody has who is away', () => {
  test('is nobody’s loss who goes on without him, and comes to all when he is back', async () => {
    const here = world({ plots: 2 });
    await ofTwo(here);
    at(here, 1).store.cut();
    write(here, 'three');
    await backup(here);
    const [only = ''] = snapshotsAt(here, 0).filter((name) => !snapshotsAt(here, 1).includes(name));
    at(here, 1).store.mend();
    at(here, 0).store.cut();
    write(here, 'four');
    await backup(here);
    await laterOn(here);
    expect(damageIn(here)).toEqual([]);
    // Two friends who are never there together would fill their plots otherwise.
    expect(await prune(here, ALL)).toMatchObject({ ok: true, value: { copies: 1 } });
    at(here, 0).store.mend();
    await laterOn(here);
    await expectSound(here);
    expect(snapshotsAt(here, 1)).toContain(only);
    expect(await prune(here, ALL)).toMatchObject({ ok: true, value: { copies: 2 } });
    expect(knownTo(here)).toEqual(snapshotsAt(here, 0));
  });
});

describe('what another device has forgotten', () => {
  test('is not missed', async () => {
    const here = world({ plots: 2 });
    const first = await ofTwo(here);
    const there = world({ plots: 2, at: here.plots, writer: 'another device' });
    write(there, 'three');
    await backup(there);
    expect(await forget(there, first)).toMatchObject({ ok: true });
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 2 } });
    expect(knownTo(here)).toEqual(snapshotsAt(here, 0));
    expect(knownTo(here)).not.toContain(first);
    expect(await prune(here, ALL)).toMatchObject({ ok: true });
    expect(damageIn(here)).toEqual([]);
    await expectSound(here);
  });

  test('is not missed where one of the copies is away, either', async () => {
    const here = world({ plots: 2 });
    const first = await ofTwo(here);
    const there = world({ plots: 2, at: here.plots, writer: 'another device' });
    await backup(there);
    expect(await forget(there, first)).toMatchObject({ ok: true });
    at(here, 1).store.cut();
    expect(await backup(here)).toMatchObject({ ok: true });
    expect(knownTo(here)).not.toContain(first);
    expect(damageIn(here)).toEqual([]);
  });
});

test('an index that was lost at a friend’s and pruned elsewhere is still missed where that friend’s copy goes on alone', async () => {
  const here = world({ plots: 2 });
  write(here, 'one');
  write(here, 'what goes');
  await backup(here);
  const index = anyOf(at(here, 0), 'index');
  here.toy.files.delete('what goes');
  write(here, 'two');
  await backup(here);
  at(here, 0).store.rot(index, 'lost');
  const { owner } = at(here, 0).target.host;
  here.books.copies.noteDamage({ set: SET, host: owner, objects: [index], atMs: 1 });
  at(here, 0).store.cut();
  // Its pack is packed anew, and named by another one.
  expect(await prune(here)).toMatchObject({ ok: true, value: { copies: 1 } });
  expect(namesAt(at(here, 1))).not.toContain(`index/${index.name}`);
  at(here, 0).store.mend();
  at(here, 1).store.cut();
  write(here, 'three');
  await backup(here);
  expect(damageIn(here)).toContain(`index/${index.name}`);
  at(here, 1).store.mend();
  await check(here);
  await laterOn(here);
  await check(here);
  await expectSound(here);
  expect(damageIn(here)).toEqual([]);
});

test('a snapshot that a run has removed is not one that there should be, however much more the run removes', async () => {
  const here = world({ plots: 1 });
  write(here, 'one');
  await backup(here);
  const { name } = anyOf(at(here, 0), 'snapshots');
  const opened = await openRepository(at(here, 0).objects, PASSWORD);
  if (!opened.ok) throw new Error();
  const recorder = recordRemovals(at(here, 0).objects, {
    book: here.books.copies as never,
    set: SET,
    alive: () => [at(here, 0).target.host.owner],
    above: 0,
    snapshots: new Map([[name, 1]]),
    key: opened.value.key,
  });
  await recorder.store.load({ type: 'snapshots', name });
  await recorder.store.remove({ type: 'snapshots', name });
  await recorder.store.save({ type: 'index', name: '7'.repeat(64) }, [Buffer.from('an index')]);
  const all = Array.from({ length: 100_001 }, (_, n) =>
    createHash('sha256').update(`${n}`).digest('hex'),
  );
  await Promise.all(all.map((each) => recorder.store.remove({ type: 'data', name: each })));
  await recorder.finish(undefined);
  expect(here.books.copies.snapshots(SET).map((each) => each.name)).not.toContain(name);
});

test('whether a snapshot was removed is looked up, however many removals are listed', () => {
  const here = world({ plots: 1 });
  const query =
    "SELECT 1 FROM set_removals WHERE set_name = 'all' AND type = 'snapshots' AND name = 'x'";
  const plan = here.books.sql.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${query}`).all();
  expect(plan[0]?.detail).toMatch(/name=\? AND type=\? AND name=\?/);
});

/** The address book says how far the set had come (`recovery-book.ts`, putSet): as far as its newest manifest. */
test.each([0, 'told'] as const)(
  'a machine that comes after another one knows which snapshots there should be, also where an address book said how far it had come (%s)',
  async (how) => {
    const first = world({ plots: 2, writer: 'the first' });
    write(first, 'one');
    await backup(first);
    const { name } = anyOf(at(first, 0), 'snapshots');
    first.toy.files.clear();
    write(first, 'two');
    await backup(first);
    const { sequence } = first.set();
    first.restart();
    // A friend has lost one without a word; the other one, who has it, is away.
    at(first, 0).store.rot({ type: 'snapshots', name }, 'lost');
    at(first, 1).store.cut();
    const here = world({ plots: 2, at: first.plots, writer: 'the second' });
    if (how === 'told') here.books.sets.setSequence({ name: SET, sequence });
    const before = namesAt(at(here, 0)).filter((key) => key.startsWith('data/'));
    await backup(here);
    await laterOn(here);
    const pruned = await prune(here, 100);
    const after = namesAt(at(here, 0));
    expect(before.filter((key) => !after.includes(key))).toEqual([]);
    expect(here.books.copies.snapshots(SET).map((each) => each.name)).toContain(name);
    expect(pruned).toMatchObject({ ok: false });
  },
);
