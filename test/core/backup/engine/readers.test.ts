import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { nameMatcher } from '../../../../electron/core/backup/engine/reader-find.ts';
import { createReaders, type Readers } from '../../../../electron/core/backup/engine/readers.ts';
import type { Node } from '../../../../electron/core/backup/repository/node.ts';
import {
  backupOf,
  beginByHand,
  fileNode,
  folderNode,
  node,
  PASSWORD,
  runJob,
} from '../../../fakes/handmade-repository.ts';
import { scratch } from '../../../fakes/homes.ts';
import {
  createMemoryRepositoryStore,
  type MemoryRepositoryStore,
} from '../../../fakes/memory-repository-store.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let store: MemoryRepositoryStore;
let readers: Readers;

beforeEach(async () => {
  place = await scratch();
  store = createMemoryRepositoryStore();
  readers = createReaders({ password: PASSWORD, cache: join(place.folder, 'cache') });
});
afterEach(async () => {
  await readers.close();
  await place.remove();
});

const browse = (path: string, more: { snapshot?: string; after?: string; limit?: number } = {}) =>
  readers.ask<'browse'>('test', () => store, {
    kind: 'browse',
    snapshot: more.snapshot,
    path,
    after: more.after,
    limit: more.limit ?? 100,
  });
const find = (text: string, limit = 100, withinMs = 60_000) =>
  readers.ask<'find'>('test', () => store, {
    kind: 'find',
    snapshot: undefined,
    text,
    limit,
    withinMs,
  });

async function all(path: string, limit: number): Promise<readonly string[]> {
  const names: string[] = [];
  let after: string | undefined;
  do {
    const page = await browse(path, { limit, ...(after === undefined ? {} : { after }) });
    if (!page.ok) throw new Error(page.fault.code);
    expect(page.value.entries.length).toBeLessThanOrEqual(limit);
    names.push(...page.value.entries.map(({ name }) => name));
    after = page.value.next ?? undefined;
  } while (after !== undefined);
  return names;
}

describe('looking into a folder', () => {
  test('shows folders first, by name as people sort, page by page, each entry once', async () => {
    const hand = await beginByHand(store);
    const empty = hand.tree();
    const inner = hand.tree(
      ...[1, 2, 10].map((number) => fileNode(`photo ${number}`, hand.data('x'), 1)),
      folderNode('Zoo', empty),
      folderNode('apples', empty),
      node('symlink', 'link', { linktarget: 'photo 1' }),
      fileNode('b\\xffc', hand.data('x'), 1),
    );
    await hand.snapshot(hand.tree(folderNode('kept', inner)), { paths: ['/kept'] });
    const wanted = ['apples', 'Zoo', 'b\\xffc', 'link', 'photo 1', 'photo 2', 'photo 10'];
    expect(await all('/kept', 100)).toEqual(wanted);
    expect(await all('/kept', 1)).toEqual(wanted);
    expect(await all('/kept', 3)).toEqual(wanted);
    const top = await browse('');
    expect(top).toMatchObject({
      ok: true,
      value: { entries: [{ path: '/kept', name: 'kept', kind: 'folder' }], next: null },
    });
    const page = await browse('/kept');
    expect(page.ok && page.value.entries[4]).toEqual({
      path: '/kept/photo 1',
      name: 'photo 1',
      kind: 'file',
      bytes: '1',
      mtimeMs: Date.parse('2026-11-24T18:03:11.123Z'),
    });
  });

  test('what is not there is no folder, and no snapshot', async () => {
    const hand = await beginByHand(store);
    await hand.snapshot(hand.tree(fileNode('file', hand.data('x'), 1)), { paths: ['/file'] });
    expect(await browse('/file')).toMatchObject({ fault: { code: 'folder', error: 'ENOTDIR' } });
    expect(await browse('/nothing')).toMatchObject({
      fault: { code: 'not-in-backup', path: '/nothing' },
    });
    expect(await browse('', { snapshot: 'ffff' })).toMatchObject({
      fault: { code: 'snapshot-unknown' },
    });
  });

  test('a computer with drives shows them as it called them', async () => {
    const hand = await beginByHand(store);
    const photos = hand.tree(fileNode('one.jpg', hand.data('x'), 1));
    const users = hand.tree(folderNode('photos', photos));
    await hand.snapshot(hand.tree(folderNode('C', hand.tree(folderNode('Ana', users)))), {
      paths: ['C:\\Ana\\photos'],
    });
    const top = await browse('');
    expect(top.ok && top.value.entries.map(({ path, name }) => [path, name])).toEqual([
      ['C:/Ana/photos', 'photos'],
    ]);
    const inside = await browse('C:/Ana/photos');
    expect(inside.ok && inside.value.entries.map(({ path }) => path)).toEqual([
      'C:/Ana/photos/one.jpg',
    ]);
    const found = await find('one.jpg');
    expect(found.ok && found.value.found.map(({ path }) => path)).toEqual([
      'C:/Ana/photos/one.jpg',
    ]);
  });

  test('a hundred thousand entries are paged through', async () => {
    const hand = await beginByHand(store);
    const id = hand.data('x');
    const nodes: Node[] = Array.from({ length: 100_000 }, (_, at) => fileNode(`f${at}`, id, 1));
    await hand.snapshot(hand.tree(folderNode('many', hand.tree(...nodes))), { paths: ['/many'] });
    const names = await all('/many', 1000);
    expect(new Set(names).size).toBe(100_000);
  });

  test('a backup that ends meanwhile is seen', async () => {
    const source = join(place.folder, 'source');
    mkdirSync(source);
    writeFileSync(join(source, 'one'), '1');
    const hand = await beginByHand(store);
    await hand.snapshot(hand.tree(), { paths: [] });
    expect((await readers.ask<'snapshots'>('test', () => store, { kind: 'snapshots' })).ok).toBe(
      true,
    );
    expect((await runJob(store, backupOf(source), place.folder)).result.ok).toBe(true);
    const seen = expect.poll(
      async () => {
        const told = await readers.ask<'snapshots'>('test', () => store, { kind: 'snapshots' });
        return told.ok ? told.value.length : 0;
      },
      { timeout: 60_000, interval: 500 },
    );
    await seen.toBe(2);
    const told = await readers.ask<'snapshots'>('test', () => store, { kind: 'snapshots' });
    // Ours says how much is in it.
    expect(told.ok && told.value.at(-1)).toMatchObject({ files: 1, bytes: '1', host: 'test' });
    const page = await browse(source);
    expect(page.ok && page.value.entries.map(({ name }) => name)).toEqual(['one']);
  });
});

test('the latest backup is one that no wrong clock has dated in the future, as long as there is one', async () => {
  const hand = await beginByHand(store);
  const tree = (name: string) =>
    hand.tree(folderNode('kept', hand.tree(fileNode(name, hand.data(name), name.length))));
  const paths = ['/kept'];
  const names = async () => {
    const page = await browse('/kept', { snapshot: 'latest' });
    return page.ok ? page.value.entries.map(({ name }) => name) : page.fault;
  };
  await hand.snapshot(tree('in ten years'), { paths, atMs: Date.now() + 3650 * 86_400_000 });
  expect(await names()).toEqual(['in ten years']);
  await readers.close();
  readers = createReaders({ password: PASSWORD, cache: join(place.folder, 'cache') });
  await hand.snapshot(tree('today'), { paths });
  expect(await names()).toEqual(['today']);
});

describe('finding by name', () => {
  test('shows each version once, the newest first', async () => {
    const hand = await beginByHand(store);
    const version = (text: string, ...more: readonly Node[]) =>
      hand.tree(
        folderNode(
          'kept',
          hand.tree(fileNode('Letter.txt', hand.data(text), text.length), ...more),
        ),
      );
    const paths = ['/kept'];
    await hand.snapshot(version('one'), { paths, atMs: 1000 });
    await hand.snapshot(version('two'), { paths, atMs: 2000 });
    const other = fileNode('other letter', hand.data('x'), 1);
    const third = await hand.snapshot(version('two', other), { paths, atMs: 3000 });
    const found = await find('LETTER');
    expect(found.ok && found.value.found.map(({ path, atMs }) => [path, atMs])).toEqual([
      ['/kept/Letter.txt', 3000],
      ['/kept/other letter', 3000],
      ['/kept/Letter.txt', 1000],
    ]);
    expect(found.ok && found.value.found[0]?.snapshot).toBe(third);
    const few = await find('letter', 1);
    expect(few).toMatchObject({ value: { found: [{}], stopped: 'many' } });
    const none = await find('l?tter');
    expect(none).toEqual({ ok: true, value: { found: [], stopped: null } });
    // Nobody takes what was not looked at for what is not there.
    const late = await find('l?tter', 100, -1);
    expect(late).toEqual({ ok: true, value: { found: [], stopped: 'time' } });
    const some = await find('*ter*.t?t');
    expect(some.ok && some.value.found).toHaveLength(2);
  });

  test('a folder that can’t be read keeps nothing else from being found', async () => {
    const hand = await beginByHand(store);
    const tree = hand.tree(
      folderNode('lost', 'ab'.repeat(32)),
      folderNode('kept', hand.tree(fileNode('letter', hand.data('x'), 1))),
    );
    await hand.snapshot(tree, { paths: ['/kept', '/lost'] });
    const found = await find('letter');
    expect(found.ok && found.value.found).toHaveLength(1);
    expect(await find('elsewhere')).toMatchObject({ fault: { code: 'damaged' } });
    expect(await browse('/lost')).toMatchObject({ fault: { code: 'damaged' } });
  });

  test('a pattern of many stars takes no time', () => {
    const isMeant = nameMatcher(`${'*a'.repeat(400)}*b`);
    expect(isMeant('a'.repeat(5000))).toBe(false);
    expect(isMeant(`${'a'.repeat(5000)}b`)).toBe(true);
    expect(nameMatcher('é')('cafe\u0301')).toBe(true);
    expect(nameMatcher('*')('')).toBe(true);
    expect(nameMatcher('a?c')('abc')).toBe(true);
    expect(nameMatcher('a?c')('ac')).toBe(false);
  });
});

test('how much lies below is counted once for each time that it is there', async () => {
  const hand = await beginByHand(store);
  const photos = hand.tree(
    fileNode('one', hand.data('12345'), 5),
    fileNode('two', hand.data('1'), 1),
  );
  const tree = hand.tree(folderNode('a', photos), folderNode('b', photos));
  await hand.snapshot(tree, { paths: ['/a', '/b'] });
  const measure = (paths?: readonly string[]) =>
    readers.ask<'measure'>('test', () => store, { kind: 'measure', snapshot: undefined, paths });
  expect(await measure()).toEqual({ ok: true, value: { files: 4, bytes: '12' } });
  expect(await measure(['/b', '/a/one'])).toEqual({ ok: true, value: { files: 3, bytes: '11' } });
});

test('only two repositories are open at a time; a third one waits for its place', async () => {
  const hand = await beginByHand(store);
  await hand.snapshot(hand.tree(), { paths: [] });
  const answers = await Promise.all(
    ['one', 'two', 'three', 'four'].map((key) =>
      readers.ask<'snapshots'>(key, () => store, { kind: 'snapshots' }),
    ),
  );
  expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, true]);
});

test('whoever waits for long is not left because another one had his answer long ago', async () => {
  const hand = await beginByHand(store);
  await hand.snapshot(hand.tree(folderNode('kept', hand.tree())), { paths: ['/kept'] });
  const asked = Promise.withResolvers<void>();
  const slow = Promise.withResolvers<void>();
  const slowly = {
    ...store,
    load: async (...[object, options]: Parameters<typeof store.load>) => {
      if (object.type === 'data') {
        asked.resolve();
        await slow.promise;
      }
      return store.load(object, options);
    },
  };
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const path = '/kept';
    const wish = { kind: 'browse', snapshot: undefined, path, after: undefined, limit: 9 } as const;
    const waiting = readers.ask<'browse'>('test', () => slowly, wish);
    await asked.promise;
    const other = await readers.ask<'snapshots'>('test', () => slowly, { kind: 'snapshots' });
    expect(other.ok).toBe(true);
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    slow.resolve();
    expect(await waiting).toMatchObject({ ok: true, value: { entries: [] } });
  } finally {
    vi.useRealTimers();
  }
});
