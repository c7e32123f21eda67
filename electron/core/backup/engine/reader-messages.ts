import type { MessagePort } from 'node:worker_threads';
import type {
  EntryView,
  FolderView,
  FindView,
  SnapshotView,
} from '../../../../shared/contract/backup-views.ts';
import type { Result } from '../../../../shared/result.ts';
import type { EngineFault } from './jobs.ts';

/** What a reading thread is asked, and what it answers. Plain values: they cross threads. */
export type ReaderStart = {
  readonly password: string;
  /** A folder whose contents can be lost. */
  readonly cache: string;
  readonly store: MessagePort;
};

export type ReaderAsk =
  | { readonly kind: 'snapshots' }
  | {
      readonly kind: 'browse';
      readonly snapshot: string | undefined;
      readonly path: string;
      readonly after: string | undefined;
      readonly limit: number;
    }
  | {
      readonly kind: 'find';
      readonly snapshot: string | undefined;
      readonly text: string;
      readonly limit: number;
      /** What was found by then is the answer. */
      readonly withinMs: number;
    }
  | {
      readonly kind: 'measure';
      readonly snapshot: string | undefined;
      readonly paths: readonly string[] | undefined;
    }
  /** Some files of the newest snapshot, by chance. */
  | { readonly kind: 'pick'; readonly seed: string; readonly count: number };

export type PickedFile = Pick<EntryView, 'path'> & {
  readonly snapshot: string;
  readonly sizeBytes: number;
  /** As the repository has it. */
  readonly mtime: string;
};

export type ReaderAnswers = {
  readonly snapshots: readonly SnapshotView[];
  readonly browse: FolderView;
  readonly find: FindView;
  readonly measure: { readonly files: number; readonly bytes: string };
  readonly pick: readonly PickedFile[];
};

export type ToReader = { readonly id: number; readonly ask: ReaderAsk };
export type FromReader = {
  readonly id: number;
  readonly result: Result<ReaderAnswers[ReaderAsk['kind']], EngineFault>;
};
