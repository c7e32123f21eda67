import type { FindView, FolderView, SnapshotView } from '../../../shared/contract/backup-views.ts';
import type { Fault } from '../../../shared/fault.ts';
import { failed, type Result } from '../../../shared/result.ts';
import type { EngineFault, EngineJob } from './engine/jobs.ts';
import type { PickedFile, ReaderAnswers, ReaderAsk } from './engine/reader-messages.ts';
import { createReaders } from './engine/readers.ts';
import type { JobControl, JobResult } from './jobs.ts';
import type { OpenedSource, OpenSource, ReadingSource } from './reading-source.ts';
import type { RunJob } from './run-job.ts';

type Asked<K extends ReaderAsk['kind']> = Omit<Extract<ReaderAsk, { kind: K }>, 'kind'>;
type Told<T> = Promise<Result<T, Fault>>;

/** Looking into backups and bringing them back, wherever they lie. */
export type BackupReader = {
  readonly snapshots: (source: ReadingSource) => Told<readonly SnapshotView[]>;
  readonly browse: (source: ReadingSource, ask: Asked<'browse'>) => Told<FolderView>;
  readonly find: (source: ReadingSource, ask: Omit<Asked<'find'>, 'withinMs'>) => Told<FindView>;
  readonly measure: (
    source: ReadingSource,
    ask: Asked<'measure'>,
  ) => Told<ReaderAnswers['measure']>;
  readonly pick: (source: ReadingSource, ask: Asked<'pick'>) => Told<readonly PickedFile[]>;
  readonly restore: (
    source: ReadingSource,
    wish: Omit<Extract<EngineJob, { kind: 'restore' }>, 'kind'>,
    control: JobControl,
  ) => Told<JobResult>;
  readonly close: () => Promise<void>;
};

/** Nobody waits longer for names; the newest snapshots have been looked through by then. */
const FIND_MS = 30_000;

/** What is said of a repository whose config or key file is gone or damaged, among others. */
const SHUT: ReadonlySet<EngineFault['code']> = new Set([
  'wrong-password',
  'no-repository',
  'damaged',
]);

export function createBackupReader({
  open,
  run,
  password,
  cache,
}: {
  readonly open: OpenSource;
  readonly run: RunJob;
  readonly password: string;
  /** A folder whose contents can be lost. */
  readonly cache: string;
}): BackupReader {
  const readers = createReaders({ password, cache });

  const closing = new AbortController();

  /** What can't be opened is opened once more where this computer has what is wanting. */
  async function from<T>(
    source: ReadingSource,
    signal: AbortSignal,
    act: (opened: OpenedSource) => Promise<Result<T, EngineFault>>,
  ): Told<T> {
    const opened = await open(source);
    if (!opened.ok) return opened;
    const ended = await act(opened.value);
    if (ended.ok) return ended;
    const again = SHUT.has(ended.fault.code) ? await opened.value.again(signal) : undefined;
    if (again === undefined) return failed(opened.value.say(ended.fault));
    if (!again.ok) return again;
    const answered = await act(again.value);
    return answered.ok ? answered : failed(again.value.say(answered.fault));
  }

  const ask = <K extends ReaderAsk['kind']>(
    source: ReadingSource,
    wish: Extract<ReaderAsk, { kind: K }>,
  ): Told<ReaderAnswers[K]> =>
    from(source, closing.signal, ({ key, store }) => readers.ask<K>(key, () => store, wish));

  return {
    snapshots: (source) => ask<'snapshots'>(source, { kind: 'snapshots' }),
    browse: (source, wish) => ask<'browse'>(source, { kind: 'browse', ...wish }),
    find: (source, wish) => ask<'find'>(source, { kind: 'find', ...wish, withinMs: FIND_MS }),
    measure: (source, wish) => ask<'measure'>(source, { kind: 'measure', ...wish }),
    pick: (source, wish) => ask<'pick'>(source, { kind: 'pick', ...wish }),
    restore: (source, wish, control) =>
      from(source, control.signal, ({ store }) =>
        run({ kind: 'restore', ...wish }, store, control),
      ),
    close: async () => {
      closing.abort();
      await readers.close();
    },
  };
}
