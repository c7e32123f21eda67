import type { Async } from '../../../shared/async.ts';
import { type Fault, fault } from '../../../shared/fault.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { HoldingsBook } from '../client/holdings-book.ts';
import type { Peers } from '../client/peers.ts';
import { isFolder } from '../plots/hosting.ts';
import { type Copy, catchUp, type LostCopy, mirror } from './copies.ts';
import type { EngineFault, EngineJob } from './engine/engine.ts';
import { engineFault } from './engine-fault.ts';
import type { JobControl, JobResult } from './jobs.ts';
import { rulesText } from './plan-text.ts';
import { initRepository } from './repository/repository.ts';
import type { RunJob } from './run-job.ts';
import type { BackupSet } from './set-book.ts';
import type { FoundTargets, Target, Targets } from './targets.ts';

/** Runs backup sets against the plots in which they live. */
export type BackupRunner = {
  readonly backup: (set: BackupSet, control: JobControl) => Promise<Result<JobResult, Fault>>;
  readonly check: (
    set: BackupSet,
    wish: { readonly readData: boolean },
    control: JobControl,
  ) => Promise<Result<JobResult, Fault>>;
};

export type RunnerOptions = {
  readonly password: string;
  readonly targets: Targets;
  readonly run: RunJob;
  readonly holdings: Async<HoldingsBook>;
  readonly peers: Peers;
  /** Asks a friend how what he keeps of mine stands. */
  readonly look: (host: OwnerId) => Promise<void>;
  /** Absolute paths that no backup contains. */
  readonly leaveOut: () => readonly string[];
  /** What this device calls itself. */
  readonly name: () => string;
};

export function createBackupRunner(options: RunnerOptions): BackupRunner {
  const { targets: copies, run, holdings, peers, password } = options;

  /** The copies to write to; a plot that has ended over there is forgotten and another one asked for. */
  async function beginOn(set: BackupSet, control: JobControl, isAgain = false): Promise<Begun> {
    const lose = (lost: Fault) =>
      control.problem(
        lost.code === 'waits'
          ? { key: 'problem.copy-waits', params: lost.params }
          : { key: 'problem.copy-behind', params: { ...lost.params, why: lost.code } },
      );
    const found = await copies.of(set, { begin: true, onLost: isAgain ? () => undefined : lose });
    if (!found.ok) return found;
    const { targets } = found.value;
    const ready = await prepareCopies(found.value, password, control.signal);
    const faults = ready.ok ? ready.value.lost.map(({ fault: lost }) => lost) : [ready.fault];
    if (isAgain || !faults.some(isEnded)) return ok({ targets, ready });
    for (const { host } of targets) await options.look(host.owner);
    return beginOn(set, control, true);
  }

  async function backup(set: BackupSet, control: JobControl): Promise<Result<JobResult, Fault>> {
    for (const folder of set.folders) {
      // A drive that is not mounted must not look like a folder whose files were all deleted.
      if (!(await isFolder(folder))) return failed(fault('folder-missing', { folder }));
    }
    const begun = await beginOn(set, control);
    if (!begun.ok) return begun;
    const { targets, ready } = begun.value;
    if (!ready.ok) return failed(engineFault(ready.fault, targets, set));
    const sayLost = ({ name, fault: why }: LostCopy) =>
      control.problem({ key: 'problem.copy-behind', params: { friend: name, why: why.code } });
    for (const lost of ready.value.lost) sayLost(lost);
    const complete = ready.value.complete;
    const job: EngineJob = {
      kind: 'backup',
      folders: set.folders,
      rules: rulesText(set.plan.rules),
      leaveOut: options.leaveOut(),
      hostname: options.name(),
    };
    const ended = await run(job, mirror(complete, sayLost), control);
    await noteWritten(targets);
    if (!ended.ok) return failed(engineFault(ended.fault, targets, set));
    return ok({ ...ended.value, copies: complete.length });
  }

  /** What the hosts say is written; only shown, so silence is no fault. */
  async function noteWritten(targets: readonly Target[]): Promise<void> {
    for (const { host } of targets) {
      const plots = await peers.plots(host);
      if (!plots.ok) continue;
      for (const { plot, written } of plots.value.plots)
        await holdings.noteWritten({ plot, writtenBytes: written });
    }
  }

  return {
    backup,
    check: (set, wish, control) =>
      copies.onFirst(set, ({ store }) => run({ kind: 'check', ...wish }, store, control)),
  };
}

/** The friend says that there is no such plot any more. */
function isEnded(lost: EngineFault): boolean {
  return (
    lost.code === 'refused' && (lost.reason === 'plot-unknown' || lost.reason === 'plot-ended')
  );
}

type Begun = Result<
  {
    readonly targets: readonly Target[];
    readonly ready: Awaited<ReturnType<typeof prepareCopies>>;
  },
  Fault
>;

/** Copies with one repository among them: begun if there is none, completed where one lags behind. */
async function prepareCopies(
  { targets, unseen }: FoundTargets,
  password: string,
  signal: AbortSignal,
): Promise<
  Result<{ readonly complete: readonly Copy[]; readonly lost: readonly LostCopy[] }, EngineFault>
> {
  let begun = 0;
  const lost: LostCopy[] = [];
  const reachable: Target[] = [];
  for (const target of targets) {
    const config = await target.store.stat({ type: 'config', name: '' }, { signal });
    if (config.ok) begun += 1;
    if (config.ok || config.fault.code === 'not-found') reachable.push(target);
    else lost.push({ name: target.name, fault: config.fault });
  }
  const [first] = reachable;
  if (first === undefined)
    return failed(lost[0]?.fault ?? { code: 'unreachable', detail: 'no copy answers' });
  if (begun === 0) {
    // The repository may be where we can't look now; a second one would never fit together with it.
    if (lost.length > 0 || unseen > 0)
      return failed(lost[0]?.fault ?? { code: 'unreachable', detail: 'a copy is out of reach' });
    const initialised = await initRepository(first.store, password);
    if (!initialised.ok) return initialised;
  }
  const caught = await catchUp(reachable, signal);
  if (caught.complete.length === 0)
    return failed(caught.lost[0]?.fault ?? { code: 'unreachable', detail: 'no copy answers' });
  return ok({ complete: caught.complete, lost: [...lost, ...caught.lost] });
}
