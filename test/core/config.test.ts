import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from '../fakes/homes.ts';
import { folderFault, openHome } from '../../electron/core/config.ts';

const said = (code: string) => Object.assign(new Error(code), { code });

test('whatever the system says about a folder is put into words, and what it does not say is a bug', () => {
  expect(folderFault(said('ENOSPC'), '/disk')).toMatchObject({ code: 'disk-full' });
  for (const code of ['EFBIG', 'EMFILE', 'ENFILE', 'ESTALE', 'ETIMEDOUT', 'ENODEV', 'EUNKNOWN'])
    expect(folderFault(said(code), '/disk')).toEqual({
      code: 'folder-failed',
      params: { folder: '/disk', error: code },
    });
  const bug = new TypeError('undefined is not a function');
  expect(() => folderFault(bug, '/disk')).toThrow(bug);
  const wrong = said('ERR_INVALID_STATE');
  expect(() => folderFault(wrong, '/disk')).toThrow(wrong);
});

test('a home is made in no folder that has other things in it, and that folder stays as open as it was', async () => {
  const place = await scratch();
  const folder = join(place.folder, 'Documents');
  mkdirSync(folder);
  writeFileSync(join(folder, 'letter.txt'), 'a');
  chmodSync(folder, 0o755);
  expect(await openHome(folder)).toMatchObject({ ok: false, fault: { code: 'folder-not-empty' } });
  expect(statSync(folder).mode & 0o777).toBe(0o755);
  expect(await openHome(join(folder, 'letter.txt'))).toMatchObject({
    ok: false,
    fault: { code: 'not-a-folder' },
  });
  // Only a start that was cut off leaves that alone.
  mkdirSync(join(folder, 'window'));
  expect((await openHome(folder)).ok).toBe(false);
  const link = join(place.folder, 'link');
  symlinkSync(folder, link);
  expect(await openHome(link)).toMatchObject({ ok: false, fault: { code: 'folder-not-empty' } });
  mkdirSync(join(folder, 'secrets'));
  expect((await openHome(folder)).ok).toBe(false);
  // Its books may be gone: what is left tells that it is one.
  writeFileSync(join(folder, 'secrets', 'identity'), '');
  expect((await openHome(folder)).ok).toBe(true);
  const empty = join(place.folder, 'empty');
  mkdirSync(empty);
  expect((await openHome(empty)).ok).toBe(true);
  // Systems and drives put things of their own into it, and people see none of them.
  for (const name of [
    'lost+found',
    'System Volume Information',
    '.DS_Store',
    '@eaDir',
    '.Trash-1000',
  ])
    mkdirSync(join(empty, name));
  expect((await openHome(empty)).ok).toBe(true);
  // A start that ended right there has begun one.
  mkdirSync(join(empty, 'window'));
  writeFileSync(join(empty, 'config.json'), '{}');
  writeFileSync(join(empty, 'config.json.21ae6178ee4c.new'), '{');
  mkdirSync(join(empty, 'secrets'));
  writeFileSync(join(empty, 'secrets', 'identity.21ae6178ee4c.new'), '');
  expect((await openHome(empty)).ok).toBe(true);
  await place.remove();
});
