import { readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolders, makeMissingNow } from '../../../electron/core/database/durable-file.ts';
import { prepareVolume } from '../../../electron/core/plots/volume.ts';
import { scratch } from '../../fakes/homes.ts';

let place: Awaited<ReturnType<typeof scratch>>;
beforeEach(async () => {
  place = await scratch();
});
afterEach(() => place.remove());

test('a folder is made with those above it, for its owner alone, and twice is no harm', async () => {
  const deep = join(place.folder, 'a', 'b', 'c');
  await makeFolders(deep);
  await makeFolders(deep);
  for (const folder of [deep, join(deep, '..'), join(deep, '..', '..')])
    expect(statSync(folder).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o700);
});

test('several at once make the same folders', async () => {
  const names = Array.from({ length: 20 }, (_, i) => join(place.folder, 'x', 'y', `${i % 4}`));
  await Promise.all(names.map((name) => makeFolders(name)));
  expect(readdirSync(join(place.folder, 'x', 'y')).sort()).toEqual(['0', '1', '2', '3']);
});

test('a link to a folder will do, a file in the way will not', async () => {
  await makeFolders(join(place.folder, 'real'));
  symlinkSync(join(place.folder, 'real'), join(place.folder, 'link'));
  await makeFolders(join(place.folder, 'link', 'in'));
  expect(readdirSync(join(place.folder, 'real'))).toEqual(['in']);
  writeFileSync(join(place.folder, 'file'), 'text');
  await expect(makeFolders(join(place.folder, 'file'))).rejects.toThrow('EEXIST');
  await expect(makeFolders(join(place.folder, 'file', 'in'))).rejects.toThrow();
});

test('who can’t wait makes them alike', () => {
  const deep = join(place.folder, 'a', 'b');
  makeMissingNow(deep);
  makeMissingNow(deep);
  expect(statSync(join(deep, '..')).mode & 0o777).toBe(
    process.platform === 'win32' ? 0o666 : 0o700,
  );
  writeFileSync(join(deep, 'file'), 'text');
  expect(() => makeMissingNow(join(deep, 'file'))).toThrow('EEXIST');
});

/** Of any folder in there Linux says that it is missing, not that it can't be made; Node's own `recursive` then asks for ever. */
test.skipIf(process.platform !== 'linux')('a place that takes no folders says so', async () => {
  await expect(makeFolders('/proc/allotment/here')).rejects.toThrow('ENOENT');
  expect(() => makeMissingNow('/proc/allotment/here')).toThrow('ENOENT');
  expect(await prepareVolume('/proc')).toMatchObject({ fault: { params: { folder: '/proc' } } });
});
