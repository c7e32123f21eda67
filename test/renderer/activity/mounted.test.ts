import { describe, expect, test } from 'vitest';
import { BLOCK_ROWS, type Block } from '../../../renderer/activity/feed.ts';
import { MOUNTED_ROWS_MAX, mountedBlocks, spacePx } from '../../../renderer/activity/mounted.ts';
import { decision, friend } from '../worlds/world-parts.ts';
import { fc } from '../../fakes/properties.ts';

const ana = friend('Ana');
const row = decision(1, ana);

function blocksOf(count: number, rows = BLOCK_ROWS): readonly Block[] {
  return Array.from({ length: count }, (_, place) => ({
    id: (count - place) * 1000,
    rows: Array.from({ length: rows }, () => row),
  }));
}

const ids = (blocks: readonly Block[], from: number, to: number) =>
  blocks.slice(from, to).map(({ id }) => id);

describe('what is drawn of a long log', () => {
  test('is never more than 200 rows, and always something', () => {
    const cases = fc.record({
      count: fc.integer({ min: 1, max: 300 }),
      from: fc.nat(300),
      length: fc.nat(40),
      kept: fc.option(fc.nat(300), { nil: undefined }),
      rows: fc.integer({ min: 1, max: BLOCK_ROWS }),
    });
    fc.assert(
      fc.property(cases, ({ count, from, length, kept, rows }) => {
        const blocks = blocksOf(count, rows);
        const near = new Set(ids(blocks, from, from + length));
        const mounted = mountedBlocks(blocks, {
          near,
          kept: kept === undefined ? undefined : blocks[kept]?.id,
        });
        expect(mounted.size).toBeGreaterThan(0);
        expect(mounted.size * rows).toBeLessThanOrEqual(MOUNTED_ROWS_MAX);
      }),
    );
  });

  test('is the top, as long as nothing is known of the view', () => {
    const blocks = blocksOf(5);
    expect(mountedBlocks(blocks, { near: new Set(), kept: undefined })).toEqual(
      new Set(ids(blocks, 0, 1)),
    );
    expect(mountedBlocks([], { near: new Set(), kept: undefined })).toEqual(new Set());
  });

  test('is what is near, the middle first if it is too much', () => {
    const blocks = blocksOf(40);
    const near = new Set(ids(blocks, 10, 25));
    const mounted = mountedBlocks(blocks, { near, kept: undefined });
    expect(mounted).toEqual(new Set(ids(blocks, 13, 21)));
  });

  test('holds the row with the focus, however far away it is', () => {
    const blocks = blocksOf(40);
    const kept = blocks[39]?.id;
    const near = new Set(ids(blocks, 0, 20));
    const mounted = mountedBlocks(blocks, { near, kept });
    expect(mounted.has(kept ?? 0)).toBe(true);
    expect(mounted.size).toBe(8);
  });
});

test('a space is as high as the block was, or about as high as it will be', () => {
  const [block] = blocksOf(1, 10) as [Block];
  expect(spacePx(block, { measuredPx: 1234, rowPx: 50 })).toBe(1234);
  expect(spacePx(block, { rowPx: 50 })).toBe(500);
  expect(spacePx(block, {})).toBeGreaterThan(0);
});
