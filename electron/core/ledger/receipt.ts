import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { PlotClass } from '../../../shared/model/allocate.ts';
import { type SignedText, signText } from '../identity/signed-text.ts';

const DOMAIN = 'allotment-receipt-v1\n';

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
): SignedText {
  const said = {
    plot: grant.plot,
    owner: grant.owner,
    size: grant.sizeBytes,
    class: grant.class,
    leaseS: grant.leaseS,
    at: new Date(grant.atMs).toISOString(),
  };
  return signText(DOMAIN, said, sign);
}
