import type { OwnerId } from '../../../../shared/ids.ts';
import type { Settlement } from '../../../../shared/wire/accounts.ts';
import { TICKET_S, TICKET_SKEW_MS } from '../../../../electron/core/accounts/ticket.ts';

const UNDECIDED_MS = 600_000;

/** A keeper's account once more, without counters: what is promised, what lies at the host, and what was said to it. */
export function createKeeperModel(planBytes: bigint) {
  const open = new Map<string, bigint>();
  const held = new Map<string, bigint>();
  let seen = 0;
  const sum = (all: ReadonlyMap<string, bigint>) =>
    [...all.values()].reduce((one, other) => one + other, 0n);
  const household = {
    plan: planBytes,
    closed: false,
    members: new Set<OwnerId>(),
    /** Begun at the host and not decided yet, and when. */
    intents: new Map<string, number>(),
    tickets: new Map<string, { bytes: bigint; maxS: number; untilMs: number; spent: boolean }>(),
    openBytes: () => sum(open),
    heldBytes: () => sum(held),
    seen: () => seen,
    covers: (member: OwnerId) => household.members.has(member) && !household.closed,
    /** Sets aside, and never more than the plan has. */
    reserve: (id: string, member: OwnerId, bytes: bigint): boolean => {
      const isFit = sum(open) + sum(held) + bytes <= household.plan;
      if (!household.covers(member) || !isFit) return false;
      open.set(id, bytes);
      return true;
    },
    settle: (items: readonly Settlement[]): void => {
      for (const item of items) {
        if (item.seq <= seen) continue;
        seen = item.seq;
        if (item.state === 'released') held.delete(item.plot);
        if (item.state === 'settled') held.set(item.plot, item.bytes);
        if (item.state !== 'released' && item.promise !== undefined) open.delete(item.promise);
      }
    },
    /** Whoever has not decided by now never will; a clock that was set says the same. */
    tidy: (nowMs: number): void => {
      for (const [id, sinceMs] of household.intents)
        if (Math.abs(nowMs - sinceMs) > UNDECIDED_MS) household.intents.delete(id);
    },
    spend: (jti: string): void => {
      const ticket = household.tickets.get(jti);
      if (ticket !== undefined) ticket.spent = true;
    },
    /** A ticket whose time is over at the host, or that was signed by a clock far ahead of his, comes back, and never counts again. */
    compared: (nowMs: number): void => {
      const isFit = (leftMs: number) =>
        leftMs >= -TICKET_SKEW_MS && leftMs <= TICKET_S * 1000 + TICKET_SKEW_MS;
      for (const [jti, ticket] of household.tickets)
        if (open.has(jti) && !isFit(ticket.untilMs - nowMs)) ticket.spent = true;
    },
  };
  return household;
}
