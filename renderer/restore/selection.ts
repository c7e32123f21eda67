import type { EntryView } from '../../shared/contract/backup-views.ts';

/**
 * What is to be brought back of a snapshot: files and folders by their paths. A folder means everything in it, so
 * that nothing in it is named besides. Pure.
 */
export type Selection = ReadonlyMap<string, EntryView>;

export const NOTHING: Selection = new Map();

/** The chosen folder in which a path lies, if there is one. */
export function coverOf(selection: Selection, path: string): EntryView | undefined {
  for (const [above, entry] of selection) if (isBelow(path, above)) return entry;
  return undefined;
}

/** Of the entries in sight, these are chosen now; what was chosen elsewhere stays. */
export function withChosen(
  selection: Selection,
  inSight: readonly EntryView[],
  chosen: ReadonlySet<string>,
): Selection {
  const next = new Map(selection);
  for (const entry of inSight) {
    if (chosen.has(entry.path)) {
      for (const path of next.keys()) if (isBelow(path, entry.path)) next.delete(path);
      next.set(entry.path, entry);
    } else next.delete(entry.path);
  }
  return next;
}

export function without(selection: Selection, path: string): Selection {
  const next = new Map(selection);
  next.delete(path);
  return next;
}

export function isBelow(path: string, above: string): boolean {
  return path !== above && path.startsWith(above.endsWith('/') ? above : `${above}/`);
}

export type Crumb = { readonly name: string; readonly path: string };

/**
 * The steps from what was chosen for the set (`roots`) down to a folder, each with its path, for going back up.
 * Below none of them, which is how another program may have kept it, all steps of the path count.
 */
export function crumbsOf(path: string, roots: readonly string[]): readonly Crumb[] {
  const root = roots
    .map((each) => each.replaceAll('\\', '/').replace(/(.)\/+$/, '$1'))
    .filter((each) => each === path || isBelow(path, each))
    .sort((one, other) => other.length - one.length)[0];
  const first = root ?? '';
  const names = path
    .slice(first.length)
    .split('/')
    .filter((name) => name !== '');
  const lead = first.endsWith('/') || (first === '' && !path.startsWith('/')) ? '' : '/';
  const below = names.map((name, index) => ({
    name,
    path: `${first}${lead}${names.slice(0, index + 1).join('/')}`,
  }));
  return root === undefined ? below : [{ name: nameOf(root), path: root }, ...below];
}

/** One up: the empty path is the top. */
export function parentOf(crumbs: readonly Crumb[]): string {
  return crumbs.at(-2)?.path ?? '';
}

export function nameOf(path: string): string {
  return path.split('/').findLast((name) => name !== '') ?? path;
}

/** The folder in which something lies. */
export function folderOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at <= 0 ? '' : path.slice(0, at);
}
