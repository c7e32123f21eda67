import type { DenialCode } from '../../../shared/denial.ts';
import type { PeerFault } from '../client/connection/peer-fault.ts';
import type { Trouble } from './presence-state.ts';

/** Refusals that say who we are not over there. */
const TROUBLES: Partial<Record<DenialCode, Trouble>> = {
  'unknown-peer': 'not-friends',
  'device-revoked': 'revoked',
  'serial-clash': 'revoked',
  // It is there, and in a moment it won't be.
  'shutting-down': 'unreachable',
};

/** What a call that ended badly says about whether the device is there. */
export function meaningOf(
  peer: PeerFault,
):
  | { readonly type: 'answered'; readonly trouble?: undefined }
  | { readonly type: 'failed'; readonly trouble: Trouble } {
  switch (peer.code) {
    case 'wrong-key':
      return { type: 'failed', trouble: 'wrong-key' };
    case 'refused': {
      const trouble = TROUBLES[peer.denied.reasons[0]?.code ?? 'bad-request'];
      return trouble === undefined ? { type: 'answered' } : { type: 'failed', trouble };
    }
    // Another version speaks there, with the right key.
    case 'protocol':
      return { type: 'answered' };
    default:
      return { type: 'failed', trouble: 'unreachable' };
  }
}
