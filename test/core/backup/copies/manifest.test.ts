import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  type Manifest,
  MANIFEST_REMOVALS_MAX,
  openManifest,
  sealManifest,
} from '../../../../electron/core/backup/copies/manifest.ts';
import { PAPER_BYTES_MAX } from '../../../../electron/core/backup/repository/repository-store.ts';
import { newMasterKey, seal } from '../../../../electron/core/backup/repository/sealing.ts';

const key = newMasterKey();
const nameOf = (number: number) => createHash('sha256').update(`${number}`).digest('hex');

const manifest: Manifest = {
  repository: 'ab'.repeat(32),
  writer: '0123456789abcdef',
  sequence: 7,
  atMs: 1_800_000_000_000,
  completeMs: 1_799_999_999_999,
  objects: 12,
  bytes: 34_567,
  trimmed: 2,
  removals: [
    { sequence: 5, type: 'data', name: nameOf(1) },
    { sequence: 5, type: 'index', name: nameOf(2) },
    { sequence: 7, type: 'snapshots', name: nameOf(3) },
  ],
  snapshots: [nameOf(4), nameOf(5)],
};

describe('a manifest', () => {
  test('comes back as it was left, with a backup and without', () => {
    for (const completeMs of [manifest.completeMs, undefined])
      expect(openManifest(key, sealManifest(key, { ...manifest, completeMs }))).toEqual({
        ...manifest,
        completeMs,
      });
  });

  test('opens with no other key, with no bit changed, and nothing else passes for one', () => {
    const sealed = sealManifest(key, manifest);
    expect(openManifest(newMasterKey(), sealed)).toBeUndefined();
    for (const at of [0, 20, sealed.length - 1]) {
      const broken = Buffer.from(sealed);
      broken[at] = (broken[at] ?? 0) ^ 1;
      expect(openManifest(key, broken)).toBeUndefined();
    }
    expect(openManifest(key, new Uint8Array())).toBeUndefined();
    // Sealed with the right key, but something else: a friend can put one object in place of another.
    expect(openManifest(key, seal(key, Buffer.from('{"v":1}')))).toBeUndefined();
    expect(openManifest(key, new Uint8Array(PAPER_BYTES_MAX + 1))).toBeUndefined();
  });

  test('keeps the newest removals that fit, each sequence as a whole, and says from where on they are', () => {
    const removals = Array.from({ length: MANIFEST_REMOVALS_MAX + 10 }, (_, at) => ({
      sequence: at < 20 ? 3 : at < 30 ? 4 : 9,
      type: 'data' as const,
      name: nameOf(at),
    }));
    const sealed = sealManifest(key, { ...manifest, removals });
    expect(sealed.length).toBeLessThan(PAPER_BYTES_MAX);
    const opened = openManifest(key, sealed);
    // Those of 9 and of 4 fit, those of 3 would be half a list.
    expect(opened?.trimmed).toBe(3);
    expect(opened?.removals).toEqual(removals.slice(20));
  });
});
