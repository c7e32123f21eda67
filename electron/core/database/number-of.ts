/** What may be missing in a row: a time, a count. SQLite hands integers out as `bigint`. */
export function numberOf(value: bigint | null | undefined): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}
