import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Activity } from '../ports.ts';

/**
 * What plain Node can find out without a library: whether the computer runs on its battery. Nobody tells it who touches
 * the keyboard, or what the line costs; the desktop app knows more (`electron/main/desktop-activity.ts`).
 */
export const nodeActivity: Activity = {
  read: async () => ({ idleS: null, onBattery: await onBattery(), metered: null }),
};

const ASK_MS = 2000;

async function onBattery(): Promise<boolean | null> {
  if (process.platform === 'linux') return batteryInSys(await powerSupplies());
  if (process.platform !== 'darwin') return null;
  try {
    const { stdout } = await promisify(execFile)('pmset', ['-g', 'batt'], { timeout: ASK_MS });
    return batteryInPmset(stdout);
  } catch {
    return null;
  }
}

export type PowerSupply = {
  readonly type: string;
  /** Of mains. */
  readonly online: string | undefined;
  /** Of a battery. */
  readonly status: string | undefined;
  /** `Device`: the battery of a mouse or a headset. */
  readonly scope: string | undefined;
};

/** A computer without a battery, and one nobody knows anything of, is not on its battery as far as a backup goes. */
export function batteryInSys(supplies: readonly PowerSupply[]): boolean | null {
  const own = supplies.filter(({ scope }) => scope !== 'Device');
  const mains = own.filter(({ type }) => type === 'Mains' || type === 'USB');
  const batteries = own.filter(({ type }) => type === 'Battery');
  if (batteries.length === 0) return own.length === 0 ? null : false;
  if (mains.some(({ online }) => online === '1')) return false;
  return batteries.some(({ status }) => status === 'Discharging');
}

/** `Now drawing from 'Battery Power'`, or `'AC Power'`. */
export function batteryInPmset(text: string): boolean | null {
  const source = /drawing from '([^']+)'/.exec(text)?.[1];
  if (source === undefined) return null;
  return source === 'Battery Power';
}

const FOLDER = '/sys/class/power_supply';
const SUPPLIES_MAX = 32;

async function powerSupplies(): Promise<readonly PowerSupply[]> {
  const names = await readdir(FOLDER).catch(() => []);
  return Promise.all(
    names.slice(0, SUPPLIES_MAX).map(async (name) => {
      const read = (file: string) =>
        readFile(join(FOLDER, name, file), 'utf8').then(
          (text) => text.trim(),
          () => undefined,
        );
      const [type = '', online, status, scope] = await Promise.all(
        ['type', 'online', 'status', 'scope'].map(read),
      );
      return { type, online, status, scope };
    }),
  );
}
