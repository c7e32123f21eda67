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
/** What could not be read, on a disk that fails for one, is tried again after that. */
const AGAIN_MS = 5000;

export function createChangeHub(
  read: Readers,
  {
    clock,
    epoch,
    onError,
    againMs = AGAIN_MS,
  }: {
    readonly clock: Clock;
    /** Names this run of the core: revisions begin anew with each. */
    readonly epoch: string;
    readonly onError: (error: unknown) => void;
    readonly againMs?: number;
  },
): ChangeHub {
  const listeners = new Set<(event: AppEvent) => void>();
  const touched = new Set<Slice>();
  /** What could not be read the last time. */
  const unread = new Set<Slice>();
  let again: NodeJS.Timeout | undefined;
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
    const whole = await Promise.all(
      slices.map((slice) =>
        collect([slice]).catch((error: unknown) => {
          onError(error);
          tryAgain(slice);
          return {};
        }),
      ),
    );
    const changed: Partial<AppSnapshot> = Object.assign({}, ...whole);
    if (Object.keys(changed).length === 0) return;
    revision += 1;
    const event: AppEvent = { epoch, revision, asOfMs: clock.nowMs(), changed };
    for (const listener of listeners) tellOne(listener, event);
  }

  /** Nobody sees a gap, and would go on showing what was before. */
  function tryAgain(slice: Slice): void {
    // It is closed, or whoever comes next reads everything first.
    if (listeners.size === 0) return;
    unread.add(slice);
    again ??= setTimeout(() => {
      again = undefined;
      for (const each of unread) touched.add(each);
      unread.clear();
      plan();
    }, againMs);
  }

  function plan(): void {
    if (timer !== undefined || isReading || touched.size === 0 || listeners.size === 0) return;
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
      clearTimeout(again);
      touched.clear();
    },
  };
}
