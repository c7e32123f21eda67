import { describe, expect, it } from 'vitest';
import {
  batteryInPmset,
  batteryInSys,
  nodeActivity,
  type PowerSupply,
} from '../../../electron/core/adapters/node-activity.ts';
import { createDesktopActivity } from '../../../electron/main/desktop-activity.ts';
import { fakeActivity } from '../../fakes/activity.ts';
import { activitySuite } from '../../suites/activity.suite.ts';

describe('this machine', () => activitySuite(nodeActivity));
describe('the fake', () => activitySuite(fakeActivity({ idleS: 3, onBattery: true })));
describe('the desktop', () => {
  activitySuite(
    createDesktopActivity({ getSystemIdleTime: () => 12, isOnBatteryPower: () => false }),
  );
  describe('that can’t be asked', () => {
    const silent = () => {
      throw new Error('nobody there');
    };
    activitySuite(createDesktopActivity({ getSystemIdleTime: silent, isOnBatteryPower: silent }));
  });
});

describe('the power supplies of Linux', () => {
  const supply = (more: Partial<PowerSupply>): PowerSupply => ({
    type: 'Battery',
    online: undefined,
    status: undefined,
    scope: undefined,
    ...more,
  });
  const mains = (online: string) => supply({ type: 'Mains', online });
  const battery = (status: string) => supply({ status });

  it.each([
    ['a laptop unplugged', [mains('0'), battery('Discharging')], true],
    ['a laptop plugged in', [mains('1'), battery('Charging')], false],
    ['a laptop plugged in whose battery is full', [mains('1'), battery('Full')], false],
    ['a laptop that loses more than its plug gives', [mains('1'), battery('Discharging')], false],
    ['a tablet on USB', [supply({ type: 'USB', online: '1' }), battery('Charging')], false],
    ['a laptop whose plug nobody names', [battery('Discharging')], true],
    ['a desktop', [mains('1')], false],
    [
      'a desktop with the battery of a mouse',
      [supply({ status: 'Discharging', scope: 'Device' })],
      null,
    ],
    ['a virtual machine', [], null],
  ] as const)('of %s', (_what, supplies, expected) => {
    expect(batteryInSys(supplies)).toBe(expected);
  });
});

it('pmset says where the power comes from', () => {
  expect(batteryInPmset("Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1) 91%")).toBe(
    true,
  );
  expect(batteryInPmset("Now drawing from 'AC Power'\n")).toBe(false);
  expect(batteryInPmset('no such thing')).toBeNull();
});
