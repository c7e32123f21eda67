import type { Moment } from '../../shared/model/moment.ts';
import type { Clock } from './ports.ts';

/**
 * Service time: the time during which this host was up, awake and had its volume. Leases run in it,
 * so an outage, a sleep or a clock that jumps is nobody's loss (design §3.4).
 */
export type ServiceClock = {
  /** Counts the time since the last call, if the volume is there; at most `STEP_MAX_MS` of it. */
  readonly tick: (volumePresent: boolean) => void;
  readonly moment: () => Moment;
  /** Seconds of service time since this start; nothing is deleted in the first hour (design §3.4). */
  readonly sinceStartS: () => number;
};

/** Nothing is deleted by time in the first hour of service after a start (design §3.4). */
export const QUIET_AFTER_START_S = 3600;

/**
 * Ticks come once a minute. A longer gap means that the machine slept or the process stood still,
 * and then its volume served nobody.
 */
const STEP_MAX_MS = 120_000;

export function startServiceClock(clock: Clock, startedAtS: number): ServiceClock {
  let servedMs = 0;
  let lastMs = clock.monotonicMs();
  let present = true;
  const unticked = () =>
    present ? Math.min(Math.max(0, clock.monotonicMs() - lastMs), STEP_MAX_MS) : 0;
  return {
    tick: (volumePresent) => {
      servedMs += unticked();
      lastMs = clock.monotonicMs();
      present = volumePresent;
    },
    moment: () => ({
      nowMs: clock.nowMs(),
      minuteOfDay: minuteOfDay(clock.nowMs()),
      serviceS: startedAtS + Math.floor((servedMs + unticked()) / 1000),
    }),
    sinceStartS: () => Math.floor((servedMs + unticked()) / 1000),
  };
}

/** By this computer's own time zone: quiet hours are those of the people around it. */
function minuteOfDay(nowMs: number): number {
  const now = new Date(nowMs);
  return now.getHours() * 60 + now.getMinutes();
}
