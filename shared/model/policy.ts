import { z } from 'zod';
import { GROUNDS_MAX, PLOTS_LIMIT_MAX } from './bounds.ts';
import { bytes, durationS } from './ids.ts';
import { ground } from '../policy/grounds.ts';

/**
 * A policy is data (design §3.2): guards that can only refuse, and grounds in the owner's order, of
 * which the first that allows wins. There is a default policy and one per friend.
 */

export type { Ground, GroundKind } from '../policy/grounds.ts';

export const guards = z.strictObject({
  /** The largest single request, in bytes. */
  maxSize: bytes.optional(),
  /** The longest single lease. */
  maxDurationS: durationS.optional(),
  /** How many plots a friend may have at once. */
  maxPlots: z.int().min(0).max(PLOTS_LIMIT_MAX).optional(),
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
/** As a door shows it and takes it: byte counts and owners are text. */
export type PolicyText = z.input<typeof policy>;
