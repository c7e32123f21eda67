import type { PairingView } from '../../shared/contract/views.ts';

/** How a pairing stands. Pure. */

export function isOpen({ state }: PairingView): boolean {
  return state === 'comparing' || state === 'confirmed-here';
}

/** Somebody over there waits to be compared with. Before there are digits anybody can knock. */
export function isCalling({ began, state, digits }: PairingView): boolean {
  return began === 'there' && state === 'comparing' && digits !== null;
}
