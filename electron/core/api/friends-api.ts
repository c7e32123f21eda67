import type { Api } from '../../../shared/contract/api.ts';
import { plain } from '../../../shared/contract/plain.ts';
import type { FriendView, PairingView } from '../../../shared/contract/views.ts';
import { type Fault, fault } from '../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { Friend } from '../friends/friend-book.ts';
import { parseCode } from '../friends/pairing.ts';
import type { PairingEntry } from '../friends/pairing-table.ts';
import type { CoreParts } from './core-parts.ts';
import { nearApi } from './near-api.ts';
import { friendView, friendViews, pairingViews } from './views.ts';

type FriendsApi = Pick<
  Api,
  | 'friends.list'
  | 'friends.rename'
  | 'friends.block'
  | 'friends.unblock'
  | keyof ReturnType<typeof nearApi>
  | 'pairings.list'
  | 'pairings.start'
  | 'pairings.confirm'
  | 'pairings.reject'
  | 'policy.get'
  | 'policy.set'
  | 'policy.try'
>;

export function friendsApi(parts: CoreParts): FriendsApi {
  const { friends, pairings, pairingCalls, ledger } = parts;

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
    'pairings.list': async () => ok(pairingViews(parts)),
    'pairings.start': async (to) => {
      const address = 'address' in to ? to.address : parts.discovery.addressesOf(to.nearby)?.[0];
      if (address === undefined) return failed(fault('nearby-unknown'));
      // Whoever is called learns where this device is reached.
      const listening = await parts.listening.begin();
      if (!listening.ok) return listening;
      const begun = await pairingCalls.start(address);
      return begun.ok ? ok(viewOf(parts, begun.value)) : begun;
    },
    'pairings.confirm': (call) => confirm(parts, call),
    'pairings.reject': async ({ code, id }) => {
      const chosen = pairings.choose({ id, digits: code && parseCode(code) });
      if (!chosen.ok) return failed(fault('pairing-unknown'));
      return ok(viewOf(parts, await reject(parts, chosen.value)));
    },
    ...policyApi(parts),
  };
}

async function confirm(
  parts: CoreParts,
  { code, id }: { readonly code: string; readonly id?: string | undefined },
): Promise<Result<PairingView, Fault>> {
  const { pairings, pairingCalls } = parts;
  const digits = parseCode(code);
  if (digits === undefined) return failed(fault('bad-code'));
  const chosen = pairings.choose({ id, digits });
  if (!chosen.ok) return chosen;
  const entry = chosen.value;
  if (entry.digits !== digits) {
    // One try: whoever sits in between must not get a second guess.
    await reject(parts, entry);
    return failed(fault('digits-differ', { name: entry.other.name }));
  }
  // The other side first: if it can't be told, nothing was confirmed.
  if (entry.began === 'here') await pairingCalls.tell(entry.id, 'confirm');
  return ok(viewOf(parts, pairings.apply(entry.id, 'confirmed-here') ?? entry));
}

async function reject(parts: CoreParts, entry: PairingEntry): Promise<PairingEntry> {
  const rejected = parts.pairings.apply(entry.id, 'rejected') ?? entry;
  await parts.pairingCalls.tell(entry.id, 'reject');
  return rejected;
}

function viewOf(parts: CoreParts, { id }: PairingEntry): PairingView {
  const view = pairingViews(parts).find((each) => each.id === id);
  if (view === undefined) throw new Error('a pairing was forgotten while it was looked at');
  return view;
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
    'policy.try': async ({ friend, size, durationS }) => {
      const found = friends.find(friend);
      if (!found.ok) return found;
      const { answer } = await ledger.quote({
        owner: found.value.owner,
        request: { v: 1, requestId: NO_REQUEST, size, duration: { want: durationS }, why: [] },
        moment: parts.moment(),
        disk: await hosting.disk(),
      });
      return ok(plain(answer));
    },
  };
}

/** A quote is not stored under any id. */
const NO_REQUEST = 'AAAAAAAAAAAAAAAAAAAAAA' as Parameters<
  CoreParts['ledger']['quote']
>[0]['request']['requestId'];
