import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';

/** Power events happen when a test says so: it emits them. On mains unless a test says otherwise. */
class PowerMonitor extends EventEmitter {
  onBatteryPower = false;
  isOnBatteryPower(): boolean {
    return this.onBatteryPower;
  }
  getSystemIdleState(): 'active' {
    return 'active';
  }
  getSystemIdleTime(): number {
    return 0;
  }
  getCurrentThermalState(): 'unknown' {
    return 'unknown';
  }
}

export const powerMonitor = new PowerMonitor();

const blockers = new Set<number>();
let lastId = 0;

export const powerSaveBlocker = {
  start: (type: 'prevent-app-suspension' | 'prevent-display-sleep') => {
    if (type !== 'prevent-app-suspension' && type !== 'prevent-display-sleep')
      throw new TypeError(`Error processing argument at index 0: ${String(type)}`);
    lastId += 1;
    blockers.add(lastId);
    return lastId;
  },
  stop: (id: number) => blockers.delete(id),
  isStarted: (id: number) => blockers.has(id),
} satisfies Electron.PowerSaveBlocker;
