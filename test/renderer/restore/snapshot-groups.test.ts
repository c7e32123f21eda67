import { expect, test } from 'vitest';
import { groupsOf } from '../../../renderer/restore/snapshot-groups.ts';

/** The clock of whoever runs this; the groups go by its days. */
const NOW_MS = new Date(2026, 10, 25, 14, 30).getTime();

function at(id: string, ...when: readonly [number, number, number, number]) {
  const [year, month, day, hour] = when;
  return {
    id,
    atMs: new Date(year, month, day, hour).getTime(),
    paths: ['/home/kim/Photos'],
    host: 'Kim',
    tags: [],
    files: null,
    bytes: null,
  };
}

test('states stand under today, yesterday, the last days and months, newest first', () => {
  const groups = groupsOf(
    [
      at('spring', 2026, 2, 29, 12),
      at('early today', 2026, 10, 25, 0),
      at('late yesterday', 2026, 10, 24, 23),
      at('thursday', 2026, 10, 19, 12),
      at('wednesday before', 2026, 10, 18, 12),
      at('today', 2026, 10, 25, 14),
      at('a year ago', 2025, 10, 25, 14),
    ],
    NOW_MS,
  );
  expect(groups.map(({ id, snapshots }) => [id, snapshots.map((each) => each.id)])).toEqual([
    ['today', ['today', 'early today']],
    ['yesterday', ['late yesterday']],
    ['week', ['thursday']],
    ['2026-10', ['wednesday before']],
    ['2026-2', ['spring']],
    ['2025-10', ['a year ago']],
  ]);
});

test('one of the future, from before a clock was set back, belongs to today', () => {
  expect(groupsOf([at('tomorrow', 2026, 10, 26, 9)], NOW_MS).map(({ id }) => id)).toEqual([
    'today',
  ]);
});
