import type { CopyView } from '../../../../shared/contract/backup-views.ts';
import type { KnownCopy } from '../../backup/copies/book.ts';
import type { BackupSet } from '../../backup/set-book.ts';
import type { Holding } from '../../client/holdings/holdings-book.ts';
import type { CoreParts } from '../core-parts.ts';
import { hasLeft, ownerName } from '../people.ts';

/** Where a set stands with each of its friends, out of what is known of the copies and of the plots they lie in. */
export function copyViews(
  parts: Pick<CoreParts, 'friends' | 'clock'>,
  set: Pick<BackupSet, 'name' | 'hosts' | 'sequence' | 'repository'>,
  known: { readonly copies: readonly KnownCopy[]; readonly holdings: readonly Holding[] },
): readonly CopyView[] {
  return set.hosts.map((host) => {
    const copy = known.copies.find((each) => each.set === set.name && each.host === host);
    const holding = known.holdings.find((each) => each.set === set.name && each.host === host);
    const isGone = copy?.goneMs !== undefined || hasLeft(parts, host);
    return {
      owner: host,
      friend: ownerName(parts, host),
      state: isGone ? 'gone' : stateOf(copy, set),
      plot: holding?.plot ?? null,
      class: holding?.class ?? null,
      completeMs: copy?.completeMs ?? null,
      writtenBytes: `${holding?.writtenBytes ?? 0n}`,
      trashBytes: `${holding?.protection?.trashBytes ?? 0n}`,
      verifiedMs: copy?.verifiedMs ?? null,
      verifiedShare: copy?.pass?.share ?? 0,
      damagedObjects: copy?.damagedObjects ?? 0,
      seenMs: copy?.seenMs ?? null,
      fault: copy?.lastFault ?? null,
    };
  });
}

function stateOf(
  copy: KnownCopy | undefined,
  { sequence, repository }: Pick<BackupSet, 'sequence' | 'repository'>,
): CopyView['state'] {
  // A set that has a repository, and whose copies nobody here has seen, came from another computer.
  if (copy === undefined) return repository === undefined ? 'empty' : 'unknown';
  if (copy.completeMs === undefined) return 'empty';
  if (copy.damagedObjects > 0) return 'damaged';
  return copy.sequence === sequence && !copy.isApart ? 'complete' : 'behind';
}
