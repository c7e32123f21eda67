import type { DeviceId, PlotId } from '../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { Friend } from '../friends/friend-book.ts';
import { NO_ADDRESS, type PeerFault } from './connection/peer-fault.ts';

/**
 * Which of a friend's devices keeps a plot of mine: shares belong to people, bytes lie on one machine.
 * Found out by asking where there are several, and remembered while this core runs.
 */
export type PlotDevices = {
  readonly of: (host: Friend, plot: PlotId) => Promise<Result<DeviceId, PeerFault>>;
  readonly keeps: (device: DeviceId, plot: PlotId) => void;
};

/**
 * Whether a device keeps a plot, by its answer to a question about it. Only who says that he knows none has none: one that shuts
 * down, can't write its books or does not know this device yet may be the one, and another one's "unknown" would count as gone.
 */
export function whetherKept(found: Result<unknown, PeerFault>): Result<boolean, PeerFault> {
  if (found.ok) return ok(true);
  const { fault } = found;
  const isUnknown = fault.code === 'refused' && fault.denied.reasons[0]?.code === 'plot-unknown';
  return isUnknown ? ok(false) : found;
}

/** A backup of a year is a handful of plots. */
const PLOTS_MAX = 10_000;

export function createPlotDevices({
  devicesOf,
  has,
}: {
  /** Those of a friend that count and may be reached, the likeliest first. */
  readonly devicesOf: (host: Friend) => readonly DeviceId[];
  readonly has: (device: DeviceId, plot: PlotId) => Promise<Result<boolean, PeerFault>>;
}): PlotDevices {
  const known = new Map<PlotId, DeviceId>();

  function keeps(device: DeviceId, plot: PlotId): void {
    if (known.size >= PLOTS_MAX) known.clear();
    known.set(plot, device);
  }

  return {
    of: async (host, plot) => {
      const devices = devicesOf(host);
      const [first] = devices;
      if (first === undefined) return NO_ADDRESS;
      if (devices.length === 1) return ok(first);
      const before = known.get(plot);
      if (before !== undefined && devices.includes(before)) return ok(before);
      let silent: PeerFault | undefined;
      for (const device of devices) {
        const found = await has(device, plot);
        if (!found.ok) silent ??= found.fault;
        else if (found.value) {
          keeps(device, plot);
          return ok(device);
        }
      }
      // One that doesn't answer may be the one; nobody may take that for "gone".
      return silent === undefined ? ok(first) : failed(silent);
    },
    keeps,
  };
}
