import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createExporter } from '../../../../electron/core/backup/export/export.ts';
import { runEngine } from '../../../../electron/core/backup/engine/engine.ts';
import type { JobControl } from '../../../../electron/core/backup/jobs.ts';
import { createFolderRepositoryStore } from '../../../../electron/core/backup/repository/folder-repository-store.ts';
import { openRepository } from '../../../../electron/core/backup/repository/repository.ts';
import type { RepositoryStore } from '../../../../electron/core/backup/repository/repository-store.ts';
import { seal } from '../../../../electron/core/backup/repository/sealing.ts';
import type { BackupSet } from '../../../../electron/core/backup/set-book.ts';
import type { Target } from '../../../../electron/core/backup/targets.ts';
import type { Sentence } from '../../../../shared/contract/views.ts';
import { backupPlan, PLAN_AT_FIRST } from '../../../../shared/model/backup-plan.ts';
import { ok } from '../../../../shared/result.ts';
import { backupOf, PASSWORD, runJob } from '../../../fakes/handmade-repository.ts';
import { scratch } from '../../../fakes/homes.ts';
import { initCheaply } from '../../../fakes/init-cheaply.ts';
import { createMemoryPapers } from '../../../fakes/memory-papers.ts';
import {
  createMemoryRepositoryStore,
  type MemoryRepositoryStore,
} from '../../../fakes/memory-repository-store.ts';

const plan = backupPlan.parse(PLAN_AT_FIRST);
const set = { name: 'Documents', folders: [], repository: undefined, plan } as unknown as BackupSet;

let place: Awaited<ReturnType<typeof scratch>>;
let source: string;
let disk: string;
let ben: MemoryRepositoryStore;
let others: BackupSet[];
let known: string[];
let problems: Sentence[];

beforeEach(async () => {
  place = await scratch();
  source = join(place.folder, 'source');
  disk = join(place.folder, 'disk');
  await mkdir(source);
  await mkdir(disk);
  ben = createMemoryRepositoryStore();
  await initCheaply(ben, PASSWORD);
  others = [];
  known = [];
  problems = [];
});
afterEach(() => place.remove());

async function backUp(text: string): Promise<string> {
  await writeFile(join(source, 'letter'), text);
  const { result } = await runJob(ben, backupOf(source), place.folder);
  if (!result.ok) throw new Error(result.fault.code);
  return String(result.value['snapshot']);
}

function copyOf(store: MemoryRepositoryStore): MemoryRepositoryStore {
  const copy = createMemoryRepositoryStore();
  for (const [name, bytes] of store.objects) copy.objects.set(name, bytes);
  return copy;
}

async function exportFrom(stores: readonly RepositoryStore[], wish = set) {
  const control: JobControl = {
    signal: new AbortController().signal,
    progress: () => undefined,
    problem: (sentence) => problems.push(sentence),
  };
  const targets = stores.map(
    (store, at) =>
      ({ name: `friend ${at}`, store, host: { owner: at }, plot: at }) as unknown as Target,
  );
  const exporter = createExporter({
    password: PASSWORD,
    targets: { of: async () => ok({ targets, unseen: 0 }) },
    run: (job, store, tools) =>
      runEngine(job, {
        store,
        password: PASSWORD,
        cache: join(place.folder, 'cache'),
        tools: { ...tools, problem: ({ code }) => tools.problem({ key: code, params: {} }) },
      }),
    sets: { sets: async () => [wish, ...others], setRepository: async () => undefined },
    copies: {
      copiesOf: async () => [],
      snapshots: async () => known.map((name) => ({ name, sequence: 1 })),
    },
    starts: { keepStart: async () => undefined },
    papersAt: () => createMemoryPapers(),
    addressBook: async () => Buffer.from('an address book'),
    leaveOut: () => [],
    name: () => 'Laptop',
  });
  return exporter.run(wish, disk, control);
}

const onDisk = () => createFolderRepositoryStore(disk);
async function restored(snapshot: string) {
  const to = join(place.folder, `out of ${snapshot.slice(0, 8)}`);
  const wish = { kind: 'restore', snapshot, to } as const;
  const unset = { paths: undefined, conflict: undefined, archive: false, journal: undefined };
  const { result } = await runJob(onDisk(), { ...wish, ...unset }, place.folder);
  return result;
}
const packs = (store: MemoryRepositoryStore) =>
  [...store.objects.keys()].filter((each) => each.startsWith('data/'));

describe('what lies on a disk', () => {
  test.each([
    ['and the newest backup is known', true],
    ['and this computer knows of no backups yet', false],
  ])('stays when only a friend is there who was away since, %s', async (_what, isKnown) => {
    const first = await backUp('first');
    const ana = copyOf(ben);
    const second = await backUp('second');
    if (isKnown) known = [first, second];
    expect(await exportFrom([ben])).toMatchObject({ ok: true });
    expect(await exportFrom([ana])).toMatchObject({ ok: true, value: { removed: 0 } });
    expect(await restored(second)).toMatchObject({ ok: true, value: { files: 1, filesFailed: 0 } });
    expect(problems.map(({ key }) => key)).toContain('problem.disk-has-more');
    expect(problems.some(({ key }) => key === 'problem.copy-behind')).toBe(isKnown);
  });

  test('stays when a friend conceals what a backup needs', async () => {
    const first = await backUp('first');
    known = [first];
    expect(await exportFrom([ben])).toMatchObject({ ok: true });
    for (const type of ['data', 'index']) {
      const liar = copyOf(ben);
      for (const name of liar.objects.keys())
        if (name.startsWith(`${type}/`)) liar.objects.delete(name);
      expect(await exportFrom([liar])).toMatchObject({ ok: true, value: { removed: 0 } });
    }
    expect(await restored(first)).toMatchObject({ ok: true, value: { files: 1, filesFailed: 0 } });
  });

  test('goes when it was let go of at the friend’s, and nothing there needs it', async () => {
    const first = await backUp('first');
    const second = await backUp('second');
    known = [first, second];
    expect(await exportFrom([ben])).toMatchObject({ ok: true });
    ben.objects.delete(`snapshots/${first}`);
    known = [second];
    expect(await exportFrom([ben])).toMatchObject({ ok: true, value: { removed: 1 } });
    expect(problems).toEqual([]);
    expect(await restored(second)).toMatchObject({ ok: true, value: { filesFailed: 0 } });
    expect(await restored(first)).toMatchObject({ fault: { code: 'snapshot-unknown' } });
  });

  test('stays whole when the friend has only a part of it left', async () => {
    const first = await backUp('first');
    expect(await exportFrom([ben])).toMatchObject({ ok: true });
    for (const name of packs(ben))
      ben.objects.set(name, (ben.objects.get(name) ?? new Uint8Array()).subarray(0, 50));
    expect(await exportFrom([ben])).toMatchObject({ ok: true });
    expect(await restored(first)).toMatchObject({ ok: true, value: { files: 1, filesFailed: 0 } });
  });
});

test('what a friend has made up goes on no disk, nor stays there', async () => {
  await backUp('first');
  const made = seal(
    { encrypt: randomBytes(32), macK: randomBytes(16), macR: randomBytes(16) },
    Buffer.from('{"packs":[]}'),
  );
  const name = createHash('sha256').update(made).digest('hex');
  await ben.save({ type: 'index', name }, [made]);
  for (const isThere of [false, true]) {
    if (isThere) await onDisk().save({ type: 'index', name }, [made]);
    expect(await exportFrom([ben])).toMatchObject({ ok: true, value: { missing: 0 } });
    const listed = await onDisk().list('index');
    expect(listed.ok && listed.value.map((each) => each.name)).not.toContain(name);
  }
});

test('the disk of one set is not taken for another’s', async () => {
  await backUp('first');
  expect(await exportFrom([ben])).toMatchObject({ ok: true });
  const opened = await openRepository(onDisk(), PASSWORD);
  const id = opened.ok ? opened.value.id : '';
  others = [{ ...set, name: 'Photos', repository: id }];
  const papers = { ...set, name: 'Papers', folders: [source] };
  expect(await exportFrom([], papers)).toMatchObject({ fault: { code: 'folder-not-empty' } });
});

test('a disk without its address book is not finished', async () => {
  await backUp('first');
  await mkdir(join(disk, 'allotment-address-book'));
  await writeFile(join(disk, 'allotment-export'), 'begun\n');
  expect(await exportFrom([ben])).toMatchObject({ ok: false });
  await rm(join(disk, 'allotment-address-book'), { recursive: true });
  expect(await exportFrom([ben])).toMatchObject({ ok: true });
});
