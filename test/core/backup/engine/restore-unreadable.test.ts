import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EngineProblem } from '../../../../electron/core/backup/engine/engine.ts';
import { createEngineHere, makeCheapRepository } from '../../../fakes/engine-here.ts';
import { scratch } from '../../../fakes/homes.ts';
import { createMemoryRepositoryStore } from '../../../fakes/memory-repository-store.ts';

/** What is damaged for good is in nobody's way who wants something else. */
const { objects, ...repository } = makeCheapRepository('a password');
const engine = createEngineHere(repository);
let place: Awaited<ReturnType<typeof scratch>>;
let store: ReturnType<typeof createMemoryRepositoryStore>;

beforeEach(async () => {
  place = await scratch();
  store = createMemoryRepositoryStore();
  for (const [name, bytes] of objects) store.objects.set(name, new Uint8Array(bytes));
  mkdirSync(join(place.folder, 'source'));
});
afterEach(() => place.remove());

async function backup(file: string): Promise<string> {
  const source = join(place.folder, 'source');
  writeFileSync(join(source, file), `${file} has this in it`);
  const rules = { exclude: [], caches: false, maxFileBytes: null };
  const job = { kind: 'backup', folders: [source], rules, leaveOut: [], hostname: 'test' } as const;
  const ended = await engine.run(job, store, {});
  if (!ended.ok) throw new Error(JSON.stringify(ended.fault));
  return String(ended.value['snapshot']);
}

async function restore(snapshot: string | undefined) {
  const problems: EngineProblem[] = [];
  const to = join(place.folder, 'restored');
  const job = {
    kind: 'restore',
    snapshot,
    to,
    paths: undefined,
    conflict: undefined,
    archive: false,
    journal: undefined,
  } as const;
  const ended = await engine.run(job, store, { problem: (each) => problems.push(each) });
  const read = (file: string) => readFileSync(join(to, 'source', file), 'utf8');
  return { ended, problems, read };
}

function spoil(path: string): void {
  const bytes = store.objects.get(path);
  if (bytes === undefined) throw new Error(`there is no ${path}`);
  store.objects.set(
    path,
    bytes.map((byte) => byte ^ 1),
  );
}

test('a snapshot comes back while another one can’t be read', async () => {
  const first = await backup('letter');
  spoil(`snapshots/${await backup('novel')}`);
  const { ended, problems, read } = await restore(first);
  expect(ended.ok).toBe(true);
  expect(problems).toEqual([]);
  expect(read('letter')).toBe('letter has this in it');
});

test('which snapshot is the latest is not guessed while one can’t be read', async () => {
  await backup('letter');
  const second = await backup('novel');
  spoil(`snapshots/${second}`);
  const detail = `snapshots/${second.slice(0, 8)}`;
  expect((await restore(undefined)).ended).toEqual({
    ok: false,
    fault: { code: 'damaged', detail },
  });
});

test('a snapshot that can’t be read itself is damaged, not unknown', async () => {
  await backup('letter');
  const second = await backup('novel');
  spoil(`snapshots/${second}`);
  expect((await restore(second)).ended).toMatchObject({ ok: false, fault: { code: 'damaged' } });
});

test('what a lost index does not name comes back, and the index is named', async () => {
  const first = await backup('letter');
  const before = new Set(store.objects.keys());
  await backup('novel');
  const index = [...store.objects.keys()].find(
    (key) => key.startsWith('index/') && !before.has(key),
  );
  spoil(index ?? '');
  const { ended, problems, read } = await restore(first);
  expect(ended.ok).toBe(true);
  expect(problems).toMatchObject([{ code: 'object-damaged', path: index }]);
  expect(read('letter')).toBe('letter has this in it');
});
