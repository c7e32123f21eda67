/** Recovery words as people type them off a paper: in any case, with their numbers, several lines. Pure. */
export const WORDS = 24;

export function wordsOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '');
}

/** The place of the word that the core did not find in its list, counted from 1. */
export function wrongPlace(params: Readonly<Record<string, string>>): number | undefined {
  if (params['problem'] !== 'word') return undefined;
  const position = Number(params['position']);
  return Number.isInteger(position) && position >= 1 && position <= WORDS ? position : undefined;
}
