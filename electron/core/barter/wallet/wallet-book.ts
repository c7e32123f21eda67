import type { OwnerId, PlotId, RequestId } from '../../../../shared/ids.ts';
import type { Keyset } from '../../../../shared/wire/mint.ts';
import type { Issuer, Note } from '../notes.ts';

/**
 * Notes of others that I hold. Secrets and blinds are written down before anything goes out, so that a lost reply
 * costs nothing: the same request is sent again and answered the same.
 */
export type WalletBook = {
  /**
   * Remembers an issuer's keys. Those that are not what they say, or that would be a second of the same end, are
   * left out: a mint that shows everybody the same has one. Returns what is believed.
   */
  readonly pin: (call: {
    readonly issuer: Issuer;
    readonly keysets: readonly Keyset[];
    readonly nowMs: number;
  }) => readonly Keyset[];
  readonly keyset: (keyset: string) => (Keyset & Issuer) | undefined;
  /** Whose keys are known and still run. */
  readonly issuers: (call: { readonly nowMs: number }) => readonly OwnerId[];
  readonly purses: (call: { readonly nowMs: number }) => readonly Purse[];
  /** Notes that can be used, the first to run out first. */
  readonly free: (call: { readonly owner: OwnerId; readonly nowMs: number }) => readonly HeldNote[];
  /**
   * Writes a request down, with what it costs and what it will bring. False: some of that is not free any more, or
   * whoever asked for it has asked for the same before, or for too much that is still open.
   */
  readonly begin: (errand: Errand) => boolean;
  /** Gives an open errand up for others that cost the same. False: it has come to an end meanwhile. */
  readonly instead: (call: {
    readonly requestId: RequestId;
    readonly errands: readonly Errand[];
    readonly verdict?: 'refused' | undefined;
    readonly atMs: number;
  }) => boolean;
  /** The notes that are set aside for an errand. */
  readonly held: (requestId: RequestId) => readonly HeldNote[];
  /** Errands whose end is not known; the oldest first. */
  readonly open: () => readonly Errand[];
  readonly errand: (requestId: RequestId) => Errand | undefined;
  /** What came of one that another device asked for, so that its repetition is answered the same. */
  readonly asked: (call: {
    readonly by: OwnerId;
    readonly id: RequestId;
    readonly hash: Uint8Array;
  }) =>
    | 'reused'
    | { readonly requestId: RequestId; readonly state: 'open' | ErrandEnd }
    | undefined;
  /**
   * `done`: what it cost is gone, what it brought is mine. `undone`: everything is as before. `spent`: what it
   * cost turns out to be gone already. Repeating it is harmless.
   */
  readonly end: (call: {
    readonly requestId: RequestId;
    readonly end: ErrandEnd;
    readonly brought: readonly Note[];
    /** What it says about the issuer; absent: nothing. */
    readonly verdict?: 'honoured' | 'refused' | undefined;
    readonly atMs: number;
  }) => void;
  /** Lets go of what has run out, and of errands long done. */
  readonly tidy: (call: { readonly nowMs: number }) => void;
};

export type ErrandEnd = 'done' | 'undone' | 'spent';

/** A note of mine, with whose it is and when it runs out. */
export type HeldNote = Note & Issuer & { readonly expiresMs: number };

export type Purse = {
  readonly owner: OwnerId;
  readonly freeUnits: bigint;
  readonly heldUnits: bigint;
  readonly expiresMs: number | undefined;
};

/** A request of mine that moves notes. */
export type Errand = {
  readonly requestId: RequestId;
  readonly kind: 'withdraw' | 'swap' | 'change' | 'receive' | 'send' | 'pay' | 'recover';
  /** Whose notes. */
  readonly issuer: Issuer;
  /** With whom; undefined: nobody but the issuer. */
  readonly with: OwnerId | undefined;
  /** Notes of mine that are set aside for it, by their secrets. */
  readonly costs: readonly Uint8Array[];
  /** What is asked for, with what only I know of it. */
  readonly blinds: readonly Blind[];
  /** What was sent, as it was sent. */
  readonly message: unknown;
  readonly units: bigint;
  readonly plot: PlotId | undefined;
  /** Of a claim that is a standing order's instalment: which order. Counted when the errand is done. */
  readonly order?: string | undefined;
  readonly beganMs: number;
  /** The request of another device that it carries out. */
  readonly asked?:
    | { readonly by: OwnerId; readonly id: RequestId; readonly hash: Uint8Array }
    | undefined;
};

export type Blind = {
  readonly keyset: string;
  readonly k: number;
  readonly secret: Uint8Array;
  readonly blind: Uint8Array;
  readonly point: Uint8Array;
};
