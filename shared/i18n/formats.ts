import { DAY_S, formatBytes, HOUR_S, MINUTE_S, type SizeUnits } from '../units.ts';

/** What `{{value, format}}` in a message can be; values come as text or numbers. */
export type Formats = Readonly<
  Record<string, (value: unknown, locale: string | undefined) => string>
>;

export function createFormats(units: SizeUnits): Formats {
  return {
    bytes: (value, locale) => {
      const text = String(value);
      return /^-?[0-9]+$/.test(text) ? formatBytes(BigInt(text), units, locale) : text;
    },
    duration: (value, locale) => formatDuration(Number(value), locale),
    date: (value, locale) => when(value, locale, { dateStyle: 'medium' }),
    time: (value, locale) => when(value, locale, { dateStyle: 'medium', timeStyle: 'short' }),
    /** Of today or tonight: the date would only be noise. */
    clock: (value, locale) => when(value, locale, { timeStyle: 'short' }),
  };
}

function when(
  value: unknown,
  locale: string | undefined,
  style: Intl.DateTimeFormatOptions,
): string {
  const ms = Number(value);
  return Number.isFinite(ms) ? new Intl.DateTimeFormat(locale, style).format(ms) : String(value);
}

const STEPS = [
  [DAY_S, 'day'],
  [HOUR_S, 'hour'],
  [MINUTE_S, 'minute'],
  [1, 'second'],
] as const;

/** In the largest unit of which there are two: "30 days", "47 hours". */
export function formatDuration(seconds: number, locale: string | undefined): string {
  const size = Math.abs(seconds);
  const [step, unit] = STEPS.find(([each]) => size >= 2 * each) ?? STEPS[3];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.floor(size / step) * Math.sign(seconds || 1),
  );
}
