import type { Async } from '../../../shared/async.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import type { AllocateRequest, AnyReason } from '../../../shared/model/allocate.ts';
import type { Ground, GroundKind, Policy } from '../../../shared/model/policy.ts';
import type { Gathered } from './ground-book.ts';
import type { Ledger } from './ledger.ts';

/**
 * Whoever must be asked before a request can be decided: an account server, mathematics that takes
 * milliseconds, a signature. A witness is asked only for a reason of its own kind, and only where the owner's policy
 * has its ground, so that a friend can't make this device work or call anybody for nothing.
 */
export type Witness = {
  readonly kind: GroundKind;
  /**
   * Never throws; what can't be found out is part of what it says. `undefined`: nothing to say.
   */
  readonly gather: (question: WitnessQuestion) => Promise<unknown>;
};

export type WitnessQuestion = {
  readonly owner: OwnerId;
  /** Undefined: a renewal. */
  readonly request: AllocateRequest | undefined;
  readonly why: readonly AnyReason[];
  readonly ground: Ground;
  /** True: only asked what would be; nothing may be set aside anywhere. */
  readonly isQuote: boolean;
};

export type Witnesses = {
  readonly gather: (
    question: Omit<WitnessQuestion, 'ground' | 'why'> & {
      readonly why?: readonly AnyReason[];
      /** Whoever asks is no friend, so what is set for guests counts. */
      readonly isGuest?: boolean | undefined;
    },
  ) => Promise<Gathered>;
};

export function createWitnesses(
  witnesses: readonly Witness[],
  ledger: Pick<Async<Ledger>, 'policy'>,
): Witnesses {
  return {
    gather: async ({ owner, request, why = request?.why ?? [], isQuote, isGuest = false }) => {
      const kinds = new Set<string>(why.map(({ kind }) => kind));
      const wanted = witnesses.filter(({ kind }) => kinds.has(kind));
      if (wanted.length === 0) return {};
      const { policy } = await ledger.policy({ owner: isGuest ? 'guests' : owner });
      const said = await Promise.all(
        wanted.map(async ({ kind, gather }) => {
          const ground = groundOf(policy, kind);
          if (ground === undefined) return undefined;
          return [kind, await gather({ owner, request, why, ground, isQuote })] as const;
        }),
      );
      return Object.fromEntries(said.filter((each) => each !== undefined));
    },
  };
}

function groundOf({ grounds }: Policy, kind: GroundKind): Ground | undefined {
  return grounds.find((ground) => ground.kind === kind);
}
