/**
 * Expected failure is a value. A function that can fail for a reason the caller must handle returns
 * a `Result` whose fault is taken from a closed list; a bug throws instead (see `assert.ts`).
 */
export type Result<T, F> = Ok<T> | Failed<F>;

export type Ok<T> = { readonly ok: true; readonly value: T };
export type Failed<F> = { readonly ok: false; readonly fault: F };

export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

export function failed<F>(fault: F): Failed<F> {
  return { ok: false, fault };
}
