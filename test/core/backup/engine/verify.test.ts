import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type EngineJob,
  type EngineProblem,
  runEngine,
} from '../../../../electron/core/backup/engine/engine.ts';
import { createFolderRepositoryStore } from '../../../../electron/core/backup/repository/folder-repository-store.ts';
import type {
  RepositoryStore,
  StoreObject,
} from '../../../../electron/core/backup/repository/repository-store.ts';
import { createFaultyStore } from '../../../fakes/faulty-repository-store.ts';
import { scratch } from '../../../fakes/homes.ts';
import { initCheaply } from '../../../fakes/init-cheaply.ts';
import { createMemoryRepositoryStore } from '../../../fakes/memory-repository-store.ts';
import { hasProgram, restic } from '../../../fakes/programs.ts';

const PASSWORD = 'a password of the test';
let place: Awaited<ReturnType<typeof scratch>>;
let source: string;
let plain: RepositoryStore;

beforeEach(async () => {
  place = await scratch();
  source = join(place.folder, 'source');
  mkdirSync(source);
  for (let at = 0; at < 5; at += 1)
    writeFileSync(join(source, `file ${at}`), randomBytes(9_000_000));
  plain = createFolderRepositoryStore(join(place.folder, 'repository'));
  await initCheaply(plain, PASSWORD);
  const rules = { exclude: [], caches: false, maxFileBytes: null };
  await run({ kind: 'backup', folders: [source], rules, leaveOut: [], hostname: 'test' }, plain);
});
afterEach(() => place.remove());

async function run(job: EngineJob, store: RepositoryStore) {
  const problems: EngineProblem[] = [];
  const result = await runEngine(job, {
    store,
    password: PASSWORD,
    cache: join(place.folder, 'cache'),
    tools: {
      signal: new AbortController().signal,
      progress: () => undefined,
      problem: (problem) => problems.push(problem),
    },
  });
  return { value: result.ok ? result.value : undefined, result, problems };
}

async function anyOf(type: StoreObject['type']): Promise<StoreObject> {
  const listed = await plain.list(type);
  const name = listed.ok ? listed.value[0]?.name : undefined;
  if (name === undefined) throw new Error(`no ${type}`);
  return { type, name };
}

function verify(fromShare: number, bytesMax: number): EngineJob {
  return { kind: 'verify', seed: 'pass one', fromShare, bytesMax };
}

describe('a look at some of a copy', () => {
  test('goes on where the last one ended, until everything was read once', async () => {
    let share = 0;
    let bytes = 0;
    let looks = 0;
    while (share < 1 && looks < 20) {
      const { value, problems } = await run(verify(share, 17_000_000), plain);
      expect(problems).toEqual([]);
      expect(Number(value?.['reachedShare'])).toBeGreaterThan(share);
      share = Number(value?.['reachedShare']);
      bytes += Number(value?.['bytesRead']);
      looks += 1;
    }
    const all = await run(verify(0, 1_000_000_000), plain);
    expect(bytes).toBe(Number(all.value?.['bytesRead']));
    expect(bytes).toBeGreaterThan(45_000_000);
    expect(looks).toBeGreaterThan(1);
  });

  test('names a snapshot that is damaged there, whatever is kept here of it, and never blames the password for a key', async () => {
    const store = createFaultyStore(plain);
    const snapshot = await anyOf('snapshots');
    store.rot(snapshot, 'flipped');
    for (const job of [verify(0, 1_000_000_000), { kind: 'check', readData: false } as const]) {
      const { problems } = await run(job, store);
      expect(problems).toMatchObject([
        { code: 'object-damaged', path: `snapshots/${snapshot.name}` },
      ]);
    }
    store.rot(await anyOf('keys'), 'short');
    const closed = await run(verify(0, 1_000_000_000), store);
    expect(closed.result).toMatchObject({ ok: false, fault: { code: 'damaged' } });
  });

  test('names what is missing from the list or is listed and not given', async () => {
    const store = createFaultyStore(plain);
    const pack = await anyOf('data');
    store.rot(pack, 'lost');
    const lost = await run(verify(0, 1_000_000_000), store);
    expect(lost.problems).toMatchObject([{ code: 'pack-missing', path: pack.name }]);
    store.rot(pack, 'denied');
    const denied = await run(verify(0, 1_000_000_000), store);
    expect(denied.problems).toMatchObject([{ code: 'pack-missing', path: pack.name }]);
    store.rot(pack, 'flipped');
    const index = await anyOf('index');
    store.rot(index, 'swapped');
    const both = await run(verify(0, 1_000_000_000), store);
    expect(both.problems.map(({ code, path }) => `${code} ${path}`).sort()).toEqual(
      [`object-damaged index/${index.name}`, `pack-damaged ${pack.name}`].sort(),
    );
  });
});

describe('a damaged pack that is given up', () => {
  test('leaves behind whatever in it is still sound', async () => {
    rmSync(source, { recursive: true });
    mkdirSync(source);
    for (let at = 0; at < 20; at += 1)
      writeFileSync(join(source, `small ${at}`), randomBytes(10_000));
    const store = createMemoryRepositoryStore();
    await initCheaply(store, PASSWORD);
    const rules = { exclude: [], caches: false, maxFileBytes: null };
    await run({ kind: 'backup', folders: [source], rules, leaveOut: [], hostname: 'test' }, store);
    const [key = '', bytes = new Uint8Array()] =
      [...store.objects].find(
        ([name, { length }]) => name.startsWith('data/') && length > 15_000,
      ) ?? [];
    const wrong = new Uint8Array(bytes);
    wrong[5000] = (wrong[5000] ?? 0) ^ 1;
    store.objects.set(key, wrong);
    const name = key.slice('data/'.length);
    const dropped = await run({ kind: 'drop', packs: [name], reindex: false }, store);
    expect(dropped.result).toMatchObject({ ok: true, value: { packsDropped: 1 } });
    expect(store.objects.has(key)).toBe(false);
    const to = join(place.folder, 'out');
    const restore = { snapshot: 'latest', to, paths: undefined, conflict: undefined } as const;
    const back = await run(
      { kind: 'restore', ...restore, archive: false, journal: undefined },
      store,
    );
    expect(back.problems.map(({ code }) => code)).toEqual(['blob-missing']);
    expect(back.result).toMatchObject({ ok: true, value: { filesFailed: 1 } });
  });
});

describe.skipIf(!hasProgram('restic'))('packs that are given up', () => {
  test('leave the indexes, and a lost index is made anew: restic reads what is left', async () => {
    const pack = await anyOf('data');
    await plain.remove(pack);
    const dropped = await run({ kind: 'drop', packs: [pack.name], reindex: false }, plain);
    expect(dropped.result).toMatchObject({ ok: true, value: { packsDropped: 1 } });
    const again = await run(
      {
        kind: 'backup',
        folders: [source],
        rules: { exclude: [], caches: false, maxFileBytes: null },
        leaveOut: [],
        hostname: 'test',
      },
      plain,
    );
    expect(again.result.ok).toBe(true);
    for (const index of await listNames('index'))
      await plain.remove({ type: 'index', name: index });
    const named = await run({ kind: 'drop', packs: [], reindex: true }, plain);
    expect(Number(named.value?.['packsFound'])).toBeGreaterThan(1);
    const folder = join(place.folder, 'repository');
    const latest = await restic(
      folder,
      ['restore', 'latest', '--target', join(place.folder, 'out'), '--verify'],
      {
        password: PASSWORD,
      },
    );
    expect(latest).toMatchObject({ code: 0 });
  });
});

async function listNames(type: StoreObject['type']): Promise<readonly string[]> {
  const listed = await plain.list(type);
  return listed.ok ? listed.value.map(({ name }) => name) : [];
}
