import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createPlacer } from '../../../../electron/core/backup/engine/placer.ts';
import type { Crunchers } from '../../../../electron/core/backup/engine/crunchers.ts';
import type { RestoreJournal } from '../../../../electron/core/backup/engine/restore-journal.ts';
import type {
  Repository,
  RepositoryIndex,
} from '../../../../electron/core/backup/repository/repository.ts';
import { ok } from '../../../../shared/result.ts';
import { node } from '../../../fakes/handmade-repository.ts';

test('what breaks while nobody waits for it is thrown to whoever brings the next file', async () => {
  const blob = '7'.repeat(64);
  const full = Object.assign(new Error('no room for notes'), { code: 'ENOSPC' });
  const placer = createPlacer({
    repository: { store: { load: async () => ok(new Uint8Array(100)) } } as unknown as Repository,
    index: {
      blobs: { get: () => ({ pack: 0, offset: 0, length: 100, plainLength: 0 }) },
      packs: [{ name: '8'.repeat(64) }],
    } as unknown as RepositoryIndex,
    crunchers: {} as Crunchers,
    tools: {
      signal: new AbortController().signal,
      progress: () => undefined,
      problem: () => undefined,
    },
    journal: {
      noteTemporary: () => {
        throw full;
      },
      settled: () => undefined,
    } as unknown as RestoreJournal,
    onBytes: () => undefined,
    onFinished: () => undefined,
    own: undefined,
  });
  const add = () =>
    placer.add({
      path: Buffer.from('/out/file'),
      temporary: Buffer.from('/out/.file.part'),
      node: node('file', 'file', { content: [blob] }),
      isGuarded: false,
      isFresh: true,
    });
  // So many are planned together before the first is fetched.
  for (let at = 0; at < 8000; at += 1) expect(await add()).toBeUndefined();
  for (let turns = 0; turns < 100; turns += 1) await turn();
  await expect(add()).rejects.toBe(full);
  await expect(placer.finish()).rejects.toBe(full);
});
