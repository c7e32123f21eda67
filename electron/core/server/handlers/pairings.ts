import {
  pairingRequest,
  pairingReveal,
  type PairingProgress,
} from '../../../../shared/wire/messages.ts';
import { isOver } from '../../friends/pairing.ts';
import type { PairingEntry } from '../../friends/pairing-table.ts';
import { readStatement } from '../../identity/statement.ts';
import { parseMessage } from '../message-body.ts';
import { deny } from '../replies.ts';
import type { Call, Response, Route } from '../router.ts';
import type { Parts } from './parts.ts';

/** The responder's half of a pairing (`friends/pairing.ts` draws the whole). */
export function pairingRoutes(parts: Parts): readonly Route[] {
  const { pairings } = parts;

  /** A pairing belongs to the device that began it; to others it is not there. */
  function own({ caller, params }: Call): PairingEntry | undefined {
    const entry = pairings.entry(params['id'] ?? '');
    return entry?.began === 'there' && entry.other.statement.device === caller.device
      ? entry
      : undefined;
  }

  return [
    {
      method: 'POST',
      path: '/v1/pairings',
      access: 'anyone',
      handle: (call) => begin(parts, call),
    },
    {
      method: 'POST',
      path: '/v1/pairings/:id/reveal',
      access: 'anyone',
      handle: (call) => {
        const entry = own(call);
        if (entry === undefined) return deny('unknown-peer');
        const message = parseMessage(call.body, pairingReveal, parts.limits);
        if (!message.ok) return deny(message.fault.code, message.fault.params);
        const nonce = Buffer.from(message.value.nonce, 'base64url');
        if (!pairings.reveal(entry.id, nonce)) return deny('bad-request');
        return progress(pairings.entry(entry.id));
      },
    },
    {
      method: 'GET',
      path: '/v1/pairings/:id',
      access: 'anyone',
      handle: (call) => progress(own(call)),
    },
    {
      method: 'POST',
      path: '/v1/pairings/:id/confirm',
      access: 'anyone',
      handle: (call) => {
        const entry = own(call);
        return progress(entry && pairings.apply(entry.id, 'confirmed-there'));
      },
    },
    {
      method: 'DELETE',
      path: '/v1/pairings/:id',
      access: 'anyone',
      handle: (call) => {
        const entry = own(call);
        return progress(entry && pairings.apply(entry.id, 'rejected'));
      },
    },
  ];
}

function begin({ identity, name, pairings, limits }: Parts, { caller, body }: Call): Response {
  const message = parseMessage(body, pairingRequest, limits);
  if (!message.ok) return deny(message.fault.code, message.fault.params);
  const { statement: signed, commitment, port } = message.value;
  const statement = readStatement(signed);
  // Signed by the root it names, and about the very key of this connection.
  if (statement === undefined || statement.device !== caller.device) return deny('unknown-peer');
  const address = port === null ? '' : `${bracketed(caller.address)}:${port}`;
  const { name: itsName, kind = 'desktop' } = message.value;
  const other = { name: itsName, kind, statement, signed, address };
  const answer = pairings.answer(other, Buffer.from(commitment, 'base64url'));
  if (answer === undefined) return deny('rate-limited');
  return {
    status: 201,
    body: {
      id: answer.id,
      name: name(),
      statement: identity.statement,
      nonce: Buffer.from(answer.nonce).toString('base64url'),
    },
  };
}

function progress(entry: PairingEntry | undefined): Response {
  if (entry === undefined) return deny('unknown-peer');
  return { status: 200, body: { state: stateOf(entry) } satisfies PairingProgress };
}

function stateOf({ state }: PairingEntry): PairingProgress['state'] {
  if (state === 'paired') return 'paired';
  if (isOver(state)) return 'over';
  return state === 'confirmed-here' ? 'confirmed' : 'comparing';
}

/** IPv6 addresses stand in brackets before a port (RFC 3986 §3.2.2). */
function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
