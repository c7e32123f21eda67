import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import type { AllocateRequest } from '../../../shared/model/allocate.ts';
import { bytes, deviceId, durationS, ownerId } from '../../../shared/model/ids.ts';
import { accountId } from '../../../shared/wire/accounts.ts';
import { encodeJson } from '../../../shared/wire/json.ts';
import { deviceOfKey, verifyByKey } from '../identity/device-key.ts';
import { readText, signText } from '../identity/signed-text.ts';

/**
 * What a keeper signs so that a host can say yes while the keeper is away (design §3.5): good for one host's one device, one
 * member, so many bytes for so long, one request, a few minutes, once.
 */
export type Ticket = {
  readonly keeper: DeviceId;
  readonly jti: string;
  readonly account: string;
  readonly member: OwnerId;
  /** The device that shall honour it. */
  readonly device: DeviceId;
  readonly bytes: bigint;
  readonly durationS: number;
  readonly requestHash: string;
  readonly untilMs: number;
};

/** A ticket lives this long (design §3.5: at most 5 minutes). */
export const TICKET_S = 300;
/** By how much two homes' clocks may differ. */
export const TICKET_SKEW_MS = 120_000;

const DOMAIN = 'allotment-ticket-v1\n';
const REQUEST_DOMAIN = 'allotment-ticket-request-v1\n';

const body = z.strictObject({
  keeper: deviceId,
  jti: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  account: accountId,
  member: ownerId,
  device: deviceId,
  bytes,
  durationS,
  requestHash: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  untilMs: z.int().min(0),
});

/** Everything that decides what is granted, but not the reasons: the ticket stands in one of them. */
export function requestHashOf(
  request: Pick<AllocateRequest, 'requestId' | 'size' | 'minSize' | 'duration' | 'plot' | 'accept'>,
): string {
  const { requestId, size, minSize, duration, plot, accept } = request;
  const text = encodeJson([
    requestId,
    size,
    minSize ?? null,
    duration.want,
    duration.min ?? null,
    plot ?? null,
    accept ?? null,
  ]);
  return createHash('sha256')
    .update(REQUEST_DOMAIN + text)
    .digest('base64url');
}

/** Three parts in base64url: the bytes, the signature, and the key, because friends know only its hash. */
export function writeTicket(
  ticket: Ticket,
  key: { readonly spki: Uint8Array; readonly sign: (bytes: Uint8Array) => Uint8Array },
): string {
  const { signed, signature } = signText(DOMAIN, ticket, key.sign);
  return [signed, signature, Buffer.from(key.spki).toString('base64url')].join('.');
}

/** The ticket that `keeper` has signed; undefined: anything else. Untrusted text. */
export function readTicket(text: string, keeper: DeviceId): Ticket | undefined {
  const parts = text.split('.').map((part) => Buffer.from(part, 'base64url'));
  const [signed, signature, spki] = parts;
  if (signed === undefined || signature === undefined || spki === undefined || parts.length !== 3)
    return undefined;
  if (deviceOfKey(spki) !== keeper) return undefined;
  if (!verifyByKey(spki, { bytes: signed, signature })) return undefined;
  const ticket = readText(DOMAIN, signed, body);
  return ticket?.keeper === keeper ? ticket : undefined;
}

export type TicketFlaw = 'ticket-bad' | 'ticket-expired';

/** What is wrong with a genuine ticket for this request at this device. */
export function flawOf(
  ticket: Ticket,
  at: {
    readonly device: DeviceId;
    readonly member: OwnerId;
    readonly account: string;
    readonly request: AllocateRequest;
    readonly nowMs: number;
  },
): TicketFlaw | undefined {
  const isForThis =
    ticket.device === at.device &&
    ticket.member === at.member &&
    ticket.account === at.account &&
    ticket.requestHash === requestHashOf(at.request);
  if (!isForThis) return 'ticket-bad';
  if (ticket.untilMs + TICKET_SKEW_MS < at.nowMs) return 'ticket-expired';
  // Nobody signs for longer; one that says so was made by a clock that is wrong.
  return ticket.untilMs > at.nowMs + TICKET_S * 1000 + TICKET_SKEW_MS ? 'ticket-bad' : undefined;
}
