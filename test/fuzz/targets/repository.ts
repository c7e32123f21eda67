import { zstdCompressSync } from 'node:zlib';
import { createDecompressor } from '../../../electron/core/backup/repository/decompressor.ts';
import { openKeyFile } from '../../../electron/core/backup/repository/key-file.ts';
import {
  encodeTree,
  parseTree,
  quoteName,
  unquoteName,
} from '../../../electron/core/backup/repository/node.ts';
import { openBlob, readHeader } from '../../../electron/core/backup/repository/pack.ts';
import {
  loadIndex,
  loadSnapshots,
  type RepositoryFault,
} from '../../../electron/core/backup/repository/repository.ts';
import type { RepositoryStore } from '../../../electron/core/backup/repository/repository-store.ts';
import { type MasterKey, seal } from '../../../electron/core/backup/repository/sealing.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { node } from '../../fakes/handmade-repository.ts';
import { insist, json, type Target } from '../target.ts';

/**
 * A repository as a friend may give it back. Without the key he can only spoil it; but whoever has stolen a
 * device has the key too, so everything is tried with a right seal as well.
 */
const key: MasterKey = {
  encrypt: Buffer.alloc(32, 1),
  macK: Buffer.alloc(16, 2),
  macR: Buffer.alloc(16, 3),
};
const ID = 'ab'.repeat(32);
const MEBIBYTE = 1024 * 1024;

function headerEntry(kind: number, length: number, plainLength: number): Buffer {
  const numbers = Buffer.alloc(kind < 2 ? 5 : 9);
  numbers.writeUInt8(kind, 0);
  numbers.writeUInt32LE(length, 1);
  if (kind >= 2) numbers.writeUInt32LE(plainLength, 5);
  return Buffer.concat([numbers, Buffer.alloc(32, kind)]);
}

export const packHeader: Target = {
  name: 'pack-header',
  kind: 'bytes',
  cases: 200_000,
  casesInCi: 2000,
  guided: true,
  open: async () => ({
    seeds: [
      Buffer.concat([headerEntry(0, 40, 0), headerEntry(2, 60, 300), headerEntry(3, 50, 200)]),
      headerEntry(1, 33, 0),
    ],
    run: (input) => {
      const header = seal(key, input.length === 0 ? Buffer.from([0]) : input);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(header.length);
      const body = Buffer.alloc(150);
      const pack = Buffer.concat([body, header, length]);
      const blobs = readHeader(key, pack);
      const sum = blobs?.reduce((total, blob) => total + blob.length, 0);
      insist(sum === undefined || sum === body.length, 'blobs that are not as long as their pack');
      // As he can do it without the key: the very bytes.
      insist(readHeader(key, Buffer.from(input)) === undefined, 'a pack that nobody sealed');
    },
    close: () => undefined,
  }),
};

export const blob: Target = {
  name: 'blob',
  kind: 'bytes',
  cases: 25_000,
  casesInCi: 500,
  guided: true,
  open: async () => {
    const decompress = createDecompressor();
    const withLength = (plain: Buffer, said = plain.length) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(said);
      return Buffer.concat([length, zstdCompressSync(plain)]);
    };
    return {
      seeds: [
        withLength(Buffer.from('words '.repeat(500))),
        withLength(Buffer.alloc(16)),
        // A bomb: 16 MiB of nothing that call themselves a hundred bytes.
        withLength(Buffer.alloc(16 * MEBIBYTE), 100),
      ],
      run: (input) => {
        if (input.length < 5) return;
        // What an index may say goes to 4 GiB; more than some megabytes of it would only test this machine.
        const said = Buffer.from(input).readUInt32LE(0);
        const plainLength = said > 32 * MEBIBYTE && said % 64 !== 0 ? said % (32 * MEBIBYTE) : said;
        if (plainLength === 0) return;
        const sealed = seal(key, input.subarray(4));
        for (const way of [undefined, decompress]) {
          const opened = openBlob(key, sealed, plainLength, way);
          insist(opened === undefined || opened.length === plainLength, 'a blob of another length');
        }
        insist(openBlob(key, input, plainLength) === undefined, 'a blob that nobody sealed');
      },
      close: () => undefined,
    };
  },
};

/** A store with one object of each of these, whatever their names. */
function storeWith(type: string, content: Uint8Array, name: string): RepositoryStore {
  return {
    save: async () => ok(undefined),
    load: async () => ok(content),
    stat: async () => ok({ sizeBytes: content.length }),
    list: async (wanted) => ok(wanted === type ? [{ name, sizeBytes: content.length }] : []),
    remove: async () => failed({ code: 'not-found' }),
  };
}

const STORE_FAULTS: ReadonlySet<RepositoryFault['code']> = new Set(['damaged']);

/** Sealed and compressed as they lie there; a first byte tells how. */
async function asObject<T>(
  type: 'index' | 'snapshots',
  input: Uint8Array,
  load: (store: RepositoryStore) => Promise<Result<T, RepositoryFault>>,
): Promise<T | undefined> {
  const sealed = seal(key, Buffer.concat([Buffer.from([2]), zstdCompressSync(input)]));
  const { hash } = await import('node:crypto');
  const loaded = await load(storeWith(type, sealed, hash('sha256', sealed)));
  insist(loaded.ok || STORE_FAULTS.has(loaded.fault.code), 'a fault that is no damage');
  return loaded.ok ? loaded.value : undefined;
}

export const index: Target = {
  name: 'index',
  kind: 'json',
  words: [ID, 'packs', 'blobs', 'supersedes', 'uncompressed_length', 'data', 'tree'],
  cases: 40_000,
  casesInCi: 800,
  guided: true,
  open: async () => ({
    seeds: [
      json({
        supersedes: [ID],
        packs: [
          {
            id: 'cd'.repeat(32),
            blobs: [
              { id: ID, type: 'data', offset: 0, length: 40 },
              {
                id: 'ef'.repeat(32),
                type: 'tree',
                offset: 40,
                length: 80,
                uncompressed_length: 300,
              },
            ],
          },
          { id: '12'.repeat(32), blobs: [{ id: ID, type: 'data', offset: 0, length: 40 }] },
        ],
      }),
    ],
    run: async (input) => {
      const read = await asObject('index', input, (store) => loadIndex({ store, key, id: ID }));
      insist(read === undefined || read.blobs.size <= input.length, 'blobs from nowhere');
    },
    close: () => undefined,
  }),
};

export const snapshots: Target = {
  name: 'snapshots',
  kind: 'json',
  words: ['time', 'tree', 'paths', 'hostname', 'tags', 'parent', 'summary', ID],
  cases: 40_000,
  casesInCi: 800,
  guided: true,
  open: async () => ({
    seeds: [
      json({
        time: '2026-11-24T18:03:11.123456789Z',
        tree: ID,
        paths: ['/home/ana/Documents'],
        hostname: 'laptop',
        username: 'ana',
        tags: ['set:Documents'],
        parent: ID,
        summary: { total_files_processed: 3, total_bytes_processed: 300 },
      }),
    ],
    run: async (input) => {
      await asObject('snapshots', input, (store) => loadSnapshots({ store, key, id: ID }));
    },
    close: () => undefined,
  }),
};

export const tree: Target = {
  name: 'tree',
  kind: 'json',
  words: [
    '\\x00',
    '\\u002f',
    '\\U0010ffff',
    '\\"',
    '\\',
    '\\377',
    '..',
    '.',
    'subtree',
    'content',
    'linktarget',
  ],
  cases: 80_000,
  casesInCi: 1500,
  guided: true,
  open: async () => ({
    seeds: [
      encodeTree([
        node('file', 'a.txt', { size: 5, content: [ID] }),
        node('dir', 'folder', { subtree: ID }),
        node('symlink', 'link', { linktarget: '../elsewhere' }),
        node('file', '\\xff\\u00e9\\n', { content: [] }),
      ]),
    ],
    run: (input) => {
      for (const { name } of parseTree(Buffer.from(input)) ?? []) {
        const bytes = unquoteName(name);
        if (bytes === undefined) continue;
        insist(!bytes.includes(0) && !bytes.includes(0x2f), 'a name that is a path');
        insist(bytes.length > 0 && !['.', '..'].includes(bytes.toString()), 'a name that goes up');
        insist(unquoteName(quoteName(bytes))?.equals(bytes) === true, 'a name that changes');
      }
    },
    close: () => undefined,
  }),
};

export const keyFile: Target = {
  name: 'key-file',
  kind: 'json',
  words: ['scrypt', 'argon2', 'AAAA', '====', 'N', 'r', 'p', 'salt', 'data'],
  cases: 15_000,
  casesInCi: 150,
  guided: true,
  open: async () => ({
    seeds: [
      // Cheap ones: what costs is restic's business, what is wrong is ours.
      json({ kdf: 'scrypt', N: 2, r: 1, p: 1, salt: 'AAAAAAAA', data: 'A'.repeat(300) }),
      json({ kdf: 'scrypt', N: 16, r: 8, p: 1, salt: '', data: '' }),
    ],
    run: async (input) => {
      // One that is costly and allowed is tried in the tests of the repository; here it would only take time.
      const { N, r, p } = costs(input);
      if (N * r * p > 1 << 16 && 128 * N * r <= 512 * MEBIBYTE && p <= 16) return;
      const opened = await openKeyFile(input, 'a password');
      insist(opened === undefined || opened === 'damaged', 'a key out of nothing');
    },
    close: () => undefined,
  }),
};

function costs(input: Uint8Array): { readonly N: number; readonly r: number; readonly p: number } {
  try {
    const { N, r, p } = JSON.parse(Buffer.from(input).toString()) as Record<string, unknown>;
    return { N: Number(N) || 0, r: Number(r) || 0, p: Number(p) || 0 };
  } catch {
    return { N: 0, r: 0, p: 0 };
  }
}
