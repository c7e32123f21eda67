import { whoIsMeant } from '../../shared/who-is-meant.ts';

type Whose = { readonly id: string; readonly owner: string; readonly name: string };

/** What a command names: a thing by its own id, or all that are somebody's. */
export function whoseIsMeant<T>(
  all: readonly T[],
  text: string,
  whose: (each: T) => Whose,
): readonly T[] {
  const known = all.map((each) => ({ ...whose(each), each }));
  const byId = known.filter(({ id }) => id === text);
  return (byId.length > 0 ? byId : whoIsMeant(known, text)).map(({ each }) => each);
}
