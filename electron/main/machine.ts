import { readdirSync } from 'node:fs';
import type { PowerMonitor } from 'electron';
import type { MachineKind } from '../../shared/model/machine.ts';

/** A computer with a battery is a laptop. Only said beside its name, so a guess is good enough. */
export function machineOf(
  platform: NodeJS.Platform,
  monitor: Pick<PowerMonitor, 'isOnBatteryPower'>,
  readSupplies: () => readonly string[] = () => readdirSync('/sys/class/power_supply'),
): MachineKind {
  if (platform !== 'linux') return monitor.isOnBatteryPower() ? 'laptop' : 'desktop';
  try {
    return readSupplies().some((name) => /^(BAT|CMB)\d/i.test(name)) ? 'laptop' : 'desktop';
  } catch {
    return 'desktop';
  }
}
