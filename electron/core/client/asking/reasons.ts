import type { AllocateRequest, AnyReason, Answer } from '../../../../shared/model/allocate.ts';
import { REASONS_MAX } from '../../../../shared/model/allocate.ts';
import type { Friend } from '../../friends/friend-book.ts';

/**
 * Why a friend should keep something of mine: what this device can say for itself beyond being a friend. Whoever has
 * something to say is a source: a membership in a household, a voucher, what is held in return, notes.
 */
export type ReasonSource = {
  /** Free ones are always given; what costs something only after it was refused without. */
  readonly cost: 'free' | 'paid';
  /**
   * Reasons for this very request at this friend; none is the usual answer. Never throws. What is paid with is set aside
   * until `settled` says what became of it.
   */
  readonly reasons: (
    host: Friend,
    wish: Wish,
    /** What was answered without anything that costs; absent: that is not known yet. */
    refusal?: Answer,
  ) => Promise<readonly AnyReason[]>;
  /** What more can be said to a host who has answered so to all that was `tried`; undefined: nothing. */
  readonly after?:
    | ((
        host: Friend,
        wish: Wish,
        answer: Answer,
        tried: readonly AnyReason[],
      ) => Promise<readonly AnyReason[] | undefined>)
    | undefined;
  readonly settled?:
    | ((outcome: {
        readonly host: Friend;
        readonly reasons: readonly AnyReason[];
        /** True: the answer was a grant. Undefined: no answer came, and the same may have been granted. */
        readonly granted: boolean | undefined;
        /** The answer itself; undefined: none came. */
        readonly answer: Answer | undefined;
      }) => Promise<void>)
    | undefined;
};

export type Wish = Pick<AllocateRequest, 'size' | 'minSize' | 'duration' | 'plot' | 'accept'> & {
  /** Made before the reasons, because some are bound to it. */
  readonly requestId: AllocateRequest['requestId'];
};

export type Reasons = {
  readonly free: (host: Friend, wish: Wish) => Promise<readonly AnyReason[]>;
  /** The free ones and what is paid with; undefined: there is nothing to pay with. */
  readonly paid: (
    host: Friend,
    wish: Wish,
    refusal: Answer,
  ) => Promise<readonly AnyReason[] | undefined>;
  /** The free ones again, with what answers a host's refusal of all that was `tried`; undefined: nothing does. */
  readonly after: NonNullable<ReasonSource['after']>;
  readonly settled: NonNullable<ReasonSource['settled']>;
};

export function collectReasons(sources: readonly ReasonSource[]): Reasons {
  async function ask(
    cost: ReasonSource['cost'],
    [host, wish, refusal]: Parameters<ReasonSource['reasons']>,
  ): Promise<readonly AnyReason[]> {
    const asked = sources.filter((source) => source.cost === cost);
    return (await Promise.all(asked.map(({ reasons }) => reasons(host, wish, refusal)))).flat();
  }
  const free: Reasons['free'] = async (host, wish) =>
    (await ask('free', [host, wish])).slice(0, REASONS_MAX);
  return {
    free,
    paid: async (host, wish, refusal) => {
      const pays = await ask('paid', [host, wish, refusal]);
      if (pays.length === 0) return undefined;
      return [...pays, ...(await free(host, wish))].slice(0, REASONS_MAX);
    },
    after: async (...refused) => {
      const [host, wish] = refused;
      const said = await Promise.all(sources.map(async ({ after }) => after?.(...refused)));
      const more = said.flatMap((each) => each ?? []);
      if (more.length === 0) return undefined;
      // Those that say the same once more, and better, take the place of the plain ones.
      const kinds = new Set(more.map(({ kind }) => kind));
      const others = (await free(host, wish)).filter(({ kind }) => !kinds.has(kind));
      return [...more, ...others].slice(0, REASONS_MAX);
    },
    settled: async (outcome) => {
      await Promise.all(sources.map(async ({ settled }) => settled?.(outcome)));
    },
  };
}
