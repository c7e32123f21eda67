import type { EngineProgress, EngineTools } from './jobs.ts';

/** What a backup run has come to so far. */
export type Counts = {
  readonly unchanged: (bytes: number) => void;
  readonly read: (bytes: number, isNew: boolean) => void;
  filesFailed: number;
  readonly expect: (total: { readonly files: number; readonly bytes: number }) => void;
  readonly tell: (phase: EngineProgress['phase']) => void;
  readonly now: () => {
    readonly files: number;
    /** New or changed. */
    readonly filesNew: number;
    readonly filesChanged: number;
    readonly filesUnchanged: number;
    readonly filesFailed: number;
    readonly bytes: number;
  };
};

/** More often than this nobody can look. */
const TELL_EVERY = 64;

export function createCounts(progress: EngineTools['progress']): Counts {
  let [created, changed, same, bytes, untold] = [0, 0, 0, 0, 0];
  let total: { readonly files: number; readonly bytes: number } | undefined;

  const files = () => created + changed + same;
  function tell(phase: EngineProgress['phase']): void {
    untold = 0;
    const filesDone = files() + counts.filesFailed;
    progress({
      phase,
      filesDone,
      filesTotal: total === undefined ? null : Math.max(total.files, filesDone),
      bytesDone: bytes,
      bytesTotal: total === undefined ? null : Math.max(total.bytes, bytes),
    });
  }
  function add(fileBytes: number): void {
    bytes += fileBytes;
    untold += 1;
    if (untold >= TELL_EVERY) tell('reading');
  }
  const counts: Counts = {
    filesFailed: 0,
    unchanged: (fileBytes) => {
      same += 1;
      add(fileBytes);
    },
    read: (fileBytes, isNew) => {
      if (isNew) created += 1;
      else changed += 1;
      add(fileBytes);
    },
    expect: (expected) => {
      total = expected;
    },
    tell,
    now: () => ({
      files: files(),
      filesNew: created + changed,
      filesChanged: changed,
      filesUnchanged: same,
      filesFailed: counts.filesFailed,
      bytes,
    }),
  };
  return counts;
}
