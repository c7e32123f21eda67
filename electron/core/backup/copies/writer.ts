import { setTimeout as sleep } from 'node:timers/promises';
import type { Async } from '../../../../shared/async.ts';
import type { Sentence } from '../../../../shared/contract/views.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { DAY_MS } from '../../../../shared/units.ts';
import type { Clock, Randomness } from '../../ports.ts';
import type { CopyBook } from './book.ts';
import { hiding } from './copy.ts';
import type { Leveller, Levelled } from './level.ts';
import { mirror } from './mirror.ts';
import { recordRemovals } from './recorder.ts';
import { fitToPrune, viewFor, type WriteJob } from './run-view.ts';
import type { Lost } from './survey.ts';
import type { EngineFault, EngineJob } from '../engine/engine.ts';
import { NO_PROGRESS } from '../engine/jobs.ts';
import { beginRepository } from '../export/disk-start.ts';
import { engineFault } from '../engine-fault.ts';
import type { JobControl, JobResult } from '../jobs.ts';
import type { StoreObject } from '../repository/repository-store.ts';
import type { RecoveryBook } from '../recovery/recovery-book.ts';
import type { RunJob } from '../run-job.ts';
import type { BackupSet, SetBook } from '../set-book.ts';
import type { FoundTargets, Target, Targets } from '../targets.ts';

/**
 * Runs what changes a set, on all of its copies that have everything. A backup begins a repository where there is none, and asks
 * for plots that are missing; anything else needs a copy that has everything.
 */
export type CopyWriter = {
  readonly write: (
    set: BackupSet,
    job: WriteJob,
    control: JobControl,
  ) => Promise<Result<JobResult, Fault>>;
  /** Notes what is in the way of these copies, and which of them are no more. */
  readonly noteLost: (set: BackupSet, lost: readonly Lost<Target>[]) => Promise<void>;
  /** Says that a manifest is not believed. */
  readonly ignore: (
    problem: JobControl['problem'],
  ) => (copy: Target, why: 'older' | 'foreign' | 'damaged') => void;
};

export type CopyWriterOptions = {
  readonly password: string;
  readonly targets: Targets;
  readonly run: RunJob;
  readonly sets: Async<SetBook>;
  readonly book: Async<CopyBook>;
  /** Sets that began on a disk. */
  readonly starts: Async<Pick<RecoveryBook, 'startOf'>>;
  readonly leveller: Leveller;
  readonly look: (host: OwnerId) => Promise<void>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Rejects when the signal ends it; tests hand in a time of their own. */
  readonly pause?: ((ms: number, signal: AbortSignal) => Promise<unknown>) | undefined;
};

/** Somebody who reads, or another device, is often through by then; after that it is for the next run. */
const LOCK_PAUSES_MS = [2000, 5000, 10_000, 20_000, 20_000];

/** Whoever is away for longer may have what others have lost, and they are pruned all the same. */
const AWAITED_MS = 30 * DAY_MS;
const MISSING: EngineFault = { code: 'damaged', detail: 'a snapshot is missing' };

/** What a copy lacks is sent before a run if it is little; otherwise the run does not wait for it. */
const BEFORE_RUN_BYTES = 64 * 1024 * 1024;

type Ready = { readonly targets: readonly Target[]; readonly levelled: Levelled<Target> };

export function createCopyWriter({
  password,
  targets: all,
  run,
  sets,
  book,
  starts,
  leveller,
  look,
  clock,
  randomness,
  pause = (ms, signal) => sleep(ms, undefined, { signal }),
}: CopyWriterOptions): CopyWriter {
  const ignore: CopyWriter['ignore'] = (problem) => (copy, why) =>
    problem({ key: `problem.manifest-${why}`, params: { friend: copy.name } });

  async function noteLost(set: BackupSet, lost: readonly Lost<Target>[]): Promise<void> {
    const atMs = clock.nowMs();
    for (const { copy, fault: why } of lost) {
      const of = { set: set.name, host: copy.host.owner, atMs };
      if (why.code === 'cancelled') continue;
      await book.noteFault({ ...of, fault: sentenceOf(engineFault(why, [copy], set)) });
      if (isEnded(why)) await book.noteGone(of);
    }
  }

  /** The copies within reach; a plot that has ended over there is forgotten and another one asked for. */
  async function reach(
    set: BackupSet,
    isBackup: boolean,
    control: JobControl,
    isAgain = false,
  ): Promise<Result<Ready & { readonly unseen: number }, Fault>> {
    const onLost = isAgain ? () => undefined : (why: Fault) => control.problem(behind(why));
    const found = await all.of(set, { begin: isBackup, onLost });
    if (!found.ok) return found;
    const { targets, unseen }: FoundTargets = found.value;
    const levelled = await leveller.level(set.name, targets, {
      signal: control.signal,
      addBytesMax: BEFORE_RUN_BYTES,
      isToWrite: true,
      onIgnored: isAgain ? () => undefined : ignore(control.problem),
      onPutBack: (copy) => control.problem(reopened(copy)),
    });
    if (!levelled.ok) return failed(engineFault(levelled.fault, targets, set));
    await noteLost(set, levelled.value.lost);
    const hasEnded = levelled.value.lost.some(({ fault: why }) => isEnded(why));
    if (isAgain || !hasEnded || !isBackup) return ok({ targets, levelled: levelled.value, unseen });
    for (const { host } of targets) await look(host.owner);
    return reach(set, isBackup, control, true);
  }

  /** A repository of its own for a set that has none, if none can be where we can't look now. */
  async function begin(
    set: BackupSet,
    { targets, levelled, unseen }: Ready & { readonly unseen: number },
    control: JobControl,
  ): Promise<Result<Ready, Fault>> {
    const [lost] = levelled.lost;
    if (lost !== undefined) return failed(engineFault(lost.fault, [lost.copy], set));
    const [first] = levelled.complete;
    if (first === undefined || unseen > 0) return failed(outOfReach(set, targets));
    // What opens it is kept here, and something lies there: whoever began anew would give that up.
    if ((await book.opening(set.name)) !== undefined)
      for (const copy of levelled.complete)
        if (!(await isEmpty(copy, control.signal)))
          return failed(engineFault({ code: 'damaged', detail: 'config' }, [copy], set));
    const start = await starts.startOf(set.name);
    const begun = await beginRepository(first.store, { password, start });
    if (!begun.ok) return failed(engineFault(begun.fault, [first], set));
    await sets.setRepository({ name: set.name, repository: begun.value.id });
    const again = await leveller.level(set.name, targets, {
      signal: control.signal,
      addBytesMax: BEFORE_RUN_BYTES,
      isToWrite: true,
      onIgnored: () => undefined,
    });
    return again.ok
      ? ok({ targets, levelled: again.value })
      : failed(engineFault(again.fault, targets, set));
  }

  /** Whoever holds the lock may change the copies: when it is free they are compared anew. */
  async function write(
    set: BackupSet,
    job: WriteJob,
    control: JobControl,
  ): Promise<Result<JobResult, Fault>> {
    const telling = { ...control, problem: onceEach(control.problem) };
    let ended = await pruneTwice(set, job, telling);
    for (const ms of LOCK_PAUSES_MS) {
      if (ended.ok || ended.fault.code !== 'repository-locked') return ended;
      if (control.givesWay === true) return ended;
      control.progress({ ...NO_PROGRESS, phase: 'waiting' });
      // Two who met must not meet again each time.
      const [chance = 0] = randomness.bytes(1);
      await pause(ms * (0.75 + chance / 512), control.signal).catch(() => undefined);
      if (control.signal.aborted) return failed(fault('cancelled'));
      // As it is now: whoever waits may have been told meanwhile that a friend keeps it no more.
      const now = await sets.set(set.name);
      if (now === undefined) return failed(fault('cancelled'));
      ended = await pruneTwice(now, job, telling);
    }
    return ended;
  }

  /** Another device may have been at work between the comparison and the lock; what it left looks like damage, once. */
  async function pruneTwice(
    set: BackupSet,
    job: WriteJob,
    control: JobControl,
  ): Promise<Result<JobResult, Fault>> {
    if (job.kind !== 'prune') return writeNow(set, job, control);
    const said: Sentence[] = [];
    // Of who is in the way, and of what another device left, the second time says nothing any more.
    const quiet: JobControl = {
      ...control,
      problem: (sentence) =>
        ABOUT_COPIES.test(sentence.key) ? control.problem(sentence) : void said.push(sentence),
    };
    const ended = await writeNow(set, job, quiet);
    if (!ended.ok && ended.fault.code === 'repository-damaged') return writeNow(set, job, control);
    for (const sentence of said) control.problem(sentence);
    return ended;
  }

  async function writeNow(
    set: BackupSet,
    job: WriteJob,
    control: JobControl,
  ): Promise<Result<JobResult, Fault>> {
    const isBackup = job.kind === 'backup';
    const reached = await reach(set, isBackup, control);
    if (!reached.ok) return reached;
    const isBegun = reached.value.levelled.repository !== undefined;
    if (!isBegun && !isBackup) {
      const [away] = reached.value.levelled.lost;
      return failed(
        away === undefined
          ? fault('snapshot-unknown', { set: set.name, snapshot: 'latest' })
          : engineFault(away.fault, [away.copy], set),
      );
    }
    const ready = isBegun ? reached : await begin(set, reached.value, control);
    if (!ready.ok) return ready;
    const { targets, levelled } = ready.value;
    const { repository, lost } = levelled;
    const complete = isBackup ? levelled.complete : await fitToPrune(levelled, control.signal);
    for (const each of lost) control.problem(behind(engineFault(each.fault, [each.copy], set)));
    for (const copy of levelled.behind) control.problem(behindOf(copy));
    const [worst] = lost;
    if (complete.length === 0 || repository === undefined)
      return failed(
        worst === undefined
          ? outOfReach(set, targets)
          : engineFault(worst.fault, [worst.copy], set),
      );
    // What is removed must not be what a copy out of reach has only just been given.
    if (!isBackup && !levelled.isNewest) return failed(outOfReach(set, targets));
    // Nor what a snapshot needs that only such a copy still has: its packs may be rotten there, and whole here.
    if (job.kind === 'prune' && !job.onlyForget && levelled.missing.length > 0) {
      const isAway = reached.value.unseen > 0 || targets.some((each) => !complete.includes(each));
      const waits = await waitsForMissing(set, levelled.missing, isAway);
      if (waits === 'away') return failed(outOfReach(set, targets));
      if (waits === 'lost') return failed(engineFault(MISSING, complete, set));
    }
    return runOn(set, job, control, { ...levelled, complete, repository, targets });
  }

  /**
   * What a snapshot needs that somebody out of reach still has must not go; but two friends who are never there together would never
   * be pruned. Where all can be asked it is given up, and told, before anything goes.
   */
  async function waitsForMissing(
    set: BackupSet,
    missing: readonly string[],
    isAnyAway: boolean,
  ): Promise<'away' | 'lost' | undefined> {
    const damage = await book.damage(set.name);
    const nowMs = clock.nowMs();
    const isLate = (name: string) =>
      damage.some((each) => each.name === name && Math.abs(nowMs - each.foundMs) >= AWAITED_MS);
    // Of what is not noted somebody gives it who does not list it: a prune would not see it.
    const isConcealed = missing.some((name) => !damage.some((each) => each.name === name));
    if (missing.every(isLate)) return undefined;
    return isConcealed || isAnyAway ? 'away' : 'lost';
  }

  async function packsDamaged(set: string): Promise<readonly string[]> {
    const damage = await book.damage(set);
    return [...new Set(damage.flatMap(({ type, name }) => (type === 'data' ? [name] : [])))];
  }

  async function runOn(
    set: BackupSet,
    job: WriteJob,
    control: JobControl,
    ready: Levelled<Target> & {
      readonly repository: NonNullable<Levelled<Target>['repository']>;
      readonly targets: readonly Target[];
    },
  ): Promise<Result<JobResult, Fault>> {
    const left: Lost<Target>[] = [];
    const wrong: { readonly copy: Target; readonly object: StoreObject }[] = [];
    const copies = mirror(ready.complete, {
      onLost: (copy, why) => {
        left.push({ copy, fault: why });
        if (why.code !== 'cancelled') control.problem(behind(engineFault(why, [copy], set)));
      },
      onWrong: (copy, object) => wrong.push({ copy, object }),
    });
    await book.beginWriting({ set: set.name });
    const view = await viewFor(job.kind, copies.store, {
      levelled: ready,
      damagedPacks: await packsDamaged(set.name),
      signal: control.signal,
    });
    const recorder = recordRemovals(view.store, {
      book,
      set: set.name,
      alive: () => copies.alive().map(({ host }) => host.owner),
      above: ready.above,
      snapshots: ready.snapshots,
      key: ready.repository.key,
      part: ready.part,
    });
    // An index that nobody can read may have named packs that all have: they are named anew before what none names goes.
    const named: Awaited<ReturnType<RunJob>> =
      job.kind === 'prune' && ready.hopeless.some(({ type }) => type === 'index')
        ? await run(NAME_AGAIN, hiding(recorder.store, ready.superfluous), control)
        : ok({});
    const wish = job.kind === 'prune' ? { ...job, rotten: view.rotten } : job;
    const ended = named.ok ? await run(wish, recorder.store, control) : named;
    const atMs = clock.nowMs();
    for (const { copy, object } of wrong)
      await book.noteDamage({ set: set.name, host: copy.host.owner, objects: [object], atMs });
    await noteLost(set, left);
    if (!ended.ok) return failed(engineFault(ended.fault, ready.targets, set));
    await recorder.finish(job.kind === 'backup' ? atMs : undefined);
    await book.endWriting({ set: set.name });
    const alive = copies.alive();
    for (const { host } of alive)
      await book.noteFault({ set: set.name, host: host.owner, fault: undefined, atMs });
    await leveller.publish(set.name, alive, {
      ...ready.repository,
      objects: Math.max(0, ready.objects + recorder.objects()),
      bytes: ready.bytes + recorder.bytes(),
      signal: control.signal,
    });
    return ok({ ...ended.value, copies: alive.length });
  }

  return { write, noteLost, ignore };
}

const NAME_AGAIN: EngineJob = { kind: 'drop', packs: [], reindex: true };

const ABOUT_COPIES = /^problem\.(copy|manifest)-/;
const TOLD_MAX = 100;

function onceEach(problem: JobControl['problem']): JobControl['problem'] {
  const told = new Set<string>();
  return (sentence) => {
    const text = JSON.stringify(sentence);
    if (told.has(text)) return;
    // What is said before a lock is had comes first; of a million files that can't be read nobody keeps a list here.
    if (told.size < TOLD_MAX) told.add(text);
    problem(sentence);
  };
}

function behind(why: Fault): Sentence {
  return why.code === 'waits'
    ? { key: 'problem.copy-waits', params: why.params }
    : { key: 'problem.copy-behind', params: { ...why.params, why: why.code } };
}

/** There is nothing more to say than that. */
function behindOf({ name }: Target): Sentence {
  return { key: 'problem.copy-behind', params: { friend: name } };
}

async function isEmpty({ store }: Target, signal: AbortSignal): Promise<boolean> {
  for (const type of ['snapshots', 'index', 'data'] as const) {
    const listed = await store.list(type, { signal });
    if (listed.ok ? listed.value.length > 0 : listed.fault.code !== 'not-found') return false;
  }
  return true;
}

/** What opens it was gone there. */
export function reopened({ name }: Pick<Target, 'name'>): Sentence {
  return { key: 'problem.copy-reopened', params: { friend: name } };
}

function outOfReach(set: BackupSet, targets: readonly Target[]): Fault {
  const friend = targets.map(({ name }) => name).join(', ');
  return fault('unreachable', { friend, detail: `a copy of ${set.name} is out of reach` });
}

/** A fault as it is kept and shown. */
export function sentenceOf({ code, params }: Fault): Sentence {
  return { key: `fault.${code}`, params };
}

/** The friend says that there is no such plot any more. */
export function isEnded(why: EngineFault): boolean {
  return why.code === 'refused' && (why.reason === 'plot-unknown' || why.reason === 'plot-ended');
}
