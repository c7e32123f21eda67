import { z } from 'zod';
import { bytes, deviceId, ownerId, plotId, requestId } from '../model/ids.ts';
import { PROTOCOL_VERSION } from './messages.ts';

/** What devices say to each other about notes (design §3.6; PROTOCOL). */

/** More in one message would only make the mint work; 64 denominations are more than any sum needs. */
export const NOTES_MAX = 64;
/** A note is 2^k units, k from 0 to this: 64 TiB for 30 days. */
export const DENOMINATION_MAX = 20;
const KEYSETS_MAX = 16;
const CLAIMS_MAX = 256;

const BASE32_16_BYTES = /^[a-z2-7]{25}[aeimquy4]$/;
const base64url32 = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/);
const base64url64 = z.string().regex(/^[A-Za-z0-9_-]{85}[AQgw]$/);

export const keysetId = z.string().regex(BASE32_16_BYTES);
const claimId = z.string().regex(BASE32_16_BYTES);
export const denomination = z.int().min(0).max(DENOMINATION_MAX);
/** A note as text: keyset, k, secret and signature with dots between (`core/barter/notes.ts`). */
const noteText = z.string().max(200);
const units = bytes;

/** The public half of a key with which a mint makes notes; its id is a hash of everything here and of whose it is. */
const keyset = z.object({
  keyset: keysetId,
  key: base64url32,
  expiresMs: z.int().min(0),
});
export type Keyset = z.infer<typeof keyset>;

const CLAIM_REASONS = ['present', 'order', 'change', 'refund'] as const;

/** Units that the mint owes to the friend who asks: they become notes when he fetches them. */
const claim = z.object({
  claim: claimId,
  units,
  /** In which keyset they are made. */
  keyset: keysetId,
  why: z.enum(CLAIM_REASONS),
  /** Of change and refunds: what was paid for. */
  plot: plotId.optional(),
  /** Of a standing order's instalment: which order. */
  order: z.string().max(60).optional(),
});
export type Claim = z.infer<typeof claim>;

export const mintInfo = z.object({
  v: z.literal(PROTOCOL_VERSION),
  owner: ownerId,
  device: deviceId,
  keysets: z.array(keyset).max(KEYSETS_MAX),
  claims: z.array(claim).max(CLAIMS_MAX),
});
export type MintInfo = z.infer<typeof mintInfo>;

/** A note to be: its secret is hidden in a point of the curve. */
export const blank = z.strictObject({ keyset: keysetId, k: denomination, point: base64url32 });
export type Blank = z.infer<typeof blank>;
const blanks = z.array(blank).min(1).max(NOTES_MAX);
const common = { v: z.literal(PROTOCOL_VERSION), requestId };
const notes = z.array(noteText).min(1).max(NOTES_MAX);

export const withdrawal = z.strictObject({ ...common, claim: claimId, blinded: blanks });
export type Withdrawal = z.infer<typeof withdrawal>;
/** Notes for others of the same keysets and sums. */
export const swap = z.strictObject({ ...common, notes, blinded: blanks });
export type Swap = z.infer<typeof swap>;
/** What was paid too much for a plot, or for one that was never used. */
export const change = z.strictObject({ ...common, plot: plotId, blinded: blanks });
export type Change = z.infer<typeof change>;

/** What the mint made of each blank, in their order. */
export const evaluations = z.object({
  evaluated: z.array(z.object({ point: base64url32, proof: base64url64 })).max(NOTES_MAX),
});
export type Evaluations = z.infer<typeof evaluations>;

/** Notes of `issuer` for whoever is called: settled when he has swapped them. */
export const noteGift = z.strictObject({
  ...common,
  issuer: z.strictObject({ owner: ownerId, device: deviceId }),
  notes,
});
export type NoteGift = z.infer<typeof noteGift>;
export const settled = z.object({ settled: z.literal(true) });

/** "There is something at my mint for you": a reason to look, no proof of anything. */
export const mintCall = z.strictObject({ v: z.literal(PROTOCOL_VERSION) });
export const heard = z.object({ heard: z.literal(true) });
