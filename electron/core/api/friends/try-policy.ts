import { plain } from '../../../../shared/contract/plain.ts';
import type { Sentence, TriedView } from '../../../../shared/contract/views.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import {
  type AllocateRequest,
  type AnyReason,
  REASONS_MAX,
} from '../../../../shared/model/allocate.ts';
import type { Policy } from '../../../../shared/model/policy.ts';
import type { AccountPlace } from '../../../../shared/policy/grounds/account.ts';
import { type Friend } from '../../friends/friend-book.ts';
import { nameOf } from '../../friends/friend-registry.ts';
import type { CoreParts } from '../core-parts.ts';

/**
 * What would happen if this friend asked (design §3.2), by the very same code and with no effect. The friend would
 * bring reasons of his own; as far as they are known here they are assumed, and what was assumed is said.
 */
export async function tryPolicy(
  parts: CoreParts,
  friend: Friend,
  wish: Pick<AllocateRequest, 'size' | 'duration' | 'accept'>,
): Promise<TriedView> {
  const { ledger, hosting, witnesses } = parts;
  const { owner } = friend;
  const { policy } = await ledger.policy({ owner });
  const places = await placesOf(parts, owner, policy);
  const why = places.map(
    ({ device, account }): AnyReason => ({
      kind: 'account',
      server: { device, addresses: [] },
      account,
    }),
  );
  const request = { ...wish, v: 1 as const, requestId: NO_REQUEST, why };
  const { answer, steps } = await ledger.quote({
    owner,
    request,
    gathered: await witnesses.gather({ owner, request, isQuote: true }),
    moment: parts.moment(),
    disk: await hosting.disk(),
  });
  const assumed = assumptions(parts, friend, { policy, places });
  return { answer: plain(answer), steps, ...(assumed.length === 0 ? {} : { assumed }) };
}

/** Accounts that the friend is known here to be in: those that this device keeps, and those on which he has a plot. */
async function placesOf(
  { household, identity }: CoreParts,
  member: OwnerId,
  policy: Policy,
): Promise<readonly AccountPlace[]> {
  const keepers = policy.grounds.flatMap((each) => (each.kind === 'account' ? each.keepers : []));
  if (keepers.length === 0) return [];
  const [own, known] = await Promise.all([
    household.accounts.ofMember(member),
    household.hosted.accountsOf(member),
  ]);
  const me = { keeper: identity.owner, device: identity.device };
  const here = own.map(({ account }) => ({ ...me, account }));
  const elsewhere = known.filter(({ device }) => device !== me.device);
  return [...here, ...elsewhere]
    .filter(({ keeper }) => keepers.includes(keeper))
    .slice(0, REASONS_MAX);
}

function assumptions(
  { friends, identity, name }: CoreParts,
  friend: Friend,
  { policy, places }: { readonly policy: Policy; readonly places: readonly AccountPlace[] },
): readonly Sentence[] {
  const asks = nameOf(friend);
  const nameFor = (keeper: OwnerId) => {
    if (keeper === identity.owner) return name();
    const found = friends.friend(keeper);
    return found === undefined ? keeper.slice(0, 8) : nameOf(found);
  };
  const has = (kind: string) => policy.grounds.some((each) => each.kind === kind);
  const params = { name: asks };
  return [
    ...places.map(({ keeper, account }) => ({
      key: 'tried.assumed-account',
      params: { name: asks, account, friend: nameFor(keeper) },
    })),
    ...(has('account') && places.length === 0 ? [{ key: 'tried.assumed-no-account', params }] : []),
    ...(has('notes') ? [{ key: 'tried.assumed-no-notes', params }] : []),
    ...(has('voucher') ? [{ key: 'tried.assumed-no-voucher', params }] : []),
  ];
}

/** A quote is not stored under any id. */
const NO_REQUEST = 'AAAAAAAAAAAAAAAAAAAAAA' as AllocateRequest['requestId'];
