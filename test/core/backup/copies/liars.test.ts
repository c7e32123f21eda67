import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openRepository } from '../../../../electron/core/backup/repository/repository.ts';
import type {
  RepositoryStore,
  StoreObject,
  StoreObjectType,
} from '../../../../electron/core/backup/repository/repository-store.ts';
import type { Target } from '../../../../electron/core/backup/targets.ts';
import { failed, ok } from '../../../../shared/result.ts';
import {
  anyOf,
  at,
  backup,
  expectSound,
  laterOn,
  namesAt,
  prune,
  rowOf,
  world,
  write,
} from '../../../fakes/copy-steps.ts';
import { type CopyWorld, PASSWORD, SET } from '../../../fakes/copy-world.ts';
import { faultsOf } from '../../../fakes/toy-engine.ts';

type LoadOptions = Parameters<RepositoryStore['load']>[1];

/** What one friend says to have, or has again, is no reason why anybody else gets less. */

/** The first friend lists these beside what he has; told to remove them he says that he has. Counts what he is asked for. */
function liar(type: StoreObjectType, more: () => readonly string[]) {
  const asked = { times: 0 };
  const seen = (target: Target): Target => {
    if (target.name !== 'Friend 0') return target;
    const { list, load } = target.store;
    const lying: Target['store'] = {
      ...target.store,
      load: (...call) => {
        asked.times += 1;
        return load(...call);
      },
      list: async (what, options) => {
        const listed = await list(what, options);
        if (!listed.ok || what !== type) return listed;
        return ok([...listed.value, ...more().map((name) => ({ name, sizeBytes: 10 }))]);
      },
    };
    return { ...target, store: lying };
  };
  return { seen, asked };
}
const someName = () => randomBytes(32).toString('hex');
const damageAt = (here: CopyWorld, number: number) =>
  here.books.copies
    .damage(SET)
    .filter(({ host }) => host === at(here, number).target.host.owner)
    .map(({ type, name }) => `${type}/${name}`);

async function expectSoundAt(here: CopyWorld, number: number): Promise<void> {
  const opened = await openRepository(at(here, number).objects, PASSWORD);
  if (!opened.ok) throw new Error('it can’t be opened');
  expect(await faultsOf(at(here, number).store, opened.value)).toEqual([]);
}

describe('a friend who says what is not true', () => {
  test.each(['index', 'snapshots', 'data'] as const)(
    'and goes on listing the same of type %s that he does not have keeps nobody from a backup or a prune',
    async (type) => {
      let lies: readonly string[] = [];
      const here = world({ plots: 2, seen: liar(type, () => lies).seen });
      write(here, 'one');
      await backup(here);
      lies = [someName(), someName()];
      for (const name of ['two', 'three']) {
        write(here, name);
        expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 2 } });
        expect(await prune(here)).toMatchObject({ ok: true, value: { forgotten: 1 } });
        await laterOn(here);
      }
      expect(namesAt(at(here, 1)).filter((key) => key.startsWith('snapshots/'))).toHaveLength(1);
      await expectSoundAt(here, 1);
      lies = [];
      await laterOn(here);
      await expectSound(here);
      expect(here.books.copies.damage(SET)).toEqual([]);
    },
  );

  test.each(['index', 'snapshots', 'data'] as const)(
    'and lists something else of type %s each time is left out, and nobody else is blamed',
    async (type) => {
      let isLying = false;
      const lies = () => (isLying ? [someName(), someName()] : []);
      const here = world({ plots: 2, seen: liar(type, lies).seen });
      write(here, 'one');
      await backup(here);
      const before = namesAt(at(here, 1));
      isLying = true;
      write(here, 'two');
      expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 1 } });
      expect(namesAt(at(here, 1)).length).toBeGreaterThan(before.length);
      expect(here.problems).toMatchObject([
        { key: 'problem.copy-behind', params: { friend: 'Friend 0' } },
      ]);
      expect(rowOf(here, 1)?.lastFault).toBeUndefined();
    },
  );

  test('and conceals packs that he has makes nobody keep them twice', async () => {
    // Once they were compared, when all have the same.
    let looks = Number.NEGATIVE_INFINITY;
    const seen = (target: Target): Target => {
      if (target.name !== 'Friend 0') return target;
      const { list } = target.store;
      const concealing: Target['store'] = {
        ...target.store,
        list: async (what, options) => {
          const listed = await list(what, options);
          if (what === 'data') looks += 1;
          return listed.ok && looks > 1 && what === 'data' ? ok([]) : listed;
        },
      };
      return { ...target, store: concealing };
    };
    const here = world({ plots: 2, seen });
    write(here, 'one');
    await backup(here);
    const packs = () => namesAt(at(here, 1)).filter((key) => key.startsWith('data/')).length;
    const before = packs();
    looks = 0;
    expect((await backup(here)).ok).toBe(true);
    expect(packs()).toBe(before);
  });

  test('and lists very much that he does not have holds a backup up for so long and no longer', async () => {
    let lies: readonly string[] = [];
    const { seen, asked } = liar('data', () => lies);
    const here = world({ plots: 2, seen });
    write(here, 'one');
    await backup(here);
    lies = Array.from({ length: 5000 }, someName);
    asked.times = 0;
    write(here, 'two');
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 1 } });
    expect(asked.times).toBeLessThan(lies.length);
  });

  test('or was away brings nothing back that was removed by making something up beside it', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    at(here, 0).store.cut();
    here.toy.files.clear();
    write(here, 'two');
    await backup(here);
    await prune(here);
    at(here, 0).store.mend();
    const pruned = namesAt(at(here, 1));
    const bytes = randomBytes(300);
    const made = `index/${createHash('sha256').update(bytes).digest('hex')}`;
    at(here, 0).objects.objects.set(made, bytes);
    await laterOn(here);
    await laterOn(here);
    expect(namesAt(at(here, 1))).toEqual(pruned);
    expect(namesAt(at(here, 0)).filter((key) => key !== made)).toEqual(pruned);
  });

  test('with key files that are not ours leaves no damage in anybody’s books', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    const key = `keys/${someName()}`;
    at(here, 0).objects.objects.set(key, randomBytes(300));
    const name = key.slice('keys/'.length);
    for (const number of [0, 1]) {
      const host = at(here, number).target.host.owner;
      here.books.copies.noteDamage({ set: SET, host, objects: [{ type: 'keys', name }], atMs: 1 });
    }
    write(here, 'two');
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 2 } });
    expect(here.books.copies.damage(SET)).toEqual([]);
    expect(namesAt(at(here, 1))).not.toContain(key);
  });

  test('whose line spoils what he has is not taken for one: what is ours goes to the others sooner or later', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    at(here, 1).store.cut();
    write(here, 'two');
    await backup(here);
    at(here, 1).store.mend();
    // Each object comes right now and then.
    let loads = 0;
    const { objects } = at(here, 0);
    const { load } = objects;
    Object.assign(objects, {
      load: async (object: StoreObject, options?: LoadOptions) => {
        loads += 1;
        const loaded = await load(object, options);
        const isSpoilt = object.type === 'index' && loads % 4 !== 0;
        return isSpoilt && loaded.ok ? ok(loaded.value.map((byte) => byte ^ 1)) : loaded;
      },
    });
    for (let time = 0; time < 4; time += 1) {
      await laterOn(here);
      const there = namesAt(at(here, 1));
      // No snapshot comes before its index does.
      const [indexes, snapshots] = ['index/', 'snapshots/'].map(
        (type) => there.filter((key) => key.startsWith(type)).length,
      );
      expect(snapshots).toBeLessThanOrEqual(indexes ?? 0);
    }
    Object.assign(objects, { load });
    await laterOn(here);
    await expectSound(here);
    expect(damageAt(here, 0)).toEqual([]);
    expect(damageAt(here, 1)).toEqual([]);
  });

  test('or can’t be asked for what another lacks gets his backup, and the other one waits', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    at(here, 1).store.cut();
    write(here, 'two');
    await backup(here);
    at(here, 1).store.mend();
    const { objects } = at(here, 0);
    const { load } = objects;
    Object.assign(objects, {
      load: async (object: StoreObject, options?: LoadOptions) =>
        object.type === 'data'
          ? failed({ code: 'unreachable', detail: 'EIO' })
          : load(object, options),
    });
    write(here, 'three');
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 1 } });
    expect(rowOf(here, 0)?.lastFault).toBeUndefined();
    expect(here.problems.at(-1)).toMatchObject({ params: { friend: 'Friend 1' } });
    Object.assign(objects, { load });
    await laterOn(here);
    await expectSound(here);
  });
});

test('what only somebody out of reach has, damaged, is not looked for without end where others can’t be asked for it', async () => {
  const here = world({ plots: 2 });
  write(here, 'one');
  await backup(here);
  const name = someName();
  const host = at(here, 0).target.host.owner;
  here.books.copies.noteDamage({ set: SET, host, objects: [{ type: 'index', name }], atMs: 1 });
  at(here, 0).store.cut();
  at(here, 1).objects.onCall = (call, object) =>
    call === 'stat' && object.name === name ? { code: 'unreachable', detail: 'EIO' } : undefined;
  write(here, 'two');
  expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 1 } });
});

test('the first prune after another device has written works', async () => {
  const here = world({ plots: 2 });
  write(here, 'one');
  await backup(here);
  const other = world({ plots: 0, at: here.plots, writer: 'another device' });
  write(other, 'two');
  await backup(other);
  await other.runner().close();
  expect(await prune(here)).toMatchObject({ ok: true, value: { forgotten: 1, copies: 2 } });
  await expectSound(here);
});

test('an old index that a friend brings back is not sent to another one before it is known what it lacks, when the one who knows falls away in between', async () => {
  const here = world({ plots: 3 });
  write(here, 'one');
  write(here, 'what goes');
  await backup(here);
  const { name: old } = anyOf(at(here, 0), 'index');
  const { name: pack } = anyOf(at(here, 0), 'data');
  const bytes = at(here, 0).objects.objects.get(`index/${old}`) ?? new Uint8Array();
  here.toy.files.delete('what goes');
  write(here, 'two');
  await backup(here);
  expect(await prune(here)).toMatchObject({ ok: true, value: { copies: 3 } });
  for (const plot of here.plots) expect(namesAt(plot)).not.toContain(`data/${pack}`);
  for (const number of [0, 2]) at(here, number).store.cut();
  write(here, 'three');
  await backup(here);
  for (const number of [0, 2]) at(here, number).store.mend();
  at(here, 0).objects.objects.set(`index/${old}`, bytes);
  at(here, 2).objects.onCall = (call, object) => {
    if (call === 'save' && object.type === 'locks') at(here, 1).store.cut();
    return undefined;
  };
  await backup(here);
  expect(namesAt(at(here, 2))).toContain(`index/${old}`);
  expect(damageAt(here, 0)).toContain(`data/${pack}`);
  at(here, 2).objects.onCall = () => undefined;
  for (const key of at(here, 1).objects.objects.keys())
    if (key.startsWith('locks/')) at(here, 1).objects.objects.delete(key);
  at(here, 1).store.mend();
  for (let times = 0; times < 2; times += 1) {
    await here.runner().check(here.set(), { readData: true }, here.control());
    await laterOn(here);
  }
  await expectSound(here);
});

test('what a friend lists of what nobody ever had is not noted as what others have lost', async () => {
  let lies: readonly string[] = [];
  const here = world({ plots: 2, seen: liar('data', () => lies).seen });
  write(here, 'one');
  await backup(here);
  lies = Array.from({ length: 3000 }, someName);
  write(here, 'two');
  await backup(here);
  await laterOn(here);
  // Some, and not as many as he likes.
  expect(damageAt(here, 1).length).toBeLessThan(1500);
});

test('a host is told what he has lost, and it is noted when it was there again', async () => {
  const here = world({ plots: 2 });
  write(here, 'one');
  await backup(here);
  const lost = anyOf(at(here, 0), 'data');
  at(here, 0).store.rot(lost, 'lost');
  await laterOn(here);
  await here.runner().check(here.set(), { readData: false }, here.control());
  await expectSound(here);
  expect(rowOf(here, 0)).toMatchObject({ drive: 'Drive 0', repairedMs: here.clock.nowMs });
  expect(damageAt(here, 0)).toEqual([]);
});

test('whoever was away and lists very much that nobody knows is read by and by, and nobody waits for it', async () => {
  let lies: readonly string[] = [];
  const { seen, asked } = liar('snapshots', () => lies);
  const here = world({ plots: 2, seen });
  write(here, 'one');
  await backup(here);
  at(here, 0).store.cut();
  write(here, 'two');
  await backup(here);
  at(here, 0).store.mend();
  lies = Array.from({ length: 2500 }, someName);
  asked.times = 0;
  write(here, 'three');
  expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 1 } });
  // Once for the backup, and once for what follows it.
  expect(asked.times).toBeLessThan(2100);
  // Each time some more is found out, until all of it is; then he is like the others.
  for (let times = 0; times < 3; times += 1) await backup(here);
  expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 2 } });
  lies = [];
  await laterOn(here);
  await expectSound(here);
});

test('an index that a friend brings back in every second list goes to nobody unread, however often he does', async () => {
  const first = world({ plots: 2, writer: 'the first' });
  for (let n = 0; n < 12; n += 1) {
    first.toy.files.delete(`file ${n - 1}`);
    write(first, `file ${n}`);
    await backup(first);
  }
  const old = [...at(first, 0).objects.objects].filter(([key]) => key.startsWith('index/'));
  await prune(first);
  first.restart();
  const back = old.filter(([key]) => !at(first, 0).objects.objects.has(key));
  expect(back.length).toBeGreaterThan(10);
  let isLying = false;
  let lists = 0;
  const seen = (target: Target): Target =>
    target.name !== 'Friend 0'
      ? target
      : {
          ...target,
          store: {
            ...target.store,
            list: async (type, options) => {
              const listed = await target.store.list(type, options);
              if (!isLying || type !== 'index' || !listed.ok) return listed;
              lists += 1;
              const [key, bytes] = back[Math.floor(lists / 2) % back.length] ?? [
                '',
                new Uint8Array(),
              ];
              if (lists % 2 === 1) return listed;
              return ok([
                ...listed.value,
                { name: key.slice('index/'.length), sizeBytes: bytes.length },
              ]);
            },
            load: async (object, options) => {
              const bytes = back.find(([key]) => key === `${object.type}/${object.name}`)?.[1];
              return bytes === undefined ? target.store.load(object, options) : ok(bytes);
            },
          },
        };
  // Here nothing is known of what was removed.
  const here = world({ plots: 2, at: first.plots, writer: 'the second', seen });
  write(here, 'new');
  await backup(here);
  await laterOn(here);
  at(here, 1).store.cut();
  write(here, 'newer');
  await backup(here);
  at(here, 1).store.mend();
  isLying = true;
  await laterOn(here);
  const there = back.map(([key]) => key).filter((key) => namesAt(at(here, 1)).includes(key));
  expect(there).toEqual([]);
  const opened = await openRepository(at(here, 1).objects, PASSWORD);
  if (!opened.ok) throw new Error();
  expect(await faultsOf(at(here, 1).store, opened.value)).toEqual([]);
});
