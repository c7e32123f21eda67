import type { Catalogue } from './catalogues.ts';

/**
 * A language that nobody speaks: English with accents, a third longer, between brackets. What is shown
 * without brackets was never a message; what has lost its closing bracket was cut.
 */
export const PSEUDO = 'en-XA';

const ACCENTS: Readonly<Record<string, string>> = {
  a: 'á',
  c: 'ç',
  e: 'é',
  i: 'í',
  n: 'ñ',
  o: 'ó',
  u: 'ú',
  y: 'ý',
  A: 'Á',
  E: 'É',
  I: 'Í',
  O: 'Ó',
  U: 'Ú',
};

export function pseudoCatalogue(catalogue: Catalogue): Catalogue {
  return Object.fromEntries(
    Object.entries(catalogue).map(([key, value]) => [
      key,
      typeof value === 'string' ? pseudoText(value) : pseudoCatalogue(value as Catalogue),
    ]),
  );
}

/** Placeholders stay as they are; German needs about a third more room than English. */
export function pseudoText(text: string): string {
  const parts = text.split(/(\{\{[^}]*\}\})/);
  const words = parts
    .map((part) =>
      part.startsWith('{{') ? part : part.replace(/[a-zA-Z]/g, (x) => ACCENTS[x] ?? x),
    )
    .join('');
  const letters = parts.filter((part) => !part.startsWith('{{')).join('').length;
  return `⟦${words}${'·'.repeat(Math.ceil(letters * 0.3))}⟧`;
}
