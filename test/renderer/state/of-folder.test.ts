import { expect, test } from 'vitest';
import { isOfFolder } from '../../../renderer/state/of-folder.ts';
import { fault, type FaultCode } from '../../../shared/fault.ts';

test('a refusal that is about a folder is said at it, all others below', () => {
  const of = (code: FaultCode) => isOfFolder(fault(code));
  expect(
    (
      ['folder-missing', 'not-a-folder', 'no-repository', 'path-too-long', 'file-exists'] as const
    ).every(of),
  ).toBe(true);
  expect((['disk-full', 'not-running', 'set-exists'] as const).some(of)).toBe(false);
  expect(isOfFolder(undefined)).toBe(false);
});
