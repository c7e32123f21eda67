import type { BytesText } from './views.ts';

/** "Where did my space go": every byte of the shared folder, by what it is; adds up to what `du` says. */
export type SpaceView = {
  /** Objects of friends. */
  readonly dataBytes: BytesText;
  /** Deleted by friends, and kept because they protect what they have here. */
  readonly trashBytes: BytesText;
  /** Temporary files of uploads under way. */
  readonly arrivingBytes: BytesText;
  /** Let go of, not yet off the disk. */
  readonly leavingBytes: BytesText;
  /** Folders, markers and papers of plots, and what files waste in their last blocks. */
  readonly overheadBytes: BytesText;
  /** All of the above: what `du -s` says of `allotment` in the shared folder. */
  readonly onDiskBytes: BytesText;
  /** Not on the disk yet: promised to friends beyond what they have written. */
  readonly promisedBytes: BytesText;
  /** Kept free for notes. */
  readonly outstandingBytes: BytesText;
  /** Of the offer, promised to nobody. */
  readonly freeBytes: BytesText;
  readonly offerBytes: BytesText;
  /** When the disk was walked. */
  readonly asOfMs: number;
};

/** Somebody whose guaranteed plots are more than his share since a join, a leave or a smaller offer. */
export type OverShareView = {
  readonly owner: string;
  readonly name: string;
  readonly useBytes: BytesText;
  readonly shareBytes: BytesText;
  /** Asked to make do with less, and when; null: not asked. */
  readonly askedMs: number | null;
  /** Growth stops and renewals end at that date, because the owner said so; null: goes on. */
  readonly endsMs: number | null;
};

/** What a friend keeps and lets go of, by my list. */
export type KeepOnlyView = {
  readonly owner: string;
  readonly friend: string;
  readonly keeps: readonly string[];
  readonly leaves: readonly {
    readonly plot: string;
    readonly writtenBytes: BytesText;
    readonly leavesMs: number;
    /** Another device of mine has it, and this one knows nothing of it but what the friend says. */
    readonly isOthers: boolean;
  }[];
};

/** Somebody who may make the lease of a plot of mine longer, and do nothing else with it. */
export type HelperView = {
  readonly plot: string;
  /** Where the plot lies. */
  readonly friend: string;
  /** Who may; null: another device of mine. */
  readonly owner: string | null;
  readonly name: string | null;
  readonly untilMs: number;
};
