/**
 * The closed list of codes with which a host refuses a request (design §3.1). Each has its HTTP status, whether asking the same
 * again can never help (`final`), and what the client should do. The sentence for the person is `denial.<code>` in the
 * catalogue of messages.
 */
export const denials = {
  // What the request itself gets wrong.
  'bad-request': { status: 400, final: true, then: 'mend the request' },
  'unknown-version': { status: 400, final: true, then: 'update one of the two sides' },
  'bad-size': {
    status: 422,
    final: true,
    then: 'send a size from 1 to 2^63 − 1 as a decimal string',
  },
  'bad-duration': { status: 422, final: true, then: 'send whole seconds from 1 to 2^31 − 1' },
  'request-reused': { status: 409, final: true, then: 'make a new request id' },
  // Who asks.
  'unknown-peer': { status: 403, final: true, then: 'pair first' },
  /** Towards a device that its own owner has struck off. */
  'device-revoked': { status: 403, final: true, then: 'set the device up again with the words' },
  /** Towards a device of which there seem to be two. */
  'serial-clash': { status: 403, final: true, then: 'set the device up again with the words' },
  /** Both called each other at the same moment; the other call stands. */
  'pairing-crossed': { status: 409, final: false, then: 'answer the call that came from there' },
  blocked: { status: 403, final: true, then: 'talk to the person' },
  // Guards.
  paused: { status: 403, final: false, then: 'ask again later' },
  /** The friendship ends at a date; what is here stays until then. */
  leaving: { status: 403, final: true, then: 'fetch the data before it ends' },
  'stop-renewing': { status: 403, final: false, then: 'fetch the data or talk to the person' },
  'quiet-hours': { status: 403, final: false, then: 'ask again after params.until' },
  'owner-said-no': { status: 403, final: true, then: 'talk to the person' },
  'size-too-big': { status: 413, final: true, then: 'ask for at most params.maxBytes' },
  'duration-too-long': { status: 422, final: true, then: 'ask for at most params.maxS' },
  'too-many-plots': { status: 429, final: true, then: 'release a plot first' },
  'no-offer': { status: 507, final: false, then: 'ask again when space is offered' },
  'volume-missing': { status: 503, final: false, then: 'ask again when the drive is back' },
  'no-space': { status: 507, final: false, then: 'ask for less or later' },
  'shutting-down': { status: 503, final: false, then: 'ask again in a minute' },
  /** The disk with the host's books is full or fails: nothing can be promised, and nothing is lost. */
  'books-unwritable': { status: 503, final: false, then: 'ask again later' },
  'rate-limited': { status: 429, final: false, then: 'wait for retryAfter' },
  // Grounds.
  'no-ground': { status: 403, final: true, then: 'talk to the person' },
  'not-yet-shared': { status: 507, final: false, then: 'wait until the person has said how much' },
  'over-share': { status: 507, final: false, then: 'ask for at most params.mayAskBytes, or later' },
  /** Towards a plot that is lent: somebody waits for his own share. */
  'lent-wanted': { status: 403, final: false, then: 'fetch the data, or use less' },
  quota: { status: 507, final: false, then: 'ask for at most params.mayAskBytes, or later' },
  // Accounts (design §3.5).
  'account-unknown': { status: 403, final: true, then: 'talk to the keeper of the account' },
  'account-closed': { status: 403, final: true, then: 'talk to the keeper of the account' },
  'account-over-plan': { status: 403, final: false, then: 'ask for at most params.mayAskBytes' },
  /** The host gives no room on this keeper's word. */
  'keeper-unknown': { status: 403, final: true, then: 'talk to the person' },
  'account-server-unreachable': { status: 503, final: false, then: 'ask again, or bring a ticket' },
  'ticket-expired': { status: 401, final: false, then: 'fetch a new ticket' },
  'ticket-bad': { status: 401, final: false, then: 'fetch a ticket for this very request' },
  'ticket-replayed': { status: 401, final: false, then: 'fetch a new ticket' },
  // Notes (design §3.6).
  'notes-short': { status: 402, final: false, then: 'bring notes for params.needUnits' },
  'notes-spent': { status: 409, final: false, then: 'bring other notes' },
  'notes-bad': { status: 401, final: false, then: 'bring notes that this host has issued' },
  'keyset-expired': { status: 409, final: false, then: 'bring notes that still run' },
  'barter-off': { status: 403, final: true, then: 'talk to the person' },
  /** Nothing is owed under that name: it was fetched, or never was. */
  'claim-unknown': { status: 404, final: true, then: 'read GET /v1/mint again' },
  /** Notes of somebody whom the receiver does not know, so that he can't swap them. */
  'issuer-unknown': { status: 403, final: true, then: 'send notes of a friend of both' },
  'issuer-unreachable': { status: 503, final: false, then: 'send the same again later' },
  'over-issue': { status: 507, final: false, then: 'ask for fewer notes or later' },
  'order-unknown': { status: 404, final: true, then: 'propose it anew' },
  // Reciprocity and vouchers (design §3.7).
  'not-reciprocal': { status: 402, final: false, then: 'keep more for this host first' },
  'voucher-invalid': { status: 403, final: true, then: 'ask the introducer for a new one' },
  'voucher-expired': { status: 403, final: true, then: 'ask the introducer for a new one' },
  'voucher-used-up': { status: 403, final: false, then: 'ask for at most params.mayAskBytes' },
  // Upkeep (design §3.4).
  'keep-only-stale': { status: 409, final: true, then: 'read the list of plots again' },
  'why-unknown': { status: 400, final: true, then: 'give a reason this host knows' },
  // Tickets and plots.
  'ticket-unknown': { status: 404, final: true, then: 'ask anew' },
  'too-many-waiting': { status: 429, final: false, then: 'poll one of the tickets' },
  'plot-unknown': { status: 404, final: true, then: 'read the list of plots again' },
  'plot-ended': { status: 409, final: true, then: 'ask for a new plot' },
  'below-written': { status: 409, final: true, then: 'delete something first' },
  'in-grace': { status: 403, final: false, then: 'renew the plot first' },
} as const satisfies Record<string, { status: number; final: boolean; then: string }>;

export type DenialCode = keyof typeof denials;

export function isDenialCode(text: string): text is DenialCode {
  return Object.hasOwn(denials, text);
}
