import { ownerId } from './model/ids.ts';

type Person = { readonly owner: string; readonly name: string };

/** Fewer characters of an id say too little about whom one means. */
const ID_PREFIX_CHARS_MIN = 6;

/**
 * Whom a person or a program means by a text: a name, an id or the beginning of one. Others choose
 * their names themselves, and may change them any day: nobody becomes another by calling himself like
 * that one's id, and where it could be either, it is neither.
 */
export function whoIsMeant<P extends Person>(all: readonly P[], text: string): readonly P[] {
  const wanted = text.trim().toLowerCase();
  if (ownerId.safeParse(wanted).success) return all.filter(({ owner }) => owner === wanted);
  const isById = ({ owner }: P) => wanted.length >= ID_PREFIX_CHARS_MIN && owner.startsWith(wanted);
  return all.filter((person) => person.name.toLowerCase() === wanted || isById(person));
}
