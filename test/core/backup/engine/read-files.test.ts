import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bytePath } from '../../../../electron/core/backup/engine/byte-paths.ts';
import { cutAfter, gearTable } from '../../../../electron/core/backup/engine/chunker.ts';
import { READ_STATES } from '../../../../electron/core/backup/engine/messages.ts';
import {
  createReadFiles,
  GROWTH_BYTES_MAX,
} from '../../../../electron/core/backup/engine/read-files.ts';
import { scratch } from '../../../fakes/homes.ts';

const gear = gearTable(Buffer.alloc(32, 5));
let place: Awaited<ReturnType<typeof scratch>>;
beforeEach(async () => {
  place = await scratch();
});
afterEach(() => place.remove());

/** Everything is wanted; what is packed is kept by its id. */
function reading(onAsk: () => void = () => undefined) {
  const packed = new Map<string, Buffer>();
  const read = createReadFiles({
    gear,
    ask: async (ids) => {
      onAsk();
      return new Uint8Array(ids.length / 32).fill(1);
    },
    pack: (id, plaintext) => packed.set(id.toString('hex'), Buffer.from(plaintext)),
  });
  const paths = (names: readonly string[]) =>
    names.map((name) => bytePath(join(place.folder, name)));
  return { packed, read: (...names: readonly string[]) => read(paths(names)) };
}

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Where a file that is read as a whole would be cut. */
function chunksOf(bytes: Buffer): readonly string[] {
  const ids: string[] = [];
  for (let from = 0; from < bytes.length; ) {
    const to = cutAfter(bytes, gear, { from, to: bytes.length });
    ids.push(sha(bytes.subarray(from, to)));
    from = to;
  }
  return ids;
}

describe('reading', () => {
  test('cuts every file as if it were read alone and whole, holes too', async () => {
    const files = [
      randomBytes(10),
      Buffer.alloc(0),
      randomBytes(500_000),
      randomBytes(9_000_000),
      Buffer.alloc(7_000_000),
      Buffer.concat([randomBytes(1_234_567), Buffer.alloc(6_000_000), randomBytes(3)]),
      randomBytes(512 * 1024),
      Buffer.concat([Buffer.alloc(2_500_000), randomBytes(700_000)]),
      randomBytes(3_000_000),
    ];
    for (const [at, bytes] of files.entries()) writeFileSync(join(place.folder, `${at}`), bytes);
    const { read, packed } = reading();
    const result = await read(...files.map((_, at) => `${at}`));
    expect([...result.sizes]).toEqual(files.map(({ length }) => length));
    expect(new Set(result.states)).toEqual(new Set([READ_STATES.whole]));
    const expected = files.map(chunksOf);
    expect([...result.counts]).toEqual(expected.map(({ length }) => length));
    const ids = Buffer.from(result.ids);
    const found = Array.from({ length: ids.length / 32 }, (_, at) =>
      ids.toString('hex', at * 32, at * 32 + 32),
    );
    expect(found).toEqual(expected.flat());
    for (const id of found) expect(sha(packed.get(id) ?? Buffer.alloc(0))).toBe(id);
  });

  test('of a file that grows without end ends, and says so', async () => {
    const path = join(place.folder, 'log');
    writeFileSync(path, randomBytes(6_000_000));
    let bytes = 6_000_000;
    const { read } = reading(() => {
      bytes += 50_000_000;
      truncateSync(path, bytes);
    });
    const result = await read('log');
    expect(result.states[0]).toBe(READ_STATES.grows);
    expect(result.sizes[0]).toBe(6_000_000 + GROWTH_BYTES_MAX);
  });

  test('of a file to which a line is added says that it changed, and has the line', async () => {
    const path = join(place.folder, 'log');
    writeFileSync(path, randomBytes(6_000_000));
    let isAdded = false;
    const { read } = reading(() => {
      if (!isAdded) appendFileSync(path, 'a line');
      isAdded = true;
    });
    const result = await read('log');
    expect(result.states[0]).toBe(READ_STATES.changed);
    expect(result.sizes[0]).toBe(6_000_006);
  });

  test('follows no link, waits for no pipe, and says what is not there', async () => {
    writeFileSync(join(place.folder, 'file'), 'x');
    symlinkSync('file', join(place.folder, 'link'));
    mkdirSync(join(place.folder, 'folder'));
    execFileSync('mkfifo', [join(place.folder, 'pipe')]);
    const { read } = reading();
    const result = await read('link', 'pipe', 'gone', 'folder', 'file');
    const { failed, vanished, whole } = READ_STATES;
    expect([...result.states]).toEqual([failed, vanished, failed, vanished, whole]);
    expect([...result.faults]).toEqual([
      [0, 'ELOOP'],
      [2, 'ENOENT'],
    ]);
  });
});
