/** Refusals that mean the same to a backup: there is no more room for it at that friend's. */
const NO_ROOM: ReadonlySet<string | undefined> = new Set([
  'no-space',
  'over-share',
  'quota',
  'size-too-big',
  'account-over-plan',
  'not-reciprocal',
  'voucher-used-up',
  'notes-short',
  'plot-full',
  'disk-full',
]);

export function isNoRoom(denial: string | undefined): boolean {
  return NO_ROOM.has(denial);
}
