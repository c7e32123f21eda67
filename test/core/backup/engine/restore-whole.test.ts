import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  partsOf,
  volumePath,
  withSlashes,
} from '../../../../electron/core/backup/engine/snapshot-paths.ts';
import { volumeOf } from '../../../../electron/core/backup/engine/restore-place.ts';
import {
  beginByHand,
  fileNode,
  folderNode,
  node,
  PASSWORD,
  restoreOf,
  runJob,
} from '../../../fakes/handmade-repository.ts';
import { scratch } from '../../../fakes/homes.ts';
import { createFolderRepositoryStore } from '../../../../electron/core/backup/repository/folder-repository-store.ts';
import { createReaders } from '../../../../electron/core/backup/engine/readers.ts';
import { createMemoryRepositoryStore } from '../../../fakes/memory-repository-store.ts';
import { hasProgram } from '../../../fakes/programs.ts';

/** Restores that said that all was back. */
let place: Awaited<ReturnType<typeof scratch>>;
let out: string;
let store: ReturnType<typeof createMemoryRepositoryStore>;

beforeEach(async () => {
  place = await scratch();
  out = join(place.folder, 'out');
  store = createMemoryRepositoryStore();
});
afterEach(() => place.remove());

const restore = (wish: Parameters<typeof restoreOf>[0] = { to: out }) =>
  runJob(store, restoreOf(wish), place.folder);
const textOf = (...parts: readonly string[]) => readFileSync(join(out, ...parts), 'utf8');

describe('a whole disk', () => {
  async function wholeDisk() {
    const hand = await beginByHand(store);
    const etc = hand.tree(fileNode('hosts', hand.data('127.0.0.1'), 9));
    await hand.snapshot(hand.tree(folderNode('etc', etc), fileNode('note', hand.data('x'), 1)), {
      paths: ['/'],
    });
  }

  test('comes back with all that lies in it, also as an archive', async () => {
    await wholeDisk();
    expect((await restore()).result).toMatchObject({ ok: true, value: { files: 2, folders: 1 } });
    expect(textOf('etc', 'hosts')).toBe('127.0.0.1');
    expect(textOf('note')).toBe('x');
    const to = join(place.folder, 'all.tar.gz');
    expect((await restore({ to, archive: true })).result).toMatchObject({ value: { files: 2 } });
    const listed = execFileSync('tar', ['-tzf', to], { encoding: 'utf8' }).trim().split('\n');
    expect(listed.sort()).toEqual(['etc/', 'etc/hosts', 'note']);
  });

  test('can be looked into, measured and tried', async () => {
    await wholeDisk();
    const readers = createReaders({ password: PASSWORD, cache: join(place.folder, 'cache') });
    try {
      const ask = { snapshot: undefined, after: undefined, limit: 10 };
      const top = await readers.ask<'browse'>('a', () => store, {
        ...ask,
        kind: 'browse',
        path: '',
      });
      expect(top).toMatchObject({ value: { entries: [{ path: '/', kind: 'folder' }] } });
      const measured = await readers.ask<'measure'>('a', () => store, {
        kind: 'measure',
        snapshot: undefined,
        paths: ['/'],
      });
      expect(measured).toMatchObject({ ok: true, value: { files: 2, bytes: '10' } });
      const picked = await readers.ask<'pick'>('a', () => store, {
        kind: 'pick',
        seed: 'x',
        count: 12,
      });
      const paths = picked.ok ? picked.value.map(({ path }) => path) : [];
      expect([...paths].sort()).toEqual(['/etc/hosts', '/note']);
    } finally {
      await readers.close();
    }
  });
});

test.skipIf(!hasProgram('restic'))(
  'what restic was given by a relative path comes back into a folder',
  async () => {
    const folder = join(place.folder, 'repository');
    const source = join(place.folder, 'source');
    mkdirSync(join(source, 'inner'), { recursive: true });
    writeFileSync(join(source, 'inner', 'letter'), 'x');
    const env = { ...process.env, RESTIC_PASSWORD: PASSWORD };
    for (const args of [['init'], ['backup', 'inner']])
      execFileSync('restic', ['-r', folder, '--no-cache', ...args], { cwd: source, env });
    const back = await runJob(
      createFolderRepositoryStore(folder),
      restoreOf({ to: out }),
      place.folder,
    );
    expect(back.result).toMatchObject({ ok: true, value: { files: 1, filesFailed: 0 } });
    expect(textOf('inner', 'letter')).toBe('x');
  },
);

test('two files whose numbers are too large for JSON do not become one', async () => {
  const hand = await beginByHand(store);
  // 2^60 + 1 and 2^60 + 2 are the same number in JSON.
  const twin = { links: 2, device_id: 5, inode: Number(2n ** 60n) };
  const [one, other] = [hand.data('one'), hand.data('other')];
  const tree = hand.tree(
    fileNode('a', one, 3, twin),
    fileNode('a too', one, 3, twin),
    fileNode('b', other, 5, twin),
  );
  await hand.snapshot(hand.tree(folderNode('kept', tree)), { paths: ['/kept'] });
  expect((await restore()).result).toMatchObject({ ok: true, value: { files: 3 } });
  expect(textOf('kept', 'a')).toBe('one');
  expect(textOf('kept', 'b')).toBe('other');
  const inodes = ['a', 'a too', 'b'].map((name) => statSync(join(out, 'kept', name)).ino);
  expect(inodes[0]).toBe(inodes[1]);
  expect(inodes[2]).not.toBe(inodes[0]);
  const to = join(place.folder, 'kept.tar.gz');
  await restore({ to, archive: true });
  execFileSync('tar', ['-xzf', to, '-C', place.folder]);
  expect(readFileSync(join(place.folder, 'kept', 'b'), 'utf8')).toBe('other');
});

test('a folder whose path is too long here keeps nothing else from coming back', async () => {
  const hand = await beginByHand(store);
  const file = fileNode('file', hand.data('x'), 1);
  let deep = hand.tree(file, { ...file, name: 'file too', links: 2, inode: 3 });
  for (let depth = 0; depth < 20; depth += 1)
    deep = hand.tree(
      { ...file, name: 'a twin', links: 2, inode: 3 },
      folderNode('f'.repeat(250), deep),
    );
  await hand.snapshot(hand.tree(folderNode('kept', hand.tree(folderNode('deep', deep), file))), {
    paths: ['/kept'],
  });
  const back = await restore();
  expect(back.result).toMatchObject({ ok: true });
  expect(back.codes).toContain('file-not-written');
  expect(back.result.ok && Number(back.result.value['filesFailed'])).toBeGreaterThan(0);
  expect(textOf('kept', 'file')).toBe('x');
});

describe('what could be read of a damaged file', () => {
  async function damagedBeside(...beside: readonly string[]) {
    const hand = await beginByHand(store);
    const good = hand.data('the good half, ');
    const bad = hand.data('the bad half');
    const others = beside.map((name) =>
      fileNode(name, hand.data(`whole ${name}`), 6 + name.length),
    );
    const both = fileNode('letter', good, 27, { content: [good, bad] });
    const tree = hand.tree(folderNode('kept', hand.tree(both, ...others)));
    await hand.snapshot(tree, { paths: ['/kept'] });
    const [key = '', pack = new Uint8Array()] =
      [...store.objects].find(([each]) => each.startsWith('data/')) ?? [];
    const broken = Buffer.from(pack);
    // The second blob of the pack.
    broken[32 + 15 + 20] = (broken[32 + 15 + 20] ?? 0) ^ 1;
    store.objects.set(key, new Uint8Array(broken));
  }

  test('takes no name that something else in the backup has', async () => {
    await damagedBeside('letter.damaged');
    const back = await restore();
    expect(back.codes).toEqual(['file-damaged']);
    expect(textOf('kept', 'letter.damaged')).toBe('whole letter.damaged');
    expect(textOf('kept', 'letter.damaged-2')).toBe('the good half, ');
    expect(back.problems[0]?.detail).toContain('letter.damaged-2');
  });

  test('replaces nothing that was there', async () => {
    await damagedBeside();
    mkdirSync(join(out, 'kept'), { recursive: true });
    writeFileSync(join(out, 'kept', 'letter.damaged'), 'mine');
    await restore({ to: out, conflict: 'skip' });
    expect(textOf('kept', 'letter.damaged')).toBe('mine');
    expect(readdirSync(join(out, 'kept')).sort()).toEqual(['letter.damaged', 'letter.damaged-2']);
  });
});

test('what somebody put there meanwhile stays, and is counted', async () => {
  const hand = await beginByHand(store);
  const tree = hand.tree(fileNode('letter', hand.data('from the backup'), 15));
  await hand.snapshot(hand.tree(folderNode('kept', tree)), { paths: ['/kept'] });
  mkdirSync(join(out, 'kept'), { recursive: true });
  const late = {
    ...store,
    load: async (...[object, options]: Parameters<typeof store.load>) => {
      if (object.type === 'data' && options?.range !== undefined)
        writeFileSync(join(out, 'kept', 'letter'), 'mine');
      return store.load(object, options);
    },
  };
  const back = await runJob(late, restoreOf({ to: out, conflict: 'skip' }), place.folder);
  expect(back.result).toMatchObject({ ok: true, value: { files: 0, filesKept: 1 } });
  expect(textOf('kept', 'letter')).toBe('mine');
});

test('in place a drive of Windows is that drive, a share of another computer is that share, and nothing else is either', () => {
  expect(volumeOf(Buffer.from('C'))?.toString()).toBe('C:/');
  expect(volumeOf(Buffer.from('\\\\nas\\Ünser Haus'))?.toString()).toBe('//nas/Ünser Haus/');
  for (const name of ['server', 'C:', '', '/', '\\\\nas', '\\\\nas\\photos\\old', '\\nas\\photos'])
    expect(volumeOf(Buffer.from(name)), name).toBeUndefined();
});

test('what another computer shares is called at the doors as on Windows, with slashes', () => {
  expect(withSlashes('\\\\nas\\photos\\2026')).toBe('//nas/photos/2026');
  expect(partsOf('//nas/photos/2026')).toEqual(['\\\\nas\\photos', '2026']);
  expect(volumePath(Buffer.from('\\\\nas\\photos'))).toBe('//nas/photos');
  expect(volumePath(Buffer.from('C'))).toBe('C:');
  expect(partsOf('C:\\Users\\Ana')).toEqual(['C', 'Users', 'Ana']);
});

test('a file to try a restore with is one in which there is something', async () => {
  const hand = await beginByHand(store);
  const nothing = (number: number) => node('file', `nothing ${number}`, { content: [] });
  const tree = hand.tree(
    ...Array.from({ length: 30 }, (_, at) => nothing(at)),
    fileNode('something', hand.data('x'), 1),
  );
  const only = await hand.snapshot(hand.tree(folderNode('kept', tree)), { paths: ['/kept'] });
  const readers = createReaders({ password: PASSWORD, cache: join(place.folder, 'cache') });
  const pick = async (count: number) => {
    const picked = await readers.ask<'pick'>('a', () => store, {
      kind: 'pick',
      seed: 'seed',
      count,
    });
    return picked.ok ? picked.value.map(({ path }) => path) : [];
  };
  try {
    expect(await pick(3)).toEqual(['/kept/something']);
    store.objects.delete(`snapshots/${only}`);
    await hand.snapshot(hand.tree(folderNode('kept', hand.tree(nothing(1)))), {
      paths: ['/kept'],
    });
    expect(await pick(3)).toEqual(['/kept/nothing 1']);
  } finally {
    await readers.close();
  }
});
