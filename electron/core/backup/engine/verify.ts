import { hash } from 'node:crypto';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import type { Repository, RepositoryFault, RepositoryIndex } from '../repository/repository.ts';
import type { ListedObject } from '../repository/repository-store.ts';
import { checkListed, readPacks } from './check.ts';
import type { EngineJob, EngineSummary, EngineTools } from './jobs.ts';
import { checkObjects, SMALL_TYPES } from './sound-objects.ts';

type Context = {
  readonly repository: Repository;
  readonly index: RepositoryIndex;
  readonly job: Extract<EngineJob, { kind: 'verify' }>;
  readonly tools: EngineTools;
  readonly threads: number;
};

type Placed<T> = T & { readonly share: number };

/**
 * A look at some objects of a copy, read whole: packs in the order of this pass, small objects whose place lies among them.
 * That every pack is listed with its length is looked at each time. With a new seed for each pass nobody can know
 * beforehand which objects may be lost unnoticed.
 */
export async function runVerify(context: Context): Promise<Result<EngineSummary, RepositoryFault>> {
  const { repository, job, tools } = context;
  let problems = 0;
  const problem: EngineTools['problem'] = (found) => {
    problems += 1;
    tools.problem(found);
  };
  const noticing = { ...context, tools: { ...tools, problem } };
  const listed = await checkListed(noticing);
  if (!listed.ok) return listed;
  const there = placed(
    context.index.packs.filter(({ name }) => listed.value.has(name)),
    job.seed,
  ).filter(({ share }) => share >= job.fromShare);
  const chosen = untilFull(there, job.bytesMax);
  // The next look begins after the last pack of this one; beyond them all the pass is over.
  const untilShare = there.at(chosen.length)?.share ?? 1;
  const read = await readPacks({ ...noticing, packs: chosen });
  if (!read.ok) return read;
  let bytes = read.value;
  for (const type of SMALL_TYPES) {
    const objects = await repository.store.list(type, { signal: tools.signal });
    if (!objects.ok) return objects;
    const now = placed<ListedObject>(objects.value, job.seed).filter(
      ({ share }) => share >= job.fromShare && (share < untilShare || untilShare === 1),
    );
    const checked = await checkObjects(repository, type, now, noticing.tools);
    if (!checked.ok) return checked;
    bytes += checked.value.bytes;
  }
  if (tools.signal.aborted) return failed({ code: 'cancelled' });
  return ok({
    packs: chosen.length,
    bytesRead: `${bytes}`,
    problems,
    reachedShare: untilShare,
  });
}

/** In the order of the pass. */
function placed<T extends { readonly name: string }>(
  objects: readonly T[],
  seed: string,
): readonly Placed<T>[] {
  return [...new Map(objects.map((object) => [object.name, object])).values()]
    .map((object) => ({ ...object, share: shareOf(seed, object.name) }))
    .sort((one, other) => one.share - other.share);
}

function shareOf(seed: string, name: string): number {
  return hash('sha256', seed + name, 'buffer').readUIntBE(0, 6) / 2 ** 48;
}

/** At least one, however large it is. */
function untilFull<T extends { readonly sizeBytes: number }>(
  packs: readonly T[],
  bytesMax: number,
): readonly T[] {
  let bytes = 0;
  const end = packs.findIndex(({ sizeBytes }, at) => {
    bytes += sizeBytes;
    return at > 0 && bytes > bytesMax;
  });
  return end < 0 ? packs : packs.slice(0, end);
}
