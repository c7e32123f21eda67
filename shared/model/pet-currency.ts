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

/** As it is written: three figures say enough, and something is never written as nothing. */
export function formatPetAmount(amount: number, locale: string): string {
  const figures = Math.abs(amount) >= 100 ? 0 : Math.abs(amount) >= 10 ? 1 : 2;
  const least = 0.01;
  const format = (value: number) =>
    new Intl.NumberFormat(locale, { maximumFractionDigits: figures }).format(value);
  return amount > 0 && amount < least ? `< ${format(least)}` : format(amount);
}
