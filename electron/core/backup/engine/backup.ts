import { userInfo } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { toTimestamp } from '../repository/node.ts';
import {
  loadSnapshots,
  type Repository,
  type RepositoryFault,
  type RepositoryIndex,
  type Snapshot,
} from '../repository/repository.ts';
import { saveUnpacked } from '../repository/unpacked.ts';
import { createBatcher } from './batcher.ts';
import { bytePath } from './byte-paths.ts';
import { type Counts, createCounts } from './counts.ts';
import { type Crunchers, startCrunchers } from './crunchers.ts';
import { emptiedFolder } from './emptied.ts';
import type { EngineFault, EngineJob, EngineSummary, EngineTools } from './jobs.ts';
import type { PackCache } from './pack-cache.ts';
import { createParentReader } from './parent-trees.ts';
import { createSelection, outermost } from './selection.ts';
import { createTreeWriter } from './tree-writer.ts';
import { createUploader, type Uploader } from './upload.ts';
import { createWalk } from './walk.ts';

type BackupJob = Extract<EngineJob, { kind: 'backup' }>;
type Context = {
  readonly repository: Repository;
  readonly index: RepositoryIndex;
  readonly job: BackupJob;
  readonly tools: EngineTools;
  readonly cache: PackCache;
  readonly threads: number;
  /** Memory of packs that have arrived. */
  readonly spare: () => Uint8Array<ArrayBuffer> | undefined;
};

/**
 * What was written to this shortly before the parent began may have been written to once more in the same tick of
 * the disk's clock after it was read: FAT's ticks are two seconds.
 */
const SUSPECT_MS = 2000;

/**
 * One backup run. This thread walks the folders and builds trees; crunching threads read and pack the
 * files; packs go up as they are finished. The snapshot is written when everything it needs has
 * arrived and is in an index, so an interruption leaves either the old state or the new one.
 */
export async function runBackup(context: Context): Promise<Result<EngineSummary, EngineFault>> {
  const { repository, index, job, tools } = context;
  const snapshots = await loadSnapshots(repository);
  if (!snapshots.ok) return snapshots;
  const readBefore = createParentReader(repository, index, context.cache);
  const emptied = await emptiedFolder(job.folders, snapshots.value, readBefore);
  if (emptied !== undefined) return failed({ code: 'folder', error: 'EMPTIED', folder: emptied });
  const paths = [...job.folders].sort();
  const parent = snapshots.value.findLast(
    (snapshot) => [...(snapshot.paths ?? [])].sort().join('\0') === paths.join('\0'),
  );
  const counts = createCounts(tools.progress);
  const uploader = createUploader(repository, index, {
    signal: tools.signal,
    onSent: () => undefined,
  });
  const crunchers = startCrunchers({
    threads: context.threads,
    key: repository.key,
    onPack: uploader.push,
    spare: context.spare,
    onAsk: async (ids) => {
      await uploader.room();
      return claimAll(index, ids);
    },
  });
  try {
    const startedAt = new Date();
    const trees = createTreeWriter(context, uploader);
    const selection = createSelection({ rules: job.rules, leaveOut: job.leaveOut });
    const batcher = createBatcher(crunchers);
    const pause = async () => {
      await setImmediate();
      await batcher.room();
      await uploader.room();
      checkStopped(tools.signal, uploader);
    };
    expectTotals(context, parent, { crunchers, counts });
    const walk = createWalk({
      selection,
      index,
      batcher,
      trees,
      counts,
      pause,
      readParent: readBefore,
      problem: tools.problem,
      suspectFromMs: parent === undefined ? 0 : Date.parse(parent.time) - SUSPECT_MS,
    });
    const root = await walk.saveAll(job.folders, parent?.tree);
    checkStopped(tools.signal, uploader);
    counts.tell('finishing');
    await crunchers.flush();
    trees.flush();
    const finished = await uploader.finish();
    const fault = uploader.fault();
    if (fault !== undefined) return failed(fault);
    if (!finished.ok) return finished;
    const saved = await saveUnpacked(repository.store, repository.key, {
      type: 'snapshots',
      content: {
        time: toTimestamp(BigInt(startedAt.getTime()) * 1_000_000n),
        ...(parent === undefined ? {} : { parent: parent.id }),
        tree: root,
        paths: job.folders,
        hostname: job.hostname,
        username: userName(),
        uid: process.getuid?.() ?? 0,
        gid: process.getgid?.() ?? 0,
        summary: summaryOf(counts, startedAt),
      },
    });
    if (!saved.ok) return saved;
    const { files, filesNew, filesUnchanged, filesFailed, bytes } = counts.now();
    return ok({
      snapshot: saved.value.name,
      files,
      filesNew,
      filesUnchanged,
      filesFailed,
      bytesTotal: `${bytes}`,
      bytesAdded: `${uploader.bytesSent()}`,
    });
  } catch (error) {
    if (error instanceof Stopped) {
      // What has arrived is indexed, so that the next run goes on from there.
      await uploader.finish();
      return failed(uploader.fault() ?? error.fault);
    }
    throw error;
  } finally {
    await crunchers.close();
  }
}

/** As restic's own snapshots have it since 0.17; older ones pass over it. */
function summaryOf(counts: Counts, startedAt: Date) {
  const { files, filesNew, filesChanged, filesUnchanged, bytes } = counts.now();
  return {
    backup_start: startedAt.toISOString(),
    backup_end: new Date().toISOString(),
    files_new: filesNew - filesChanged,
    files_changed: filesChanged,
    files_unmodified: filesUnchanged,
    total_files_processed: files,
    total_bytes_processed: bytes,
  };
}

/** Ends a walk from the inside; caught in `runBackup`. */
class Stopped extends Error {
  readonly fault: RepositoryFault;
  constructor(fault: RepositoryFault) {
    super(fault.code);
    this.fault = fault;
  }
}

function checkStopped(signal: AbortSignal, uploader: Uploader): void {
  if (signal.aborted) throw new Stopped({ code: 'cancelled' });
  const fault = uploader.fault();
  if (fault !== undefined) throw new Stopped(fault);
}

/** How much there will be: about as much as last time, or else somebody counts. */
function expectTotals(
  { job }: Context,
  parent: Snapshot | undefined,
  { crunchers, counts }: { readonly crunchers: Crunchers; readonly counts: Counts },
): void {
  const known = parent?.summary;
  if (known !== undefined && known !== null) {
    counts.expect({ files: known.total_files_processed, bytes: known.total_bytes_processed });
    return;
  }
  const folders = outermost([...new Set(job.folders)].map(bytePath));
  crunchers
    .run({ type: 'scan', folders, rules: job.rules, leaveOut: job.leaveOut })
    .then(counts.expect)
    // Cut short with the threads; then nobody asks any more.
    .catch(() => undefined);
}

function claimAll(index: RepositoryIndex, ids: Buffer): Uint8Array {
  const wanted = new Uint8Array(ids.length / 32);
  for (let at = 0; at < wanted.length; at += 1)
    wanted[at] = index.blobs.claim('data', ids.subarray(at * 32, at * 32 + 32)) ? 1 : 0;
  return wanted;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry; happens in containers.
    return String(process.getuid?.() ?? '');
  }
}
