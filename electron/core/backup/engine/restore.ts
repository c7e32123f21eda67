import { realpathSync } from 'node:fs';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { makeFolders } from '../../database/durable-file.ts';
import { type Node, unquoteName } from '../repository/node.ts';
import {
  chooseSnapshot,
  loadSnapshots,
  type Repository,
  type RepositoryIndex,
  type Snapshot,
} from '../repository/repository.ts';
import { startCrunchers } from './crunchers.ts';
import {
  type EngineFault,
  type EngineJob,
  type EngineSummary,
  type EngineTools,
  NO_PROGRESS,
} from './jobs.ts';
import type { PackCache } from './pack-cache.ts';
import { restoreToArchive } from './restore-archive.ts';
import { restoreToFolder } from './restore-folder.ts';
import { openJournal } from './restore-journal.ts';
import { chosenPaths, findNodes } from './snapshot-paths.ts';
import { createMeasurer, createTreeReader, type Measure, type TreeReader } from './trees.ts';

/** Brings back a snapshot, or parts of it: chooses what, says how far it is, and leaves the rest to its kinds. */
export type RestoreContext = {
  readonly repository: Repository;
  readonly index: RepositoryIndex;
  readonly job: Extract<EngineJob, { kind: 'restore' }>;
  readonly tools: EngineTools;
  readonly cache: PackCache;
  readonly threads: number;
};

/** Something chosen. `above`: the folders that it lay in, if it goes back to where it came from. */
export type Top = {
  readonly above: readonly { readonly name: Buffer; readonly node: Node }[];
  readonly name: Buffer;
  readonly node: Node;
};

export type RestoreCounts = {
  files: number;
  folders: number;
  links: number;
  bytes: number;
  /** Were there already, the same. */
  filesSame: number;
  /** Something else was there, and stays. */
  filesKept: number;
};

export async function runRestore(
  context: RestoreContext,
): Promise<Result<EngineSummary, EngineFault>> {
  const { repository, index, job, tools } = context;
  const unreadable: string[] = [];
  const snapshots = await loadSnapshots(repository, ({ name }) => unreadable.push(name));
  if (!snapshots.ok) return snapshots;
  const chosen = chosenOf(snapshots.value, unreadable, job.snapshot);
  if (!chosen.ok) return chosen;
  const snapshot = chosen.value;
  const readTree = createTreeReader(repository, index, context.cache);
  tools.progress({ ...NO_PROGRESS, phase: 'planning' });
  const failures = new Set<string>();
  const problem: EngineTools['problem'] = (told) => {
    if (!HARMLESS.has(told.code)) failures.add(told.path);
    tools.problem(told);
  };
  const found = await findTops(readTree, snapshot, job, (path) =>
    problem({ code: 'not-in-backup', path, detail: '' }),
  );
  if (!found.ok) return found;
  const tops = found.value;
  const measured = await measureTops(context, { snapshot, tops, readTree });
  if (!measured.ok) return measured;
  const counts = { files: 0, folders: 0, links: 0, bytes: 0, filesSame: 0, filesKept: 0 };
  const tell = (phase: 'writing' | 'finishing') =>
    tools.progress({
      phase,
      filesDone: counts.files + counts.filesKept,
      filesTotal: measured.value.files,
      bytesDone: counts.bytes,
      bytesTotal: measured.value.bytes,
    });
  const onBytes = (bytes: number) => {
    counts.bytes += bytes;
    tell('writing');
  };
  const crunchers = startCrunchers({
    threads: context.threads,
    key: repository.key,
    onAsk: async () => new Uint8Array(),
    onPack: () => undefined,
  });
  const telling = { ...context, tools: { ...tools, problem } };
  const common = { context: telling, tops, readTree, crunchers, counts, onBytes };
  try {
    const done = job.archive
      ? await restoreToArchive(common)
      : await withJournal(job.journal, async (journal) =>
          restoreToFolder({ ...common, journal, target: await targetOf(job) }),
        );
    if (!done.ok) return done;
    tell('finishing');
    return ok({
      snapshot: snapshot.id,
      files: counts.files,
      folders: counts.folders,
      links: counts.links,
      filesSame: counts.filesSame,
      filesKept: counts.filesKept,
      filesFailed: failures.size,
      bytesTotal: `${counts.bytes}`,
    });
  } catch (error) {
    const { code = 'unknown', path = job.to ?? '/' } = error as NodeJS.ErrnoException;
    if (!/^E[A-Z]+$/.test(code)) throw error;
    return failed({ code: 'folder', error: code, folder: path });
  } finally {
    await crunchers.close();
  }
}

/** Another snapshot's damage is in nobody's way who names his; but of which is the latest it leaves a doubt. */
function chosenOf(
  snapshots: readonly Snapshot[],
  unreadable: readonly string[],
  wish: string | undefined,
): Result<Snapshot, EngineFault> {
  const isLatest = wish === undefined || wish === 'latest';
  const doubt = unreadable.find((name) => isLatest || name.startsWith(wish.toLowerCase()));
  if (doubt !== undefined)
    return failed({ code: 'damaged', detail: `snapshots/${doubt.slice(0, 8)}` });
  const snapshot = chooseSnapshot(snapshots, wish);
  return snapshot === undefined
    ? failed({ code: 'snapshot-unknown', snapshot: wish ?? 'latest' })
    : ok(snapshot);
}

/** Nothing is missing because of these. */
const HARMLESS: ReadonlySet<string> = new Set(['name-changed', 'file-kept', 'metadata-not-set']);

async function withJournal<T>(
  file: string | undefined,
  act: (journal: ReturnType<typeof openJournal>) => Promise<T>,
): Promise<T> {
  const journal = openJournal(file);
  try {
    return await act(journal);
  } finally {
    journal.close();
  }
}

/** Links on the way to the folder that the person named are the person's; from there on none is followed. */
async function targetOf({ to }: RestoreContext['job']): Promise<Buffer> {
  if (to === undefined) return Buffer.from('/');
  try {
    await makeFolders(to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // A file has come to lie there.
    throw Object.assign(new Error('a file is in the way'), { code: 'ENOTDIR', path: to });
  }
  return Buffer.from(realpathSync(to));
}

/** All of a snapshot is as much as it says itself; hostile ones are stopped on the way. */
async function measureTops(
  { job, tools }: RestoreContext,
  {
    snapshot,
    tops,
    readTree,
  }: { readonly snapshot: Snapshot; readonly tops: readonly Top[]; readonly readTree: TreeReader },
): Promise<Result<Pick<Measure, 'files' | 'bytes'>, EngineFault>> {
  const said = snapshot.summary;
  if (job.paths === undefined && said !== undefined && said !== null)
    return ok({ files: said.total_files_processed, bytes: said.total_bytes_processed });
  const measure = createMeasurer(readTree, () => tools.signal.aborted);
  return measure(tops.map(({ node }) => node));
}

/**
 * What is to come back. Into a folder each under its own last name; if two are called the same, the later ones
 * get a number.
 */
async function findTops(
  readTree: TreeReader,
  snapshot: Snapshot,
  { paths, to }: RestoreContext['job'],
  onMissing: (path: string) => void,
): Promise<Result<readonly Top[], EngineFault>> {
  const tops: Top[] = [];
  const taken = new Set<string>();
  const wanted = paths === undefined ? await allOf(readTree, snapshot, to) : ok(paths);
  if (!wanted.ok) return wanted;
  for (const path of withoutNested(wanted.value)) {
    const found = await waysTo(readTree, snapshot.tree, path);
    if (!found.ok) return found;
    if (found.value === undefined) onMissing(path);
    for (const nodes of found.value ?? []) {
      const way = nodes.flatMap((node) => {
        const name = unquoteName(node.name);
        return name === undefined ? [] : [{ name, node }];
      });
      const last = way.at(-1);
      if (last === undefined || way.length !== nodes.length) {
        onMissing(path);
        continue;
      }
      if (to === undefined) {
        tops.push({ ...last, above: way.slice(0, -1) });
        continue;
      }
      let { name } = last;
      for (let number = 2; taken.has(name.toString('latin1')); number += 1)
        name = Buffer.concat([last.name, Buffer.from(` (${number})`)]);
      taken.add(name.toString('latin1'));
      tops.push({ above: [], name, node: last.node });
    }
  }
  return ok(tops);
}

/**
 * The folders that were chosen. restic keeps one that it was given by a relative path under that path, and lists it by its whole one:
 * where none of them is there, into a folder goes all that lies in the root.
 */
async function allOf(
  readTree: TreeReader,
  snapshot: Snapshot,
  to: string | undefined,
): Promise<Result<readonly string[], EngineFault>> {
  const chosen = chosenPaths(snapshot);
  for (const path of to === undefined ? [] : chosen) {
    const found = await findNodes(readTree, snapshot.tree, path);
    if (!found.ok) return found;
    if (found.value !== undefined) return ok(chosen);
  }
  return ok(to === undefined ? chosen : ['/']);
}

/** The entries on the way to a path; the root has none of its own: there it is all that lies in it. `undefined`: there is no such path. */
async function waysTo(
  readTree: TreeReader,
  root: string,
  path: string,
): Promise<Result<readonly (readonly Node[])[] | undefined, EngineFault>> {
  const way = await findNodes(readTree, root, path);
  if (!way.ok) return way;
  if (way.value?.length !== 0) return ok(way.value && [way.value]);
  const nodes = await readTree(root);
  return nodes.ok ? ok(nodes.value.map((node) => [node])) : nodes;
}

/** Whoever chooses a folder and something in it wants that once. */
function withoutNested(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)].filter(
    (path, _, all) =>
      !all.some((other) => other !== path && path.startsWith(other.replace(/\/*$/, '/'))),
  );
}
