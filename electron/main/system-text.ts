/**
 * Cuts a sentence for a place that the system cuts itself, and badly: tooltips, menus, notifications.
 * By grapheme, so that no flag or family is left in halves.
 */
export function shorten(text: string, max: number): string {
  // One grapheme can hold many characters: a system that counts those must be content too.
  if (text.length <= max) return text;
  let short = '';
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(
    text.slice(0, 2 * max),
  )) {
    if (short.length + segment.length >= max) break;
    short += segment;
  }
  return `${short.trimEnd()}…`;
}

/** For menus and buttons, where a single "&" would be taken for the mark of an access key: "Ben & Anna". */
export function plainLabel(text: string): string {
  return text.replaceAll('&', '&&');
}
