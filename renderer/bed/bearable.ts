import type { OfferView } from '../../shared/contract/views.ts';

/** What the disk bears of an offer: ours and what is free, less what must stay free. Pure. */
export function bearableBytes({
  writtenBytes,
  freeBytes,
  keepFreeBytes,
}: Pick<OfferView, 'writtenBytes' | 'freeBytes' | 'keepFreeBytes'>): bigint {
  const spare = BigInt(freeBytes) - BigInt(keepFreeBytes);
  return BigInt(writtenBytes) + (spare > 0n ? spare : 0n);
}
