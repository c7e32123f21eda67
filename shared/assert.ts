/** Checks what must be true if the program is right. Never used on input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** The end of an exhaustive `switch`: reached only if a new variant was forgotten. */
export function assertNever(value: never): never {
  throw new AssertionError(`Unexpected variant: ${JSON.stringify(value)}`);
}

export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}
