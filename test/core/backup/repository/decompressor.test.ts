import { zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createDecompressor } from '../../../../electron/core/backup/repository/decompressor.ts';

const texts = Array.from({ length: 40 }, (_, at) => `row ${at} `.repeat(1 + at * 40));

test('blobs are opened one after the other, whatever was wrong with those between them', () => {
  const decompress = createDecompressor();
  for (const [at, text] of texts.entries()) {
    const frame = zstdCompressSync(text);
    // Cut off, of another length than was said, or changed.
    const bad = [
      decompress(frame.subarray(0, frame.length >> 1), text.length),
      decompress(frame, text.length - 1),
      decompress(frame, text.length + 1),
      decompress(Buffer.from(frame).fill(7, 0, 6), text.length),
    ];
    expect(bad[at % bad.length]).toBeUndefined();
    const plaintext = decompress(frame, text.length);
    expect(plaintext && Buffer.from(plaintext).toString()).toBe(text);
  }
});
