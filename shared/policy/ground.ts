import type { z } from 'zod';
import type { DenialCode } from '../denial.ts';
import type { Params, Ruling } from './decision.ts';
import type { PlotClass } from '../model/allocate.ts';
import type { Ask, Facts } from './facts.ts';

/**
 * A ground can only justify a grant (design §3.2). Everything that is particular about one stands in its own
 * file in `grounds/`: what the owner can set, what it says to a request, what it entitles to. It takes part
 * once it is named in `grounds.ts`; neither the chain nor the ledger know it by name.
 */
export type GroundModule<
  S extends z.ZodType<{ readonly kind: string }> = z.ZodType<{ kind: string }>,
  E = unknown,
> = {
  readonly kind: z.output<S>['kind'];
  /** As it stands in a policy; untrusted wherever it comes from. */
  readonly schema: S;
  readonly judge: (input: {
    readonly ground: z.output<S>;
    readonly ask: Ask;
    readonly facts: Facts;
    /** What is known for this ground beyond sizes; undefined: nothing. */
    readonly evidence: E | undefined;
  }) => Ruling;
  /**
   * What it says when a plot that stands on it is renewed, which no guard but the owner's word may refuse: absent,
   * the plot goes on. `ground` is undefined where the owner's policy has none of its kind any more.
   */
  readonly judgeRenewal?:
    | ((input: {
        readonly ground: z.output<S> | undefined;
        readonly ask: RenewalAsk;
        readonly evidence: E | undefined;
      }) => RenewalRuling)
    | undefined;
  /** The entitlement in bytes, where the ground has one that does not depend on the request. */
  readonly entitlementBytes: (input: {
    readonly ground: z.output<S>;
    readonly facts: Facts;
  }) => bigint | undefined;
};

/** A plot whose lease is to go on, as it stands. */
export type RenewalAsk = {
  readonly wantS: number;
  readonly sizeBytes: bigint;
  readonly class: PlotClass;
};

export type RenewalRuling =
  | { readonly verdict: 'allow'; readonly maxS: number }
  | { readonly verdict: 'deny'; readonly code: DenialCode; readonly params: Params };

/** Lets the compiler work out from the schema what the functions are handed. */
export function defineGround<S extends z.ZodType<{ readonly kind: string }>>(
  module: GroundModule<S, never>,
): GroundModule<S, never> {
  return module;
}

/** The same for a ground that rests on evidence, whose type is named: `defineWitnessedGround<E>()({ … })`. */
export function defineWitnessedGround<E>(): <S extends z.ZodType<{ readonly kind: string }>>(
  module: GroundModule<S, E>,
) => GroundModule<S, E> {
  return (module) => module;
}
