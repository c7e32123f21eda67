import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { setMetadata } from '../../../../electron/core/backup/engine/restore-place.ts';
import { compareTrees } from '../../../../electron/headless/compare-trees.ts';
import {
  backupOf,
  beginByHand,
  fileNode,
  folderNode,
  PASSWORD,
  restoreOf,
  runJob,
} from '../../../fakes/handmade-repository.ts';
import { scratch } from '../../../fakes/homes.ts';
import { initCheaply } from '../../../fakes/init-cheaply.ts';
import { createMemoryRepositoryStore } from '../../../fakes/memory-repository-store.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let source: string;
let out: string;
let store: ReturnType<typeof createMemoryRepositoryStore>;

beforeEach(async () => {
  place = await scratch();
  source = join(place.folder, 'source');
  out = join(place.folder, 'out');
  mkdirSync(source);
  store = createMemoryRepositoryStore();
});
afterEach(() => place.remove());

const restore = (
  wish: Parameters<typeof restoreOf>[0],
  options: Parameters<typeof runJob>[3] = {},
) => runJob(store, restoreOf(wish), place.folder, options);

async function backup(): Promise<void> {
  if (store.objects.size === 0) await initCheaply(store, PASSWORD);
  const kept = await runJob(store, backupOf(source), place.folder);
  expect(kept.result.ok).toBe(true);
}

const named = (folder: string) => readdirSync(folder).sort();
const textOf = (...parts: readonly string[]) => readFileSync(join(...parts), 'utf8');
const SOME_TIME = new Date('2026-11-20T12:00:00Z');

describe('into a folder with things in it', () => {
  /** letter: kept as "old", changed there since. same: as it was. new: only there. */
  async function withConflict(laterThere = true): Promise<string> {
    writeFileSync(join(source, 'letter.txt'), 'old');
    writeFileSync(join(source, 'same.txt'), 'the same');
    for (const name of named(source)) utimesSync(join(source, name), SOME_TIME, SOME_TIME);
    await backup();
    const target = join(out, 'source');
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, 'letter.txt'), 'changed since');
    const other = new Date(SOME_TIME.getTime() + (laterThere ? 60_000 : -60_000));
    utimesSync(join(target, 'letter.txt'), other, other);
    writeFileSync(join(target, 'same.txt'), 'the same');
    writeFileSync(join(target, 'new.txt'), 'only here');
    return target;
  }

  test('both are kept, and what is the same is left alone', async () => {
    const target = await withConflict();
    const same = statSync(join(target, 'same.txt'));
    const back = await restore({ to: out, conflict: 'keep-both' });
    expect(back.result).toMatchObject({ ok: true, value: { files: 2, filesSame: 1 } });
    expect(back.problems).toEqual([]);
    expect(named(target)).toEqual(['letter (2026-11-20).txt', 'letter.txt', 'new.txt', 'same.txt']);
    expect(textOf(target, 'letter.txt')).toBe('changed since');
    expect(textOf(target, 'letter (2026-11-20).txt')).toBe('old');
    expect(statSync(join(target, 'same.txt')).mtimeMs).toBe(same.mtimeMs);
    // Once more: there is nothing left to do.
    const again = await restore({ to: out, conflict: 'keep-both' });
    expect(again.result).toMatchObject({ ok: true, value: { files: 2, filesSame: 2 } });
    expect(named(target)).toHaveLength(4);
  });

  test('the restored one takes the place', async () => {
    const target = await withConflict();
    await restore({ to: out, conflict: 'replace' });
    expect(named(target)).toEqual(['letter.txt', 'new.txt', 'same.txt']);
    expect(textOf(target, 'letter.txt')).toBe('old');
    expect(Math.floor(statSync(join(target, 'letter.txt')).mtimeMs)).toBe(SOME_TIME.getTime());
    expect(textOf(target, 'new.txt')).toBe('only here');
  });

  test('both are kept, though another kept one has the name that it would get', async () => {
    const target = await withConflict();
    writeFileSync(join(source, 'letter (2026-11-20).txt'), 'one of its own');
    await backup();
    const back = await restore({ to: out, conflict: 'keep-both' });
    expect(back.problems).toEqual([]);
    expect(textOf(target, 'letter (2026-11-20).txt')).toBe('one of its own');
    expect(textOf(target, 'letter (2026-11-20, 2).txt')).toBe('old');
    expect(textOf(target, 'letter.txt')).toBe('changed since');
  });

  test('the restored one takes the place of one that only looks the same', async () => {
    const target = await withConflict();
    writeFileSync(join(target, 'same.txt'), 'all mine');
    utimesSync(join(target, 'same.txt'), SOME_TIME, SOME_TIME);
    await restore({ to: out, conflict: 'replace' });
    expect(textOf(target, 'same.txt')).toBe('the same');
  });

  test('what is there stays', async () => {
    const target = await withConflict();
    const back = await restore({ to: out, conflict: 'skip' });
    expect(back.result).toMatchObject({ ok: true, value: { filesKept: 1, filesFailed: 0 } });
    expect(textOf(target, 'letter.txt')).toBe('changed since');
  });

  test.each([true, false])('the newer one stays (the one there is newer: %s)', async (isLater) => {
    const target = await withConflict(isLater);
    await restore({ to: out, conflict: 'newer' });
    expect(textOf(target, 'letter.txt')).toBe(isLater ? 'changed since' : 'old');
  });

  test('a folder where a file should be stays, and is told', async () => {
    const target = await withConflict();
    execFileSync('rm', [join(target, 'letter.txt')]);
    mkdirSync(join(target, 'letter.txt'));
    writeFileSync(join(target, 'letter.txt', 'inside'), 'x');
    const back = await restore({ to: out, conflict: 'replace' });
    expect(back.codes).toEqual(['file-kept']);
    expect(textOf(target, 'letter.txt', 'inside')).toBe('x');
  });

  test('a folder that was there keeps its rights, and its name in spite of a file in the backup', async () => {
    mkdirSync(join(source, 'inner'));
    writeFileSync(join(source, 'inner', 'a'), 'a');
    await backup();
    mkdirSync(join(out, 'source', 'inner'), { recursive: true });
    chmodSync(join(out, 'source', 'inner'), 0o711);
    await restore({ to: out, conflict: 'skip' });
    expect(statSync(join(out, 'source', 'inner')).mode & 0o777).toBe(0o711);
    expect(textOf(out, 'source', 'inner', 'a')).toBe('a');
  });
});

describe('links that lie where something is to come back', () => {
  test('nothing is written through a link to a folder', async () => {
    mkdirSync(join(source, 'inner'));
    writeFileSync(join(source, 'inner', 'secret'), 'from the backup');
    await backup();
    const elsewhere = join(place.folder, 'elsewhere');
    mkdirSync(elsewhere);
    mkdirSync(join(out, 'source'), { recursive: true });
    symlinkSync(elsewhere, join(out, 'source', 'inner'));
    const back = await restore({ to: out, conflict: 'replace' });
    expect(back.codes).toEqual(['folder-blocked']);
    expect(back.result).toMatchObject({ value: { files: 0, filesFailed: 1 } });
    expect(named(elsewhere)).toEqual([]);
  });

  test('nothing is written through a link to a file: the link itself makes way', async () => {
    writeFileSync(join(source, 'letter'), 'from the backup');
    await backup();
    const elsewhere = join(place.folder, 'elsewhere');
    writeFileSync(elsewhere, 'must stay');
    mkdirSync(join(out, 'source'), { recursive: true });
    symlinkSync(elsewhere, join(out, 'source', 'letter'));
    await restore({ to: out, conflict: 'replace' });
    expect(readFileSync(elsewhere, 'utf8')).toBe('must stay');
    expect(lstatSync(join(out, 'source', 'letter')).isFile()).toBe(true);
    expect(textOf(out, 'source', 'letter')).toBe('from the backup');
  });

  test('rights go to no link that has taken a folder’s place', () => {
    const elsewhere = join(place.folder, 'elsewhere');
    mkdirSync(elsewhere, { mode: 0o700 });
    symlinkSync(elsewhere, join(place.folder, 'inner'));
    const node = { ...folderNode('inner', '0'.repeat(64)), mode: 0o777 };
    expect(() => setMetadata(Buffer.from(join(place.folder, 'inner')), node)).toThrow();
    expect(statSync(elsewhere).mode & 0o777).toBe(0o700);
  });

  test('a link to the chosen folder itself is the person’s', async () => {
    writeFileSync(join(source, 'letter'), 'x');
    await backup();
    mkdirSync(join(place.folder, 'real'));
    symlinkSync(join(place.folder, 'real'), out);
    await restore({ to: out });
    expect(textOf(place.folder, 'real', 'source', 'letter')).toBe('x');
  });
});

describe('in place', () => {
  test('what was lost is where it was again, with its links, and nothing else is touched', async () => {
    mkdirSync(join(source, 'a', 'b'), { recursive: true });
    writeFileSync(join(source, 'a', 'b', 'gone'), 'came back');
    linkSync(join(source, 'a', 'b', 'gone'), join(source, 'a', 'twin'));
    symlinkSync('b/gone', join(source, 'a', 'link'));
    writeFileSync(join(source, 'stays'), 'as it is');
    await backup();
    const copy = join(place.folder, 'copy');
    execFileSync('cp', ['-a', source, copy]);
    execFileSync('rm', ['-r', join(source, 'a')]);
    const back = await restore({ conflict: 'keep-both' });
    expect(back.problems).toEqual([]);
    // The folder that was there is another one since something was put into it.
    expect((await compareTrees(copy, source)).differences).toEqual([`${copy}: has another time`]);
    expect(statSync(join(source, 'a', 'twin')).ino).toBe(
      statSync(join(source, 'a', 'b', 'gone')).ino,
    );
  });

  test('one file alone, though its folders are gone', async () => {
    mkdirSync(join(source, 'a', 'b'), { recursive: true });
    writeFileSync(join(source, 'a', 'b', 'one'), 'one');
    writeFileSync(join(source, 'a', 'b', 'two'), 'two');
    await backup();
    execFileSync('rm', ['-r', source]);
    const path = join(source, 'a', 'b', 'one');
    const back = await restore({ paths: [path, join(source, 'a', 'b', 'one')], conflict: 'skip' });
    expect(back.result).toMatchObject({ ok: true, value: { files: 1 } });
    expect(readFileSync(path, 'utf8')).toBe('one');
    expect(named(join(source, 'a', 'b'))).toEqual(['one']);
  });
});

describe('going on', () => {
  const journal = () => join(place.folder, 'journal');

  test('a restore that was cut off fetches only what is missing, also of one large file', async () => {
    writeFileSync(join(source, 'large'), randomBytes(60_000_000));
    for (let i = 0; i < 200; i += 1) writeFileSync(join(source, `${i}`), randomBytes(3000));
    await backup();
    let loaded = 0;
    let calls = 0;
    const abort = new AbortController();
    const { load } = store;
    const counting = {
      ...store,
      load: async (...args: Parameters<typeof load>) => {
        const result = await load(...args);
        if (result.ok && args[0].type === 'data') {
          loaded += result.value.length;
          calls += 1;
          if (calls === 5) abort.abort();
        }
        return result;
      },
    };
    const wish = restoreOf({ to: out, journal: journal() });
    const cut = await runJob(counting, wish, place.folder, { signal: abort.signal });
    expect(cut.result).toMatchObject({ ok: false, fault: { code: 'cancelled' } });
    const before = loaded;
    expect(before).toBeGreaterThan(0);
    // Under its own name there is only what is whole.
    const names = existsSync(join(out, 'source')) ? named(join(out, 'source')) : [];
    for (const name of names.filter((each) => !each.endsWith('.part')))
      expect(readFileSync(join(out, 'source', name))).toEqual(readFileSync(join(source, name)));
    loaded = 0;
    const done = await runJob(counting, wish, place.folder);
    expect(done.result).toMatchObject({ ok: true, value: { files: 201, filesFailed: 0 } });
    expect((await compareTrees(source, join(out, 'source'))).differences).toEqual([]);
    const total = 60_600_000;
    // What was under way when it was cut off comes twice: a few stretches.
    expect(loaded).toBeLessThan(total - before / 4);
    expect(named(join(out, 'source')).filter((each) => each.endsWith('.part'))).toEqual([]);
  });

  test('what is finished is not fetched again, and folders get their rights in the end', async () => {
    mkdirSync(join(source, 'closed'));
    for (let i = 0; i < 30; i += 1)
      writeFileSync(join(source, 'closed', `${i}`), randomBytes(100_000));
    chmodSync(join(source, 'closed'), 0o555);
    await backup();
    const wish = { to: out, journal: journal() };
    expect((await restore(wish)).result.ok).toBe(true);
    chmodSync(join(out, 'source', 'closed'), 0o700);
    execFileSync('rm', [join(out, 'source', 'closed', '7')]);
    let loads = 0;
    store.onCall = (name, object) => {
      if (name === 'load' && object.type === 'data') loads += 1;
      return undefined;
    };
    const again = await restore(wish);
    expect(again.result).toMatchObject({ ok: true, value: { files: 30, filesSame: 29 } });
    expect(loads).toBeLessThanOrEqual(2);
    expect((await compareTrees(source, join(out, 'source'))).differences).toEqual([]);
    chmodSync(join(source, 'closed'), 0o700);
    chmodSync(join(out, 'source', 'closed'), 0o700);
  });
});

test('what is to come back and is not in the snapshot is named, and counts as failed', async () => {
  writeFileSync(join(source, 'letter.txt'), 'old');
  await backup();
  const paths = [join(source, 'letter.txt'), join(source, 'lettre.txt')];
  const back = await restore({ to: out, paths });
  expect(back.result).toMatchObject({ ok: true, value: { files: 1, filesFailed: 1 } });
  expect(back.codes).toEqual(['not-in-backup']);
});

/** Node's own way of making folders above folders asks for ever there. */
test.skipIf(process.platform !== 'linux')(
  'a place in which nothing can be made is told, and the thread comes back',
  async () => {
    await backup();
    const back = await restore({ to: '/proc/allotment/here' });
    expect(back.result).toEqual({
      ok: false,
      fault: { code: 'folder', error: 'ENOENT', folder: '/proc/allotment' },
    });
  },
);

test('how much there is to do is known before it is done', async () => {
  for (let i = 0; i < 20; i += 1) writeFileSync(join(source, `${i}`), randomBytes(10_000));
  await backup();
  const told: { files: number | null; bytes: number | null }[] = [];
  const onProgress: NonNullable<Parameters<typeof runJob>[3]>['onProgress'] = (now) => {
    if (now.phase === 'finishing') told.push({ files: now.filesTotal, bytes: now.bytesTotal });
  };
  await restore({ to: out }, { onProgress });
  await restore({ to: `${out} 2`, paths: [join(source, '3')] }, { onProgress });
  expect(told[0]).toEqual({ files: 20, bytes: 200_000 });
  expect(told.at(-1)).toEqual({ files: 1, bytes: 10_000 });
});

test('where a file has come to lie in place of the folder since, that is said', async () => {
  writeFileSync(join(source, 'letter.txt'), 'old');
  await backup();
  writeFileSync(out, 'in the way');
  const { result } = await restore({ to: out });
  expect(result).toEqual({ ok: false, fault: { code: 'folder', error: 'ENOTDIR', folder: out } });
  expect(readFileSync(out, 'utf8')).toBe('in the way');
});

describe('a friend who has it wrong', () => {
  test('is asked no more about what another one has right', async () => {
    writeFileSync(join(source, 'a'), randomBytes(300_000));
    writeFileSync(join(source, 'b'), randomBytes(300_000));
    await backup();
    const attempts: number[] = [];
    const lying = {
      ...store,
      load: async (...[object, options = {}]: Parameters<typeof store.load>) => {
        const result = await store.load(object, options);
        const attempt = options.attempt ?? 0;
        attempts.push(attempt);
        if (!result.ok || object.type !== 'data' || attempt > 1) return result;
        return { ok: true, value: result.value.map((byte) => byte ^ 0x55) } as const;
      },
    };
    const back = await runJob(lying, restoreOf({ to: out }), place.folder);
    expect(back.problems).toEqual([]);
    expect(back.result).toMatchObject({ ok: true, value: { files: 2 } });
    expect(Math.max(...attempts)).toBe(2);
    expect((await compareTrees(source, join(out, 'source'))).differences).toEqual([]);
  });

  test('a file that nobody has whole is told, and what could be read of it lies beside', async () => {
    const hand = await beginByHand(store);
    const good = hand.data('the good half, ');
    const bad = hand.data('the bad half');
    const both = fileNode('letter', good, 27, { content: [good, bad] });
    const tree = hand.tree(folderNode('kept', hand.tree(both)));
    await hand.snapshot(tree, { paths: ['/kept'] });
    const [key = '', pack = new Uint8Array()] =
      [...store.objects].find(([each]) => each.startsWith('data/')) ?? [];
    // The second blob of the pack.
    const broken = Buffer.from(pack);
    broken[32 + 15 + 20] = (broken[32 + 15 + 20] ?? 0) ^ 1;
    store.objects.set(key, new Uint8Array(broken));
    const back = await restore({ to: out });
    expect(back.codes).toEqual(['file-damaged']);
    expect(named(join(out, 'kept'))).toEqual(['letter.damaged']);
    expect(textOf(out, 'kept', 'letter.damaged')).toBe('the good half, ');
  });
});

describe('as an archive', () => {
  function fill(): void {
    mkdirSync(join(source, 'folder', 'empty'), { recursive: true });
    writeFileSync(join(source, 'folder', 'letter ünï.txt'), 'Dear Ben');
    writeFileSync(join(source, 'folder', 'large'), randomBytes(30_000_000));
    writeFileSync(join(source, 'folder', `${'long '.repeat(30)}name`), 'x');
    writeFileSync(join(source, 'nothing'), '');
    linkSync(join(source, 'nothing'), join(source, 'twin of nothing'));
    writeFileSync(join(source, 'run'), '#!/bin/sh\n');
    chmodSync(join(source, 'run'), 0o755);
    symlinkSync('folder/large', join(source, 'link'));
    utimesSync(join(source, 'run'), 1_700_000_000.25, 1_700_000_000.25);
  }

  test('a .tar.gz has everything, as tar itself would have it', async () => {
    fill();
    await backup();
    const file = join(place.folder, 'all.tar.gz');
    const made = await restore({ to: file, archive: true });
    expect(made.problems).toEqual([]);
    expect(made.result).toMatchObject({ ok: true, value: { files: 6, folders: 3, links: 1 } });
    mkdirSync(out);
    execFileSync('tar', ['-xpzf', file, '-C', out]);
    expect((await compareTrees(source, join(out, 'source'))).differences).toEqual([]);
    expect(named(place.folder).filter((each) => each.endsWith('.part'))).toEqual([]);
  });

  test('a .zip has everything, and unzip finds it sound', async () => {
    fill();
    await backup();
    const file = join(place.folder, 'all.zip');
    const made = await restore({ to: file, archive: true });
    expect(made.problems).toEqual([]);
    execFileSync('unzip', ['-tq', file]);
    mkdirSync(out);
    execFileSync('unzip', ['-q', file, '-d', out]);
    // It knows seconds only, and no hard links; the two are two files.
    const { differences } = await compareTrees(source, join(out, 'source'));
    expect(differences.filter((each) => !each.includes('has another time'))).toEqual([]);
    expect(statSync(join(out, 'source', 'run')).mtimeMs).toBe(1_700_000_000_000);
  });

  test('what has come to lie under its name meanwhile is not written over', async () => {
    writeFileSync(join(source, 'letter'), 'old');
    await backup();
    const file = join(place.folder, 'all.zip');
    store.onCall = (name, object) => {
      if (name === 'load' && object.type === 'data') writeFileSync(file, 'somebody’s own');
      return undefined;
    };
    const made = await restore({ to: file, archive: true });
    expect(made.result).toMatchObject({ ok: false, fault: { code: 'folder', error: 'EEXIST' } });
    expect(textOf(file)).toBe('somebody’s own');
    await restore({ to: file, archive: true, conflict: 'replace' });
    expect(readFileSync(file).subarray(0, 2).toString()).toBe('PK');
  });

  test('a file of the person’s that is called as if it were a part of it is nothing of ours', async () => {
    writeFileSync(join(source, 'letter'), 'old');
    await backup();
    const file = join(place.folder, 'all.zip');
    writeFileSync(`${file}.part`, 'a download of somebody’s');
    expect((await restore({ to: file, archive: true })).result.ok).toBe(true);
    expect(textOf(`${file}.part`)).toBe('a download of somebody’s');
    expect(named(place.folder).filter((each) => each.startsWith('.allotment'))).toEqual([]);
  });

  test('nothing is left of one that was cancelled', async () => {
    fill();
    await backup();
    const abort = new AbortController();
    store.onCall = (name, object) => {
      if (name === 'load' && object.type === 'data') abort.abort();
      return undefined;
    };
    const file = join(place.folder, 'all.zip');
    const cut = await restore({ to: file, archive: true }, { signal: abort.signal });
    expect(cut.result).toMatchObject({ ok: false, fault: { code: 'cancelled' } });
    expect(named(place.folder).filter((each) => /^\.?all/.test(each))).toEqual([]);
  });
});
