/**
 * What lies behind Node's zstd streams. No documented interface, so whoever uses it looks first whether it is there and works,
 * and goes the documented way otherwise. Kept, it saves setting up a context for each blob.
 */
export type Handle = {
  readonly reset: () => void;
  readonly writeSync: (
    flush: number,
    from: Uint8Array,
    fromAt: number,
    fromLength: number,
    to: Uint8Array,
    toAt: number,
    toLength: number,
  ) => void;
};
export type Inside = { readonly _handle?: Handle | null; readonly _writeState?: Uint32Array };
