import type { OwnerId, PlotId, TicketId } from '../../../../shared/ids.ts';
import { promisedBytes } from '../../../../shared/model/plot.ts';
import type { Ground, GroundKind } from '../../../../shared/model/policy.ts';

/** What the reference model is made of: plain lists, in which nothing is counted. */
export type ModelPlot = {
  readonly plot: PlotId;
  readonly owner: OwnerId;
  readonly ground: GroundKind;
  readonly class: 'guaranteed' | 'borrowed';
  size: bigint;
  state: 'active' | 'grace' | 'reclaimable' | 'released';
  untilS: number;
  leavesS: number | undefined;
  /** On an introduction: the chain, and the ground of the first introducer that bears it. */
  readonly chain: readonly ModelLink[];
  readonly bears: GroundKind | undefined;
  begun: boolean;
  /** What it cost while nothing lies in it, by keyset. */
  holds: Map<string, bigint>;
  /** When its keeper last said that the account covers it. */
  goodS: number;
  covered: boolean;
  readonly objects: Map<string, bigint>;
  readonly removals: Map<string, bigint>;
};
export type ModelLink = {
  readonly hash: string;
  readonly id: string;
  readonly introducer: OwnerId;
  readonly newcomer: OwnerId;
  readonly bytes: bigint;
  readonly untilMs: number;
};
export type ModelNote = {
  readonly keyset: string;
  readonly k: number;
  readonly secret: Uint8Array;
  state: 'out' | 'held' | 'spent';
  plot?: PlotId;
};
export type ModelClaim = {
  readonly owner: OwnerId;
  readonly units: bigint;
  readonly keyset: string | undefined;
  readonly plot: PlotId | undefined;
  readonly why: 'order' | 'change' | 'refund';
  readonly madeS: number;
  readonly madeMs: number;
};
export type ModelUpload = {
  readonly reservation: number;
  readonly plot: ModelPlot;
  readonly key: string;
  readonly size: bigint;
};
/** What a request shows for itself. */
export type Shown = {
  readonly notes?: readonly ModelNote[];
  /** So much is set aside on an account, for so long at most. */
  readonly account?: { readonly bytes: bigint; readonly maxS: number };
  readonly chain?: readonly ModelLink[];
};
export type ModelAsk = {
  readonly owner: OwnerId;
  readonly size: bigint;
  readonly wantS: number;
  readonly accept: 'guaranteed' | 'borrowed';
  readonly grows: ModelPlot | undefined;
  readonly shown: Shown;
};
export type Waiter = {
  readonly ticket: TicketId;
  readonly ask: ModelAsk;
  /** Kept free for it, as it was when it began to wait. */
  readonly wanted: bigint;
  readonly sinceS: number;
  polledS: number;
  /** Somebody held more than his share meanwhile, so that no bound holds. */
  scarce: boolean;
};
export type Verdict =
  | { readonly type: 'granted'; readonly ground: GroundKind; readonly class: ModelPlot['class'] }
  | { readonly type: 'queue' | 'denied' | 'gone' };
export type Person = { relation: 'friend' | 'guest' | 'gone'; grounds: readonly Ground[] };

export const positive = (bytes: bigint) => (bytes > 0n ? bytes : 0n);
export const total = (all: Iterable<bigint>) => [...all].reduce((sum, each) => sum + each, 0n);
export const unitsIn = (notes: readonly ModelNote[]) =>
  total(notes.map(({ k }) => 1n << BigInt(k)));
export const promiseOf = ({ size }: Pick<ModelPlot, 'size'>) => promisedBytes(size);
export const writtenIn = ({ objects, removals }: ModelPlot) =>
  total(objects.values()) + total(removals.values());
