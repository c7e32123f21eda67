import type { Api } from '../../../shared/contract/api.ts';
import { plain } from '../../../shared/contract/plain.ts';
import type { FriendView } from '../../../shared/contract/views.ts';
import { type Fault, fault } from '../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { Friend } from '../friends/friend-book.ts';
import type { CoreParts } from './core-parts.ts';
import { nearApi } from './near-api.ts';
import { pairingApi } from './pairing-api.ts';
import { friendView, friendViews } from './views.ts';

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
    const found = friends.find(name);
    if (!found.ok) return found;
    await act(found.value);
    const friend = friends.friend(found.value.owner) ?? found.value;
    const rows = await ledger.plots({ owner: friend.owner, moment: parts.moment() });
    return ok(await friendView(parts, friend, rows));
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
      const found = friends.find(friend);
      return found.ok ? ok(plain(await ledger.policy({ owner: found.value.owner }))) : found;
    },
    'policy.set': async ({ friend, policy }) => {
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

/** A quote is not stored under any id. */
const NO_REQUEST = 'AAAAAAAAAAAAAAAAAAAAAA' as Parameters<
  CoreParts['ledger']['quote']
>[0]['request']['requestId'];
