/**
 * What is left out of a backup. A pattern without a slash means a name anywhere (`node_modules`,
 * `*.tmp`); one with a slash means a path (`/home/ana/Downloads`). `*` and `?` stop at slashes.
 */
export type Excludes = (path: Buffer, name: Buffer) => boolean;

export function compileExcludes(
  patterns: readonly string[],
  leaveOut: readonly string[],
): Excludes {
  const names = patterns.filter((pattern) => !/[\\/]/.test(pattern)).map(toRegExp);
  const paths = patterns.filter((pattern) => /[\\/]/.test(pattern)).map(toRegExp);
  const stores = new Set(leaveOut);
  return (path, name) => {
    const textual = path.toString('utf8');
    if (stores.has(textual)) return true;
    if (names.length > 0) {
      const last = name.toString('utf8');
      if (names.some((pattern) => pattern.test(last))) return true;
    }
    return paths.some((pattern) => pattern.test(textual));
  };
}

function toRegExp(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  return new RegExp(`^${escaped}$`, 'u');
}
