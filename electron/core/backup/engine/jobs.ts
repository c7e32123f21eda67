import type { RepositoryFault } from '../repository/repository.ts';

/** What the engine can be asked to do, and what it says meanwhile. Plain values: they cross threads. */
export type EngineJob =
  | {
      readonly kind: 'backup';
      /** Absolute paths. */
      readonly folders: readonly string[];
      readonly exclude: readonly string[];
      /** Folders that are never backed up: the program's own. */
      readonly leaveOut: readonly string[];
      readonly hostname: string;
    }
  | {
      readonly kind: 'restore';
      readonly snapshot: string | undefined;
      readonly to: string;
      /** Absolute paths in the snapshot; absent: everything. */
      readonly paths: readonly string[] | undefined;
    }
  | { readonly kind: 'check'; readonly readData: boolean };

export type EngineProgress = {
  readonly phase: 'opening' | 'reading' | 'finishing' | 'planning' | 'writing' | 'checking';
  readonly filesDone: number;
  readonly filesTotal: number | null;
  readonly bytesDone: number;
  readonly bytesTotal: number | null;
};

/** A file (or blob) with which something is wrong; the rest goes on. */
export type EngineProblem = {
  readonly code:
    | 'file-vanished'
    | 'file-unreadable'
    | 'file-changed'
    | 'special-file'
    | 'file-not-written'
    | 'file-damaged'
    | 'metadata-not-set'
    | 'pack-missing'
    | 'pack-damaged'
    | 'tree-damaged'
    | 'blob-missing';
  readonly path: string;
  readonly detail: string;
};

export type EngineFault =
  | RepositoryFault
  | { readonly code: 'folder'; readonly error: string; readonly folder: string };

export type EngineSummary = Readonly<Record<string, string | number>>;

export type EngineTools = {
  readonly signal: AbortSignal;
  readonly progress: (now: EngineProgress) => void;
  readonly problem: (problem: EngineProblem) => void;
};
