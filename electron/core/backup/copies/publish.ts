import { paperOf, sealManifest } from './manifest.ts';
import type { HeldCopy, LevelOptions } from './look.ts';
import type { OpenedRepository } from './survey.ts';
import type { StoreResult } from '../repository/repository-store.ts';

/** Leaves a manifest beside each of these copies, which are at the newest sequence. */
export type Publish = <C extends HeldCopy>(
  set: string,
  copies: readonly C[],
  what: OpenedRepository & {
    readonly objects: number;
    readonly bytes: number;
    readonly signal: AbortSignal;
  },
) => Promise<void>;

export function createPublish({
  book,
  writer,
  clock,
  logger,
}: Pick<LevelOptions, 'book' | 'writer' | 'clock' | 'logger'>): Publish {
  return async function publish<C extends HeldCopy>(
    set: string,
    copies: readonly C[],
    { key, id, objects, bytes, signal }: Parameters<Publish>[2],
  ): Promise<void> {
    const { removals, trimmed } = await book.removals(set);
    const snapshots = (await book.snapshots(set)).map(({ name }) => name);
    const rows = await book.copiesOf(set);
    for (const copy of copies) {
      const host = copy.host.owner;
      const row = rows.find((each) => each.host === host);
      if (row === undefined || row.sequence === 0) continue;
      const manifest = {
        repository: id,
        writer,
        sequence: row.sequence,
        atMs: clock.nowMs(),
        completeMs: row.completeMs,
        objects,
        bytes,
        trimmed,
        removals,
        snapshots,
      };
      const paper = paperOf(manifest);
      if (paper === row.paper) continue;
      const written: StoreResult<void> = await copy.papers.write(
        'manifest',
        sealManifest(key, manifest),
        {
          signal,
        },
      );
      if (written.ok) await book.notePaper({ set, host, paper });
      // The books know; a machine to come would only have more to compare.
      else logger.info('a manifest could not be left', { why: written.fault.code });
    }
  };
}
