import type { Async } from '../../../../shared/async.ts';
import type { Clock } from '../../ports.ts';
import type { CopyBook } from './book.ts';
import { packsUnlisted } from './named.ts';
import type { HeldCopy, Seen } from './look.ts';
import type { CatchUpPlan, CopySteps, SizedObject } from './plan.ts';
import type { OpenedRepository } from './survey.ts';
import { loadSound, type SendOptions, sendMissing } from './copy.ts';
import { clearAway } from './repair.ts';
import type { StoreObject } from '../repository/repository-store.ts';

/** Damage that shows when copies are compared, and how it is made sure that it is gone. */
type Means = { readonly signal: AbortSignal; readonly clock: Clock };

/** So many are looked into at once; the rest waits for the next time. */
const UNEVEN_MAX = 20;
/** What one friend lists, true or not, fills nobody's books with what others have lost. */
const LOST_MAX = 1000;

export type Found<C> = {
  readonly count: number;
  /** They have something that is not what it should be: all are compared anew without it. */
  readonly at: ReadonlySet<C>;
};

/** Objects of different lengths, or that a complete copy lacks, are damage; each is looked into. Answers how much there is, and where. */
export async function noteFound<C extends HeldCopy>(
  book: Async<CopyBook>,
  set: string,
  { survey, plan, gone: without, lost, unreal }: Seen<C>,
  { signal, clock }: Means,
): Promise<Found<C>> {
  const at = new Set<C>();
  let count = 0;
  const note = async (copy: C, objects: readonly StoreObject[]) => {
    if (objects.length === 0) return;
    count += objects.length;
    await book.noteDamage({ set, host: copy.host.owner, objects, atMs: clock.nowMs() });
  };
  for (const { copy, listing } of survey.copies) {
    const bad: StoreObject[] = [];
    for (const object of plan.uneven.slice(0, UNEVEN_MAX)) {
      const sizeBytes = object.type === 'locks' ? undefined : listing[object.type].get(object.name);
      if (sizeBytes === undefined) continue;
      const loaded = await loadSound(copy, { ...object, sizeBytes }, signal);
      if (!loaded.ok && loaded.fault.code === 'damaged') bad.push(object);
    }
    if (bad.length > 0) at.add(copy);
    await note(copy, bad);
  }
  const gone = new Set((await book.removals(set)).removals.map(({ name }) => name));
  // What was pruned elsewhere is missed here for as long as an index here may name it: until the copy is as it should be.
  const inLine = plan.steps.filter(({ add, remove }) => add.length + remove.length === 0);
  for (const { copy } of inLine) {
    const host = copy.host.owner;
    const rows = (await book.damage(set)).filter((each) => each.host === host);
    const objects = rows.filter(({ name }) => gone.has(name) && !plan.revived.includes(name));
    await book.forgetDamage({ set, host, objects });
  }
  const { repository } = survey;
  if (repository !== undefined) await forgetOthersKeys(book, set, repository);
  const unlisted =
    repository === undefined
      ? new Map<C, readonly StoreObject[]>()
      : await packsUnlisted(survey.copies, plan, repository.key);
  // Also packs that were removed: what names them is about to go to other copies, so it came back to life without them.
  const packs = [...unlisted.values()].flat().filter(({ type }) => type === 'data');
  await book.takeBackRemovals({ set, names: packs.map(({ name }) => name) });
  const noteNew = async (copy: C, objects: readonly StoreObject[]): Promise<boolean> => {
    const rows = (await book.damage(set)).filter(({ host }) => host === copy.host.owner);
    const known = new Set(rows.map(keyOf));
    const fresh = objects.filter((object) => !known.has(keyOf(object)));
    await note(copy, fresh);
    return fresh.length > 0;
  };
  for (const [copy, objects] of without) {
    const lacking: StoreObject[] = [];
    for (const object of objects.slice(0, LOST_MAX)) {
      // What is concealed from lists and given when asked is not lost.
      const found = await copy.store.stat(object, { signal });
      if (!found.ok && found.fault.code === 'not-found') lacking.push(object);
    }
    await noteNew(copy, lacking);
  }
  // Whether a copy has lost what another one lists, or that one is wrong, shows only when it is sent. Beyond these it is sent all the same.
  for (const [copy, objects] of lost) {
    const rows = (await book.damage(set)).filter(({ host }) => host === copy.host.owner);
    await noteNew(copy, objects.slice(0, Math.max(0, LOST_MAX - rows.length)));
  }
  for (const [copy, objects] of [...unlisted, ...unreal])
    if (await noteNew(copy, objects)) at.add(copy);
  const config: StoreObject = { type: 'config', name: '' };
  for (const { copy, what } of survey.odd) {
    if (what !== 'config') continue;
    await noteNew(copy, [config]);
    // Without any config nobody could open what is left: it stays where no other one is to be had.
    if (!survey.copies.some(({ hasConfig }) => hasConfig)) continue;
    at.add(copy);
    // Its name says nothing about its bytes, so whoever keeps it can only tell that he has lost it. It is sent anew.
    await clearAway(copy, config, signal);
  }
  return { count, at };
}

function keyOf({ type, name }: StoreObject): string {
  return `${type}/${name}`;
}

/** A key file that is not ours is nobody's loss, and goes to no other copy: a friend can make up any number of damaged ones. */
async function forgetOthersKeys(
  book: Async<CopyBook>,
  set: string,
  { keyFile }: OpenedRepository,
): Promise<void> {
  if (keyFile === undefined) return;
  for (const { host, type, name } of await book.damage(set))
    if (type === 'keys' && name !== keyFile)
      await book.forgetDamage({ set, host, objects: [{ type, name }] });
}

/** What was damaged and has just been sent again is read once more; only then it is repaired. */
export async function confirmRepaired<C extends HeldCopy>(
  book: Async<CopyBook>,
  set: string,
  steps: CopySteps<C>,
  sending: SendOptions<C> & Pick<Means, 'clock'>,
): Promise<{ readonly bad: boolean; readonly repaired: number }> {
  const { copy, add } = steps;
  const { clock } = sending;
  const host = copy.host.owner;
  const rows = (await book.damage(set)).filter((each) => each.host === host);
  const repaired: StoreObject[] = [];
  let bad = false;
  for (const { type, name } of rows) {
    const sent = add.find((each) => each.type === type && each.name === name);
    if (sent === undefined) continue;
    if (await isSound(copy, sent, sending)) repaired.push({ type, name });
    else bad = true;
  }
  await book.noteRepaired({ set, host, objects: repaired, atMs: clock.nowMs() });
  return { bad, repaired: repaired.length };
}

/** What is there is never overwritten: where its keeper did not drop it, it is removed and sent once more. */
async function isSound<C extends HeldCopy>(
  copy: C,
  object: SizedObject,
  sending: SendOptions<C>,
): Promise<boolean> {
  if ((await loadSound(copy, object, sending.signal, sending.key)).ok) return true;
  if (sending.holders(object).length === 0) return false;
  await copy.store.remove(object, { signal: sending.signal });
  const again = { copy, add: [object], addBytes: object.sizeBytes, remove: [] };
  const sent = await sendMissing(again, sending);
  return sent.ok && (await loadSound(copy, object, sending.signal, sending.key)).ok;
}

/** Known to be damaged, and not to be had from any of these copies. */
export async function hopelessOf<C>(
  book: Async<CopyBook>,
  set: string,
  { want }: CatchUpPlan<C>,
): Promise<readonly StoreObject[]> {
  const hopeless = new Map<string, StoreObject>();
  // What was removed since was needed by nobody, and is none of the copies' any more.
  const gone = new Set((await book.removals(set)).removals.map(({ name }) => name));
  for (const { type, name } of await book.damage(set))
    if (type !== 'locks' && !want[type].has(name) && !gone.has(name))
      hopeless.set(`${type}/${name}`, { type, name });
  return [...hopeless.values()];
}

/**
 * Copies that were completed as far as that goes lack what nobody within reach has sound. It is written down of each of them:
 * once the one that had it damaged is repaired, nobody else would know that the others never got it.
 */
export async function noteLacking<C extends HeldCopy>(
  book: Async<CopyBook>,
  set: string,
  copies: readonly C[],
  { hopeless, atMs }: { readonly hopeless: readonly StoreObject[]; readonly atMs: number },
): Promise<void> {
  if (hopeless.length === 0) return;
  for (const { host } of copies)
    await book.noteDamage({ set, host: host.owner, objects: hopeless, atMs });
}
