import type { DenialReason, PlotClass, ShareState, Step } from '../model/allocate.ts';
import type { GroundKind } from '../model/policy.ts';

/** What `decide` returns. Every variant carries every step that led there. */
export type Decision =
  | {
      /** Neither yes nor no yet: room that is lent has to come back, or the owner has to answer. */
      readonly type: 'pending';
      readonly why: 'queue' | 'owner-approval';
      readonly share: ShareState;
      readonly steps: readonly Step[];
    }
  | {
      readonly type: 'grant';
      readonly ground: GroundKind;
      readonly sizeBytes: bigint;
      readonly durationS: number;
      readonly class: PlotClass;
      readonly share: ShareState;
      readonly steps: readonly Step[];
    }
  | {
      readonly type: 'counter';
      readonly sizeBytes: bigint;
      readonly durationS: number;
      readonly class: PlotClass;
      readonly reasons: readonly DenialReason[];
      readonly share: ShareState;
      readonly steps: readonly Step[];
    }
  | {
      readonly type: 'denial';
      /** The nearest miss first. */
      readonly reasons: readonly DenialReason[];
      /** Whether asking the same again can never help. */
      readonly final: boolean;
      readonly share: ShareState;
      readonly steps: readonly Step[];
    };

/**
 * What one guard or ground says. `pass` and `allow` set no limit of their own beyond the bytes and
 * seconds they name; a rule that could allow less says how much less, and `decide` intersects.
 *
 * `mostBytes` is what whoever asks for the least there is would be allowed: a ground that knows it whatever is
 * asked says so, yes or no, and is not asked again for the sake of the share.
 */
export type Ruling =
  | {
      readonly verdict: 'allow';
      /** What it allows may be lent only; guaranteed unless it says so. */
      readonly class?: PlotClass;
      /** Where only room is missing: it is the friend's own, so he may stand in line for what is lent. */
      readonly mayWait?: boolean;
      /** What is promised beside plots, and is so no longer once this is granted: the notes that pay. */
      readonly freesBytes?: bigint;
      readonly maxBytes: bigint;
      readonly maxS: number;
      /**
       * What is said when that is less than was asked for; absent where there is no limit. A function, because
       * most rulings are never put into words, and writing out byte counts costs more than deciding.
       */
      readonly short?: () => Words;
      readonly mostBytes?: bigint;
    }
  | ({
      readonly verdict: 'deny';
      readonly short?: undefined;
      readonly mostBytes?: undefined;
    } & Words)
  /** The same, put into words only where somebody reads them. */
  | { readonly verdict: 'deny'; readonly short: () => Words; readonly mostBytes?: bigint }
  | { readonly verdict: 'abstain'; readonly mostBytes?: undefined };

/** Why it is not enough. */
export type Words = { readonly code: DenialReason['code']; readonly params: Params };

/** Numbers as text, named with their unit (`…Bytes`, `…S`), as they go on the wire and into sentences. */
export type Params = Readonly<Record<string, string>>;
