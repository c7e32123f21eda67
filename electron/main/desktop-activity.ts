import type { PowerMonitor } from 'electron';
import type { Activity } from '../core/ports.ts';

/** What the desktop knows of how the computer is used. What a line costs no system tells a program like this one. */
export function createDesktopActivity(
  monitor: Pick<PowerMonitor, 'getSystemIdleTime' | 'isOnBatteryPower'>,
): Activity {
  return {
    read: async () => ({
      idleS: known(() => monitor.getSystemIdleTime()),
      onBattery: known(() => monitor.isOnBatteryPower()),
      metered: null,
    }),
  };
}

/** Some desktops have nobody to ask (Wayland without its protocol for it), and say so by throwing. */
function known<T>(ask: () => T): T | null {
  try {
    return ask();
  } catch {
    return null;
  }
}
