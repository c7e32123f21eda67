import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createReaders, type Readers } from '../../../../electron/core/backup/engine/readers.ts';
import type { RepositoryStore } from '../../../../electron/core/backup/repository/repository-store.ts';
import { ok } from '../../../../shared/result.ts';
import { createEngineHere, makeCheapRepository } from '../../../fakes/engine-here.ts';
import { restoreOf } from '../../../fakes/handmade-repository.ts';
import { scratch } from '../../../fakes/homes.ts';
import { createMemoryRepositoryStore } from '../../../fakes/memory-repository-store.ts';

/** What is damaged for good is in nobody's way who looks at something else. */
const { objects, ...repository } = makeCheapRepository('a password');
const engine = createEngineHere(repository);
let readers: Readers;
let place: Awaited<ReturnType<typeof scratch>>;
let store: ReturnType<typeof createMemoryRepositoryStore>;

beforeEach(async () => {
  place = await scratch();
  store = createMemoryRepositoryStore();
  for (const [name, bytes] of objects) store.objects.set(name, new Uint8Array(bytes));
  mkdirSync(join(place.folder, 'source'));
  readers = createReaders({ password: 'a password', cache: join(place.folder, 'cache') });
});
afterEach(async () => {
  await readers.close();
  await place.remove();
});

async function backup(file: string): Promise<string> {
  const source = join(place.folder, 'source');
  writeFileSync(join(source, file), `${file} has this in it`);
  const rules = { exclude: [], caches: false, maxFileBytes: null };
  const job = { kind: 'backup', folders: [source], rules, leaveOut: [], hostname: 'test' } as const;
  const ended = await engine.run(job, store, {});
  if (!ended.ok) throw new Error(JSON.stringify(ended.fault));
  return String(ended.value['snapshot']);
}

function spoil(path: string): void {
  const bytes = store.objects.get(path);
  if (bytes === undefined) throw new Error(`there is no ${path}`);
  store.objects.set(
    path,
    bytes.map((byte) => byte ^ 1),
  );
}

async function browse(snapshot: string | undefined) {
  const ask = { kind: 'browse', snapshot, path: '', after: undefined, limit: 10 } as const;
  const looked = await readers.ask<'browse'>('test', () => store, ask);
  return looked.ok ? looked.value.entries.map(({ name }) => name) : looked.fault;
}

test('snapshots are listed and looked into while another one can’t be read, and the latest is not guessed', async () => {
  const first = await backup('letter');
  const second = await backup('novel');
  spoil(`snapshots/${second}`);
  const listed = await readers.ask<'snapshots'>('test', () => store, { kind: 'snapshots' });
  expect(listed.ok && listed.value.map(({ id }) => id)).toEqual([first]);
  expect(await browse(first)).toEqual(['source']);
  const damaged = { code: 'damaged', detail: `snapshots/${second.slice(0, 8)}` };
  expect(await browse(undefined)).toEqual(damaged);
  expect(await browse(second.slice(0, 12))).toEqual(damaged);
});

test('what a lost index does not name can be looked into', async () => {
  const first = await backup('letter');
  const before = new Set(store.objects.keys());
  await backup('novel');
  const index = [...store.objects.keys()].find(
    (key) => key.startsWith('index/') && !before.has(key),
  );
  spoil(index ?? '');
  expect(await browse(first)).toEqual(['source']);
});

test('what a lost index alone has named comes back and is looked into: packs say themselves what is in them', async () => {
  // So many that what a pack says of them is longer than what is asked for at first.
  const files = Array.from({ length: 2000 }, (_, at) => `letter ${at}`);
  mkdirSync(join(place.folder, 'source'), { recursive: true });
  for (const file of files) writeFileSync(join(place.folder, 'source', file), `${file} says so`);
  const snapshot = await backup('novel');
  const indexes = [...store.objects.keys()].filter((key) => key.startsWith('index/'));
  for (const index of indexes) spoil(index);
  expect(await browse(snapshot)).toEqual(['source']);
  const ask = { kind: 'find', snapshot, text: 'letter 1999', limit: 10, withinMs: 60_000 } as const;
  const found = await readers.ask<'find'>('test', () => store, ask);
  expect(found.ok && found.value.found.map(({ name }) => name)).toEqual(['letter 1999']);
  const to = join(place.folder, 'restored');
  const problems: string[] = [];
  const ended = await engine.run(restoreOf({ snapshot, to }), store, {
    problem: ({ code, path }) => problems.push(`${code} ${path}`),
  });
  expect(ended).toMatchObject({ ok: true, value: { files: files.length + 1 } });
  expect(problems.sort()).toEqual(indexes.map((index) => `object-damaged ${index}`).sort());
  expect(readFileSync(join(to, 'source', 'letter 1999'), 'utf8')).toBe('letter 1999 says so');
});

test('a friend who lists an index and any number of packs that he does not have keeps nobody waiting for them', async () => {
  await backup('letter');
  store.objects.set(`index/${nameOf('made up')}`, Buffer.from('made up'));
  const { load } = store;
  const asked = new Set<string>();
  const lying: RepositoryStore = {
    ...store,
    list: async (type, options) => {
      const listed = await store.list(type, options);
      if (!listed.ok || type !== 'data') return listed;
      const made = Array.from({ length: 3000 }, (_, at) => ({
        name: nameOf(`${at}`),
        sizeBytes: 100,
      }));
      return ok([...listed.value, ...made]);
    },
    load: (object, options) => {
      if (object.type === 'data') asked.add(object.name);
      return load(object, options);
    },
  };
  const ask = {
    kind: 'browse',
    snapshot: undefined,
    path: '',
    after: undefined,
    limit: 10,
  } as const;
  const looked = await readers.ask<'browse'>('test', () => lying, ask);
  expect(looked.ok && looked.value.entries.map(({ name }) => name)).toEqual(['source']);
  expect(asked.size).toBeGreaterThan(900);
  expect(asked.size).toBeLessThan(1100);
});

function nameOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
