/** Times of day as they are typed on a command line: "22:00", and a stretch of the day, "22:00-07:00". */

/** Minutes since midnight; `undefined`: that is no time of day. */
export function readTimeOfDay(text: string): number | undefined {
  const [, hours, minutes] = /^([01]?[0-9]|2[0-3]):([0-5][0-9])$/.exec(text) ?? [];
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes);
}

export function sayTimeOfDay(minutes: number): string {
  const two = (part: number) => `${part}`.padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

export function readHours(
  text: string,
): { readonly fromMin: number; readonly untilMin: number } | undefined {
  const [from = '', until = '', ...more] = text.split('-');
  const [fromMin, untilMin] = [readTimeOfDay(from), readTimeOfDay(until)];
  if (fromMin === undefined || untilMin === undefined || more.length > 0) return undefined;
  return { fromMin, untilMin };
}
