import type { z } from 'zod';
import type { Ruling } from './decision.ts';
import type { Ask, Facts } from './facts.ts';

/**
 * A ground can only justify a grant (design §3.2). Everything that is particular about one stands in its own
 * file in `grounds/`: what the owner can set, what it says to a request, what it entitles to. It takes part
 * once it is named in `grounds.ts`; neither the chain nor the ledger know it by name.
 */
export type GroundModule<
  S extends z.ZodType<{ readonly kind: string }> = z.ZodType<{ kind: string }>,
> = {
  readonly kind: z.output<S>['kind'];
  /** As it stands in a policy; untrusted wherever it comes from. */
  readonly schema: S;
  readonly judge: (input: {
    readonly ground: z.output<S>;
    readonly ask: Ask;
    readonly facts: Facts;
  }) => Ruling;
  /** The entitlement in bytes, where the ground has one that does not depend on the request. */
  readonly entitlementBytes: (input: {
    readonly ground: z.output<S>;
    readonly facts: Facts;
  }) => bigint | undefined;
};

/** Lets the compiler work out from the schema what the functions are handed. */
export function defineGround<S extends z.ZodType<{ readonly kind: string }>>(
  module: GroundModule<S>,
): GroundModule<S> {
  return module;
}
