import type { EventSource } from '../../../shared/contract/api.ts';
import type { AppEvent, AppSnapshot, Revisioned } from '../../../shared/contract/views.ts';
import type { Clock } from '../ports.ts';

export type Slice = keyof AppSnapshot;
type Readers = { readonly [S in Slice]: () => Promise<AppSnapshot[S]> };

/** Collects "this may have changed" and tells whoever listens, with whole slices and a revision. */
export type ChangeHub = {
  readonly touch: (...slices: readonly Slice[]) => void;
  readonly snapshot: () => Promise<Revisioned & AppSnapshot>;
  readonly events: EventSource;
  readonly close: () => void;
};

/** At most four times a second: a friend's upload changes numbers thousands of times (design §7). */
const EVERY_MS = 250;

export function createChangeHub(
  read: Readers,
  {
    clock,
    epoch,
    onError,
  }: {
    readonly clock: Clock;
    /** Names this run of the core: revisions begin anew with each. */
    readonly epoch: string;
    readonly onError: (error: unknown) => void;
  },
): ChangeHub {
  const listeners = new Set<(event: AppEvent) => void>();
  const touched = new Set<Slice>();
  let revision = 0;
  let timer: NodeJS.Timeout | undefined;
  let isReading = false;

  async function collect(slices: readonly Slice[]): Promise<Partial<AppSnapshot>> {
    const entries = await Promise.all(
      slices.map(async (slice) => [slice, await read[slice]()] as const),
    );
    return Object.fromEntries(entries) as Partial<AppSnapshot>;
  }

  /** What breaks one door must not keep the others from hearing. */
  function tellOne(listener: (event: AppEvent) => void, event: AppEvent): void {
    try {
      listener(event);
    } catch (error) {
      onError(error);
    }
  }

  async function tell(): Promise<void> {
    const slices = [...touched];
    touched.clear();
    const changed = await collect(slices);
    revision += 1;
    const event: AppEvent = { epoch, revision, asOfMs: clock.nowMs(), changed };
    for (const listener of listeners) tellOne(listener, event);
  }

  function plan(): void {
    if (timer !== undefined || isReading || touched.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      isReading = true;
      tell()
        .catch(onError)
        .finally(() => {
          isReading = false;
          plan();
        });
    }, EVERY_MS);
  }

  return {
    touch: (...slices) => {
      if (listeners.size === 0) return;
      for (const slice of slices) touched.add(slice);
      plan();
    },
    snapshot: async () => {
      const at = revision;
      const slices = Object.keys(read) as Slice[];
      // Complete: every slice was asked for.
      const state = (await collect(slices)) as AppSnapshot;
      return { epoch, revision: at, asOfMs: clock.nowMs(), ...state };
    },
    events: {
      subscribe: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    close: () => {
      listeners.clear();
      clearTimeout(timer);
      touched.clear();
    },
  };
}
