import type { AppEvent, AppSnapshot, Revisioned } from './views.ts';

/**
 * How whoever shows the core's state keeps up with it, the window and the shell alike: a snapshot, then
 * every event after it in order. A gap in the revisions, another epoch, or a core that went away means
 * that the snapshot must be read again; what was known stays until the new one is there.
 */
export type Followed = Revisioned & AppSnapshot;

export type Following = {
  readonly snapshot: Followed | undefined;
  /** The snapshot is being read, or must be: events meanwhile are kept in `early`. */
  readonly isReading: boolean;
  readonly early: readonly AppEvent[];
};

/** Before anything is known. Listen first, then read, so that nothing falls in between. */
export const FOLLOW_FROM_START: Following = { snapshot: undefined, isReading: true, early: [] };

/** More than come while a snapshot is read; of more only the latest count, and the gap is noticed. */
const EARLY_MAX = 100;

export function heardEvent(state: Following, event: AppEvent): Following {
  const { snapshot, isReading, early } = state;
  if (isReading || snapshot === undefined)
    return { ...state, isReading: true, early: [...early, event].slice(-EARLY_MAX) };
  if (event.epoch === snapshot.epoch && event.revision <= snapshot.revision) return state;
  if (event.epoch !== snapshot.epoch || event.revision !== snapshot.revision + 1)
    return readAgain(snapshot);
  return { snapshot: withEvent(snapshot, event), isReading: false, early: [] };
}

export function readSnapshot(state: Following, snapshot: Followed): Following {
  const later = state.early.filter(
    ({ epoch, revision }) => epoch !== snapshot.epoch || revision > snapshot.revision,
  );
  const start: Following = { snapshot, isReading: false, early: [] };
  const after = later.reduce(heardEvent, start);
  return after.isReading ? readAgain(snapshot) : after;
}

/** The core is gone: whatever it says next belongs to another run. */
export function lostCore({ snapshot }: Following): Following {
  return readAgain(snapshot);
}

/** What was heard so far need not be kept: a snapshot that is read from now on holds it. */
function readAgain(snapshot: Followed | undefined): Following {
  return { snapshot, isReading: true, early: [] };
}

function withEvent(snapshot: Followed, { epoch, revision, asOfMs, changed }: AppEvent): Followed {
  return { ...snapshot, ...changed, epoch, revision, asOfMs };
}
