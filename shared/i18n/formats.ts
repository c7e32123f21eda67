import { formatPetAmount, petAmount } from '../model/pet-currency.ts';
import { DAY_MS, DAY_S, formatBytes, HOUR_S, MINUTE_S, type SizeUnits } from '../units.ts';

/** What `{{value, format}}` in a message can be; values come as text or numbers. */
export type Formats = Readonly<
  Record<string, (value: unknown, locale: string | undefined) => string>
>;

/** `region`: dates and figures as they are written there ("en-GB"), where the words' language alone doesn't say. */
export function createFormats(units: SizeUnits, region?: string): Formats {
  const formats = formatsIn(units);
  if (region === undefined) return formats;
  return Object.fromEntries(
    Object.entries(formats).map(([name, format]) => [name, (value) => format(value, region)]),
  );
}

function formatsIn(units: SizeUnits): Formats {
  return {
    bytes: (value, locale) => {
      const text = String(value);
      return /^-?[0-9]{1,20}$/.test(text) ? formatBytes(BigInt(text), units, locale) : NO_FIGURE;
    },
    /** So many units of notes in GB-months, the number alone. */
    months: (value, locale) => {
      const text = String(value);
      const isFigure = /^[0-9]{1,19}$/.test(text);
      return isFigure ? formatPetAmount(petAmount(BigInt(text), GB_MONTHS), locale) : NO_FIGURE;
    },
    duration: (value, locale) => formatDuration(figureOf(value), locale),
    date: (value, locale) => when(figureOf(value), locale, { dateStyle: 'medium' }),
    time: (value, locale) =>
      when(figureOf(value), locale, { dateStyle: 'medium', timeStyle: 'short' }),
    /** Of today or tonight: the date would only be noise. */
    clock: (value, locale) => when(figureOf(value), locale, { timeStyle: 'short' }),
    since: (value, locale) => formatSince(figureOf(value), Date.now(), locale),
    day: (value, locale) => formatDay(figureOf(value), Date.now(), locale),
    soon: (value, locale) => formatSoon(figureOf(value), Date.now(), locale),
  };
}

const GB_MONTHS = { name: null, perGbMonth: 1 } as const;

/** For what is none: whatever else another device sent in its place must not get between our words. */
export const NO_FIGURE = '?';

function figureOf(value: unknown): number {
  const isFigure =
    typeof value === 'number' || /^-?[0-9]{1,16}(\.[0-9]{1,16})?$/.test(String(value));
  return isFigure ? Number(value) : Number.NaN;
}

/** The last moment a date can name. */
const LAST_MS = 8.64e15;

export function isMoment(ms: number): boolean {
  return Math.abs(ms) <= LAST_MS;
}

function when(ms: number, locale: string | undefined, style: Intl.DateTimeFormatOptions): string {
  return isMoment(ms) ? new Intl.DateTimeFormat(locale, style).format(ms) : NO_FIGURE;
}

/** A moment not long ago as people tell it: "4 hours ago", "on Sunday", "on 3 Dec". */
export function formatSince(ms: number, nowMs: number, locale: string | undefined): string {
  const agoS = Math.round((nowMs - ms) / 1000);
  if (!isMoment(ms)) return NO_FIGURE;
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  if (agoS < 90) return relative.format(0, 'minute');
  if (agoS < 90 * MINUTE_S) return relative.format(-Math.round(agoS / MINUTE_S), 'minute');
  // "Yesterday" is a day of the calendar, and not so many hours ago.
  const days = calendarDays(ms, nowMs);
  if (agoS < 22 * HOUR_S || days < 1) return relative.format(-Math.round(agoS / HOUR_S), 'hour');
  if (days < 6) return relative.format(-days, 'day');
  return when(ms, locale, { dateStyle: 'medium' });
}

/** From midnight to midnight by the clock on the wall, whatever summer time does to the length of a day. */
export function calendarDays(fromMs: number, toMs: number): number {
  const midnight = (ms: number) => {
    const date = new Date(ms);
    return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  };
  return Math.round((midnight(toMs) - midnight(fromMs)) / DAY_MS);
}

/** A day not long ago by its name, any other by its date: "Sunday", "3 Dec 2026". */
export function formatDay(ms: number, nowMs: number, locale: string | undefined): string {
  const isNear = Math.abs(nowMs - ms) < 6 * DAY_MS;
  return when(ms, locale, isNear ? { weekday: 'long' } : { dateStyle: 'medium' });
}

/** A moment within the next day by its clock time, any other with its date. */
function formatSoon(ms: number, nowMs: number, locale: string | undefined): string {
  const isNear = ms - nowMs < 20 * HOUR_S * 1000;
  return when(
    ms,
    locale,
    isNear ? { timeStyle: 'short' } : { weekday: 'long', hour: 'numeric', minute: 'numeric' },
  );
}

const STEPS = [
  [DAY_S, 'day'],
  [HOUR_S, 'hour'],
  [MINUTE_S, 'minute'],
  [1, 'second'],
] as const;

/** In the largest unit of which there are two: "30 days", "47 hours". */
export function formatDuration(seconds: number, locale: string | undefined): string {
  if (!Number.isFinite(seconds)) return NO_FIGURE;
  const size = Math.abs(seconds);
  const [step, unit] = STEPS.find(([each]) => size >= 2 * each) ?? STEPS[3];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.floor(size / step) * Math.sign(seconds || 1),
  );
}
