import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliHome, startCliHome } from '../fakes/cli-home.ts';

let homes: CliHome;
const at: CliHome['at'] = (...args) => homes.at(...args);

beforeAll(async () => {
  homes = await startCliHome();
});
afterAll(() => homes.close());

test('a friendship ends at a date, goes on after all, or ends at once with what it costs', async () => {
  for (const wrong of [[], ['--days', '0'], ['--days', '366'], ['--days', '9', '--now']])
    expect((await at('friends', 'leave', 'Ana', ...wrong)).code, wrong.join(' ')).toBe(2);
  const left = await at('friends', 'leave', 'Ana', '--days', '30');
  expect([left.code, left.out]).toEqual([0, expect.stringMatching(/with Ana ends on 20\d\d-/)]);
  expect((await at('friends')).out).toMatch(/Ana \(ends 20\d\d-/);
  expect((await at('friends', 'stay', 'Ana')).out).toContain('goes on');
  expect((await at('friends')).out).not.toContain('(ends');

  const unnamed = await at('friends', 'leave', 'Ana', '--now');
  expect([unnamed.code, unnamed.err]).toEqual([4, expect.stringContaining('write Ana')]);
  expect(unnamed.err).toContain('this deletes 0 B that Ana keeps here');
  expect((await at('friends', 'leave', 'Cleo', '--now', '--name', 'Cleo')).code).toBe(3);
  const over = await at('friends', 'leave', 'Ana', '--now', '--name', 'Ana');
  expect([over.code, over.out]).toEqual([0, expect.stringContaining('is over')]);
  expect((await at('friends')).out).toContain('Ana (a friend no longer)');
  expect((await at('friends', 'stay', 'Ana')).code).toBe(3);
});
