import { afterEach, expect, test } from 'vitest';
import { noNetworks } from '../../electron/core/ports.ts';
import { createAir } from '../fakes/air.ts';
import { pair, scratch, startHome, startNear, type TestHome, until } from '../fakes/homes.ts';

const open: TestHome[] = [];
afterEach(async () => {
  for (const home of open.splice(0)) await home.close();
});

test('two devices on a network called home are near each other, and no strangers once they are friends', async () => {
  const { folder, remove } = await scratch();
  const air = createAir();
  const ana = await startNear(air, 'Ana', folder);
  const ben = await startNear(air, 'Ben', folder, { machine: 'server' });
  open.push(ana, ben);
  const seen = await until(async () =>
    (await ana.call('nearby.list')).find(({ state }) => state === 'answers'),
  );
  expect(seen).toEqual({
    id: expect.stringMatching(/^[a-z2-7]{16}$/),
    name: 'Ben',
    kind: 'server',
    tail: ben.core.info().device.slice(-6),
    address: ben.address,
    network: '127.0.0.0/8',
    state: 'answers',
  });
  expect(await ana.call('networks.get')).toMatchObject({ announces: true });
  await pair(ana, ben);
  for (const home of [ana, ben]) expect(await home.call('nearby.list')).toEqual([]);
  await remove();
});

test('a new network is not home: nothing is said there, and what was called home stays it', async () => {
  const { folder, remove } = await scratch();
  const air = createAir();
  const ana = await startNear(air, 'Ana', folder);
  const [network] = (await ana.call('networks.get')).networks;
  expect(network).toMatchObject({ home: true, hasRouter: true, label: '127.0.0.0/8' });
  expect(await ana.fault('networks.set', { network: 'elsewhere', home: true })).toBe(
    'network-unknown',
  );
  const again = await ana.restart();
  open.push(again);
  const known = await until(async () => (await again.call('networks.get')).networks[0]);
  expect(known).toEqual(network);
  const quiet = await startHome('Quiet', folder);
  open.push(quiet);
  expect(await quiet.call('networks.get')).toEqual({ networks: [], announces: false });
  const deaf = await startHome('Deaf', folder, { ports: { networks: noNetworks } });
  open.push(deaf);
  expect(await deaf.call('networks.get')).toMatchObject({ networks: [], isOff: true });
  const { troubles } = await deaf.call('troubles.look', {});
  expect(troubles).toContainEqual({
    id: 'network',
    state: 'doubtful',
    params: { context: 'off' },
  });
  await remove();
});
