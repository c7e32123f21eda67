import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptBy } from '../../shared/backup/retention.ts';
import { PLAN_AT_FIRST } from '../../shared/model/backup-plan.ts';
import { createMonth } from '../fakes/month-world.ts';

/** A month in which nobody looks: nights, a friend who is away, a full disk, a weekend off. */
const HOUR_MS = 3_600_000;
/** In June by this computer's wall; the first is a Monday. */
const at = (day: number, hour = 0) => new Date(2026, 5, day, hour).getTime();

let month: ReturnType<typeof createMonth>;
beforeEach(() => {
  month = createMonth(at(1, 7));
});
afterEach(() => month.close());

const RETENTION = { last: 3, hourly: 24, daily: 14, weekly: 8, monthly: 12, yearly: 10 };
const schedule = PLAN_AT_FIRST.schedule;

/** From one morning to the next: work from seven to eleven at night, files that change meanwhile, and sleep. */
async function liveThrough(day: number): Promise<void> {
  month.write('letters', `of ${day % 9}`, `Dear Ben, it is the ${day}th.`);
  await month.workUntil(at(day, 23), () => {
    if (month.nowMs() % HOUR_MS !== 0) return;
    const hour = new Date(month.nowMs()).getHours();
    // Every other hour nothing has changed.
    if (hour % 2 === 0) month.write('work', `draft ${hour % 6}`, `${day} ${hour} `.repeat(200));
  });
  month.sleepUntil(at(day + 1, 7));
}

test('a month alone: nothing expires, what the retention wants is there twice and comes back, and a person hears of what he can change', async () => {
  month.create('letters', {
    schedule: { ...schedule, every: 'day' },
    retention: RETENTION,
    verifyDays: 14,
  });
  month.create('work', {
    schedule: { ...schedule, every: 'hour' },
    retention: RETENTION,
    verifyDays: 14,
  });
  const [ben, cleo] = month.hosts;
  for (let day = 1; day <= 35; day += 1) {
    if (day === 5) ben.isAway = true;
    if (day === 15) month.isBack(ben);
    if (day === 18) cleo.isDiskFull = true;
    if (day === 21) cleo.isDiskFull = false;
    if (day === 27) {
      // Off since Friday night, over the weekend.
      month.sleepUntil(at(29, 7));
      await month.restart();
      day = 29;
    }
    await liveThrough(day);
  }

  // Every day had its backup at noon, and its first of all came at once; what the weekend missed was caught up on, once.
  const daily = month.made.get('letters') ?? [];
  const hourly = month.made.get('work') ?? [];
  const days = new Set(daily.map(({ time }) => new Date(time).toDateString()));
  expect(daily).toHaveLength(33 + 1 + 1);
  expect(days.size).toBe(33);
  expect(hourly.length).toBeGreaterThan(33 * 15);
  expect(hourly.length).toBeLessThan(33 * 18);

  // No lease ever ended, and all of them go on for more than a week.
  expect([...month.states]).toEqual(['active']);
  for (const host of month.hosts) {
    const plots = month.plotsAt(host);
    expect(plots).toHaveLength(2);
    for (const { leftS } of plots) expect(leftS).toBeGreaterThan(14 * 86_400);
  }

  // Both copies of both sets have what the retention wants, nothing else, and every byte of it.
  for (const [set, all] of [
    ['letters', daily],
    ['work', hourly],
  ] as const) {
    await month.prune(set);
    const wanted = keptBy(RETENTION, all, month.nowMs()).map(({ id }) => id);
    for (const host of month.hosts) {
      const there = await month.snapshotsAt(host, set);
      expect(there.toSorted()).toEqual(wanted.toSorted());
      expect(await month.check(host, set)).toEqual([]);
      for (const id of there)
        expect(await month.restore(host, set, id)).toBe(all.find((each) => each.id === id)?.digest);
    }
  }
  expect(
    month.facts().map(({ name, safety, copies }) => ({
      name,
      safety,
      copies: copies.map(({ state, verifiedMs }) => [
        state,
        month.nowMs() - (verifiedMs ?? 0) < 2 * 86_400_000,
      ]),
    })),
  ).toEqual(
    ['letters', 'work'].map((name) => ({
      name,
      safety: 'safe',
      copies: [
        ['complete', true],
        ['complete', true],
      ],
    })),
  );
  // One whole copy at least was never older than it may be.
  expect(month.safeties).not.toContain('stale');
  expect(month.safeties).not.toContain('at-risk');

  // Every byte of every copy was read back.
  expect(month.passes()).toEqual([1, 1, 1, 1]);

  // All that anybody was told in five weeks: that a restore can be tried, who was away too long, and whose disk is full.
  expect(month.told.map(({ kind, params }) => [kind, params['friend'], params['set']])).toEqual([
    ['drill-offer', undefined, 'letters'],
    ['friend-away', 'Ben', undefined],
    ['share-full', 'Cleo', 'work'],
    ['share-full', 'Cleo', 'letters'],
  ]);
}, 400_000);
