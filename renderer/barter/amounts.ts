import { PERIOD_DAYS_MAX } from '../../shared/model/bounds.ts';
import type { CurrencyView, PurseView } from '../../shared/contract/barter-views.ts';
import { bytesFor, unitsFor } from '../../shared/model/notes.ts';
import { DAY_S, GB, GIB } from '../../shared/units.ts';
import { sayAmount, sayRoom } from '../../shared/words/say-notes.ts';
import { currentRegion, currentUnits, t } from '../state/words.ts';
import { readWhole } from '../ui/typed-number.ts';
import { asTypedSize, readSizeOrNone } from '../ui/typed-size.ts';

/** Amounts of notes as the window writes and reads them: the pet currency first, plain room beside it. */
export type Money = {
  readonly amount: (units: string | bigint, owner?: string) => string;
  readonly room: (units: string | bigint, days?: number) => string;
};

/** `wallet`: an issuer whose notes are worth less is counted for less, wherever they are spoken of. */
export function moneyOf(currency: CurrencyView, wallet: readonly PurseView[]): Money {
  const rates = new Map(wallet.map(({ issuer, rate }) => [issuer.owner, rate]));
  return {
    amount: (units, owner) =>
      sayAmount(t, units, {
        currency,
        rate: owner === undefined ? 1 : (rates.get(owner) ?? 1),
        locale: currentRegion(),
      }),
    room: (units, days) => sayRoom(t, units, days),
  };
}

/** So much for so many days, as units; a size of nothing is none. `undefined`: it can't be read. */
export function readUnits(size: string, days: number | undefined): bigint | undefined {
  const sizeBytes = readSizeOrNone(size, currentUnits());
  if (sizeBytes === undefined || days === undefined) return undefined;
  return unitsFor(sizeBytes, days * DAY_S);
}

/** Whole days only: what a note promises is written in them. */
export function readWholeDays(text: string): number | undefined {
  const days = readWhole(text, PERIOD_DAYS_MAX);
  return days === 0 ? undefined : days;
}

/** Of units that are kept as such, the size that a person would have typed for them: 10 GB, 2.5 GB, 2,5 GB in German. */
export function asTypedRoom(units: string): string {
  const bytes = bytesFor(BigInt(units));
  const isDecimal = currentUnits() === 'decimal';
  const one = isDecimal ? GB : GIB;
  const tenths = (bytes * 10n) / one;
  if (tenths === 0n) return asTypedSize(bytes);
  const point = (0.1).toLocaleString(currentRegion()).includes(',') ? ',' : '.';
  const rest = tenths % 10n === 0n ? '' : `${point}${tenths % 10n}`;
  return `${tenths / 10n}${rest} ${isDecimal ? 'GB' : 'GiB'}`;
}
