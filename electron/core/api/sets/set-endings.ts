import type { ArgsOf } from '../../../../shared/contract/contract.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { whoIsMeant } from '../../../../shared/who-is-meant.ts';
import type { Holding } from '../../client/holdings/holdings-book.ts';
import type { CoreParts } from '../core-parts.ts';
import { findPerson } from '../friends/find-person.ts';
import { findSet } from './find-set.ts';

/** How a set ends, and how a friend who is gone for good is replaced. */
export async function dropSet(
  parts: CoreParts,
  { name, release, confirm }: ArgsOf<'sets.drop'>,
): Promise<Result<{ readonly dropped: true }, Fault>> {
  const found = await findSet(parts, name);
  if (!found.ok) return found;
  if (release && confirm !== name) return failed(fault('wrong-name', { name }));
  await stopAndWait(parts, name);
  if (release) {
    const released = await releaseAll(parts, name);
    if (!released.ok) return released;
  }
  for (const { ticket, set } of await parts.wishes.wishes())
    if (set === name) await parts.wishes.withdraw(ticket);
  await parts.sets.drop(name);
  return ok({ dropped: true });
}

/** What writes there has ended before the room is given back. */
async function stopAndWait({ runs, jobs }: CoreParts, name: string): Promise<void> {
  const running = jobs.list().filter((job) => job.set === name && job.state === 'running');
  runs.stop(name);
  for (const { id } of running) {
    jobs.cancel(id);
    await jobs.ended(id);
  }
}

/**
 * Each copy is let go of where that can be said; one that can't be reached keeps the set, so that the person can try again.
 * A protected one stays for its days and goes then.
 */
async function releaseAll(parts: CoreParts, name: string): Promise<Result<undefined, Fault>> {
  let first: Fault | undefined;
  for (const holding of await parts.holdings.holdings())
    if (holding.set === name) {
      const released = await release(parts, holding);
      if (!released.ok) first ??= released.fault;
    }
  return first === undefined ? ok(undefined) : failed(first);
}

async function release(
  { friends, peers, holdings }: CoreParts,
  { host, plot, leavesMs, protection }: Holding,
): Promise<Result<undefined, Fault>> {
  const friend = friends.person(host);
  if (friend === undefined || friend.departed) {
    await holdings.drop(plot);
    return ok(undefined);
  }
  // Said before, and it waits for the days of its protection.
  if (leavesMs !== undefined && protection !== undefined) return ok(undefined);
  const released = await peers.release(friend, plot);
  if (!released.ok && !isNotThere(released.fault)) return released;
  // What is protected is still there, and can be taken back; the next look says until when.
  if (protection === undefined || protection.days === 0) await holdings.drop(plot);
  return ok(undefined);
}

/** The friend has no such plot (any more), so there is nothing to let go of. */
export function isNotThere({ params }: Fault): boolean {
  return params['denial'] === 'plot-unknown';
}

/**
 * A copy that its owner gives back is kept there no more: whatever looks after copies would ask for the same room again at once. To be
 * done before the friend is told, and taken back where he can't be.
 */
export async function leaveHost(
  { sets, copyBook }: CoreParts,
  { set: name, host }: Pick<Holding, 'set' | 'host'>,
): Promise<{ readonly takeBack: () => Promise<void>; readonly forget: () => Promise<void> }> {
  const at = name === undefined ? undefined : await sets.leave({ name, host });
  if (name === undefined || at === undefined)
    return { takeBack: async () => undefined, forget: async () => undefined };
  return {
    takeBack: () => sets.join({ name, host, at }),
    forget: async () => {
      const set = await sets.set(name);
      if (set !== undefined) await copyBook.retain({ set: name, hosts: set.hosts });
    },
  };
}

/** What is at the old friend's stays there until somebody lets go of it; the new one is filled from the other copies. */
export async function replaceHost(
  parts: CoreParts,
  { name, from, to }: ArgsOf<'sets.replace'>,
): Promise<Result<undefined, Fault>> {
  const found = await findSet(parts, name);
  if (!found.ok) return found;
  const { hosts } = found.value;
  const old = findPerson(parts.friends, from);
  const gone = old.ok ? old.value.owner : hostMeant(hosts, from, old.fault);
  if (gone === undefined || !hosts.includes(gone))
    return old.ok ? failed(fault('no-copy-there', { friend: from, set: name })) : old;
  const next = to === null ? undefined : findPerson(parts.friends, to);
  if (next?.ok === false) return next;
  const after = hosts.flatMap((host) =>
    host !== gone ? [host] : next === undefined ? [] : [next.value.owner],
  );
  const unique = [...new Set(after)];
  await parts.sets.edit({ name, hosts: unique });
  await parts.copyBook.retain({ set: name, hosts: unique });
  return ok(undefined);
}

/** Whoever is no friend any more has no name here, only his id; among friends who could be meant, none is chosen. */
function hostMeant(hosts: readonly OwnerId[], text: string, { code }: Fault): OwnerId | undefined {
  if (code !== 'friend-unknown') return undefined;
  const owners = hosts.map((owner) => ({ owner, name: owner }));
  const [first, second] = whoIsMeant(owners, text);
  return second === undefined ? first?.owner : undefined;
}
