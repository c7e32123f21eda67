import type { Api } from '../../../shared/contract/api.ts';
import { plain } from '../../../shared/contract/plain.ts';
import type { FriendView, Plain } from '../../../shared/contract/views.ts';
import { type Fault, fault } from '../../../shared/fault.ts';
import type { Policy } from '../../../shared/model/policy.ts';
import { LETS_IN } from '../../../shared/policy/grounds.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { Friend } from '../friends/friend-book.ts';
import type { CoreParts } from './core-parts.ts';
import { findKeeper } from './find-keeper.ts';
import { nearApi } from './near-api.ts';
import { pairingApi } from './pairing-api.ts';
import { friendView, friendViews, useIn } from './views.ts';

type FriendsApi = Pick<
  Api,
  | 'friends.list'
  | 'friends.rename'
  | 'friends.block'
  | 'friends.unblock'
  | keyof ReturnType<typeof nearApi>
  | keyof ReturnType<typeof pairingApi>
  | 'policy.get'
  | 'policy.set'
  | 'policy.try'
>;

export function friendsApi(parts: CoreParts): FriendsApi {
  const { friends, ledger } = parts;

  async function change(
    name: string,
    act: (friend: Friend) => Promise<void>,
  ): Promise<Result<FriendView, Fault>> {
    const found = findKeeper(friends, name);
    if (!found.ok) return found;
    await act(found.value);
    const friend = friends.person(found.value.owner) ?? found.value;
    const rows = await ledger.plots({ owner: friend.owner, moment: parts.moment() });
    return ok(await friendView(parts, friend, useIn(rows)));
  }

  return {
    'friends.list': async () => ok(await friendViews(parts)),
    'friends.rename': ({ friend, petName }) =>
      change(friend, ({ owner }) =>
        friends.rename({ owner, petName: petName.trim() === '' ? undefined : petName.trim() }),
      ),
    'friends.block': ({ friend }) =>
      change(friend, ({ owner }) => friends.setBlocked({ owner, blocked: true })),
    'friends.unblock': ({ friend }) =>
      change(friend, ({ owner }) => friends.setBlocked({ owner, blocked: false })),
    ...nearApi(parts),
    ...pairingApi(parts),
    ...policyApi(parts),
  };
}

function policyApi(parts: CoreParts): Pick<FriendsApi, 'policy.get' | 'policy.set' | 'policy.try'> {
  const { friends, ledger, hosting } = parts;
  return {
    'policy.get': async ({ friend }) => {
      if (friend === undefined) return ok(plain(await ledger.policy({ owner: undefined })));
      if (friend === GUESTS) return ok(plain(await ledger.policy({ owner: GUESTS })));
      const found = friends.find(friend);
      return found.ok ? ok(plain(await ledger.policy({ owner: found.value.owner }))) : found;
    },
    'policy.set': async ({ friend, policy }) => {
      if (friend === GUESTS) return setGuests(parts, policy ?? undefined);
      const found = friend === undefined ? undefined : friends.find(friend);
      if (found?.ok === false) return found;
      const owner = found?.value.owner;
      if (owner === undefined && policy === null)
        return failed(fault('bad-policy', { problem: 'the default can be changed, not removed' }));
      await ledger.setPolicy({ owner, policy: policy ?? undefined });
      return ok(plain(await ledger.policy({ owner })));
    },
    'policy.try': async ({ friend, size, durationS, accept }) => {
      const found = friends.find(friend);
      if (!found.ok) return found;
      const { answer, steps } = await ledger.quote({
        owner: found.value.owner,
        request: {
          v: 1,
          requestId: NO_REQUEST,
          size,
          duration: { want: durationS },
          ...(accept === undefined ? {} : { accept }),
          why: [],
        },
        moment: parts.moment(),
        disk: await hosting.disk(),
      });
      return ok({ answer: plain(answer), steps });
    },
  };
}

/** Stands for everybody who is no friend, where a policy is meant. */
const GUESTS = 'guests';

async function setGuests(
  { ledger }: CoreParts,
  policy: Policy | undefined,
): Promise<Result<Plain<{ readonly policy: Policy; readonly own: boolean }>, Fault>> {
  const stranger = policy?.grounds.find(({ kind }) => !LETS_IN.has(kind));
  if (stranger !== undefined)
    return failed(fault('bad-policy', { problem: 'guests come in on vouchers and notes only' }));
  await ledger.setPolicy({ owner: GUESTS, policy });
  return ok(plain(await ledger.policy({ owner: GUESTS })));
}

/** A quote is not stored under any id. */
const NO_REQUEST = 'AAAAAAAAAAAAAAAAAAAAAA' as Parameters<
  CoreParts['ledger']['quote']
>[0]['request']['requestId'];
