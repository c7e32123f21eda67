import type { DeviceId } from '../../../shared/ids.ts';
import type { Clock } from '../ports.ts';
import type { DeviceState } from './presence-state.ts';

/**
 * Calls devices when they are due, a few at a time. What is urgent does not wait behind calls to those
 * who will probably not answer, and a call is begun anew when something better has been learnt meanwhile.
 */
export type CallQueue = {
  /** Something about a device is not what it was. */
  readonly look: () => void;
  /** No more calls; resolves when those under way have ended. */
  readonly close: () => Promise<void>;
};

/** However many friends there are and whatever happens to the networks. */
const CALLS_MAX = 4;

type Call = {
  readonly ending: AbortController;
  readonly urgent: boolean;
  readonly done: Promise<void>;
};

export function createCallQueue({
  states,
  call,
  clock,
}: {
  readonly states: () => Iterable<readonly [DeviceId, DeviceState]>;
  /** Ends soon after the signal, and never rejects. */
  readonly call: (device: DeviceId, signal: AbortSignal) => Promise<void>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}): CallQueue {
  const calls = new Map<DeviceId, Call>();
  let timer: NodeJS.Timeout | undefined;
  let isToLook = false;
  let isClosed = false;

  /** The oldest call that nobody waits for, to somebody who isn't known to be there. */
  function leastHopeful(all: ReadonlyMap<DeviceId, DeviceState>): Call | undefined {
    for (const [device, call] of calls)
      if (!call.urgent && all.get(device)?.state !== 'online' && !call.ending.signal.aborted)
        return call;
    return undefined;
  }

  function begin(device: DeviceId, { urgent }: DeviceState): void {
    const ending = new AbortController();
    const done = call(device, ending.signal).finally(() => {
      calls.delete(device);
      look();
    });
    calls.set(device, { ending, urgent, done });
  }

  function countDropping(): number {
    return [...calls.values()].filter(({ ending }) => ending.signal.aborted).length;
  }

  function pump(): void {
    timer = undefined;
    const nowMs = clock.monotonicMs();
    const all = new Map(states());
    const due = [...all]
      .filter(([, { dueMs }]) => dueMs <= nowMs)
      .sort(([, a], [, b]) => Number(b.urgent) - Number(a.urgent) || a.dueMs - b.dueMs);
    let makingRoom = countDropping();
    for (const [device, state] of due) {
      const under = calls.get(device);
      if (under !== undefined) under.ending.abort();
      else if (calls.size < CALLS_MAX) begin(device, state);
      else if (state.urgent && makingRoom > 0) makingRoom -= 1;
      else if (state.urgent) leastHopeful(all)?.ending.abort();
    }
    look();
  }

  /** However many devices something happened to, they are looked at once, when all of it is over. */
  function look(): void {
    if (isToLook) return;
    isToLook = true;
    queueMicrotask(lookNow);
  }

  /** Waits for what is due next and could begin then; the end of a call makes room and looks again. */
  function lookNow(): void {
    isToLook = false;
    if (isClosed) return;
    clearTimeout(timer);
    timer = undefined;
    const nowMs = clock.monotonicMs();
    const all = new Map(states());
    const isWaiting = ([device, { urgent, dueMs }]: readonly [DeviceId, DeviceState]) =>
      urgent && dueMs <= nowMs && !calls.has(device);
    const needsRoom = [...all].filter(isWaiting).length > countDropping();
    const canMakeRoom = needsRoom && leastHopeful(all) !== undefined;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [device, state] of all) {
      const under = calls.get(device);
      const canGo = under === undefined ? calls.size < CALLS_MAX : !under.ending.signal.aborted;
      const isLater = state.dueMs > nowMs && under?.ending.signal.aborted !== true;
      if (canGo || isLater || (canMakeRoom && isWaiting([device, state])))
        nextMs = Math.min(nextMs, state.dueMs);
    }
    if (nextMs !== Number.POSITIVE_INFINITY)
      timer = setTimeout(pump, Math.max(0, Math.ceil(nextMs - nowMs)));
  }

  return {
    look,
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      for (const { ending } of calls.values()) ending.abort();
      await Promise.all([...calls.values()].map(({ done }) => done));
    },
  };
}
