import type { Async } from '../../../../shared/async.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { type Copy, listCopy, madeUpOf, removeSuperfluous, without } from '../copies/copy.ts';
import type { CopyBook } from '../copies/book.ts';
import { readStart } from './disk-start.ts';
import { NO_PROGRESS } from '../engine/jobs.ts';
import { engineFault } from '../engine-fault.ts';
import { diskFault, prepareFolder, readMark, removeMark, writeMark } from './export-folder.ts';
import { brokenOn, sendToDisk, stepsTo } from './export-steps.ts';
import { superfluousOn } from './superfluous.ts';
import { foldersFault } from '../folders-there.ts';
import type { JobControl, JobResult } from '../jobs.ts';
import { rulesText } from '../plan-text.ts';
import type { RecoveryBook } from '../recovery/recovery-book.ts';
import { createFolderPapers } from '../repository/folder-papers.ts';
import { createFolderRepositoryStore } from '../repository/folder-repository-store.ts';
import { underLock } from '../repository/lock.ts';
import { initRepository, openRepository, type Repository } from '../repository/repository.ts';
import type { Papers } from '../repository/repository-store.ts';
import type { RunJob } from '../run-job.ts';
import type { BackupSet, SetBook } from '../set-book.ts';
import type { Target, Targets } from '../targets.ts';

/**
 * A set's whole repository in a folder, for instance on a USB disk: a copy like any other, which any restic can read. A
 * set that no friend keeps yet is backed up straight into it; the disk is carried to a friend then.
 */
export type Exporter = {
  /** What speaks against this folder; the folder as it is really called. */
  readonly prepare: (to: string) => Promise<Result<string, Fault>>;
  readonly run: (
    set: BackupSet,
    folder: string,
    control: JobControl,
  ) => Promise<Result<JobResult, Fault>>;
};

export type ExporterOptions = {
  readonly password: string;
  readonly targets: Pick<Targets, 'of'>;
  readonly run: RunJob;
  readonly sets: Async<Pick<SetBook, 'sets' | 'setRepository'>>;
  readonly copies: Async<Pick<CopyBook, 'copiesOf' | 'snapshots'>>;
  readonly starts: Async<Pick<RecoveryBook, 'keepStart'>>;
  readonly papersAt: (target: Target) => Papers | undefined;
  /** This installation's address book, sealed: whoever has the disk and the words finds friends too. */
  readonly addressBook: () => Promise<Uint8Array>;
  readonly leaveOut: () => readonly string[];
  /** What this device calls itself. */
  readonly name: () => string;
};

const LOCK_WAIT_MS = 300_000;

type Source =
  | { readonly kind: 'copies'; readonly copies: readonly Target[] }
  | { readonly kind: 'this computer' };

export function createExporter(options: ExporterOptions): Exporter {
  const { password, targets, run, sets, copies, papersAt } = options;

  /** Who has the set, the most complete one first; this computer itself if nobody ever had it. */
  async function sourceOf(set: BackupSet, signal: AbortSignal): Promise<Result<Source, Fault>> {
    const lost: Fault[] = [];
    const found = await targets.of(set, { begin: false, onLost: (why) => lost.push(why) });
    const having: Target[] = [];
    for (const target of found.ok ? found.value.targets : []) {
      const config = await target.store.stat({ type: 'config', name: '' }, { signal });
      if (config.ok) having.push(target);
      else if (config.fault.code !== 'not-found')
        lost.push(engineFault(config.fault, [target], set));
    }
    if (having.length > 0) return ok({ kind: 'copies', copies: await inOrder(set, having) });
    const [first] = lost;
    return first === undefined ? ok({ kind: 'this computer' }) : failed(first);
  }

  async function inOrder(set: BackupSet, having: readonly Target[]): Promise<readonly Target[]> {
    const known = new Map((await copies.copiesOf(set.name)).map((each) => [each.host, each]));
    const rank = ({ host }: Target) => {
      const copy = known.get(host.owner);
      return copy === undefined || copy.isApart ? -1 : copy.sequence;
    };
    return having.toSorted((one, other) => rank(other) - rank(one));
  }

  async function snapshotsOf({ name }: BackupSet): Promise<readonly string[]> {
    return (await copies.snapshots(name)).map((each) => each.name);
  }

  async function copyAll(
    set: BackupSet,
    from: readonly Target[],
    folder: string,
    control: JobControl,
  ): Promise<Result<JobResult, Fault>> {
    const [first] = from;
    if (first === undefined) return failed(fault('nobody-keeps', { set: set.name }));
    const opened = await openRepository(first.store, password);
    if (!opened.ok) return failed(engineFault(opened.fault, [first], set));
    const mine = await isFor(set, folder, opened.value.id);
    if (!mine.ok) return mine;
    // Nobody prunes meanwhile; a prune that is under way is waited for.
    const ended = await underLock(
      opened.value,
      async () => ok(await level(set, { from, folder, repository: opened.value }, control)),
      {
        patience: {
          forMs: LOCK_WAIT_MS,
          signal: control.signal,
          onWait: () => control.progress({ ...NO_PROGRESS, phase: 'waiting' }),
        },
      },
    );
    if (!ended.ok) return failed(engineFault(ended.fault, [first], set));
    if (!ended.value.ok) return ended.value;
    const taken = await takePapers(papersAt(first), folder);
    return taken.ok ? ended.value : taken;
  }

  /** Whether the folder holds, or will hold, this very repository. */
  async function isFor(
    set: BackupSet,
    folder: string,
    id: string,
  ): Promise<Result<undefined, Fault>> {
    const there = await openRepository(createFolderRepositoryStore(folder), password);
    if (there.ok && there.value.id === id) return ok(undefined);
    if (there.ok || there.fault.code === 'wrong-password')
      return failed(fault('folder-not-empty', { folder }));
    if (there.fault.code !== 'no-repository')
      return failed(engineFault(there.fault, [placeOf(folder)], set));
    const begun = await readMark(folder);
    if (begun !== undefined && begun !== id) return failed(fault('folder-not-empty', { folder }));
    return writeMark(folder, id);
  }

  /** Without the address book the disk and the words alone would find no friends. */
  async function takePapers(
    from: Papers | undefined,
    folder: string,
  ): Promise<Result<undefined, Fault>> {
    const to = createFolderPapers(folder);
    const manifest = await from?.read('manifest');
    const kept = manifest?.ok === true ? await to.write('manifest', manifest.value) : ok(undefined);
    const book = kept.ok ? await to.write('address-book', await options.addressBook()) : kept;
    return book.ok ? ok(undefined) : failed(diskFault(book.fault, folder));
  }

  /** Sends what is missing, then takes away what is not wanted any more: whole at every moment. */
  async function level(
    set: BackupSet,
    {
      from,
      folder,
      repository,
    }: {
      readonly from: readonly Target[];
      readonly folder: string;
      readonly repository: Repository;
    },
    control: JobControl,
  ): Promise<Result<JobResult, Fault>> {
    const { signal } = control;
    const disk: Copy = { name: folder, store: createFolderRepositoryStore(folder) };
    const [first] = from;
    if (first === undefined) return failed(fault('nobody-keeps', { set: set.name }));
    const wanted = await listCopy(first, signal);
    if (!wanted.ok) return failed(engineFault(wanted.fault, [first], set));
    const there = await listCopy(disk, signal);
    if (!there.ok) return failed(diskFault(there.fault, folder));
    const steps = stepsTo(wanted.value, there.value);
    // Cut off by something that does not keep its word about what was flushed.
    const broken = await brokenOn(disk, { there: there.value, broken: steps.broken }, signal);
    if (signal.aborted) return failed(fault('cancelled'));
    const sound = new Set(steps.broken.filter((object) => !broken.has(object)));
    const add = steps.add.filter((object) => !sound.has(object));
    const { key } = repository;
    const sent = await sendToDisk({ set, key, add, broken, from, disk, control });
    if (!sent.ok) return sent;
    const known = await snapshotsOf(set);
    if (known.some((name) => !wanted.value.snapshots.has(name)))
      control.problem({ key: 'problem.copy-behind', params: { friend: first.name } });
    const small = (['index', 'snapshots'] as const).flatMap((type) =>
      [...there.value[type].keys()].map((name) => ({ type, name })),
    );
    const madeUp = await madeUpOf(small, [disk], { signal, key });
    const real = without(wanted.value, [...madeUp, ...sent.value.madeUp]);
    const { remove } = stepsTo(real, there.value);
    const superfluous = await superfluousOn(
      { ...repository, store: disk.store },
      { wanted: real, remove, known },
      (store) =>
        run({ kind: 'check', readData: false }, store, { ...control, problem: () => undefined }),
    );
    if (signal.aborted) return failed(fault('cancelled'));
    if (superfluous.length < remove.length)
      control.problem({ key: 'problem.disk-has-more', params: { friend: first.name, folder } });
    const removed = await removeSuperfluous({ copy: disk, remove: superfluous }, signal);
    if (!removed.ok) return failed(diskFault(removed.fault, folder));
    await removeMark(folder);
    const { objects, bytes, missing } = sent.value;
    return ok({ objects, bytesTotal: bytes, removed: superfluous.length, missing });
  }

  /** As a backup to a friend, only that nobody has to be asked for room. */
  async function backUpInto(
    set: BackupSet,
    folder: string,
    control: JobControl,
  ): Promise<Result<JobResult, Fault>> {
    const missing = await foldersFault(set);
    if (missing !== undefined) return failed(missing);
    const begun = await begin(set, folder);
    if (!begun.ok) return begun;
    const { store } = begun.value;
    const ended = await run(
      {
        kind: 'backup',
        folders: set.folders,
        rules: rulesText(set.plan.rules),
        leaveOut: [...options.leaveOut(), folder],
        hostname: options.name(),
      },
      store,
      control,
    );
    if (!ended.ok) {
      if (ended.fault.code === 'plot-full') return failed(fault('disk-full', { folder }));
      return failed(engineFault(ended.fault, [placeOf(folder)], set));
    }
    const taken = await takePapers(undefined, folder);
    return taken.ok ? ok(ended.value) : taken;
  }

  /** The repository in the folder; a new one only for a set that has none anywhere. */
  async function begin(set: BackupSet, folder: string): Promise<Result<Repository, Fault>> {
    const store = createFolderRepositoryStore(folder);
    const there = await openRepository(store, password);
    const place = [placeOf(folder)];
    if (there.ok) {
      const { id } = there.value;
      // Two sets in one would take away each other's backups.
      const others = (await sets.sets()).filter(({ name }) => name !== set.name);
      const isOthers = others.some(({ repository }) => repository === id);
      if (isOthers || (set.repository !== undefined && id !== set.repository))
        return failed(fault('folder-not-empty', { folder }));
      await noteStart(set, there.value);
      return there;
    }
    if (there.fault.code === 'wrong-password') return failed(fault('folder-not-empty', { folder }));
    if (there.fault.code !== 'no-repository') return failed(engineFault(there.fault, place, set));
    // It is on another disk, or with somebody who does not keep the set any more.
    if (set.repository !== undefined) return failed(fault('nobody-keeps', { set: set.name }));
    const marked = await writeMark(folder, undefined);
    if (!marked.ok) return marked;
    const made = await initRepository(store, password);
    if (!made.ok)
      return failed(
        made.fault.code === 'plot-full'
          ? fault('disk-full', { folder })
          : engineFault(made.fault, place, set),
      );
    await noteStart(set, made.value);
    await removeMark(folder);
    return made;
  }

  /** At a friend's it is to become the same repository. */
  async function noteStart({ name }: BackupSet, { id, store }: Repository): Promise<void> {
    const start = await readStart(store);
    if (start.ok) await options.starts.keepStart({ set: name, start: start.value });
    await sets.setRepository({ name, repository: id });
  }

  return {
    prepare: (to) => prepareFolder(to, options.leaveOut()),
    run: async (set, folder, control) => {
      const source = await sourceOf(set, control.signal);
      if (!source.ok) return source;
      return source.value.kind === 'copies'
        ? copyAll(set, source.value.copies, folder, control)
        : backUpInto(set, folder, control);
    },
  };
}

/** A folder where sentences name a friend. */
function placeOf(folder: string): Pick<Target, 'name' | 'refusal'> {
  return { name: folder, refusal: () => undefined };
}
