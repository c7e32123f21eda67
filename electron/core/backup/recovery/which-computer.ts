import type { OwnerId } from '../../../../shared/ids.ts';
import { isInstance, readStatement } from '../../identity/statement.ts';
import type { AddressBook } from './address-book.ts';

/** As much of an installation's id as is shown where two computers have one name. */
const PREFIX_CHARS_MIN = 6;

/**
 * The installation that is meant, by its id, the beginning of one, or what its computer calls itself. Whoever has a lost
 * computer's keys can call it something else, and write a book in the name of one that there never was: by its name only one
 * counts for which the owner's root has signed, or that one would be struck off and the lost one not.
 */
export function whichComputer(
  text: string,
  books: readonly AddressBook[],
  owner: OwnerId,
): string | undefined {
  const id = text.replaceAll(/[\s-]/g, '').toLowerCase();
  if (isInstance(id)) return id;
  const proved = books.flatMap(({ statement: signed, instance, host }) => {
    const statement = signed === undefined ? undefined : readStatement(signed);
    if (statement?.owner !== owner || statement.instance !== instance) return [];
    return [{ instance, host, replaces: statement.replaces }];
  });
  const gone = new Set(proved.map(({ replaces }) => replaces));
  const name = text.trim().toLowerCase();
  const meant = proved.filter(
    ({ instance, host }) =>
      !gone.has(instance) &&
      (host.toLowerCase() === name || (id.length >= PREFIX_CHARS_MIN && instance.startsWith(id))),
  );
  return meant.length === 1 ? meant[0]?.instance : undefined;
}
