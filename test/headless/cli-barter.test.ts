import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CommandContext } from '../../electron/headless/command.ts';
import { barterCommands } from '../../electron/headless/commands-barter.ts';
import { createTranslator } from '../../electron/headless/translator.ts';
import { callThroughDoor } from '../../shared/contract/door.ts';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';

/** The commands themselves, on a real core; how a program starts and finds them is tested elsewhere. */
let place: Awaited<ReturnType<typeof scratch>>;
let ben: TestHome;
let ana: TestHome;
let t: CommandContext['t'];

/** What a command prints, or the code of its fault. */
async function at(line: string): Promise<string> {
  const words = line.split(' ');
  const two = words.slice(0, 2).join(' ');
  const name = Object.hasOwn(barterCommands, two) ? two : (words[0] ?? '');
  const command = barterCommands[name];
  if (command === undefined) throw new Error(`there is no ${name}`);
  const { values, positionals } = parseArgs({
    args: words.slice(name.split(' ').length),
    options: command.options ?? {},
    allowPositionals: true,
  });
  const [least, most] = command.words;
  expect(positionals.length, line).toBeGreaterThanOrEqual(least);
  expect(positionals.length, line).toBeLessThanOrEqual(most);
  const call = ((channel, args) =>
    callThroughDoor(ben.core.api, { channel, args })) as CommandContext['call'];
  const context = { words: positionals, values, t, call } as unknown as CommandContext;
  const ended = await command.run(context);
  return ended.ok ? ended.value.text : ended.fault.code;
}

beforeAll(async () => {
  t = await createTranslator();
  place = await scratch();
  ben = await startHome('Ben', place.folder);
  ana = await startHome('Ana', place.folder);
  for (const [name, each] of [
    ['ana', ana],
    ['ben', ben],
  ] as const) {
    const folder = join(place.folder, `spare of ${name}`);
    await mkdir(folder);
    await offer(each, folder);
  }
  await ana.call('settings.set', { barter: true });
  await pair(ana, ben);
});
afterAll(async () => {
  await Promise.all([ana.close(), ben.close()]);
  await place.remove();
});

test('what is off says how it is switched on', async () => {
  expect(await at('barter')).toContain('settings set barter=on');
  expect(await at('barter give Ana 1GB')).toBe('barter-off');
  await ben.call('settings.set', { barter: true });
  expect(await at('barter')).toContain('You hold no notes.');
});

test('words that are off are told before anybody is asked', async () => {
  for (const line of ['give Ana much', 'propose Ana --give 1XB'])
    expect(await at(`barter ${line}`), line).toBe('bad-size');
  for (const line of [
    'send Ana 1GB',
    'propose Ana',
    'propose Ana --give 1GB --every 400',
    'rate Ana high',
    'currency Taler --per-gb-month 0',
    'currency gb-months --per-gb-month 2',
    'translator on',
    'translator maybe',
    'log --limit 0',
  ])
    expect(await at(`barter ${line}`), line).toBe('bad-arguments');
  expect(await at('barter rate Dora 1')).toBe('friend-unknown');
  expect(await at('barter accept Ana')).toBe('order-unknown');
});

test('a standing order is proposed, shown and ended, in the owner’s own currency', async () => {
  await at('barter currency Taler --per-gb-month 10');
  const proposed = await at('barter propose Ana --give 1GB --want 2GB');
  expect(proposed).toMatch(/^Proposed to Ana: every 30 days 10(\.1)? Taler \(1 GB for 30 days\)/);
  expect(await at('barter')).toContain('waits for them');
  const asked = (await ana.call('barter.get')).orders[0];
  await ana.call('barter.answer', { order: asked?.order, yes: true });
  await until(async () =>
    (await ben.call('barter.get')).wallet[0]?.units === '30' ? true : undefined,
  );
  const shown = await at('barter');
  expect(shown).toMatch(/^Ana +20(\.1)? Taler/m);
  expect(shown).toMatch(/ stands +20\d\d-/);
  expect(shown).toContain('The translator is off.');
  expect(await at('barter log --limit 5')).toMatch(/You fetched notes of Ana over 20(\.1)? Taler/);
  await at('barter rate Ana 0.5');
  // The same notes, counted at half their worth.
  expect(await at('barter')).toMatch(/^Ana +10(\.1)? Taler/m);
  expect(await at('barter rate Ana auto')).toContain('as it comes');
  expect(await at('barter end Ana')).toContain('It is over');
  expect((await ana.call('barter.get')).orders[0]?.state).toBe('ended');
});

test('a friend’s proposal is refused or accepted by the friend’s name', async () => {
  const terms = { friend: 'Ben', giveUnits: '1', wantUnits: '1', periodDays: 7 };
  await ana.call('barter.propose', terms);
  expect(await at('barter')).toContain('waits for you');
  expect(await at('barter refuse Ana')).toContain('Refused');
  await ana.call('barter.propose', terms);
  await ana.call('barter.propose', terms);
  expect(await at('barter accept Ana')).toBe('bad-arguments');
  const asked = (await ben.call('barter.get')).orders.filter(({ state }) => state === 'asked');
  expect(await at(`barter accept ${asked[0]?.order}`)).toContain('It stands from now on');
  expect(await at('barter refuse Ana')).toContain('Refused');
});

test('notes are given and sent on, and the translator has its limits', async () => {
  expect(await at('barter give Ana 1GB')).toContain('Ana fetches notes of yours over');
  expect(await at('barter give Ana 500GB')).toBe('over-issue');
  expect(await at('barter send Ana 1GB --of Ana')).toContain('Ana has notes of Ana over');
  const on = await at('barter translator on --most-give 5GB --most-want 5GB');
  expect(on).toMatch(/at most .* for .* \(5(\.\d+)? GB for 30 days\)/);
  expect(await at('barter translator off')).toContain('off');
  expect((await ben.call('barter.get')).translator).toMatchObject({
    on: false,
    mostGiveUnits: '75',
  });
});
