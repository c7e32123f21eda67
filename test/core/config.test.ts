import { expect, test } from 'vitest';
import { folderFault } from '../../electron/core/config.ts';

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
