import { type Fault, fault } from '../../../../shared/fault.ts';
import type { Denied } from '../../../../shared/model/allocate.ts';
import { failed } from '../../../../shared/result.ts';

/** How a call to another device can end badly. */
export type PeerFault =
  | {
      readonly code: 'unreachable';
      readonly detail: string;
      /** There was a connection: only the answer may have been lost. */
      readonly mayBeHeard?: boolean | undefined;
    }
  /** Somebody else answers at that address; nothing was sent. */
  | { readonly code: 'wrong-key' }
  /** An answer that follows no version of the protocol that we know. */
  | { readonly code: 'protocol'; readonly detail: string }
  | { readonly code: 'cancelled' }
  | { readonly code: 'refused'; readonly status: number; readonly denied: Denied };

/** There is nowhere to call. */
export const NO_ADDRESS = failed({ code: 'unreachable', detail: 'no address known' } as const);

/** What is wrong with an answer may quote it. */
const DETAIL_CHARS = 200;

/** In the owner's words: the friend's name, and of a refusal its nearest reason with its numbers. */
export function toFault(peer: PeerFault, name: string): Fault {
  switch (peer.code) {
    case 'unreachable':
    case 'protocol':
      return fault(peer.code, { friend: name, detail: peer.detail.slice(0, DETAIL_CHARS) });
    case 'wrong-key':
      return fault('wrong-key', { friend: name });
    case 'cancelled':
      return fault('cancelled');
    default: {
      const nearest = peer.denied.reasons[0];
      return fault('refused', {
        ...nearest?.params,
        friend: name,
        denial: nearest?.code ?? 'bad-request',
      });
    }
  }
}
