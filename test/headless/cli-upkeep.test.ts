import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliHome, offerBoth, startCliHome } from '../fakes/cli-home.ts';
import type { TestHome } from '../fakes/homes.ts';

/** Ben at his command line keeps something for Ana, and she something for him. */
let homes: CliHome;
let ana: TestHome;
const at: CliHome['at'] = (...args) => homes.at(...args);

beforeAll(async () => {
  homes = await startCliHome();
  ({ ana } = homes);
  await offerBoth(homes);
});
afterAll(() => homes.close());

test('where the space went is said in sizes and to the byte, as it adds up', async () => {
  const { out } = await at('space');
  expect(out).toMatch(/offered +20 GB +20000000000/);
  const space = JSON.parse((await at('space', '--json')).out) as Record<string, string>;
  const parts = ['dataBytes', 'arrivingBytes', 'leavingBytes', 'overheadBytes'];
  const sum = parts.reduce((all, part) => all + BigInt(space[part] ?? ''), 0n);
  expect(`${sum}`).toBe(space['onDiskBytes']);
  expect(out).toContain(space['onDiskBytes']);
});

test('who holds more than a share is asked for less, or given notice that can be taken back', async () => {
  expect((await at('shares')).out).toBe('Nobody holds more than a fair share.\n');
  await ana.call('allocations.ask', { friend: 'Ben', size: '15000000000', durationS: 86_400 });
  const spare = join(homes.folder, 'spare of Ben');
  await at('offer', 'set', '--folder', spare, '--size', '10GB');
  expect((await at('shares')).out).toMatch(/Ana +15\.1 GB +10 GB +5\.1 GB +– +–/);
  expect((await at('shares', 'ask-less', 'Ana')).out).toMatch(/Ana .* 10 GB +5\.1 GB +20\d\d-/);
  expect((await at('shares', 'end', 'Ana')).code).toBe(2);
  expect((await at('shares', 'end', 'Ana', '--in', '90min')).code).toBe(2);
  expect((await at('shares', 'end', 'Ana', '--in', '3d')).err).toContain('from 7d to 365d');
  expect((await at('shares', 'end', 'Ana', '--in', '30d')).out).toMatch(/20\d\d-.* +20\d\d-/);
  expect((await at('shares', 'end', 'Ana', '--never')).out).toMatch(/20\d\d-[^ ]+ [^ ]+ +–/);
  expect((await at('shares', 'end', 'Nobody', '--never')).code).toBe(3);
});

test('a list of what to keep does nothing before it is confirmed', async () => {
  const ask = async () => {
    const { out } = await at('ask', 'Ana', '--size', '100MB', '--json');
    return (JSON.parse(out) as { plot: string }).plot;
  };
  const [kept, gone] = [await ask(), await ask()];
  const first = await at('plots', 'keep-only', kept);
  expect(first.out).toContain(`Ana keeps 1 and would let go of:`);
  expect(first.out).toContain(gone);
  expect(first.out).toContain('the same with --goes 0');
  expect((await ana.call('plots.hosted')).some(({ leavesMs }) => leavesMs !== undefined)).toBe(
    false,
  );
  expect((await at('plots', 'keep-only', kept, '--goes', '0')).out).toContain('and lets go of:');
  expect((await at('plots', '--mine')).out).toMatch(new RegExp(`${gone} .* goes 20\\d\\d-`));
  expect((await at('renew', gone, '--for', '30d')).out).toMatch(/, for [67] days\./);
  const there = await ana.call('plots.hosted');
  expect(there.find(({ plot }) => plot === gone)?.leavesMs).toBeGreaterThan(Date.now());
  expect((await at('plots', 'keep-only', kept, gone, '--goes', '0')).out).toBe(
    'Ana keeps all there is of yours: 2 plots.\n',
  );
  expect((await at('plots', 'keep-only', 'zzzz')).code).toBe(3);
  expect((await at('plots', 'keep-only', kept, '--goes', '5')).err).toContain('holds 0 B now');
  expect((await at('plots', 'keep-only', kept, '--goes', 'all')).code).toBe(2);
});

test('who may renew a plot is named for days, listed, and taken back', async () => {
  const [plot] = await ana.call('plots.hosted');
  const id = plot?.plot ?? '';
  expect((await at('plots', 'helpers')).out).toBe('Nobody but this device renews your plots.\n');
  const named = await at('plots', 'delegate', id, 'me', '--for', '60d');
  expect(named.out).toMatch(new RegExp(`${id} +Ana +other devices of yours +20`));
  expect((await at('plots', 'helpers')).out).toBe(named.out);
  expect((await at('plots', 'delegate', id, 'Nobody', '--for', '60d')).code).toBe(3);
  expect((await at('plots', 'delegate', id, 'me', '--for', '400d')).err).toContain('to 366d');
  expect((await at('plots', 'delegate', id, 'Ana', '--for', '60d')).err).toContain(
    'Ana keeps that plot and can’t renew it for you.',
  );
  expect((await at('plots', 'undelegate', id, 'me')).out).toBe(
    'Nobody but this device renews your plots.\n',
  );
});
