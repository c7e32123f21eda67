import type { Api } from '../../../../shared/contract/api.ts';
import type { FriendView } from '../../../../shared/contract/views.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { shortName } from '../../../../shared/words/short-name.ts';
import { parseAddress } from '../../../../shared/address.ts';
import type { Friend } from '../../friends/friend-book.ts';
import { nameOf } from '../../friends/friend-registry.ts';
import type { CoreParts } from '../core-parts.ts';
import { friendView, useIn } from './friend-views.ts';

type NearApi = Pick<
  Api,
  | 'friends.leave'
  | 'friends.stay'
  | 'friends.set-address'
  | 'friends.try'
  | 'listening.begin'
  | 'nearby.list'
  | 'networks.get'
  | 'networks.set'
  | 'troubles.look'
>;

/** Who is near, who can be reached, and how friendships end. */
export function nearApi(parts: CoreParts): NearApi {
  const { friends, listening, discovery, presence, troubles, parting, ledger, clock } = parts;

  async function view({ owner }: Friend): Promise<Result<FriendView, Fault>> {
    const friend = friends.friend(owner);
    if (friend === undefined) return failed(fault('friend-unknown', { friend: owner }));
    const rows = await ledger.plots({ owner, moment: parts.moment() });
    return ok(await friendView(parts, friend, useIn(rows)));
  }

  return {
    'friends.leave': async ({ friend, days, name }) => {
      const found = friends.find(friend);
      if (!found.ok) return found;
      const called = nameOf(found.value);
      // As it is, or as it is shown.
      if (days === 0 && name !== called && name !== shortName(called))
        return failed(fault('wrong-name', { name: called }));
      await parting.leave(found.value, days);
      return view(found.value);
    },
    'friends.stay': async ({ friend }) => {
      const found = friends.find(friend);
      if (!found.ok) return found;
      await parting.stay(found.value);
      return view(found.value);
    },
    'friends.set-address': async ({ friend, address }) => {
      const found = friends.find(friend);
      if (!found.ok) return found;
      if (address !== null && parseAddress(address) === undefined)
        return failed(fault('bad-address', { address }));
      const { owner } = found.value;
      await friends.setGivenAddress({ owner, address: address ?? undefined });
      return view(found.value);
    },
    'friends.try': async ({ friend }) => {
      const found = friends.find(friend);
      if (!found.ok) return found;
      const tried = await presence.tryNow(found.value.owner);
      return tried.ok ? view(found.value) : tried;
    },
    'listening.begin': () => listening.begin(),
    'nearby.list': async () => ok(discovery.nearby()),
    'networks.get': async () => ok(discovery.networks()),
    'networks.set': async ({ network, home }) => {
      if (!(await discovery.setHome(network, home))) return failed(fault('network-unknown'));
      // At home one is found, and whoever finds somebody calls.
      const begun = home ? await listening.begin() : ok(undefined);
      return begun.ok ? ok(discovery.networks()) : begun;
    },
    'troubles.look': async ({ address }) => {
      if (address !== undefined && parseAddress(address) === undefined)
        return failed(fault('bad-address', { address }));
      const found = await troubles(address);
      return ok({ troubles: found, asOfMs: clock.nowMs() });
    },
  };
}
