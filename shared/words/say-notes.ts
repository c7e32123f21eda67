import type { NoteLogView } from '../contract/barter-views.ts';
import type { NamedOwner } from '../contract/household-views.ts';
import { bytesFor } from '../model/notes.ts';
import { formatPetAmount, petAmount, type PetCurrency } from '../model/pet-currency.ts';
import { DAY_S } from '../units.ts';
import type { Translate } from './say.ts';
import { nameInSentence, shortName } from './short-name.ts';

/** Notes in words: how many they are in the pet currency, what room that is, what became of them. */
export type Purse = {
  readonly currency: PetCurrency;
  /** What a unit of that issuer is worth; 1 for a usual one, and for one's own. */
  readonly rate?: number;
  readonly locale: string;
};

const CURRENCY_CHARS = 20;

/** "12 GB-months", "40 Taler". */
export function sayAmount(
  t: Translate,
  units: string | bigint,
  { currency, rate, locale }: Purse,
): string {
  const value = petAmount(BigInt(units), currency, rate);
  const amount = formatPetAmount(value, locale);
  if (currency.name !== null)
    return t('notes.own', { amount, currency: shortName(currency.name, CURRENCY_CHARS) });
  return t('notes.months', { amount, count: amount === '1' ? 1 : 2 });
}

/** "10 GB for 30 days": what anybody can picture, whatever the currency is called. */
export function sayRoom(t: Translate, units: string | bigint, days = 30): string {
  const durationS = days * DAY_S;
  return t('notes.room', { sizeBytes: `${bytesFor(BigInt(units), durationS)}`, durationS });
}

/** A name inside a sentence; whoever is no friend any more has none. */
export function sayOwner(t: Translate, owner: NamedOwner | null): string {
  return owner === null || owner.name === '' ? t('notes.somebody') : nameInSentence(owner.name);
}

/** One line of the log. Whoever is not named any more is "somebody". */
export function sayNoteMovement(
  t: Translate,
  { movement, issuer, with: other, units }: NoteLogView,
  purse: Purse,
): string {
  const whose = issuer === 'self' ? 'mine' : 'theirs';
  return t(`notes.log.${movement}-${whose}`, {
    amount: sayAmount(t, units, purse),
    issuer: issuer === 'self' ? '' : sayOwner(t, issuer),
    name: sayOwner(t, other),
  });
}
