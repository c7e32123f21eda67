import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isFolder, noFolder } from '../../electron/core/is-folder.ts';
import { scratch } from '../fakes/homes.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let file: string;
beforeEach(async () => {
  place = await scratch();
  file = join(place.folder, 'file');
  await writeFile(file, '');
});
afterEach(() => place.remove());

test('a folder is one', async () => {
  expect(await noFolder(place.folder)).toBeUndefined();
  expect(await isFolder(place.folder)).toBe(true);
});

test('where a file lies instead, also above it, that file is named', async () => {
  const fault = { code: 'not-a-folder', params: { folder: file } };
  expect(await noFolder(file)).toEqual(fault);
  expect(await noFolder(join(file, 'a', 'b'))).toEqual(fault);
  expect(await isFolder(file)).toBe(false);
});

test('where nothing is, it is not there, also by a name that no system has', async () => {
  for (const name of ['none', 'none/at/all', 'a\0b']) {
    const folder = join(place.folder, name);
    expect(await noFolder(folder)).toEqual({ code: 'folder-missing', params: { folder } });
  }
});

test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
  'one below a folder that lets nobody in is not said to be gone',
  async () => {
    const closed = join(place.folder, 'closed');
    const folder = join(closed, 'in');
    await mkdir(folder, { recursive: true });
    await chmod(closed, 0);
    expect(await noFolder(folder)).toEqual({ code: 'folder-unreadable', params: { folder } });
    await chmod(closed, 0o700);
  },
);
