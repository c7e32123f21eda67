import type { Fault } from '../../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { type Copy, loadSound } from '../copies/copy.ts';
import { KEPT_TYPES, type KeptType, type Listing, type SizedObject } from '../copies/plan.ts';
import { removableTypes } from '../copies/removals.ts';
import { engineFault } from '../engine-fault.ts';
import { diskFault } from './export-folder.ts';
import type { JobControl } from '../jobs.ts';
import type { StoreResult } from '../repository/repository-store.ts';
import { type MasterKey, unseal } from '../repository/sealing.ts';
import type { BackupSet } from '../set-book.ts';
import type { Target } from '../targets.ts';

/** Objects on their way to the disk, each whole in memory. */
const UNDER_WAY = 2;

type Sent = {
  readonly objects: number;
  readonly bytes: number;
  readonly missing: number;
  /** A friend lists them, and this repository's key has not sealed them: they are left out. */
  readonly madeUp: readonly SizedObject[];
};

/** One sealed piece each. */
const SEALED: ReadonlySet<KeptType> = new Set(['index', 'snapshots']);

/** The config last: without it the folder is no repository, and nobody takes half of one for a whole. */
const ORDER: readonly KeptType[] = [...KEPT_TYPES.filter((type) => type !== 'config'), 'config'];

/** Whoever has it has not what it should be; all else is a matter of the line. */
const LOST: ReadonlySet<string> = new Set(['damaged', 'not-found']);

/** What there is to do so that the second has what the first has. */
export function stepsTo(
  wanted: Listing,
  there: Listing,
): {
  readonly add: readonly SizedObject[];
  /** There, with another length: either may be the wrong one. */
  readonly broken: readonly SizedObject[];
  /** What refers to others goes before them. */
  readonly remove: readonly SizedObject[];
} {
  const add = KEPT_TYPES.flatMap((type) =>
    [...wanted[type]].flatMap(([name, sizeBytes]) =>
      there[type].get(name) === sizeBytes ? [] : [{ type, name, sizeBytes }],
    ),
  );
  const broken = add.filter(({ type, name }) => type !== 'config' && there[type].has(name));
  const remove = removableTypes.flatMap((type) =>
    [...there[type]].flatMap(([name, sizeBytes]) =>
      wanted[type].has(name) ? [] : [{ type, name, sizeBytes }],
    ),
  );
  return { add, broken, remove };
}

/** Of these the ones that are wrong on the disk: a friend may have another length because he has lost a part of it. */
export async function brokenOn(
  disk: Copy,
  { there, broken }: { readonly there: Listing; readonly broken: readonly SizedObject[] },
  signal: AbortSignal,
): Promise<ReadonlySet<SizedObject>> {
  const wrong = new Set<SizedObject>();
  for (const object of broken) {
    const { type, name } = object;
    const sizeBytes = type === 'locks' ? 0 : (there[type].get(name) ?? 0);
    if (!(await loadSound(disk, { type, name, sizeBytes }, signal)).ok) wrong.add(object);
  }
  return wrong;
}

/** From the first who has it and gives what its name says. */
async function loadFromAny(
  object: SizedObject,
  from: readonly Copy[],
  signal: AbortSignal,
): Promise<StoreResult<Uint8Array>> {
  let last: StoreResult<Uint8Array> = failed({ code: 'not-found' });
  for (const copy of from) {
    const loaded = await loadSound(copy, object, signal);
    if (loaded.ok) return loaded;
    // That one of them has lost it says less than that another can't be asked now.
    if (last.ok || LOST.has(last.fault.code)) last = loaded;
  }
  return last;
}

/** Sends what is missing, in order; what none of the copies can give is told and left out. */
export async function sendToDisk({
  set,
  key,
  add,
  broken,
  from,
  disk,
  control,
}: {
  readonly set: BackupSet;
  readonly key: MasterKey;
  readonly add: readonly SizedObject[];
  /** Of these what lies there in their place and makes way when the right one has come. */
  readonly broken: ReadonlySet<SizedObject>;
  readonly from: readonly Target[];
  readonly disk: Copy;
  readonly control: JobControl;
}): Promise<Result<Sent, Fault>> {
  const bytesTotal = add.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let objects = 0;
  let bytes = 0;
  let missing = 0;
  const madeUp: SizedObject[] = [];
  let stop: Fault | undefined;

  async function one(object: SizedObject): Promise<void> {
    const loaded = await loadFromAny(object, from, control.signal);
    if (!loaded.ok) {
      if (!LOST.has(loaded.fault.code) || object.type === 'config' || object.type === 'keys') {
        stop ??= engineFault(loaded.fault, from, set);
        return;
      }
      missing += 1;
      const params = { path: `${object.type}/${object.name.slice(0, 8)}` };
      control.problem({ key: 'problem.pack-missing', params });
      return;
    }
    if (SEALED.has(object.type as KeptType) && unseal(key, loaded.value) === undefined) {
      madeUp.push(object);
      return;
    }
    const cleared = broken.has(object)
      ? await disk.store.remove(object, { signal: control.signal })
      : ok(undefined);
    const saved = cleared.ok
      ? await disk.store.save(object, [loaded.value], { signal: control.signal })
      : cleared;
    if (!saved.ok) {
      stop ??= diskFault(saved.fault, disk.name);
      return;
    }
    objects += 1;
    bytes += object.sizeBytes;
    control.progress({
      phase: 'writing',
      filesDone: objects,
      filesTotal: add.length,
      bytesDone: bytes,
      bytesTotal,
    });
  }

  for (const type of ORDER) {
    const rest = add.filter((object) => object.type === type).values();
    const work = async () => {
      for (const object of rest) {
        if (stop !== undefined) return;
        await one(object);
      }
    };
    await Promise.all(Array.from({ length: UNDER_WAY }, work));
    if (stop !== undefined) return failed(stop);
  }
  return ok({ objects, bytes, missing, madeUp });
}
