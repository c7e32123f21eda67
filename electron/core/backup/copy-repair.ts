import type { Async } from '../../../shared/async.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import type { CopyBook } from './copy-book.ts';
import type { Listing } from './copy-plan.ts';
import { type DamageReport, REPORT_OBJECTS_MAX } from './damage-report.ts';

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
