/** Paths as text: the window knows nothing of the file system that they belong to. */

/** The separator that a path is written with: Windows begins one with a drive or with two backslashes. */
function separatorOf(path: string): '/' | '\\' {
  return /^([a-z]:|\\\\)/i.test(path) ? '\\' : '/';
}

export function joinFolder(folder: string, name: string): string {
  const separator = separatorOf(folder);
  return folder.endsWith(separator) ? `${folder}${name}` : `${folder}${separator}${name}`;
}

/** Where to look and what is to be made there; `undefined` if the path is no more than a root or a name. */
export function splitFolder(
  path: string,
): { readonly parent: string; readonly name: string } | undefined {
  const separator = separatorOf(path);
  const trimmed = path.endsWith(separator) ? path.slice(0, -1) : path;
  const at = trimmed.lastIndexOf(separator);
  const name = trimmed.slice(at + 1);
  if (at < 0 || name === '') return undefined;
  const parent = trimmed.slice(0, at);
  // "/" and "C:\" keep their separator: without it they name nothing or something else.
  const isRoot = parent === '' || /^[a-z]:$/i.test(parent);
  return { parent: isRoot ? parent + separator : parent, name };
}

/** A new folder's name is one step of a path, and not a step up. */
export function isFolderName(name: string): boolean {
  return /^[^\p{Cc}/\\:]{1,100}$/u.test(name) && !/^\.{1,2}$/.test(name);
}
