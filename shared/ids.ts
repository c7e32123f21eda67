/**
 * Names of things, as branded strings: a plot's id can't be handed over where a friend's is wanted.
 * The brands exist for the compiler only; values are plain strings.
 */
type Brand<T extends string> = string & { readonly __id: T };

/** An owner: the raw Ed25519 root key (32 bytes) in lower-case base32 without padding, 52 characters. */
export type OwnerId = Brand<'owner'>;
/** A device: SHA-256 of its certificate's SPKI in lower-case base32 without padding, 52 characters. */
export type DeviceId = Brand<'device'>;
/** A plot: 128 random bits in lower-case base32, 26 characters. */
export type PlotId = Brand<'plot'>;
/** A request that pends: 128 random bits in lower-case base32, 26 characters. Only its friend can use it. */
export type TicketId = Brand<'ticket'>;
/** The client-made id of a mutating call: 128 random bits, base64url, 22 characters. */
export type RequestId = Brand<'request'>;
