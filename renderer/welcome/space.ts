import type { DiskLook, OfferView } from '../../shared/contract/views.ts';
import type { SizeUnits } from '../../shared/units.ts';
import { readSize, readSizeOrNone, sizesToChoose } from '../ui/typed-size.ts';

/** What the second step works out from the disk and from what was typed. Pure. */
export type Space = {
  readonly sizeBytes: bigint | undefined;
  readonly keepBytes: bigint | undefined;
  /** The most that can be shared with that much kept free; `undefined` while the disk is not known. */
  readonly mostBytes: bigint | undefined;
  /** What stays free when friends have filled all of it. */
  readonly leftBytes: bigint | undefined;
  readonly choices: readonly bigint[];
};

export function spaceOf({
  look,
  offer,
  size,
  keep,
  units,
}: {
  readonly look: DiskLook | undefined;
  readonly offer: OfferView | null;
  readonly size: string;
  readonly keep: string;
  readonly units: SizeUnits;
}): Space {
  const sizeBytes = readSize(size, units);
  const keepBytes = readSizeOrNone(keep, units);
  if (look === undefined)
    return { sizeBytes, keepBytes, mostBytes: undefined, leftBytes: undefined, choices: [] };
  // What friends have written already counts as theirs, not as used up.
  const writtenBytes = offer?.folder === look.folder ? BigInt(offer.writtenBytes) : 0n;
  const openBytes = BigInt(look.freeBytes) + writtenBytes;
  const mostBytes = positive(openBytes - (keepBytes ?? BigInt(look.keepFreeBytes)));
  return {
    sizeBytes,
    keepBytes,
    mostBytes,
    leftBytes: sizeBytes === undefined ? undefined : positive(openBytes - sizeBytes),
    choices: sizesToChoose(mostBytes, units),
  };
}

/** Parts of a bar as long as the disk, in percent. */
export function barOf(
  look: DiskLook,
  sizeBytes: bigint,
): { readonly used: number; readonly shared: number } {
  const disk = BigInt(look.diskBytes);
  if (disk === 0n) return { used: 0, shared: 0 };
  const percent = (bytes: bigint) => Number((bytes * 1000n) / disk) / 10;
  const used = percent(positive(disk - BigInt(look.freeBytes)));
  return { used, shared: Math.min(100 - used, percent(sizeBytes)) };
}

function positive(bytes: bigint): bigint {
  return bytes > 0n ? bytes : 0n;
}
