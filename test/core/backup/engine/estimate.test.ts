import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runEstimate } from '../../../../electron/core/backup/engine/estimate.ts';
import type { EstimateJob } from '../../../../electron/core/backup/engine/jobs.ts';
import { scratch } from '../../../fakes/homes.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let source: string;
beforeEach(async () => {
  place = await scratch();
  source = join(place.folder, 'source');
  mkdirSync(source);
});
afterEach(() => place.remove());

async function estimate(
  rules: Partial<EstimateJob['rules']> = {},
  job: Partial<EstimateJob> = {},
  signal = new AbortController().signal,
) {
  return runEstimate(
    {
      folders: [source],
      leaveOut: [],
      rules: { exclude: [], caches: false, maxFileBytes: null, ...rules },
      ...job,
    },
    { signal, progress: () => undefined },
  );
}

function write(path: string, bytes: number): void {
  mkdirSync(join(source, path, '..'), { recursive: true });
  writeFileSync(join(source, path), '');
  truncateSync(join(source, path), bytes);
}

describe('an estimate', () => {
  test('counts what would be taken, and what each rule leaves out', async () => {
    write('kept/a', 1000);
    write('kept/b', 500);
    write('node_modules/x/y', 70);
    write('node_modules/z', 7);
    write('page.tmp', 3);
    write('film', 1_000_000);
    write('speed/x', 5000);
    writeFileSync(
      join(source, 'speed', 'CACHEDIR.TAG'),
      'Signature: 8a477f597d28d172789f06886806bc55\n',
    );
    symlinkSync('/', join(source, 'link out'));
    const exclude = ['node_modules/', '*.tmp'];
    const counted = await estimate({ exclude, caches: true, maxFileBytes: '100000' });
    expect(counted).toMatchObject({
      ok: true,
      value: {
        files: 3,
        bytes: 1544,
        skipped: {
          excludedFiles: 3,
          excludedBytes: 80,
          cacheFolders: 1,
          tooLargeFiles: 1,
          cloudFiles: 0,
          unreadable: 0,
        },
      },
    });
  });

  test('names the largest folders and files, and no folder that only holds one of them', async () => {
    write('films/one', 5000);
    write('films/two', 5000);
    write('a/b/c/large', 7000);
    write('small', 1);
    const counted = await estimate();
    const largest = counted.ok ? counted.value.largest : [];
    expect(largest.map(({ path, bytes }) => [path.slice(source.length + 1), bytes])).toEqual([
      ['films', 10_000],
      ['a/b/c/large', 7000],
      ['films/one', 5000],
      ['films/two', 5000],
      ['small', 1],
    ]);
  });

  test('counts a folder once that lies in another chosen one, and our own not at all', async () => {
    write('a/x', 10);
    write('store/plot', 500);
    const folders = [source, join(source, 'a')];
    const counted = await estimate({}, { folders, leaveOut: [join(source, 'store')] });
    expect(counted).toMatchObject({ value: { files: 1, bytes: 10 } });
  });

  test('of a folder that is not there is empty and says so', async () => {
    const counted = await estimate({}, { folders: [join(source, 'gone')] });
    expect(counted).toMatchObject({ value: { files: 0, skipped: { unreadable: 1 } } });
  });

  test('ends when nobody wants to know any more', async () => {
    const abort = new AbortController();
    const counted = estimate({}, { folders: ['/'] }, abort.signal);
    abort.abort();
    expect(await counted).toEqual({ ok: false, fault: { code: 'cancelled' } });
  });
});
