/** What the clock on this computer's wall shows beyond UTC, in minutes, as it was or will be at a moment. */
export function offsetMinAt(ms: number): number {
  return -new Date(ms).getTimezoneOffset();
}
