/** Figures as people type them. Pure. */

/** A whole number; `undefined`: that is none, or more than it may be. */
export function readWhole(text: string, most: number): number | undefined {
  const tidy = text.trim();
  const value = /^[0-9]{1,7}$/.test(tidy) ? Number(tidy) : Number.NaN;
  return value <= most ? value : undefined;
}

/** One with so many figures behind the point, which may be a comma. */
export function readDecimal(
  text: string,
  { places, most }: { readonly places: number; readonly most: number },
): number | undefined {
  const tidy = text.trim().replace(',', '.');
  const match = /^[0-9]{1,7}(?:\.([0-9]+))?$/.exec(tidy);
  if (match === null || (match[1]?.length ?? 0) > places) return undefined;
  const value = Number(tidy);
  return value <= most ? value : undefined;
}
