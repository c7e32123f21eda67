import type { TrashView } from '../../../../shared/contract/backup-views.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import type { Holding } from '../../client/holdings/holdings-book.ts';
import type { Friend } from '../../friends/friend-book.ts';
import { nameOf } from '../../friends/friend-registry.ts';
import type { CoreParts } from '../core-parts.ts';
import { findReadable } from './find-set.ts';

/** What this owner's devices have deleted of a set and friends still keep (design §6, protected sets). */
export async function trashOf(
  parts: CoreParts,
  name: string,
): Promise<Result<readonly TrashView[], Fault>> {
  const { clock, protection } = parts;
  const asked = await atEach(parts, name, async ({ host, holding }) => {
    const sinceMs = clock.nowMs();
    const total = await protection.trash(host, holding.plot);
    if (!total.ok) return total;
    const { objects, bytes, firstGoesInS, lastGoesInS } = total.value;
    const atMs = (inS: number | undefined) => (inS === undefined ? null : sinceMs + inS * 1000);
    return ok({
      owner: host.owner,
      plot: holding.plot,
      friend: nameOf(host),
      objects,
      bytes: `${bytes}`,
      firstGoesMs: atMs(firstGoesInS),
      lastGoesMs: atMs(lastGoesInS),
    });
  });
  return asked;
}

/** By then a prune has stopped. Whoever is at work for longer sends something, and takes nothing away. */
const TURN_MS = 60_000;

/**
 * Brings back what was deleted since then; what lies at a friend's who is away comes back when he is asked again. A prune that went
 * on meanwhile would delete the packs of an index that has just come back: it is stopped first.
 */
export async function untrash(
  parts: CoreParts,
  name: string,
  sinceMs: number,
): Promise<Result<{ readonly objects: number }, Fault>> {
  for (const { id, kind, set, state } of parts.jobs.list())
    if (kind === 'prune' && set === name && state === 'running') parts.jobs.cancel(id);
  const back = () => bringBack(parts, name, sinceMs);
  return (await parts.runner.alone(name, AbortSignal.timeout(TURN_MS), back)) ?? back();
}

async function bringBack(
  parts: CoreParts,
  name: string,
  sinceMs: number,
): Promise<Result<{ readonly objects: number }, Fault>> {
  const sinceS = Math.max(0, Math.ceil((parts.clock.nowMs() - sinceMs) / 1000));
  await wantAgain(parts, name);
  const asked = await atEach(parts, name, async ({ host, holding }) => {
    const restored = await parts.protection.restore(host, holding.plot, sinceS);
    if (restored.ok && holding.leavesMs !== undefined) await keepAgain(parts, holding);
    return restored;
  });
  return asked.ok
    ? ok({ objects: Math.max(0, ...asked.value.map((each) => each.objects)) })
    : asked;
}

/**
 * This device may have written down itself that they are to go, and would see to it again the next time. What copies have is joined;
 * the next prune tidies.
 */
async function wantAgain({ sets, copyBook }: CoreParts, set: string): Promise<void> {
  const mine = await sets.set(set);
  if (mine === undefined) return;
  await copyBook.setApart({ set, hosts: mine.hosts });
  await copyBook.forgetRemovals(set);
}

/** The copy was given back, which is taken back with the rest: from now on he keeps it again. */
async function keepAgain(
  { sets, copyBook }: CoreParts,
  { set, host }: Pick<Holding, 'set' | 'host'>,
): Promise<void> {
  if (set === undefined) return;
  await sets.join({ name: set, host });
  await copyBook.setApart({ set, hosts: [host] });
}

type Place = { readonly host: Friend; readonly holding: Holding };

/** Of several friends each is asked; only when none can answer is it the first one's fault. */
async function atEach<T>(
  parts: CoreParts,
  name: string,
  ask: (place: Place) => Promise<Result<T, Fault>>,
): Promise<Result<readonly T[], Fault>> {
  const set = await findReadable(parts, name);
  if (!set.ok) return set;
  const held = [
    ...(await parts.holdings.holdings()),
    ...(await parts.recovering.recovery.otherHoldings()),
  ].filter((holding) => holding.set === name);
  const found: T[] = [];
  let first: Fault | undefined;
  for (const holding of held) {
    const host = parts.friends.person(holding.host);
    const answered =
      host === undefined || host.departed
        ? failed(fault('unreachable', { friend: holding.host.slice(0, 8), detail: 'no friend' }))
        : await ask({ host, holding });
    if (answered.ok) found.push(answered.value);
    else first ??= answered.fault;
  }
  return found.length === 0 && first !== undefined ? failed(first) : ok(found);
}
