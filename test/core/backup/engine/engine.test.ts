import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EngineJob, EngineProblem } from '../../../../electron/core/backup/engine/engine.ts';
import { runEngine } from '../../../../electron/core/backup/engine/engine.ts';
import { createFolderRepositoryStore } from '../../../../electron/core/backup/repository/folder-repository-store.ts';
import { initRepository } from '../../../../electron/core/backup/repository/repository.ts';
import type { RepositoryStore } from '../../../../electron/core/backup/repository/repository-store.ts';
import { compareTrees } from '../../../../electron/headless/compare-trees.ts';
import { scratch } from '../../../fakes/homes.ts';
import { initCheaply } from '../../../fakes/init-cheaply.ts';
import { createMemoryRepositoryStore } from '../../../fakes/memory-repository-store.ts';
import { fillWithNastyThings } from '../../../fakes/nasty-tree.ts';
import { hasProgram, restic } from '../../../fakes/programs.ts';

const PASSWORD = 'a password of the test';
let place: Awaited<ReturnType<typeof scratch>>;
let source: string;

beforeEach(async () => {
  place = await scratch();
  source = join(place.folder, 'source');
  mkdirSync(source);
});
afterEach(() => place.remove());

async function run(
  job: EngineJob,
  store: RepositoryStore,
  options: { readonly password?: string; readonly signal?: AbortSignal } = {},
) {
  const problems: EngineProblem[] = [];
  const result = await runEngine(job, {
    store,
    password: options.password ?? PASSWORD,
    cache: join(place.folder, 'cache'),
    tools: {
      signal: options.signal ?? new AbortController().signal,
      progress: () => undefined,
      problem: (problem) => problems.push(problem),
    },
  });
  return { result, problems };
}

function backupOf(...folders: readonly string[]): EngineJob {
  const rules = { exclude: [], caches: false, maxFileBytes: null };
  return { kind: 'backup', folders, rules, leaveOut: [], hostname: 'test' };
}

function restoreTo(to: string): EngineJob {
  return {
    kind: 'restore',
    snapshot: undefined,
    to,
    paths: undefined,
    conflict: undefined,
    archive: false,
    journal: undefined,
  };
}

/** Somebody's backup ends in the very moment in which the indexes were listed. */
function withBackupMeanwhile(store: RepositoryStore, backUp: () => Promise<unknown>) {
  let isDone = false;
  return {
    ...store,
    list: async (...asked: Parameters<RepositoryStore['list']>) => {
      const listed = await store.list(...asked);
      const isNow = asked[0] === 'index' && !isDone;
      isDone ||= isNow;
      if (isNow) await backUp();
      return listed;
    },
  };
}

describe('the engine', () => {
  test('brings everything back: names, bytes, permissions, times, links', async () => {
    fillWithNastyThings(source);
    const store = createMemoryRepositoryStore();
    expect((await initRepository(store, PASSWORD)).ok).toBe(true);
    const kept = await run(backupOf(source), store);
    expect(kept.problems).toEqual([]);
    expect(kept.result.ok).toBe(true);
    const out = join(place.folder, 'out');
    const back = await run(restoreTo(out), store);
    expect(back.problems).toEqual([]);
    expect(back.result).toMatchObject({ ok: true });
    const same = await compareTrees(source, join(out, 'source'));
    expect(same.differences).toEqual([]);
    expect(same.files).toBe(13);
    const twin = statSync(join(out, 'source', 'hard link'));
    expect(twin.ino).toBe(statSync(join(out, 'source', 'a'.repeat(255))).ino);
    // A hole came back as a hole.
    expect(statSync(join(out, 'source', 'sparse')).blocks * 512).toBeLessThan(20_000_000);
  });

  test('sends only what is new, and finds out without reading what did not change', async () => {
    for (let i = 0; i < 50; i += 1) writeFileSync(join(source, `file ${i}`), randomBytes(30_000));
    writeFileSync(join(source, 'twice'), readFileSync(join(source, 'file 7')));
    const store = createMemoryRepositoryStore();
    await initCheaply(store, PASSWORD);
    const first = await run(backupOf(source), store);
    const second = await run(backupOf(source), store);
    expect(first.result).toMatchObject({ value: { files: 51, filesNew: 51 } });
    expect(Number(first.result.ok && first.result.value['bytesAdded'])).toBeLessThan(1_600_000);
    expect(second.result).toMatchObject({
      value: { filesNew: 0, filesUnchanged: 51 },
    });
    // The folders above are other tests' too; their times are in the tree.
    expect(Number(second.result.ok && second.result.value['bytesAdded'])).toBeLessThan(2000);
    writeFileSync(join(source, 'file 3'), 'changed');
    const third = await run(backupOf(source), store);
    expect(third.result).toMatchObject({ value: { filesNew: 1, filesUnchanged: 50 } });
  });

  test('a backup that ends while another job reads is no damage to it', async () => {
    writeFileSync(join(source, 'first'), 'first');
    const store = createMemoryRepositoryStore();
    await initCheaply(store, PASSWORD);
    await run(backupOf(source), store);
    let files = 1;
    const meanwhile = withBackupMeanwhile.bind(undefined, store, async () => {
      writeFileSync(join(source, `late ${(files += 1)}`), randomBytes(10_000));
      expect((await run(backupOf(source), store)).result.ok).toBe(true);
    });
    const check = await run({ kind: 'check', readData: true }, meanwhile());
    expect(check.problems).toEqual([]);
    expect(check.result).toMatchObject({ ok: true, value: { snapshots: 1, problems: 0 } });
    const out = join(place.folder, 'out');
    const back = await run(restoreTo(out), meanwhile());
    expect(back).toMatchObject({ problems: [], result: { ok: true } });
    expect(readdirSync(join(out, 'source')).toSorted()).toEqual(['first', 'late 2']);
  });

  test('an insertion near the start of a large file costs a few chunks, not the file', async () => {
    const bytes = randomBytes(20_000_000);
    writeFileSync(join(source, 'large'), bytes);
    const store = createMemoryRepositoryStore();
    await initCheaply(store, PASSWORD);
    await run(backupOf(source), store);
    writeFileSync(join(source, 'large'), Buffer.concat([Buffer.from('inserted'), bytes]));
    const again = await run(backupOf(source), store);
    expect(Number(again.result.ok && again.result.value['bytesAdded'])).toBeLessThan(5_000_000);
  });

  test('a plot that fills up ends the run; what arrived is found by the next one', async () => {
    for (let i = 0; i < 40; i += 1) writeFileSync(join(source, `${i}`), randomBytes(1_000_000));
    const store = createMemoryRepositoryStore({ capacityBytes: 36_000_000 });
    await initCheaply(store, PASSWORD);
    const full = await run(backupOf(source), store);
    expect(full.result).toMatchObject({ ok: false, fault: { code: 'plot-full' } });
    const roomy = createMemoryRepositoryStore();
    for (const [key, value] of store.objects) roomy.objects.set(key, value);
    const done = await run(backupOf(source), roomy);
    expect(done.result).toMatchObject({ ok: true, value: { filesNew: 40 } });
    expect(Number(done.result.ok && done.result.value['bytesAdded'])).toBeLessThan(26_000_000);
    const check = await run({ kind: 'check', readData: true }, roomy);
    expect(check.result).toMatchObject({ ok: true, value: { problems: 0 } });
  });

  test('what is damaged is named, and the rest comes back', async () => {
    writeFileSync(join(source, 'one'), randomBytes(300_000));
    const store = createMemoryRepositoryStore();
    await initCheaply(store, PASSWORD);
    await run(backupOf(source), store);
    writeFileSync(join(source, 'two'), 'later');
    await run(backupOf(source), store);
    const largest = [...store.objects]
      .filter(([key]) => key.startsWith('data/'))
      .sort(([, one], [, other]) => other.length - one.length)[0];
    const [key, bytes] = largest ?? ['', new Uint8Array()];
    const broken = Buffer.from(bytes);
    broken[1000] = (broken[1000] ?? 0) ^ 1;
    store.objects.set(key, new Uint8Array(broken));
    const check = await run({ kind: 'check', readData: true }, store);
    expect(check.problems.map(({ code }) => code)).toEqual(['pack-damaged']);
    const out = join(place.folder, 'out');
    const back = await run(restoreTo(out), store);
    expect(back.problems.map(({ code }) => code)).toEqual(['file-damaged']);
    expect(back.result).toMatchObject({ ok: true, value: { filesFailed: 1 } });
    expect(readFileSync(join(out, 'source', 'two'), 'utf8')).toBe('later');
    store.objects.delete(key);
    const gone = await run({ kind: 'check', readData: false }, store);
    expect(gone.problems.map(({ code }) => code)).toEqual(['pack-missing']);
  });

  test('a wrong password, no repository and an unknown snapshot have their own words', async () => {
    const store = createMemoryRepositoryStore();
    const none = await run({ kind: 'check', readData: false }, store);
    expect(none.result).toMatchObject({ fault: { code: 'no-repository' } });
    await initCheaply(store, PASSWORD);
    const wrong = await run({ kind: 'check', readData: false }, store, { password: 'other' });
    expect(wrong.result).toMatchObject({ fault: { code: 'wrong-password' } });
    const unknown = await run(restoreTo(join(place.folder, 'out')), store);
    expect(unknown.result).toMatchObject({ fault: { code: 'snapshot-unknown' } });
  });

  test('a cancelled run ends soon, without a snapshot and without its lock', async () => {
    for (let i = 0; i < 20; i += 1) writeFileSync(join(source, `${i}`), randomBytes(2_000_000));
    const store = createMemoryRepositoryStore();
    await initCheaply(store, PASSWORD);
    const abort = new AbortController();
    store.onCall = (name, object) => {
      if (name === 'save' && typeof object === 'object' && object.type === 'data') abort.abort();
      return undefined;
    };
    const ended = await run(backupOf(source), store, { signal: abort.signal });
    expect(ended.result).toMatchObject({ ok: false, fault: { code: 'cancelled' } });
    const kinds = new Set([...store.objects.keys()].map((key) => key.split('/')[0]));
    expect(kinds.has('snapshots')).toBe(false);
    expect(kinds.has('locks')).toBe(false);
  });

  test('leaves out what is excluded, and what is no file', async () => {
    mkdirSync(join(source, 'node_modules'));
    writeFileSync(join(source, 'node_modules', 'x'), 'x');
    writeFileSync(join(source, 'a.tmp'), 'x');
    writeFileSync(join(source, 'kept'), 'x');
    execFileSync('mkfifo', [join(source, 'pipe')]);
    const store = createMemoryRepositoryStore();
    await initCheaply(store, PASSWORD);
    const kept = await run(
      {
        ...backupOf(source),
        rules: { exclude: ['node_modules', '*.tmp'], caches: false, maxFileBytes: null },
      } as EngineJob,
      store,
    );
    expect(kept.problems.map(({ code }) => code)).toEqual(['special-file']);
    const out = join(place.folder, 'out');
    await run(restoreTo(out), store);
    expect(readdirSync(join(out, 'source'))).toEqual(['kept']);
  });
});

describe.skipIf(!hasProgram('restic'))('stock restic (skipped where it is not installed)', () => {
  test('checks, lists and restores what we wrote', async () => {
    fillWithNastyThings(source);
    const folder = join(place.folder, 'repository');
    const store = createFolderRepositoryStore(folder);
    await initCheaply(store, PASSWORD);
    expect((await run(backupOf(source), store)).result.ok).toBe(true);
    const options = { password: PASSWORD };
    expect(await restic(folder, ['check', '--read-data'], options)).toMatchObject({ code: 0 });
    const listed = await restic(folder, ['snapshots', '--json'], options);
    expect(JSON.parse(listed.output)).toMatchObject([{ paths: [source], hostname: 'test' }]);
    const out = join(place.folder, 'out');
    const restored = await restic(folder, ['restore', 'latest', '--target', out], options);
    expect(restored).toMatchObject({ code: 0 });
    const same = await compareTrees(source, join(out, source));
    // restic 0.14 does not know link targets that are no text (its linktarget_raw came later).
    expect(same.differences.filter((each) => !each.includes('link to no text'))).toEqual([]);
  });

  test('writes what we restore', async () => {
    fillWithNastyThings(source);
    const folder = join(place.folder, 'repository');
    const options = { password: PASSWORD };
    expect(await restic(folder, ['init'], options)).toMatchObject({ code: 0 });
    expect(await restic(folder, ['backup', source], options)).toMatchObject({ code: 0 });
    const store = createFolderRepositoryStore(folder);
    const out = join(place.folder, 'out');
    const back = await run(restoreTo(out), store);
    expect(back.problems).toEqual([]);
    const same = await compareTrees(source, join(out, 'source'));
    expect(same.differences.filter((each) => !each.includes('link to no text'))).toEqual([]);
    const check = await run({ kind: 'check', readData: true }, store);
    expect(check.result).toMatchObject({ ok: true, value: { problems: 0 } });
    // And we go on where it left off.
    const ours = await run(backupOf(source), store);
    expect(ours.result).toMatchObject({ ok: true, value: { files: 13 } });
    expect(await restic(folder, ['check', '--read-data'], options)).toMatchObject({ code: 0 });
    // An old lock of a restic that wants to be alone stops us; a plain one does not.
    expect(await restic(folder, ['forget', '--keep-last', '1', '--prune'], options)).toMatchObject({
      code: 0,
    });
    const pruned = await run({ kind: 'check', readData: true }, store);
    expect(pruned.result).toMatchObject({ ok: true, value: { problems: 0 } });
  });
});

test('a folder among several that is empty all of a sudden is not backed up as empty, and one that always was is', async () => {
  const [drive, other, empty] = ['drive', 'other', 'empty'].map((name) => join(source, name));
  for (const folder of [drive, other, empty]) mkdirSync(folder ?? '');
  const folders = [drive ?? '', other ?? '', empty ?? ''];
  const store = createMemoryRepositoryStore();
  await initCheaply(store, PASSWORD);
  for (const folder of [drive, other]) writeFileSync(join(folder ?? '', 'file'), 'something');
  expect((await run(backupOf(...folders), store)).result.ok).toBe(true);
  expect((await run(backupOf(...folders), store)).result.ok).toBe(true);
  rmSync(join(drive ?? '', 'file'));
  const expected = { ok: false, fault: { code: 'folder', error: 'EMPTIED', folder: drive } };
  expect((await run(backupOf(...folders), store)).result).toEqual(expected);
  // Also where the set has other folders than before.
  expect((await run(backupOf(drive ?? ''), store)).result).toEqual(expected);
  const snapshots = await store.list('snapshots');
  expect(snapshots.ok && snapshots.value.length).toBe(2);
  writeFileSync(join(drive ?? '', '.meant to be empty'), '');
  expect((await run(backupOf(...folders), store)).result.ok).toBe(true);
});
