import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  bearable,
  findPlace,
  makeFolder,
  placeFault,
  roundDown,
} from '../../../electron/core/plots/offer-place.ts';
import { GB, MB } from '../../../shared/units.ts';
import { scratch } from '../../fakes/homes.ts';
import { fc } from '../../fakes/properties.ts';

let place: Awaited<ReturnType<typeof scratch>>;
beforeEach(async () => {
  place = await scratch();
});
afterEach(() => place.remove());

/** Nothing is refused to root; so whoever tests as root is somebody else meanwhile. */
async function asNobody(act: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.(65_534);
  try {
    await act();
  } finally {
    process.seteuid?.(0);
  }
}

const code = (result: { ok: true } | { ok: false; fault: { code: string } }) =>
  result.ok ? 'fine' : result.fault.code;

describe('findPlace()', () => {
  it('finds a folder, or the nearest one above it', async () => {
    expect(await findPlace(place.folder)).toEqual({
      ok: true,
      value: { exists: true, nearest: place.folder },
    });
    expect(await findPlace(join(place.folder, 'a', 'b', 'c'))).toEqual({
      ok: true,
      value: { exists: false, nearest: place.folder },
    });
  });

  it('says that a file is in the way, at the end or above', async () => {
    const file = join(place.folder, 'letter.txt');
    await writeFile(file, 'dear friend');
    expect(code(await findPlace(file))).toBe('not-a-folder');
    expect(code(await findPlace(join(file, 'a', 'b')))).toBe('not-a-folder');
  });

  it('says that a path is too long, or that no system could have it', async () => {
    expect(code(await findPlace(join(place.folder, 'x'.repeat(300))))).toBe('path-too-long');
    expect(code(await findPlace(`/${'x/'.repeat(2000)}`))).toBe('path-too-long');
    expect(code(await findPlace(join(place.folder, 'a\0b')))).toBe('folder-missing');
  });

  it.skipIf(process.platform === 'win32')('says that it is not let in', async () => {
    const folder = join(place.folder, 'private');
    await mkdir(folder, { mode: 0o500 });
    await asNobody(async () => {
      expect(code(await findPlace(folder))).toBe('folder-unreadable');
      expect(code(await findPlace(join(folder, 'a', 'b')))).toBe('folder-unreadable');
      expect(await makeFolder(join(folder, 'a'))).toEqual({
        ok: false,
        fault: { code: 'folder-unreadable', params: { folder } },
      });
    });
  });

  it('says that a disk is read-only', () => {
    const error = Object.assign(new Error('read-only'), { code: 'EROFS' });
    expect(placeFault(error, '/cd').code).toBe('folder-read-only');
  });
});

describe('makeFolder()', () => {
  it('makes one folder, not a path of them', async () => {
    const folder = join(place.folder, 'Allotment');
    expect(await makeFolder(folder)).toEqual({ ok: true, value: true });
    expect(await makeFolder(folder)).toEqual({ ok: true, value: false });
    const deep = await makeFolder(join(place.folder, 'a', 'b'));
    expect(deep).toEqual({
      ok: false,
      fault: { code: 'folder-missing', params: { folder: join(place.folder, 'a') } },
    });
  });

  it('says that a file is where the folder above should be', async () => {
    await mkdir(join(place.folder, 'a'));
    await writeFile(join(place.folder, 'a', 'file'), '');
    expect(code(await makeFolder(join(place.folder, 'a', 'file', 'b')))).toBe('not-a-folder');
  });
});

describe('bearable()', () => {
  it.each([
    // Free, in all, written there already → most, suggested, kept free.
    [500n * GB, 1000n * GB, 0n, 450n * GB, 200n * GB, 50n * GB],
    [500n * GB, 1000n * GB, 40n * GB, 490n * GB, 200n * GB, 50n * GB],
    [90n * GB, 100n * GB, 0n, 80n * GB, 40n * GB, 10n * GB],
    [10n * GB, 100n * GB, 0n, 0n, 0n, 10n * GB],
    [10n * GB + 100n * MB, 100n * GB, 0n, 100n * MB, 0n, 10n * GB],
    [4n * GB, 10n * GB, 0n, 3n * GB, 1500n * MB, GB],
    [0n, 0n, 0n, 0n, 0n, 0n],
  ])('%d of %d free, %d written', (free, total, written, most, suggested, keepFree) => {
    expect(bearable({ freeBytes: free, totalBytes: total }, written)).toEqual({
      mostBytes: most,
      suggestedBytes: suggested,
      keepFreeBytes: keepFree,
    });
  });

  it('never suggests more than half of what the disk can bear', () => {
    const bytes = fc.bigInt({ min: 0n, max: 2n ** 50n });
    fc.assert(
      fc.property(bytes, bytes, bytes, (freeBytes, more, written) => {
        const size = { freeBytes, totalBytes: freeBytes + more };
        const { mostBytes, suggestedBytes, keepFreeBytes } = bearable(size, written);
        expect(2n * suggestedBytes).toBeLessThanOrEqual(mostBytes);
        if (mostBytes > written)
          expect(mostBytes - written + keepFreeBytes).toBeLessThanOrEqual(freeBytes);
      }),
    );
  });

  it('rounds down to what a person would say', () => {
    expect([437n * GB, 19n * GB, 87n * GB, 999n * MB, 5n, 0n].map(roundDown)).toEqual([
      400n * GB,
      15n * GB,
      85n * GB,
      950n * MB,
      5n,
      0n,
    ]);
  });
});
