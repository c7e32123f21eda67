import { expect, test } from 'vitest';
import { createParentReader } from '../../../../electron/core/backup/engine/parent-trees.ts';
import { openPackCache } from '../../../../electron/core/backup/engine/pack-cache.ts';
import {
  encodeTree,
  type Node,
  parseTree,
  quoteName,
} from '../../../../electron/core/backup/repository/node.ts';
import { loadIndex } from '../../../../electron/core/backup/repository/repository.ts';
import { beginByHand, fileNode, node } from '../../../fakes/handmade-repository.ts';
import { scratch } from '../../../fakes/homes.ts';
import { createMemoryRepositoryStore } from '../../../fakes/memory-repository-store.ts';
import { fc } from '../../../fakes/properties.ts';

/** Trees whose text is longer than any text can be. */
const names = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
    fc.constantFrom('"', '\\', '{[', ']}', '},{"name":"', 'a\\"', ','),
  )
  .map((text) => quoteName(Buffer.from(text)));
const nodes: fc.Arbitrary<Node> = fc.oneof(
  names.map((name) => fileNode(name, 'a'.repeat(64), 3)),
  fc.tuple(names, names).map(([name, linktarget]) => node('symlink', name, { linktarget })),
);

test('are read entry by entry, to the same', () => {
  fc.assert(
    fc.property(fc.array(nodes, { maxLength: 6 }), (all) => {
      const plaintext = encodeTree(all);
      expect(parseTree(plaintext, 0)).toEqual(parseTree(plaintext));
    }),
  );
});

test('are damaged where they would be in one piece', () => {
  const plaintext = encodeTree([fileNode('a', 'b'.repeat(64), 1), node('dir', 'c')]);
  for (let length = 0; length < plaintext.length - 1; length += 1)
    expect(parseTree(plaintext.subarray(0, length), 0)).toBeUndefined();
  for (const text of [
    '{"nodes":[,]}',
    '{"nodes":[{}]}',
    '{"nodes":[]}}',
    '{"nodes":[1]}',
    '{"nodes":[]',
  ])
    expect([text, parseTree(Buffer.from(text), 0)]).toEqual([text, undefined]);
});

test('have their files read again by the next backup', async () => {
  const place = await scratch();
  const store = createMemoryRepositoryStore();
  const hand = await beginByHand(store);
  const tree = hand.tree(fileNode('a', hand.data('x'), 1));
  await hand.snapshot(tree, { paths: ['/'] });
  const repository = { ...hand.repository, store };
  const index = await loadIndex(repository);
  if (!index.ok) throw new Error(index.fault.code);
  const cache = openPackCache(place.folder);
  const read = (bytesMax?: number) =>
    createParentReader(repository, index.value, cache, bytesMax)(tree);
  expect(await read()).toMatchObject({ id: tree });
  expect(await read(10)).toBeUndefined();
  await place.remove();
});
