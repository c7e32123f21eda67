import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { several } from '../../../../electron/core/backup/copies/several.ts';
import { openRepository } from '../../../../electron/core/backup/repository/repository.ts';
import type { Target } from '../../../../electron/core/backup/targets.ts';
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
import { PASSWORD, SET } from '../../../fakes/copy-world.ts';
import { makeCheapRepository } from '../../../fakes/engine-here.ts';
import { createLife, type Life } from '../../../fakes/life.ts';
import { faultsOf } from '../../../fakes/toy-engine.ts';

/** What others have done to copies, or say of them: another device of mine, a friend who lies, whoever pulled the plug. */
describe('copies that are not as they were left', () => {
  test('a prune that is cut off at any call leaves every copy whole, and the next one ends it', async () => {
    for (let call = 1, isCutOff = true; isCutOff; call += 1) {
      let life: Life | undefined;
      const here = world({ plots: 2, seen: (target) => life?.see(target) ?? target });
      for (const [key, bytes] of makeCheapRepository(PASSWORD).objects)
        at(here, 0).objects.objects.set(key, bytes);
      for (const name of ['one', 'two']) {
        here.toy.files.clear();
        write(here, name);
        await backup(here);
      }
      life = createLife();
      here.restart();
      life.dieAt(call, call % 2 === 0);
      const ended = await Promise.race([prune(here), life.died]);
      isCutOff = ended === undefined;
      life = undefined;
      here.restart();
      const opened = await openRepository(at(here, 0).objects, PASSWORD);
      if (!opened.ok) throw new Error('it can’t be opened');
      for (const { objects, store } of here.plots) {
        for (const key of objects.objects.keys())
          if (key.startsWith('locks/')) objects.objects.delete(key);
        expect(await faultsOf(store, opened.value), `cut off at call ${call}`).toEqual([]);
      }
      // Sometimes whoever goes on has no books: another machine, or this one with a new disk.
      const next =
        call % 3 === 0 ? world({ plots: 0, at: here.plots, writer: 'the next device' }) : here;
      expect(await prune(next), `after call ${call}`).toMatchObject({ ok: true });
      await next.runner().catchUpDue();
      await expectSound(next);
      expect(namesAt(at(here, 0)).filter((key) => key.startsWith('snapshots/'))).toHaveLength(1);
      expect(isCutOff || call > 20).toBe(true);
    }
  });

  test.each([
    ['that comes for the first time', false],
    ['that has been there before', true],
  ])(
    'another device %s and is killed at any call of a backup leaves nothing that this one would take away again',
    async (_, isKnown) => {
      for (let call = 1, isCutOff = true; isCutOff; call += isKnown ? 6 : 2) {
        const here = world({ plots: 3 });
        for (const [key, bytes] of makeCheapRepository(PASSWORD).objects)
          at(here, 0).objects.objects.set(key, bytes);
        write(here, 'one');
        await backup(here);
        const one = here.toy.files.get('one') ?? Buffer.alloc(0);
        let life = createLife();
        const seen = (target: Target) => life.see(target);
        const other = world({ plots: 0, at: here.plots, writer: 'another device', seen });
        other.toy.files.set('one', one);
        if (isKnown) {
          await backup(other);
          await other.runner().close();
          await backup(here);
        }
        at(here, 2).store.cut();
        here.toy.files.clear();
        write(here, 'two');
        await backup(here);
        await prune(here);
        await here.runner().close();
        at(here, 2).store.mend();
        // It finds what was pruned where this device could not reach it, and rests on that.
        life = createLife();
        other.restart();
        life.dieAt(call, call % 4 === 1);
        const ended = await Promise.race([backup(other), life.died]);
        isCutOff = ended === undefined;
        // What was on its way arrives.
        for (let turn = 0; turn < 5; turn += 1)
          await new Promise((resolve) => setImmediate(resolve));
        for (const { objects } of here.plots)
          for (const key of objects.objects.keys())
            if (key.startsWith('locks/')) objects.objects.delete(key);
        here.restart();
        write(here, 'three');
        expect(await backup(here), `after call ${call}`).toMatchObject({ ok: true });
        await here.runner().catchUpDue();
        await expectSound(here);
      }
    },
  );

  test('a plot that is again what it was long ago gets what it lacks, and nothing that was pruned comes back with it', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    const { objects, papers } = at(here, 1);
    const before = new Map(objects.objects);
    const manifest = papers.kept.get('manifest') ?? new Uint8Array();
    here.toy.files.clear();
    write(here, 'two');
    await backup(here);
    expect(await prune(here)).toMatchObject({ ok: true, value: { forgotten: 1, copies: 2 } });
    objects.objects.clear();
    for (const [key, bytes] of before) objects.objects.set(key, bytes);
    papers.kept.set('manifest', manifest);
    write(here, 'three');
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 2 } });
    await expectSound(here);
    for (const plot of here.plots)
      expect(namesAt(plot).filter((key) => key.startsWith('snapshots/'))).toHaveLength(2);
    expect(here.problems.map(({ key }) => key)).toContain('problem.manifest-older');
  });

  test('who was given all but a pack that nobody had sound is known to lack it, also when somebody who knew more was away', async () => {
    const here = world({ plots: 3 });
    write(here, 'one');
    await backup(here);
    at(here, 0).store.cut();
    write(here, 'two');
    await backup(here);
    at(here, 2).store.cut();
    write(here, 'three');
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 1 } });
    const known = new Set(namesAt(at(here, 0)));
    const pack = namesAt(at(here, 2)).find((key) => key.startsWith('data/') && !known.has(key));
    const name = pack?.slice('data/'.length) ?? '';
    at(here, 2).store.rot({ type: 'data', name }, 'denied');
    at(here, 1).store.cut();
    for (const number of [0, 2]) at(here, number).store.mend();
    await here.runner().check(here.set(), { readData: true }, here.control());
    const lacking = () =>
      here.books.copies.damage(SET).flatMap((each) => (each.name === name ? [each.host] : []));
    const hostOf = (number: number) => at(here, number).target.host.owner;
    expect(new Set(lacking())).toEqual(new Set([hostOf(0), hostOf(2)]));
    expect(namesAt(at(here, 0)).length).toBeGreaterThan(known.size);
    at(here, 0).store.cut();
    at(here, 1).store.mend();
    await laterOn(here);
    expect(lacking(), 'repaired at one, lacking at the other').toEqual([hostOf(0)]);
    at(here, 0).store.mend();
    await laterOn(here);
    expect(lacking()).toEqual([]);
    await expectSound(here);
  });

  test('where one friend has lost the key, and another one the config or never got it, the two of them open it', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    at(here, 0).store.rot(anyOf(at(here, 0), 'keys'), 'lost');
    at(here, 1).objects.objects.delete('config/');
    here.restart();
    write(here, 'two');
    expect(await backup(here)).toMatchObject({ ok: true });
    await laterOn(here);
    await expectSound(here);
  });

  test('a friend who lists any number of packs that he does not have keeps nobody else from a backup', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    for (let count = 0; count < 30; count += 1)
      at(here, 0).objects.objects.set(`data/${randomBytes(32).toString('hex')}`, Buffer.of(1));
    write(here, 'two');
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 2 } });
    const opened = await openRepository(at(here, 1).objects, PASSWORD);
    if (!opened.ok) throw new Error('it can’t be opened');
    expect(await faultsOf(at(here, 1).store, opened.value)).toEqual([]);
  });

  test.each(['index', 'snapshots'])(
    'a friend who makes up %s keeps nobody from a backup, a prune or a check, and nobody else gets them',
    async (type) => {
      const here = world({ plots: 2 });
      write(here, 'one');
      await backup(here);
      const bytes = randomBytes(500);
      const name = createHash('sha256').update(bytes).digest('hex');
      const key = `${type}/${name}`;
      for (const file of ['two', 'three', 'four']) {
        // Whatever he is told to remove is there again.
        at(here, 0).objects.objects.set(key, bytes);
        write(here, file);
        expect(await backup(here), file).toMatchObject({ ok: true, value: { copies: 2 } });
        expect(namesAt(at(here, 1))).not.toContain(key);
        if (file === 'three') here.restart();
      }
      expect(await prune(here)).toMatchObject({ ok: true, value: { forgotten: 3, copies: 2 } });
      await here.runner().check(here.set(), { readData: true }, here.control());
      expect(rowOf(here, 0)).toMatchObject({ damagedObjects: 1 });
      expect(rowOf(here, 1)).toMatchObject({ damagedObjects: 0 });
      expect(here.problems.map((each) => each.key)).not.toContain('problem.objects-lost');
      at(here, 0).objects.objects.delete(key);
      await expectSound(here);
    },
  );

  test('a friend who makes up any number of keys keeps nobody from what the others have', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    const made = new Set<string>();
    while (made.size < 60) {
      const bytes = randomBytes(300);
      const name = createHash('sha256').update(bytes).digest('hex');
      // Before ours, whoever goes by the name.
      if (!name.startsWith('0')) continue;
      made.add(`keys/${name}`);
      at(here, 0).objects.objects.set(`keys/${name}`, bytes);
    }
    const first = [...at(here, 0).objects.objects].sort(([one], [other]) => (one < other ? -1 : 1));
    at(here, 0).objects.objects.clear();
    for (const [key, bytes] of first) at(here, 0).objects.objects.set(key, bytes);
    const copies = here.plots.map(({ name, store }) => ({ name, store }));
    expect(await openRepository(several(copies), PASSWORD)).toMatchObject({ ok: true });
    here.restart();
    write(here, 'two');
    expect(await backup(here)).toMatchObject({ ok: true });
    expect(namesAt(at(here, 1)).filter((key) => made.has(key))).toEqual([]);
    expect(namesAt(at(here, 1)).filter((key) => key.startsWith('snapshots/'))).toHaveLength(2);
  });

  test('another repository in a plot is no copy, and nothing is written to it', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    const other = world({ plots: 1, seed: 2 });
    write(other, 'theirs');
    await backup(other);
    const there = at(here, 1).objects.objects;
    there.clear();
    for (const [key, bytes] of at(other, 0).objects.objects) there.set(key, bytes);
    const before = namesAt(at(here, 1));
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 1 } });
    expect(namesAt(at(here, 1))).toEqual(before);
    expect(rowOf(here, 1)?.lastFault).toMatchObject({ key: 'fault.repository-damaged' });
  });

  test('what another device wrote to one copy is never lost', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    const other = world({ plots: 0, at: [at(here, 1)], writer: 'another device' });
    other.toy.files.set('theirs', randomBytes(10_000));
    for (const [name, bytes] of here.toy.files) other.toy.files.set(name, bytes);
    const theirs = await backup(other);
    expect(theirs).toMatchObject({ ok: true });
    const snapshot = theirs.ok ? `snapshots/${theirs.value['snapshot']}` : '';
    at(here, 1).store.cut();
    here.toy.files.clear();
    write(here, 'two');
    await backup(here);
    await prune(here);
    at(here, 1).store.mend();
    here.runner().news(at(here, 1).target.host.owner);
    await here.runner().catchUpDue();
    await expectSound(here);
    expect(namesAt(at(here, 0))).toContain(snapshot);
  });

  test('a machine that comes after this one counts on from the manifests', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    at(here, 1).store.cut();
    here.toy.files.clear();
    write(here, 'two');
    await backup(here);
    await prune(here);
    await here.runner().close();
    at(here, 1).store.mend();
    const next = world({ plots: 0, at: here.plots, writer: 'the next device' });
    write(next, 'three');
    expect(await backup(next)).toMatchObject({ ok: true, value: { copies: 2 } });
    await expectSound(next);
    expect(next.set().sequence).toBeGreaterThan(here.set().sequence);
    // What was removed before, by the word of whoever had the keys, is not taken from the copy that was away.
    expect(namesAt(at(here, 1)).filter((key) => key.startsWith('snapshots/'))).toHaveLength(3);
  });

  test('a machine that comes after this one loses nothing of a copy whose manifest it can’t read', async () => {
    const here = world({ plots: 2 });
    // So long ago that not all removals are listed any more.
    here.books.copies.adoptRemovals({ set: SET, sequence: 1, trimmed: 1, removals: [] });
    write(here, 'one');
    await backup(here);
    at(here, 0).store.cut();
    write(here, 'two');
    const newest = await backup(here);
    const snapshot = newest.ok ? `snapshots/${newest.value['snapshot']}` : '';
    await here.runner().close();
    at(here, 0).store.mend();
    at(here, 1).papers.kept.delete('manifest');
    const next = world({ plots: 0, at: here.plots, writer: 'the next device' });
    write(next, 'three');
    expect((await backup(next)).ok).toBe(true);
    for (const plot of here.plots) expect(namesAt(plot)).toContain(snapshot);
  });

  test('a manifest that is older, or no manifest at all, is said and changes nothing', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    const old = at(here, 1).papers.kept.get('manifest') ?? new Uint8Array();
    write(here, 'two');
    await backup(here);
    at(here, 1).papers.kept.set('manifest', old);
    at(here, 0).papers.kept.set('manifest', randomBytes(500));
    await backup(here);
    const keys = here.problems.map(({ key }) => key);
    expect(keys).toContain('problem.manifest-older');
    expect(keys).toContain('problem.manifest-damaged');
    await expectSound(here);
  });
});

test('a pack that another device’s backup needs, lost where that lies and still to be had where a prune was cut off, is sent and not removed', async () => {
  const here = world({ plots: 3 });
  write(here, 'one');
  await backup(here);
  const known = new Set(namesAt(at(here, 0)));
  write(here, 'what goes here and stays there');
  await backup(here);
  const second = namesAt(at(here, 0)).filter((key) => key.startsWith('data/') && !known.has(key));
  const there = world({ plots: 3, at: here.plots, writer: 'another device' });
  for (const [name, bytes] of here.toy.files) there.toy.files.set(name, bytes);
  for (const other of [1, 2]) at(here, other).store.cut();
  write(there, 'three');
  expect(await backup(there)).toMatchObject({ ok: true, value: { copies: 1 } });
  there.restart();
  at(here, 0).store.cut();
  for (const other of [1, 2]) at(here, other).store.mend();
  here.toy.files.delete('what goes here and stays there');
  write(here, 'four');
  await backup(here);
  // One falls away before its index has gone; the other one is pruned.
  at(here, 1).objects.onCall = (call, object) =>
    call === 'remove' && object.type === 'index'
      ? { code: 'unreachable', detail: 'gone' }
      : undefined;
  expect(await prune(here)).toMatchObject({ ok: true, value: { copies: 1 } });
  at(here, 1).objects.onCall = () => undefined;
  // The lock that was left there has grown old.
  for (const key of namesAt(at(here, 1)))
    if (key.startsWith('locks/')) at(here, 1).objects.objects.delete(key);
  here.restart();
  at(here, 2).store.cut();
  const { removals } = here.books.copies.removals(SET);
  const objects = removals.flatMap(({ type, name }) =>
    type === 'data' && second.includes(`data/${name}`) ? [{ type, name }] : [],
  );
  expect(objects.length).toBeGreaterThan(0);
  for (const { name } of objects) expect(namesAt(at(here, 1))).toContain(`data/${name}`);
  for (const object of objects) at(here, 0).store.rot(object, 'lost');
  here.books.copies.noteDamage({ set: SET, host: at(here, 0).target.host.owner, objects, atMs: 1 });
  at(here, 0).store.mend();
  await laterOn(here);
  for (const { name } of objects) expect(namesAt(at(here, 1))).toContain(`data/${name}`);
  const opened = await openRepository(at(here, 0).objects, PASSWORD);
  if (!opened.ok) throw new Error();
  expect(await faultsOf(at(here, 0).store, opened.value)).toEqual([]);
});
