import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFolderRepositoryStore } from '../../../../electron/core/backup/repository/folder-repository-store.ts';
import { createMemoryRepositoryStore } from '../../../fakes/memory-repository-store.ts';
import { describeRepositoryStore } from '../../../suites/repository-store.suite.ts';

describeRepositoryStore('the store in memory', () => ({
  store: createMemoryRepositoryStore(),
  close: () => undefined,
}));

describeRepositoryStore('the store in a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'allotment-store-'));
  return {
    store: createFolderRepositoryStore(join(folder, 'deeper', 'repository')),
    close: () => rm(folder, { recursive: true, force: true }),
  };
});

test('a folder store leaves no temporary file behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'allotment-store-'));
  try {
    const store = createFolderRepositoryStore(folder);
    await store.save({ type: 'keys', name: 'a'.repeat(64) }, [Buffer.from('x')]);
    await store.save({ type: 'keys', name: 'a'.repeat(64) }, [Buffer.from('x')]);
    expect(await readdir(join(folder, 'keys'))).toEqual(['a'.repeat(64)]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
