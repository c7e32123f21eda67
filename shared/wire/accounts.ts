import { z } from 'zod';
import { bytes, deviceId, durationS, ownerId, plotId, requestId } from '../model/ids.ts';
import { PROTOCOL_VERSION } from './messages.ts';

/**
 * What hosts and members say to whoever keeps accounts, and what he answers (design §3.5; PROTOCOL). Lists have bounds
 * on both sides: a keeper is a friend, and friends' devices can be wrong too.
 */

export const ACCOUNTS_MAX = 100;
/** Settlements in one message. */
export const SETTLEMENTS_MAX = 100;
/** Plots on one page of a comparison, and what may be said about them. */
export const COMPARED_MAX = 500;

/** As a keeper names it: no control characters, so that it can't forge a line. */
export const accountId = z
  .string()
  .min(1)
  .max(80)
  .regex(/^\P{Cc}+$/u);

const v = z.literal(PROTOCOL_VERSION);
/** A reservation, or a ticket's one-time number: 128 random bits. */
const promiseId = z.string().regex(/^[A-Za-z0-9_-]{22}$/);
/** Rises with everything that one host says to keepers, so that what comes late is known for late. */
const seq = z.int().min(1);

/** GET /v1/accounts */
export const memberAccounts = z.object({
  accounts: z
    .array(
      z.object({
        account: accountId,
        plan: bytes,
        charged: bytes,
        left: bytes,
        closed: z.boolean(),
        /** When the plan ends, by its keeper's clock; absent: not by itself. */
        untilMs: z.int().min(0).optional(),
        /** Where the plan counts; none: at everybody who honours its keeper. */
        hosts: z.array(ownerId).max(ACCOUNTS_MAX),
      }),
    )
    .max(ACCOUNTS_MAX),
  /** There are accounts whose members may ask whoever reads this for room. */
  countsHere: z.boolean(),
});
export type MemberAccounts = z.infer<typeof memberAccounts>;

/** POST /v1/accounts/reservations, from a host */
export const reservationRequest = z.object({
  v,
  reservation: promiseId,
  account: accountId,
  member: ownerId,
  /** What the plot would be charged: its size and its working room; for one that grows, what is added. */
  bytes,
  /** Only asked: nothing is set aside. */
  quote: z.boolean().optional(),
});
export type ReservationRequest = z.infer<typeof reservationRequest>;
export const reservationAnswer = z.object({ reserved: z.boolean(), plan: bytes, charged: bytes });
export type ReservationAnswer = z.infer<typeof reservationAnswer>;

/** POST /v1/accounts/tickets, from a member */
export const ticketRequest = z.object({
  v,
  requestId,
  account: accountId,
  /** For whom it is: the host, and the one device of his that shall honour it. */
  host: ownerId,
  device: deviceId,
  bytes,
  durationS,
  /** SHA-256 over what is asked for (`ticket.ts`). */
  requestHash: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
export type TicketRequest = z.infer<typeof ticketRequest>;
export const ticketAnswer = z.object({ ticket: z.string().min(1).max(8192) });

/** One thing that happened at a host. `promise`: the reservation or ticket that it settles. */
export const settlement = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('settled'),
    seq,
    promise: promiseId.optional(),
    account: accountId,
    member: ownerId,
    plot: plotId,
    /** The whole plot from now on. */
    bytes,
  }),
  z.object({ state: z.literal('void'), seq, promise: promiseId, account: accountId }),
  z.object({ state: z.literal('released'), seq, account: accountId, plot: plotId }),
]);
export type Settlement = z.infer<typeof settlement>;

/** POST /v1/accounts/settlements, from a host */
export const settlementRequest = z.object({
  v,
  items: z.array(settlement).min(1).max(SETTLEMENTS_MAX),
});
export const settlementAnswer = z.object({
  /** The highest number that this host has ever given: one that lost its books counts on from there. */
  seq: z.int().min(0),
});
export type SettlementAnswer = z.infer<typeof settlementAnswer>;

const heldPlot = z.object({ plot: plotId, account: accountId, member: ownerId, bytes });
export type HeldPlot = z.infer<typeof heldPlot>;

/**
 * POST /v1/accounts/comparison, from a host: all its plots on this keeper's accounts whose ids lie after `after` and
 * up to `upTo`, as of `seq`; null: from the first, to the last.
 */
export const comparisonRequest = z.object({
  v,
  seq,
  after: plotId.nullable(),
  upTo: plotId.nullable(),
  plots: z.array(heldPlot).max(COMPARED_MAX),
});
export type ComparisonRequest = z.infer<typeof comparisonRequest>;
export const comparisonAnswer = z.object({
  seq: z.int().min(0),
  /** Of the plots named, those that the account does not cover (any more): closed, left, dropped. */
  uncovered: z.array(plotId).max(COMPARED_MAX),
  /** Of the plots named, those that were charged otherwise until now. */
  corrected: z.array(plotId).max(COMPARED_MAX),
  /** Plots that were not named and are charged no longer, as they were. */
  dropped: z.array(heldPlot).max(COMPARED_MAX),
  /** Reservations and tickets still open: the host says what became of those that it knows nothing of. */
  open: z
    .array(z.object({ promise: promiseId, untilMs: z.int().min(0).optional() }))
    .max(COMPARED_MAX),
});
export type ComparisonAnswer = z.infer<typeof comparisonAnswer>;
