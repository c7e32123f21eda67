import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serve } from '../../electron/headless/serve.ts';
import { asTestHome, pair, scratch, startHome, type TestHome } from '../fakes/homes.ts';

const CLI = new URL('../../electron/headless/cli.ts', import.meta.url).pathname;

let place: Awaited<ReturnType<typeof scratch>>;
let served: Extract<Awaited<ReturnType<typeof serve>>, { ok: true }>['value'];
let ana: TestHome;

function at(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const all = [CLI, ...args, '--home', join(place.folder, 'ben')];
  return new Promise((resolve) => {
    execFile(process.execPath, all, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err });
    });
  });
}

beforeAll(async () => {
  place = await scratch();
  const home = join(place.folder, 'ben');
  const started = await serve({ home, name: 'Ben', port: 0, host: '127.0.0.1' });
  if (!started.ok) throw new Error(JSON.stringify(started.fault));
  served = started.value;
  ana = await startHome('Ana', place.folder);
  await pair(ana, asTestHome(served.core, place.folder));
});
afterAll(async () => {
  await ana.close();
  await served.close();
  await place.remove();
});

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
}, 60_000);
