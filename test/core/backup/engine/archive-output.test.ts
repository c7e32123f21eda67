import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { openOutput } from '../../../../electron/core/backup/engine/restore-archive.ts';
import { scratch } from '../../../fakes/homes.ts';

const PIECE = Buffer.alloc(16 * 1024, 1);
const PIECES = 20_000;
/** A tenth of what each piece used to leave behind. */
const LEFT_BYTES_MAX = 30;

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

test('an archive of any length takes no more memory for it', async () => {
  const place = await scratch();
  const out = openOutput(join(place.folder, 'a.tar.gz'), { isZip: false });
  try {
    for (let piece = 0; piece < PIECES / 10; piece += 1) await out.sink(PIECE);
    const before = heapBytes();
    for (let piece = 0; piece < PIECES; piece += 1) await out.sink(PIECE);
    expect((heapBytes() - before) / PIECES).toBeLessThan(LEFT_BYTES_MAX);
    await out.close();
  } finally {
    await out.stop();
    await place.remove();
  }
});

test('whoever waits for room hears that there is no such folder', async () => {
  const place = await scratch();
  const path = join(place.folder, 'nowhere', 'a.tar.gz');
  const out = openOutput(path, { isZip: false });
  const writing = (async () => {
    for (let piece = 0; piece < 1000; piece += 1) await out.sink(PIECE);
  })();
  await expect(writing).rejects.toMatchObject({ code: 'ENOENT' });
  await out.stop();
  expect(existsSync(path)).toBe(false);
  await place.remove();
});
