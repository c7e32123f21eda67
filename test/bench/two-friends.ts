import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { several } from '../../electron/core/backup/copies/several.ts';
import { type EngineJob, runEngine } from '../../electron/core/backup/engine/engine.ts';
import { createFolderRepositoryStore } from '../../electron/core/backup/repository/folder-repository-store.ts';
import { initRepository } from '../../electron/core/backup/repository/repository.ts';
import type { RepositoryStore } from '../../electron/core/backup/repository/repository-store.ts';
import { backupOf, restoreOf } from '../fakes/handmade-repository.ts';

/**
 * A restore from two friends against one, where each friend's line is what bounds it (design §10): nearly twice as fast is
 * what can be had, and what can be lost by asking the wrong one, or both for the same.
 */
const FILES = 60;
const FILE_BYTES = 4_000_000;
const LINE_BYTES_PER_S = 20_000_000;
const PASSWORD = 'of the bench';

export async function measureTwoFriends(
  place: string,
): Promise<{ readonly oneS: number; readonly twoS: number; readonly sentTwice: number }> {
  const folder = join(place, 'two friends');
  const source = join(folder, 'source');
  mkdirSync(source, { recursive: true });
  for (let at = 0; at < FILES; at += 1)
    writeFileSync(join(source, `${at}`), randomBytes(FILE_BYTES));
  const disk = createFolderRepositoryStore(join(folder, 'repository'));
  mkdirSync(join(folder, 'repository'));
  const begun = await initRepository(disk, PASSWORD);
  if (!begun.ok) throw new Error(begun.fault.code);
  await run(backupOf(source), disk, folder);

  async function restore(friends: number): Promise<{ readonly s: number; readonly bytes: number }> {
    const lines = Array.from({ length: friends }, () => overALine(disk));
    const store = several(lines.map((line, at) => ({ name: `${at}`, store: line.store })));
    const to = join(folder, 'restored');
    const startMs = performance.now();
    await run(restoreOf({ to }), store, folder);
    const s = (performance.now() - startMs) / 1000;
    rmSync(to, { recursive: true });
    return { s, bytes: lines.reduce((sum, line) => sum + line.bytes(), 0) };
  }

  const [one, two] = [await restore(1), await restore(2)];
  const [oneMore, twoMore] = [await restore(1), await restore(2)];
  rmSync(folder, { recursive: true });
  return {
    oneS: Math.min(one.s, oneMore.s),
    twoS: Math.min(two.s, twoMore.s),
    sentTwice: Math.max(two.bytes, twoMore.bytes) / one.bytes - 1,
  };
}

async function run(job: EngineJob, store: RepositoryStore, folder: string): Promise<void> {
  const tools = {
    signal: new AbortController().signal,
    progress: () => undefined,
    problem: () => undefined,
  };
  const ended = await runEngine(job, {
    store,
    password: PASSWORD,
    cache: join(folder, 'c'),
    tools,
  });
  if (!ended.ok) throw new Error(ended.fault.code);
}

/** One after the other, as fast as the line is; what is called off takes no more of it. */
function overALine(store: RepositoryStore) {
  let freeMs = 0;
  let bytes = 0;
  return {
    bytes: () => bytes,
    store: {
      ...store,
      load: async (object, options) => {
        const loaded = await store.load(object, options);
        if (!loaded.ok) return loaded;
        const tookMs = (loaded.value.length / LINE_BYTES_PER_S) * 1000;
        const fromMs = Math.max(freeMs, performance.now());
        freeMs = fromMs + tookMs;
        bytes += loaded.value.length;
        const { signal } = options ?? {};
        await sleep(Math.max(0, freeMs - performance.now()), undefined, { signal }).catch(
          () => undefined,
        );
        return signal?.aborted === true
          ? { ok: false, fault: { code: 'cancelled' } as const }
          : loaded;
      },
    } satisfies RepositoryStore,
  };
}
