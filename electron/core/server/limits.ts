import type { RateLimit } from './rate-limit.ts';

/** Every limit of the server in one place, each with its reason. */
export type ServerLimits = {
  /** A message is a few hundred bytes; 64 reasons of a request are the longest. */
  readonly bodyBytes: number;
  /** No message nests deeper than five; a thousand only costs the parser. */
  readonly nesting: number;
  /** A message of which sixteen kilobytes, or all, take longer than this is a dribble, not a slow line. */
  readonly bodyMs: number;
  /** Head of a request: half a kilobyte is usual. */
  readonly headerBytes: number;
  readonly headersMs: number;
  readonly handshakeMs: number;
  /** A socket on which nothing moves at all. */
  readonly idleMs: number;
  readonly keepAliveMs: number;
  /** Thirty devices with all the sixteen that they may have, or some hundreds with what they usually have. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Strangers may say hello and pair; that is a handful of calls. */
  readonly strangers: RateLimit;
  /** A device with a pairing open asks twice a second how it stands; there are never more than a few. */
  readonly pairings: RateLimit;
  /** Messages of a friend's device; uploads and downloads are not counted here. */
  readonly friends: RateLimit;
  /** Requests and renewals of a friend, on whichever device: whatever is said to them is kept for good. */
  readonly asks: RateLimit;
  /** Notes of a friend that are made, swapped or sent: milliseconds of mathematics for each, and lines that are kept. */
  readonly mint: RateLimit;
  /** News of a friend's device: each may be written down, and changes come together in one. */
  readonly news: RateLimit;
};

export const SERVER_LIMITS: ServerLimits = {
  bodyBytes: 256 * 1024,
  nesting: 32,
  bodyMs: 15_000,
  headerBytes: 16 * 1024,
  headersMs: 10_000,
  handshakeMs: 10_000,
  idleMs: 120_000,
  keepAliveMs: 65_000,
  connections: 512,
  connectionsPerAddress: 64,
  strangers: { burst: 40, perS: 2 },
  pairings: { burst: 20, perS: 5 },
  friends: { burst: 2000, perS: 500 },
  asks: { burst: 2000, perS: 1 },
  mint: { burst: 2000, perS: 2 },
  news: { burst: 10, perS: 1 },
};
