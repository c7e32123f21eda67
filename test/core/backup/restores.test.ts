import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { archivePartOf } from '../../../electron/core/backup/engine/restore-journal.ts';
import { createJobs, type Jobs } from '../../../electron/core/backup/jobs.ts';
import { openRestoreBook, type RestoreWish } from '../../../electron/core/backup/restore-book.ts';
import { createRestores, type Restores } from '../../../electron/core/backup/restores.ts';
import { openDatabase } from '../../../electron/core/database/open-database.ts';
import type { Async } from '../../../shared/async.ts';
import { carrying, type Fault, fault } from '../../../shared/fault.ts';
import { failed } from '../../../shared/result.ts';
import { scratch } from '../../fakes/homes.ts';
import { silent } from '../../fakes/silent-logger.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let restores: Restores;
let jobs: Jobs;
/** What the reader says to each restore. */
let said: Fault;
/** What it ends with instead. */
let thrown: Error | undefined;

let book: ReturnType<typeof openRestoreBook>;
const clock = { nowMs: () => 1000, monotonicMs: () => 1000 };
const randomness = { bytes: (count: number) => new Uint8Array(count) };

beforeEach(async () => {
  thrown = undefined;
  place = await scratch();
  const sql = openDatabase(':memory:');
  if (!sql.ok) throw new Error('not opened');
  jobs = createJobs({ clock, randomness, logger: silent, onChange: () => undefined });
  book = openRestoreBook(sql.value);
  restores = createRestores({
    book: book as unknown as Async<typeof book>,
    jobs,
    reader: {
      restore: async () => (thrown === undefined ? failed(said) : Promise.reject(thrown)),
    },
    find: async () => undefined,
    folder: place.folder,
    clock,
    randomness,
    onChange: () => undefined,
  });
});
afterEach(() => place.remove());

/** Resolves when its job has ended. */
async function start(wish: RestoreWish): Promise<void> {
  const job = await restores.start(wish);
  if (!job.ok) throw new Error(job.fault.code);
  await jobs.ended(job.value.id);
}

async function begin() {
  const wish = {
    source: { kind: 'folder', name: place.folder },
    snapshot: 'a'.repeat(64),
    archive: false,
  } as const;
  await start(wish);
}

test('a restore whose friends are all gone says that it waits, and for whom', async () => {
  said = fault('unreachable', { friend: 'Ben, Carl', detail: 'nobody answers' });
  await begin();
  expect(await restores.list()).toMatchObject([
    { state: 'waiting', waits: { key: 'restore-waits', params: { friend: 'Ben, Carl' } } },
  ]);
});

test('an archive says that it begins anew, and whoever drops it leaves no half of it behind', async () => {
  said = fault('unreachable', { friend: 'Ben', detail: 'nobody answers' });
  const to = join(place.folder, 'out.zip');
  const source = { kind: 'folder', name: place.folder } as const;
  const wish = { source, snapshot: 'a'.repeat(64), archive: true, to };
  await start(wish);
  const [first] = await restores.list();
  expect(first).toMatchObject({
    waits: { key: 'restore-waits-archive', params: { friend: 'Ben' } },
  });
  // As the end of the program left it.
  writeFileSync(archivePartOf(to), 'half of it');
  await restores.drop(first?.id ?? '');
  expect(existsSync(archivePartOf(to))).toBe(false);
});

test('two restores don’t write the same archive at once, and the name is free when the first is over', async () => {
  said = fault('unreachable', { friend: 'Ben', detail: 'nobody answers' });
  const to = join(place.folder, 'out.zip');
  const source = { kind: 'folder', name: place.folder } as const;
  const wish = { source, snapshot: 'a'.repeat(64), archive: true, to };
  await start(wish);
  expect(await restores.start({ ...wish, conflict: 'replace' })).toEqual(
    failed(fault('being-restored', { file: to })),
  );
  const [first, ...others] = await restores.list();
  expect(others).toEqual([]);
  await restores.drop(first?.id ?? '');
  expect(await restores.start(wish)).toMatchObject({ ok: true });
});

test('one that the disk has damaged is nobody’s wish any more, and the others go on', () => {
  const sql = openDatabase(':memory:');
  if (!sql.ok) throw new Error('not opened');
  book = openRestoreBook(sql.value);
  const wish = { source: { kind: 'set', name: 'all' }, snapshot: 'a', archive: false } as const;
  for (const id of ['one', 'other']) book.begin({ id, wish, startedMs: 1 });
  sql.value.exec(`UPDATE restores SET wish = '{"source' WHERE id = 'one'`);
  expect(book.restores().map(({ id }) => id)).toEqual(['other']);
});

test('a restore that another program keeps out says so, and whatever else is in the way needs the person', async () => {
  said = fault('repository-locked', { by: 'nas' });
  await begin();
  expect(await restores.list()).toMatchObject([
    { state: 'waiting', waits: { key: 'fault.repository-locked', params: { by: 'nas' } } },
  ]);
  await restores.tick();
  expect(await restores.list(), 'it has waited already').toMatchObject([{ state: 'running' }]);
  const [first] = await restores.list();
  await restores.drop(first?.id ?? '');
  said = fault('disk-full', { folder: '/out' });
  await begin();
  expect(await restores.list()).toMatchObject([{ state: 'paused', waits: null }]);
});

test('a restore that can’t go on because the program was replaced says so, and is not paused: after the restart it goes on', async () => {
  thrown = carrying(new Error('no such file'), fault('program-replaced'));
  await begin();
  expect(await restores.list()).toMatchObject([
    { state: 'waiting', waits: { key: 'fault.program-replaced' } },
  ]);
  expect(book.restores()).toMatchObject([{ isPaused: false }]);
});

test('one that is being given up does not begin again at that moment', async () => {
  said = fault('unreachable', { friend: 'Ben', detail: 'nobody answers' });
  await begin();
  const ended = Promise.withResolvers<void>();
  let begun = 0;
  // After the next start: nothing of it is running.
  const later = createRestores({
    book: {
      ...book,
      restores: async () => book.restores(),
      end: async (call: { readonly id: string }) => {
        await ended.promise;
        book.end(call);
      },
    } as unknown as Async<typeof book>,
    jobs,
    reader: {
      restore: async () => {
        begun += 1;
        return failed(said);
      },
    },
    find: async () => undefined,
    folder: place.folder,
    clock,
    randomness,
    onChange: () => undefined,
  });
  const [first] = await later.list();
  const id = first?.id ?? '';
  const dropped = later.drop(id);
  await later.tick();
  expect(await later.resume(id)).toEqual(failed(fault('restore-unknown')));
  ended.resolve();
  expect((await dropped).ok).toBe(true);
  await jobs.close();
  expect(begun).toBe(0);
  expect(await later.list()).toEqual([]);
});
