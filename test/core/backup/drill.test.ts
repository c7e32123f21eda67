import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDrill } from '../../../electron/core/backup/drill.ts';
import type { BackupSet } from '../../../electron/core/backup/set-book.ts';
import { failed, ok } from '../../../shared/result.ts';
import { fault } from '../../../shared/fault.ts';
import { scratch } from '../../fakes/homes.ts';

const control = {
  signal: new AbortController().signal,
  progress: () => undefined,
  problem: () => undefined,
};

test('a file that was tried when the program was killed does not stay', async () => {
  const place = await scratch();
  const folder = join(place.folder, 'drills');
  await mkdir(join(folder, 'drill-abcdef'), { recursive: true });
  await writeFile(join(folder, 'drill-abcdef', 'letter'), 'private');
  const tries: string[] = [];
  const drill = createDrill({
    reader: {
      pick: async () =>
        ok([{ path: '/letter', snapshot: 'a', sizeBytes: 1, mtime: '2026-11-24T18:03:11Z' }]),
      restore: async (_source, { to = '' }) => {
        tries.push(...readdirSync(folder));
        expect(existsSync(to)).toBe(true);
        return failed(fault('cancelled'));
      },
    },
    sets: { noteDrilled: async () => undefined },
    folder,
    clock: { nowMs: () => 0 } as never,
    randomness: { bytes: (count: number) => new Uint8Array(count) } as never,
  });
  const ended = await drill({ name: 'Documents' } as BackupSet, control);
  expect(ended).toMatchObject({ fault: { code: 'cancelled' } });
  expect(tries).toHaveLength(1);
  expect(tries).not.toContain('drill-abcdef');
  expect(readdirSync(folder)).toEqual([]);
  await place.remove();
});
