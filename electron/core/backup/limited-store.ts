import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Bucket,
  fullBucket,
  isWithin,
  sliceBytes,
  takeFrom,
} from '../../../shared/backup/bucket.ts';
import { minuteAt } from '../../../shared/backup/slots.ts';
import type { Settings } from '../../../shared/model/settings.ts';
import type { Clock } from '../ports.ts';
import { offsetMinAt } from './wall-clock.ts';
import type { Pace, RepositoryStore } from './repository/repository-store.ts';

/**
 * The owner's limits of bandwidth: one for all that goes out in backups, one for all that comes in when they are read,
 * whoever they go to and however many run. What friends fetch from here is theirs and is not slowed down.
 */
export type Limits = { readonly up: Pace; readonly down: Pace };

type LimitSettings = Pick<Settings, 'uploadBytesPerS' | 'downloadBytesPerS' | 'limitsOnly'>;

export function createLimits({
  settings,
  clock,
  wait = (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
}: {
  /** Asked before every slice, so that a change counts at once, also for what is under way. */
  readonly settings: () => LimitSettings;
  readonly clock: Clock;
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}): Limits {
  function paceBy(limitIn: (now: LimitSettings) => number | null): Pace {
    let bucket: { readonly of: number; readonly state: Bucket } | undefined;
    const limit = (): number | undefined => {
      const now = settings();
      const { limitsOnly } = now;
      const isNow =
        limitsOnly === null || isWithin(minuteAt(clock.nowMs(), offsetMinAt), limitsOnly);
      return isNow ? (limitIn(now) ?? undefined) : undefined;
    };
    return {
      sliceBytes: () => {
        const bytesPerS = limit();
        return bytesPerS === undefined ? undefined : sliceBytes(bytesPerS);
      },
      pass: (bytes, signal) => {
        const bytesPerS = limit();
        if (bytesPerS === undefined) {
          bucket = undefined;
          return undefined;
        }
        const nowMs = clock.monotonicMs();
        // With another limit the debts of the old one are forgotten.
        const state = bucket?.of === bytesPerS ? bucket.state : fullBucket(bytesPerS, nowMs);
        const taken = takeFrom(state, { bytes, bytesPerS, nowMs });
        bucket = { of: bytesPerS, state: taken.bucket };
        return taken.waitMs === 0 ? undefined : wait(taken.waitMs, signal).catch(() => undefined);
      },
    };
  }
  return {
    up: paceBy(({ uploadBytesPerS }) => uploadBytesPerS),
    down: paceBy(({ downloadBytesPerS }) => downloadBytesPerS),
  };
}

/** The same store, within the limits; what keeps to them is the store itself, slice by slice. */
export function limited(store: RepositoryStore, { up, down }: Limits): RepositoryStore {
  return {
    ...store,
    save: (object, chunks, options) => store.save(object, chunks, { ...options, pace: up }),
    load: (object, options) => store.load(object, { ...options, pace: down }),
  };
}
