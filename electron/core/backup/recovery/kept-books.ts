import { type AddressBook, bookText } from './address-book.ts';

/** Computers of one owner's whose books are kept, and as many as no person has. */
const COMPUTERS_MAX = 64;
/** As long a book is always kept: one of a hundred friends. */
const ALWAYS_BYTES = 256 * 1024;
/** What longer ones take together beyond that, for all of them are read each minute. */
const BEYOND_BYTES_MAX = 16 * 1024 * 1024;

/**
 * As many of these as are kept, the first ones first. Who has a lost computer's keys can write as many as he likes, each in the
 * name of a computer that there never was.
 */
export function fitting(books: readonly AddressBook[]): readonly AddressBook[] {
  let left = BEYOND_BYTES_MAX;
  const kept: AddressBook[] = [];
  for (const book of books) {
    if (kept.length === COMPUTERS_MAX) break;
    const beyond = Math.max(0, Buffer.byteLength(bookText(book)) - ALWAYS_BYTES);
    if (beyond > left) continue;
    left -= beyond;
    kept.push(book);
  }
  return kept;
}
