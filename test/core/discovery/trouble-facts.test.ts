import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAir, loopbackLink } from '../../fakes/air.ts';
import {
  callItHome,
  pair,
  scratch,
  startHome,
  startNear,
  type TestHome,
  until,
} from '../../fakes/homes.ts';

/** Real cores in one air: what is found out about them, from the inside. */
const air = createAir();
const bens = air.host({ source: '127.0.0.1' });
let place: Awaited<ReturnType<typeof scratch>>;
let ana: TestHome;
let ben: TestHome;

beforeAll(async () => {
  place = await scratch();
  bens.plug('home', loopbackLink());
  ana = await startNear(air, 'Ana', place.folder);
  const { networks, multicast } = bens;
  ben = await startHome('Ben', place.folder, { ports: { networks, multicast } });
});
afterAll(async () => {
  await Promise.all([ana.close(), ben.close()]);
  await place.remove();
});

async function look(home: TestHome): Promise<readonly string[]> {
  const { troubles } = await home.call('troubles.look', {});
  return troubles.map(({ id, state, params }) =>
    [id, state, params['context']].filter((each) => each !== undefined).join(' '),
  );
}

describe('a device that looks for what is wrong', () => {
  test('has not been told yet which network is home', async () => {
    await until(async () =>
      (await ben.call('networks.get')).networks.length > 0 ? true : undefined,
    );
    expect(await look(ben)).toEqual(['home bad unsaid', 'listening good', 'network good']);
  });

  test('hears itself and others once it is at home', async () => {
    await callItHome(ben);
    await until(async () =>
      (await ben.call('nearby.list')).some(({ state }) => state === 'answers') ? true : undefined,
    );
    expect(await look(ben)).toEqual([
      'listening good',
      'network good',
      'home good',
      'visible good',
      'multicast good',
      'others good',
      'calls good',
    ]);
  });

  test('is told what the system says to its announcements', async () => {
    bens.refuse('eth0', 'EACCES');
    expect(await look(ben)).toContain('multicast bad forbidden');
    bens.refuse('eth0', undefined);
  });

  test('knows that it chose to be invisible', async () => {
    await ben.call('settings.set', { visible: false });
    expect(await look(ben)).toContain('visible doubtful');
    await ben.call('settings.set', { visible: true });
  });

  test('hears from a friend whether he gets through', async () => {
    await pair(ana, ben);
    await ana.call('friends.try', { friend: 'Ben' });
    await until(async () =>
      (await ben.call('friends.list')).some(({ presence }) => presence.state === 'online')
        ? true
        : undefined,
    );
    expect((await look(ben)).filter((each) => each.startsWith('called bad'))).toEqual([]);
  });
});

describe('an address from outside', () => {
  test('is taken as people write it, and nonsense is refused', async () => {
    for (const outsideAddress of ['garden.example.org:24816', '[2001:db8::7]:24816', ''])
      expect(await ben.call('settings.set', { outsideAddress })).toMatchObject({ outsideAddress });
    for (const outsideAddress of ['garden.example.org', 'two words:1', 'x:99999', 'http://x:80'])
      expect(await ben.fault('settings.set', { outsideAddress }), outsideAddress).toBe(
        'bad-address',
      );
    expect((await ben.call('settings.get')).outsideAddress).toBe('');
  });
});
