import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFolderPapers } from '../../../../electron/core/backup/repository/folder-papers.ts';
import { createFolderRepositoryStore } from '../../../../electron/core/backup/repository/folder-repository-store.ts';
import { initRepository } from '../../../../electron/core/backup/repository/repository.ts';
import { scratch } from '../../../fakes/homes.ts';
import { createMemoryPapers } from '../../../fakes/memory-papers.ts';
import { hasProgram, restic } from '../../../fakes/programs.ts';
import { describePapers } from '../../../suites/papers.suite.ts';

describePapers('the place in memory', async () => ({
  papers: createMemoryPapers(),
  close: () => undefined,
}));

describePapers('the place in a folder', async () => {
  const place = await scratch();
  return { papers: createFolderPapers(join(place.folder, 'repository')), close: place.remove };
});

test('a file of many gigabytes in place of a paper is damage, and is not read', async () => {
  const place = await scratch();
  writeFileSync(join(place.folder, 'allotment-manifest'), '');
  truncateSync(join(place.folder, 'allotment-manifest'), 100_000_000_000);
  const read = await createFolderPapers(place.folder).read('manifest');
  expect(read).toMatchObject({ ok: false, fault: { code: 'damaged' } });
  await place.remove();
});

test.skipIf(process.platform === 'win32')(
  'a pipe in place of a paper or of a config is damage, and nobody waits for who would write into it',
  async () => {
    const place = await scratch();
    for (const name of ['allotment-manifest', 'config'])
      execFileSync('mkfifo', [join(place.folder, name)]);
    const damaged = { ok: false, fault: { code: 'damaged' } };
    expect(await createFolderPapers(place.folder).read('manifest')).toMatchObject(damaged);
    const store = createFolderRepositoryStore(place.folder);
    expect(await store.load({ type: 'config', name: '' })).toMatchObject(damaged);
    expect(await store.save({ type: 'config', name: '' }, [Buffer.of(1)])).toMatchObject({
      ok: false,
    });
    await place.remove();
  },
);

test('a config of many gigabytes is damage, and is not taken into memory', async () => {
  const place = await scratch();
  writeFileSync(join(place.folder, 'config'), '');
  truncateSync(join(place.folder, 'config'), 100_000_000_000);
  const store = createFolderRepositoryStore(place.folder);
  expect(await store.load({ type: 'config', name: '' })).toMatchObject({
    ok: false,
    fault: { code: 'damaged' },
  });
  expect(await store.save({ type: 'config', name: '' }, [Buffer.of(1)])).toMatchObject({
    ok: false,
    fault: { code: 'refused', reason: 'exists' },
  });
  await place.remove();
});

test.skipIf(!hasProgram('restic'))('restic takes no notice of papers beside it', async () => {
  const place = await scratch();
  const store = createFolderRepositoryStore(place.folder);
  await initRepository(store, 'password');
  const papers = createFolderPapers(place.folder);
  await papers.write('manifest', Buffer.from('sealed'));
  await papers.write('address-book', Buffer.from('sealed'));
  const check = await restic(place.folder, ['check', '--read-data'], { password: 'password' });
  expect(check).toMatchObject({ code: 0 });
  expect(await readdir(place.folder)).toContain('allotment-manifest');
  await place.remove();
});
