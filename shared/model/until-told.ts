/**
 * Until when a set waits that came from another computer: until somebody says that it goes on here. The end of the year
 * 9999, so that whatever reads times can read this one.
 */
export const UNTIL_TOLD_MS = 253_402_300_799_000;

export function isUntilTold(pausedUntilMs: number | null | undefined): boolean {
  return pausedUntilMs === UNTIL_TOLD_MS;
}
