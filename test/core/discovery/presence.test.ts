import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeviceId } from '../../../shared/ids.ts';
import { testOwnerId } from '../../fakes/test-ledger.ts';
import { end, fakeFriendDevice, NEWS, pass, presenceWorld } from './presence-world.ts';

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }),
);
afterEach(() => void vi.useRealTimers());

const MINUTE_MS = 60_000;
const BEN = testOwnerId(1);
const SHARE = { shareBytes: 9n, useBytes: 1n, mayAskBytes: 8n };

describe('a friend', () => {
  it('is unknown until a call was answered, then there, with the address that answered', async () => {
    const { presence, world } = presenceWorld();
    expect(presence.of(BEN)).toMatchObject({ state: 'unknown', sinceMs: null });
    const changes = world.changes;
    await pass(400);
    expect(presence.of(BEN)).toMatchObject({
      state: 'online',
      address: '192.168.1.2:24816',
      trouble: null,
    });
    expect(world.changes).toBeGreaterThan(changes);
    await end(presence);
  });

  it('is there although only he called, since his key proved it', async () => {
    const { presence, device } = presenceWorld();
    device().on = false;
    await pass(5);
    await presence.heard(device().device, NEWS, '192.168.1.2');
    expect(presence.of(BEN)).toMatchObject({ state: 'online' });
    await end(presence);
  });

  it('who called over an address of one wire only is asked where it is, since that proves nothing', async () => {
    const { presence, device } = presenceWorld({ addresses: ['[fe80::2%eth0]:24816'] });
    await pass(1);
    await presence.heard(device().device, NEWS, 'fe80::2%eth0');
    expect(presence.of(BEN)).toMatchObject({ state: 'online', address: null });
    await pass(1100);
    expect(presence.of(BEN)).toMatchObject({ address: '[fe80::2%eth0]:24816' });
    const calls = device().calls.length;
    await presence.heard(device().device, NEWS, 'fe80::2%eth0');
    await pass(70_000);
    expect(device().calls.length).toBe(calls);
    await end(presence);
  });

  it('is away since the last contact when calls fail, and comes back when he answers', async () => {
    const { presence, device, state } = presenceWorld();
    await pass(400);
    device().on = false;
    device().silenceMs = 50;
    await pass(8 * MINUTE_MS);
    expect(presence.of(BEN)).toMatchObject({
      state: 'away',
      trouble: 'unreachable',
      address: null,
    });
    expect(presence.of(BEN).sinceMs).toBeGreaterThan(0);
    device().on = true;
    await pass(6 * MINUTE_MS);
    expect(state()).toBe('online');
    await end(presence);
  });

  it('who is found again keeps the address that answered, whatever is heard meanwhile', async () => {
    const { presence, device, world } = presenceWorld();
    device().on = false;
    device().silenceMs = 50;
    await pass(MINUTE_MS);
    // While what he said is written down, his advert expires.
    device().news = { ...NEWS, name: 'Benjamin' };
    world.told.push = () => {
      presence.sighted({ type: 'lost', device: device().device });
      return 1;
    };
    device().on = true;
    await pass(2 * MINUTE_MS);
    expect(presence.of(BEN)).toMatchObject({ state: 'online', address: '192.168.1.2:24816' });
    await end(presence);
    // And so he hears the goodbye.
    expect(device().heard.at(-1)).toMatchObject({ goes: true });
  });

  it('with several devices is there if one of them is', async () => {
    const { presence, device, state } = presenceWorld({ devicesEach: 2 });
    device(0).on = false;
    device(0).silenceMs = 30;
    await pass(400);
    expect(state()).toBe('online');
    device(1).on = false;
    device(1).silenceMs = 30;
    await pass(8 * MINUTE_MS);
    expect(state()).toBe('away');
    await end(presence);
  });

  it('without an address is away for that reason until one is learnt', async () => {
    const { presence, device } = presenceWorld({ addresses: [] });
    await pass(400);
    expect(presence.of(BEN)).toMatchObject({ state: 'away', trouble: 'no-address' });
    expect(device().calls).toEqual([]);
    presence.sighted({ type: 'seen', device: device().device, addresses: ['10.0.0.1:1'] });
    await pass(1100);
    expect(presence.of(BEN)).toMatchObject({ state: 'online', address: '10.0.0.1:1' });
    await end(presence);
  });

  it('who is away is called at once at an address that somebody typed', async () => {
    const { presence, device, set, friends, state } = presenceWorld();
    device().on = false;
    device().silenceMs = 20;
    await pass(30 * MINUTE_MS);
    device().on = true;
    set(friends().map((friend) => ({ ...friend, givenAddress: 'ben.example:24816' })));
    await pass(1000);
    expect(state()).toBe('online');
    await end(presence);
  });

  it('who was let go is no longer called', async () => {
    const { presence, device, set, friends } = presenceWorld();
    await pass(400);
    const calls = device().calls.length;
    set(friends().map((friend) => ({ ...friend, departed: true })));
    await pass(20 * MINUTE_MS);
    expect(device().calls.length).toBe(calls);
    expect(presence.of(BEN)).toMatchObject({ state: 'unknown', sinceMs: null });
    await end(presence);
  });

  it('gets a seat for a device that was added', async () => {
    const { presence, device, set, friends } = presenceWorld({ devicesEach: 2 });
    const [ben] = friends();
    if (ben === undefined) throw new Error('no friend');
    set([{ ...ben, devices: ben.devices.slice(0, 1) }]);
    await pass(400);
    expect(device(1).calls).toEqual([]);
    set([
      { ...ben, devices: [fakeFriendDevice('device-0-1' as DeviceId, ['a:1']), ...ben.devices] },
    ]);
    await pass(400);
    expect(device(1).calls.length).toBe(1);
    await end(presence);
  });
});

describe('what the network says', () => {
  it('makes this device call, and nothing else', async () => {
    const { presence, device, state } = presenceWorld();
    device().on = false;
    device().silenceMs = 20;
    await pass(30 * MINUTE_MS);
    presence.sighted({ type: 'seen', device: device().device, addresses: ['10.1.1.1:5'] });
    await pass(500);
    expect(state()).toBe('away');
    device().on = true;
    device().at = '10.1.1.1:5';
    await pass(600);
    presence.sighted({ type: 'seen', device: device().device, addresses: ['10.1.1.1:5'] });
    await pass(1100);
    expect(presence.of(BEN)).toMatchObject({ state: 'online', address: '10.1.1.1:5' });
    await end(presence);
  });

  it('begins a call anew that was about to run into a dead address', async () => {
    const { presence, device, state } = presenceWorld();
    device().at = '10.1.1.1:5';
    await pass(2000);
    expect(device().calls.length).toBe(1);
    presence.sighted({ type: 'seen', device: device().device, addresses: ['10.1.1.1:5'] });
    await pass(100);
    expect(state()).toBe('online');
    await end(presence);
  });

  it('is not waited for behind calls to others who do not answer', async () => {
    const { presence, devices, device, state } = presenceWorld({ friends: 20 });
    for (const each of devices) each.on = false;
    await pass(3000);
    device(19).on = true;
    presence.sighted({ type: 'seen', device: device(19).device, addresses: ['10.1.1.1:5'] });
    await pass(1500);
    expect(state(19)).toBe('online');
    await end(presence);
  });

  it('when it is about nobody we know, is nothing', async () => {
    const { presence, device } = presenceWorld();
    await pass(400);
    const calls = device().calls.length;
    presence.sighted({ type: 'seen', device: 'stranger' as DeviceId, addresses: ['10.0.0.1:1'] });
    presence.sighted({ type: 'lost', device: 'stranger' as DeviceId });
    await pass(5000);
    expect(device().calls.length).toBe(calls);
    await end(presence);
  });
});

describe('when networks change', () => {
  it('all are looked at within seconds, four at a time, though most are dead', async () => {
    const { presence, devices, world, state } = presenceWorld({ friends: 20 });
    for (const each of devices) each.silenceMs = 300;
    devices.forEach((each, index) => {
      each.on = index % 4 === 0;
    });
    await pass(30 * MINUTE_MS);
    for (const each of devices) each.on = true;
    presence.lookAgain();
    await pass(2000);
    for (const index of devices.keys()) expect(state(index)).toBe('online');
    expect(world.callsMost).toBeLessThanOrEqual(4);
    await end(presence);
  });

  it('a friend who is there is asked, and away after three silences', async () => {
    const { presence, device, state } = presenceWorld();
    await pass(MINUTE_MS);
    device().on = false;
    device().silenceMs = 10;
    presence.lookAgain();
    await pass(1000);
    expect(state()).toBe('online');
    await pass(8000);
    expect(state()).toBe('away');
    await end(presence);
  });
});

describe('news', () => {
  it('are pushed within two seconds when something changed, and not when nothing did', async () => {
    const { presence, device, world } = presenceWorld();
    await pass(10_000);
    const calls = device().calls.length;
    presence.touch();
    await pass(10_000);
    expect(device().calls.length).toBe(calls);
    world.news = { ...world.news, share: SHARE };
    presence.touch();
    await pass(2000);
    expect(device().heard.at(-1)).toMatchObject({ share: SHARE });
    await end(presence);
  });

  it('are pushed at most every five seconds, whatever changes', async () => {
    const { presence, device, world } = presenceWorld();
    await pass(10_000);
    const calls = device().calls.length;
    for (let at = 0; at < 300; at += 1) {
      world.news = { ...world.news, share: { ...SHARE, useBytes: BigInt(at) } };
      presence.touch();
      await pass(100);
    }
    expect(device().calls.length - calls).toBeLessThanOrEqual(6);
    await pass(8000);
    expect(device().heard.at(-1)).toMatchObject({ share: { useBytes: 299n } });
    await end(presence);
  });

  it('that were the answer to his call are not told again', async () => {
    const { presence, device, world } = presenceWorld();
    await pass(10_000);
    const calls = device().calls.length;
    world.news = { ...world.news, share: SHARE };
    const answer = await presence.heard(device().device, NEWS, '192.168.1.2');
    expect(answer).toMatchObject({ share: SHARE });
    presence.touch();
    await pass(10_000);
    expect(device().calls.length).toBe(calls);
    await end(presence);
  });

  it('that say the same again and again are written down once', async () => {
    const { presence, device, world } = presenceWorld();
    await pass(10_000);
    const writes = world.writes;
    for (let at = 0; at < 200; at += 1)
      await presence.heard(device().device, { ...NEWS, calledS: at }, '192.168.1.2');
    expect(world.writes - writes).toBeLessThanOrEqual(1);
    await end(presence);
  });

  it('make this device ask what it keeps there only if that changed', async () => {
    const { presence, device, world } = presenceWorld();
    await pass(10_000);
    const before = world.onNews.length;
    await presence.heard(device().device, NEWS, '192.168.1.2');
    expect(world.onNews.length).toBe(before);
    await presence.heard(device().device, { ...NEWS, plots: 'other' }, '192.168.1.2');
    expect(world.onNews.length).toBe(before + 1);
    await end(presence);
  });

  it('with third parties’ addresses lead to no storm of calls', async () => {
    const { presence, device, world, friends } = presenceWorld();
    await pass(10_000);
    const calls = device().calls.length;
    for (let at = 0; at < 600; at += 1) {
      const addresses = Array.from({ length: 8 }, (_, host) => `203.0.113.${host}:${at + 1}`);
      await presence.heard(device().device, { ...NEWS, addresses }, `198.51.100.${at % 250}`);
      await pass(1000);
    }
    // Ten minutes: one call a minute to prove it, and none besides.
    expect(device().calls.length - calls).toBeLessThanOrEqual(11);
    expect(friends()[0]?.devices[0]?.addresses.length).toBeLessThanOrEqual(6);
    expect(friends()[0]?.devices[0]?.addresses[0]).toBe('192.168.1.2:24816');
    expect(world.callsMost).toBe(1);
    await end(presence);
  });

  it('say how long ago a call got through, both ways', async () => {
    const { presence, device } = presenceWorld();
    device().news = { ...NEWS, calledS: 40 };
    await pass(400);
    expect(presence.calledS().get(BEN)).toBe(40);
    await pass(10_000);
    expect(presence.calledS().get(BEN)).toBe(50);
    const answer = await presence.heard(device().device, NEWS, '192.168.1.2');
    expect(answer).toMatchObject({ calledS: 10 });
    expect(presence.calledS().get(BEN)).toBe(0);
    await end(presence);
  });

  it('of somebody who stopped being a friend while he spoke are answered as a stranger’s', async () => {
    const { presence } = presenceWorld();
    const stranger = 's'.repeat(52) as DeviceId;
    expect(await presence.heard(stranger, NEWS, '192.168.1.9')).toBe('unknown-peer');
    await end(presence);
  });
});

describe('going', () => {
  it('is said to those who are there, all at once, and takes at most a second', async () => {
    const { presence, devices } = presenceWorld({ friends: 6 });
    await pass(2000);
    for (const each of devices.slice(0, 3)) each.answerMs = MINUTE_MS;
    let isClosed = false;
    const closing = presence.close().then(() => {
      isClosed = true;
    });
    await pass(1000);
    expect(isClosed).toBe(true);
    await closing;
    for (const each of devices.slice(3)) expect(each.heard.at(-1)).toMatchObject({ goes: true });
  });

  it('makes a friend away at once, and is over when he calls again', async () => {
    const { presence, device, state } = presenceWorld();
    await pass(400);
    await presence.heard(device().device, { ...NEWS, goes: true }, '192.168.1.2');
    expect(presence.of(BEN)).toMatchObject({ state: 'away', trouble: null });
    await presence.heard(device().device, NEWS, '192.168.1.2');
    expect(state()).toBe('online');
    await end(presence);
  });
});

describe('a person who wants to know', () => {
  it('is told whether the friend answered', async () => {
    const { presence, device } = presenceWorld();
    await pass(5000);
    device().on = false;
    device().silenceMs = 100;
    const first = presence.tryNow(BEN);
    await pass(200);
    expect(await first).toMatchObject({ ok: false, fault: { code: 'unreachable' } });
    device().on = true;
    const second = presence.tryNow(BEN);
    await pass(1200);
    expect(await second).toEqual({ ok: true, value: undefined });
    const third = presence.tryNow(BEN);
    device().refuses = { code: 'wrong-key' };
    await pass(1200);
    expect(await third).toMatchObject({ ok: false, fault: { code: 'wrong-key' } });
    await end(presence);
  });

  it.each([
    ['calls himself', NEWS, 'online'],
    ['says goodbye', { ...NEWS, goes: true as const }, 'away'],
  ])('is not left waiting because the friend %s just then', async (_what, news, state) => {
    const { presence, device } = presenceWorld();
    await pass(5000);
    await Promise.all([presence.tryNow(BEN), pass(50)]);
    const called = device().calls.length;
    // Nobody is called twice in a second, so this one has to wait.
    let isTold = false;
    const waiting = presence.tryNow(BEN).finally(() => {
      isTold = true;
    });
    await pass(200);
    await presence.heard(device().device, news, '192.168.1.2');
    expect(presence.of(BEN)).toMatchObject({ state });
    expect(isTold).toBe(false);
    await pass(1200);
    expect(device().calls.length).toBe(called + 1);
    expect(isTold).toBe(true);
    expect(await waiting).toEqual({ ok: true, value: undefined });
    await end(presence);
  });

  it('is not left waiting when the program ends', async () => {
    const { presence, device } = presenceWorld();
    device().on = false;
    await pass(400);
    const waiting = presence.tryNow(BEN);
    const closing = presence.close();
    await pass(1000);
    await closing;
    expect(await waiting).toMatchObject({ ok: false });
  });
});

it.each([1, 2, 3])('hours among twenty friends who come and go, run %i', async (seed) => {
  const { presence, devices, world, state } = presenceWorld({ friends: 20, seed });
  let random = seed * 7919;
  const chance = () => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return random / 2 ** 32;
  };
  for (const each of devices) each.silenceMs = 3000;
  for (let minute = 0; minute < 120; minute += 1) {
    for (const each of devices) {
      if (chance() < 0.02) {
        each.on = !each.on;
        if (each.on && chance() < 0.5)
          presence.sighted({ type: 'seen', device: each.device, addresses: ['10.0.0.1:1'] });
        else if (!each.on && chance() < 0.5)
          void presence.heard(each.device, { ...NEWS, goes: true }, '192.168.1.2');
      }
    }
    if (chance() < 0.01) presence.lookAgain();
    await pass(MINUTE_MS);
  }
  // Whoever stays as he is was found out within a refresh and its retries.
  await pass(10 * MINUTE_MS);
  devices.forEach((each, index) => expect(state(index)).toBe(each.on ? 'online' : 'away'));
  expect(world.callsMost).toBeLessThanOrEqual(4);
  for (const { calls } of devices)
    calls
      .slice(1)
      .forEach((ms, index) => expect(ms - (calls[index] ?? 0)).toBeGreaterThanOrEqual(1000));
  await end(presence);
});
