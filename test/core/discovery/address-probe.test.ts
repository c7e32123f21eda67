import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  causeOf,
  createAddressProbe,
  isNear,
} from '../../../electron/core/discovery/address-probe.ts';
import { createDeviceKey } from '../../../electron/core/identity/device-key.ts';
import type { Link } from '../../../electron/core/ports.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { pair, scratch, startHome, type TestHome } from '../../fakes/homes.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let ana: TestHome;
let ben: TestHome;
let cleo: TestHome;
const servers: Server[] = [];

beforeAll(async () => {
  place = await scratch();
  [ana, ben, cleo] = await Promise.all([
    startHome('Ana', place.folder),
    startHome('Ben', place.folder),
    startHome('Cleo', place.folder),
  ]);
  await pair(ana, ben);
});
afterAll(async () => {
  for (const server of servers) server.close();
  await Promise.all([ana.close(), ben.close(), cleo.close()]);
  await place.remove();
});

async function listening(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What Ana is told of an address. */
async function look(address: string) {
  const { troubles } = await ana.call('troubles.look', { address });
  const { state, params } = troubles.find(({ id }) => id === 'address') ?? {};
  return { state, ...params };
}

describe('an address that is asked about', () => {
  test('is a friend’s, this device’s own, or one of somebody new', async () => {
    expect(await look(ben.address)).toEqual({
      state: 'good',
      context: 'friend',
      friend: 'Ben',
      address: ben.address,
    });
    expect(await look(ana.address)).toMatchObject({ state: 'doubtful', context: 'self' });
    expect(await look(cleo.address)).toMatchObject({ context: 'stranger', name: 'Cleo' });
  });

  test('has nobody who listens there', async () => {
    const server = createServer();
    const address = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await look(address)).toMatchObject({ state: 'bad', context: 'refused' });
  });

  test('has something else than Allotment', async () => {
    const address = await listening(createHttpServer((_, response) => response.end('hello')));
    expect(await look(address)).toMatchObject({ state: 'bad', context: 'other' });
  });

  test('has somebody who picks up and says nothing', async () => {
    const address = await listening(createServer(() => undefined));
    const probe = createAddressProbe({
      identity: { ...(await createDeviceKey()), owner: 'nobody' as OwnerId },
      friends: { friends: () => [], byDevice: () => undefined, knownDevice: () => undefined },
      links: async () => [],
      platform: 'linux',
      helloMs: 300,
    });
    expect(await probe(address)).toEqual({ cause: 'silent', address });
  });

  test('is none', async () => {
    expect(await ana.fault('troubles.look', { address: 'not an address' })).toBe('bad-address');
    expect(await ana.fault('troubles.look', { address: 'nas:99999' })).toBe('bad-address');
  });
});

describe('without an address', () => {
  test('a device that listens and is on no network says both', async () => {
    const { troubles } = await ana.call('troubles.look', {});
    expect(troubles.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'network bad',
      'listening good',
    ]);
  });
});

describe('what a failed connection means', () => {
  const near = { isNear: true, platform: 'linux' } as const;
  const far = { isNear: false, platform: 'linux' } as const;
  test.each([
    ['ECONNREFUSED', near, 'refused'],
    ['ETIMEDOUT', near, 'near'],
    ['ETIMEDOUT', far, 'far'],
    ['EHOSTUNREACH', near, 'absent'],
    ['EHOSTUNREACH', far, 'route'],
    ['EHOSTUNREACH', { ...near, platform: 'darwin' }, 'forbidden'],
    ['ENETUNREACH', far, 'route'],
    ['EACCES', near, 'forbidden'],
    ['what no system says', far, 'far'],
  ] as const)('%s, %j: %s', (code, where, cause) => {
    expect(causeOf({ code, ...where })).toBe(cause);
  });
});

describe('what is near', () => {
  const link: Link = {
    interfaceName: 'eth0',
    kind: 'cable',
    router: undefined,
    addresses: [
      { address: '192.168.1.20', family: 4, prefix: 24 },
      { address: 'fd00:1::20', family: 6, prefix: 64 },
      // What no system says must not stop the look.
      { address: 'nonsense', family: 4, prefix: 24 },
      { address: '10.0.0.1', family: 4, prefix: 99 },
    ],
  };
  test.each([
    ['192.168.1.31', true],
    ['192.168.2.31', false],
    ['10.0.0.2', false],
    ['fd00:1::31', true],
    ['fd00:2::31', false],
    ['fe80::1%eth0', true],
    ['127.0.0.1', true],
    ['no address', false],
  ])('%s: %s', (host, expected) => {
    expect(isNear(host, [link])).toBe(expected);
  });
});
