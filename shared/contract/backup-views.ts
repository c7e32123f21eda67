import type { BackupPlanText, FileRulesText } from '../model/backup-plan.ts';
import type { BytesText, JobProgress, Sentence } from './views.ts';

/** What doors see of backups: sets, their copies, what is in them, how they come back. */

/**
 * - `safe`: as many complete copies as wanted, written and verified lately.
 * - `catching-up`: at least one complete copy is fresh; others are behind, or fewer than wanted.
 * - `stale`: no complete copy is newer than three days.
 * - `at-risk`: no complete copy newer than five days, or no copy at all that is known to be whole.
 * - `never`: not run yet.
 */
export const SET_SAFETIES = ['safe', 'catching-up', 'stale', 'at-risk', 'never'] as const;
export type SetSafety = (typeof SET_SAFETIES)[number];

/** Where a set stands with one friend. */
export type CopyView = {
  readonly owner: string;
  readonly friend: string;
  /**
   * `complete`: has everything of the newest backup. `behind`: has older ones whole. `empty`: nothing yet. `damaged`: something in
   * it can't be read and is not repaired yet. `gone`: the friend says that there is no such plot any more, or is no friend any more.
   */
  /** `unknown`: it came with the set from another computer, and was not looked at from here yet. */
  readonly state: 'complete' | 'behind' | 'empty' | 'unknown' | 'damaged' | 'gone';
  readonly plot: string | null;
  readonly class: 'guaranteed' | 'borrowed' | null;
  /** Of the newest backup that is whole there. */
  readonly completeMs: number | null;
  readonly writtenBytes: BytesText;
  /** In the plot's trash, because the set is protected. */
  readonly trashBytes: BytesText;
  /** The latest look at random packs in which everything was right. */
  readonly verifiedMs: number | null;
  /** Of the current pass over all bytes, 0 … 1. */
  readonly verifiedShare: number;
  readonly damagedObjects: number;
  readonly seenMs: number | null;
  /** Why it is behind, if something is in the way. */
  readonly fault: Sentence | null;
};

export type BackupSetView = {
  readonly name: string;
  readonly folders: readonly string[];
  /** Owners' names the copies lie at. */
  readonly to: readonly string[];
  readonly plan: BackupPlanText;
  readonly safety: SetSafety;
  readonly copies: readonly CopyView[];
  readonly lastRunMs: number | null;
  readonly lastBytes: BytesText | null;
  readonly lastFault: Sentence | null;
  /** When it runs next by itself; null: not by itself. */
  readonly nextMs: number | null;
  /** Why it has not begun although it is time: somebody uses the computer, battery, a line paid by the byte, quiet hours, a pause, or the program was replaced and has to be restarted. */
  readonly waitsFor: 'idle' | 'mains' | 'metered' | 'quiet-hours' | 'pause' | 'restart' | null;
  readonly pausedUntilMs: number | null;
  /** The oldest look among the complete copies; null: one of them was never looked at. */
  readonly verifiedMs: number | null;
  /** A restore of a random file was tried and compared. */
  readonly drilledMs: number | null;
  /** A lower protection that was asked for, and when it begins. */
  readonly protectionFalls: { readonly days: number; readonly atMs: number } | null;
};

export type SnapshotView = {
  readonly id: string;
  readonly atMs: number;
  readonly paths: readonly string[];
  readonly host: string;
  readonly tags: readonly string[];
  /** As the snapshot itself says; null: it does not (stock restic 0.14 writes none). */
  readonly files: number | null;
  readonly bytes: BytesText | null;
};

export type EntryView = {
  /** Absolute, as it was on the computer that was backed up, with slashes. Names that are no text are quoted. */
  readonly path: string;
  readonly name: string;
  readonly kind: 'folder' | 'file' | 'link' | 'other';
  /** Of a file. */
  readonly bytes: BytesText | null;
  readonly mtimeMs: number | null;
};

export type FolderView = {
  readonly entries: readonly EntryView[];
  /** Give this as `after` for what follows; null: that is all. */
  readonly next: string | null;
};

export type FoundView = EntryView & { readonly snapshot: string; readonly atMs: number };
export type FindView = {
  readonly found: readonly FoundView[];
  /** Before everything was looked through: there were as many as were asked for, or it took too long. */
  readonly stopped: 'many' | 'time' | null;
};

/** What a first backup would take. */
export type EstimateView = {
  readonly files: number;
  readonly bytes: BytesText;
  /** The largest folders and files below the chosen ones, at most 20, largest first. */
  readonly largest: readonly { readonly path: string; readonly bytes: BytesText }[];
  readonly skipped: {
    readonly excludedFiles: number;
    readonly excludedBytes: BytesText;
    readonly cacheFolders: number;
    readonly tooLargeFiles: number;
    /** Files that lie in a cloud only; to read them would fetch them. */
    readonly cloudFiles: number;
    readonly unreadable: number;
  };
  readonly rules: FileRulesText;
};

/** A restore that can go on: under way, stopped, or cut off by a crash. */
export type RestoreView = {
  readonly id: string;
  /** A set's name, or the folder that held the repository. */
  readonly source: string;
  readonly snapshot: string;
  readonly to: string;
  readonly startedMs: number;
  /** `waiting`: it goes on by itself when what is in its way no longer is. */
  readonly state: 'running' | 'paused' | 'waiting';
  /** For whom, or what; null: for nothing, or nothing that is known. */
  readonly waits: Sentence | null;
  readonly job: string | null;
  readonly progress: JobProgress | null;
};

/** What a friend's plot has put aside because the set is protected. */
export type TrashView = {
  readonly owner: string;
  /** A friend may keep a set in several. */
  readonly plot: string;
  readonly friend: string;
  readonly objects: number;
  readonly bytes: BytesText;
  /** When the oldest of it goes, and the newest. */
  readonly firstGoesMs: number | null;
  readonly lastGoesMs: number | null;
};

/** What to print and keep away from this computer. The words themselves are shown until they were checked, and never again. */
export type RecoverySheetView = {
  readonly owner: string;
  readonly name: string;
  readonly instance: string;
  readonly sets: readonly { readonly name: string; readonly folders: readonly string[] }[];
  readonly friends: readonly {
    readonly name: string;
    readonly owner: string;
    readonly device: string;
    readonly addresses: readonly string[];
    readonly keepsSets: readonly string[];
  }[];
  readonly madeMs: number;
};

/** Where this installation stands in coming back from 24 words. */
export type RecoveryView = {
  /** `none`: it was set up afresh. `searching`: it has the words, and looks for friends. `found`: friends and backups are known again. */
  readonly state: 'none' | 'searching' | 'found';
  /** Whether it could still begin: nothing has been done with it yet. */
  readonly possible: boolean;
  readonly friends: readonly {
    readonly owner: string;
    readonly name: string;
    readonly online: boolean;
  }[];
  readonly sets: readonly {
    readonly name: string;
    readonly folders: readonly string[];
    /** The computer it was made on. */
    readonly host: string;
    readonly friends: readonly string[];
  }[];
  /**
   * Friends whom only address books name that may be forged: they were written after the computer was stolen, or lack what
   * was in them before. They become friends when the person says so (`recovery.believe`); whom such a book has made one already
   * is blocked until then.
   */
  readonly doubtful: readonly {
    readonly owner: string;
    readonly name: string;
    readonly sinceMs: number;
    /** Whose address book it says it is. */
    readonly host: string;
  }[];
  readonly fault: Sentence | null;
};

export type GatewayView = {
  readonly url: string;
  readonly plot: string;
  readonly readOnly: boolean;
  /** Ready to copy; the password stands in none of them. */
  readonly commands: readonly {
    readonly what: 'environment' | 'snapshots' | 'backup' | 'restore' | 'check';
    readonly command: string;
  }[];
};
