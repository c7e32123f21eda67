import type { Ground, GroundKind } from '../model/policy.ts';
import type { Ruling } from './decision.ts';
import type { Ask, Facts } from './facts.ts';
import { always } from './grounds/always.ts';
import { fairShare } from './grounds/fair-share.ts';
import { quota } from './grounds/quota.ts';

/**
 * A ground can only justify a grant. A new one is a file in `grounds/`, its schema in
 * `model/policy.ts`, its table of cases in the tests and its line here (design §3.2).
 */
export type GroundRule<G extends Ground> = {
  readonly judge: (input: {
    readonly ground: G;
    readonly ask: Ask;
    readonly facts: Facts;
  }) => Ruling;
  /** The entitlement in bytes, where the ground has one that does not depend on the request. */
  readonly entitlementBytes: (input: {
    readonly ground: G;
    readonly facts: Facts;
  }) => bigint | undefined;
};

const rules: { readonly [K in GroundKind]: GroundRule<Extract<Ground, { kind: K }>> } = {
  always,
  quota,
  'fair-share': fairShare,
};

// The table above pairs each kind with its own rule; the compiler can't carry that through an index.
export function ruleFor(kind: GroundKind): GroundRule<Ground> {
  return rules[kind] as GroundRule<Ground>;
}
