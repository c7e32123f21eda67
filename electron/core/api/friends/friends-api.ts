import type { Api } from '../../../../shared/contract/api.ts';
import { plain } from '../../../../shared/contract/plain.ts';
import type { FriendView, Plain } from '../../../../shared/contract/views.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import type { Policy } from '../../../../shared/model/policy.ts';
import { LETS_IN } from '../../../../shared/policy/grounds.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import type { Friend } from '../../friends/friend-book.ts';
import type { CoreParts } from '../core-parts.ts';
import { findPerson } from './find-person.ts';
import { nearApi } from './near-api.ts';
import { pairingApi } from './pairing-api.ts';
import { tryPolicy } from './try-policy.ts';
import { friendView, friendViews, useIn } from './friend-views.ts';

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
    const found = findPerson(friends, name);
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
  const { friends, ledger } = parts;
  return {
    'policy.get': async ({ friend }) => {
      if (friend === undefined) return ok(plain(await ledger.policy({ owner: undefined })));
      if (friend === GUESTS) return ok(plain(await ledger.policy({ owner: GUESTS })));
      const found = findPerson(friends, friend);
      return found.ok ? ok(plain(await ledger.policy({ owner: found.value.owner }))) : found;
    },
    'policy.set': async ({ friend, policy }) => {
      if (friend === GUESTS) return setGuests(parts, policy ?? undefined);
      const found = friend === undefined ? undefined : findPerson(friends, friend);
      if (found?.ok === false) return found;
      if (found?.value.relation !== undefined && doesLetIn(policy ?? undefined))
        return failed(badPolicy('guests-only'));
      if (namesTwice(policy ?? undefined)) return failed(badPolicy('each-once'));
      const owner = found?.value.owner;
      if (owner === undefined && policy === null) return failed(badPolicy('default-stays'));
      await ledger.setPolicy({ owner, policy: policy ?? undefined });
      return ok(plain(await ledger.policy({ owner })));
    },
    'policy.try': async ({ friend, size, durationS, accept }) => {
      const found = friends.find(friend);
      if (!found.ok) return found;
      const wish = { size, duration: { want: durationS } };
      return ok(
        await tryPolicy(parts, found.value, accept === undefined ? wish : { ...wish, accept }),
      );
    },
  };
}

/** Stands for everybody who is no friend, where a policy is meant. */
const GUESTS = 'guests';

async function setGuests(
  { ledger }: CoreParts,
  policy: Policy | undefined,
): Promise<Result<Plain<{ readonly policy: Policy; readonly own: boolean }>, Fault>> {
  if (doesLetIn(policy)) return failed(badPolicy('guests-only'));
  if (namesTwice(policy)) return failed(badPolicy('each-once'));
  await ledger.setPolicy({ owner: GUESTS, policy });
  return ok(plain(await ledger.policy({ owner: GUESTS })));
}

/** It would give something to people who are no friends without anything that speaks for them. */
function doesLetIn(policy: Policy | undefined): boolean {
  return policy?.grounds.some(({ kind }) => !LETS_IN.has(kind)) === true;
}

/** A friend has one share, of one weight, and a plot stands on one ground for life: of two of a kind one would count here and the other there. */
function namesTwice(policy: Policy | undefined): boolean {
  const kinds = policy?.grounds.map(({ kind }) => kind) ?? [];
  return new Set(kinds).size < kinds.length;
}

/** The word is one of `policy-problem` in the catalogue. */
function badPolicy(problem: 'guests-only' | 'each-once' | 'default-stays'): Fault {
  return fault('bad-policy', { problem });
}
