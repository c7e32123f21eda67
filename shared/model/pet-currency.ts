import { GB } from '../units.ts';
import { UNIT_BYTES } from './notes.ts';

/**
 * The pet currency (design §3.6): the one measure that every price and balance is shown in. For reading only:
 * what is paid and owed stays in whole units, so a rounded figure here never costs anybody a note.
 */
export type PetCurrency = {
  /** `null`: GB-months. */
  readonly name: string | null;
  readonly perGbMonth: number;
};

/** So many units in the pet currency; `rate`: what a unit of that issuer is worth, 1 for a usual one. */
export function petAmount(units: bigint, { perGbMonth }: PetCurrency, rate = 1): number {
  return (Number(units * UNIT_BYTES) / Number(GB)) * perGbMonth * rate;
}

/**
 * As it is written: a few figures say enough, and something is never written as nothing. Rounded down as sizes are,
 * so that 10 GB for a month, which are paid in whole units, don't read as 10.1.
 */
export function formatPetAmount(amount: number, locale: string | undefined): string {
  const figures = amount >= 100 ? 0 : amount >= 1 ? 1 : 2;
  const format = (value: number) =>
    new Intl.NumberFormat(locale, { maximumFractionDigits: figures }).format(value);
  if (amount > 0 && amount < LEAST) return `< ${format(LEAST)}`;
  const scale = 10 ** figures;
  return format(Math.floor(amount * scale + ROUNDING) / scale);
}

const LEAST = 0.01;
/** What a sum of fractions may fall short of the figure that it is. */
const ROUNDING = 1e-6;
