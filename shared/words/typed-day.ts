/** A last day as people type it, `2027-12-31`, in the window and at the command line, by the clock on the wall. */
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** When that day is over; undefined: there is no such day. */
export function endOfDay(text: string): number | undefined {
  const [, year, month, day] = (DAY.exec(text.trim()) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const isDay = new Date(year, month - 1, day).getDate() === day && month >= 1 && month <= 12;
  const endMs = new Date(year, month - 1, day + 1).getTime();
  return isDay && endMs > 0 ? endMs : undefined;
}

/** The last day before that moment; a moment that another device made up may be none. */
export function typedDay(endMs: number): string {
  const last = new Date(endMs - 1);
  if (Number.isNaN(last.getTime())) return '?';
  const two = (part: number) => `${part}`.padStart(2, '0');
  return `${last.getFullYear()}-${two(last.getMonth() + 1)}-${two(last.getDate())}`;
}
