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
