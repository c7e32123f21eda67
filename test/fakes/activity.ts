import type { Activity } from '../../electron/core/ports.ts';

type Now = Awaited<ReturnType<Activity['read']>>;

/** A computer whose use a test says; at first nothing is known of it. */
export function fakeActivity(first: Partial<Now> = {}): Activity & {
  readonly set: (now: Partial<Now>) => void;
} {
  let now: Now = { idleS: null, onBattery: null, metered: null, ...first };
  return {
    read: async () => now,
    set: (next) => {
      now = { ...now, ...next };
    },
  };
}
