import { z } from 'zod';
import { personName, plotClass, shareState, signedStatement } from '../model/allocate.ts';
import { bytes, deviceId, ownerId, plotId } from '../model/ids.ts';
import { machineKind } from '../model/machine.ts';
import { DAY_S } from '../units.ts';

/** What devices say to each other besides allocations (design §5; PROTOCOL). Unknown fields are left out. */

export const PROTOCOL_VERSION = 1;

export { personName };

/** `host:port`; parsed again before anybody is called there. */
const address = z.string().min(3).max(260);
const ADDRESSES_MAX = 8;
/** Ten years: a date beyond that is none that anybody could have meant, and later none that can be named. */
const LEAVES_WITHIN_S_MAX = 10 * 366 * DAY_S;
const base64url32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const pairingId = z.string().regex(/^[0-9a-f]{32}$/);

export const hello = z.object({
  v: z.int(),
  name: personName,
  owner: ownerId,
  device: deviceId,
  /** Absent in the first versions. With it a friend whose device is new recognises the owner. */
  kind: machineKind.optional(),
  statement: signedStatement.optional(),
});
export type Hello = z.infer<typeof hello>;

export const pairingRequest = z.object({
  v: z.literal(PROTOCOL_VERSION),
  name: personName,
  /** Where the initiator listens; null if it doesn't. */
  port: z.int().min(1).max(65_535).nullable(),
  kind: machineKind.optional(),
  statement: signedStatement,
  /** SHA-256 over the domain and the nonce. */
  commitment: base64url32,
});
export const pairingAnswer = z.object({
  id: pairingId,
  name: personName,
  kind: machineKind.optional(),
  statement: signedStatement,
  nonce: base64url32,
});
export const pairingReveal = z.object({ nonce: base64url32 });
/** Why a person said no. `differ`: the digits were not the same, so somebody may sit in between. */
export const pairingNo = z.enum(['differ', 'declined']);
export type PairingNo = z.infer<typeof pairingNo>;
export const pairingProgress = z.object({
  /** `confirmed`: the person over there has; `over`: no longer possible. */
  state: z.enum(['comparing', 'confirmed', 'paired', 'over']),
  /** Of one that is over because a person said no. */
  why: pairingNo.optional(),
});
export type PairingProgress = z.infer<typeof pairingProgress>;

export const pairingEnd = z.object({ why: pairingNo });

/** "This device is my owner's too": for a device whose owner is a friend already (design §5). */
export const deviceIntroduction = z.object({
  v: z.literal(PROTOCOL_VERSION),
  /** Absent where it may be a stranger who hears it: a device that comes back from 24 words tells its name as news. */
  name: personName.optional(),
  kind: machineKind.optional(),
  statement: signedStatement,
});
export const introduced = z.object({ state: z.enum(['known', 'added']) });

/**
 * What two friends' devices tell each other when something changed, when they find each other and now
 * and then: the answer is the other side's news. Everything in it is about the two of them alone.
 */
export const news = z.object({
  v: z.literal(PROTOCOL_VERSION),
  name: personName,
  kind: machineKind,
  /** Where the sender is reached, the likeliest first. */
  addresses: z.array(address).max(ADDRESSES_MAX),
  /** What the receiver may use at the sender; absent while nothing is offered. */
  share: shareState.optional(),
  /** Changes when the receiver's plots at the sender do (not when only time passes), or the answer to what pends there. */
  plots: z.string().max(64),
  /** Seconds until the sender ends the friendship; 0: it is over. Absent: it goes on. */
  leavesInS: z.int().min(0).max(LEAVES_WITHIN_S_MAX).optional(),
  /** The sender goes off now and will not answer. */
  goes: z.boolean().optional(),
  /** Plots of others here that the receiver may renew (`GET /v1/errands`); absent: none. */
  errands: z.int().min(1).optional(),
  /** Seconds since the sender last called the receiver with success; absent: never. */
  calledS: z.int().min(0).optional(),
});
export type News = z.infer<typeof news>;

/** A plot as its guest sees it. */
export const plotState = z.object({
  plot: plotId,
  class: plotClass,
  state: z.enum(['active', 'grace', 'reclaimable', 'released', 'gone']),
  size: bytes,
  written: bytes,
  /** Seconds of the host's service time; negative afterwards. */
  ttl: z.int(),
  grace: z.int().min(0),
  /** It goes in so many seconds of service time: the guest's list does not name it (`keep-only`), or he let go of it while it was protected. */
  leavesInS: z.int().optional(),
  /** So many days stays what its guest deletes (`protection.ts`); absent: none, or a version that knows of none. */
  protectDays: z.int().min(0).optional(),
  /** A lower protection that was asked for, and when it begins. */
  fallsTo: z.int().min(0).optional(),
  fallsInS: z.int().optional(),
  /** A smaller size that was asked for, and when it comes. */
  shrinksTo: bytes.optional(),
  shrinksInS: z.int().optional(),
  /** Of `written`, what was deleted and is kept. */
  trash: bytes.optional(),
});
export type PlotStatus = z.infer<typeof plotState>;
export const plotList = z.object({ plots: z.array(plotState).max(10_000) });
export const withdrawn = z.object({ withdrawn: z.literal(true) });
export const released = z.object({
  state: plotState.shape.state,
  /** A protected plot goes only then, and can be kept after all. */
  leavesInS: z.int().optional(),
});
export type Released = z.infer<typeof released>;
