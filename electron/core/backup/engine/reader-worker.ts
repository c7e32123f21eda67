import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../../../shared/assert.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { chooseSnapshot, type Snapshot } from '../repository/repository.ts';
import type { EngineFault } from './jobs.ts';
import { createBrowser } from './reader-browse.ts';
import { findEntries, pickFiles } from './reader-find.ts';
import type {
  FromReader,
  ReaderAnswers,
  ReaderAsk,
  ReaderStart,
  ToReader,
} from './reader-messages.ts';
import { createReadable, type OpenedForReading } from './reader-repository.ts';
import { chosenPaths, nodesAt } from './snapshot-paths.ts';
import { connectStore } from './store-port.ts';
import { createMeasurer } from './trees.ts';

/**
 * The thread of somebody who looks into a repository: opening one costs a second and reading a folder of half a million files
 * several, and neither may hold up anything else. It takes no lock, so that it reads what can't be written to.
 */
type Answer = Result<ReaderAnswers[ReaderAsk['kind']], EngineFault>;

assert(parentPort !== null, 'the reader is a worker');
const port = parentPort;
const { store, ...start } = workerData as ReaderStart;
const readable = createReadable({ ...start, store: connectStore(store) });
const browse = createBrowser();

port.on('message', ({ id, ask }: ToReader) => {
  // A failure in here is a bug: the rejection ends this thread, and whoever waits hears of it.
  void answer(ask).then((result) => port.postMessage({ id, result } satisfies FromReader));
});

async function answer(ask: ReaderAsk): Promise<Answer> {
  // Where the newest is meant, the newest of a moment ago will not do.
  const isNamed = 'snapshot' in ask && ask.snapshot !== undefined;
  const first = await act(ask, await readable.get(isNamed ? undefined : 'now'));
  // Another device may have tidied up meanwhile: what was known may not be there any more.
  if (first.ok || first.fault.code !== 'damaged') return first;
  return act(ask, await readable.get('afresh'));
}

async function act(ask: ReaderAsk, opened: Result<OpenedForReading, EngineFault>): Promise<Answer> {
  if (!opened.ok) return opened;
  const { snapshots, unreadable, readTree } = opened.value;
  if (ask.kind === 'snapshots') return ok(snapshots.map(snapshotView));
  if (ask.kind === 'find' && ask.snapshot === undefined)
    return findEntries(readTree, snapshots, ask);
  const wish = ask.kind === 'pick' ? undefined : ask.snapshot;
  const isLatest = wish === undefined || wish === 'latest';
  // One that was meant by name may be the one that can't be read.
  if (unreadable !== undefined && (isLatest || unreadable.startsWith(wish.toLowerCase())))
    return failed({ code: 'damaged', detail: `snapshots/${unreadable.slice(0, 8)}` });
  const snapshot = chooseSnapshot(snapshots, wish);
  if (snapshot === undefined)
    return failed({ code: 'snapshot-unknown', snapshot: wish ?? 'latest' });
  switch (ask.kind) {
    case 'browse':
      return browse(readTree, snapshot, ask);
    case 'find':
      return findEntries(readTree, [snapshot], ask);
    case 'pick':
      return pickFiles(readTree, snapshot, ask);
    default:
      return measure(opened.value, snapshot, ask.paths);
  }
}

async function measure(
  { readTree }: OpenedForReading,
  snapshot: Snapshot,
  paths: readonly string[] | undefined,
): Promise<Result<ReaderAnswers['measure'], EngineFault>> {
  const { summary } = snapshot;
  if (paths === undefined && summary !== undefined && summary !== null)
    return ok({ files: summary.total_files_processed, bytes: `${summary.total_bytes_processed}` });
  const nodes = [];
  for (const path of paths ?? chosenPaths(snapshot)) {
    const found = await nodesAt(readTree, snapshot.tree, path);
    if (!found.ok) return found;
    nodes.push(...found.value);
  }
  const measured = await createMeasurer(readTree, () => false)(nodes);
  if (!measured.ok) return measured;
  return ok({ files: measured.value.files, bytes: `${measured.value.bytes}` });
}

function snapshotView({ id, time, paths, hostname, tags, summary }: Snapshot) {
  return {
    id,
    atMs: Date.parse(time),
    paths: paths ?? [],
    host: hostname,
    tags: tags ?? [],
    files: summary?.total_files_processed ?? null,
    bytes: summary === undefined || summary === null ? null : `${summary.total_bytes_processed}`,
  };
}
