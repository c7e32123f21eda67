import type { Api } from '../../../shared/contract/api.ts';
import type {
  AccountView,
  HouseholdView,
  KeeperView,
  MembershipView,
  NamedOwner,
} from '../../../shared/contract/household-views.ts';
import { type Fault, fault } from '../../../shared/fault.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import type { Policy } from '../../../shared/model/policy.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { Account, AccountUse } from '../accounts/account-book.ts';
import { isClosed } from '../accounts/charge-book.ts';
import type { Membership } from '../accounts/membership-book.ts';
import { nameOf } from '../friends/friend-registry.ts';
import { keepersIn } from '../ledger/honour.ts';
import type { CoreParts } from './core-parts.ts';

type HouseholdApi = Pick<
  Api,
  | 'household.get'
  | 'accounts.set'
  | 'accounts.drop'
  | 'accounts.strike'
  | 'keepers.honour'
  | 'memberships.look'
>;

/** Accounts as the keeper, the host and the member see and change them (design §3.5). */
export function householdApi(parts: CoreParts): HouseholdApi {
  const { household, ledger, clock } = parts;
  const { accounts } = household;

  async function accountOf(name: string): Promise<Result<AccountView, Fault>> {
    const found = await accounts.account(name);
    if (found === undefined) return failed(fault('account-unknown', { account: name }));
    return ok(accountView(parts, found, await accounts.usage(name)));
  }

  /** A host as he is shown: also a friend no longer, or somebody who never was one by the beginning of his id. */
  async function hostOf(account: string, text: string): Promise<Result<OwnerId, Fault>> {
    const found = ownerOf(parts, text);
    if (found.ok || found.fault.code !== 'friend-unknown') return found;
    const former = parts.friends.findEver(text);
    if (former.ok) return ok(former.value.owner);
    const [uses, known] = await Promise.all([accounts.usage(account), accounts.account(account)]);
    const owners = new Set([...uses.map(({ host }) => host), ...(known?.hosts ?? [])]);
    const meant = [...owners].filter((owner) => text.length >= 8 && owner.startsWith(text));
    const [first, second] = meant;
    if (first === undefined) return found;
    return second === undefined ? ok(first) : failed(fault('friend-ambiguous', { friend: text }));
  }

  /** Whoever opens an account again whose time is over means that it shall go on. */
  async function endOver(name: string): Promise<null | undefined> {
    const found = await accounts.account(name);
    const isOver = found !== undefined && isClosed({ ...found, closed: false }, clock.nowMs());
    return isOver ? null : undefined;
  }

  return {
    'household.get': async () => ok(await householdView(parts)),
    'accounts.set': async ({ account, planBytes, untilMs, members, hosts, closed }) => {
      const whose = ownersOf(parts, members);
      if (whose?.ok === false) return whose;
      const where = ownersOf(parts, hosts);
      if (where?.ok === false) return where;
      const set = await accounts.setAccount({
        account,
        planBytes,
        untilMs: untilMs === undefined && closed === false ? await endOver(account) : untilMs,
        closed,
        members: whose?.value,
        hosts: where?.value,
        // Whoever names this device as a host means that it gives room.
        honour: where?.value.find((owner) => owner === parts.identity.owner),
      });
      await household.sure();
      if (!set.ok)
        return failed(fault(set.fault, set.fault === 'account-unknown' ? { account } : {}));
      return accountOf(account);
    },
    'accounts.drop': async ({ account }) => {
      const dropped = await accounts.dropAccount(account);
      await household.sure();
      return dropped.ok ? ok({ dropped: true }) : failed(fault(dropped.fault, { account }));
    },
    'accounts.strike': async ({ account, host }) => {
      const owner = await hostOf(account, host);
      if (!owner.ok) return owner;
      const struck = await accounts.strike({ account, host: owner.value });
      await household.sure();
      return struck.ok ? accountOf(account) : failed(fault(struck.fault, { account }));
    },
    'keepers.honour': async ({ friend, honoured }) => {
      const owner = ownerOf(parts, friend);
      if (!owner.ok) return owner;
      const changed = await ledger.honour({ keeper: owner.value, honoured });
      if (!changed.ok) return failed(fault(changed.fault));
      const { policy } = await ledger.policy({ owner: undefined });
      return ok(keeperView(parts, owner.value, policy));
    },
    'memberships.look': async () => {
      await household.memberships.look();
      return ok(await membershipViews(parts));
    },
  };
}

export async function householdView(parts: CoreParts): Promise<HouseholdView> {
  const { household, ledger } = parts;
  const [kept, memberships, untold, known, general] = await Promise.all([
    household.accounts.accounts(),
    membershipViews(parts),
    household.hosted.untold(),
    household.known.keepers(),
    ledger.policy({ owner: undefined }),
  ]);
  const uses = await Promise.all(kept.map(({ account }) => household.accounts.usage(account)));
  const trusted = keepersIn(general.policy);
  const own = kept.length > 0 ? [parts.identity.owner] : [];
  const friends = known.filter((owner) => parts.friends.friend(owner)?.departed === false);
  const keepers = [...new Set([...own, ...trusted, ...friends])];
  return {
    kept: kept.map((account, index) => accountView(parts, account, uses[index] ?? [])),
    memberships,
    keepers: keepers.map((owner) => keeperView(parts, owner, general.policy)),
    untold,
  };
}

/** A friend by any of his names; `self`, or my own id: me. */
function ownerOf({ identity, friends }: CoreParts, text: string): Result<OwnerId, Fault> {
  const found = friends.find(text);
  if (found.ok) return ok(found.value.owner);
  const isMe = text === 'self' || text === identity.owner;
  return isMe && found.fault.code === 'friend-unknown' ? ok(identity.owner) : found;
}

function ownersOf(
  parts: CoreParts,
  texts: readonly string[] | undefined,
): Result<readonly OwnerId[], Fault> | undefined {
  if (texts === undefined) return undefined;
  const owners: OwnerId[] = [];
  for (const text of texts) {
    const owner = ownerOf(parts, text);
    if (!owner.ok) return owner;
    owners.push(owner.value);
  }
  return ok(owners);
}

/** Whoever is no friend of mine goes by the beginning of his id: a keeper's other hosts. */
function named({ identity, friends, name }: CoreParts, owner: OwnerId): NamedOwner {
  if (owner === identity.owner) return { owner, name: name() };
  const friend = friends.friend(owner);
  return { owner, name: friend === undefined ? owner.slice(0, 8) : nameOf(friend) };
}

function byName(people: readonly NamedOwner[]): readonly NamedOwner[] {
  return people.toSorted((one, other) => one.name.localeCompare(other.name));
}

function keeperView(parts: CoreParts, owner: OwnerId, policy: Policy): KeeperView {
  const self = owner === parts.identity.owner ? ({ self: true } as const) : {};
  return { ...named(parts, owner), ...self, honoured: keepersIn(policy).includes(owner) };
}

function accountView(
  parts: CoreParts,
  account: Account,
  usage: readonly AccountUse[],
): AccountView {
  const { openBytes, heldBytes, struck } = account;
  return {
    account: account.account,
    planBytes: `${account.planBytes}`,
    closed: isClosed(account, parts.clock.nowMs()),
    ...(account.untilMs === undefined ? {} : { untilMs: account.untilMs }),
    ...(account.restored ? { restored: true } : {}),
    ...(struck.length === 0 ? {} : { struck: struck.map((owner) => named(parts, owner)) }),
    chargedBytes: `${openBytes + heldBytes}`,
    openBytes: `${openBytes}`,
    members: byName(account.members.map((owner) => named(parts, owner))),
    hosts: byName(account.hosts.map((owner) => named(parts, owner))),
    usage: usage.map(({ host, member, chargedBytes, plots, comparedMs }) => ({
      host: named(parts, host),
      member: named(parts, member),
      chargedBytes: `${chargedBytes}`,
      plots,
      comparedMs: comparedMs ?? null,
    })),
  };
}

async function membershipViews(parts: CoreParts): Promise<readonly MembershipView[]> {
  const all = await parts.household.known.memberships();
  return all
    .filter(({ keeper }) => parts.friends.friend(keeper)?.departed === false)
    .map((membership) => membershipView(parts, membership));
}

function membershipView(parts: CoreParts, membership: Membership): MembershipView {
  const { keeper, device, planBytes, chargedBytes, closed } = membership;
  const who = named(parts, keeper);
  const problem = parts.household.memberships.problem(device);
  const leftBytes = closed || chargedBytes > planBytes ? 0n : planBytes - chargedBytes;
  return {
    keeper: who,
    account: membership.account,
    planBytes: `${planBytes}`,
    chargedBytes: `${chargedBytes}`,
    leftBytes: `${leftBytes}`,
    closed,
    ...(membership.untilMs === undefined ? {} : { untilMs: membership.untilMs }),
    hosts: membership.hosts.map((owner) => named(parts, owner)),
    asOfMs: membership.asOfMs,
    problem:
      problem === undefined
        ? null
        : { key: 'fault.unreachable', params: { friend: who.name, detail: problem } },
  };
}
