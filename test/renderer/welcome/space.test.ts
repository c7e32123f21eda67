import { describe, expect, test } from 'vitest';
import { barOf, spaceOf } from '../../../renderer/welcome/space.ts';
import type { DiskLook } from '../../../shared/contract/views.ts';
import { GB } from '../../../shared/units.ts';
import { gb, offer } from '../worlds/world-parts.ts';
import { fc } from '../../fakes/properties.ts';

const look: DiskLook = {
  folder: '/srv/spare',
  exists: true,
  freeBytes: gb(1200),
  diskBytes: gb(2000),
  mostBytes: gb(1150),
  suggestedBytes: gb(500),
  keepFreeBytes: gb(50),
};
const typed = { look, offer: null, size: '500 GB', keep: '50 GB', units: 'decimal' } as const;

describe('what the disk can bear', () => {
  test('is what is free, less what must stay free', () => {
    expect(spaceOf(typed)).toMatchObject({ mostBytes: 1150n * GB, leftBytes: 700n * GB });
    expect(spaceOf({ ...typed, keep: '0' }).mostBytes).toBe(1200n * GB);
    expect(spaceOf({ ...typed, keep: '3 TB' }).mostBytes).toBe(0n);
  });

  test('counts what friends have written already as theirs', () => {
    const present = offer({ folder: look.folder, writtenBytes: gb(100) });
    expect(spaceOf({ ...typed, offer: present }).mostBytes).toBe(1250n * GB);
    expect(spaceOf({ ...typed, offer: { ...present, folder: '/other' } }).mostBytes).toBe(
      1150n * GB,
    );
  });

  test('falls back on what the disk suggests while what must stay free can’t be read', () => {
    expect(spaceOf({ ...typed, keep: 'lots' })).toMatchObject({
      keepBytes: undefined,
      mostBytes: 1150n * GB,
    });
  });

  test('is not known while the disk is not', () => {
    expect(spaceOf({ ...typed, look: undefined })).toEqual({
      sizeBytes: 500n * GB,
      keepBytes: 50n * GB,
      mostBytes: undefined,
      leftBytes: undefined,
      choices: [],
    });
  });
});

test('the bar never is longer than the disk', () => {
  const bytes = fc.bigInt(0n, 10_000n * GB);
  fc.assert(
    fc.property(bytes, bytes, bytes, (disk, free, size) => {
      const bar = barOf({ ...look, diskBytes: `${disk}`, freeBytes: `${free}` }, size);
      expect(bar.used).toBeGreaterThanOrEqual(0);
      expect(bar.shared).toBeGreaterThanOrEqual(0);
      expect(bar.used + bar.shared).toBeLessThanOrEqual(100);
    }),
  );
});
