/**
 * What a restore does with a file that is there already and is not the one that comes back:
 * - `keep-both`: the one that is there stays, the restored one gets a name with its date;
 * - `replace`: the restored one takes its place;
 * - `newer`: whichever was changed last stays;
 * - `skip`: the one that is there stays.
 * A file that is there and is the same is left alone, whatever is chosen.
 */
export const RESTORE_CONFLICTS = ['keep-both', 'replace', 'newer', 'skip'] as const;
export type RestoreConflict = (typeof RESTORE_CONFLICTS)[number];
