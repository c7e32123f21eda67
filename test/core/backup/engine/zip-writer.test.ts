import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createZipWriter } from '../../../../electron/core/backup/engine/zip-writer.ts';

/** A zip squeezes each file on its way: what the disk says against it must come through there. */
test('what the disk says is what whoever writes hears, and nobody waits for ever', async () => {
  let room = 100_000;
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  const writer = createZipWriter(async (bytes) => {
    room -= bytes.length;
    if (room < 0) throw full;
  });
  const sizeBytes = 10_000_000;
  const path = Buffer.from('film');
  const entry = {
    kind: 'file',
    path,
    mode: 0o600,
    uid: 0,
    gid: 0,
    mtimeNs: 0n,
    sizeBytes,
  } as const;
  async function writeAll(): Promise<void> {
    await writer.begin({ ...entry, target: undefined });
    for (let at = 0; at < sizeBytes; at += 500_000) await writer.write(randomBytes(500_000));
    await writer.finish();
  }
  await expect(writeAll()).rejects.toBe(full);
});
