import type { ListedObject } from '../repository/repository-store.ts';

/**
 * What several copies list together, one of each in turn: however much a friend has made up, what the others have comes early, and
 * whoever looks at so many only has seen it.
 */
export function unionOf(lists: readonly (readonly ListedObject[])[]): readonly ListedObject[] {
  const union = new Map<string, ListedObject>();
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  for (let at = 0; at < longest; at += 1)
    for (const list of lists) {
      const object = list[at];
      if (object !== undefined && !union.has(object.name)) union.set(object.name, object);
    }
  return [...union.values()];
}
