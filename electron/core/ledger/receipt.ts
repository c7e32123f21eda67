import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { PlotClass } from '../../../shared/model/allocate.ts';

/** Signed bytes begin with what they are, so that no signature can be shown for something else. */
const RECEIPT_DOMAIN = 'allotment-receipt-v1\n';

export type Receipt = { readonly signed: string; readonly signature: string };

/**
 * The promise that the guest can show: the exact bytes that were signed, and the host's signature,
 * both base64url (design §3.1).
 */
export function writeReceipt(
  grant: {
    readonly plot: PlotId;
    readonly owner: OwnerId;
    readonly sizeBytes: bigint;
    readonly class: PlotClass;
    readonly leaseS: number;
    readonly atMs: number;
  },
  sign: (bytes: Uint8Array) => Uint8Array,
): Receipt {
  const text = JSON.stringify({
    plot: grant.plot,
    owner: grant.owner,
    size: grant.sizeBytes.toString(),
    class: grant.class,
    leaseS: grant.leaseS,
    at: new Date(grant.atMs).toISOString(),
  });
  const signed = Buffer.from(RECEIPT_DOMAIN + text, 'utf8');
  return {
    signed: signed.toString('base64url'),
    signature: Buffer.from(sign(signed)).toString('base64url'),
  };
}
