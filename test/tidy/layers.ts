import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/**
 * The order inside the core (design §8): a feature may import those before it, never those after. The
 * compiler polices the walls between the layers; this polices the rooms.
 */
export const FEATURES = [
  'database',
  'identity',
  'friends',
  'ledger',
  'usage',
  'plots',
  'accounts',
  'barter',
  'vouchers',
  'reciprocity',
  'server',
  'client',
  'backup',
  'discovery',
  'notices',
  'api',
] as const;

export type Violation = { readonly file: string; readonly imports: string; readonly why: string };

export function sourceFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs|css)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Static and dynamic imports, types included: what a type knows, its file knows. */
export function importsOf(text: string): readonly string[] {
  // A name may be the word or end in it; then a quote or a point stands before it.
  const pattern =
    /(?<![.\w'"])(?:from|import)\s*\(?\s*['"]([^'"]+)['"]|new URL\(\s*['"](\.[^'"]+\.ts)['"]/g;
  return [...text.matchAll(pattern)].map(([, plain, url]) => plain ?? url ?? '');
}

export function layerViolations(core: string): readonly Violation[] {
  const violations: Violation[] = [];
  for (const file of sourceFiles(core)) {
    const own = featureOf(core, file);
    if (own === undefined) continue;
    for (const imported of importsOf(readFileSync(file, 'utf8'))) {
      if (!imported.startsWith('.')) continue;
      const target = featureOf(core, resolve(dirname(file), imported));
      if (target === undefined || FEATURES.indexOf(target) <= FEATURES.indexOf(own)) continue;
      const why = `${own} comes before ${target}; turn the dependency round, or hand it in`;
      violations.push({ file: relative(core, file), imports: imported, why });
    }
  }
  return violations;
}

function featureOf(core: string, file: string): (typeof FEATURES)[number] | undefined {
  const [first = ''] = relative(core, file).split(sep);
  return FEATURES.find((feature) => feature === first);
}
