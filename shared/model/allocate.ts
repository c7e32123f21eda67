import { z } from 'zod';
import { type DenialCode, isDenialCode } from '../denial.ts';
import { refusalParams } from '../refusal-params.ts';
import { ADDRESS_CHARS_MAX, PURPOSE_CHARS_MAX, REASONS_TOLD_MAX } from './bounds.ts';
import { bytes, deviceId, durationS, plotId, requestId, ticketId } from './ids.ts';

/**
 * `please_allocate_some_space_for_some_duration_for_me(size, duration, why_should_you)` and what can
 * be answered to it (design §3.1). These are the messages as they stand on the wire, parsed.
 */

/** A request may give this many reasons: more would only make the host work. */
export const REASONS_MAX = 8;

const addresses = z.array(z.string().min(1).max(ADDRESS_CHARS_MAX)).max(8);

/** One `why_should_you`. An empty list means the same as `none`: judge me by who I am. */
export const reason = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({
    kind: z.literal('account'),
    server: z.object({ device: deviceId, addresses }),
    account: z.string().min(1).max(200),
    ticket: z.string().max(8192).optional(),
  }),
  z.object({
    kind: z.literal('notes'),
    notes: z.array(z.string().max(1024)).min(1).max(64),
    change: z.array(z.string().max(1024)).max(64).optional(),
  }),
  z.object({ kind: z.literal('reciprocal'), plots: z.array(plotId).min(1).max(64) }),
  z.object({ kind: z.literal('voucher'), chain: z.array(z.string().max(8192)).min(1).max(3) }),
]);

/** An extension keeps its fields to itself; a host that does not know it abstains. */
const extensionReason = z.looseObject({ kind: z.string().regex(/^x-[a-z0-9-]{1,60}$/) });

/** People's and devices' names: shown, never trusted. No control characters, so that none can forge a line. */
export const personName = z
  .string()
  .min(1)
  .max(80)
  .regex(/^\P{Cc}+$/u);
/** "This device is mine", as an owner's root signed it: the bytes and the signature, base64url. */
export const signedStatement = z.object({
  signed: z.string().max(2048),
  signature: z.string().max(200),
});

export const anyReason = z.union([reason, extensionReason]);
export type AnyReason = z.infer<typeof anyReason>;

export const plotClass = z.enum(['guaranteed', 'borrowed']);
export type PlotClass = z.infer<typeof plotClass>;

export const allocateRequest = z.strictObject({
  v: z.literal(1),
  requestId,
  size: bytes,
  minSize: bytes.optional(),
  duration: z.strictObject({ want: durationS, min: durationS.optional() }),
  accept: plotClass.optional(),
  /** Untrusted text, shown to the owner as such. */
  purpose: z.string().max(PURPOSE_CHARS_MAX).optional(),
  why: z.array(anyReason).max(REASONS_MAX),
  /** The plot to grow by `size`; absent: a new one. */
  plot: plotId.optional(),
  /** Who asks, where there is no friendship: his owner's root says so about the very key of the connection. */
  from: z.strictObject({ name: personName, statement: signedStatement }).optional(),
});
export type AllocateRequest = z.infer<typeof allocateRequest>;

export const renewRequest = z.strictObject({
  v: z.literal(1),
  requestId,
  /** How long the lease should run from now. It never gets shorter. */
  duration: z.strictObject({ want: durationS, min: durationS.optional() }),
  why: z.array(anyReason).max(REASONS_MAX),
});
export type RenewRequest = z.infer<typeof renewRequest>;

export const resizeRequest = z.strictObject({ v: z.literal(1), requestId, size: bytes });
export type ResizeRequest = z.infer<typeof resizeRequest>;

const denialCode = z
  .string()
  .refine(isDenialCode)
  .transform((text) => text as DenialCode);
const params = z.record(z.string().max(40), z.string().max(200));

const anyStep = z.object({
  /** The guard or ground, e.g. `room`, `fair-share`. */
  by: z.string().max(60),
  verdict: z.enum(['pass', 'allow', 'limit', 'deny', 'abstain', 'pend']),
  code: denialCode.optional(),
  params: params.optional(),
});
/** One step of a decision: who said what, with the numbers it rests on. */
export type Step = z.infer<typeof anyStep>;
export const step = anyStep.transform(
  ({ params: given, ...rest }): Step =>
    given === undefined || rest.code === undefined
      ? rest
      : { ...rest, params: refusalParams(rest.code, given) },
);

/** What a friend is entitled to and uses, as told to that friend: never another friend's state. */
export const shareState = z.object({
  /** The entitlement under fair sharing, or the quota; absent where the ground has none (`always`). */
  shareBytes: bytes.optional(),
  useBytes: bytes,
  /** The largest `size` that would be granted now, working room already taken off. */
  mayAskBytes: bytes,
  /** Of the use, what is lent: in plots of their own, renewed only while nobody waits for it. */
  lentBytes: bytes.optional(),
  /** Of the use, what others have because this friend vouched for them. */
  vouchedBytes: bytes.optional(),
  /** The largest `size` that would be lent now. */
  mayBorrowBytes: bytes.optional(),
  /** The host asks the friend to make do with so much, because fair sharing gives him no more now. */
  lessBytes: bytes.optional(),
  /** What is over that is not renewed beyond so many seconds of the host's service time; absent: it goes on. */
  lessInS: z.int().min(0).optional(),
});
export type ShareState = z.infer<typeof shareState>;

const denialReason = z
  .object({ code: denialCode, ground: z.string().max(60), params })
  .transform((given) => ({ ...given, params: refusalParams(given.code, given.params) }));
export type DenialReason = z.infer<typeof denialReason>;

export const granted = z.object({
  type: z.literal('granted'),
  plot: plotId,
  size: bytes,
  class: plotClass,
  /** Seconds of service time from the moment the client sent its request. */
  ttl: z.int().min(0),
  /** For display only; the host's wall clock. */
  expiresAt: z.iso.datetime(),
  serverTime: z.iso.datetime(),
  grace: z.int().min(0),
  /** Remaining seconds below which a renewal is worth asking for. */
  renewFrom: z.int().min(0),
  share: shareState,
  steps: z.array(step).max(64),
  receipt: z.object({ signed: z.string().max(4096), signature: z.string().max(200) }),
});
export type Granted = z.infer<typeof granted>;

export const counter = z.object({
  type: z.literal('counter'),
  offer: z.object({ size: bytes, duration: durationS, class: plotClass }),
  validFor: z.int().min(0),
  reasons: z.array(denialReason).min(1).max(REASONS_TOLD_MAX),
  share: shareState,
  steps: z.array(step).max(64),
});

export const pending = z.object({
  type: z.literal('pending'),
  ticket: ticketId,
  /** Seconds; asking sooner changes nothing. */
  pollAfter: z.int().min(1),
  why: z.enum(['owner-approval', 'account-server', 'queue']),
});

export const denied = z.object({
  type: z.literal('denied'),
  /** The nearest miss first. */
  reasons: z.array(denialReason).min(1).max(REASONS_TOLD_MAX),
  /** Whether asking the same again can never help. */
  final: z.boolean(),
  retryAfter: z.int().min(1).optional(),
  share: shareState.optional(),
  steps: z.array(step).max(64),
});
export type Denied = z.infer<typeof denied>;

export const answer = z.discriminatedUnion('type', [granted, counter, pending, denied]);
export type Answer = z.infer<typeof answer>;

/** A quote says what an allocation would be answered now; it promises nothing. */
export const quote = z.object({ quote: z.literal(true), answer });
