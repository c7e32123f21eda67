import type { z } from 'zod';
import { type Fault, fault } from '../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import {
  hello,
  pairingAnswer,
  pairingProgress,
  plotList,
  PROTOCOL_VERSION,
} from '../../../shared/wire/messages.ts';
import type { FriendRegistry } from '../friends/friend-registry.ts';
import { commitmentOf, isOver, NONCE_BYTES } from '../friends/pairing.ts';
import type { Other, PairingEntry, PairingTable } from '../friends/pairing-table.ts';
import type { DeviceId } from '../../../shared/ids.ts';
import type { Identity } from '../identity/identity.ts';
import { readStatement } from '../identity/statement.ts';
import type { Randomness } from '../ports.ts';
import { parseAddress } from './address.ts';
import { openPeerSession, type PeerSession } from './peer-client.ts';
import { type PeerFault, toFault } from './peer-fault.ts';

/** How often the initiator looks whether the person over there has confirmed. */
const POLL_MS = 500;

/** The initiator's half of a pairing (`friends/pairing.ts` draws the whole). */
export type PairingCalls = {
  /** Calls a device and exchanges nonces; from here on both screens show digits. */
  readonly start: (address: string) => Promise<Result<PairingEntry, Fault>>;
  /** Tells the other side what was decided here; of a pairing that came from there it learns by asking. */
  readonly tell: (id: string, decision: 'confirm' | 'reject') => Promise<void>;
  readonly close: () => void;
};

export function createPairingCalls({
  identity,
  name,
  port,
  friends,
  pairings,
  randomness,
}: {
  readonly identity: Identity;
  readonly name: () => string;
  /** Where this device listens; undefined if it doesn't. */
  readonly port: () => number | undefined;
  readonly friends: FriendRegistry;
  readonly pairings: PairingTable;
  readonly randomness: Randomness;
}): PairingCalls {
  const calls = new Map<string, PeerSession>();
  const timers = new Set<NodeJS.Timeout>();

  async function start(address: string): Promise<Result<PairingEntry, Fault>> {
    if (parseAddress(address) === undefined) return failed(fault('bad-address', { address }));
    const session = openPeerSession(identity, { device: undefined, addresses: [address] });
    const begun = await exchangeNonces(session, address);
    if (!begun.ok) {
      session.close();
      return begun;
    }
    calls.set(begun.value.id, session);
    poll(begun.value.id, session);
    return begun;
  }

  async function exchangeNonces(
    session: PeerSession,
    address: string,
  ): Promise<Result<PairingEntry, Fault>> {
    const bad = (peer: PeerFault) => failed(toFault(peer, address));
    const greeting = await session.send({ method: 'GET', path: '/v1/hello', schema: hello });
    if (!greeting.ok) return bad(greeting.fault);
    const device = session.device();
    if (device === identity.device)
      return failed(fault('bad-address', { address, problem: 'self' }));
    const known = device === undefined ? undefined : friends.byDevice(device);
    if (known !== undefined && (await areFriendsOverThere(session)))
      return failed(fault('already-friends', { friend: known.name }));
    const myNonce = randomness.bytes(NONCE_BYTES);
    const answered = await session.send({
      method: 'POST',
      path: '/v1/pairings',
      schema: pairingAnswer,
      body: {
        v: PROTOCOL_VERSION,
        name: name(),
        port: port() ?? null,
        statement: identity.statement,
        commitment: Buffer.from(commitmentOf(myNonce)).toString('base64url'),
      },
    });
    if (!answered.ok) return bad(answered.fault);
    const other = otherOf(answered.value, address);
    if (other === undefined || other.statement.device !== device)
      return bad({ code: 'protocol', detail: 'its statement is about another device' });
    const { id, nonce } = answered.value;
    const revealed = await session.send({
      method: 'POST',
      path: `/v1/pairings/${id}/reveal`,
      body: { nonce: Buffer.from(myNonce).toString('base64url') },
      schema: pairingProgress,
    });
    if (!revealed.ok) return bad(revealed.fault);
    const theirNonce = Buffer.from(nonce, 'base64url');
    return ok(pairings.began({ id, other, myNonce, theirNonce }));
  }

  function poll(id: string, session: PeerSession): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      void look(id, session);
    }, POLL_MS);
    timers.add(timer);
  }

  /** Asks how things stand over there; silence is no answer, time ends it. */
  async function look(id: string, session: PeerSession): Promise<void> {
    const progress = await session.send({
      method: 'GET',
      path: `/v1/pairings/${id}`,
      schema: pairingProgress,
    });
    if (progress.ok) {
      const { state } = progress.value;
      if (state === 'over') pairings.apply(id, 'rejected');
      else if (state !== 'comparing') pairings.apply(id, 'confirmed-there');
    }
    const entry = pairings.entry(id);
    if (entry !== undefined && !isOver(entry.state)) return poll(id, session);
    calls.delete(id);
    session.close();
  }

  return {
    start,
    tell: async (id, decision) => {
      const session = calls.get(id);
      if (session === undefined) return;
      const message =
        decision === 'confirm'
          ? ({ method: 'POST', path: `/v1/pairings/${id}/confirm` } as const)
          : ({ method: 'DELETE', path: `/v1/pairings/${id}` } as const);
      await session.send({ ...message, schema: pairingProgress });
    },
    close: () => {
      for (const timer of timers) clearTimeout(timer);
      for (const session of calls.values()) session.close();
    },
  };
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

/** Whether that device counts us among its friends; if only we do, pairing again mends it. */
async function areFriendsOverThere(session: PeerSession): Promise<boolean> {
  return (await session.send({ method: 'GET', path: '/v1/plots', schema: plotList })).ok;
}

function otherOf(answer: z.infer<typeof pairingAnswer>, address: string): Other | undefined {
  const statement = readStatement(answer.statement);
  if (statement === undefined) return undefined;
  const { name, kind = 'desktop', statement: signed } = answer;
  return { name, kind, statement, signed, address };
}
