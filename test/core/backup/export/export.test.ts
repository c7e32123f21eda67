import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  beginRepository,
  type DiskStart,
} from '../../../../electron/core/backup/export/disk-start.ts';
import { createExporter } from '../../../../electron/core/backup/export/export.ts';
import { stepsTo } from '../../../../electron/core/backup/export/export-steps.ts';
import { KEPT_TYPES, type Listing } from '../../../../electron/core/backup/copies/plan.ts';
import { underLock } from '../../../../electron/core/backup/repository/lock.ts';
import { createFolderRepositoryStore } from '../../../../electron/core/backup/repository/folder-repository-store.ts';
import {
  initRepository,
  openRepository,
} from '../../../../electron/core/backup/repository/repository.ts';
import {
  storeObjectTypes,
  type RepositoryStore,
  type StoreObjectType,
} from '../../../../electron/core/backup/repository/repository-store.ts';
import { type MasterKey, seal } from '../../../../electron/core/backup/repository/sealing.ts';
import type { BackupSet } from '../../../../electron/core/backup/set-book.ts';
import type { Target } from '../../../../electron/core/backup/targets.ts';
import type { JobControl } from '../../../../electron/core/backup/jobs.ts';
import { fault, type Fault } from '../../../../shared/fault.ts';
import { backupPlan, PLAN_AT_FIRST } from '../../../../shared/model/backup-plan.ts';
import type { Sentence } from '../../../../shared/contract/views.ts';
import { failed, ok } from '../../../../shared/result.ts';
import { scratch, until } from '../../../fakes/homes.ts';
import { createMemoryPapers } from '../../../fakes/memory-papers.ts';
import {
  createMemoryRepositoryStore,
  type MemoryRepositoryStore,
} from '../../../fakes/memory-repository-store.ts';
import { fc } from '../../../fakes/properties.ts';

const password = 'the password of Ana';
const set = { name: 'Documents', folders: [], repository: undefined } as unknown as BackupSet;

let place: Awaited<ReturnType<typeof scratch>>;
let disk: string;
let friend: MemoryRepositoryStore;
let other: MemoryRepositoryStore;
let problems: Sentence[];
let lost: Fault[];
let repositories: string[];
let starts: DiskStart[];
let key: MasterKey;

beforeEach(async () => {
  place = await scratch();
  disk = join(place.folder, 'usb', 'backup');
  await mkdir(join(place.folder, 'usb'));
  friend = createMemoryRepositoryStore();
  const begun = await initRepository(friend, password);
  if (!begun.ok) throw new Error(begun.fault.code);
  key = begun.value.key;
  for (const type of ['data', 'data', 'data'] as const) await put(friend, type, randomBytes(2000));
  for (const type of ['index', 'snapshots'] as const) await put(friend, type, sealed());
  other = createMemoryRepositoryStore();
  for (const [name, bytes] of friend.objects) other.objects.set(name, bytes);
  problems = [];
  lost = [];
  repositories = [];
  starts = [];
});
afterEach(() => place.remove());

const sealed = () => seal(key, randomBytes(2000));

async function put(to: RepositoryStore, type: StoreObjectType, bytes: Buffer): Promise<string> {
  const name = createHash('sha256').update(bytes).digest('hex');
  await to.save({ type, name }, [bytes]);
  return name;
}

function targetOf(name: string, store: RepositoryStore): Target {
  return {
    name,
    store,
    host: { owner: name },
    plot: 'a',
    refusal: () => undefined,
  } as unknown as Target;
}

function exporter(stores: readonly RepositoryStore[] = [friend, other]) {
  const targets = stores.map((store, at) => targetOf(at === 0 ? 'Ben' : 'Carl', store));
  const papers = createMemoryPapers();
  papers.kept.set('manifest', Buffer.from('a manifest'));
  return createExporter({
    password,
    targets: {
      of: async (_set, { onLost }) => {
        for (const each of lost) onLost(each);
        return targets.length > 0
          ? ok({ targets, unseen: lost.length })
          : failed(lost[0] ?? fault('nobody-keeps', { set: set.name }));
      },
    },
    run: async ({ kind }, store) => {
      if (kind === 'check') return ok({ problems: 0 });
      await put(store, 'data', Buffer.from('backed up'));
      return ok({ files: 1 });
    },
    sets: {
      sets: async () => [],
      setRepository: async ({ repository }) => void repositories.push(repository),
    },
    copies: { copiesOf: async () => [], snapshots: async () => [] },
    starts: { keepStart: async ({ start }) => void starts.push(start) },
    papersAt: () => papers,
    addressBook: async () => Buffer.from('an address book'),
    leaveOut: () => [join(place.folder, 'home')],
    name: () => 'Laptop',
  });
}

const control = (signal = new AbortController().signal): JobControl => ({
  signal,
  progress: () => undefined,
  problem: (sentence) => problems.push(sentence),
});

async function run(made = exporter(), wish: BackupSet = set, how = control()) {
  const folder = await made.prepare(disk);
  return folder.ok ? made.run(wish, folder.value, how) : folder;
}

/** All that lies in a store, by type and name. */
async function listed(store: RepositoryStore): Promise<readonly string[]> {
  const all: string[] = [];
  for (const type of storeObjectTypes) {
    const found = await store.list(type);
    for (const { name, sizeBytes } of found.ok && type !== 'locks' ? found.value : [])
      all.push(`${type}/${name} ${sizeBytes}`);
  }
  return all.sort();
}

const onDisk = () => listed(createFolderRepositoryStore(disk));

describe('a set on a disk', () => {
  test('is the whole repository, byte for byte, with its papers beside it', async () => {
    expect(await run()).toMatchObject({ ok: true, value: { objects: 7, removed: 0, missing: 0 } });
    expect(await onDisk()).toEqual(await listed(friend));
    expect((await readdir(disk)).sort()).toEqual([
      'allotment-address-book',
      'allotment-manifest',
      'config',
      'data',
      'index',
      'keys',
      'snapshots',
    ]);
    // Nothing of it is left at the friend's.
    expect((await friend.list('locks')).ok && (await friend.list('locks'))).toMatchObject({
      value: [],
    });
  });

  test('that was cut off is no repository yet, and goes on where it was', async () => {
    let loads = 0;
    friend.onCall = (call, { type }) => {
      if (call !== 'load' || type !== 'data') return undefined;
      loads += 1;
      return loads > 1 ? { code: 'unreachable', detail: 'away' } : undefined;
    };
    expect(await run(exporter([friend]))).toMatchObject({
      fault: { code: 'unreachable', params: { friend: 'Ben' } },
    });
    const half = await onDisk();
    expect(half.some((each) => each.startsWith('config'))).toBe(false);
    expect(half.filter((each) => each.startsWith('data'))).toHaveLength(1);
    friend.onCall = () => undefined;
    const again = await run(exporter([friend]));
    expect(again).toMatchObject({ value: { objects: 5 } });
    expect(await onDisk()).toEqual(await listed(friend));
    expect(await readdir(disk)).not.toContain('allotment-export');
  });

  test('waits for a prune that is under way', async () => {
    const opened = await openRepository(friend, password);
    if (!opened.ok) throw new Error(opened.fault.code);
    const pruned = Promise.withResolvers<undefined>();
    const pruning = underLock(
      opened.value,
      async () => {
        await pruned.promise;
        return ok(undefined);
      },
      { exclusive: true },
    );
    await until(() =>
      [...friend.objects.keys()].some((each) => each.startsWith('locks/')) ? true : undefined,
    );
    const exporting = run(exporter([friend]));
    let locks = 0;
    friend.onCall = (call, { type }) => {
      // Its own lock comes and goes: it has seen that somebody is at work.
      if (call === 'remove' && type === 'locks') locks += 1;
      if (locks === 1) pruned.resolve(undefined);
      return undefined;
    };
    expect(await exporting).toMatchObject({ value: { objects: 7 } });
    await pruning;
  });

  test('is cancelled soon, without a config', async () => {
    const stop = new AbortController();
    friend.onCall = (call) => {
      if (call === 'load') stop.abort();
      return undefined;
    };
    const ended = await run(exporter([friend]), set, control(stop.signal));
    expect(ended).toMatchObject({ fault: { code: 'cancelled' } });
    expect((await onDisk()).some((each) => each.startsWith('config'))).toBe(false);
  });

  test('is brought up to date, with what was deleted since', async () => {
    await run();
    const [gone = ''] = [...friend.objects.keys()].filter((each) => each.startsWith('data/'));
    friend.objects.delete(gone);
    await put(friend, 'data', randomBytes(50));
    await put(friend, 'snapshots', sealed());
    expect(await run(exporter([friend]))).toMatchObject({ value: { objects: 2, removed: 1 } });
    expect(await onDisk()).toEqual(await listed(friend));
  });

  test('mends what is shorter there than it should be', async () => {
    await run();
    const [pack = ''] = [...friend.objects.keys()].filter((each) => each.startsWith('data/'));
    const name = pack.slice('data/'.length);
    const file = join(disk, 'data', name.slice(0, 2), name);
    await rm(file);
    await writeFile(file, '');
    await truncate(file, 7);
    expect(await run()).toMatchObject({ value: { objects: 1 } });
    expect(await onDisk()).toEqual(await listed(friend));
  });

  test('gets from another friend what one has not, or has wrong', async () => {
    const packs = [...friend.objects.keys()].filter((each) => each.startsWith('data/'));
    const [swapped = '', short = ''] = packs;
    friend.objects.set(swapped, randomBytes(2000));
    friend.objects.set(short, randomBytes(2000));
    expect(await run()).toMatchObject({ value: { objects: 7, missing: 0 } });
    expect(await onDisk()).toEqual(await listed(other));
    expect(problems).toEqual([]);
  });

  test('lacks what nobody has any more, which is said; the rest is there', async () => {
    const [pack = ''] = [...friend.objects.keys()].filter((each) => each.startsWith('data/'));
    friend.objects.set(pack, randomBytes(2000));
    other.objects.set(pack, randomBytes(2000));
    expect(await run()).toMatchObject({ value: { objects: 6, missing: 1 } });
    expect(problems).toMatchObject([{ key: 'problem.pack-missing' }]);
    expect((await onDisk()).some((each) => each.startsWith('config'))).toBe(true);
  });

  test.each([
    ['full of other things', () => writeFile(join(disk, 'photo.jpg'), 'x'), 'folder-not-empty'],
    [
      'another repository',
      () => initRepository(createFolderRepositoryStore(disk), password),
      'folder-not-empty',
    ],
    [
      'somebody else’s repository',
      () => initRepository(createFolderRepositoryStore(disk), 'another password'),
      'folder-not-empty',
    ],
    [
      'half of another set',
      () => writeFile(join(disk, 'allotment-export'), `${'0'.repeat(64)}\n`),
      'folder-not-empty',
    ],
  ])('never goes into a folder that is %s', async (_what, fill, code) => {
    await mkdir(disk);
    await fill();
    const before = await readdir(disk, { recursive: true });
    expect(await run()).toMatchObject({ fault: { code } });
    expect(await readdir(disk, { recursive: true })).toEqual(before);
  });

  test('goes into a disk with only what systems leave there, and never into our own store', async () => {
    await mkdir(join(disk, 'lost+found'), { recursive: true });
    await mkdir(join(disk, '.Trash-1000'));
    expect((await exporter().prepare(disk)).ok).toBe(true);
    await mkdir(join(place.folder, 'home', 'x'), { recursive: true });
    await symlink(join(place.folder, 'home'), join(place.folder, 'elsewhere'));
    for (const to of ['home', 'home/x', 'elsewhere/y', '.'])
      expect(await exporter().prepare(join(place.folder, to))).toMatchObject({
        fault: { code: 'folder-inside-store' },
      });
    await writeFile(join(place.folder, 'usb', 'file'), '');
    for (const [to, code] of [
      ['nowhere/at/all', 'folder-missing'],
      ['usb/file', 'not-a-folder'],
      ['usb/file/on', 'not-a-folder'],
    ] as const)
      expect(await exporter().prepare(join(place.folder, to))).toMatchObject({ fault: { code } });
  });
});

describe('a set that nobody keeps yet', () => {
  const fresh = { ...set, folders: [], plan: backupPlan.parse(PLAN_AT_FIRST) };

  test('is backed up straight to the disk, and again', async () => {
    expect(await run(exporter([]), fresh)).toMatchObject({ value: { files: 1 } });
    const [id = ''] = repositories;
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    const known = { ...fresh, repository: id };
    expect(await run(exporter([]), known)).toMatchObject({ value: { files: 1 } });
    expect((await onDisk()).filter((each) => each.startsWith('config'))).toHaveLength(1);
    // What is begun at a friend's then is the same repository.
    const plot = createMemoryRepositoryStore();
    const begun = await beginRepository(plot, { password, start: starts.at(-1) });
    expect(begun).toMatchObject({ ok: true, value: { id } });
    // On another disk it would be another repository.
    disk = join(place.folder, 'usb', 'second');
    expect(await run(exporter([]), known)).toMatchObject({ fault: { code: 'nobody-keeps' } });
  });

  test('whose beginning was cut off before its config was there is begun again', async () => {
    const keys = join(disk, 'keys');
    await mkdir(keys, { recursive: true });
    await writeFile(join(disk, 'allotment-export'), 'begun\n');
    const [orphan = ''] = [...friend.objects.keys()].filter((each) => each.startsWith('keys/'));
    await writeFile(join(disk, orphan), friend.objects.get(orphan) ?? '');
    expect(await run(exporter([]), fresh)).toMatchObject({ value: { files: 1 } });
    const [id] = repositories;
    const opened = await openRepository(createFolderRepositoryStore(disk), password);
    expect(opened).toMatchObject({ ok: true, value: { id } });
    expect((await readdir(keys)).length).toBe(2);
  });

  test('is not begun anew while somebody who may have it is away', async () => {
    lost = [fault('unreachable', { friend: 'Ben', detail: 'away' })];
    expect(await run(exporter([]), fresh)).toMatchObject({ fault: { code: 'unreachable' } });
    expect(repositories).toEqual([]);
  });
});

test('whatever two copies have, the steps make the second like the first', () => {
  const listing = fc
    .record(
      Object.fromEntries(
        KEPT_TYPES.map((type) => [
          type,
          fc.uniqueArray(
            fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 1, max: 2 })),
            {
              selector: ([name]) => name,
            },
          ),
        ]),
      ),
    )
    .map(
      (record) =>
        Object.fromEntries(
          Object.entries(record).map(([type, all]) => [type, new Map(all)]),
        ) as unknown as Listing,
    );
  fc.assert(
    fc.property(listing, listing, (wanted, there) => {
      const { add, broken, remove } = stepsTo(wanted, there);
      const result = Object.fromEntries(KEPT_TYPES.map((type) => [type, new Map(there[type])]));
      for (const { type, name } of [...broken, ...remove]) result[type]?.delete(name);
      for (const { type, name, sizeBytes } of add)
        if (type !== 'config' || result[type]?.has(name) === false)
          result[type]?.set(name, sizeBytes);
      for (const type of ['data', 'index', 'snapshots'] as const)
        expect(Object.fromEntries(result[type] ?? [])).toEqual(Object.fromEntries(wanted[type]));
      for (const [name] of wanted.keys) expect(result['keys']?.has(name)).toBe(true);
    }),
  );
});
