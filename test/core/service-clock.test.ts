import { describe, expect, it } from 'vitest';
import { startServiceClock } from '../../electron/core/service-clock.ts';

function manual() {
  let ms = 5_000;
  let wallMs = 1_000_000;
  return {
    clock: { nowMs: () => wallMs, monotonicMs: () => ms },
    pass: (by: number) => {
      ms += by;
      wallMs += by;
    },
    jump: (by: number) => {
      wallMs += by;
    },
  };
}

describe('the service clock', () => {
  it('counts the time that was served, from where the last run left off', () => {
    const { clock, pass } = manual();
    const service = startServiceClock(clock, 100);
    pass(60_000);
    expect(service.moment().serviceS).toBe(160);
    service.tick(true);
    pass(30_000);
    expect(service.moment().serviceS).toBe(190);
    expect(service.sinceStartS()).toBe(90);
  });

  it('does not count a sleep, nor a wall clock that jumps', () => {
    const { clock, pass, jump } = manual();
    const service = startServiceClock(clock, 0);
    service.tick(true);
    pass(8 * 3_600_000);
    service.tick(true);
    expect(service.moment().serviceS).toBe(120);
    jump(365 * 86_400_000);
    expect(service.moment().serviceS).toBe(120);
  });

  it('stands still while the volume is away', () => {
    const { clock, pass } = manual();
    const service = startServiceClock(clock, 0);
    service.tick(false);
    pass(60_000);
    service.tick(false);
    pass(60_000);
    service.tick(true);
    pass(10_000);
    expect(service.moment().serviceS).toBe(10);
  });
});
