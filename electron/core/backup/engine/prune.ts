import { keptBy } from '../../../../shared/backup/retention.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { PACK_BYTES } from '../repository/pack.ts';
import {
  chooseSnapshot,
  loadSnapshots,
  type RepositoryFault,
  type Snapshot,
} from '../repository/repository.ts';
import type { StoreFault } from '../repository/repository-store.ts';
import { dropPacks, type PruneContext, removeAll } from './drop-packs.ts';
import { type EngineSummary, NO_PROGRESS } from './jobs.ts';
import { type PackUse, planPrune } from './prune-plan.ts';
import { repack } from './repack.ts';
import { createTreeReader } from './trees.ts';

/**
 * Forgets snapshots and gives their room back, under an exclusive lock. At every moment each snapshot that is still there can be
 * restored: snapshots go first, then indexes stop naming what goes, then it goes; what moves has arrived and is in an
 * index before its old pack leaves one. Whatever an interruption leaves behind is unneeded, and goes with the next prune.
 * If anything that is needed is missing or damaged, nothing but snapshots is removed; only what no index names any more,
 * because nobody has it, is not waited for, or no room would ever be given back again; nor is a pack that is known to be damaged,
 * which stays as it is. A snapshot with a folder that can't be read is named: whoever deletes it lets the rest go on.
 */
export async function runPrune(
  context: PruneContext,
): Promise<Result<EngineSummary, RepositoryFault>> {
  const { repository, job, tools } = context;
  const snapshots = await loadSnapshots(repository);
  if (!snapshots.ok) return snapshots;
  const chosen = chooseForgotten(snapshots.value, job);
  if (!chosen.ok) return chosen;
  const goes = chosen.value;
  const forgotten = await removeAll(context, 'snapshots', goes);
  if (!forgotten.ok) return forgotten;
  const stay = snapshots.value.filter(({ id }) => !goes.includes(id));
  const summary = { snapshots: stay.length, forgotten: goes.length };
  if (job.onlyForget) return ok({ ...summary, ...NOTHING_PRUNED });
  const used = await findUsed(context, stay);
  if (!used.ok) return used;
  const rotten = new Set(job.rotten);
  const packs = await usePacks(context, used.value.slots, rotten);
  if (!packs.ok) return packs;
  const { known, strangers } = packs.value;
  // One that is needed can't be moved, and stays as it is; the others stay with it, for what is rotten in it may be sound in them.
  const isNeeded = known.some(({ name, usedBytes }) => usedBytes > 0 && rotten.has(name));
  const movable = known.filter(
    ({ name, usedBytes }) => !rotten.has(name) || (usedBytes === 0 && !isNeeded),
  );
  const plan = planPrune(movable, { packBytes: PACK_BYTES, repackShare: job.repackShare });
  const bytesOf = new Map(known.map(({ name, sizeBytes }) => [name, sizeBytes]));
  const unneeded = await dropPacks(context, plan.remove);
  if (!unneeded.ok) return unneeded;
  // What is missing may be in them, and only the index that says so not in the list.
  const unnamed = used.value.isWhole ? [...strangers.keys()] : [];
  const cleared = await removeAll(context, 'data', unnamed);
  if (!cleared.ok) return cleared;
  const repacked = await repack(context, plan.repack, used.value.slots, bytesOf);
  if (!repacked.ok) return repacked;
  const removedBytes =
    plan.remove.reduce((sum, name) => sum + (bytesOf.get(name) ?? 0), 0) +
    unnamed.reduce((sum, name) => sum + (strangers.get(name) ?? 0), 0);
  tools.progress({ ...NO_PROGRESS, phase: 'finishing' });
  return ok({
    ...summary,
    packsRemoved: plan.remove.length + unnamed.length + repacked.value.packs,
    packsRewritten: repacked.value.packs,
    bytesRewritten: `${repacked.value.bytesWritten}`,
    bytesFreed: `${removedBytes + repacked.value.bytesRead - repacked.value.bytesWritten}`,
    // The plot was too full to move things about in; what could go is gone, and the next time there is room for it.
    stoppedFull: repacked.value.isFull ? 1 : 0,
  });
}

/** Hexadecimal digits. */
const WHOLE_ID = 64;

const NOTHING_PRUNED = {
  packsRemoved: 0,
  packsRewritten: 0,
  bytesRewritten: '0',
  bytesFreed: '0',
  stoppedFull: 0,
} as const;

function chooseForgotten(
  snapshots: readonly Snapshot[],
  { keep, forget }: Pick<PruneContext['job'], 'keep' | 'forget'>,
): Result<readonly string[], RepositoryFault> {
  const named = new Set<string>();
  for (const wish of forget) {
    const found = chooseSnapshot(snapshots, wish);
    // A run that was cut off has removed it already.
    if (found === undefined && wish.length === WHOLE_ID) continue;
    if (found === undefined) return failed({ code: 'snapshot-unknown', snapshot: wish });
    named.add(found.id);
  }
  const rest = snapshots.filter(({ id }) => !named.has(id));
  const kept =
    keep === undefined
      ? new Set(rest.map(({ id }) => id))
      : new Set(keptBy(keep, rest, Date.now()).map(({ id }) => id));
  return ok(snapshots.flatMap(({ id }) => (named.has(id) || !kept.has(id) ? [id] : [])));
}

type Used = {
  readonly slots: Uint8Array;
  /** No snapshot needs contents that no index names. */
  readonly isWhole: boolean;
};

/**
 * Which blobs of the index some snapshot needs, by their numbers there. Without a tree nobody knows what is below it: each
 * snapshot with one that can't be read is named, for a person may delete it, and nothing else is removed.
 */
async function findUsed(
  { repository, index, tools, cache }: PruneContext,
  snapshots: readonly Snapshot[],
): Promise<Result<Used, RepositoryFault>> {
  const used = new Uint8Array(index.blobs.slots);
  /** Trees below which nothing was amiss: snapshots have most of their trees in common. */
  const walked = new Uint8Array(index.blobs.slots);
  const readTree = createTreeReader(repository, index, cache);
  let files = 0;
  let isWhole = true;

  /** What is wrong with it. */
  async function follow(snapshot: Snapshot): Promise<StoreFault | undefined> {
    const open = [snapshot.tree];
    for (let tree = open.pop(); tree !== undefined; tree = open.pop()) {
      if (tools.signal.aborted) return { code: 'cancelled' };
      const slot = index.blobs.slotOf('tree', Buffer.from(tree, 'hex'));
      if (slot >= 0 && walked[slot] === 1) continue;
      const nodes = await readTree(tree);
      if (!nodes.ok) return nodes.fault;
      used[slot] = 1;
      walked[slot] = 1;
      for (const node of nodes.value) {
        if (node.subtree !== undefined && node.subtree !== null) open.push(node.subtree);
        for (const id of node.content ?? []) {
          const data = index.blobs.slotOf('data', Buffer.from(id, 'hex'));
          if (data < 0) isWhole = false;
          else used[data] = 1;
        }
      }
      files += nodes.value.length;
      tools.progress({ ...NO_PROGRESS, phase: 'planning', filesDone: files });
    }
    return undefined;
  }

  let worst: StoreFault | undefined;
  for (const snapshot of snapshots) {
    const fault = await follow(snapshot);
    if (fault === undefined) continue;
    if (fault.code !== 'damaged' && fault.code !== 'not-found') return failed(fault);
    worst ??= fault;
    // Of the others some may have the same tree, below one that was walked through.
    walked.fill(0);
    const detail = fault.code === 'damaged' ? fault.detail : '';
    tools.problem({ code: 'snapshot-damaged', path: minuteOf(snapshot), detail });
  }
  return worst === undefined ? ok({ slots: used, isWhole }) : failed(worst);
}

/** When it was made, as its own computer's clock said it. */
function minuteOf({ time }: Snapshot): string {
  return time.slice(0, 16).replace('T', ' ');
}

type PacksInUse = {
  readonly known: readonly PackUse[];
  /** Uploaded by a run that was cut off before its index; nobody knows what is in them. Name and size. */
  readonly strangers: ReadonlyMap<string, number>;
};

async function usePacks(
  { repository, index, tools }: PruneContext,
  used: Uint8Array,
  rotten: ReadonlySet<string>,
): Promise<Result<PacksInUse, RepositoryFault>> {
  const listed = await repository.store.list('data', { signal: tools.signal });
  if (!listed.ok) return listed;
  const there = new Map(listed.value.map(({ name, sizeBytes }) => [name, sizeBytes]));
  // By name: after an interruption two index files may list the same pack.
  const usedBytes = new Map<string, number>();
  for (let slot = 0; slot < used.length; slot += 1) {
    if (used[slot] === 0) continue;
    const blob = index.blobs.at(slot);
    const pack = blob && index.packs[blob.pack];
    if (blob === undefined || pack === undefined) continue;
    usedBytes.set(pack.name, (usedBytes.get(pack.name) ?? 0) + blob.length);
  }
  const known = new Map<string, PackUse>();
  for (const { name, type, sizeBytes } of index.packs) {
    const bytes = usedBytes.get(name) ?? 0;
    // What is known to be damaged is not waited for, however much of it there is.
    if (bytes > 0 && there.get(name) !== sizeBytes && !rotten.has(name))
      return failed({ code: 'damaged', detail: `data/${name.slice(0, 8)}` });
    known.set(name, { name, type, sizeBytes: there.get(name) ?? 0, usedBytes: bytes });
  }
  const strangers = new Map([...there].filter(([name]) => !known.has(name)));
  return ok({ known: [...known.values()], strangers });
}
