import type { FileRulesText, Retention } from '../../../../shared/model/backup-plan.ts';
import type { RestoreConflict } from '../../../../shared/model/restore-conflict.ts';
import type { RepositoryFault } from '../repository/repository.ts';

/** What the engine can be asked to do, and what it says meanwhile. Plain values: they cross threads. */
export type EngineJob =
  | {
      readonly kind: 'backup';
      /** Absolute paths. */
      readonly folders: readonly string[];
      readonly rules: FileRulesText;
      /** Folders that are never backed up: the program's own. */
      readonly leaveOut: readonly string[];
      readonly hostname: string;
    }
  | {
      readonly kind: 'restore';
      readonly snapshot: string | undefined;
      /** The folder; of an archive the file; undefined: in place. */
      readonly to: string | undefined;
      /** Absolute paths in the snapshot; absent: everything. */
      readonly paths: readonly string[] | undefined;
      /** Undefined: the folder must be empty. */
      readonly conflict: RestoreConflict | undefined;
      readonly archive: boolean;
      /** A file in which it is noted what has been done, so that a restore that was cut off goes on; absent: none. */
      readonly journal: string | undefined;
    }
  /** Is everything there that a restore of any snapshot needs? With `readData` every byte is read. */
  | { readonly kind: 'check'; readonly readData: boolean }
  /**
   * Reads packs whole whose place in the order of this pass lies from `fromShare` on, until so many bytes or the end of
   * the pass. Answers `reachedShare`, and names what is wrong as problems.
   */
  | {
      readonly kind: 'verify';
      /** Names the pass: the order of packs is that of SHA-256(seed ‖ name). */
      readonly seed: string;
      readonly fromShare: number;
      readonly bytesMax: number;
    }
  /** Packs that no copy has any more leave the indexes; with `reindex` packs that no index names are named again. */
  | { readonly kind: 'drop'; readonly packs: readonly string[]; readonly reindex: boolean }
  /** Removes the snapshots that `keep` does not keep, or those named; then gives back the room. */
  | {
      readonly kind: 'prune';
      readonly keep: Retention | undefined;
      readonly forget: readonly string[];
      /** Gives no room back yet. */
      readonly onlyForget: boolean;
      /** So many bytes of packs that stay may be rewritten, as a share of what stays (0 … 1). */
      readonly repackShare: number;
      /** Packs that are known to be damaged: what lies in another one too counts as being there, and they stay as they are. */
      readonly rotten?: readonly string[];
    };

/** What counts files without any repository. */
export type EstimateJob = {
  readonly folders: readonly string[];
  readonly rules: FileRulesText;
  readonly leaveOut: readonly string[];
};

export type EngineProgress = {
  readonly phase:
    | 'opening'
    /** For whoever has locked the repository. */
    | 'waiting'
    | 'reading'
    | 'finishing'
    | 'planning'
    | 'writing'
    /** What was written comes to the disk for good. */
    | 'flushing'
    | 'checking'
    | 'repacking'
    | 'removing';
  readonly filesDone: number;
  readonly filesTotal: number | null;
  readonly bytesDone: number;
  readonly bytesTotal: number | null;
};

export const NO_PROGRESS = {
  filesDone: 0,
  filesTotal: null,
  bytesDone: 0,
  bytesTotal: null,
} as const;

/** A file (or blob) with which something is wrong; the rest goes on. */
export type EngineProblem = {
  readonly code:
    | 'file-vanished'
    | 'file-unreadable'
    | 'file-changed'
    | 'special-file'
    /** It lies in a cloud only; reading it would fetch it. */
    | 'cloud-file'
    /** Another program keeps others from reading it. */
    | 'file-locked'
    /** The system asks the person first (macOS privacy, rights). */
    | 'file-forbidden'
    /** It grew while it was read, without end; what it had at first is kept. */
    | 'file-grows'
    /** A folder is one of those above it once more (a mount inside itself); it is not entered again. */
    | 'folder-loop'
    /** It was to come back, and the snapshot has nothing of that name. */
    | 'not-in-backup'
    /** This system can't have a file of that name; it got another one. */
    | 'name-changed'
    /** Something of that name is there, and stays. */
    | 'file-kept'
    /** Something else is there than a folder, and stays: nothing that was in the folder comes back. */
    | 'folder-blocked'
    | 'file-not-written'
    | 'file-damaged'
    | 'metadata-not-set'
    /** Of a key, a snapshot or an index: `path` is its type and name. */
    | 'object-damaged'
    | 'object-missing'
    | 'pack-missing'
    | 'pack-damaged'
    | 'tree-damaged'
    /** A tree of it can't be read, and so it keeps a prune from knowing what is needed: `path` is when it was made. */
    | 'snapshot-damaged'
    | 'blob-missing';
  readonly path: string;
  readonly detail: string;
};

export type EngineFault =
  | RepositoryFault
  | { readonly code: 'not-in-backup'; readonly path: string }
  | { readonly code: 'folder'; readonly error: string; readonly folder: string };

export type EngineSummary = Readonly<Record<string, string | number>>;

export type EngineTools = {
  readonly signal: AbortSignal;
  readonly progress: (now: EngineProgress) => void;
  readonly problem: (problem: EngineProblem) => void;
  /** Whoever has locked the repository is not waited for. */
  readonly givesWay?: boolean;
};
