import type { NamedOwner } from './household-views.ts';
import type { BytesText } from './views.ts';

/** Introductions (design §3.7): what I vouched for, what was vouched for me, and who is a guest here. */
export type VouchersView = {
  readonly issued: readonly IssuedVoucherView[];
  readonly held: readonly HeldVoucherView[];
  readonly guests: readonly GuestView[];
};

export type IssuedVoucherView = {
  readonly id: string;
  /** At whose place, out of my share there. */
  readonly host: NamedOwner;
  readonly newcomer: NamedOwner;
  readonly bytes: BytesText;
  readonly untilMs: number;
  /** What the host has granted on it, as far as it told. */
  readonly usedBytes: BytesText | null;
  readonly state: 'open' | 'withdrawn' | 'expired';
  /** The host knows that it was withdrawn. */
  readonly told: boolean;
};

export type HeldVoucherView = {
  readonly id: string;
  readonly host: NamedOwner;
  readonly introducer: NamedOwner;
  readonly bytes: BytesText;
  readonly untilMs: number;
  /** Plots that stand on it. */
  readonly plots: readonly string[];
};

/** Somebody who is no friend of mine and has one plot here. */
export type GuestView = NamedOwner & {
  readonly introducer: NamedOwner | null;
  readonly ground: string;
  readonly plot: string;
  readonly promisedBytes: BytesText;
  readonly writtenBytes: BytesText;
  readonly leftS: number;
  readonly blocked: boolean;
  /** Nothing of his is renewed any more: the plot ends with its lease and its grace. */
  readonly ends: boolean;
};
