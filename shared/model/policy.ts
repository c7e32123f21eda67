import { z } from 'zod';
import { bytes, durationS } from './ids.ts';
import { WEIGHT_MAX, WEIGHT_STEP } from './weight.ts';

/**
 * A policy is data (design §3.2): guards that can only refuse, and grounds in the owner's order, of
 * which the first that allows wins. There is a default policy and one per friend.
 */

export const GROUNDS_MAX = 8;

export const ground = z.discriminatedUnion('kind', [
  /** Always for a friend, as long as there is room. */
  z.strictObject({ kind: z.literal('always') }),
  /** Up to a fixed number of bytes. */
  z.strictObject({ kind: z.literal('quota'), bytes }),
  /** An equal part by weight; beyond it what others leave idle, lent, unless `strict`. */
  z.strictObject({
    kind: z.literal('fair-share'),
    weight: z.number().min(0).max(WEIGHT_MAX).multipleOf(WEIGHT_STEP),
    /** An even split and nothing more: what others leave idle stays idle. */
    strict: z.boolean().optional(),
  }),
]);
export type Ground = z.infer<typeof ground>;
export type GroundKind = Ground['kind'];

export const guards = z.strictObject({
  /** The largest single request, in bytes. */
  maxSize: bytes.optional(),
  /** The longest single lease. */
  maxDurationS: durationS.optional(),
  /** How many plots a friend may have at once. */
  maxPlots: z.int().min(0).max(100_000).optional(),
  /** No new grants and no growth; renewals go on, so that a pause never costs anybody data. */
  paused: z.boolean().optional(),
  /** A request for more bytes than this waits until the owner has answered; 0n: every one does. */
  askAboveBytes: bytes.optional(),
  /** Nothing new is granted between these minutes of the host's day; over midnight where `from` is later. */
  quietHours: z
    .strictObject({ fromMin: z.int().min(0).max(1439), untilMin: z.int().min(0).max(1439) })
    .optional(),
  /** Nothing is renewed any more: the friend keeps what he has until it expires. */
  stopRenewing: z.boolean().optional(),
});
export type Guards = z.infer<typeof guards>;

export const policy = z.strictObject({ guards, grounds: z.array(ground).max(GROUNDS_MAX) });
export type Policy = z.infer<typeof policy>;
