/** Messages as text: every `bigint` is a byte count and travels as its decimal text (design §3.1). */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) =>
    typeof field === 'bigint' ? field.toString() : field,
  );
}

/** The other way, for text from anywhere: a value nobody has looked at yet, or `undefined` where it is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
