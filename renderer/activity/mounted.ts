import type { Block } from './feed.ts';

/** However long the log is, the page holds no more rows than this. */
export const MOUNTED_ROWS_MAX = 200;

/**
 * Which blocks stand in the page: the one that holds the focus, so that it is not lost, and those near
 * the view, from its middle outwards. Pure.
 */
export function mountedBlocks(
  blocks: readonly Block[],
  { near, kept }: { readonly near: ReadonlySet<number>; readonly kept: number | undefined },
  max = MOUNTED_ROWS_MAX,
): ReadonlySet<number> {
  const places = new Map(blocks.map(({ id }, place) => [id, place]));
  const nearPlaces = [...near].flatMap((id) => places.get(id) ?? []).sort((a, b) => a - b);
  // Nothing is known of the view yet: it begins at the top.
  if (nearPlaces.length === 0 && blocks.length > 0) nearPlaces.push(0);
  const middle = ((nearPlaces[0] ?? 0) + (nearPlaces.at(-1) ?? 0)) / 2;
  const outwards = nearPlaces.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
  const keptPlace = kept === undefined ? undefined : places.get(kept);
  const wanted = keptPlace === undefined ? outwards : [keptPlace, ...outwards];
  const mounted = new Set<number>();
  let rows = 0;
  for (const place of wanted) {
    const block = blocks[place];
    if (block === undefined || mounted.has(block.id)) continue;
    if (mounted.size > 0 && rows + block.rows.length > max) continue;
    mounted.add(block.id);
    rows += block.rows.length;
  }
  return mounted;
}

/** About what a row takes, until the first ones were drawn. */
const ROW_PX = 84;

/** The place of a block that is not drawn: what it took when it was, or what its rows will take by all we know. */
export function spacePx(
  { rows }: Block,
  {
    measuredPx,
    rowPx = ROW_PX,
  }: { readonly measuredPx?: number | undefined; readonly rowPx?: number | undefined },
): number {
  return measuredPx ?? Math.round(rows.length * rowPx);
}
