import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { type FileHandle, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeObject } from '../../../electron/core/plots/object-file.ts';
import { receive } from '../../../electron/core/plots/receive.ts';
import { parseRange } from '../../../electron/core/plots/repository-handler.ts';
import { scratch } from '../../fakes/homes.ts';

let place: Awaited<ReturnType<typeof scratch>>;
beforeEach(async () => {
  place = await scratch();
  await mkdir(join(place.folder, 'incoming'));
});
afterEach(() => place.remove());

function incoming(bytes: Buffer, sizeBytes = bytes.length) {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    temporary: join(place.folder, 'incoming', 'one'),
    final: join(place.folder, 'kept', sha256),
    sizeBytes,
    sha256,
  };
}

const rate = { bytes: 1000, withinMs: 40 };

test('an object appears whole under its name', async () => {
  const bytes = randomBytes(3_000_000);
  const parts = Array.from({ length: 30 }, (_, at) =>
    bytes.subarray(at * 100_000, (at + 1) * 100_000),
  );
  const into = incoming(bytes);
  expect(await writeObject(into, Readable.from(parts), rate)).toMatchObject({ ok: true });
  expect(readFileSync(into.final)).toEqual(bytes);
  expect(readdirSync(join(place.folder, 'incoming'))).toEqual([]);
});

test.each([
  ['hash-mismatch', (bytes: Buffer) => Readable.from([Buffer.alloc(bytes.length)])],
  ['too-short', (bytes: Buffer) => Readable.from([bytes.subarray(1)])],
  ['too-long', (bytes: Buffer) => Readable.from([bytes, Buffer.from('more')])],
  ['too-short', (bytes: Buffer) => broken(bytes)],
  ['too-slow', () => Readable.from(never())],
  ['too-slow', () => Readable.from(dribble())],
])('%s leaves nothing behind', async (code, bodyOf) => {
  const bytes = randomBytes(50_000);
  const into = incoming(bytes);
  expect(await writeObject(into, bodyOf(bytes), rate)).toMatchObject({
    ok: false,
    fault: { code },
  });
  expect(readdirSync(join(place.folder, 'incoming'))).toEqual([]);
  expect(() => readFileSync(into.final)).toThrow('ENOENT');
});

function broken(bytes: Buffer): Readable {
  return Readable.from(
    (async function* () {
      yield bytes.subarray(0, 100);
      throw new Error('ECONNRESET');
    })(),
  );
}

async function* never(): AsyncGenerator<Buffer> {
  await new Promise((resolve) => setTimeout(resolve, 400));
  yield Buffer.from('too late');
}

/** A byte now and then: never silent, and never done. */
async function* dribble(): AsyncGenerator<Buffer> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    yield Buffer.from('x');
  }
}

test('ranges as RFC 9110 has them', () => {
  expect(parseRange(undefined, 100n)).toBeUndefined();
  expect(parseRange('bytes=0-9', 100n)).toEqual({ from: 0n, to: 10n });
  expect(parseRange('bytes=90-', 100n)).toEqual({ from: 90n, to: 100n });
  expect(parseRange('bytes=90-1000', 100n)).toEqual({ from: 90n, to: 100n });
  expect(parseRange('bytes=-10', 100n)).toEqual({ from: 90n, to: 100n });
  expect(parseRange('bytes=100-', 100n)).toBe('unsatisfiable');
  expect(parseRange('bytes=-0', 100n)).toBe('unsatisfiable');
  for (const odd of [
    'bytes=9-0',
    'bytes=-',
    'bytes=a-b',
    'items=0-1',
    'bytes=0-1,3-4',
    `bytes=${'9'.repeat(30)}-`,
  ])
    expect(parseRange(odd, 100n)).toBeUndefined();
});

test('a body that comes in one piece larger than what is written at a time arrives whole, and so do many small ones', async () => {
  const bytes = randomBytes(3 * 1024 * 1024 + 17);
  const small = Array.from({ length: 100 }, (_, at) => bytes.subarray(at * 31, at * 31 + 31));
  for (const chunks of [[bytes], small]) {
    const all = Buffer.concat(chunks);
    const target = incoming(all);
    const taken = await writeObject(target, Readable.from(chunks), rate);
    expect(taken).toEqual({ ok: true, value: undefined });
    expect(readFileSync(target.final).equals(all)).toBe(true);
  }
});

test('while the disk takes its time, a body does not count as slow', async () => {
  const bytes = randomBytes(4 * 1024 * 1024);
  const disk = { writes: 0 };
  const file = {
    write: async (_: Buffer, __: number, length: number) => {
      disk.writes += 1;
      await new Promise((resolve) => setTimeout(resolve, 3 * rate.withinMs));
      return { bytesWritten: length };
    },
  } as unknown as FileHandle;
  const how = await receive(file, Readable.from([bytes]), {
    sizeBytes: bytes.length,
    rate,
    onPiece: () => undefined,
  });
  expect(how).toEqual({ how: 'ended', length: bytes.length });
  expect(disk.writes).toBe(8);
});
