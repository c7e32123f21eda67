import type { z } from 'zod';
import { type Fault, fault } from '../../../../shared/fault.ts';
import type { DeviceId } from '../../../../shared/ids.ts';
import type { MachineKind } from '../../../../shared/model/machine.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import {
  hello,
  pairingAnswer,
  type PairingNo,
  pairingProgress,
  plotList,
  PROTOCOL_VERSION,
} from '../../../../shared/wire/messages.ts';
import { unfitToPair } from '../../friends/befriend.ts';
import { denialOf } from '../../friends/judge-statement.ts';
import { type FriendRegistry, nameOf } from '../../friends/friend-registry.ts';
import { commitmentOf, NONCE_BYTES } from '../../friends/pairing.ts';
import type { Other, PairingEntry } from '../../friends/pairing-entry.ts';
import type { PairingTable } from '../../friends/pairing-table.ts';
import type { Identity } from '../../identity/identity.ts';
import { readStatement } from '../../identity/statement.ts';
import type { Clock, Randomness } from '../../ports.ts';
import type { PeerSession } from '../connection/peer-client.ts';
import { type PeerFault, toFault } from '../connection/peer-fault.ts';
import { sendSoon } from '../connection/send-soon.ts';

/** As long as a connection may take to come about, and a moment for the answer. */
const GREETED_WITHIN_MS = 12_000;
/** When two calls crossed, how long the one that stands may take to come. */
const CROSSED_WITHIN_MS = 10_000;

export type PairingCaller = {
  readonly identity: Identity;
  readonly name: () => string;
  readonly kind: () => MachineKind;
  /** Where this device listens; undefined if it doesn't. */
  readonly port: () => number | undefined;
  readonly friends: FriendRegistry;
  readonly pairings: PairingTable;
  readonly randomness: Randomness;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
};

export type Dialled = {
  readonly session: PeerSession;
  /** How faults name the other side, before it is known. */
  readonly called: string;
  /** Aborted when the person gives the call up. */
  readonly signal: AbortSignal;
  /** Called at once when this call's own pairing is open. */
  readonly onBegun: (entry: PairingEntry) => void;
};

/**
 * The initiator's first half: from a call to digits on both screens. Where a pairing with whoever
 * answers is open or about to be, it is that one.
 */
export function createPairingDial({
  identity,
  name,
  kind,
  port,
  friends,
  pairings,
  randomness,
  clock,
}: PairingCaller): (dialled: Dialled) => Promise<Result<PairingEntry, Fault>> {
  async function dial(dialled: Dialled): Promise<Result<PairingEntry, Fault>> {
    const { session, called, signal } = dialled;
    const greet = { method: 'GET', path: '/v1/hello', schema: hello, signal } as const;
    const greeting = await sendSoon(session, greet, GREETED_WITHIN_MS);
    if (!greeting.ok) return failed(toFault(greeting.fault, called));
    const device = session.device();
    if (device === undefined) return failed(toFault(NO_KEY, called));
    if (device === identity.device)
      return failed(fault('bad-address', { address: called, problem: 'self' }));
    const known = friends.byDevice(device);
    if (known !== undefined && (await areFriendsOverThere(session, signal)))
      return failed(fault('already-friends', { friend: nameOf(known) }));
    if (!pairings.calls(device)) return standing(device, dialled);
    const begun = await exchangeNonces(device, dialled).finally(() => pairings.called(device));
    return begun === 'crossed' ? standing(device, dialled) : begun;
  }

  async function exchangeNonces(
    device: DeviceId,
    { session, called, signal, onBegun }: Dialled,
  ): Promise<Result<PairingEntry, Fault> | 'crossed'> {
    const bad = (peer: PeerFault) => failed(toFault(peer, called));
    const myNonce = randomness.bytes(NONCE_BYTES);
    const answered = await sendSoon(session, {
      method: 'POST',
      path: '/v1/pairings',
      schema: pairingAnswer,
      signal,
      body: {
        v: PROTOCOL_VERSION,
        name: name(),
        port: port() ?? null,
        kind: kind(),
        statement: identity.statement,
        commitment: Buffer.from(commitmentOf(myNonce)).toString('base64url'),
      },
    });
    if (!answered.ok) return isCrossed(answered.fault) ? 'crossed' : bad(answered.fault);
    const { id, nonce } = answered.value;
    const end = async (peer: PeerFault) => {
      await sayNo(session, id, 'declined');
      return bad(peer);
    };
    const other = otherOf(answered.value, session.address() ?? called);
    if (other === undefined || other.statement.device !== device)
      return end({ code: 'protocol', detail: 'its statement is about another device' });
    const unfit = await unfitToPair(friends, other, clock.nowMs());
    if (unfit !== undefined) {
      await sayNo(session, id, 'declined');
      return failed(fault('refused', { friend: called, denial: denialOf(unfit) }));
    }
    const revealed = await sendSoon(session, {
      method: 'POST',
      path: `/v1/pairings/${id}/reveal`,
      body: { nonce: Buffer.from(myNonce).toString('base64url') },
      schema: pairingProgress,
      signal,
    });
    // Given up in the last moment counts: nobody here would look at the digits.
    if (signal.aborted) return end({ code: 'cancelled' });
    if (!revealed.ok) return bad(revealed.fault);
    const theirNonce = Buffer.from(nonce, 'base64url');
    const entry = pairings.began({ id, other, myNonce, theirNonce });
    if (entry === undefined) return end({ code: 'protocol', detail: 'its pairing is another one' });
    onBegun(entry);
    return ok(entry);
  }

  /** A pairing with that device is open or about to be, from there or from another call of ours. */
  async function standing(
    device: DeviceId,
    { called, signal }: Dialled,
  ): Promise<Result<PairingEntry, Fault>> {
    const entry = await whenCompared(pairings, device, signal);
    if (entry !== undefined) return ok(entry);
    if (signal.aborted) return failed(fault('cancelled'));
    return failed(fault('refused', { friend: called, denial: 'pairing-crossed' }));
  }

  return dial;
}

const NO_KEY: PeerFault = { code: 'protocol', detail: 'it showed no key' };

function isCrossed(peer: PeerFault): boolean {
  return peer.code === 'refused' && peer.denied.reasons[0]?.code === 'pairing-crossed';
}

export async function sayNo(session: PeerSession, id: string, why: PairingNo): Promise<void> {
  await sendSoon(session, {
    method: 'DELETE',
    path: `/v1/pairings/${id}`,
    body: { why },
    schema: pairingProgress,
  });
}

/** The open pairing with a device once there are digits; `undefined`: none came in time. */
function whenCompared(
  pairings: PairingTable,
  device: DeviceId,
  signal: AbortSignal,
): Promise<PairingEntry | undefined> {
  return new Promise((resolve) => {
    const finish = (entry: PairingEntry | undefined) => {
      clearTimeout(timer);
      stop();
      signal.removeEventListener('abort', giveUp);
      resolve(entry);
    };
    const giveUp = () => finish(undefined);
    const look = () => {
      const entry = pairings.openWith(device);
      if (entry?.digits !== undefined) finish(entry);
    };
    const timer = setTimeout(giveUp, CROSSED_WITHIN_MS);
    const stop = pairings.subscribe(look);
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) giveUp();
    else look();
  });
}

/** Whether that device counts us among its friends; if only we do, pairing again mends it. */
async function areFriendsOverThere(session: PeerSession, signal: AbortSignal): Promise<boolean> {
  return (await sendSoon(session, { method: 'GET', path: '/v1/plots', schema: plotList, signal }))
    .ok;
}

function otherOf(answer: z.infer<typeof pairingAnswer>, address: string): Other | undefined {
  const statement = readStatement(answer.statement);
  if (statement === undefined) return undefined;
  const { name, kind = 'desktop', statement: signed } = answer;
  return { name, kind, statement, signed, address };
}
