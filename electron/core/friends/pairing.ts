import { createHash, timingSafeEqual } from 'node:crypto';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';

/**
 * Pairing: two people compare six digits (design §5). Pure; the network is in `server` and `client`.
 *
 *     initiator                                responder
 *        │── statement, commitment to nonce ────▶│      SHA-256(nonce): it can't be chosen later
 *        │◀── statement, nonce ──────────────────│
 *        │── nonce ─────────────────────────────▶│      checked against the commitment
 *        │        both show the same digits      │
 *        │── confirmed ─────────────────────────▶│
 *        │◀── polls: confirmed? ────────────────▶│
 *
 *     exchanging ──revealed──▶ comparing ──here──▶ confirmed-here ──there──▶ paired
 *                                  └──there──▶ confirmed-there ──here──▶ paired
 *     any of them ──rejected│expired│failed──▶ the end of that name
 *
 * Where both call each other at the same moment, the call of the lower device id stands (`callStands`):
 * the other is refused there, and whoever made it takes the one that comes.
 *
 * Whoever sits in between has one try in a million per pairing: the responder's nonce comes after the
 * commitment, the initiator's after the responder's nonce, so neither digits nor keys can be searched for.
 */
export type PairingState =
  | 'exchanging'
  | 'comparing'
  | 'confirmed-here'
  | 'confirmed-there'
  | 'paired'
  | 'rejected'
  | 'expired'
  | 'failed';

export type PairingEvent =
  | 'revealed'
  | 'confirmed-here'
  | 'confirmed-there'
  | 'rejected'
  | 'expired'
  | 'failed';

/** One try, two minutes (design §5). */
export const PAIRING_LIFE_MS = 120_000;
/** The initiator asks twice a second; a side that is not heard for so long is gone. */
export const PAIRING_SILENCE_MS = 10_000;
export const NONCE_BYTES = 32;

const OVER: ReadonlySet<PairingState> = new Set(['paired', 'rejected', 'expired', 'failed']);

export function isOver(state: PairingState): boolean {
  return OVER.has(state);
}

/** What an event makes of a state; one that does not fit changes nothing. */
export function nextState(state: PairingState, event: PairingEvent): PairingState {
  if (isOver(state)) return state;
  switch (event) {
    case 'revealed':
      return state === 'exchanging' ? 'comparing' : state;
    case 'confirmed-here':
      if (state === 'comparing') return 'confirmed-here';
      return state === 'confirmed-there' ? 'paired' : state;
    case 'confirmed-there':
      if (state === 'comparing') return 'confirmed-there';
      return state === 'confirmed-here' ? 'paired' : state;
    default:
      return event;
  }
}

/** Of two calls that cross, both sides must keep the same one without another word. */
export function callStands(me: DeviceId, other: DeviceId): boolean {
  return me < other;
}

export function commitmentOf(nonce: Uint8Array): Uint8Array {
  return createHash('sha256').update('allotment-pairing-commitment-v1\n').update(nonce).digest();
}

export function matchesCommitment(nonce: Uint8Array, commitment: Uint8Array): boolean {
  return commitment.length === 32 && timingSafeEqual(commitmentOf(nonce), commitment);
}

export type Party = {
  readonly owner: OwnerId;
  readonly device: DeviceId;
  readonly nonce: Uint8Array;
};

/**
 * The six digits: SHA-256 over both roots, both device keys, both nonces and who began, all of fixed
 * length. Taken modulo a million from 128 bits, so that no digit is likelier than another.
 */
export function digitsOf({
  initiator,
  responder,
}: {
  readonly initiator: Party;
  readonly responder: Party;
}): string {
  const hash = createHash('sha256').update('allotment-pairing-digits-v1\n');
  for (const party of [initiator, responder])
    hash.update(party.owner).update(party.device).update(party.nonce);
  const number = BigInt(`0x${hash.digest('hex').slice(0, 32)}`) % 1_000_000n;
  return number.toString().padStart(6, '0');
}

/** Six digits as a person types them, blanks and dashes allowed; `undefined` for anything else. */
export function parseCode(text: string): string | undefined {
  const digits = text.replaceAll(/[\s\u2009\u00a0-]/g, '');
  return /^[0-9]{6}$/.test(digits) ? digits : undefined;
}
