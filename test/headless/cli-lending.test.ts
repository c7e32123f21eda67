import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliHome, offerBoth, startCliHome } from '../fakes/cli-home.ts';
import type { TestHome } from '../fakes/homes.ts';

/** Ben at his command line; Ana asks him, and he asks her. */
let homes: CliHome;
let ana: TestHome;
const at: CliHome['at'] = (...args) => homes.at(...args);
const json = async (...args: readonly string[]) =>
  JSON.parse((await at(...args, '--json')).out) as unknown;
const ask = (size: string) =>
  ana.call('allocations.ask', { friend: 'Ben', size, durationS: 86_400 });

beforeAll(async () => {
  homes = await startCliHome();
  ({ ana } = homes);
  await offerBoth(homes);
});
afterAll(() => homes.close());

test('the owner is asked beyond a size, and says yes or no by name or by request', async () => {
  const set = ['policy', 'set', 'Ana'];
  expect((await at(...set, 'fair-share=2', 'strict', 'ask-above=0')).code).toBe(0);
  expect((await at('requests')).out).toBe('Nobody waits.\n');
  expect((await at('requests', 'yes', 'Ana')).code).toBe(3);
  await ask('1000000');
  await ask('2000000');
  expect((await at('requests')).out).toMatch(/Ana +1 MB +24 hours +your word /);
  const several = await at('requests', 'yes', 'ana');
  expect([several.code, several.err]).toEqual([2, expect.stringContaining('several of Ana’s')]);
  const [first, second] = (await json('requests')) as { ticket: string }[];
  const yes = await at('requests', 'yes', first?.ticket ?? '');
  expect(yes.out).toBe('Ana hears your yes to 1 MB with the next question.\n');
  expect(await json('requests', 'no', second?.ticket ?? '')).toEqual({
    ticket: second?.ticket,
    yes: false,
  });
});

test('what I wait for at a friend’s is shown, and can be withdrawn; a loan says that it is one', async () => {
  const lent = await at('ask', 'Ana', '--size', '19GB', '--borrow');
  expect(lent.out).toMatch(/^Granted: 19 GB/);
  await ana.call('policy.set', {
    policy: { guards: { askAboveBytes: '0' }, grounds: [{ kind: 'fair-share', weight: 1 }] },
  });
  const asked = await at('ask', 'Ana', '--size', '100MB');
  expect([asked.code, asked.out]).toEqual([
    4,
    expect.stringContaining('Not decided yet: it waits for the owner’s word.'),
  ]);
  const [wish] = (await json('wishes')) as { ticket: string }[];
  expect((await at('wishes')).out).toMatch(/Ana +100 MB/);
  expect((await at('wishes', 'withdraw', wish?.ticket ?? '')).out).toBe('Withdrawn.\n');
  expect((await at('wishes', 'withdraw', wish?.ticket ?? '')).code).toBe(3);
  expect((await at('wishes')).out).toBe('You wait for nobody.\n');
});

test('policies have hours and limits, and wrong words are told which', async () => {
  const set = (...words: readonly string[]) => at('policy', 'set', 'Ana', ...words, '--json');
  await set('fair-share=2', 'strict', 'always', 'ask-above=10GB', 'quiet=22:00-7:30');
  expect(await json('policy', 'show', 'Ana')).toMatchObject({
    policy: {
      guards: { askAboveBytes: '10000000000', quietHours: { fromMin: 1320, untilMin: 450 } },
      grounds: [{ kind: 'fair-share', weight: 2, strict: true }, { kind: 'always' }],
    },
  });
  for (const [word, says] of [
    ['coins', 'is no ground'],
    ['notes=much', 'a size like notes=50GB'],
    ['quota=1.000GB', 'no point or comma for thousands'],
    ['account=', 'account=Mum'],
    ['account=Zoe', 'nobody here is called “Zoe”'],
    ['strict', 'behind the fair-share'],
    ['ask-above=much', 'a size like ask-above=10GB'],
    ['quiet=25:00-07:00', 'two times of day'],
    ['quiet=7:00-07:00', 'two times of day'],
  ] as const) {
    const said = await set(word);
    expect([said.code, said.out]).toEqual([2, expect.stringContaining(says)]);
  }
});

test('what is wanted for a yes is set by words too, tried, and goes into a file and back', async () => {
  const grounds = ['account=ana', 'notes=20GB', 'fair-share=1', 'reciprocal=0.5', 'voucher'];
  expect((await at('policy', 'set', 'Ana', ...grounds)).code).toBe(0);
  const shown = (await json('policy', 'show', 'Ana')) as { policy: { grounds: object[] } };
  const [friend] = (await json('friends')) as { owner: string; here: object }[];
  // Whatever is tried before it: his share is the fair one.
  expect(friend?.here).toMatchObject({ ground: 'fair-share', weight: 1 });
  expect(shown.policy.grounds).toEqual([
    { kind: 'account', keepers: [friend?.owner] },
    { kind: 'notes', maxBytes: '20000000000' },
    { kind: 'fair-share', weight: 1 },
    { kind: 'reciprocal', ratio: 0.5 },
    { kind: 'voucher' },
  ]);
  const file = join(homes.folder, 'grounds.json');
  expect((await at('policy', 'export', file)).code).toBe(0);
  expect((await at('policy', 'set', 'Ana', 'notes', 'reciprocal=2')).code).toBe(0);
  const tried = await at('policy', 'try', 'Ana', '--size', '1GB');
  expect(tried.out).toContain('notes of this host: says no');
  expect(tried.out).toContain('as much in return: says no');
  expect((await at('policy', 'import', file)).code).toBe(0);
  expect(await json('policy', 'show', 'Ana')).toMatchObject(shown);
});

test('policies go into a file and come back from it, all of them or none', async () => {
  const file = join(homes.folder, 'policies.json');
  await at('policy', 'set', 'Ana', 'quota=5GB', 'quiet=22:00-07:00');
  const exported = await at('policy', 'export', file);
  expect([exported.code, exported.out]).toEqual([0, expect.stringContaining('one friend')]);
  const content = JSON.parse(await readFile(file, 'utf8')) as {
    default: { guards: Record<string, unknown> };
    friends: { friend: string; policy: { guards: Record<string, unknown> } }[];
  };
  expect(content).toMatchObject({
    v: 1,
    default: { grounds: [{ kind: 'fair-share', weight: 1 }] },
    friends: [{ friend: 'Ana', policy: { grounds: [{ kind: 'quota', bytes: '5000000000' }] } }],
  });
  const [ofAna] = content.friends;
  if (ofAna === undefined) throw new Error('nothing of Ana');
  const write = (more: object) => writeFile(file, JSON.stringify({ ...content, ...more }));
  const isAsBefore = async () =>
    expect(await json('policy', 'show', 'default')).toMatchObject({ policy: content.default });

  const other = { guards: { maxPlots: 3 }, grounds: [{ kind: 'always' }] };
  await write({ default: other, friends: [ofAna, { ...ofAna, friend: 'Zoe' }] });
  const unknown = await at('policy', 'import', file);
  expect([unknown.code, unknown.err]).toEqual([3, expect.stringContaining('Zoe')]);
  await isAsBefore();
  const bad = { guards: { maxPlots: -1 }, grounds: [] };
  await write({ default: other, friends: [{ friend: 'Ana', policy: bad }] });
  const wrong = await at('policy', 'import', file);
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('Ana: guards.maxPlots')]);
  await isAsBefore();
  await writeFile(file, '{');
  expect((await at('policy', 'import', file)).err).toContain('is not JSON');
  expect((await at('policy', 'import', join(homes.folder, 'none'))).err).toContain('ENOENT');

  await write({ default: other });
  expect((await at('policy', 'import', file)).code).toBe(0);
  expect(await json('policy', 'show', 'default')).toMatchObject({ policy: other });
  expect(await json('policy', 'show', 'Ana')).toMatchObject({ own: true, policy: ofAna.policy });
});
