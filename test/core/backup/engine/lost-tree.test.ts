import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EngineJob, EngineProblem } from '../../../../electron/core/backup/engine/engine.ts';
import { loadIndex } from '../../../../electron/core/backup/repository/repository.ts';
import { createEngineHere, makeCheapRepository } from '../../../fakes/engine-here.ts';
import { scratch } from '../../../fakes/homes.ts';
import { createMemoryRepositoryStore } from '../../../fakes/memory-repository-store.ts';

/** A folder of an old backup that nobody can read any more: it is said which backup it is, and its loss can be settled. */
const PASSWORD = 'a password of the test';
let place: Awaited<ReturnType<typeof scratch>>;
beforeEach(async () => {
  place = await scratch();
});
afterEach(() => place.remove());

const PRUNE: EngineJob = {
  kind: 'prune',
  keep: undefined,
  forget: [],
  onlyForget: false,
  repackShare: 1,
};

async function world() {
  const source = join(place.folder, 'source');
  mkdirSync(join(source, 'letters'), { recursive: true });
  const { objects, ...repository } = makeCheapRepository(PASSWORD);
  const store = createMemoryRepositoryStore();
  for (const [name, bytes] of objects) store.objects.set(name, new Uint8Array(bytes));
  const engine = createEngineHere(repository);
  const run = async (job: EngineJob) => {
    const problems: EngineProblem[] = [];
    const ended = await engine.run(job, store, { problem: (each) => problems.push(each) });
    return { ended, problems };
  };
  const backup = async (text?: string) => {
    if (text !== undefined) writeFileSync(join(source, 'letters', 'one'), text);
    const rules = { exclude: [], caches: false, maxFileBytes: null };
    const { ended } = await run({
      kind: 'backup',
      folders: [source],
      rules,
      leaveOut: [],
      hostname: 'test',
    });
    if (!ended.ok) throw new Error(ended.fault.code);
    return String(ended.value['snapshot']);
  };
  const treePack = async () => {
    const index = await loadIndex({ ...repository, store });
    if (!index.ok) throw new Error(index.fault.code);
    return index.value.packs.find(({ type }) => type === 'tree')?.name ?? '';
  };
  return { store, run, backup, treePack };
}

describe('a prune where a folder of a backup is lost', () => {
  test('names the backup, removes nothing, and goes on when that backup is deleted', async () => {
    const { store, run, backup, treePack } = await world();
    const one = await backup('a letter');
    const lost = await treePack();
    await backup('another letter');
    const before = [...store.objects.keys()].sort();
    store.objects.delete(`data/${lost}`);
    const pruned = await run(PRUNE);
    expect(pruned.ended).toMatchObject({ ok: false, fault: { code: 'damaged' } });
    expect(pruned.problems.map(({ code }) => code)).toEqual(['snapshot-damaged']);
    expect(pruned.problems[0]?.path).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d$/);
    expect([...store.objects.keys()].sort()).toEqual(
      before.filter((key) => key !== `data/${lost}`),
    );
    const forgot = await run({ ...PRUNE, forget: [one] });
    expect(forgot).toMatchObject({ ended: { ok: true }, problems: [] });
    const checked = await run({ kind: 'check', readData: true });
    expect(checked).toMatchObject({ ended: { ok: true, value: { snapshots: 1, problems: 0 } } });
  });

  test('every backup that has the folder is named', async () => {
    const { store, run, backup, treePack } = await world();
    await backup('a letter');
    const lost = await treePack();
    await backup();
    store.objects.delete(`data/${lost}`);
    const pruned = await run(PRUNE);
    expect(pruned.problems.map(({ code }) => code)).toEqual([
      'snapshot-damaged',
      'snapshot-damaged',
    ]);
  });
});
