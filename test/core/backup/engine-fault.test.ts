import { expect, test } from 'vitest';
import { engineFault } from '../../../electron/core/backup/engine-fault.ts';
import { fault } from '../../../shared/fault.ts';

const targets = [
  { name: 'Ben', refusal: () => fault('refused', { friend: 'Ben', denial: 'over-share' }) },
];

test('a plot that is full says why it did not grow', () => {
  expect(engineFault({ code: 'plot-full' }, targets, { name: 'set' })).toMatchObject({
    code: 'refused',
    params: { denial: 'over-share' },
  });
});

test('one that is full of what was deleted says that this comes free by itself', () => {
  const full = { code: 'plot-full', trashBytes: '3000' } as const;
  expect(engineFault(full, targets, { name: 'set' })).toEqual({
    code: 'full-of-trash',
    params: { friend: 'Ben', trashBytes: '3000' },
  });
});

test('an archive in whose place something lies is told as that', () => {
  const said = { code: 'folder', error: 'EEXIST', folder: '/home/ana/all.zip' } as const;
  expect(engineFault(said, [], { name: 'Letters' })).toMatchObject({
    code: 'file-exists',
    params: { file: '/home/ana/all.zip' },
  });
});
