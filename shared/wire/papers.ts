import { z } from 'zod';
import { bytes } from '../model/ids.ts';
import { PAPER_VERSIONS_MAX } from '../model/plot.ts';

/**
 * What the papers of a protected plot were before (PROTOCOL, "Beside a repository"): whoever has a guest's key can replace a
 * paper, and can't take away what it was. Times are so many seconds ago by the host's clock, as far as he knows.
 */
export const paperVersionNumber = z.int().min(1).max(Number.MAX_SAFE_INTEGER);
const agoS = z.int().min(0);

export const paperVersions = z.object({
  /** The one that is there now; absent: none is. */
  present: z.object({ bytes, fromAgoS: agoS.optional() }).optional(),
  /** The oldest first. */
  versions: z
    .array(
      z.object({
        version: paperVersionNumber,
        bytes,
        /** When it was left there, and when another took its place. */
        fromAgoS: agoS.optional(),
        untilAgoS: agoS,
        /** In seconds of the host's service time. */
        goesInS: z.int(),
      }),
    )
    .max(PAPER_VERSIONS_MAX),
});
export type PaperVersionList = z.infer<typeof paperVersions>;
