import type { NamedOwner } from '../../shared/contract/household-views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { t } from '../state/words.ts';

/** Owners of whom a name may not be known: whoever was introduced by an id alone. */

export function ownerWords(who: NamedOwner, max?: number): string {
  return isUnnamed(who) ? t('introductions.unnamed') : nameInSentence(who.name, max);
}

const OWNER = /^[a-z2-7]{52}$/;
const BEGINNING_CHARS_MIN = 6;

/** The id is no name, and its beginning neither. */
export function isUnnamed({ owner, name }: NamedOwner): boolean {
  const letters = name.replaceAll(/[\s…-]/g, '').toLowerCase();
  return letters === '' || (letters.length >= BEGINNING_CHARS_MIN && owner.startsWith(letters));
}

/** An id as somebody pasted it, in groups or in capitals; `undefined`: that is none. */
export function readOwnerId(text: string): string | undefined {
  const id = text.replaceAll(/[\s-]/g, '').toLowerCase();
  return OWNER.test(id) ? id : undefined;
}
