import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { keptMs, sendSlices } from '../../../../electron/core/client/connection/send-slices.ts';

const KB = 1024;

/** A line that takes so long for each kilobyte once the system keeps no more, by a clock that only it moves on. */
function line(msPerKb: (takenBytes: number) => number, keptBytes = 0) {
  let nowMs = 0;
  let taken = 0;
  const pieces: number[] = [];
  const stream = new Writable({
    highWaterMark: 1024 * KB,
    write: (piece: Buffer, _encoding, done) => {
      pieces.push(piece.length);
      taken += piece.length;
      if (taken > keptBytes) nowMs += (piece.length / KB) * msPerKb(taken);
      setImmediate(done);
    },
  });
  return { stream, pieces, taken: () => taken, now: () => nowMs };
}

const send = (
  { stream, now }: ReturnType<typeof line>,
  chunks: readonly Uint8Array[],
  before?: number,
) => sendSlices(stream, chunks, { before, now });

const pack = (bytes: number) => [Buffer.alloc(bytes)];

describe('a body on its way', () => {
  test('is handed on in small pieces as long as the line is slow, so that it is seen to move', async () => {
    // What the system keeps is taken at once, and says nothing about the line.
    const slow = line(() => 2000, 200 * KB);
    const pace = await send(slow, pack(600 * KB));
    expect(slow.taken()).toBe(600 * KB);
    expect(Math.max(...slow.pieces)).toBe(16 * KB);
    expect((pace ?? 0) * KB).toBeCloseTo(2000);
  });

  test('is handed on in large pieces where the line is fast, from small chunks too', async () => {
    for (const chunks of [
      pack(4096 * KB),
      Array.from({ length: 64 }, () => Buffer.alloc(64 * KB)),
    ]) {
      const fast = line(() => 0.01);
      expect(await send(fast, chunks)).toBe(0);
      expect(fast.taken()).toBe(4096 * KB);
      // Two dozen waits for a pack, no more.
      expect(fast.pieces.length).toBeLessThan(100);
      expect(Math.max(...fast.pieces)).toBe(Math.min(256 * KB, chunks[0]?.length ?? 0));
    }
  });

  test('begins with large pieces where the line was found to be fast before', async () => {
    const fast = line(() => 0.01);
    expect(await send(fast, pack(1024 * KB), 0)).toBe(0);
    expect(fast.pieces).toEqual([256, 256, 256, 256].map((kb) => kb * KB));
    const slow = line(() => 0.01);
    await send(slow, pack(64 * KB), 1);
    expect(slow.pieces).toEqual([16, 16, 16, 16].map((kb) => kb * KB));
  });

  test('gets small pieces again where the line becomes slow, and large ones where it recovers', async () => {
    const changing = line((taken) => (taken > 1024 * KB && taken < 1600 * KB ? 1000 : 0.01));
    expect(await send(changing, pack(4096 * KB))).toBe(0);
    const sizes = changing.pieces.map((bytes) => bytes / KB);
    const [first, last] = [sizes.indexOf(256), sizes.lastIndexOf(256)];
    expect(sizes.slice(first, last)).toContain(16);
  });

  test('ends where the line does', async () => {
    const gone = line(() => 0);
    const sent = send(gone, pack(4096 * KB));
    gone.stream.destroy();
    await sent;
    expect(gone.taken()).toBeLessThan(64 * KB);
  });
});

describe('what the system keeps', () => {
  test('is waited for as long as the line was found to take, and for five minutes at most', () => {
    const perByte = 2000 / KB;
    expect(keptMs(perByte, 10 * KB)).toBe(20_000);
    expect(keptMs(perByte / 2, 4096 * KB)).toBe(256_000);
    expect(keptMs(perByte, 4096 * KB)).toBe(300_000);
  });

  test('is nothing on a line that was never slow: whoever is gone there is noticed as soon', () => {
    expect(keptMs(0, 4096 * KB)).toBe(0);
    expect(keptMs(undefined, 4096 * KB)).toBe(0);
  });

  test('is not known after a body that the system could keep as a whole', async () => {
    expect(
      await send(
        line(() => 2000, 200 * KB),
        pack(100 * KB),
      ),
    ).toBeUndefined();
  });
});
