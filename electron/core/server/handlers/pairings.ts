import { ok, type Result } from '../../../../shared/result.ts';
import {
  pairingEnd,
  type PairingNo,
  type PairingProgress,
  pairingRequest,
  pairingReveal,
} from '../../../../shared/wire/messages.ts';
import { denialOf } from '../../friends/judge-statement.ts';
import { unfitToPair } from '../../friends/befriend.ts';
import { isOver } from '../../friends/pairing.ts';
import type { PairingEntry } from '../../friends/pairing-entry.ts';
import { readStatement } from '../../identity/statement.ts';
import { type BodyFault, parseMessage } from '../message-body.ts';
import { deny } from '../replies.ts';
import type { Call, Response, Route } from '../router.ts';
import type { Parts } from './parts.ts';
import { formatAddress } from '../../../../shared/address.ts';

/** The responder's half of a pairing (`friends/pairing.ts` draws the whole). */
export function pairingRoutes(parts: Parts): readonly Route[] {
  const { pairings } = parts;

  /** A pairing belongs to the device that began it; to others it is not there. */
  function own({ caller, params }: Call): PairingEntry | undefined {
    const entry = pairings.entry(params['id'] ?? '');
    if (entry?.began !== 'there' || entry.other.statement.device !== caller.device)
      return undefined;
    pairings.heard(entry.id);
    return entry;
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
        return progress(parts, pairings.entry(entry.id));
      },
    },
    {
      method: 'GET',
      path: '/v1/pairings/:id',
      access: 'anyone',
      handle: (call) => progress(parts, own(call)),
    },
    {
      method: 'POST',
      path: '/v1/pairings/:id/confirm',
      access: 'anyone',
      handle: (call) => {
        const entry = own(call);
        return progress(parts, entry && pairings.apply(entry.id, 'confirmed-there'));
      },
    },
    {
      method: 'DELETE',
      path: '/v1/pairings/:id',
      access: 'anyone',
      handle: (call) => {
        const entry = own(call);
        const why = whyNo(parts, call.body);
        if (!why.ok) return deny(why.fault.code, why.fault.params);
        return progress(parts, entry && pairings.reject(entry.id, { by: 'there', why: why.value }));
      },
    },
  ];
}

/** Without a body it is only: not now. */
function whyNo({ limits }: Parts, body: Buffer): Result<PairingNo, BodyFault> {
  if (body.length === 0) return ok('declined');
  const message = parseMessage(body, pairingEnd, limits);
  return message.ok ? ok(message.value.why) : message;
}

async function begin(
  { identity, name, kind, friends, pairings, limits, clock }: Parts,
  { caller, body }: Call,
): Promise<Response> {
  const message = parseMessage(body, pairingRequest, limits);
  if (!message.ok) return deny(message.fault.code, message.fault.params);
  const { name: itsName, kind: itsKind = 'desktop', commitment, port } = message.value;
  const { statement: signed } = message.value;
  const statement = readStatement(signed);
  // Signed by the root it names, and about the very key of this connection.
  if (statement === undefined || statement.device !== caller.device) return deny('unknown-peer');
  const other = { name: itsName, kind: itsKind, statement, signed };
  // Two people would compare digits for a device that counts for nothing.
  const unfit = await unfitToPair(friends, other, clock.nowMs());
  if (unfit !== undefined) return deny(denialOf(unfit));
  const address = port === null ? '' : formatAddress({ host: caller.address, port });
  const answer = pairings.answer({
    other: { ...other, address },
    commitment: Buffer.from(commitment, 'base64url'),
    from: caller.address,
  });
  if (!answer.ok) return deny(answer.fault === 'crossed' ? 'pairing-crossed' : 'rate-limited');
  return {
    status: 201,
    body: {
      id: answer.value.id,
      name: name(),
      kind: kind(),
      statement: identity.statement,
      nonce: Buffer.from(answer.value.nonce).toString('base64url'),
    },
  };
}

async function progress(
  { kept }: Pick<Parts, 'kept'>,
  entry: PairingEntry | undefined,
): Promise<Response> {
  if (entry === undefined) return deny('unknown-peer');
  if (entry.state === 'paired') await kept(entry.id);
  const { no } = entry;
  const why = no === undefined ? {} : { why: no.why };
  return { status: 200, body: { state: stateOf(entry), ...why } satisfies PairingProgress };
}

function stateOf({ state }: PairingEntry): PairingProgress['state'] {
  if (state === 'paired') return 'paired';
  if (isOver(state)) return 'over';
  return state === 'confirmed-here' ? 'confirmed' : 'comparing';
}
