import type { Api } from '../../shared/contract/api.ts';
import {
  FOLLOW_FROM_START,
  type Following,
  heardEvent,
  lostCore,
  readSnapshot,
} from '../../shared/contract/follow.ts';
import type { AppEvent } from '../../shared/contract/views.ts';

/**
 * Keeps what the shell shows in step with the core: one snapshot, then events, exactly as the window does
 * (`shared/contract/follow.ts`). While the core is gone it asks again until there is an answer.
 */
export type Follower = {
  readonly state: () => Following;
  readonly close: () => void;
};

const RETRY_MS = 1000;

export function followCore(
  core: {
    readonly api: Pick<Api, 'state.snapshot'>;
    readonly events: {
      readonly subscribe: (listener: (event: AppEvent) => void, onLost: () => void) => () => void;
    };
  },
  onChange: () => void,
): Follower {
  let state = FOLLOW_FROM_START;
  let timer: NodeJS.Timeout | undefined;
  let isAsking = false;
  /** Counts the cores: an answer of one that is gone must not be taken for the present state. */
  let run = 0;
  let isClosed = false;

  function become(next: Following): void {
    if (next === state || isClosed) return;
    state = next;
    if (state.isReading) ask();
    onChange();
  }

  function ask(): void {
    if (isAsking || timer !== undefined || isClosed) return;
    isAsking = true;
    const askedIn = run;
    core.api['state.snapshot']({})
      .then(
        (answer) => (answer.ok && askedIn === run ? answer.value : undefined),
        () => undefined,
      )
      .then((snapshot) => {
        isAsking = false;
        if (snapshot !== undefined) become(readSnapshot(state, snapshot));
        else askLater();
      })
      .catch(() => undefined);
  }

  function askLater(): void {
    if (isClosed) return;
    timer = setTimeout(() => {
      timer = undefined;
      ask();
    }, RETRY_MS);
  }

  const stop = core.events.subscribe(
    (event) => become(heardEvent(state, event)),
    () => {
      run += 1;
      become(lostCore(state));
    },
  );
  ask();
  return {
    state: () => state,
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      stop();
    },
  };
}
