import { namesOf } from './byte-paths.ts';

/**
 * Patterns as one of the chosen folders sees them: gitignore's, relative to it. Sets of before had whole paths
 * (`/home/ana/Downloads`); such a one goes on meaning that place. A pattern that begins with the folder's own path
 * would otherwise mean a folder `home` in the folder, which nobody has.
 */
export function relativePatterns(
  patterns: readonly string[],
  folder: string,
  platform: NodeJS.Platform,
): readonly string[] {
  const above = namesOf(folder, platform);
  return patterns.map((pattern) => relativePattern(pattern, above, platform) ?? pattern);
}

function relativePattern(
  pattern: string,
  above: readonly string[],
  platform: NodeJS.Platform,
): string | undefined {
  const [, negation = '', path = ''] = /^(!?)(.*)$/s.exec(pattern) ?? [];
  const isWhole =
    platform === 'win32' ? /^(?:[A-Za-z]:[\\/]|\\\\)/.test(path) : path.startsWith('/');
  if (!isWhole || above.length === 0) return undefined;
  const names = namesOf(path, platform);
  const isBelow = names.length > above.length && above.every((name, at) => name === names[at]);
  if (!isBelow) return undefined;
  const end = path.endsWith('/') ? '/' : '';
  return `${negation}/${names.slice(above.length).join('/')}${end}`;
}
