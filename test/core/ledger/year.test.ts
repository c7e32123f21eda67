import { describe, expect, it } from 'vitest';
import { closeYear, liveYear } from '../../soak/year.ts';
import { sizesOf } from '../../soak/year-checks.ts';

/** A season among eight friends; `npm run soak` goes on for a year among twenty. */
const PEOPLE = 8;
const DAYS = 120;
const HALF = DAYS / 2;
/** What is written down for good or for years, some of it up to a bound of its own. */
const FOR_LONG = new Set(['decisions', 'transfers', 'samples', 'plots', 'note_movements']);
/** Grows with what is kept for friends and ends with it. */
const WITH_PLOTS = new Set(['answers', 'objects', 'holdings', 'usage', 'friends', 'devices']);

describe('a season among friends', () => {
  it('ends nothing without a reason, adds up on each day, and leaves no rows behind', async () => {
    const halfway = new Map<string, number>();
    const { people, seen } = await liveYear({
      people: PEOPLE,
      days: DAYS,
      seed: Number(process.env['SEED'] ?? 1),
      onDay: (day, all) => {
        if (day !== HALF) return;
        for (const { home } of all)
          for (const [table, rows] of sizesOf(home.sql).rows)
            halfway.set(table, Math.max(halfway.get(table) ?? 0, rows));
      },
    });
    for (const what of [
      'asked granted',
      'asked denied',
      'away',
      'backups',
      'joined',
      'left',
      'let go',
      'notes fetched',
      'on the account',
      'renewals',
    ])
      expect(seen.get(what) ?? 0, what).toBeGreaterThan(0);
    const grown: string[] = [];
    for (const { home } of people)
      for (const [table, rows] of sizesOf(home.sql).rows) {
        const before = halfway.get(table) ?? 0;
        const most = WITH_PLOTS.has(table) ? 2 * before + 20 : before + 20;
        if (!FOR_LONG.has(table) && rows > most) grown.push(`${table}: ${before} became ${rows}`);
      }
    expect(grown).toEqual([]);
    closeYear(people);
  });
});
