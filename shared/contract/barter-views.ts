import type { NamedOwner } from './household-views.ts';
import type { BytesText, Sentence } from './views.ts';

/**
 * Barter (design §3.6). Amounts are in notes' units as decimal text: one unit is 64 MiB for 30 days at its issuer.
 * What a person reads is in the pet currency, which the window works out from `currency`.
 */
export type UnitsText = string;

export type BarterView = {
  /** Off until the owner switches it on (`settings.barter`); then everything below is empty. */
  readonly on: boolean;
  readonly currency: CurrencyView;
  readonly mint: MintView;
  readonly wallet: readonly PurseView[];
  readonly orders: readonly OrderView[];
  readonly translator: TranslatorView;
};

/** The one unit that every price and balance is shown in. */
export type CurrencyView = {
  /** `null`: GB-months; otherwise the owner's own name for it. */
  readonly name: string | null;
  /** How many of them one GB for 30 days at a usual issuer is worth; above 0. */
  readonly perGbMonth: number;
};

/** What this device owes to whoever comes with its notes. */
export type MintView = {
  readonly outstandingUnits: UnitsText;
  /** The bytes that are kept free for them. */
  readonly outstandingBytes: BytesText;
  /** The most that could be issued now without promising more than there is. */
  readonly mayIssueUnits: UnitsText;
  readonly issuedUnits: UnitsText;
  readonly redeemedUnits: UnitsText;
  /** When the notes that are issued now run out. */
  readonly expiresMs: number | null;
  /** Set: the book was restored from an older copy, so that its notes are closed. */
  readonly problem: Sentence | null;
};

/** Notes of one issuer that I hold. */
export type PurseView = {
  readonly issuer: NamedOwner;
  readonly units: UnitsText;
  /** Set aside for a request whose answer has not come. */
  readonly heldUnits: UnitsText;
  /** When the first of them run out. */
  readonly expiresMs: number | null;
  /** What one of his units is worth, 1 for a usual issuer: the owner's word, or lowered by what happened. */
  readonly rate: number;
  readonly honoured: number;
  readonly refused: number;
  readonly lastRefusedMs: number | null;
};

/** A standing order: every so many days, notes of mine for notes of theirs. */
export type OrderView = {
  readonly order: string;
  readonly friend: NamedOwner;
  readonly giveUnits: UnitsText;
  readonly wantUnits: UnitsText;
  readonly periodDays: number;
  /** `offered`: I wait for the friend; `asked`: the friend waits for me. */
  readonly state: 'offered' | 'asked' | 'standing' | 'ended';
  /** Made by the market translator from what I do. */
  readonly translated: boolean;
  /** The order between the two that ends when this one begins; absent: none. */
  readonly replaces?: string | undefined;
  readonly nextMs: number | null;
  readonly lastMs: number | null;
  readonly problem: Sentence | null;
};

export type TranslatorView = {
  readonly on: boolean;
  /** Never offers nor asks for more than that in 30 days, all orders together. */
  readonly mostGiveUnits: UnitsText;
  readonly mostWantUnits: UnitsText;
};

export const NOTE_MOVEMENTS = [
  'issued',
  'withdrawn',
  'swapped',
  'sent',
  'received',
  'paid',
  'redeemed',
  'returned',
  'expired',
] as const;
export type NoteMovement = (typeof NOTE_MOVEMENTS)[number];

/** One line of the append-only log. */
export type NoteLogView = {
  readonly number: number;
  readonly atMs: number;
  readonly movement: NoteMovement;
  /** Whose notes. `self`: mine. */
  readonly issuer: NamedOwner | 'self';
  /** With whom; null: nobody else was there. */
  readonly with: NamedOwner | null;
  readonly units: UnitsText;
  readonly plot: string | null;
};
