import type { Async } from '../../../shared/async.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Slice } from './change-hub.ts';

const PROMISES = ['offer', 'friends', 'hosted', 'decisions'] as const;
const BYTES = ['offer', 'friends', 'hosted'] as const;

/** Which slices a call of the ledger may change; calls that are not listed only read. */
const changes: Readonly<Partial<Record<keyof Ledger, readonly Slice[]>>> = {
  allocate: PROMISES,
  renew: PROMISES,
  resize: PROMISES,
  release: PROMISES,
  erased: PROMISES,
  reclaim: PROMISES,
  adopt: PROMISES,
  setOffer: PROMISES,
  setPolicy: PROMISES,
  setPause: ['status', 'friends'],
  reserve: BYTES,
  post: BYTES,
  void: BYTES,
  removed: BYTES,
  correct: BYTES,
};

/** The same ledger; every call that may have changed something is followed by a word about it. */
export function watched(
  ledger: Async<Ledger>,
  onChange: (slices: readonly Slice[]) => void,
): Async<Ledger> {
  return new Proxy(ledger, {
    get: (target, name, receiver) => {
      const method: unknown = Reflect.get(target, name, receiver);
      const slices = changes[name as keyof Ledger];
      if (slices === undefined || typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        const result: unknown = await Reflect.apply(method, target, args);
        onChange(slices);
        return result;
      };
    },
  });
}
