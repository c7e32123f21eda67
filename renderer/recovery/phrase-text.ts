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

/** A day as it is typed, from its beginning on here; `undefined`: nothing was typed; `null`: that is no day. */
export function dayOf(text: string): number | null | undefined {
  if (text.trim() === '') return undefined;
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text.trim());
  const [year, month, day] = (match ?? []).slice(1).map(Number);
  if (year === undefined || month === undefined || day === undefined) return null;
  const date = new Date(year, month - 1, day);
  return date.getMonth() === month - 1 && date.getDate() === day && date.getTime() >= 0
    ? date.getTime()
    : null;
}
