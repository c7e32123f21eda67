import type { BytePath } from './byte-paths.ts';
import { CACHE_TAG_NAME } from './cache-places.ts';
import { systemCode } from './file-faults.ts';
import type { Entry, Folder, Selection } from './selection.ts';

/** What a walk over the chosen folders meets, in order; folders are left after everything in them. */
export type Met =
  | { readonly kind: 'entry'; readonly folder: Folder; readonly entry: Entry }
  | { readonly kind: 'entered'; readonly folder: Folder; readonly isTaggedCache: boolean }
  | { readonly kind: 'left'; readonly folder: Folder }
  /** A folder or an entry that can't be looked at. */
  | { readonly kind: 'unreadable'; readonly code: string };

type Open = { readonly folder: Folder; readonly names: readonly BytePath[]; at: number };

/**
 * Counts, and reads nothing but names and sizes. It keeps its own stack: folders can lie deeper in each other than
 * functions can call each other.
 */
export function* scan(selection: Selection, folders: readonly BytePath[]): Generator<Met, void> {
  for (const chosen of folders) {
    const open: Open[] = [];
    const first = attempt(() => begin(selection, selection.choose(chosen)));
    if ('code' in first) yield { kind: 'unreadable', code: first.code };
    else open.push(first.value);
    if (!('code' in first)) yield entered(first.value);
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const { folder, names } = top;
      const name = names[top.at];
      top.at += 1;
      if (name === undefined) {
        open.pop();
        yield { kind: 'left', folder };
        continue;
      }
      const looked = attempt(() => selection.look(folder, name));
      if ('code' in looked) {
        yield { kind: 'unreadable', code: looked.code };
        continue;
      }
      const entry = looked.value;
      if (entry === undefined) continue;
      yield { kind: 'entry', folder, entry };
      if (entry.verdict !== 'take' || !entry.stat.isDirectory()) continue;
      const next = attempt(() => begin(selection, selection.enter(folder, entry)));
      if ('code' in next) yield { kind: 'unreadable', code: next.code };
      else {
        open.push(next.value);
        yield entered(next.value);
      }
    }
  }
}

function entered({ folder, names }: Open): Met {
  const isTaggedCache = names.length === 1 && names[0] === CACHE_TAG_NAME;
  return { kind: 'entered', folder, isTaggedCache };
}

function begin(selection: Selection, folder: Folder): Open {
  return { folder, names: selection.names(folder), at: 0 };
}

function attempt<T>(act: () => T): { readonly value: T } | { readonly code: string } {
  try {
    return { value: act() };
  } catch (error) {
    return { code: systemCode(error) };
  }
}

/** How much there is to back up. */
export function countFiles(
  selection: Selection,
  folders: readonly BytePath[],
): { readonly files: number; readonly bytes: number } {
  let files = 0;
  let bytes = 0;
  for (const met of scan(selection, folders)) {
    if (met.kind !== 'entry' || met.entry.verdict !== 'take' || !met.entry.stat.isFile()) continue;
    files += 1;
    bytes += Number(met.entry.stat.size);
  }
  return { files, bytes };
}
