import type { Gathered } from '../../../../electron/core/ledger/ground-book.ts';
import type { OwnerId, PlotId, TicketId } from '../../../../shared/ids.ts';
import { promisedBytes } from '../../../../shared/model/plot.ts';
import type { Ground, GroundKind, Guards } from '../../../../shared/model/policy.ts';

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
  /** What its guest deletes stays for so many days; a lower protection, or a smaller size, comes at a time. */
  protectDays: number;
  falls: { readonly toDays: number; readonly atS: number } | undefined;
  shrinks: { readonly toBytes: bigint; readonly atS: number } | undefined;
  readonly trash: Map<
    string,
    { readonly size: bigint; readonly sinceS: number; readonly goesS: number }
  >;
  /** Who may renew it besides, and until when. */
  readonly delegates: Map<OwnerId, number>;
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
  readonly account?: ModelWord;
  readonly chain?: readonly ModelLink[];
};
/** A keeper's word: so much is set aside, for so long at most; or only so much is left; or no, perhaps for good. */
export type ModelWord = {
  readonly bytes: bigint;
  readonly maxS: number;
  readonly leftBytes?: bigint;
  readonly isForGood?: boolean;
};
/** What is brought to the host with a request, and how the model sees it. */
export type Brought = {
  readonly gathered: Gathered;
  /** Asks the host; if its program ends meanwhile, what was set aside elsewhere is lost. */
  readonly during: <T>(act: () => T) => T;
  readonly shown: () => Shown;
  readonly done: (verdict: Verdict) => void;
};
export type ModelAsk = {
  readonly owner: OwnerId;
  readonly size: bigint;
  readonly wantS: number;
  /** Less than this is of no use. */
  readonly minSize: bigint;
  readonly minS: number;
  readonly accept: 'guaranteed' | 'borrowed';
  readonly grows: ModelPlot | undefined;
  readonly shown: Shown;
};
export type Waiter = {
  readonly ticket: TicketId;
  readonly ask: ModelAsk;
  readonly gather: () => Brought;
  /** In line for room, or for the owner's word, and what he said. */
  why: 'queue' | 'owner-approval';
  approved: boolean | undefined;
  /** What it would be charged; in line, kept free for it as it was when it began to wait. */
  readonly wanted: bigint;
  readonly sinceS: number;
  polledS: number;
  /** Somebody held more than his share meanwhile, so that no bound holds. */
  scarce: boolean;
};
export type Verdict =
  | { readonly type: 'granted'; readonly ground: GroundKind; readonly class: ModelPlot['class'] }
  | {
      readonly type: 'counter';
      readonly size: bigint;
      readonly s: number;
      readonly class: ModelPlot['class'];
    }
  /** `passes`: what stands in the way goes by itself, and costs nobody who waits his place. */
  | { readonly type: 'denied'; readonly passes: boolean }
  | { readonly type: 'queue' | 'owner-approval' | 'gone' };
export type Person = {
  relation: 'friend' | 'guest' | 'gone';
  grounds: readonly Ground[];
  guards: Guards;
};

export const lesser = (one: bigint, other: bigint) => (one < other ? one : other);
export const positive = (bytes: bigint) => (bytes > 0n ? bytes : 0n);
export const total = (all: Iterable<bigint>) => [...all].reduce((sum, each) => sum + each, 0n);
export const unitsIn = (notes: readonly ModelNote[]) =>
  total(notes.map(({ k }) => 1n << BigInt(k)));
export const promiseOf = ({ size }: Pick<ModelPlot, 'size'>) => promisedBytes(size);
export const trashIn = ({ trash }: ModelPlot) => total([...trash.values()].map(({ size }) => size));
export const writtenIn = (plot: ModelPlot) =>
  total(plot.objects.values()) + total(plot.removals.values()) + trashIn(plot);
