import type { Async } from '../../../../shared/async.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import type { CopyBook } from './book.ts';
import type { Listing } from './plan.ts';
import { type Copy, loadSound } from './copy.ts';
import { type DamageReport, REPORT_OBJECTS_MAX } from './damage-report.ts';
import type { MasterKey } from '../repository/sealing.ts';
import type { StoreFault, StoreObject } from '../repository/repository-store.ts';

const READ_ATTEMPTS = 3;

type Reported = {
  readonly copy: {
    readonly host: { readonly owner: OwnerId };
    readonly report: DamageReport | undefined;
  };
  readonly listing: Listing;
};

/**
 * Tells those who keep copies what was found damaged there and can be had from another copy. They drop it, and then it is
 * missing like anything else that a copy lacks. What nobody else has stays: most of a damaged pack can be read.
 */
export async function reportDamage(
  book: Async<CopyBook>,
  set: string,
  copies: readonly Reported[],
  signal: AbortSignal,
): Promise<void> {
  const damage = await book.damage(set);
  for (const { copy } of copies) {
    const host = copy.host.owner;
    const told = damage.flatMap(({ host: at, type, name }) => {
      // A config has no name to be compared with; it is replaced from here.
      const isTold = at === host && type !== 'config' && type !== 'locks';
      const isElsewhere = isTold && copies.some(({ listing }) => listing[type].has(name));
      return isElsewhere ? [{ type, name }] : [];
    });
    for (let from = 0; from < told.length; from += REPORT_OBJECTS_MAX) {
      const answer = await copy.report?.(told.slice(from, from + REPORT_OBJECTS_MAX), { signal });
      if (answer?.ok !== true) break;
      const { drive } = answer.value;
      if (drive !== undefined) await book.noteDrive({ set, host, drive });
    }
  }
}

/**
 * What is there under a name is never written over. Whoever keeps it lets go of what his disk has lost or spoiled, also where what
 * is deleted would be kept; what he can't judge is removed.
 */
export async function clearAway(
  { store, report }: Copy & Pick<Reported['copy'], 'report'>,
  object: StoreObject,
  signal: AbortSignal,
): Promise<void> {
  const isThere = async () => (await store.stat(object, { signal })).ok;
  if (!(await isThere())) return;
  await report?.([object], { signal });
  if (await isThere()) await store.remove(object, { signal });
}

type Readable = Copy & { readonly host: { readonly owner: OwnerId } };

/**
 * A line may have brought wrong bytes of what is fine: before anything is taken for lost, each copy is asked for it once more.
 * Answers what none of them has.
 */
export async function readAgain(
  book: Async<CopyBook>,
  set: string,
  objects: readonly StoreObject[],
  copies: readonly Readable[],
  { signal, key }: { readonly signal: AbortSignal; readonly key: MasterKey },
): Promise<readonly StoreObject[]> {
  const lost: StoreObject[] = [];
  for (const object of objects) {
    let isLost = true;
    for (const copy of copies) {
      const code = await readOften(copy, object, signal, key);
      // Whoever can't be asked may have it.
      if (code !== 'damaged' && code !== 'not-found') isLost = false;
      const host = copy.host.owner;
      if (code === 'sound') await book.forgetDamage({ set, host, objects: [object] });
    }
    if (isLost) lost.push(object);
  }
  return lost;
}

/** What is damaged stays so; what a line spoils comes right sooner or later. */
async function readOften(
  copy: Copy,
  object: StoreObject,
  signal: AbortSignal,
  key: MasterKey,
): Promise<StoreFault['code'] | 'sound'> {
  let code: StoreFault['code'] = 'damaged';
  for (let attempt = 0; attempt < READ_ATTEMPTS; attempt += 1) {
    const found = await copy.store.stat(object, { signal });
    const loaded = found.ok
      ? await loadSound(copy, { ...object, ...found.value }, signal, key)
      : found;
    if (loaded.ok) return 'sound';
    code = loaded.fault.code;
    if (code !== 'damaged') return code;
  }
  return code;
}
