import { z } from 'zod';
import { answer, anyReason, plotClass, REASONS_MAX } from '../model/allocate.ts';
import { durationS, ownerId, plotId, requestId } from '../model/ids.ts';
import { DAY_S } from '../units.ts';
import { PROTOCOL_VERSION } from './messages.ts';

/** Looking after plots many at a time, and for others (design §3.4; PROTOCOL, "Upkeep"). */

/** More than a year of backups ever is; the answer stays within what a message may be. */
export const PLOTS_AT_ONCE_MAX = 1000;
/** What no list names goes after so long, so that a list that was wrong can be followed by a right one. */
export const KEEP_ONLY_AFTER_S = 7 * DAY_S;
/** Whom one asks to renew, for at most a year: longer holidays are a farewell. */
export const DELEGATES_MAX = 8;
const DELEGATE_S_MAX = 366 * DAY_S;

const plotsNamed = z.array(plotId).min(1).max(PLOTS_AT_ONCE_MAX);

/** The same lease for many plots: each is answered as if it had been asked for alone. */
export const renewManyRequest = z.strictObject({
  v: z.literal(PROTOCOL_VERSION),
  requestId,
  plots: z.union([plotsNamed, z.literal('all')]),
  duration: z.strictObject({ want: durationS, min: durationS.optional() }),
  why: z.array(anyReason).max(REASONS_MAX).optional(),
});
export type RenewManyRequest = z.infer<typeof renewManyRequest>;
export const renewedMany = z.object({
  answers: z.array(z.object({ plot: plotId, answer })).max(PLOTS_AT_ONCE_MAX),
});
export type RenewedMany = z.infer<typeof renewedMany>;

/** Everything but these may go. Of two lists the one with the higher number counts, whichever arrives first. */
export const keepOnlyRequest = z.strictObject({
  v: z.literal(PROTOCOL_VERSION),
  requestId,
  plots: plotsNamed,
  sequence: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
});
export type KeepOnlyRequest = z.infer<typeof keepOnlyRequest>;
export const keptOnly = z.object({
  /** Of those named, what is kept here. */
  keeps: z.array(plotId).max(PLOTS_AT_ONCE_MAX),
  /** What goes, in seconds of the host's service time. */
  leaves: z.array(z.object({ plot: plotId, inS: z.int() })).max(10_000),
});
export type KeptOnly = z.infer<typeof keptOnly>;

/** Lets another owner, or another device of one's own, renew a plot for so long; 0 takes it back. */
export const delegateRequest = z.strictObject({
  v: z.literal(PROTOCOL_VERSION),
  to: ownerId,
  forS: z.int().min(0).max(DELEGATE_S_MAX),
});
export const delegated = z.object({
  delegates: z.array(z.object({ to: ownerId, forS: z.int().min(0) })).max(DELEGATES_MAX),
});
export type Delegated = z.infer<typeof delegated>;

/** A plot of somebody else's that the caller may renew: what he needs for that, and no more. */
const errand = z.object({
  plot: plotId,
  class: plotClass,
  ttl: z.int(),
  /** For how long he may still renew it. */
  forS: z.int().min(0),
});
export type Errand = z.infer<typeof errand>;
export const errandList = z.object({ errands: z.array(errand).max(10_000) });
