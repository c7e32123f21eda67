import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Answer } from '../../shared/model/allocate.ts';
import type { Plain } from '../../shared/contract/views.ts';
import { GB, MIB } from '../../shared/units.ts';
import { SERVER_LIMITS } from '../../electron/core/server/limits.ts';
import type { MintInfo } from '../../shared/wire/mint.ts';
import { pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';

/** Notes between real homes over TLS: Ben gives room for notes of his and for nothing else. */
const DAY_S = 86_400;

let place: Awaited<ReturnType<typeof scratch>>;
let ana: TestHome;
let ben: TestHome;
let cleo: TestHome;

beforeEach(async () => {
  place = await scratch();
  const space = { read: async () => ({ freeBytes: 1000n * GB, totalBytes: 2000n * GB }) };
  [ana, ben, cleo] = (await Promise.all(
    ['Ana', 'Ben', 'Cleo'].map((name) => startHome(name, place.folder, { ports: { space } })),
  )) as [TestHome, TestHome, TestHome];
  const folder = join(place.folder, 'spare');
  await mkdir(folder);
  await ben.call('offer.set', { folder, offerBytes: `${20n * GB}`, keepFreeBytes: '0' });
  await ben.call('policy.set', { policy: { guards: {}, grounds: [{ kind: 'notes' }] } });
  for (const home of [ana, ben, cleo]) await home.call('settings.set', { barter: true });
  await pair(ana, ben);
  await pair(cleo, ben);
  await pair(ana, cleo);
});
afterEach(async () => {
  await Promise.all([ana.close(), ben.close(), cleo.close()]);
  await place.remove();
});

const unitsOf = async (home: TestHome, issuer = 'Ben') =>
  (await home.call('barter.get')).wallet.find((purse) => purse.issuer.name === issuer);
const holds = (home: TestHome, units: string) =>
  until(async () => ((await unitsOf(home))?.units === units ? true : undefined));
const mint = async () => (await ben.call('barter.get')).mint;
const ask = (home: TestHome, size: bigint, durationS = 30 * DAY_S) =>
  home.call('allocations.ask', { friend: 'Ben', size: `${size}`, durationS });

async function give(friend: string, units: string): Promise<void> {
  await ben.call('barter.give', { friend, units });
}
function plotIn(answer: Plain<Answer>): string {
  if (answer.type !== 'granted') throw new Error(JSON.stringify(answer));
  return answer.plot;
}

const SIZE = 15n * 64n * MIB;
const PRICE = 16n;

describe('notes between homes', () => {
  test('Ben gives Ana notes, and Ana pays him with them for a plot', async () => {
    expect(await ask(ana, SIZE)).toMatchObject({
      type: 'denied',
      reasons: [{ code: 'notes-short', params: { needUnits: `${PRICE}`, haveUnits: '0' } }],
    });
    await give('Ana', '21');
    await holds(ana, '21');
    plotIn(await ask(ana, SIZE));
    expect(await unitsOf(ana)).toMatchObject({ units: '5', heldUnits: '0' });
    expect(await mint()).toMatchObject({ outstandingUnits: '5' });
    const log = await ana.call('barter.log');
    expect(log.map(({ movement, units }) => [movement, units])).toContainEqual(['paid', '16']);
    const [purse] = (await ana.call('barter.get')).wallet;
    expect(purse).toMatchObject({ honoured: 1, refused: 0 });
  });

  test('what Ana got from Ben pays Ben for Cleo’s plot', async () => {
    await give('Ana', '32');
    await holds(ana, '32');
    await ana.call('barter.send', { friend: 'Cleo', issuer: 'Ben', units: `${PRICE}` });
    expect(await unitsOf(ana)).toMatchObject({ units: '16' });
    expect(await unitsOf(cleo)).toMatchObject({ units: '16' });
    plotIn(await ask(cleo, SIZE));
    expect(await unitsOf(cleo)).toBe(undefined);
    expect(await mint()).toMatchObject({ outstandingUnits: '16' });
  });

  test('a renewal is paid for the time that it adds', async () => {
    await give('Ana', '64');
    await holds(ana, '64');
    const plot = plotIn(await ask(ana, SIZE, 10 * DAY_S));
    // Sixteen units a month, for ten days; then for twenty more.
    expect((await unitsOf(ana))?.units).toBe('58');
    const renewed = await ana.call('plots.renew', { plot, durationS: 30 * DAY_S });
    expect(renewed).toMatchObject({ type: 'granted', ttl: 30 * DAY_S });
    expect((await unitsOf(ana))?.units).toBe('47');
    expect(await mint()).toMatchObject({ outstandingUnits: '47' });
    // What is paid already is not paid again.
    expect(await ana.call('plots.renew', { plot, durationS: DAY_S })).toMatchObject({
      type: 'granted',
    });
    expect((await unitsOf(ana))?.units).toBe('47');
  });

  test('a plot that is never used gives back what it cost', async () => {
    await give('Ana', '16');
    await holds(ana, '16');
    const plot = plotIn(await ask(ana, SIZE));
    expect(await unitsOf(ana)).toBe(undefined);
    await ana.call('plots.release', { plot });
    await give('Ana', '1');
    await holds(ana, '17');
    expect(await mint()).toMatchObject({ outstandingUnits: '17' });
  });

  test('a mint whose book is an older copy is closed, and says so', async () => {
    await give('Ana', '16');
    await holds(ana, '16');
    await ben.core.chores();
    await ben.close();
    // As if the book had been put back to a moment before the last thing that was counted.
    const file = join(place.folder, 'home of Ben', 'mint-mark.json');
    const { sure, tried } = JSON.parse(await readFile(file, 'utf8')) as Record<string, number>;
    await writeFile(file, JSON.stringify({ sure: (sure ?? 0) + 1, tried: (tried ?? 0) + 1 }));
    ben = await ben.restart();
    await ben.core.chores();
    const { outstandingUnits, problem } = await mint();
    expect(outstandingUnits).toBe('0');
    expect(problem).not.toBe(null);
    expect((await ask(ana, SIZE)).type).toBe('denied');
  });
});

describe('a stranger to the mint', () => {
  test('malformed, oversized and foreign messages are refused, and nothing moves', async () => {
    await give('Ana', '16');
    await holds(ana, '16');
    const keys = await keysOf(ana, 'Ana');
    const post = (path: string, body: unknown) =>
      send(ben, keys, { path, body: JSON.stringify(body) });
    const requestId = () => randomBytes(16).toString('base64url');
    const point = 'A'.repeat(43);
    const blank = { keyset: `${'a'.repeat(26)}`, k: 0, point };
    const swap = { v: 1, requestId: requestId(), notes: ['x'], blinded: [blank] };
    const many = Array.from({ length: 65 }, () => blank);
    for (const [path, body] of [
      ['/v1/mint/swaps', { ...swap, v: 2 }],
      ['/v1/mint/swaps', { ...swap, requestId: 'x' }],
      ['/v1/mint/swaps', { ...swap, blinded: many }],
      ['/v1/mint/swaps', { ...swap, blinded: [] }],
      ['/v1/mint/swaps', { ...swap, blinded: [{ ...blank, k: 21 }] }],
      ['/v1/mint/swaps', { ...swap, blinded: [{ ...blank, k: -1 }] }],
      ['/v1/mint/withdrawals', { v: 1, requestId: requestId(), claim: 'x', blinded: [blank] }],
      ['/v1/mint/change', { v: 1, requestId: requestId(), plot: 'x', blinded: [blank] }],
      ['/v1/mint/swaps', { ...swap, requestId: requestId() }],
      ['/v1/notes', { v: 1, requestId: requestId(), issuer: {}, notes: ['x'] }],
    ] as const) {
      const answer = await post(path, body);
      expect(answer.status, `${path} ${JSON.stringify(body).slice(0, 200)}`).toBe(400);
    }
    const unknown = await send(ben, {}, { path: '/v1/mint' });
    expect(unknown.code).toBe('unknown-peer');
    expect(await mint()).toMatchObject({ outstandingUnits: '16', issuedUnits: '16' });
  });
});

test('whoever asks and asks with notes makes the mint work no longer than whoever swaps them', async () => {
  await give('Ana', '1');
  await holds(ana, '1');
  // As many notes as a friend may have looked at, and no more for as long as this takes.
  ben = await ben.restart({ limits: { ...SERVER_LIMITS, mint: { burst: 3, perS: 0 } } });
  const keys = await keysOf(ana, 'Ana');
  const { keysets } = JSON.parse(
    (await send(ben, keys, { path: '/v1/mint' })).body.toString(),
  ) as MintInfo;
  const said: (string | undefined)[] = [];
  for (let each = 0; each < 5; each += 1) {
    const [secret, output] = [32, 64].map((size) => randomBytes(size).toString('base64url'));
    const notes = [`${keysets[0]?.keyset}.0.${secret}.${output}`];
    const asked = {
      v: 1,
      size: `${SIZE}`,
      duration: { want: DAY_S },
      why: [{ kind: 'notes', notes }],
    };
    const requestId = randomBytes(16).toString('base64url');
    const body = JSON.stringify({ ...asked, requestId });
    const answered = await send(ben, keys, { path: '/v1/quotes', body });
    const { answer } = JSON.parse(answered.body.toString()) as { answer: Answer };
    said.push(answer.type === 'denied' ? answer.reasons[0]?.code : answer.type);
  }
  expect(said).toEqual([...Array(3).fill('notes-bad'), 'rate-limited', 'rate-limited']);
});
