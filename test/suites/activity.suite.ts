import { expect, it } from 'vitest';
import type { Activity } from '../../electron/core/ports.ts';

/** What every adapter owes: an answer, soon, whatever the system says or does not say. */
export function activitySuite(activity: Activity): void {
  it('says what is known, and of the rest that it is not', async () => {
    const { idleS, onBattery, metered } = await activity.read();
    expect(idleS === null || (Number.isFinite(idleS) && idleS >= 0)).toBe(true);
    for (const flag of [onBattery, metered]) expect([true, false, null]).toContain(flag);
  });

  it('can be asked again and by several at once', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => activity.read()));
    expect(all).toHaveLength(5);
  });
}
