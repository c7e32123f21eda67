import { type Fault, fault } from '../../../../shared/fault.ts';
import type { DeviceId } from '../../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import {
  hello,
  type PairingNo,
  type PairingProgress,
  pairingProgress,
} from '../../../../shared/wire/messages.ts';
import { isOver, PAIRING_SILENCE_MS } from '../../friends/pairing.ts';
import { endedFault, type PairingEntry } from '../../friends/pairing-entry.ts';
import type { Identity } from '../../identity/identity.ts';
import { parseAddress } from '../../../../shared/address.ts';
import { createPairingDial, type PairingCaller, sayNo } from './pairing-dial.ts';
import { openPeerSession, type PeerSession } from '../connection/peer-client.ts';
import { type PeerFault, toFault } from '../connection/peer-fault.ts';
import { ANSWER_WITHIN_MS, sendSoon } from '../connection/send-soon.ts';

/** How often the initiator looks whether the person over there has confirmed. */
const POLL_MS = 500;

/** The initiator's half of a pairing (`friends/pairing.ts` draws the whole). */
export type PairingCalls = {
  /**
   * Calls a device and exchanges nonces; from here on both screens show digits. Where a pairing with
   * that device is open already, whoever began it, it is that one. `called`: how a fault names it.
   */
  readonly start: (call: {
    readonly addresses: readonly string[];
    readonly called: string;
  }) => Promise<Result<PairingEntry, Fault>>;
  /** Gives up every call that has no digits yet; `start` ends with `cancelled`. False: there was none. */
  readonly giveUp: () => boolean;
  /** The person here says the digits are the same. It holds once the other side has heard of it. */
  readonly confirm: (entry: PairingEntry) => Promise<Result<undefined, Fault>>;
  /** Tells the other side why it is over; of a pairing that came from there it learns by asking. */
  readonly reject: (id: string, why: PairingNo) => Promise<void>;
  readonly close: () => void;
};

/** A pairing that this side began, for as long as it is open. */
type Line = {
  readonly id: string;
  readonly session: PeerSession;
  heardMs: number;
  /** The person here has confirmed; the other side may have heard of it even if no answer came. */
  isConfirmed: boolean;
};

export function createPairingCalls(caller: PairingCaller): PairingCalls {
  const { identity, pairings, clock } = caller;
  const dial = createPairingDial(caller);
  const lines = new Map<string, Line>();
  const dialling = new Set<AbortController>();
  const timers = new Set<NodeJS.Timeout>();
  let isClosed = false;

  async function start({
    addresses,
    called,
  }: Parameters<PairingCalls['start']>[0]): Promise<Result<PairingEntry, Fault>> {
    if (addresses.length === 0 || addresses.some((each) => parseAddress(each) === undefined))
      return failed(fault('bad-address', { address: called }));
    const session = openPeerSession(identity, { device: undefined, addresses });
    const giveUp = new AbortController();
    dialling.add(giveUp);
    const begun = await dial({
      session,
      called,
      signal: giveUp.signal,
      onBegun: ({ id }) => keep(id, session),
    }).finally(() => dialling.delete(giveUp));
    const isMine = begun.ok && lines.get(begun.value.id)?.session === session;
    if (!isMine) session.close();
    return begun;
  }

  function keep(id: string, session: PeerSession): void {
    const line = { id, session, heardMs: clock.monotonicMs(), isConfirmed: false };
    lines.set(id, line);
    poll(line);
  }

  function poll(line: Line): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      void look(line);
    }, POLL_MS);
    timers.add(timer);
  }

  function isOpen(id: string): boolean {
    const entry = pairings.entry(id);
    return entry !== undefined && !isOver(entry.state);
  }

  /** Asks how things stand over there. */
  async function look(line: Line): Promise<void> {
    if (isOpen(line.id)) await ask(line, { method: 'GET', path: `/v1/pairings/${line.id}` });
    // Taken out by whoever says no: that message still needs the connection.
    if (isClosed || lines.get(line.id) !== line) return;
    if (isOpen(line.id)) return poll(line);
    lines.delete(line.id);
    line.session.close();
  }

  async function ask(
    line: Line,
    message: { readonly method: 'GET' | 'POST'; readonly path: string },
  ): Promise<Result<PairingProgress, PeerFault>> {
    const asked = await sendSoon(line.session, { ...message, schema: pairingProgress });
    if (asked.ok) {
      line.heardMs = clock.monotonicMs();
      learn(line, asked.value);
      return asked;
    }
    if (isGone(asked.fault) || clock.monotonicMs() - line.heardMs > PAIRING_SILENCE_MS)
      pairings.apply(line.id, 'failed');
    return asked;
  }

  function learn({ id, isConfirmed }: Line, { state, why }: PairingProgress): void {
    if (state === 'over' && why !== undefined) pairings.reject(id, { by: 'there', why });
    else if (state === 'over') pairings.apply(id, isNearlyOver(id) ? 'expired' : 'failed');
    else if (state !== 'comparing') {
      // Over there it is done, so they have heard of what this person said; who didn't, is not bound.
      if (state === 'paired' && isConfirmed) pairings.apply(id, 'confirmed-here');
      pairings.apply(id, 'confirmed-there');
    }
  }

  /** Their two minutes began a moment before ours. */
  function isNearlyOver(id: string): boolean {
    const listed = pairings.list().find((each) => each.id === id);
    return listed !== undefined && listed.leftS * 1000 <= ANSWER_WITHIN_MS;
  }

  return {
    start,
    giveUp: () => {
      const hasAny = dialling.size > 0;
      for (const each of dialling) each.abort();
      return hasAny;
    },
    confirm: async ({ id, other }) => {
      const line = lines.get(id);
      if (line === undefined) return ok(undefined);
      line.isConfirmed = true;
      const asked = await ask(line, { method: 'POST', path: `/v1/pairings/${id}/confirm` });
      const ended = endedFault(pairings.entry(id));
      if (ended !== undefined) return failed(ended);
      return asked.ok ? ok(undefined) : failed(toFault(asked.fault, other.name));
    },
    reject: async (id, why) => {
      const line = lines.get(id);
      if (line === undefined) return;
      lines.delete(id);
      await sayNo(line.session, id, why);
      line.session.close();
    },
    close: () => {
      isClosed = true;
      for (const each of dialling) each.abort();
      for (const timer of timers) clearTimeout(timer);
      for (const { session } of lines.values()) session.close();
    },
  };
}

/** It answers, and knows nothing of this pairing. */
function isGone(peer: PeerFault): boolean {
  return peer.code === 'refused' && peer.denied.reasons[0]?.code === 'unknown-peer';
}

/** Who answers at one of these addresses; what it says of itself is not believed. */
export async function greet(
  identity: Identity,
  addresses: readonly string[],
): Promise<DeviceId | undefined> {
  const session = openPeerSession(identity, { device: undefined, addresses });
  const greeting = await session.send({ method: 'GET', path: '/v1/hello', schema: hello });
  session.close();
  return greeting.ok ? session.device() : undefined;
}
