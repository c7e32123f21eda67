/**
 * Byte counts are `bigint` everywhere inside the program, so that none can lose precision and none
 * can be mistaken for a time; times are `number`s whose unit is part of their name (`…S`, `…Ms`).
 * On the wire byte counts are canonical decimal strings (design §3.1).
 */
export const BYTES_MAX = 2n ** 63n - 1n;

const KB = 1000n;
export const MB = 1_000_000n;
export const GB = 1_000_000_000n;
export const KIB = 1024n;
export const MIB = 1024n * 1024n;
export const GIB = 1024n * 1024n * 1024n;

export const MINUTE_S = 60;
export const HOUR_S = 3600;
export const DAY_S = 86_400;
export const HOUR_MS = HOUR_S * 1000;
export const DAY_MS = DAY_S * 1000;

/** `Math.min` for byte counts. */
export function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

const CANONICAL_BYTES = /^(0|[1-9][0-9]{0,18})$/;

/** Reads a byte count off the wire. `undefined` unless the text is canonical and at most 2^63 − 1. */
export function parseBytes(text: string): bigint | undefined {
  // The text is checked first: BigInt('') is 0n, BigInt('0x10') is 16n, BigInt(' 12 ') is 12n.
  if (!CANONICAL_BYTES.test(text)) return undefined;
  const value = BigInt(text);
  return value <= BYTES_MAX ? value : undefined;
}

const SIZE_UNITS: Readonly<Record<string, bigint>> = {
  b: 1n,
  kb: KB,
  mb: MB,
  gb: GB,
  tb: 1000n * GB,
  kib: KIB,
  mib: MIB,
  gib: GIB,
  tib: 1024n * GIB,
};

/** "1.000 GB" is a thousand to one and one to another: whoever means a thousandfold must not get that without a word. */
const THOUSANDS = /^[1-9][0-9]{0,2}\.[0-9]{3}(?![0-9])/;

/**
 * Reads a size as a person writes it: "50GB", "1.5 GiB", "1000000B". At least one byte.
 * `undefined` for anything else: no unit, signs, exponents, hexadecimal, blanks, leading zeros, what may be thousands, too large.
 * Whoever types "5" does not mean five bytes.
 */
export function parseSize(text: string): bigint | undefined {
  if (THOUSANDS.test(text)) return undefined;
  const match = /^(0|[1-9][0-9]{0,18})(?:\.([0-9]{1,6}))? ?([a-z]{1,3})$/i.exec(text);
  if (match === null) return undefined;
  const [, whole = '', fraction = '', unitName = ''] = match;
  const unit = SIZE_UNITS[unitName.toLowerCase()];
  if (unit === undefined) return undefined;
  const scale = 10n ** BigInt(fraction.length);
  const scaled = BigInt(whole + fraction) * unit;
  // "1.5 B" and the like: half a byte is nobody's intention.
  if (scaled % scale !== 0n) return undefined;
  const bytes = scaled / scale;
  return bytes > 0n && bytes <= BYTES_MAX ? bytes : undefined;
}

const DURATION_UNITS: Readonly<Record<string, number>> = {
  s: 1,
  m: MINUTE_S,
  min: MINUTE_S,
  h: HOUR_S,
  d: DAY_S,
  w: 7 * DAY_S,
  y: 365 * DAY_S,
};

/** Reads a duration as a person writes it: "30d", "12 h", "2w". Whole units, at least one second. */
export function parseDurationS(text: string): number | undefined {
  const match = /^([1-9][0-9]{0,9}) ?([a-z]{1,3})$/i.exec(text);
  if (match === null) return undefined;
  const unit = DURATION_UNITS[(match[2] ?? '').toLowerCase()];
  if (unit === undefined) return undefined;
  const seconds = Number(match[1]) * unit;
  return seconds <= 2 ** 31 - 1 ? seconds : undefined;
}

export type SizeUnits = 'decimal' | 'binary';

const DECIMAL_STEPS: readonly (readonly [bigint, string])[] = [
  [1000n * GB, 'TB'],
  [GB, 'GB'],
  [MB, 'MB'],
  [KB, 'kB'],
];
const BINARY_STEPS: readonly (readonly [bigint, string])[] = [
  [1024n * GIB, 'TiB'],
  [GIB, 'GiB'],
  [MIB, 'MiB'],
  [KIB, 'KiB'],
];

/** A size in words: three significant digits at most, rounded down so that free space is never overstated. */
export function formatBytes(bytes: bigint, units: SizeUnits = 'decimal', locale = 'en'): string {
  const sign = bytes < 0n ? '−' : '';
  const size = bytes < 0n ? -bytes : bytes;
  for (const [step, name] of units === 'decimal' ? DECIMAL_STEPS : BINARY_STEPS) {
    if (size < step) continue;
    const tenths = Number((size * 10n) / step);
    const value = tenths >= 1000 ? Math.floor(tenths / 10) : tenths / 10;
    return `${sign}${figuresOf(locale).format(value)} ${name}`;
  }
  return `${sign}${size} B`;
}

/** Made once for each language: making one takes longer than a whole screen of sizes. */
const figures = new Map<string, Intl.NumberFormat>();

function figuresOf(locale: string): Intl.NumberFormat {
  const known = figures.get(locale);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(locale, { useGrouping: false });
  figures.set(locale, made);
  return made;
}
