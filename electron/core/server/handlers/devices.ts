import type { z } from 'zod';
import { deviceIntroduction, type introduced } from '../../../../shared/wire/messages.ts';
import { denialOf } from '../../friends/judge-statement.ts';
import { readStatement } from '../../identity/statement.ts';
import { parseMessage } from '../message-body.ts';
import { deny } from '../replies.ts';
import type { Call, Response, Route } from '../router.ts';
import type { Parts } from './parts.ts';

/**
 * Another device of a friend or a guest: its owner's root says so about the very key of this connection, and that
 * root was compared when the friendship began. So nobody is asked, and everybody is told.
 */
export function deviceRoutes(parts: Parts): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/devices',
      access: 'anyone',
      handle: (call) => introduce(parts, call),
    },
  ];
}

async function introduce(
  { friends, limits, clock }: Parts,
  { caller, body }: Call,
): Promise<Response> {
  const message = parseMessage(body, deviceIntroduction, limits);
  if (!message.ok) return deny(message.fault.code, message.fault.params);
  const { name, kind, statement: signed } = message.value;
  const statement = readStatement(signed);
  if (statement === undefined || statement.device !== caller.device) return deny('unknown-peer');
  const person = friends.person(statement.owner);
  // A guest's machine can die like a friend's, and what he keeps here may be the only copy.
  if (person === undefined || person.departed || person.relation === 'host')
    return deny('unknown-peer');
  const known = friends.knownDevice(statement.device)?.device;
  // Its owner may have said something newer about it: that it takes the place of another one.
  const isNewer = known !== undefined && known.serial < statement.serial;
  if ((caller.friend ?? caller.guest)?.owner === person.owner && !isNewer) return said('known');
  const added = await friends.add({
    // Whoever comes back from 24 words says its name only when it knows who this is.
    name: name ?? known?.name ?? person.name,
    kind: kind ?? known?.kind,
    statement,
    signed,
    // Where it can be reached it tells as news, from now on as a friend.
    addresses: [],
    atMs: clock.nowMs(),
    isIntroduced: true,
  });
  return added.ok ? said('added') : deny(denialOf(added.fault));
}

function said(state: z.infer<typeof introduced>['state']): Response {
  return { status: 200, body: { state } satisfies z.infer<typeof introduced> };
}
