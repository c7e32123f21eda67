import type { Async } from '../../../shared/async.ts';
import type { Sentence, SnapshotView } from '../../../shared/contract/views.ts';
import { type Fault, fault } from '../../../shared/fault.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { Growth } from '../client/growth.ts';
import type { Holding, HoldingsBook } from '../client/holdings-book.ts';
import type { Peers } from '../client/peers.ts';
import { folderFault } from '../config.ts';
import type { Friend } from '../friends/friend-book.ts';
import { type FriendRegistry, nameOf } from '../friends/friend-registry.ts';
import type { Identity } from '../identity/identity.ts';
import { isFolder } from '../plots/hosting.ts';
import { type Copy, catchUp, type LostCopy, mirror } from './copies.ts';
import {
  type EngineFault,
  type EngineJob,
  type EngineProblem,
  runEngine,
} from './engine/engine.ts';
import type { JobControl, JobResult } from './jobs.ts';
import { createPlotRepositoryStore } from './plot-repository-store.ts';
import { initRepository, loadSnapshots, openRepository } from './repository/repository.ts';
import type { RepositoryStore } from './repository/repository-store.ts';
import { withRetries } from './retrying-store.ts';
import type { BackupSet } from './set-book.ts';

/** Runs backup sets against the plots in which they live. */
export type BackupRunner = {
  readonly backup: (set: BackupSet, control: JobControl) => Promise<Result<JobResult, Fault>>;
  readonly restore: (
    set: BackupSet,
    wish: {
      readonly snapshot: string | undefined;
      readonly to: string;
      readonly paths: readonly string[] | undefined;
    },
    control: JobControl,
  ) => Promise<Result<JobResult, Fault>>;
  readonly check: (
    set: BackupSet,
    wish: { readonly readData: boolean },
    control: JobControl,
  ) => Promise<Result<JobResult, Fault>>;
  readonly snapshots: (set: BackupSet) => Promise<Result<readonly SnapshotView[], Fault>>;
};

export type RunnerOptions = {
  readonly identity: Pick<Identity, 'repositoryPassword'>;
  readonly friends: FriendRegistry;
  readonly holdings: Async<HoldingsBook>;
  readonly peers: Peers;
  readonly growth: Growth;
  /** Asks a friend how what he keeps of mine stands. */
  readonly look: (host: OwnerId) => Promise<void>;
  /** Where the engine keeps what it can lose. */
  readonly cache: string;
  /** Absolute paths that no backup contains. */
  readonly leaveOut: () => readonly string[];
  /** What this device calls itself. */
  readonly name: () => string;
};

/** A copy at a friend's; why its plot did not grow, if it was asked to. */
type Target = Copy & { readonly host: Friend; readonly refusal: () => Fault | undefined };

/** What can be worked with, and how many plots of the set can't even be looked at. */
type Targets = { readonly targets: readonly Target[]; readonly unseen: number };

export function createBackupRunner(options: RunnerOptions): BackupRunner {
  const { identity, friends, holdings, peers, growth } = options;
  const password = identity.repositoryPassword;

  function targetAt(host: Friend, holding: Pick<Holding, 'plot'>): Result<Target, Fault> {
    const session = peers.session(host);
    if (!session.ok) return session;
    let refusal: Fault | undefined;
    const store = createPlotRepositoryStore({
      plot: holding.plot,
      stream: session.value.stream,
      grow: async (bytes) => {
        const grown = await growth.grow(host, holding.plot, BigInt(bytes));
        if (!grown.ok) refusal = grown.fault;
        return grown.ok;
      },
    });
    const name = nameOf(host);
    return ok({ name, host, store: withRetries(store), refusal: () => refusal });
  }

  async function holdingOf(set: BackupSet, host: Friend): Promise<Holding | undefined> {
    const all = (await holdings.holdings()).filter((each) => each.host === host.owner);
    const own = all.find((each) => each.set === set.name);
    if (own !== undefined || host.relation === undefined) return own;
    // A guest has the one plot that was asked for when he came.
    const free = all.find((each) => each.set === undefined);
    if (free !== undefined) await holdings.assign({ plot: free.plot, set: set.name });
    return free;
  }

  /** What is lent may have to go back within days: only a copy besides one that stays may lie there. */
  async function mayBorrow(set: BackupSet, host: Friend): Promise<boolean> {
    const all = await holdings.holdings();
    return all.some(
      (each) => each.set === set.name && each.host !== host.owner && each.class === 'guaranteed',
    );
  }

  /** The copies that can be worked with now. With `begin`, plots that are missing are asked for. */
  async function targetsOf(
    set: BackupSet,
    { begin, onLost }: { readonly begin: boolean; readonly onLost: (fault: Fault) => void },
  ): Promise<Result<Targets, Fault>> {
    const targets: Target[] = [];
    let unseen = 0;
    if (set.hosts.length === 0) return failed(fault('nobody-keeps', { set: set.name }));
    let last: Fault = fault('snapshot-unknown', { set: set.name, snapshot: 'latest' });
    const lose = (why: Fault) => {
      last = why;
      onLost(why);
    };
    for (const owner of set.hosts) {
      const host = friends.person(owner);
      if (host === undefined || host.departed) {
        // A friendship that ended just now; the set forgets it with the next tick.
        const name = host === undefined ? owner.slice(0, 8) : nameOf(host);
        lose(fault('friend-unknown', { friend: name }));
        continue;
      }
      const holding = await holdingOf(set, host);
      if (holding === undefined && !begin) continue;
      const place =
        holding === undefined
          ? await growth.begin(host, set.name, { mayBorrow: await mayBorrow(set, host) })
          : ok(holding);
      const target = place.ok ? targetAt(host, place.value) : place;
      if (target.ok) targets.push(target.value);
      else {
        if (holding !== undefined) unseen += 1;
        lose(target.fault);
      }
    }
    return targets.length > 0 ? ok({ targets, unseen }) : failed(last);
  }

  /** The copies to write to; a plot that has ended over there is forgotten and another one asked for. */
  async function beginOn(set: BackupSet, control: JobControl, isAgain = false): Promise<Begun> {
    const lose = (lost: Fault) =>
      control.problem(
        lost.code === 'waits'
          ? { key: 'problem.copy-waits', params: lost.params }
          : { key: 'problem.copy-behind', params: { ...lost.params, why: lost.code } },
      );
    const found = await targetsOf(set, { begin: true, onLost: isAgain ? () => undefined : lose });
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
    if (!ready.ok) return failed(toFault(ready.fault, targets, set));
    const sayLost = ({ name, fault: why }: LostCopy) =>
      control.problem({ key: 'problem.copy-behind', params: { friend: name, why: why.code } });
    for (const lost of ready.value.lost) sayLost(lost);
    const complete = ready.value.complete;
    const job: EngineJob = {
      kind: 'backup',
      folders: set.folders,
      exclude: set.exclude,
      leaveOut: options.leaveOut(),
      hostname: options.name(),
    };
    const ended = await run(job, mirror(complete, sayLost), control);
    await noteWritten(targets);
    if (!ended.ok) return failed(toFault(ended.fault, targets, set));
    return ok({ ...ended.value, copies: complete.length });
  }

  function run(job: EngineJob, store: RepositoryStore, control: JobControl) {
    const tools = {
      signal: control.signal,
      progress: control.progress,
      problem: (problem: EngineProblem) => control.problem(sentenceOf(problem)),
    };
    return runEngine(job, { store, password, cache: options.cache, tools });
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

  /** Tries one copy after the other until one can be read. */
  async function onFirstCopy<T>(
    set: BackupSet,
    act: (target: Target) => Promise<Result<T, EngineFault>>,
  ): Promise<Result<T, Fault>> {
    const found = await targetsOf(set, { begin: false, onLost: () => undefined });
    if (!found.ok) return found;
    const { targets } = found.value;
    let last: EngineFault = { code: 'no-repository' };
    for (const target of targets) {
      const result = await act(target);
      if (result.ok) return result;
      last = result.fault;
      if (!TRY_ANOTHER.has(last.code)) break;
    }
    return failed(toFault(last, targets, set));
  }

  return {
    backup,
    restore: (set, wish, control) =>
      onFirstCopy(set, ({ store }) => run({ kind: 'restore', ...wish }, store, control)),
    check: (set, wish, control) =>
      onFirstCopy(set, ({ store }) => run({ kind: 'check', ...wish }, store, control)),
    snapshots: (set) =>
      onFirstCopy(set, async ({ store }) => {
        const opened = await openRepository(store, password);
        if (!opened.ok) return opened;
        const snapshots = await loadSnapshots(opened.value);
        if (!snapshots.ok) return snapshots;
        return ok(
          snapshots.value.map(({ id, time, paths, hostname }) => ({
            id,
            atMs: Date.parse(time),
            paths: paths ?? [],
            host: hostname,
          })),
        );
      }),
  };
}

/** Faults of one copy; another may be fine. */
const TRY_ANOTHER: ReadonlySet<EngineFault['code']> = new Set([
  'unreachable',
  'refused',
  'not-found',
  'no-repository',
  'damaged',
]);

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
  { targets, unseen }: Targets,
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

function sentenceOf({ code, path, detail }: EngineProblem): Sentence {
  return { key: `problem.${code}`, params: { path, detail } };
}

/** The engine's word in the owner's terms: with the friend's name, and why a plot did not grow. */
function toFault(engine: EngineFault, targets: readonly Target[], set: BackupSet): Fault {
  const friend = targets.map(({ name }) => name).join(', ');
  switch (engine.code) {
    case 'plot-full':
      return (
        targets.map(({ refusal }) => refusal()).find(Boolean) ?? fault('plot-full', { friend })
      );
    case 'unreachable':
      return fault('unreachable', { friend, detail: engine.detail });
    case 'refused':
      return fault('refused', { ...engine.params, friend, denial: engine.reason });
    case 'cancelled':
    case 'wrong-password':
      return fault(engine.code, { friend });
    case 'locked':
      return fault('repository-locked', { by: engine.by });
    case 'snapshot-unknown':
      return fault('snapshot-unknown', { set: set.name, snapshot: engine.snapshot });
    case 'no-repository':
      return fault('snapshot-unknown', { set: set.name, snapshot: 'latest' });
    case 'folder':
      return folderFault({ code: engine.error }, engine.folder);
    default:
      return fault('repository-damaged', {
        friend,
        detail: 'detail' in engine ? engine.detail : engine.code,
      });
  }
}
