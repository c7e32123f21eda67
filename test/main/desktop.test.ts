import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isLinuxPanelDark } from '../../electron/main/panel.ts';
import { watchPower } from '../../electron/main/power.ts';
import { awaitTrayHost, lookForTrayHost, type TrayHost } from '../../electron/main/tray-host.ts';

describe('who shows tray icons', () => {
  const env = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1000/bus' };
  const says = (text: string) => async () => text;

  it('is always there on Windows and macOS', async () => {
    expect(await lookForTrayHost('win32', {}, says('false'))).toBe('there');
    expect(await lookForTrayHost('darwin', {}, says('false'))).toBe('there');
  });

  it.each([
    ['(true,)\n', 'there'],
    ['(false,)\n', 'missing'],
    ['method return …\n   boolean true\n', 'there'],
  ] as const)('is asked for on the session bus of Linux: %j', async (said, expected) => {
    expect(await lookForTrayHost('linux', env, says(said))).toBe(expected);
  });

  it('is unknown without a session bus, and without a program that could ask it', async () => {
    expect(await lookForTrayHost('linux', {}, says('(false,)'))).toBe('unknown');
    const nothing = () => Promise.reject(new Error('ENOENT'));
    expect(await lookForTrayHost('linux', env, nothing)).toBe('unknown');
  });

  it('is asked for with another program where the first is missing', async () => {
    const run = async (program: string) => {
      if (program === 'gdbus') throw new Error('ENOENT');
      return 'boolean false';
    };
    expect(await lookForTrayHost('linux', env, run)).toBe('missing');
  });
});

describe('a panel that starts later than we do', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function waiting(first: TrayHost) {
    const seen = { host: 'missing' as TrayHost, looked: 0, there: 0 };
    const stop = awaitTrayHost(
      first,
      () => {
        seen.there += 1;
      },
      async () => {
        seen.looked += 1;
        return seen.host;
      },
    );
    return { seen, stop };
  }

  it('is not waited for when it is there, or when nobody knows', () => {
    expect(waiting('there').seen).toMatchObject({ looked: 0, there: 1 });
    expect(waiting('unknown').seen).toMatchObject({ looked: 0, there: 1 });
  });

  it('is found when it comes, once', async () => {
    const { seen } = waiting('missing');
    await vi.advanceTimersByTimeAsync(8000);
    expect(seen).toMatchObject({ looked: 2, there: 0 });
    seen.host = 'there';
    await vi.advanceTimersByTimeAsync(600_000);
    expect(seen).toMatchObject({ looked: 3, there: 1 });
  });

  it('is not waited for for ever, nor after the end', async () => {
    const { seen } = waiting('missing');
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(seen).toMatchObject({ looked: 6, there: 0 });
    const { seen: other, stop } = waiting('missing');
    stop();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(other.looked).toBe(0);
  });
});

describe('the panel behind the icon', () => {
  it.each([
    ['GNOME', false, true],
    ['ubuntu:GNOME', false, true],
    ['KDE', false, false],
    ['KDE', true, true],
    [undefined, false, false],
  ] as const)('on %s with a dark theme %s is dark: %s', (desktop, isThemeDark, expected) => {
    expect(isLinuxPanelDark(desktop, isThemeDark)).toBe(expected);
  });
});

describe('power', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function power() {
    const on = new Set<number>();
    const machine = { isOnBattery: false, on, resumed: 0, shutdown: 0, started: 0 };
    const monitor = Object.assign(new EventEmitter(), {
      isOnBatteryPower: () => machine.isOnBattery,
    });
    const watch = watchPower({
      monitor: monitor as never,
      blocker: {
        start: (type) => {
          expect(type).toBe('prevent-app-suspension');
          machine.started += 1;
          on.add(machine.started);
          return machine.started;
        },
        stop: (id) => on.delete(id),
        isStarted: (id) => on.has(id),
      },
      onResume: () => {
        machine.resumed += 1;
      },
      onShutdown: () => {
        machine.shutdown += 1;
      },
    });
    return { machine, monitor, watch };
  }

  it('is held only while a friend is busy and the owner likes it', () => {
    const { machine, watch } = power();
    watch.look({ isWanted: true, isFriendBusy: false });
    watch.look({ isWanted: false, isFriendBusy: true });
    expect(machine.started).toBe(0);
    watch.look({ isWanted: true, isFriendBusy: true });
    watch.look({ isWanted: true, isFriendBusy: true });
    expect(machine).toMatchObject({ started: 1, on: new Set([1]) });
    watch.look({ isWanted: true, isFriendBusy: false });
    expect(machine.on.size).toBe(0);
  });

  it('is let go on battery, also where the system tells nobody that the plug was pulled', () => {
    const { machine, monitor, watch } = power();
    watch.look({ isWanted: true, isFriendBusy: true });
    machine.isOnBattery = true;
    monitor.emit('on-battery');
    expect(machine.on.size).toBe(0);
    machine.isOnBattery = false;
    monitor.emit('on-ac');
    expect(machine.on.size).toBe(1);
    machine.isOnBattery = true;
    vi.advanceTimersByTime(30_000);
    expect(machine.on.size).toBe(0);
  });

  it('is let go at the end, with no timer left', () => {
    const { machine, watch } = power();
    watch.look({ isWanted: true, isFriendBusy: true });
    watch.close();
    expect(machine.on.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('comes back and goes away with what is to be done then', () => {
    const { machine, monitor } = power();
    monitor.emit('resume');
    monitor.emit('shutdown');
    expect(machine).toMatchObject({ resumed: 1, shutdown: 1 });
  });
});
