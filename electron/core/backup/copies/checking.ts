import { randomBytes } from 'node:crypto';
import type { Async } from '../../../../shared/async.ts';
import type { Sentence } from '../../../../shared/contract/views.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { DAY_MS } from '../../../../shared/units.ts';
import type { HoldingsBook } from '../../client/holdings/holdings-book.ts';
import type { Clock } from '../../ports.ts';
import { awayFrom, type CopyBook, type KnownCopy } from './book.ts';
import type { Levelled, Leveller } from './level.ts';
import { type CopyWriter, reopened } from './writer.ts';
import { readAgain } from './repair.ts';
import { loadSound } from './copy.ts';
import type { EngineSummary } from '../engine/engine.ts';
import { engineFault } from '../engine-fault.ts';
import type { JobControl, JobResult } from '../jobs.ts';
import {
  isObjectName,
  type StoreObject,
  storeObjectTypes,
} from '../repository/repository-store.ts';
import type { RunJob } from '../run-job.ts';
import type { BackupSet } from '../set-book.ts';
import type { FoundTargets, Target, Targets } from '../targets.ts';

/** Looks into copies, and mends what is found: from another copy, or by making room for the next backup to pack it again. */
export type Checking = {
  readonly check: (
    set: BackupSet,
    wish: { readonly readData: boolean },
    control: JobControl,
  ) => Promise<Result<JobResult, Fault>>;
  readonly verify: (
    set: BackupSet,
    /** Only these copies; absent: all. */
    wish: { readonly hosts?: readonly OwnerId[] },
    control: JobControl,
  ) => Promise<Result<JobResult, Fault>>;
  /** Completes and repairs every copy within reach. */
  readonly catchUp: (
    set: BackupSet,
    wish: { readonly begin: boolean },
    control: JobControl,
  ) => Promise<Result<JobResult, Fault>>;
};

export type CheckingOptions = {
  readonly targets: Targets;
  readonly run: RunJob;
  readonly book: Async<CopyBook>;
  readonly holdings: Async<Pick<HoldingsBook, 'holdings'>>;
  readonly leveller: Leveller;
  readonly writer: CopyWriter;
  readonly clock: Clock;
};

type Looked = {
  readonly ended: Awaited<ReturnType<RunJob>>;
  readonly problems: number;
  /** A key or an index could not be read, and what it opens or names was not looked at. */
  readonly isHidden: boolean;
  /** Something is needed that no index names, and no object of the copy is damaged: an index is gone, and nobody has another. */
  readonly isUnnamed: boolean;
};

/** A few packs a day, also where a full pass would need less. */
const VERIFY_BYTES_MIN = 64 * 1024 * 1024;
/** Of the days on which nobody looked, not more are made up for at once. */
const VERIFY_DAYS_MAX = 7;
const SEED_BYTES = 16;

export function createChecking({
  targets: all,
  run,
  book,
  holdings,
  leveller,
  writer,
  clock,
}: CheckingOptions): Checking {
  async function reach(set: BackupSet, begin = false): Promise<Result<FoundTargets, Fault>> {
    return all.of(set, { begin, onLost: () => undefined });
  }

  /** What opens the copies is seen to first: without it nothing in them can be looked at. Answers how much was put back. */
  async function reopen(
    set: BackupSet,
    targets: readonly Target[],
    { signal, problem }: JobControl,
  ): Promise<number> {
    const { putBack } = await leveller.putBack(set.name, targets, signal);
    for (const { copy } of putBack) problem(reopened(copy));
    return putBack.reduce((sum, { objects }) => sum + objects.length, 0);
  }

  /** The engine's job on one copy, and what it found wrong there. */
  async function lookInto(
    set: BackupSet,
    target: Target,
    job: Parameters<RunJob>[0],
    control: JobControl,
  ): Promise<Looked> {
    const wrong: StoreObject[] = [];
    let problems = 0;
    let isUnnamed = false;
    const ended = await run(job, target.store, {
      ...control,
      problem: (problem) => {
        problems += 1;
        const object = objectOf(problem);
        if (UNNAMED.has(problem.key)) isUnnamed = true;
        if (object === undefined) control.problem(problem);
        else wrong.push(object);
      },
    });
    if (!ended.ok && ended.fault.code === 'damaged')
      wrong.push(...(await damagedKeys(target, control.signal)));
    const atMs = clock.nowMs();
    const of = { set: set.name, host: target.host.owner, atMs };
    await book.begin(of);
    if (ended.ok) await book.noteFault({ ...of, fault: undefined });
    // Somebody is at work there, and nothing is wrong with it.
    else if (ended.fault.code !== 'locked')
      await writer.noteLost(set, [{ copy: target, fault: ended.fault }]);
    if (wrong.length > 0) {
      // An index that came back to life names it: that it was removed once is no reason to look away.
      const names = wrong.flatMap(({ type, name }) => (type === 'data' ? [name] : []));
      await book.takeBackRemovals({ set: set.name, names });
      await book.noteDamage({ ...of, objects: wrong });
      control.problem({
        key: 'problem.copy-damaged',
        params: { friend: target.name, count: `${wrong.length}` },
      });
    }
    return {
      ended,
      problems,
      isHidden: wrong.some(({ type }) => type === 'index' || type === 'keys'),
      isUnnamed: isUnnamed && wrong.length === 0,
    };
  }

  async function check(
    set: BackupSet,
    wish: { readonly readData: boolean },
    control: JobControl,
  ): Promise<Result<JobResult, Fault>> {
    const found = await reach(set);
    if (!found.ok) return found;
    const { targets } = found.value;
    const mended = { repaired: await reopen(set, targets, control), givenUp: 0 };
    const sums = new Map<string, number>();
    const failing = new Map<Target, Fault>();
    const hidden: Target[] = [];
    const unnamed = new Set<Target>();
    const job = { kind: 'check', ...wish } as const;
    let copies = 0;
    const note = (value: EngineSummary) => {
      copies += 1;
      for (const [name, figure] of Object.entries(value))
        sums.set(name, (sums.get(name) ?? 0) + Number(figure));
    };
    for (const target of targets) {
      const { ended, problems, isHidden, isUnnamed } = await lookInto(set, target, job, control);
      if (isHidden) hidden.push(target);
      if (isUnnamed) unnamed.add(target);
      if (control.signal.aborted) return failed(fault('cancelled'));
      if (ended.ok && problems === 0 && wish.readData) await noteReadWhole(set, target);
      if (ended.ok) note(ended.value);
      else failing.set(target, engineFault(ended.fault, [target], set));
    }
    await compare(set, control, mended);
    if (hidden.length > 0) {
      for (const target of hidden) {
        const { ended, isUnnamed } = await lookInto(set, target, job, control);
        if (isUnnamed) unnamed.add(target);
        if (ended.ok && failing.delete(target)) note(ended.value);
      }
      await compare(set, control, mended);
    }
    if (unnamed.size > 0 && !control.signal.aborted)
      mended.repaired += await nameAgain(set, control);
    const [last] = failing.values();
    if (copies === 0 && last !== undefined) return failed(last);
    const result = Object.fromEntries(sums);
    return ok({
      ...result,
      // The same in each of them.
      snapshots: (result['snapshots'] ?? 0) / Math.max(1, copies),
      files: (result['files'] ?? 0) / Math.max(1, copies),
      bytesRead: `${result['bytesRead'] ?? 0}`,
      copies,
      ...mended,
    });
  }

  /** Every byte of it was right: that is a whole pass, and the next one begins anew. */
  async function noteReadWhole(set: BackupSet, { host: { owner } }: Target): Promise<void> {
    const atMs = clock.nowMs();
    const pass = { seed: randomBytes(SEED_BYTES).toString('hex'), share: 1, begunMs: atMs };
    await book.setPass({ set: set.name, host: owner, pass });
    await book.noteVerified({ set: set.name, host: owner, atMs });
  }

  async function verify(
    set: BackupSet,
    { hosts }: { readonly hosts?: readonly OwnerId[] },
    control: JobControl,
  ): Promise<Result<JobResult, Fault>> {
    const found = await reach(set);
    if (!found.ok) return found;
    const targets = found.value.targets.filter(
      ({ host }) => hosts === undefined || hosts.includes(host.owner),
    );
    const mended = { repaired: await reopen(set, found.value.targets, control), givenUp: 0 };
    let bytesRead = 0;
    let problems = 0;
    let copies = 0;
    let last: Fault | undefined;
    for (const target of targets) {
      const looked = await verifyOne(set, target, control);
      if (control.signal.aborted) return failed(fault('cancelled'));
      problems += looked.problems;
      if (looked.ended.ok) {
        copies += 1;
        bytesRead += Number(looked.ended.value['bytesRead'] ?? 0);
      } else last = engineFault(looked.ended.fault, [target], set);
    }
    if (copies === 0 && last !== undefined) return failed(last);
    await compare(set, control, mended);
    return ok({ copies, problems, ...mended, bytesRead: `${bytesRead}` });
  }

  async function verifyOne(set: BackupSet, target: Target, control: JobControl): Promise<Looked> {
    const host = target.host.owner;
    const row = (await book.copiesOf(set.name)).find((each) => each.host === host);
    const written = (await holdings.holdings()).find(({ plot }) => plot === target.plot);
    const bytes = Number(written?.writtenBytes ?? 0n);
    const isFresh = row?.pass === undefined || row.pass.share >= 1;
    const pass = isFresh
      ? { seed: randomBytes(SEED_BYTES).toString('hex'), share: 0, begunMs: clock.nowMs() }
      : row.pass;
    const today = (bytes / set.plan.verifyDays) * daysSince(row, clock.nowMs());
    const job = {
      kind: 'verify',
      seed: pass.seed,
      fromShare: pass.share,
      bytesMax: Math.max(VERIFY_BYTES_MIN, Math.ceil(today)),
    } as const;
    const looked = await lookInto(set, target, job, control);
    if (!looked.ended.ok) {
      // An index that can't be read hides all others; a look at the whole says which one it is.
      const isUnreadable = looked.ended.fault.code === 'damaged';
      return isUnreadable
        ? lookInto(set, target, { kind: 'check', readData: false }, control)
        : looked;
    }
    const share = Math.min(1, Math.max(0, Number(looked.ended.value['reachedShare'] ?? 0)));
    await book.setPass({ set: set.name, host, pass: { ...pass, share } });
    if (looked.problems === 0)
      await book.noteVerified({ set: set.name, host, atMs: clock.nowMs() });
    return looked;
  }

  /** What one copy alone can't tell, the others can: they are compared, and what was found is repaired. */
  async function compare(
    set: BackupSet,
    control: JobControl,
    mended: { repaired: number; givenUp: number },
  ): Promise<void> {
    const compared = await catchUp(set, { begin: false }, control);
    if (!compared.ok) return;
    mended.repaired += Number(compared.value['repaired'] ?? 0);
    mended.givenUp += Number(compared.value['givenUp'] ?? 0);
  }

  async function catchUp(
    set: BackupSet,
    { begin }: { readonly begin: boolean },
    control: JobControl,
  ): Promise<Result<JobResult, Fault>> {
    const found = await reach(set, begin);
    if (!found.ok) return found;
    const { targets, unseen } = found.value;
    const levelled = await leveller.level(set.name, targets, {
      signal: control.signal,
      addBytesMax: Number.POSITIVE_INFINITY,
      onIgnored: writer.ignore(control.problem),
      onPutBack: (copy) => control.problem(reopened(copy)),
    });
    if (!levelled.ok) return failed(engineFault(levelled.fault, targets, set));
    const { complete, lost, repository, objects, bytes, repaired } = levelled.value;
    await writer.noteLost(set, lost);
    if (repository === undefined) return ok({ copies: 0, repaired });
    await leveller.publish(set.name, complete, {
      ...repository,
      objects,
      bytes,
      signal: control.signal,
    });
    const isWhole =
      unseen === 0 && complete.length === targets.length && !(await isAnyElsewhere(set, targets));
    const givenUp = isWhole ? await giveUp(set, levelled.value, control) : 0;
    if (givenUp > 0)
      await leveller.publish(set.name, complete, {
        ...repository,
        objects,
        bytes,
        signal: control.signal,
      });
    return ok({ copies: complete.length, repaired, givenUp });
  }

  /** Whoever was asked for room and has not answered has nothing that could be lost. */
  async function isAnyElsewhere(
    { name, hosts }: BackupSet,
    targets: readonly Target[],
  ): Promise<boolean> {
    const here = targets.map(({ host }) => host.owner);
    const rows = await book.copiesOf(name);
    return awayFrom(rows, { hosts, here }).some((owner) =>
      rows.some(({ host, sequence }) => host === owner && sequence > 0),
    );
  }

  /**
   * What no copy has any more is given up: packs leave the indexes, so that the next backup packs what it still finds of
   * them on the disk; packs of a lost index are named in a new one. Only when every copy could be asked.
   */
  async function giveUp(
    set: BackupSet,
    { complete, hopeless, missing, repository }: Levelled<Target>,
    control: JobControl,
  ): Promise<number> {
    const { signal } = control;
    if (repository === undefined) return 0;
    const { key } = repository;
    const early = await notedLately(set.name);
    // What somebody's disk does not show for an hour comes back, and nothing is gained by hurrying: a backup does not count on it.
    const suspected = hopeless.filter(({ name }) => !(missing.includes(name) && early.has(name)));
    const again = await readAgain(book, set.name, suspected, complete, { signal, key });
    const lost: StoreObject[] = [];
    for (const object of again) {
      const isFresh = object.type === 'data' && early.has(object.name);
      if (!isFresh || (await isShown(object, complete, signal))) lost.push(object);
    }
    if (control.signal.aborted) return 0;
    const packs = lost.flatMap(({ type, name }) => (type === 'data' ? [name] : []));
    const small = lost.filter(({ type }) => type === 'index' || type === 'snapshots');
    if (packs.length + small.length === 0) return 0;
    for (const { store } of complete)
      for (const object of small) {
        // Nobody can read it, and as long as it is there nobody can read the others.
        const removed = await store.remove(object, { signal: control.signal });
        if (!removed.ok && removed.fault.code !== 'not-found') return 0;
      }
    const reindex = small.some(({ type }) => type === 'index');
    const isDropped = packs.length > 0 || reindex;
    const dropped: Result<JobResult, Fault> = isDropped
      ? await writer.write(set, { kind: 'drop', packs, reindex }, control)
      : ok({});
    if (!dropped.ok) return 0;
    const objects = [...small, ...packs.map((name) => ({ type: 'data', name }) as const)];
    control.problem({ key: 'problem.objects-lost', params: { count: `${objects.length}` } });
    const names = small.flatMap(({ type, name }) => (type === 'snapshots' ? [name] : []));
    const known = new Set((await book.snapshots(set.name)).map(({ name }) => name));
    // An index is made anew, what a friend has only listed nobody has lost, and most of a damaged pack is saved.
    const blobsLost = Number(dropped.value['blobsLost'] ?? 0);
    const gone = blobsLost + names.filter((each) => known.has(each)).length;
    // Before it is forgotten: whoever is killed in between would never tell.
    if (gone > 0) await book.noteLost({ set: set.name, objects: gone, atMs: clock.nowMs() });
    await book.dropSnapshots({ set: set.name, names });
    // What stands in manifests is another one from now on.
    for (const { host } of complete)
      await book.notePaper({ set: set.name, host: host.owner, paper: '' });
    const hosts = isDropped ? await newestOf(set) : complete.map(({ host }) => host.owner);
    for (const host of hosts) await book.forgetDamage({ set: set.name, host, objects });
    return objects.length;
  }

  async function notedLately(set: string): Promise<ReadonlySet<string>> {
    const nowMs = clock.nowMs();
    // A clock that was set back must not put it off for years.
    const rows = (await book.damage(set)).filter(
      ({ foundMs }) => Math.abs(nowMs - foundMs) < DAY_MS,
    );
    return new Set(rows.map(({ name }) => name));
  }

  /** Whoever fell away in a run still has what the others have not. */
  async function newestOf({ name }: BackupSet): Promise<readonly OwnerId[]> {
    const rows = await book.copiesOf(name);
    const newest = Math.max(0, ...rows.map(({ sequence }) => sequence));
    return rows.flatMap(({ host, sequence }) => (sequence === newest ? [host] : []));
  }

  /** Packs that no index names any more are read, and named in a new one. */
  async function nameAgain(set: BackupSet, control: JobControl): Promise<number> {
    const job = { kind: 'drop', packs: [], reindex: true } as const;
    const named = await writer.write(set, job, control);
    return named.ok ? Number(named.value['packsFound'] ?? 0) : 0;
  }

  return { check, verify, catchUp };
}

async function isShown(
  object: StoreObject,
  copies: readonly Target[],
  signal: AbortSignal,
): Promise<boolean> {
  for (const { store } of copies) if ((await store.stat(object, { signal })).ok) return true;
  return false;
}

/** What is said of something that lies in no object anybody knows of. */
const UNNAMED: ReadonlySet<string> = new Set(['problem.tree-damaged', 'problem.blob-missing']);

function daysSince(row: KnownCopy | undefined, nowMs: number): number {
  const lastMs = row?.verifiedMs ?? row?.pass?.begunMs ?? nowMs;
  return Math.min(VERIFY_DAYS_MAX, Math.max(1, (nowMs - lastMs) / DAY_MS));
}

/** Which object of the copy a problem is about; undefined: none of those that can be sent again. */
export function objectOf({ key, params }: Sentence): StoreObject | undefined {
  const { path = '' } = params;
  if (key === 'problem.pack-damaged' || key === 'problem.pack-missing')
    return isObjectName('data', path) ? { type: 'data', name: path } : undefined;
  if (key !== 'problem.object-damaged' && key !== 'problem.object-missing') return undefined;
  const [first = '', name = ''] = path.split('/');
  const type = storeObjectTypes.find((each) => each === first);
  return type !== undefined && isObjectName(type, name) ? { type, name } : undefined;
}

/** Key files that are not what their names say: nothing else of a copy can be looked at before they are. */
async function damagedKeys(copy: Target, signal: AbortSignal): Promise<readonly StoreObject[]> {
  const listed = await copy.store.list('keys', { signal });
  const bad: StoreObject[] = [];
  for (const { name, sizeBytes } of listed.ok ? listed.value : []) {
    const loaded = await loadSound(copy, { type: 'keys', name, sizeBytes }, signal);
    if (!loaded.ok && (loaded.fault.code === 'damaged' || loaded.fault.code === 'not-found'))
      bad.push({ type: 'keys', name });
  }
  return bad;
}
