import type { Async } from '../../shared/async.ts';
import { UNTIL_TOLD_MS } from '../../shared/model/until-told.ts';
import { HOUR_MS } from '../../shared/units.ts';
import type { Ledger, Pause } from './ledger/ledger.ts';
import type { Clock, Logger } from './ports.ts';

/**
 * The owner's pause: who ends it. The ledger refuses whatever is new for as long as one is written
 * down; here it is begun, and lifted when its time is over, also after a restart, a sleep or a clock
 * that was put right.
 */
export type PauseKeeper = {
  readonly untilMs: () => number | null;
  readonly set: (until: PauseEnd | null) => Promise<number | null>;
  /** Lifts a pause that is over. Once a minute, and after a sleep. */
  readonly tick: () => Promise<void>;
  readonly close: () => void;
};

export type PauseEnd = 'hour' | 'tomorrow';

const MORNING_HOUR = 6;
/** Timers drift while the machine sleeps, and beyond 2^31 ms they fire at once; this one looks again. */
const LOOK_EVERY_MS = 60_000;

export async function openPauseKeeper({
  ledger,
  clock,
  logger,
}: {
  readonly ledger: Pick<Async<Ledger>, 'pause' | 'setPause'>;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<PauseKeeper> {
  let pause = await ledger.pause();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  async function write(next: Pause | undefined): Promise<void> {
    // Known before it is written down: the change is told as soon as it is, and must show this.
    const before = pause;
    pause = next;
    try {
      await ledger.setPause(next);
    } catch (error) {
      pause = before;
      throw error;
    }
  }

  async function tick(): Promise<void> {
    const now = pause && pauseAt(pause, clock.nowMs());
    if (now !== pause) await write(now);
    plan();
  }

  function plan(): void {
    clearTimeout(timer);
    if (pause === undefined || isClosed) return;
    const leftMs = Math.max(0, pause.untilMs - clock.nowMs());
    timer = setTimeout(
      () => {
        tick().catch((error: unknown) => {
          logger.error('a pause could not be lifted', { error: String(error) });
          plan();
        });
      },
      Math.min(leftMs, LOOK_EVERY_MS),
    );
    timer.unref();
  }

  await tick();
  return {
    untilMs: () => pause?.untilMs ?? null,
    set: async (until) => {
      const sinceMs = clock.nowMs();
      await write(until === null ? undefined : { sinceMs, untilMs: pauseEnd(until, sinceMs) });
      plan();
      return pause?.untilMs ?? null;
    },
    tick,
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/**
 * What is left of a pause: nothing when its time is over. A clock that was put back to before it
 * began must not make an hour last a year: it begins anew, as long as it was meant to be. What lasts until somebody ends it
 * has no length.
 */
export function pauseAt(pause: Pause, nowMs: number): Pause | undefined {
  if (nowMs >= pause.untilMs) return undefined;
  if (nowMs >= pause.sinceMs || pause.untilMs === UNTIL_TOLD_MS) return pause;
  return { sinceMs: nowMs, untilMs: nowMs + (pause.untilMs - pause.sinceMs) };
}

/** An hour from now, or six in the morning of the next day by this computer's clock. */
export function pauseEnd(until: PauseEnd, nowMs: number): number {
  if (until === 'hour') return nowMs + HOUR_MS;
  const end = new Date(nowMs);
  end.setDate(end.getDate() + 1);
  end.setHours(MORNING_HOUR, 0, 0, 0);
  return end.getTime();
}
