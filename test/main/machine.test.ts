import { expect, it } from 'vitest';
import { machineOf } from '../../electron/main/machine.ts';

const plugged = { isOnBatteryPower: () => false };
const unplugged = { isOnBatteryPower: () => true };

it.each([
  ['linux', plugged, ['AC', 'BAT0'], 'laptop'],
  ['linux', plugged, ['AC'], 'desktop'],
  // A mouse with a battery makes no laptop.
  ['linux', plugged, ['hidpp_battery_0'], 'desktop'],
  ['darwin', unplugged, [], 'laptop'],
  ['win32', plugged, [], 'desktop'],
] as const)('on %s with %o and %o it is a %s', (platform, monitor, supplies, kind) => {
  expect(machineOf(platform, monitor, () => supplies)).toBe(kind);
});

it('is a desktop where nothing can be read', () => {
  const broken = () => {
    throw new Error('ENOENT');
  };
  expect(machineOf('linux', plugged, broken)).toBe('desktop');
});
