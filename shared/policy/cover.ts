import type { GroundKind, Policy } from '../model/policy.ts';
import type { Ask, Facts } from './facts.ts';
import { GROUND_RULES, type GroundRules } from './grounds.ts';
import { judgeGuards } from './guards.ts';

/**
 * How much of a request a friend would be granted himself, just for who he is: as much he can vouch for
 * (design §3.7). Grounds that rest on something besides have nothing to go by here, so nobody vouches with a
 * voucher, an account or notes; and what would only be lent to him he can't pass on.
 */
export type Cover = { readonly ground: GroundKind; readonly maxBytes: bigint };

export function coverOf(
  ask: Omit<Ask, 'why' | 'accept' | 'minSizeBytes' | 'minS'>,
  policy: Policy,
  facts: Facts,
  rules: GroundRules = GROUND_RULES,
): Cover | undefined {
  const probe: Ask = { ...ask, minSizeBytes: 1n, minS: 1, accept: 'guaranteed', why: [] };
  const limits = judgeGuards(probe, policy.guards, facts).map(({ maxBytes }) => maxBytes);
  // What the owner wants to be asked about is not passed on unasked.
  if (policy.guards.askAboveBytes !== undefined) limits.push(policy.guards.askAboveBytes);
  let most: Cover | undefined;
  for (const ground of policy.grounds) {
    const ruling = rules.get(ground.kind)?.judge({
      ground,
      ask: probe,
      facts,
      evidence: undefined,
    });
    if (ruling?.verdict !== 'allow' || ruling.class === 'borrowed') continue;
    const maxBytes = [ruling.maxBytes, ...limits].reduce((one, other) =>
      one < other ? one : other,
    );
    if (maxBytes <= 0n) continue;
    const isWhole = maxBytes >= ask.sizeBytes;
    if (most === undefined || isWhole || maxBytes > most.maxBytes)
      most = { ground: ground.kind, maxBytes };
    if (isWhole) break;
  }
  return most;
}
