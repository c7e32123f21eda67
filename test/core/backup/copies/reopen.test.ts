import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createBackupReader } from '../../../../electron/core/backup/reading.ts';
import { createSources } from '../../../../electron/core/backup/reading-source.ts';
import { keyFileName, makeKeyFile } from '../../../../electron/core/backup/repository/key-file.ts';
import {
  initRepository,
  openRepository,
} from '../../../../electron/core/backup/repository/repository.ts';
import { newMasterKey } from '../../../../electron/core/backup/repository/sealing.ts';
import type { StoreObject } from '../../../../electron/core/backup/repository/repository-store.ts';
import type { RunJob } from '../../../../electron/core/backup/run-job.ts';
import type { Target } from '../../../../electron/core/backup/targets.ts';
import { failed, ok } from '../../../../shared/result.ts';
import {
  anyOf,
  at,
  backup,
  expectSound,
  laterOn,
  namesAt,
  rowOf,
  world,
  write,
} from '../../../fakes/copy-steps.ts';
import { type CopyWorld, PASSWORD, SET, type WorldOptions } from '../../../fakes/copy-world.ts';
import { ROTS } from '../../../fakes/faulty-repository-store.ts';
import { createMemoryRepositoryStore } from '../../../fakes/memory-repository-store.ts';
import { createToyEngine } from '../../../fakes/toy-engine.ts';

/** What opens a set is half a kilobyte; a friend who loses that has lost the rest, but for what is kept of it here. */
const CONFIG: StoreObject = { type: 'config', name: '' };

/** A home whose engine opens what it works on anew each time, as the real one does. */
function home(options: WorldOptions): CopyWorld {
  const toy = createToyEngine(PASSWORD);
  const here = world({
    ...options,
    run: async (job, store, control) => {
      const opened = await openRepository(store, PASSWORD);
      return opened.ok ? toy.run(job, store, control) : opened;
    },
  });
  return { ...here, toy };
}

async function withBackup(options: WorldOptions): Promise<CopyWorld> {
  const here = home(options);
  write(here, 'one');
  expect(await backup(here)).toMatchObject({ ok: true });
  return here;
}

const check = (here: CopyWorld) =>
  here.runner().check(here.set(), { readData: true }, here.control());
const opened = (here: CopyWorld, number = 0) => openRepository(at(here, number).store, PASSWORD);
const keysAt = (here: CopyWorld, number = 0) =>
  namesAt(at(here, number)).filter((each) => each.startsWith('keys/'));

function drop(here: CopyWorld, number: number, { type, name }: StoreObject): void {
  expect(at(here, number).objects.objects.delete(`${type}/${name}`)).toBe(true);
}

function save(here: CopyWorld, bytes: Uint8Array): string {
  const name = keyFileName(bytes);
  at(here, 0).objects.objects.set(`keys/${name}`, new Uint8Array(bytes));
  return `keys/${name}`;
}

function readerOf(here: CopyWorld, cache: string, run: RunJob = opening) {
  const { target } = at(here, 0);
  const targets = { of: async () => ok({ targets: [target], unseen: 0 }) };
  const reader = createBackupReader({
    open: createSources({
      targets,
      copies: {
        noteDamage: async () => undefined,
        opening: async (set) => here.books.copies.opening(set),
      },
      reopen: (set, signal) => here.runner().reopen(set, signal),
      clock: { nowMs: () => 0 },
    }),
    run,
    password: PASSWORD,
    cache,
  });
  const source = { kind: 'set', set: here.set() } as const;
  const wish = {
    snapshot: undefined,
    to: cache,
    paths: undefined,
    conflict: undefined,
    archive: false,
    journal: undefined,
  };
  return { reader, source, wish };
}

const opening: RunJob = async (_job, store) => {
  const repository = await openRepository(store, PASSWORD);
  return repository.ok ? ok({ files: 1 }) : repository;
};

const TOLD = { key: 'problem.copy-reopened', params: { friend: 'Friend 0' } };

async function expectWhole(here: CopyWorld): Promise<void> {
  expect(await opened(here)).toMatchObject({ ok: true, value: { id: here.set().repository } });
  await expectSound(here);
  expect(here.problems).toContainEqual(TOLD);
  // It is told as all damage is that was mended.
  expect(rowOf(here, 0)).toMatchObject({ repairedMs: here.clock.nowMs, damagedObjects: 0 });
}

describe('the only friend who keeps a set', () => {
  test.each(ROTS)('has the key file again with the next backup where it was %s', async (how) => {
    const here = await withBackup({ plots: 1, reports: how !== 'short' });
    if (how !== 'swapped') here.restart();
    at(here, 0).store.rot(anyOf(at(here, 0), 'keys'), how);
    expect((await opened(here)).ok).toBe(false);
    write(here, 'two');
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 1 } });
    await expectWhole(here);
  });

  test.each(ROTS)('has the config again with the next check where it was %s', async (how) => {
    const here = await withBackup({ plots: 1, reports: how !== 'flipped' });
    if (how !== 'denied') here.restart();
    at(here, 0).store.rot(CONFIG, how);
    expect((await opened(here)).ok).toBe(false);
    expect(await check(here)).toMatchObject({
      ok: true,
      value: { copies: 1, problems: 0, repaired: 1 },
    });
    await expectWhole(here);
  });

  test('has both again by the daily look, if no host can be told of damage either', async () => {
    const here = await withBackup({ plots: 1, reports: false });
    here.restart();
    drop(here, 0, anyOf(at(here, 0), 'keys'));
    drop(here, 0, CONFIG);
    here.clock.nowMs += 100_000_000;
    await here.runner().verifyDue();
    expect(await opened(here)).toMatchObject({ ok: true, value: { id: here.set().repository } });
    expect(rowOf(here, 0)).toMatchObject({ repairedMs: here.clock.nowMs, damagedObjects: 0 });
    await expectSound(here);
  });

  test('has it again when it is to be read or restored', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'allotment-reopen-'));
    folders.push(cache);
    const here = await withBackup({ plots: 1 });
    here.restart();
    const { reader, source, wish } = readerOf(here, cache);
    try {
      drop(here, 0, CONFIG);
      expect(await reader.restore(source, wish, here.control())).toMatchObject({ ok: true });
      at(here, 0).store.rot(anyOf(at(here, 0), 'keys'), 'flipped');
      const listed = await reader.snapshots(source);
      expect(listed.ok && listed.value.length).toBe(1);
      await expectSound(here);
    } finally {
      await reader.close();
    }
  });

  test('need take nothing for it to be read, and two who ask at once get the same', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'allotment-reopen-'));
    folders.push(cache);
    const here = await withBackup({ plots: 1 });
    here.restart();
    const { reader, source, wish } = readerOf(here, cache);
    try {
      drop(here, 0, CONFIG);
      at(here, 0).store.rot(anyOf(at(here, 0), 'keys'), 'flipped');
      at(here, 0).store.expect({ full: 1 });
      const before = namesAt(at(here, 0));
      expect(await reader.restore(source, wish, here.control())).toMatchObject({ ok: true });
      const listed = await reader.snapshots(source);
      expect(listed.ok && listed.value.length).toBe(1);
      expect(namesAt(at(here, 0)).filter((each) => !before.includes(each))).toEqual([]);
      at(here, 0).store.expect({});
      const { signal } = here.control();
      const both = ['one', 'other'].map(() => here.runner().reopen(here.set(), signal));
      expect(await Promise.all(both)).toEqual(['opened', 'opened']);
      await expectSound(here);
    } finally {
      await reader.close();
    }
  });

  test('is read once only where what is wrong is something else', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'allotment-reopen-'));
    folders.push(cache);
    const here = await withBackup({ plots: 1 });
    let runs = 0;
    const { reader, source, wish } = readerOf(here, cache, async () => {
      runs += 1;
      return failed({ code: 'damaged', detail: 'a pack' });
    });
    expect(await reader.restore(source, wish, here.control())).toMatchObject({ ok: false });
    expect(runs).toBe(1);
    await reader.close();
  });

  test('has its config again beside a stranger’s key file', async () => {
    const here = await withBackup({ plots: 1 });
    here.restart();
    const stranger = save(here, await makeKeyFile(newMasterKey(), 'another password'));
    drop(here, 0, CONFIG);
    expect(await backup(here)).toMatchObject({ ok: true });
    expect(keysAt(here)).toContain(stranger);
    await expectWhole(here);
  });

  test('is not begun anew while there is anything that only what is kept here opens', async () => {
    const here = await withBackup({ plots: 1 });
    here.restart();
    const before = here.books.copies.opening(SET);
    const other = save(here, await makeKeyFile(newMasterKey(), 'another password'));
    drop(here, 0, CONFIG);
    drop(here, 0, { type: 'keys', name: before?.keyName ?? '' });
    const lies = namesAt(at(here, 0));
    expect(await backup(here)).toMatchObject({ fault: { code: 'repository-damaged' } });
    expect(namesAt(at(here, 0))).toEqual(lies);
    expect(here.set().repository).toBe(before?.repository);
    expect(here.books.copies.opening(SET)).toEqual(before);
    // As soon as nothing speaks against it, all of it is there again.
    at(here, 0).objects.objects.delete(other);
    expect(await backup(here)).toMatchObject({ ok: true });
    await expectWhole(here);
  });

  test('gets nothing that somebody else has put in its place on purpose', async () => {
    const here = await withBackup({ plots: 1 });
    here.restart();
    const key = await opened(here);
    if (!key.ok) throw new Error('it can’t be opened');
    // As restic's "key passwd" leaves it.
    const other = save(here, await makeKeyFile(key.value.key, 'another password'));
    drop(here, 0, { type: 'keys', name: key.value.keyFile ?? '' });
    expect(await backup(here)).toMatchObject({ fault: { code: 'wrong-password' } });
    expect(await check(here)).toMatchObject({ fault: { code: 'wrong-password' } });
    expect(keysAt(here)).toEqual([other]);
    expect(here.problems).not.toContainEqual(TOLD);
  });

  test('keeps a key without the one that was taken away, if the words open it too', async () => {
    const here = await withBackup({ plots: 1 });
    const key = await opened(here);
    if (!key.ok) throw new Error('it can’t be opened');
    const other = save(here, await makeKeyFile(key.value.key, PASSWORD));
    drop(here, 0, { type: 'keys', name: key.value.keyFile ?? '' });
    for (const _life of ['the same', 'the next']) {
      write(here, 'two');
      expect(await backup(here)).toMatchObject({ ok: true });
      expect(keysAt(here)).toEqual([other]);
      here.restart();
    }
    // From now on that is the one that is kept.
    expect(here.books.copies.opening(SET)).toMatchObject({ keyName: other.slice('keys/'.length) });
    expect(here.problems).not.toContainEqual(TOLD);
  });

  test('gets nothing where another repository was begun', async () => {
    const here = await withBackup({ plots: 1 });
    here.restart();
    // What was there before lies there still, as after a begin that knew nothing of it.
    drop(here, 0, CONFIG);
    const begun = await initRepository(at(here, 0).objects, PASSWORD);
    if (!begun.ok) throw new Error('nothing was begun');
    drop(here, 0, { type: 'keys', name: here.books.copies.opening(SET)?.keyName ?? '' });
    const before = namesAt(at(here, 0));
    expect(await backup(here)).toMatchObject({ ok: false });
    expect(namesAt(at(here, 0))).toEqual(before);
    expect(await opened(here)).toMatchObject({ ok: true, value: { id: begun.value.id } });
  });

  test('begins anew in a plot in which nothing is left, as with a friend who was never there', async () => {
    const here = await withBackup({ plots: 1 });
    const before = here.set().repository;
    here.restart();
    at(here, 0).objects.objects.clear();
    expect(await backup(here)).toMatchObject({ ok: true });
    expect(here.set().repository).not.toBe(before);
    expect(here.books.copies.opening(SET)).toMatchObject({ repository: here.set().repository });
  });

  test('is not helped by a home that never saw it open: it says what is wrong', async () => {
    const here = await withBackup({ plots: 1 });
    drop(here, 0, anyOf(at(here, 0), 'keys'));
    const other = home({ plots: 0, at: here.plots, writer: 'from the words' });
    other.books.sets.setRepository({ name: SET, repository: here.set().repository ?? '' });
    expect(await backup(other)).toMatchObject({ fault: { code: 'wrong-password' } });
    expect(keysAt(other)).toEqual([]);
  });
});

describe('what is kept of a set', () => {
  test('is what lies in its copies, to the byte, and goes with the set and with its repository', async () => {
    const here = await withBackup({ plots: 1 });
    const { objects } = at(here, 0).objects;
    const kept = here.books.copies.opening(SET);
    expect(kept).toMatchObject({ repository: here.set().repository });
    expect(
      Buffer.compare(objects.get('config/') ?? Buffer.alloc(0), kept?.config ?? Buffer.alloc(1)),
    ).toBe(0);
    expect(
      Buffer.compare(
        objects.get(`keys/${kept?.keyName}`) ?? Buffer.alloc(0),
        kept?.keyFile ?? Buffer.alloc(1),
      ),
    ).toBe(0);
    here.books.sets.setRepository({ name: SET, repository: '7'.repeat(64) });
    expect(here.books.copies.opening(SET)).toBeUndefined();
    if (kept === undefined) throw new Error('nothing was kept');
    // Whoever comes too late with another one's.
    here.books.copies.keepOpening({ set: SET, ...kept });
    expect(here.books.copies.opening(SET)).toBeUndefined();
    here.books.sets.setRepository({ name: SET, repository: kept.repository });
    here.books.copies.keepOpening({ set: SET, ...kept });
    expect(here.books.copies.opening(SET)).toMatchObject({ keyName: kept.keyName });
    here.books.sets.drop(SET);
    expect(here.books.sql.prepare('SELECT * FROM set_openings').all()).toEqual([]);
  });

  test('is nothing that a friend has made up: neither another set’s key nor one with a megabyte of blanks', async () => {
    const here = await withBackup({ plots: 1 });
    const { objects } = at(here, 0).objects;
    const mine = Buffer.from(objects.get(`keys/${here.books.copies.opening(SET)?.keyName}`) ?? []);
    const own = [...objects].filter(([key]) => key.startsWith('keys/'));
    for (const [key] of own) objects.delete(key);
    // They come first in his lists.
    save(here, await makeKeyFile(newMasterKey(), PASSWORD));
    const long = save(here, Buffer.concat([mine, Buffer.alloc(1_000_000, ' ')]));
    for (const [key, bytes] of own) objects.set(key, bytes);
    here.books.sql.prepare('DELETE FROM set_openings').run();
    here.restart();
    await backup(here);
    expect(here.books.copies.opening(SET)).toBeUndefined();
    objects.delete(long);
    here.restart();
    await backup(here);
    expect(here.books.copies.opening(SET)).toMatchObject({ keyName: keyFileName(mine) });
  });
});

describe('of several friends', () => {
  test('whoever has lost what opens it gets it from the others, also what only one of each has', async () => {
    const here = await withBackup({ plots: 2 });
    here.restart();
    drop(here, 0, CONFIG);
    drop(here, 1, anyOf(at(here, 1), 'keys'));
    write(here, 'two');
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 2 } });
    await expectSound(here);
    expect(here.problems).not.toContainEqual(TOLD);
  });

  test('whose disk can’t give the config any more lets go of it, and gets it from the others', async () => {
    let isUnreadable = false;
    const told: string[] = [];
    const here = await withBackup({
      plots: 2,
      seen: (target) => {
        if (target.name !== 'Friend 1') return target;
        const { load } = target.store;
        const store: Target['store'] = {
          ...target.store,
          load: async (object, options) =>
            isUnreadable && object.type === 'config'
              ? failed({ code: 'damaged', detail: 'ENOENT' })
              : load(object, options),
        };
        // As a host answers who finds that there is no such file.
        const report: Target['report'] = async (objects) => {
          told.push(...objects.map(({ type }) => type));
          isUnreadable = false;
          drop(here, 1, CONFIG);
          return ok({
            drive: undefined,
            objects: objects.map((each) => ({ ...each, state: 'missing' })),
          });
        };
        return { ...target, store, report };
      },
    });
    isUnreadable = true;
    write(here, 'two');
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 2 } });
    expect(told).toEqual(['config']);
    expect(here.problems).not.toContainEqual(TOLD);
    await expectSound(here);
    // Nobody else is there who has it: it is put back from here.
    at(here, 0).store.cut();
    isUnreadable = true;
    write(here, 'three');
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 1 } });
    expect(here.problems).toContainEqual({ ...TOLD, params: { friend: 'Friend 1' } });
  });

  test('the one who is there gets it from here while those who have it are away', async () => {
    const here = await withBackup({ plots: 2 });
    here.restart();
    at(here, 1).store.cut();
    drop(here, 0, anyOf(at(here, 0), 'keys'));
    write(here, 'two');
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 1 } });
    expect(here.problems).toContainEqual(TOLD);
    at(here, 1).store.mend();
    await laterOn(here);
    await expectSound(here);
  });

  test('all get it who have lost it, but for the one in whose plot something else lies', async () => {
    const here = await withBackup({ plots: 3 });
    here.restart();
    for (const number of [0, 1, 2]) drop(here, number, CONFIG);
    const { objects } = at(here, 2).objects;
    objects.clear();
    const strange = createMemoryRepositoryStore();
    await initRepository(strange, 'somebody else');
    for (const [key, bytes] of strange.objects) objects.set(key, bytes);
    const before = namesAt(at(here, 2));
    write(here, 'two');
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 2 } });
    expect(namesAt(at(here, 1))).toEqual(namesAt(at(here, 0)));
    expect(await opened(here)).toMatchObject({ ok: true, value: { id: here.set().repository } });
    expect(namesAt(at(here, 2))).toEqual(before);
  });
});

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
