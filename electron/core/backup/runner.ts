import type { Async } from '../../../shared/async.ts';
import { type Fault, fault } from '../../../shared/fault.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { failed, type Result } from '../../../shared/result.ts';
import type { HoldingsBook } from '../client/holdings/holdings-book.ts';
import type { Peers } from '../client/peers.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';
import type { CopyBook } from './copies/book.ts';
import { createChecking } from './copies/checking.ts';
import { createCopyChores } from './copies/chores.ts';
import { createLeveller } from './copies/level.ts';
import { createTurns, type Turns } from './copies/turns.ts';
import type { WriteJob } from './copies/run-view.ts';
import { type CopyWriterOptions, createCopyWriter } from './copies/writer.ts';
import type { JobControl, JobResult } from './jobs.ts';
import { foldersFault } from './folders-there.ts';
import { rulesText } from './plan-text.ts';
import type { RecoveryBook } from './recovery/recovery-book.ts';
import type { ReopenSet } from './reading-source.ts';
import type { RunJob } from './run-job.ts';
import type { BackupSet, SetBook } from './set-book.ts';
import type { Targets } from './targets.ts';

type Run<W> = (set: BackupSet, wish: W, control: JobControl) => Promise<Result<JobResult, Fault>>;

/** Runs backup sets against the plots in which they live, and sees to it that every copy is whole. */
export type BackupRunner = {
  readonly backup: (set: BackupSet, control: JobControl) => Promise<Result<JobResult, Fault>>;
  /** Runs a job of the engine's that changes a set, on every copy that has everything; what it removes the others learn of. */
  readonly write: Run<WriteJob>;
  /** Every copy as a whole; what is damaged is repaired. */
  readonly check: Run<{ readonly readData: boolean }>;
  /** Looks at random objects of every copy. */
  readonly verify: Run<undefined>;
  /** Puts back what opens the set where none of its copies has it any more. */
  readonly reopen: ReopenSet;
  /** While nothing else is done to copies of a set; undefined: the signal came first. */
  readonly alone: Turns['take'];
  /** Copies that are behind, damaged or new are completed, in the background. */
  readonly catchUpDue: () => Promise<void>;
  /** Copies that were not looked at today are. */
  readonly verifyDue: () => Promise<void>;
  /** A friend is there, or something of mine there has changed. */
  readonly news: (host: OwnerId) => void;
  /** Ends what runs in the background. */
  readonly close: () => Promise<void>;
};

export type RunnerOptions = {
  readonly password: string;
  /** This installation's instance id. */
  readonly writer: string;
  readonly targets: Targets;
  readonly run: RunJob;
  readonly sets: Async<SetBook>;
  readonly starts: Async<Pick<RecoveryBook, 'startOf'>>;
  readonly copies: Async<CopyBook>;
  readonly holdings: Async<Pick<HoldingsBook, 'holdings' | 'noteWritten'>>;
  readonly peers: Pick<Peers, 'plots'>;
  /** Asks a friend how what he keeps of mine stands. */
  readonly look: (host: OwnerId) => Promise<void>;
  /** Absolute paths that no backup contains. */
  readonly leaveOut: () => readonly string[];
  /** What this device calls itself. */
  readonly name: () => string;
  /** Whether something may begin by itself now. */
  readonly mayBegin: (set: BackupSet) => boolean;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Tests hand in a time of their own. */
  readonly pause?: CopyWriterOptions['pause'];
  readonly logger: Logger;
};

export function createBackupRunner(options: RunnerOptions): BackupRunner {
  const { targets, holdings, peers, copies: book } = options;
  const turns = createTurns();
  const leveller = createLeveller({ ...options, book });
  const writer = createCopyWriter({ ...options, book, leveller });
  const checking = createChecking({ ...options, book, leveller, writer });
  const chores = createCopyChores({ ...options, book, turns, checking });

  async function inTurn<T extends JobResult>(
    set: BackupSet,
    { signal }: JobControl,
    work: () => Promise<Result<T, Fault>>,
  ): Promise<Result<T, Fault>> {
    return (await turns.take(set.name, signal, work)) ?? failed(fault('cancelled'));
  }

  async function write(
    set: BackupSet,
    job: WriteJob,
    control: JobControl,
  ): Promise<Result<JobResult, Fault>> {
    const ended = await inTurn(set, control, () => writer.write(set, job, control));
    await noteWritten(set);
    chores.wake(set.name);
    return ended;
  }

  async function backup(set: BackupSet, control: JobControl): Promise<Result<JobResult, Fault>> {
    const missing = await foldersFault(set);
    if (missing !== undefined) return failed(missing);
    const job: WriteJob = {
      kind: 'backup',
      folders: set.folders,
      rules: rulesText(set.plan.rules),
      leaveOut: options.leaveOut(),
      hostname: options.name(),
    };
    return write(set, job, control);
  }

  /** What the hosts say is written; only shown, so silence is no fault. */
  async function noteWritten(set: BackupSet): Promise<void> {
    const found = await targets.of(set, { begin: false, onLost: () => undefined });
    for (const { host } of found.ok ? found.value.targets : []) {
      const plots = await peers.plots(host);
      if (!plots.ok) continue;
      for (const { plot, written } of plots.value.plots)
        await holdings.noteWritten({ plot, writtenBytes: written });
    }
  }

  return {
    backup,
    write,
    check: (set, wish, control) => inTurn(set, control, () => checking.check(set, wish, control)),
    verify: async (set, _wish, control) => {
      const done = await inTurn(set, control, () => checking.verify(set, {}, control));
      chores.wake(set.name);
      return done;
    },
    reopen: async (set, signal) => {
      const found = await targets.of(set, { begin: false, onLost: () => undefined });
      const all = found.ok ? found.value.targets : [];
      const { opens, isNew } = await leveller.putBack(set.name, all, signal);
      return isNew ? 'opened' : opens ? 'was-open' : 'shut';
    },
    alone: turns.take,
    catchUpDue: chores.catchUpDue,
    verifyDue: chores.verifyDue,
    news: chores.news,
    close: chores.close,
  };
}
