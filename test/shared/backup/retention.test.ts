import { describe, expect, it } from 'vitest';
import { type Dated, keptBy } from '../../../shared/backup/retention.ts';
import type { Retention } from '../../../shared/model/backup-plan.ts';
import { fc } from '../../fakes/properties.ts';

const NOW_MS = Date.parse('2026-11-26T12:00:00Z');
const HOUR_MS = 3_600_000;
const NOTHING: Retention = { last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };

function at(hoursAgo: number): Dated {
  const time = new Date(NOW_MS - hoursAgo * HOUR_MS).toISOString();
  return { id: time, time };
}

function ids(retention: Partial<Retention>, snapshots: readonly Dated[], nowMs = NOW_MS) {
  return keptBy({ ...NOTHING, ...retention }, snapshots, nowMs).map(({ id }) => id);
}

const retentions = fc.record({
  last: fc.nat(5),
  hourly: fc.nat(5),
  daily: fc.nat(5),
  weekly: fc.nat(5),
  monthly: fc.nat(5),
  yearly: fc.nat(5),
});
const histories = fc
  .uniqueArray(fc.nat(24 * 900), { maxLength: 80 })
  .map((hours) => hours.map((each) => at(each)));

describe('what a retention keeps', () => {
  it('is the newest of each of the latest days that have a backup, with gaps between', () => {
    const all = [at(1), at(3), at(26), at(27), at(24 * 9), at(24 * 9 + 1), at(24 * 40)];
    expect(ids({ daily: 3 }, all)).toEqual([at(1).id, at(26).id, at(24 * 9).id]);
    expect(ids({ last: 2 }, all)).toEqual([at(1).id, at(3).id]);
  });

  it('is also the newest backup of a folder that the set no longer has, and no older one of it', () => {
    const of = (hoursAgo: number, ...paths: readonly string[]) => ({ ...at(hoursAgo), paths });
    const [now, before] = [of(1, '/letters'), of(2, '/letters')];
    const [last, older] = [of(3, '/letters', '/photos'), of(4, '/letters', '/photos')];
    expect(ids({ last: 1 }, [older, last, before, now])).toEqual([now.id, last.id]);
    // What a later one has as well needs no other.
    expect(ids({ last: 1 }, [of(5, '/letters'), now])).toEqual([now.id]);
  });

  it('counts days where the backup was made, not in Greenwich', () => {
    const late = { id: 'late', time: '2026-11-25T23:30:00+02:00' };
    const early = { id: 'early', time: '2026-11-26T00:30:00+02:00' };
    expect(ids({ daily: 5 }, [late, early])).toEqual(['early', 'late']);
    const sameDay = { id: 'same', time: '2026-11-26T01:00:00+02:00' };
    expect(ids({ daily: 5 }, [sameDay, early])).toEqual(['same']);
  });

  it('begins weeks on Monday, and gives the days around New Year to the week they are in', () => {
    const dates = ['2025-12-29', '2026-01-02', '2026-01-04', '2026-01-05'];
    const all = dates.map((date) => ({ id: date, time: `${date}T10:00:00Z` }));
    expect(ids({ weekly: 9 }, all)).toEqual(['2026-01-05', '2026-01-04']);
  });

  it('is everything where the retention asks for nothing', () => {
    const all = [at(1), at(100), at(2000)];
    expect(ids({}, all).toSorted()).toEqual(all.map(({ id }) => id).toSorted());
  });

  it('never counts what a wrong clock dated in the future, nor lets it go', () => {
    const ahead = at(-24 * 365);
    expect(ids({ last: 1 }, [ahead, at(0), at(5)])).toEqual([ahead.id, at(0).id]);
  });

  it('always has the newest one, only what there is, and the same when asked again', () => {
    fc.assert(
      fc.property(retentions, histories, (retention, all) => {
        const kept = ids(retention, all);
        const known = new Set(all.map(({ id }) => id));
        expect(kept.every((id) => known.has(id))).toBe(true);
        if (all.length > 0)
          expect(kept[0]).toBe(
            all
              .map(({ id }) => id)
              .toSorted()
              .at(-1),
          );
        const again = ids(
          retention,
          all.filter(({ id }) => kept.includes(id)),
        );
        expect(again).toEqual(kept);
      }),
    );
  });

  it('is never less where more is asked for', () => {
    fc.assert(
      fc.property(retentions, retentions, histories, (one, more, all) => {
        const both = Object.fromEntries(
          Object.entries(one).map(([rule, count]) => [rule, count + more[rule as keyof Retention]]),
        );
        if (Object.values(one).every((count) => count === 0)) return;
        const kept = ids(both, all);
        expect(ids(one, all).every((id) => kept.includes(id))).toBe(true);
      }),
    );
  });
});
