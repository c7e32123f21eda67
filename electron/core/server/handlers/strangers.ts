import { createHash } from 'node:crypto';
import { allocateRequest } from '../../../../shared/model/allocate.ts';
import { readStatement } from '../../identity/statement.ts';
import { parseMessage } from '../message-body.ts';
import { deny } from '../replies.ts';
import type { Call, Response } from '../router.ts';
import { toGuest } from './guest-answer.ts';
import type { Parts } from './parts.ts';

/**
 * The one thing that whoever is no friend may send (design §3.1): a request for room with something that speaks for
 * him. A grant makes him a guest. Everything that is wrong with it, whatever it is, is answered like any other call
 * of a stranger, so that nobody can find out whom this device knows or how much it has.
 */
export async function answerStranger(
  { identity, friends, guests, witnesses, moment, disk, limits }: Parts,
  { caller, body }: Call,
): Promise<Response> {
  const nothing = deny('unknown-peer');
  const message = parseMessage(body, allocateRequest, limits);
  if (!message.ok || message.value.from === undefined) return nothing;
  const request = message.value;
  const { name, statement: signed } = message.value.from;
  const statement = readStatement(signed);
  if (statement === undefined || statement.device !== caller.device) return nothing;
  const { owner } = statement;
  const known = friends.friend(owner);
  // A friend's further device introduces itself; it needs nobody to speak for it.
  if (owner === identity.owner || (known !== undefined && !known.departed)) return nothing;
  if (friends.judge(statement) !== undefined) return nothing;
  const gathered = await witnesses.gather({ owner, request, isQuote: false, isGuest: true });
  if (Object.keys(gathered).length === 0) return nothing;
  const bodyHash = createHash('sha256').update(body).digest();
  const reply = await guests.admit({
    name,
    statement,
    signed,
    request,
    bodyHash,
    gathered,
    moment: moment(),
    disk: await disk(),
  });
  if (reply === undefined) return nothing;
  await friends.refresh();
  return toGuest(reply);
}
