import { z } from 'zod';
import { plotClass } from '../model/allocate.ts';
import { bytes, deviceId, ownerId, plotId } from '../model/ids.ts';

/** What devices say to each other besides allocations (design §5; PROTOCOL). Unknown fields are left out. */

export const PROTOCOL_VERSION = 1;

/** People's and devices' names: shown, never trusted. No control characters, so that none can forge a line. */
export const personName = z
  .string()
  .min(1)
  .max(80)
  .regex(/^\P{Cc}+$/u);

const signedStatement = z.object({
  signed: z.string().max(2048),
  signature: z.string().max(200),
});
const base64url32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const pairingId = z.string().regex(/^[0-9a-f]{32}$/);

export const hello = z.object({
  v: z.int(),
  name: personName,
  owner: ownerId,
  device: deviceId,
});
export type Hello = z.infer<typeof hello>;

export const pairingRequest = z.object({
  v: z.literal(PROTOCOL_VERSION),
  name: personName,
  /** Where the initiator listens; null if it doesn't. */
  port: z.int().min(1).max(65_535).nullable(),
  statement: signedStatement,
  /** SHA-256 over the domain and the nonce. */
  commitment: base64url32,
});
export const pairingAnswer = z.object({
  id: pairingId,
  name: personName,
  statement: signedStatement,
  nonce: base64url32,
});
export const pairingReveal = z.object({ nonce: base64url32 });
export const pairingProgress = z.object({
  /** `confirmed`: the person over there has; `over`: no longer possible. */
  state: z.enum(['comparing', 'confirmed', 'paired', 'over']),
});
export type PairingProgress = z.infer<typeof pairingProgress>;

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
});
export type PlotStatus = z.infer<typeof plotState>;
export const plotList = z.object({ plots: z.array(plotState).max(10_000) });
export const released = z.object({ state: z.enum(['released', 'gone']) });
