import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../electron/core/ports.ts';
import type { BarterView, OrderView } from '../../shared/contract/barter-views.ts';
import { GB } from '../../shared/units.ts';
import { pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';

/** Ana, Ben and Cleo barter, each a real home with a mint and a wallet, over TLS. */
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

let place: Awaited<ReturnType<typeof scratch>>;
let ana: TestHome;
let ben: TestHome;
let aheadMs: number;
const clock: Clock = {
  nowMs: () => Date.now() + aheadMs,
  monotonicMs: () => performance.now() + aheadMs,
};

async function start(name: string, offerBytes = 20n * GB): Promise<TestHome> {
  const space = { read: async () => ({ freeBytes: 1000n * GB, totalBytes: 2000n * GB }) };
  const home = await startHome(name, place.folder, { ports: { clock, space } });
  const folder = join(place.folder, `spare of ${name}`);
  await mkdir(folder);
  await home.call('offer.set', { folder, offerBytes: `${offerBytes}`, keepFreeBytes: '0' });
  const grounds = [{ kind: 'notes' }];
  await home.call('policy.set', { policy: { guards: {}, grounds } });
  await home.call('settings.set', { barter: true });
  return home;
}

beforeEach(async () => {
  aheadMs = 0;
  place = await scratch();
  ana = await start('Ana');
  ben = await start('Ben');
  await pair(ana, ben);
});
afterEach(async () => {
  await Promise.all([ana.close(), ben.close()]);
  await place.remove();
});

const barter = (home: TestHome): Promise<BarterView> => home.call('barter.get');
const heldOf = async (home: TestHome, issuer: string) =>
  (await barter(home)).wallet.find((purse) => purse.issuer.name === issuer)?.units;
const orderOf = async (home: TestHome): Promise<OrderView> => {
  const order = (await barter(home)).orders.at(-1);
  if (order === undefined) throw new Error('there is no order');
  return order;
};
const holds = (home: TestHome, issuer: string, units: string) =>
  until(async () => ((await heldOf(home, issuer)) === units ? true : undefined));
/** Minutes pass on all clocks until it is so; what is tried again by itself is tried. */
const comesTrue = (look: () => Promise<boolean>, homes: readonly TestHome[]) =>
  until(async () => {
    aheadMs += 30 * MINUTE_MS;
    await Promise.all(homes.map((home) => home.core.chores()));
    return (await look()) ? true : undefined;
  });

const ORDER = { giveUnits: '16', wantUnits: '32', periodDays: 30 };

async function agree(more = {}): Promise<void> {
  await ana.call('barter.propose', { friend: 'Ben', ...ORDER, ...more });
  await ben.call('barter.answer', { order: (await orderOf(ben)).order, yes: true });
}

describe('a standing order between two homes', () => {
  test('is proposed, accepted, and then carried out by itself, period after period', async () => {
    await ana.call('barter.propose', { friend: 'Ben', ...ORDER });
    expect(await orderOf(ana)).toMatchObject({ state: 'offered', giveUnits: '16' });
    expect(await orderOf(ben)).toMatchObject({
      state: 'asked',
      friend: { name: 'Ana' },
      giveUnits: '32',
      wantUnits: '16',
    });
    expect(await ana.fault('barter.answer', { order: (await orderOf(ana)).order, yes: true })).toBe(
      'order-unknown',
    );
    await ben.call('barter.answer', { order: (await orderOf(ben)).order, yes: true });
    await holds(ana, 'Ben', '32');
    await holds(ben, 'Ana', '16');
    aheadMs += 31 * DAY_MS;
    await Promise.all([ana.core.chores(), ben.core.chores()]);
    await holds(ana, 'Ben', '64');
    await holds(ben, 'Ana', '32');
    expect(await orderOf(ana)).toMatchObject({ state: 'standing', problem: null });
    const log = await ana.call('barter.log', { limit: 2 });
    expect(log).toHaveLength(2);
    const all = await ana.call('barter.log');
    expect(all.filter(({ movement }) => movement === 'withdrawn')).toMatchObject([
      { units: '32', issuer: { name: 'Ben' } },
      { units: '32', issuer: { name: 'Ben' } },
    ]);
    const older = await ana.call('barter.log', { before: log[1]?.number ?? 1 });
    expect([...log, ...older]).toEqual(all);
  });

  test('ends by one side’s word on both, and by a no before it began', async () => {
    await agree();
    await holds(ana, 'Ben', '32');
    await ben.call('barter.answer', { order: (await orderOf(ben)).order, yes: false });
    expect((await orderOf(ana)).state).toBe('ended');
    // What was swapped stays whose it is.
    expect(await heldOf(ana, 'Ben')).toBe('32');
    aheadMs += 1;
    await ana.call('barter.propose', { friend: 'Ben', ...ORDER });
    await ben.call('barter.answer', { order: (await orderOf(ben)).order, yes: false });
    expect((await orderOf(ana)).state).toBe('ended');
  });

  test('that can’t be met is told to both, and goes on when it can', async () => {
    await agree();
    await holds(ana, 'Ben', '32');
    await holds(ben, 'Ana', '16');
    const folder = join(place.folder, 'spare of Ben');
    await ben.call('offer.set', { folder, offerBytes: `${3n * GB}`, keepFreeBytes: '0' });
    aheadMs += 31 * DAY_MS;
    const problemOf = async (home: TestHome) => (await orderOf(home)).problem?.key;
    await comesTrue(
      async () =>
        (await problemOf(ben)) === 'order-problem.over-issue-here' &&
        (await problemOf(ana)) === 'order-problem.over-issue-there',
      [ana, ben],
    );
    expect(await heldOf(ana, 'Ben')).toBe('32');
    await ben.call('offer.set', { folder, offerBytes: `${20n * GB}`, keepFreeBytes: '0' });
    await comesTrue(
      async () =>
        (await heldOf(ana, 'Ben')) === '64' &&
        (await problemOf(ana)) === undefined &&
        (await problemOf(ben)) === undefined,
      [ana, ben],
    );
  });

  test('with a friend who is away waits for him, and catches up one time of several', async () => {
    await agree();
    await holds(ana, 'Ben', '32');
    await holds(ben, 'Ana', '16');
    await ben.close();
    for (let month = 0; month < 2; month += 1) {
      aheadMs += 30 * DAY_MS;
      await ana.core.chores();
    }
    aheadMs += 2 * DAY_MS;
    await ana.core.chores();
    expect((await orderOf(ana)).problem?.key).toBe('order-problem.friend-away');
    ben = await ben.restart();
    await comesTrue(
      async () => (await heldOf(ana, 'Ben')) === '96' && (await heldOf(ben, 'Ana')) === '48',
      [ana, ben],
    );
  });

  test('is not proposed to a friend who doesn’t use notes', async () => {
    await ben.call('settings.set', { barter: false });
    expect(await ana.fault('barter.propose', { friend: 'Ben', ...ORDER })).toBe('refused');
    expect((await orderOf(ana)).problem?.key).toBe('order-problem.off-there');
    expect(
      await ana.fault('barter.propose', {
        friend: 'Ben',
        ...ORDER,
        giveUnits: '0',
        wantUnits: '0',
      }),
    ).toBe('bad-arguments');
    expect(await ana.fault('barter.propose', { friend: 'Dora', ...ORDER })).toBe('friend-unknown');
  });

  test('of more than there is room for is not said yes to', async () => {
    await ana.call('barter.propose', { friend: 'Ben', ...ORDER, wantUnits: '1000' });
    const { order } = await orderOf(ben);
    expect(await ben.fault('barter.answer', { order, yes: true })).toBe('over-issue');
    await ben.core.chores();
    const { notices } = await ben.call('state.snapshot');
    expect(notices).toMatchObject([{ kind: 'order-asks', params: { friend: 'Ana' } }]);
  });
});

describe('what a friend’s device can say about orders', () => {
  const id = `${'a'.repeat(25)}a`;
  const proposal = { v: 1, order: id, give: '16', want: '32', periodDays: 30 };

  test('is refused where it is malformed, about others’ orders, or too much', async () => {
    const cleo = await start('Cleo');
    try {
      await pair(cleo, ben);
      const say = async (who: TestHome, path: string, body: unknown) => {
        const keys = await keysOf(who, who === ana ? 'Ana' : 'Cleo');
        const text = JSON.stringify(body);
        const said = await send(ben, keys, { path: `/v1/barter/orders${path}`, body: text });
        return said.status === 200 ? 'ok' : said.code;
      };
      for (const more of [
        { give: 16 },
        { give: '-1' },
        { give: '016' },
        { give: '9223372036854775808' },
        { give: '0', want: '0' },
        { periodDays: 0 },
        { periodDays: 366 },
        { periodDays: 1.5 },
        { order: 'x' },
        { order: `${'a'.repeat(25)}b` },
        { replaces: '../x' },
        { extra: true },
      ])
        expect(await say(ana, '', { ...proposal, ...more }), JSON.stringify(more)).toBe(
          'bad-request',
        );
      expect(await say(ana, '', { ...proposal, v: 2 })).toBe('unknown-version');
      expect(await say(ana, '', proposal)).toBe('ok');
      expect(await say(ana, '', proposal)).toBe('ok');
      expect(await say(ana, '', { ...proposal, give: '17' })).toBe('request-reused');
      expect(await say(cleo, '', proposal)).toBe('request-reused');
      // Nobody says yes to his own proposal, nor anything about what is between two others.
      expect(await say(ana, `/${id}/answer`, { v: 1, yes: true })).toBe('order-unknown');
      expect(await say(cleo, `/${id}/answer`, { v: 1, yes: true })).toBe('order-unknown');
      expect(await say(cleo, `/${id}/end`, { v: 1 })).toBe('order-unknown');
      expect(await say(cleo, '/nonsense/end', { v: 1 })).toBe('order-unknown');
      expect(await say(ana, `/${id}/answer`, { v: 1, yes: 'yes' })).toBe('bad-request');
      for (const letter of ['e', 'i', 'm', 'q'])
        expect(await say(ana, '', { ...proposal, order: `${'a'.repeat(25)}${letter}` })).toBe('ok');
      const sixth = { ...proposal, order: `${'a'.repeat(25)}u` };
      expect(await say(ana, '', sixth)).toBe('too-many-waiting');
      const list = await send(ben, await keysOf(cleo, 'Cleo'), { path: '/v1/barter/orders' });
      expect(JSON.parse(list.body.toString())).toEqual({ orders: [] });
      const blind = await send(ben, {}, { path: '/v1/barter/orders' });
      expect(blind.code).toBe('unknown-peer');
      await ben.call('friends.block', { friend: 'Ana' });
      expect(await say(ana, '', sixth)).toBe('blocked');
      await ben.call('settings.set', { barter: false });
      expect(await say(cleo, '', sixth)).toBe('barter-off');
      expect((await barter(ben)).orders).toEqual([]);
    } finally {
      await cleo.close();
    }
  });

  test('is noted while the owner is at pause, and carried out afterwards', async () => {
    await ben.call('pause.set', { until: 'hour' });
    await agree();
    await holds(ben, 'Ana', '16');
    await until(async () =>
      (await orderOf(ben)).problem?.key === 'order-problem.paused-here' ? true : undefined,
    );
    expect(await heldOf(ana, 'Ben')).toBeUndefined();
    await ben.call('pause.set', { until: null });
    await comesTrue(async () => (await heldOf(ana, 'Ben')) === '32', [ana, ben]);
  });
});

describe('three friends in a ring', () => {
  test('what Ana owes Ben pays Ana for Cleo’s plot', async () => {
    const cleo = await start('Cleo');
    try {
      await pair(ana, cleo);
      await pair(ben, cleo);
      await agree({ giveUnits: '40', wantUnits: '8' });
      await holds(ben, 'Ana', '40');
      await ben.call('barter.send', { friend: 'Cleo', issuer: 'Ana', units: '32' });
      await holds(cleo, 'Ana', '32');
      expect(await heldOf(ben, 'Ana')).toBe('8');
      const asked = await cleo.call('allocations.ask', {
        friend: 'Ana',
        size: `${GB}`,
        durationS: 30 * 86_400,
      });
      expect(asked.type).toBe('granted');
      await until(async () =>
        (await ana.call('barter.log')).some(({ movement }) => movement === 'redeemed')
          ? true
          : undefined,
      );
      const paid = (await cleo.call('barter.log')).find(({ movement }) => movement === 'paid');
      expect(paid).toMatchObject({ issuer: { name: 'Ana' } });
      expect(await ben.fault('barter.send', { friend: 'Cleo', issuer: 'Ana', units: '9' })).toBe(
        'notes-short',
      );
      const purse = (await barter(cleo)).wallet.find(({ issuer }) => issuer.name === 'Ana');
      expect(purse).toMatchObject({ rate: 1, refused: 0 });
      expect(purse?.honoured).toBeGreaterThan(0);
    } finally {
      await cleo.close();
    }
    // She hears of it when she is there again: whoever takes this for a no sends it twice.
    expect(await ben.fault('barter.send', { friend: 'Cleo', issuer: 'Ana', units: '8' })).toBe(
      'notes-on-their-way',
    );
    expect((await barter(ben)).wallet).toMatchObject([{ units: '8', heldUnits: '8' }]);
  });
});

describe('barter that is off', () => {
  test('gives and shows nothing, and what is held is there again when it is on', async () => {
    await agree();
    await holds(ana, 'Ben', '32');
    await ana.call('settings.set', { barter: false });
    expect(await barter(ana)).toMatchObject({ on: false, wallet: [], orders: [] });
    for (const [channel, args] of [
      ['barter.give', { friend: 'Ben', units: '1' }],
      ['barter.send', { friend: 'Ben', issuer: 'Ben', units: '1' }],
      ['barter.propose', { friend: 'Ben', ...ORDER }],
      ['barter.set', { currency: { name: 'Taler', perGbMonth: 2 } }],
    ] as const)
      expect(await ana.fault(channel, args), channel).toBe('barter-off');
    aheadMs += 31 * DAY_MS;
    await Promise.all([ana.core.chores(), ben.core.chores()]);
    await ana.call('settings.set', { barter: true });
    expect(await heldOf(ana, 'Ben')).toBe('32');
    await comesTrue(async () => (await heldOf(ana, 'Ben')) === '64', [ana, ben]);
  });

  test('the owner’s currency, his word on a rate and the translator’s limits are kept', async () => {
    await ana.call('barter.give', { friend: 'Ben', units: '4' });
    await holds(ben, 'Ana', '4');
    await ben.call('barter.set', {
      currency: { name: 'Taler', perGbMonth: 12 },
      rate: { friend: 'Ana', rate: 0.5 },
      translator: { on: true, mostGiveUnits: '100', mostWantUnits: '50' },
    });
    ben = await ben.restart();
    const kept = await barter(ben);
    expect(kept.currency).toEqual({ name: 'Taler', perGbMonth: 12 });
    expect(kept.translator).toEqual({ on: true, mostGiveUnits: '100', mostWantUnits: '50' });
    expect(kept.wallet[0]?.rate).toBe(0.5);
    await ben.call('barter.set', { rate: { friend: 'Ana', rate: null } });
    expect((await barter(ben)).wallet[0]?.rate).toBe(1);
    expect(await ben.fault('barter.give', { friend: 'Ana', units: '999999' })).toBe('over-issue');
    expect(await ben.fault('barter.give', { friend: 'Ana', units: '0' })).toBe('bad-arguments');
  });
});

describe('the translator', () => {
  test('proposes from an offer that stands idle, once and not again the next day', async () => {
    const limits = { mostGiveUnits: '100', mostWantUnits: '10' };
    await ana.call('barter.set', { translator: { on: true, ...limits } });
    await until(async () =>
      (await ana.call('friends.list'))[0]?.presence.state === 'online' ? true : undefined,
    );
    await ana.core.chores();
    expect(await orderOf(ben)).toMatchObject({ state: 'asked', translated: true, giveUnits: '10' });
    for (let day = 0; day < 3; day += 1) {
      aheadMs += DAY_MS;
      await ana.core.chores();
    }
    expect((await barter(ana)).orders).toHaveLength(1);
    const { order } = await orderOf(ben);
    await ben.call('barter.answer', { order, yes: true });
    await holds(ana, 'Ben', '10');
    expect(await orderOf(ana)).toMatchObject({ translated: true, state: 'standing' });
  });
});
