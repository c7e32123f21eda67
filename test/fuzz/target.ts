/** What is fuzzed: something that takes untrusted bytes, in the form in which the untrusted send them. */
export type Kind = 'bytes' | 'text' | 'json';

export type Target = {
  readonly name: string;
  readonly kind: Kind;
  /** Words that mean something there. */
  readonly words?: readonly string[];
  /** How many cases the long form tries. */
  readonly cases: number;
  /** How many the test in CI tries. */
  readonly casesInCi: number;
  /** Looks for inputs that reach code that no other has reached: worth it where a case is cheap. */
  readonly guided?: boolean;
  readonly open: (scratch: string) => Promise<Opened>;
};

export type Opened = {
  /** Good inputs, from which the bad ones are made. */
  readonly seeds: readonly Uint8Array[];
  /** Throws when something is not as it must be. */
  readonly run: (input: Uint8Array) => void | Promise<void>;
  /** Asked when all cases are through, for what can be said only then. */
  readonly close: () => void | Promise<void>;
};

/** An oracle's word: this must never be. */
export function insist(isSo: boolean, what: string): asserts isSo {
  if (!isSo) throw new Error(`must never be: ${what}`);
}

export const text = (value: string): Buffer => Buffer.from(value, 'utf8');
export const json = (value: unknown): Buffer =>
  Buffer.from(
    JSON.stringify(value, (_key, field: unknown) =>
      typeof field === 'bigint' ? field.toString() : field,
    ),
    'utf8',
  );
