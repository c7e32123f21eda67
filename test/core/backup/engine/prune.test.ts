import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keptBy } from '../../../../shared/backup/retention.ts';
import {
  type EngineJob,
  type EngineProblem,
  runEngine,
} from '../../../../electron/core/backup/engine/engine.ts';
import { createFolderRepositoryStore } from '../../../../electron/core/backup/repository/folder-repository-store.ts';
import {
  type IndexFile,
  indexFile,
  loadIndex,
  loadSnapshots,
  openRepository,
} from '../../../../electron/core/backup/repository/repository.ts';
import type { RepositoryStore } from '../../../../electron/core/backup/repository/repository-store.ts';
import {
  loadUnpacked,
  saveUnpacked,
} from '../../../../electron/core/backup/repository/unpacked.ts';
import { compareTrees } from '../../../../electron/headless/compare-trees.ts';
import { scratch } from '../../../fakes/homes.ts';
import { initCheaply } from '../../../fakes/init-cheaply.ts';
import {
  createMemoryRepositoryStore,
  type MemoryRepositoryStore,
} from '../../../fakes/memory-repository-store.ts';
import { hasProgram, restic } from '../../../fakes/programs.ts';

const PASSWORD = 'a password of the test';
let place: Awaited<ReturnType<typeof scratch>>;
let source: string;
let runs = 0;

beforeEach(async () => {
  place = await scratch();
  source = join(place.folder, 'source');
  mkdirSync(source);
});
afterEach(() => place.remove());

async function run(job: EngineJob, store: RepositoryStore) {
  const problems: EngineProblem[] = [];
  runs += 1;
  const result = await runEngine(job, {
    store,
    password: PASSWORD,
    // A cache of its own: what is read comes from the store.
    cache: join(place.folder, `cache ${runs}`),
    tools: {
      signal: new AbortController().signal,
      progress: () => undefined,
      problem: (problem) => problems.push(problem),
    },
  });
  return { result, problems };
}

async function backup(store: RepositoryStore): Promise<string> {
  const rules = { exclude: [], caches: false, maxFileBytes: null };
  const job = { kind: 'backup', folders: [source], rules, leaveOut: [], hostname: 'test' } as const;
  const { result } = await run(job, store);
  if (!result.ok) throw new Error(JSON.stringify(result.fault));
  return String(result.value['snapshot']);
}

const PRUNE = {
  kind: 'prune',
  keep: undefined,
  forget: [],
  onlyForget: false,
  repackShare: 0.1,
} as const satisfies EngineJob;

async function expectWhole(store: RepositoryStore): Promise<void> {
  const checked = await run({ kind: 'check', readData: true }, store);
  expect(checked.problems).toEqual([]);
  expect(checked.result).toMatchObject({ ok: true, value: { problems: 0 } });
}

async function expectRestored(
  store: RepositoryStore,
  snapshot: string,
  like: string,
): Promise<void> {
  const to = join(place.folder, `out ${runs}`);
  const job = { snapshot, to, paths: undefined, conflict: undefined, archive: false } as const;
  const back = await run({ kind: 'restore', ...job, journal: undefined }, store);
  expect(back.result.ok).toBe(true);
  expect((await compareTrees(like, join(to, 'source'))).differences).toEqual([]);
  rmSync(to, { recursive: true });
}

function bytesOf(store: MemoryRepositoryStore): number {
  return [...store.objects.values()].reduce((sum, { length }) => sum + length, 0);
}

function copyOf(store: MemoryRepositoryStore): MemoryRepositoryStore {
  const copy = createMemoryRepositoryStore();
  for (const [name, bytes] of store.objects) copy.objects.set(name, bytes);
  return copy;
}

/** Three states of a folder, each with something of its own, and a copy of each on the disk. */
async function threeStates(store: RepositoryStore) {
  const states: { readonly snapshot: string; readonly like: string }[] = [];
  for (let state = 0; state < 3; state += 1) {
    for (let file = 0; file < 12; file += 1)
      writeFileSync(join(source, `${state} ${file}`), randomBytes(20_000));
    if (state > 0)
      for (let file = 0; file < 6; file += 1) rmSync(join(source, `${state - 1} ${file}`));
    const like = join(place.folder, `like ${state}`);
    execFileSync('cp', ['-a', source, like]);
    states.push({ snapshot: await backup(store), like });
  }
  return states;
}

describe('prune', () => {
  test('gives back what only forgotten snapshots had, and nothing else', async () => {
    const store = createMemoryRepositoryStore();
    await initCheaply(store, PASSWORD);
    writeFileSync(join(source, 'stays'), randomBytes(3_000_000));
    writeFileSync(join(source, 'goes'), randomBytes(25_000_000));
    const first = await backup(store);
    rmSync(join(source, 'goes'));
    const second = await backup(store);
    const before = bytesOf(store);
    const pruned = await run({ ...PRUNE, forget: [first], repackShare: 1 }, store);
    expect(pruned.result).toMatchObject({ ok: true, value: { snapshots: 1, forgotten: 1 } });
    expect(before - bytesOf(store)).toBeGreaterThan(24_000_000);
    expect(bytesOf(store)).toBeLessThan(3_500_000);
    await expectWhole(store);
    await expectRestored(store, second, source);
    const again = await run({ ...PRUNE, repackShare: 1 }, store);
    expect(again.result).toMatchObject({ value: { packsRemoved: 0, packsRewritten: 0 } });
  });

  test('of half a repository rewrites at most a tenth of what stays', async () => {
    const store = createMemoryRepositoryStore();
    await initCheaply(store, PASSWORD);
    for (let file = 0; file < 200; file += 1)
      writeFileSync(join(source, `${file}`.padStart(3, '0')), randomBytes(500_000));
    const first = await backup(store);
    // Every second file: each pack is half needed.
    for (let file = 0; file < 200; file += 2) rmSync(join(source, `${file}`.padStart(3, '0')));
    const second = await backup(store);
    const pruned = await run({ ...PRUNE, forget: [first] }, store);
    if (!pruned.result.ok) throw new Error(pruned.result.fault.code);
    expect(Number(pruned.result.value['bytesRewritten'])).toBeLessThanOrEqual(5_100_000);
    await expectWhole(store);
    await expectRestored(store, second, source);
    // By and by it all comes back.
    for (let time = 0; time < 12; time += 1) await run({ ...PRUNE, repackShare: 0.3 }, store);
    expect(bytesOf(store)).toBeLessThan(50_000_000 * 1.06);
    await expectWhole(store);
  });

  test('can be cut off at any moment: every snapshot that is there comes back, and the next run finishes', async () => {
    const whole = createMemoryRepositoryStore();
    await initCheaply(whole, PASSWORD);
    const states = await threeStates(whole);
    const job = { ...PRUNE, forget: [states[0]?.snapshot ?? ''], repackShare: 1 } as const;
    let isDone = false;
    for (let cut = 0; !isDone; cut += 1) {
      const store = copyOf(whole);
      let writes = 0;
      store.onCall = (call, { type }) => {
        if (type === 'locks' || (call !== 'save' && call !== 'remove')) return undefined;
        writes += 1;
        return writes > cut ? { code: 'unreachable', detail: 'cut off' } : undefined;
      };
      const first = await run(job, store);
      isDone = first.result.ok;
      store.onCall = () => undefined;
      const opened = await openRepository(store, PASSWORD);
      if (!opened.ok) throw new Error(opened.fault.code);
      const left = await loadSnapshots(opened.value);
      if (!left.ok) throw new Error(left.fault.code);
      expect(left.value.length).toBeGreaterThanOrEqual(2);
      await expectWhole(store);
      const next = await run({ ...PRUNE, forget: job.forget, repackShare: 1 }, store);
      expect(next.result.ok).toBe(true);
      await expectWhole(store);
      // Nothing that the cut left behind stays for ever.
      const settled = await loadIndex(opened.value);
      if (!settled.ok) throw new Error(settled.fault.code);
      const named = new Set(settled.value.packs.map(({ name }) => `data/${name}`));
      const there = [...store.objects.keys()].filter((key) => key.startsWith('data/'));
      expect(there.every((key) => named.has(key))).toBe(true);
      if (cut % 5 === 0)
        for (const { snapshot, like } of states.slice(1))
          await expectRestored(store, snapshot, like);
    }
  });

  test('a pack that two indexes list, after an interruption, is not taken for two', async () => {
    const store = createMemoryRepositoryStore();
    await initCheaply(store, PASSWORD);
    writeFileSync(join(source, 'a'), randomBytes(100_000));
    const snapshot = await backup(store);
    const opened = await openRepository(store, PASSWORD);
    if (!opened.ok) throw new Error(opened.fault.code);
    const index = await loadIndex(opened.value);
    if (!index.ok) throw new Error(index.fault.code);
    const packs = index.value.packs.map(({ name }, pack) => ({
      id: name,
      blobs: Array.from({ length: index.value.blobs.slots }, (_, slot) =>
        index.value.blobs.at(slot),
      )
        .filter((blob) => blob !== undefined && blob.pack === pack)
        .map((blob) => ({
          id: blob?.id.toString('hex'),
          type: blob?.type,
          offset: blob?.offset,
          length: blob?.length,
          ...(blob?.plainLength === 0 ? {} : { uncompressed_length: blob?.plainLength }),
        })),
    }));
    await saveUnpacked(store, opened.value.key, { type: 'index', content: { packs } });
    const pruned = await run({ ...PRUNE, repackShare: 1 }, store);
    expect(pruned.result).toMatchObject({ ok: true, value: { packsRemoved: 0 } });
    await expectRestored(store, snapshot, source);
  });

  test('an index that another one replaced does not come back to life with packs that are gone', async () => {
    const store = createMemoryRepositoryStore();
    await initCheaply(store, PASSWORD);
    const [one] = await threeStates(store);
    const opened = await openRepository(store, PASSWORD);
    if (!opened.ok) throw new Error(opened.fault.code);
    const { key } = opened.value;
    const names = [...store.objects.keys()].flatMap((each) =>
      each.startsWith('index/') ? [each.slice('index/'.length)] : [],
    );
    // As restic leaves them when it is cut off: the new one is there, and those that it replaces still are.
    let packs: IndexFile['packs'] = [];
    for (const name of names) {
      const file = await loadUnpacked(store, key, { type: 'index', name });
      packs = [...packs, ...indexFile.parse(file.ok ? file.value : undefined).packs];
    }
    const [stray = '', ...supersedes] = names;
    const ghost = { id: 'ab'.repeat(32), blobs: packs[0]?.blobs ?? [] };
    const content = { packs: [...packs, ghost] };
    const old = await saveUnpacked(store, key, { type: 'index', content });
    if (!old.ok) throw new Error(old.fault.code);
    const all = [old.value.name, stray, ...supersedes];
    await saveUnpacked(store, key, { type: 'index', content: { packs, supersedes: all } });
    const pruned = await run({ ...PRUNE, forget: [one?.snapshot ?? ''], repackShare: 1 }, store);
    expect(pruned.result.ok).toBe(true);
    await expectWhole(store);
    const index = await loadIndex(opened.value);
    const known = index.ok ? index.value.packs.map(({ name }) => name) : [];
    expect(known.filter((name) => !store.objects.has(`data/${name}`))).toEqual([]);
  });

  test.each(['old', 'new'])(
    'what lies in two packs comes back though the %s one is rotten',
    async (rotten) => {
      const store = createMemoryRepositoryStore();
      await initCheaply(store, PASSWORD);
      const [one, two] = await threeStates(store);
      const before = copyOf(store);
      await run({ ...PRUNE, forget: [one?.snapshot ?? ''], repackShare: 1 }, store);
      const packs = (of: MemoryRepositoryStore) =>
        new Set([...of.objects.keys()].filter((key) => key.startsWith('data/')));
      const gone = [...packs(before)].filter((key) => !packs(store).has(key));
      const came = [...packs(store)].filter((key) => !packs(before).has(key));
      expect(gone.length > 0 && came.length > 0).toBe(true);
      // A copy that was away comes back with what the prune has moved.
      for (const [key, bytes] of before.objects)
        if (!key.startsWith('snapshots/')) store.objects.set(key, bytes);
      for (const key of rotten === 'old' ? gone : came)
        store.objects.set(key, new Uint8Array(store.objects.get(key)?.length ?? 0));
      await expectRestored(store, two?.snapshot ?? '', two?.like ?? '');
    },
  );

  test('removes nothing where something that is needed is missing', async () => {
    const store = createMemoryRepositoryStore();
    await initCheaply(store, PASSWORD);
    const [one, two] = await threeStates(store);
    const packs = [...store.objects.keys()].filter((key) => key.startsWith('data/'));
    const lost = packs.toSorted(
      (a, b) => (store.objects.get(b)?.length ?? 0) - (store.objects.get(a)?.length ?? 0),
    )[0];
    store.objects.delete(lost ?? '');
    const before = [...store.objects.keys()].filter((key) => !key.startsWith('snapshots/'));
    const pruned = await run({ ...PRUNE, forget: [one?.snapshot ?? ''], repackShare: 1 }, store);
    expect(pruned.result).toMatchObject({ ok: false, fault: { code: 'damaged' } });
    expect([...store.objects.keys()].filter((key) => !key.startsWith('snapshots/'))).toEqual(
      before,
    );
    expect(two).toBeDefined();
  });

  test('goes on where contents were given up, and touches nothing that they may be in', async () => {
    const store = createMemoryRepositoryStore();
    await initCheaply(store, PASSWORD);
    const [one, two] = await threeStates(store);
    const opened = await openRepository(store, PASSWORD);
    if (!opened.ok) throw new Error(opened.fault.code);
    const index = await loadIndex(opened.value);
    if (!index.ok) throw new Error(index.fault.code);
    // The contents of the second state alone; as if nobody had them any more.
    const pack = index.value.packs.filter(({ type }) => type === 'data')[1];
    if (pack === undefined) throw new Error('no pack');
    const bytes = store.objects.get(`data/${pack.name}`);
    store.objects.delete(`data/${pack.name}`);
    const job = { kind: 'drop', packs: [pack.name], reindex: false } as const;
    expect((await run(job, store)).result.ok).toBe(true);
    store.objects.set(`data/${pack.name}`, bytes ?? new Uint8Array());
    const pruned = await run({ ...PRUNE, forget: [one?.snapshot ?? ''] }, store);
    expect(pruned.result).toMatchObject({ ok: true });
    expect(Number(pruned.result.ok && pruned.result.value['packsRemoved'])).toBeGreaterThan(0);
    expect(store.objects.has(`data/${pack.name}`)).toBe(true);
    await run({ kind: 'drop', packs: [], reindex: true }, store);
    await expectRestored(store, two?.snapshot ?? '', two?.like ?? '');
  });

  test('leaves a pack with a wrong byte as it is and says so, instead of carrying the damage on', async () => {
    const store = createMemoryRepositoryStore();
    await initCheaply(store, PASSWORD);
    const [one] = await threeStates(store);
    for (const [key, bytes] of store.objects) {
      if (!key.startsWith('data/') || bytes.length < 200_000) continue;
      const wrong = new Uint8Array(bytes);
      for (let at = 1000; at < wrong.length - 5000; at += 10_000) wrong[at] = (wrong[at] ?? 0) ^ 1;
      store.objects.set(key, wrong);
    }
    const pruned = await run({ ...PRUNE, forget: [one?.snapshot ?? ''], repackShare: 1 }, store);
    expect(pruned.problems.map(({ code }) => code)).toContain('pack-damaged');
    expect(pruned.result).toMatchObject({ ok: true, value: { packsRewritten: 0 } });
  });

  test('waits for nobody who still works there, and clears away the locks of the dead', async () => {
    const store = createMemoryRepositoryStore();
    await initCheaply(store, PASSWORD);
    writeFileSync(join(source, 'a'), 'a');
    await backup(store);
    const opened = await openRepository(store, PASSWORD);
    if (!opened.ok) throw new Error(opened.fault.code);
    const lock = async (content: Record<string, unknown>) =>
      saveUnpacked(store, opened.value.key, { type: 'locks', content });
    const now = new Date().toISOString();
    await lock({ time: now, exclusive: false, hostname: 'elsewhere', pid: 12 });
    const refused = await run(PRUNE, store);
    expect(refused.result).toEqual({ ok: false, fault: { code: 'locked', by: 'elsewhere' } });
    for (const key of store.objects.keys()) if (key.startsWith('locks/')) store.objects.delete(key);
    const long = new Date(Date.now() - 3_600_000).toISOString();
    const ahead = new Date(Date.now() + 400 * 86_400_000).toISOString();
    await lock({ time: long, exclusive: true, hostname: 'elsewhere', pid: 12 });
    await lock({ time: ahead, exclusive: true, hostname: 'elsewhere', pid: 12 });
    expect((await run(PRUNE, store)).result.ok).toBe(true);
    expect([...store.objects.keys()].filter((key) => key.startsWith('locks/'))).toEqual([]);
  });

  test('a plot that is full lets go of what nobody needs, and moves nothing', async () => {
    const store = createMemoryRepositoryStore();
    await initCheaply(store, PASSWORD);
    const [one] = await threeStates(store);
    store.onCall = (call, { type }) =>
      call === 'save' && type === 'data' ? { code: 'plot-full' } : undefined;
    const pruned = await run({ ...PRUNE, forget: [one?.snapshot ?? ''], repackShare: 1 }, store);
    expect(pruned.result).toMatchObject({ ok: true, value: { stoppedFull: 1 } });
    store.onCall = () => undefined;
    await expectWhole(store);
  });
});

describe.skipIf(!hasProgram('restic'))('prune beside stock restic', () => {
  test('forgets and prunes what restic wrote, and restic finds nothing wrong', async () => {
    const folder = join(place.folder, 'repository');
    expect((await restic(folder, ['init'], { password: PASSWORD })).code).toBe(0);
    const daysBetween = [0.1, 3, 12, 0.5, 7, 19, 1, 0.2, 30, 2, 14, 0.3, 1, 6];
    let atMs = Date.parse('2026-01-03T10:00:00Z');
    for (const [step, days] of daysBetween.entries()) {
      writeFileSync(join(source, `${step % 4}`), randomBytes(60_000));
      atMs += days * 86_400_000;
      const time = new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
      const ended = await restic(folder, ['backup', '--time', time, source], {
        password: PASSWORD,
      });
      expect(ended.code).toBe(0);
    }
    const store = createFolderRepositoryStore(folder);
    const opened = await openRepository(store, PASSWORD);
    if (!opened.ok) throw new Error(opened.fault.code);
    const all = await loadSnapshots(opened.value);
    if (!all.ok) throw new Error(all.fault.code);
    const keep = { last: 2, hourly: 0, daily: 3, weekly: 4, monthly: 5, yearly: 1 };
    const flags = ['-l2', '-d3', '-w4', '-m5', '-y1'];
    const said = await restic(folder, ['forget', '--dry-run', '--json', ...flags], {
      password: PASSWORD,
    });
    const groups = JSON.parse(said.output.slice(said.output.indexOf('['))) as {
      readonly keep: readonly { readonly id: string }[];
    }[];
    const byRestic = groups.flatMap(({ keep: kept }) => kept.map(({ id }) => id)).toSorted();
    const byUs = keptBy(keep, all.value, Date.now())
      .map(({ id }) => id)
      .toSorted();
    expect(byUs).toEqual(byRestic);
    const pruned = await run({ ...PRUNE, keep, repackShare: 1 }, store);
    expect(pruned.result).toMatchObject({ ok: true, value: { snapshots: byUs.length } });
    const checked = await restic(folder, ['check', '--read-data'], { password: PASSWORD });
    expect(checked).toMatchObject({ code: 0 });
    const out = join(place.folder, 'by restic');
    const restored = await restic(folder, ['restore', 'latest', '--target', out], {
      password: PASSWORD,
    });
    expect(restored.code).toBe(0);
    expect((await compareTrees(source, join(out, source))).differences).toEqual([]);
    // And the other way round: restic prunes what we wrote, and we go on.
    writeFileSync(join(source, 'ours'), randomBytes(200_000));
    const ours = await backup(store);
    rmSync(join(source, 'ours'));
    const last = await backup(store);
    const byHand = await restic(folder, ['forget', ours.slice(0, 12), '--prune'], {
      password: PASSWORD,
    });
    expect(byHand.code).toBe(0);
    await expectWhole(store);
    await expectRestored(store, last, source);
  });
});
