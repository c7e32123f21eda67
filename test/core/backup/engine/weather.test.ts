import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type EngineJob, runEngine } from '../../../../electron/core/backup/engine/engine.ts';
import type { RepositoryStore } from '../../../../electron/core/backup/repository/repository-store.ts';
import { compareTrees } from '../../../../electron/headless/compare-trees.ts';
import {
  createFaultyStore,
  type FaultChances,
  randomOf,
} from '../../../fakes/faulty-repository-store.ts';
import { scratch } from '../../../fakes/homes.ts';
import { initCheaply } from '../../../fakes/init-cheaply.ts';
import { createMemoryRepositoryStore } from '../../../fakes/memory-repository-store.ts';

/**
 * The storm has its engine without threads, so that it repeats. Here the same goes wrong around the threads as they are: what
 * comes late, in another order, or not at all between them. `SEED=17` begins elsewhere.
 */
const SEED = Number(process.env['SEED'] ?? 1);
const PASSWORD = 'a password of the test';
const STEPS = 12;
const WEATHERS: readonly FaultChances[] = [
  { delay: 0.5 },
  { broken: 0.05, delay: 0.3 },
  { full: 0.2 },
  { short: 0.05, wrong: 0.05, delay: 0.3 },
  { broken: 0.02, full: 0.02, short: 0.02, wrong: 0.02, delay: 0.3 },
  { cut: 0.03 },
];

test('whatever goes wrong around the engine’s threads, nothing is there in part, and what was told as kept comes back', async () => {
  const place = await scratch();
  try {
    const random = randomOf(SEED);
    const source = join(place.folder, 'source');
    mkdirSync(source);
    const objects = createMemoryRepositoryStore();
    await initCheaply(objects, PASSWORD);
    const store = createFaultyStore(objects, { seed: SEED });
    const run = (job: EngineJob, at: RepositoryStore) =>
      runEngine(job, {
        store: at,
        password: PASSWORD,
        cache: join(place.folder, 'cache'),
        tools: {
          signal: new AbortController().signal,
          progress: () => undefined,
          problem: () => undefined,
        },
      });
    const kept: { readonly snapshot: string; readonly like: string }[] = [];
    for (let step = 0; step < STEPS; step += 1) {
      for (let file = 0; file < 8; file += 1)
        writeFileSync(join(source, `${step % 3} ${file}`), randomBytes(1000 * 3 ** (file % 6)));
      utimesSync(source, step, step);
      store.expect(WEATHERS[step % WEATHERS.length] ?? {});
      const isPrune = step > 1 && random() < 0.4;
      const rules = { exclude: [], caches: false, maxFileBytes: null };
      const hostname = 'test';
      const forget = isPrune && kept.length > 1 ? [kept.shift()?.snapshot ?? ''] : [];
      const ended = await run(
        isPrune
          ? { kind: 'prune', keep: undefined, forget, onlyForget: false, repackShare: 1 }
          : { kind: 'backup', folders: [source], rules, leaveOut: [], hostname },
        store,
      );
      store.calm();
      store.mend();
      // Nobody could take them away any more.
      for (const key of objects.objects.keys())
        if (key.startsWith('locks/')) objects.objects.delete(key);
      if (ended.ok && !isPrune) {
        const like = join(place.folder, `like ${step}`);
        cpSync(source, like, { recursive: true, preserveTimestamps: true });
        utimesSync(like, step, step);
        kept.push({ snapshot: String(ended.value['snapshot']), like });
      }
      const checked = await run({ kind: 'check', readData: true }, store);
      expect(checked, `after step ${step} of seed ${SEED}`).toMatchObject({
        ok: true,
        value: { problems: 0 },
      });
    }
    expect(kept.length).toBeGreaterThan(0);
    for (const { snapshot, like } of kept) {
      const to = join(place.folder, 'out');
      const back = { snapshot, to, paths: undefined, conflict: undefined, archive: false } as const;
      expect(await run({ kind: 'restore', ...back, journal: undefined }, store)).toMatchObject({
        ok: true,
      });
      expect((await compareTrees(like, join(to, 'source'))).differences).toEqual([]);
      rmSync(to, { recursive: true });
    }
  } finally {
    await place.remove();
  }
}, 120_000);
