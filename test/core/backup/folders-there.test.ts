import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { foldersFault } from '../../../electron/core/backup/folders-there.ts';
import { scratch } from '../../fakes/homes.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let photos: string;
let letters: string;

beforeEach(async () => {
  place = await scratch();
  [photos, letters] = [join(place.folder, 'photos'), join(place.folder, 'letters')];
  await mkdir(photos);
  await mkdir(letters);
});
afterEach(() => place.remove());

const NEW = { lastBytes: undefined, lastRunMs: undefined, repository: undefined };
const look = (more: Partial<Parameters<typeof foldersFault>[0]> = {}) =>
  foldersFault({ folders: [photos, letters], ...NEW, ...more });

describe('the folders of a set', () => {
  test('may be empty as long as nothing was ever in them', async () => {
    expect(await look()).toBeUndefined();
    expect(await look({ lastRunMs: 1, lastBytes: 0n, repository: 'a' })).toBeUndefined();
  });

  test('that are all empty are not what was backed up before', async () => {
    const before = { lastRunMs: 1, lastBytes: 5n, repository: 'a' };
    expect(await look(before)).toEqual({ code: 'folder-empty', params: { folder: photos } });
    await writeFile(join(letters, 'one'), 'x');
    expect(await look(before)).toBeUndefined();
  });

  test('of a set that came from another computer are not there as long as they are empty', async () => {
    expect(await look({ repository: 'a' })).toMatchObject({ code: 'folder-empty' });
  });

  test('are missed', async () => {
    const folder = join(place.folder, 'gone');
    expect(await look({ folders: [folder] })).toEqual({
      code: 'folder-missing',
      params: { folder },
    });
    const file = join(place.folder, 'file');
    await writeFile(file, '');
    expect(await look({ folders: [file] })).toMatchObject({ code: 'not-a-folder' });
  });

  test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'that nobody may look into are not taken for empty ones',
    async () => {
      await chmod(photos, 0);
      expect(await look()).toEqual({ code: 'folder-unreadable', params: { folder: photos } });
      await chmod(photos, 0o700);
    },
  );
});
