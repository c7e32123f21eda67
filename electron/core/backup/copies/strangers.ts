import { type Copy, loadSound } from './copy.ts';
import { type PlannedCopy, strangersIn } from './plan.ts';
import type { Lost } from './survey.ts';
import type { StoreObject } from '../repository/repository-store.ts';
import type { MasterKey } from '../repository/sealing.ts';

/**
 * What a copy has and the newest ones never had says that somebody else has written there, and brings back what was removed. A friend
 * could say so with any name; so each is read, and only what our key has sealed counts.
 */
export type Strangers = {
  readonly judge: <C extends Copy>(
    planned: readonly PlannedCopy<C>[],
    removed: ReadonlySet<string>,
    means: { readonly key: MasterKey; readonly signal: AbortSignal },
  ) => Promise<{
    /** Damaged or made up. */
    readonly unreal: ReadonlyMap<C, readonly StoreObject[]>;
    /** They can't be asked now. */
    readonly away: readonly Lost<C>[];
  }>;
};

/** Of one copy at a time: another device of mine writes a few a day. */
const READ_MAX = 1000;
const MUCH = { code: 'unreachable', detail: 'more than can be read at a time' } as const;

export function createStrangers(): Strangers {
  /** Names are hashes of what they name: whoever has it, it is the same. */
  const real = new Set<string>();

  return {
    judge: async <C extends Copy>(
      planned: readonly PlannedCopy<C>[],
      removed: ReadonlySet<string>,
      { key, signal }: { readonly key: MasterKey; readonly signal: AbortSignal },
    ) => {
      const unreal = new Map<C, StoreObject[]>();
      const away: Lost<C>[] = [];
      for (const [copy, objects] of strangersIn(planned, removed)) {
        let times = 0;
        for (const object of objects) {
          if (real.has(object.name)) continue;
          times += 1;
          // What is not read must neither be believed nor go unnoticed: the rest is looked at the next time, until then he is left out.
          if (times > READ_MAX) {
            away.push({ copy, fault: MUCH });
            break;
          }
          const loaded = await loadSound(copy, object, signal, key);
          if (loaded.ok) {
            real.add(object.name);
            continue;
          }
          const { code } = loaded.fault;
          if (code !== 'damaged' && code !== 'not-found') {
            away.push({ copy, fault: loaded.fault });
            break;
          }
          const { type, name } = object;
          const known = unreal.get(copy);
          if (known === undefined) unreal.set(copy, [{ type, name }]);
          else known.push({ type, name });
        }
      }
      return { unreal, away };
    },
  };
}
