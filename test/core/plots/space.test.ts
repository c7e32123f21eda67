import { execFile } from 'node:child_process';
import { link, mkdir, open, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { walkSpace } from '../../../electron/core/plots/space.ts';
import { scratch } from '../../fakes/homes.ts';
import { testPlotId } from '../../fakes/test-ledger.ts';

const LIVES = testPlotId(1);
const ENDED = testPlotId(2);
const run = promisify(execFile);
const nothing = { stands: () => 'living' as const, removals: new Set<string>() };

let place: Awaited<ReturnType<typeof scratch>>;
let plots: string;

beforeEach(async () => {
  place = await scratch();
  plots = join(place.folder, 'allotment', 'plots');
  await mkdir(plots, { recursive: true });
});
afterEach(() => place.remove());

/** What the system's own tool counts. */
async function du(): Promise<bigint> {
  const { stdout } = await run('du', ['-s', '-B1', join(place.folder, 'allotment')]);
  return BigInt(stdout.split('\t')[0] ?? '');
}

async function file(bytes: number, ...path: readonly string[]): Promise<string> {
  const whole = join(plots, ...path);
  await mkdir(join(whole, '..'), { recursive: true });
  const handle = await open(whole, 'w');
  await handle.writeFile(Buffer.alloc(bytes, 7));
  await handle.sync();
  await handle.close();
  return whole;
}

function sumOf(space: Awaited<ReturnType<typeof walkSpace>>): bigint {
  return space.dataBytes + space.arrivingBytes + space.leavingBytes + space.overheadBytes;
}

describe('where the space went', () => {
  it('is what du says, whatever lies there', async () => {
    const first = await file(5000, LIVES, 'repository', 'data', 'ab', 'abcd');
    await file(1, LIVES, 'repository', 'config');
    await file(123_456, LIVES, 'incoming', '0123');
    await file(700, LIVES, 'plot.json');
    await file(0, LIVES, 'repository', 'locks', 'empty');
    await file(9000, ENDED, 'repository', 'data', 'cd', 'cdef');
    await link(first, join(plots, LIVES, 'repository', 'data', 'ab', 'the same once more'));
    await symlink('/', join(plots, LIVES, 'a way out'));
    await truncate(await file(1, LIVES, 'repository', 'data', 'ef', 'with a hole'), 50_000_000);
    await writeFile(join(place.folder, 'allotment', 'volume.json'), '{}\n');
    await file(4096, 'somebody put this here');
    const space = await walkSpace(place.folder, nothing);
    expect(space.onDiskBytes).toBe(await du());
    expect(sumOf(space)).toBe(space.onDiskBytes);
  });

  it('tells data from what arrives and from what leaves, and counts the rest as overhead', async () => {
    await file(5000, LIVES, 'repository', 'data', 'ab', 'abcd');
    const gone = await file(3000, LIVES, 'repository', 'index', 'going');
    await file(2000, LIVES, 'incoming', '0123');
    await file(700, LIVES, 'plot.json');
    await file(9000, ENDED, 'repository', 'data', 'cd', 'cdef');
    // Somebody else's folder is nobody's data.
    await file(8000, 'holiday', 'repository', 'data', 'aa', 'photo');
    const space = await walkSpace(place.folder, {
      stands: (plot) => (plot === ENDED ? 'leaving' : plot === LIVES ? 'living' : undefined),
      removals: new Set([gone]),
    });
    expect(space).toMatchObject({
      dataBytes: 5000n,
      arrivingBytes: 2000n,
      leavingBytes: 12_000n,
      onDiskBytes: await du(),
    });
    expect(space.overheadBytes).toBe((await du()) - 19_000n);
  });

  it('never counts below nothing where a file takes less than it holds', async () => {
    await truncate(await file(1, LIVES, 'repository', 'data', 'ef', 'with a hole'), 50_000_000);
    const space = await walkSpace(place.folder, nothing);
    expect(space.dataBytes).toBeLessThan(1_000_000n);
    expect(space.overheadBytes).toBeGreaterThanOrEqual(0n);
  });

  it('counts an empty folder, and one that is not there', async () => {
    expect((await walkSpace(place.folder, nothing)).onDiskBytes).toBe(await du());
    const none = await walkSpace(join(place.folder, 'unplugged'), nothing);
    expect(none.onDiskBytes).toBe(0n);
  });

  it('looks at hundreds of files in one folder without losing any', async () => {
    for (let number = 0; number < 300; number += 1)
      await file(number, LIVES, 'repository', 'data', 'aa', `${number}`);
    const space = await walkSpace(place.folder, nothing);
    expect(space.dataBytes).toBe((299n * 300n) / 2n);
    expect(space.onDiskBytes).toBe(await du());
  });
});
