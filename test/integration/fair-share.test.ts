import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { largestSizeBytes } from '../../shared/model/plot.ts';
import { GB } from '../../shared/units.ts';
import { pair, scratch, startHome, type TestHome } from '../fakes/homes.ts';

/**
 * Case 3 of the design: my friend shares his space evenly among friends, and I may use no more than my share.
 * What is lent beyond shares has its own file (`lending.test.ts`).
 */
const OFFER = 90n * GB;
const THIRD = OFFER / 3n;
const HALF = OFFER / 2n;
const MONTH_S = 30 * 86_400;

let place: Awaited<ReturnType<typeof scratch>>;
let ben: TestHome;
let ana: TestHome;
let cleo: TestHome;
let dora: TestHome;

beforeEach(async () => {
  place = await scratch();
  const space = { read: async () => ({ freeBytes: 1000n * GB, totalBytes: 2000n * GB }) };
  ben = await startHome('Ben', place.folder, { ports: { space } });
  [ana, cleo, dora] = (await Promise.all(
    ['Ana', 'Cleo', 'Dora'].map((name) => startHome(name, place.folder)),
  )) as [TestHome, TestHome, TestHome];
  const folder = join(place.folder, 'spare');
  await mkdir(folder);
  await ben.call('offer.set', { folder, offerBytes: `${OFFER}`, keepFreeBytes: '0' });
  const grounds = [{ kind: 'fair-share' as const, weight: 1, strict: true }];
  await ben.call('policy.set', { policy: { guards: {}, grounds } });
  for (const home of [ana, cleo]) await pair(home, ben);
});
afterEach(async () => {
  await Promise.all([ana, cleo, dora, ben].map((home) => home.close()));
  await place.remove();
});

const ask = (home: TestHome, size: bigint) =>
  home.call('allocations.ask', { friend: 'Ben', size: `${size}`, durationS: MONTH_S });
async function shares(): Promise<Readonly<Record<string, bigint>>> {
  const friends = await ben.call('friends.list');
  return Object.fromEntries(
    friends
      .filter(({ departed }) => !departed)
      .map(({ name, here }) => [name, BigInt(here.shareBytes ?? '0')]),
  );
}

test('each may use a whole share, whoever else asks, and hears the numbers when it is more', async () => {
  expect(await shares()).toEqual({ Ana: HALF, Cleo: HALF });
  const most = largestSizeBytes(HALF);
  expect(await ask(ana, most + 1n)).toMatchObject({
    type: 'denied',
    reasons: [
      {
        code: 'over-share',
        ground: 'fair-share',
        params: { shareBytes: `${HALF}`, useBytes: '0', mayAskBytes: `${most}` },
      },
    ],
  });
  expect((await ask(ana, most)).type).toBe('granted');
  expect((await ask(ana, 1n)).type).toBe('denied');
  expect((await ask(cleo, most)).type).toBe('granted');
});

test('somebody joins: shares are smaller for all, nobody loses what he has, and only his growth stops', async () => {
  const granted = await ask(ana, largestSizeBytes(HALF));
  expect(granted.type).toBe('granted');
  await pair(dora, ben);
  expect(await shares()).toEqual({ Ana: THIRD, Cleo: THIRD, Dora: THIRD });
  expect(await ask(ana, 1n)).toMatchObject({ reasons: [{ code: 'over-share' }] });
  const [plot] = await ana.call('plots.mine');
  if (plot === undefined) throw new Error('it was granted');
  expect(await ana.call('plots.renew', { plot: plot.plot })).toMatchObject({
    type: 'granted',
    size: plot.sizeBytes,
    class: 'guaranteed',
  });
  expect(await ben.call('shares.over')).toMatchObject([
    { name: 'Ana', useBytes: `${HALF}`, shareBytes: `${THIRD}` },
  ]);
  // There is room for one whole share and a part of the other, because Ana holds more than hers.
  expect((await ask(cleo, largestSizeBytes(THIRD))).type).toBe('granted');
  expect(await ask(dora, largestSizeBytes(THIRD))).toMatchObject({
    type: 'denied',
    reasons: [{ code: 'no-space', params: { freeBytes: `${OFFER - HALF - THIRD}` } }],
  });
  expect((await ask(dora, largestSizeBytes(OFFER - HALF - THIRD))).type).toBe('granted');
});

test('whoever leaves gives his share to the others, and a weight is a weight', async () => {
  await ben.call('policy.set', {
    friend: 'Cleo',
    policy: { guards: {}, grounds: [{ kind: 'fair-share', weight: 2, strict: true }] },
  });
  expect(await shares()).toEqual({ Ana: THIRD, Cleo: 2n * THIRD });
  await ben.call('friends.leave', { friend: 'Cleo', days: 0, name: 'Cleo' });
  expect(await shares()).toEqual({ Ana: OFFER });
});
