import { expect, test } from 'vitest';
import { endedKey } from '../../../renderer/backups/ended-key.ts';

test('a file that came back and could not be compared is not said to be as it is on the disk', () => {
  const drill = { kind: 'drill', state: 'done' } as const;
  expect(endedKey({ ...drill, result: { file: '/letter', same: 1 } })).toBe(
    'backups.ended-drill-done',
  );
  expect(endedKey({ ...drill, result: { file: '/letter', same: 0 } })).toBe(
    'backups.ended-drill-alone',
  );
  expect(endedKey({ kind: 'backup', state: 'failed', result: null })).toBe(
    'backups.ended-backup-failed',
  );
});
