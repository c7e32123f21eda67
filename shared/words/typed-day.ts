/** A day as people type it, `2027-12-31` or `31.12.2027`, in the window and at the command line, by the clock on the wall. */
const DAY = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
/** With points it can be read in one way only; with strokes the day and the month could be one another. */
const WITH_POINTS = /^(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})$/;

/** When that day begins; undefined: there is no such day. */
export function beginOfDay(text: string): number | undefined {
  return midnightOf(text, 0);
}

/** When that day is over; undefined: there is no such day. */
export function endOfDay(text: string): number | undefined {
  return midnightOf(text, 1);
}

function midnightOf(text: string, later: 0 | 1): number | undefined {
  const tidy = text.trim();
  const pointed = WITH_POINTS.exec(tidy)?.slice(1).reverse();
  const [year, month, day] = (pointed ?? DAY.exec(tidy)?.slice(1) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const isDay = new Date(year, month - 1, day).getDate() === day && month >= 1 && month <= 12;
  const atMs = new Date(year, month - 1, day + later).getTime();
  return isDay && atMs > 0 ? atMs : undefined;
}

/** The last day before that moment; a moment that another device made up may be none. */
export function typedDay(endMs: number): string {
  const last = new Date(endMs - 1);
  if (Number.isNaN(last.getTime())) return '?';
  const two = (part: number) => `${part}`.padStart(2, '0');
  return `${last.getFullYear()}-${two(last.getMonth() + 1)}-${two(last.getDate())}`;
}
