import { failed, ok, type Result } from '../../../../shared/result.ts';
import type { Logger } from '../../ports.ts';
import type { CopySteps, Listing } from './plan.ts';
import type { Lost, OpenedRepository } from './survey.ts';
import { type Copy, listCopy, removeSuperfluous } from './copy.ts';
import { underLock } from '../repository/lock.ts';

/** Other devices, and restic, keep out of copies while something is sent to them or removed from them. */

/** Shared locks in all of these copies; which one could not be had is the fault. */
export async function underLocks<C extends Copy, T>(
  copies: readonly C[],
  repository: OpenedRepository,
  work: () => Promise<T>,
): Promise<Result<T, Lost<C>>> {
  const [copy, ...rest] = copies;
  if (copy === undefined) return ok(await work());
  let inner: Result<T, Lost<C>> | undefined;
  const locked = await underLock({ ...repository, store: copy.store }, async () => {
    inner = await underLocks(rest, repository, work);
    return ok(undefined);
  });
  if (inner !== undefined) return inner;
  return failed({
    copy,
    fault: locked.ok ? { code: 'unreachable', detail: 'no lock' } : locked.fault,
  });
}

/** Alone in each copy; if somebody has added to it meanwhile, nothing is removed this time. Answers where something is left. */
export async function removeAlone<C extends Copy>(
  all: readonly (CopySteps<C> & { readonly listing: Listing })[],
  repository: OpenedRepository,
  {
    signal,
    logger,
    madeUp,
  }: {
    readonly signal: AbortSignal;
    readonly logger: Logger;
    /** Nobody's, who has added it. */
    readonly madeUp: ReadonlySet<string>;
  },
): Promise<ReadonlySet<C>> {
  const stuck = new Set<C>();
  for (const steps of all) {
    const { copy, listing, add } = steps;
    const alone = { ...repository, store: copy.store };
    const removed = await underLock(
      alone,
      async () => {
        const now = await listCopy(copy, signal);
        if (!now.ok) return now;
        const expected = new Set([
          ...listing.index.keys(),
          ...listing.snapshots.keys(),
          ...add.map(({ name }) => name),
          ...madeUp,
        ]);
        const isNew = [...now.value.index.keys(), ...now.value.snapshots.keys()].some(
          (name) => !expected.has(name),
        );
        if (isNew) stuck.add(copy);
        return isNew ? ok(undefined) : removeSuperfluous(steps, signal);
      },
      { exclusive: true },
    );
    // It stays listed as removed, and goes the next time.
    if (removed.ok) continue;
    stuck.add(copy);
    logger.info('what was removed elsewhere is still in a copy', { why: removed.fault.code });
  }
  return stuck;
}
