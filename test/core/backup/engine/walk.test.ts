import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Batcher, FileToRead } from '../../../../electron/core/backup/engine/batcher.ts';
import { nanoseconds } from '../../../../electron/core/backup/engine/content-before.ts';
import { createCounts } from '../../../../electron/core/backup/engine/counts.ts';
import type { EngineProblem } from '../../../../electron/core/backup/engine/jobs.ts';
import { READ_STATES } from '../../../../electron/core/backup/engine/messages.ts';
import { timeText } from '../../../../electron/core/backup/engine/node-text.ts';
import { nodeOf, parentTree } from '../../../../electron/core/backup/engine/parent-trees.ts';
import {
  findNodes,
  partsOf,
  withSlashes,
} from '../../../../electron/core/backup/engine/snapshot-paths.ts';
import { createSelection } from '../../../../electron/core/backup/engine/selection.ts';
import {
  createTreeText,
  type FinishedTree,
} from '../../../../electron/core/backup/engine/tree-text.ts';
import { createWalk } from '../../../../electron/core/backup/engine/walk.ts';
import { BlobIndex } from '../../../../electron/core/backup/repository/blob-index.ts';
import {
  encodeTree,
  parseTree,
  toTimestamp,
} from '../../../../electron/core/backup/repository/node.ts';
import { ok } from '../../../../shared/result.ts';
import { scratch } from '../../../fakes/homes.ts';
import { fc } from '../../../fakes/properties.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let source: string;
beforeEach(async () => {
  place = await scratch();
  source = join(place.folder, 'source');
  mkdirSync(source);
});
afterEach(() => place.remove());

/** A repository in memory, and files whose reading the test answers. */
function walking() {
  const trees = new Map<string, Buffer>();
  const index = { blobs: new BlobIndex(), packs: [] };
  let held: FileToRead[] = [];
  const read: string[] = [];
  const problems: EngineProblem[] = [];
  const idOf = (path: string) => createHash('sha256').update(path).digest('hex');

  function answer(file: FileToRead): void {
    const id = idOf(file.path);
    index.blobs.claim('data', Buffer.from(id, 'hex'));
    const { sizeBytes } = file;
    file.onRead({ state: READ_STATES.whole, content: [id], sizeBytes, fault: '' });
  }

  async function walk({
    suspectFromMs = 0,
    parent,
    order = (files) => files,
    folders = [source],
    platform = process.platform,
  }: {
    readonly suspectFromMs?: number;
    readonly parent?: string;
    readonly order?: (files: readonly FileToRead[]) => readonly FileToRead[];
    readonly folders?: readonly string[];
    readonly platform?: NodeJS.Platform;
  }) {
    read.length = 0;
    const counts = createCounts(() => undefined);
    const batcher: Batcher = {
      add: (file) => {
        held.push(file);
        read.push(file.path.slice(source.length + 1));
      },
      isFull: () => false,
      room: async () => undefined,
      finish: async () => {
        const files = order(held);
        held = [];
        for (const file of files) answer(file);
      },
    };
    const { saveAll } = createWalk({
      selection: createSelection({
        rules: { exclude: [], caches: false, maxFileBytes: null },
        leaveOut: [],
      }),
      index,
      batcher,
      trees: {
        save: (tree: FinishedTree) => {
          if (tree.same !== undefined) return tree.same;
          const id = createHash('sha256').update(tree.plaintext).digest('hex');
          trees.set(id, tree.plaintext);
          return id;
        },
        flush: () => undefined,
      },
      readParent: async (id) => {
        const plaintext = trees.get(id);
        return plaintext === undefined ? undefined : parentTree(id, plaintext);
      },
      counts,
      problem: (problem) => problems.push(problem),
      suspectFromMs,
      platform,
      pause: async () => undefined,
    });
    const root = await saveAll(folders, parent);
    return { root, counts: counts.now(), read: [...read] };
  }
  return { walk, trees, problems, index };
}

/** The folders above are other tests' too, and change. */
function treeOfSource(trees: ReadonlyMap<string, Buffer>): string {
  for (const plaintext of trees.values()) {
    const node = parseTree(plaintext)?.find(({ name }) => name === 'source');
    if (typeof node?.subtree === 'string') return node.subtree;
  }
  throw new Error('no tree has the source');
}

const LATER_MS = Date.now() + 1_000_000_000;

describe('a walk', () => {
  test('reads what is new and what changed, and nothing else', async () => {
    for (const name of ['a', 'b', 'c']) writeFileSync(join(source, name), name);
    const { walk } = walking();
    const first = await walk({});
    expect(first.read).toEqual(['a', 'b', 'c']);
    writeFileSync(join(source, 'b'), 'longer');
    writeFileSync(join(source, 'aa'), 'new');
    rmSync(join(source, 'c'));
    const second = await walk({ parent: first.root, suspectFromMs: LATER_MS });
    expect(second.read).toEqual(['aa', 'b']);
    expect(second.counts).toMatchObject({ files: 3, filesNew: 2, filesChanged: 1 });
  });

  // The first two names of where the source lies are read as a share; the system here takes two slashes for one.
  test.skipIf(process.platform === 'win32')(
    'keeps what another computer shares on Windows, under its name as restic has it',
    async () => {
      writeFileSync(join(source, 'letter'), 'x');
      const { walk, trees, problems } = walking();
      const folder = source.replaceAll('/', '\\');
      const { root, counts } = await walk({ folders: [`\\${folder}`], platform: 'win32' });
      expect(problems).toEqual([]);
      expect(counts).toMatchObject({ files: 1, filesFailed: 0 });
      const parts = partsOf(`\\${folder}`);
      const [, server, share, ...below] = folder.split('\\');
      expect(parts).toEqual([`\\\\${server}\\${share}`, ...below]);
      const found = await findNodes(
        async (id) => ok(parseTree(trees.get(id) ?? Buffer.alloc(0)) ?? []),
        root,
        withSlashes(`\\${folder}\\letter`),
      );
      const elsewhere = walking();
      const plain = await elsewhere.walk({});
      const typed = await findNodes(
        async (id) => ok(parseTree(elsewhere.trees.get(id) ?? Buffer.alloc(0)) ?? []),
        plain.root,
        `/${source}`,
      );
      expect(typed.ok && typed.value).toBeTruthy();
      expect(found.ok && found.value?.map(({ type }) => type)).toEqual([
        ...parts.map(() => 'dir'),
        'file',
      ]);
    },
  );

  test('reads a file again that was written when the last backup began: once more in that moment would not show', async () => {
    writeFileSync(join(source, 'a'), 'x');
    const { walk } = walking();
    const { root } = await walk({});
    const writtenMs = Math.floor(statSync(join(source, 'a')).ctimeMs);
    expect((await walk({ parent: root, suspectFromMs: writtenMs - 1 })).read).toEqual(['a']);
    expect((await walk({ parent: root, suspectFromMs: writtenMs + 1 })).read).toEqual([]);
  });

  test('reads a file again whose chunks the repository does not have', async () => {
    writeFileSync(join(source, 'a'), 'x');
    const first = walking();
    const { root } = await first.walk({});
    const other = walking();
    for (const [id, tree] of first.trees) other.trees.set(id, tree);
    const again = await other.walk({ parent: root, suspectFromMs: LATER_MS });
    expect(again.read).toEqual(['a']);
    expect(again.counts).toMatchObject({ filesNew: 0, filesUnchanged: 1 });
  });

  test('comes to the same trees in whatever order files are read', async () => {
    for (let i = 0; i < 60; i += 1) {
      mkdirSync(join(source, `${i % 7}`, `${i % 3}`), { recursive: true });
      writeFileSync(join(source, `${i % 7}`, `${i % 3}`, `${i}`), `${i}`);
    }
    const forwards = walking();
    await forwards.walk({});
    const backwards = walking();
    await backwards.walk({ order: (files) => [...files].reverse() });
    expect(treeOfSource(forwards.trees)).toBe(treeOfSource(backwards.trees));
  });

  test('of two folders that were chosen puts each where it lies, and one in the other once', async () => {
    mkdirSync(join(source, 'a', 'b'), { recursive: true });
    mkdirSync(join(source, 'c'));
    for (const path of ['a/x', 'a/b/y', 'c/z']) writeFileSync(join(source, path), path);
    const { walk } = walking();
    const folders = ['a', 'a/b', 'c'].map((path) => join(source, path));
    expect((await walk({ folders })).read.sort()).toEqual(['a/b/y', 'a/x', 'c/z']);
  });

  test('of a folder that is not there says so and goes on', async () => {
    writeFileSync(join(source, 'a'), 'x');
    const { walk, problems } = walking();
    const folders = [join(place.folder, 'gone'), source];
    expect((await walk({ folders })).read).toEqual(['a']);
    expect(problems).toMatchObject([{ code: 'file-vanished' }]);
  });
});

const plainNode = fc.record({
  name: fc.string({ minLength: 1, maxLength: 8 }),
  size: fc.integer({ min: 0, max: 1000 }),
});
type PlainNode = { readonly name: string; readonly size: number };
const textOf = (node: PlainNode) =>
  JSON.stringify(
    parseTree(Buffer.from(JSON.stringify({ nodes: [{ ...node, type: 'file' }] })))?.[0],
  );
const treeOf = (nodes: readonly PlainNode[]) =>
  Buffer.from(`{"nodes":[${nodes.map(textOf).join(',')}]}\n`);

describe('the text of a tree', () => {
  test('is the same as if it had been written at once, whatever comes late, is dropped, or was there before', () => {
    const entries = fc.array(
      fc.record({ node: plainNode, isLate: fc.boolean(), isGone: fc.boolean() }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(entries, fc.array(plainNode), fc.boolean(), (all, others, isSame) => {
        const kept = all
          .filter(({ isLate, isGone }) => !(isLate && isGone))
          .map(({ node }) => node);
        const before = treeOf(isSame ? kept : others);
        const text = createTreeText(parentTree('before', before));
        const late: (() => void)[] = [];
        for (const { node, isLate, isGone } of all) {
          if (!isLate) text.add(textOf(node));
          else {
            const put = text.later();
            late.push(() => put(isGone ? undefined : textOf(node)));
          }
        }
        let finished: FinishedTree | undefined;
        text.end((tree) => {
          finished = tree;
        });
        for (const each of late.reverse()) each();
        const whole = treeOf(kept);
        if (whole.equals(before)) expect(finished).toEqual({ same: 'before' });
        else expect(finished).toEqual({ same: undefined, plaintext: whole });
      }),
    );
  });

  test('of before is found by name, also among names that look like text of a tree', () => {
    const names = fc.uniqueArray(
      fc.oneof(
        fc.string({ minLength: 1, maxLength: 6 }),
        fc.constantFrom('},{"name":"', ']}', '"', '\\', '"extended_attributes":', '},{'),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(names, fc.array(fc.nat(12)), (all, asked) => {
        const nodes = all.map((name, size) => ({ name, size }));
        const tree = parentTree('id', treeOf(nodes));
        for (const name of all) expect(tree.find(JSON.stringify(name))).toBeDefined();
        const again = parentTree('id', treeOf(nodes));
        for (const at of asked) {
          const name = all[at];
          if (name === undefined) continue;
          const found = again.find(JSON.stringify(name));
          // Asked twice, what was in order is behind; then the file is read again, which is right too.
          if (found !== undefined) expect(nodeOf(found)).toMatchObject({ name, size: at });
        }
        expect(again.find(JSON.stringify('not there at all'))).toBeUndefined();
      }),
    );
  });

  test('has times as they have always been written, and reads restic’s', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 21n), max: 10n ** 21n }), (ns) => {
        expect(timeText(ns)).toBe(toTimestamp(ns));
      }),
    );
    expect(nanoseconds('2026-01-02T03:04:05.12+05:30')).toBe(1_767_303_245_120_000_000n);
    expect(nanoseconds('1969-12-31T23:59:59.999999999Z')).toBe(-1n);
    expect(nanoseconds('yesterday')).toBeUndefined();
  });

  test('of ours stands in the same order as trees always have', () => {
    const nodes = parseTree(treeOf([{ name: 'a', size: 1 }])) ?? [];
    expect(encodeTree(nodes).equals(treeOf([{ name: 'a', size: 1 }]))).toBe(true);
  });
});
