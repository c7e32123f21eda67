import { parseDurationS, DAY_S, HOUR_S, MINUTE_S } from '../../shared/units.ts';

/** Times as people type them. Pure. */

/** "30", "30d", "12 h", "2w"; a figure alone means days. `undefined`: no time can be read out of it. */
export function readDays(text: string): number | undefined {
  const tidy = text.trim();
  return parseDurationS(/^[0-9]+$/.test(tidy) ? `${tidy}d` : tidy);
}

/** The same as a person would type it: exact, so that saving it unchanged changes nothing. */
export function asTypedDays(seconds: number): string {
  if (seconds % DAY_S === 0) return `${seconds / DAY_S}`;
  if (seconds % HOUR_S === 0) return `${seconds / HOUR_S}h`;
  return seconds % MINUTE_S === 0 ? `${seconds / MINUTE_S}m` : `${seconds}s`;
}

/** "22:00", "7.30", "22 Uhr", "10 pm": minutes since midnight. `undefined`: that is no time of day. */
export function readTimeOfDay(text: string): number | undefined {
  const match = /^([0-9]{1,2})(?:[:.]([0-9]{2}))? ?(am|pm|uhr)?$/i.exec(text.trim());
  if (match === null) return undefined;
  const [hour, minute] = [Number(match[1]), Number(match[2] ?? 0)];
  const half = match[3]?.toLowerCase();
  if (minute > 59) return undefined;
  if (half === 'am' || half === 'pm') {
    if (hour < 1 || hour > 12) return undefined;
    return ((hour % 12) + (half === 'pm' ? 12 : 0)) * 60 + minute;
  }
  // Midnight has two names.
  if (hour === 24 && minute === 0) return 0;
  return hour < 24 ? hour * 60 + minute : undefined;
}

export function asTypedTimeOfDay(minutes: number): string {
  const two = (count: number) => `${count}`.padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
