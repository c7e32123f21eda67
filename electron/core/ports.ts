/**
 * Everything the core needs from outside. Adapters for plain Node are in `adapters/`, those for
 * Electron in `electron/main`; each port has a fake in `test/fakes` that passes the same suite.
 */

export type Clock = {
  /** Wall clock, milliseconds since 1970. May jump. */
  readonly nowMs: () => number;
  /** Never goes back, knows nothing of dates; stands still or not while the machine sleeps. */
  readonly monotonicMs: () => number;
};

export type Randomness = {
  /** Cryptographically strong random bytes. */
  readonly bytes: (count: number) => Uint8Array;
};

/** Small secrets of this installation, kept as the platform keeps secrets. Names are fixed identifiers. */
export type SecretStore = {
  /** `locked`: there is one, and it can't be opened here. Nobody may take that for "none yet". */
  readonly get: (name: string) => Promise<Uint8Array | 'locked' | undefined>;
  readonly set: (name: string, value: Uint8Array) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
};

export type DiskSpace = {
  /** Bytes free to this user, and in all, on the volume of `folder`; `undefined` if it can't be read. */
  readonly read: (
    folder: string,
  ) => Promise<{ readonly freeBytes: bigint; readonly totalBytes: bigint } | undefined>;
};

/** Lines for whoever mends the program. Never a secret, never a person's path. */
export type Logger = {
  readonly debug: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly info: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly warn: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly error: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** A logger whose lines carry the name of a part of the program. */
  readonly named: (part: string) => Logger;
};
