import type { BlobType } from '../repository/blob-index.ts';

/** A pack as a prune sees it. */
export type PackUse = {
  readonly name: string;
  readonly type: BlobType;
  readonly sizeBytes: number;
  /** Of blobs that some snapshot needs, as they lie in the pack. */
  readonly usedBytes: number;
};

export type PrunePlan = {
  /** Nothing of them is needed. */
  readonly remove: readonly string[];
  /** What is needed of them moves to new packs; then they go. Best return first. */
  readonly repack: readonly string[];
};

/** Less than this share of unneeded bytes is not worth any rewriting; restic's default too. */
const UNUSED_SHARE = 0.05;
/** Each run leaves a few packs that are not full; when there are many, they are put together. */
const SMALL_SHARE = 0.25;
const SMALL_PACKS = 24;

/**
 * What goes, and what is rewritten for it. Rewriting costs as many bytes as are needed in a pack and gives back those
 * that are not, so packs with the best ratio come first, until little enough is left or `repackShare` of all that stays
 * would be rewritten.
 */
export function planPrune(
  packs: readonly PackUse[],
  { packBytes, repackShare }: { readonly packBytes: number; readonly repackShare: number },
): PrunePlan {
  const remove = packs.filter(({ usedBytes }) => usedBytes === 0).map(({ name }) => name);
  const partly = packs.filter(({ usedBytes }) => usedBytes > 0);
  const staysBytes = partly.reduce((sum, { usedBytes }) => sum + usedBytes, 0);
  let unusedBytes = partly.reduce((sum, pack) => sum + waste(pack), 0);
  let allowedBytes = staysBytes * repackShare;
  const repack: string[] = [];
  const byReturn = partly
    .filter((pack) => waste(pack) > 0)
    .sort((one, other) => waste(other) / other.usedBytes - waste(one) / one.usedBytes);
  for (const pack of byReturn) {
    if (unusedBytes <= staysBytes * UNUSED_SHARE) break;
    if (pack.usedBytes > allowedBytes) continue;
    repack.push(pack.name);
    allowedBytes -= pack.usedBytes;
    unusedBytes -= waste(pack);
  }
  const taken = new Set(repack);
  for (const type of ['data', 'tree'] as const) {
    const small = partly
      .filter(
        (pack) =>
          pack.type === type &&
          !taken.has(pack.name) &&
          pack.sizeBytes < packBytes * SMALL_SHARE &&
          pack.usedBytes <= allowedBytes,
      )
      .sort((one, other) => one.sizeBytes - other.sizeBytes);
    if (small.length < SMALL_PACKS) continue;
    for (const pack of small) {
      if (pack.usedBytes > allowedBytes) break;
      repack.push(pack.name);
      allowedBytes -= pack.usedBytes;
    }
  }
  return { remove, repack };
}

function waste({ sizeBytes, usedBytes }: PackUse): number {
  return sizeBytes - usedBytes;
}
