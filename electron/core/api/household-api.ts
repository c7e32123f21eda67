import type { Api } from '../../../shared/contract/api.ts';
import type { HouseholdView } from '../../../shared/contract/household-views.ts';
import { fault } from '../../../shared/fault.ts';
import { failed, ok } from '../../../shared/result.ts';
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

export function householdApi(parts: CoreParts): HouseholdApi {
  const unknown = async ({ account }: { readonly account: string }) =>
    failed(fault('account-unknown', { account }));
  return {
    'household.get': async () => ok(await householdView(parts)),
    'accounts.set': unknown,
    'accounts.drop': unknown,
    'accounts.strike': unknown,
    'keepers.honour': async ({ friend }) => failed(fault('friend-unknown', { friend })),
    'memberships.look': async () => ok([]),
  };
}

export async function householdView(_parts: CoreParts): Promise<HouseholdView> {
  return { kept: [], memberships: [], keepers: [], untold: 0 };
}
