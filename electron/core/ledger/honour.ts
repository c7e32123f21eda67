import type { OwnerId } from '../../../shared/ids.ts';
import { type Policy, policy as policySchema } from '../../../shared/model/policy.ts';
import { failed, ok } from '../../../shared/result.ts';
import { encodeJson } from '../../../shared/wire/json.ts';
import type { PolicyBook } from './ledger.ts';

/** Adds a keeper to the ground in the default policy, or takes him out; a friend's own policy is left as it is. */
export function openHonour({
  policy,
  setPolicy,
}: Pick<PolicyBook, 'policy' | 'setPolicy'>): Pick<PolicyBook, 'honour'> {
  return {
    honour: ({ keeper, honoured }) => {
      const present = policy({ owner: undefined }).policy;
      const others = keepersIn(present).filter((each) => each !== keeper);
      const keepers = honoured ? [...others, keeper] : others;
      const next = policySchema.safeParse(JSON.parse(encodeJson(withKeepers(present, keepers))));
      if (!next.success) return failed('too-many-keepers');
      setPolicy({ owner: undefined, policy: next.data });
      return ok(undefined);
    },
  };
}

/** Owners whose accounts count by this policy. */
export function keepersIn({ grounds }: Policy): readonly OwnerId[] {
  return grounds.flatMap((each) => (each.kind === 'account' ? each.keepers : []));
}

function withKeepers(policy: Policy, keepers: readonly OwnerId[]): Policy {
  const ground: Policy['grounds'][number] = { kind: 'account', keepers: [...keepers] };
  const isThere = policy.grounds.some(({ kind }) => kind === 'account');
  if (keepers.length === 0)
    return { ...policy, grounds: policy.grounds.filter(({ kind }) => kind !== 'account') };
  // First: a member of a household is to use the plan before any share, and hears of the plan when it is not enough.
  if (!isThere) return { ...policy, grounds: [ground, ...policy.grounds] };
  return {
    ...policy,
    grounds: policy.grounds.map((each) => (each.kind === 'account' ? ground : each)),
  };
}
