import { createServer, type Server } from 'node:https';
import { createServer as createSilence, type Server as Silence, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  connectPinned,
  WrongKeyError,
} from '../../../../electron/core/client/connection/connect-pinned.ts';
import { createPlotDevices } from '../../../../electron/core/client/plot-devices.ts';
import { IDLE_SOCKETS_MAX } from '../../../../electron/core/client/connection/idle-sockets.ts';
import { createPeers, newRequestId } from '../../../../electron/core/client/peers.ts';
import type { Friend } from '../../../../electron/core/friends/friend-book.ts';
import type { FriendRegistry } from '../../../../electron/core/friends/friend-registry.ts';
import { createDeviceKey, type DeviceKey } from '../../../../electron/core/identity/device-key.ts';
import type { DeviceId, TicketId } from '../../../../shared/ids.ts';
import { failed, ok } from '../../../../shared/result.ts';
import type { News } from '../../../../shared/wire/messages.ts';
import { until } from '../../../fakes/homes.ts';
import { testOwnerId, testPlotId } from '../../../fakes/test-ledger.ts';
import { fakeFriend, fakeFriendDevice } from '../../discovery/presence-world.ts';

/** Real TLS on loopback, against servers that answer, are somebody else, or say nothing. */
const open: (Server | Silence)[] = [];
afterEach(async () => {
  await Promise.all(
    open.splice(0).map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          if ('closeAllConnections' in server) server.closeAllConnections();
        }),
    ),
  );
});

const NEWS: News = { v: 1, name: 'Ben', kind: 'desktop', addresses: [], plots: 'none' };

async function listening(server: Server | Silence): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A device that answers news; `open()` are the connections it has. */
async function serve(key: DeviceKey) {
  let count = 0;
  const server = createServer(
    {
      key: key.keyPem,
      cert: key.certificatePem,
      minVersion: 'TLSv1.3',
      requestCert: true,
      rejectUnauthorized: false,
      keepAliveTimeout: 60_000,
    },
    (request, response) => {
      request.resume();
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(NEWS));
    },
  );
  server.on('secureConnection', (socket) => {
    count += 1;
    socket.once('close', () => {
      count -= 1;
    });
  });
  return { address: await listening(server), open: () => count };
}

/** Takes connections and never says a word: as good as an address that swallows packets. */
async function silence() {
  let count = 0;
  const server = createSilence((socket) => {
    count += 1;
    // Read, or it would not see that it was left.
    socket.on('error', () => undefined).resume();
    socket.once('close', () => {
      count -= 1;
    });
  });
  return { address: await listening(server), open: () => count };
}

const isRight = (device: DeviceId) => (each: DeviceId) => each === device;

describe('a connection to a device', () => {
  it('does not wait for an address that says nothing, and leaves nothing open there', async () => {
    const [me, ben] = [await createDeviceKey(), await createDeviceKey()];
    const [dead, other, alive] = [await silence(), await silence(), await serve(ben)];
    const beganMs = performance.now();
    const { socket, address } = await connectPinned({
      identity: me,
      addresses: [dead.address, other.address, alive.address],
      isRight: isRight(ben.device),
    });
    expect(address).toBe(alive.address);
    // Far below the ten seconds that each of them may take alone.
    expect(performance.now() - beganMs).toBeLessThan(5000);
    await until(() => (dead.open() + other.open() === 0 ? true : undefined));
    socket.destroy();
  });

  it('goes on to the next address at once when nobody or somebody else is there', async () => {
    const [me, ben, eve] = [
      await createDeviceKey(),
      await createDeviceKey(),
      await createDeviceKey(),
    ];
    const [wrong, right] = [await serve(eve), await serve(ben)];
    const { socket, address } = await connectPinned({
      identity: me,
      addresses: ['127.0.0.1:1', 'no address', wrong.address, right.address],
      isRight: isRight(ben.device),
    });
    expect(address).toBe(right.address);
    socket.destroy();
  });

  it('says that somebody else is there rather than that nobody is', async () => {
    const [me, ben, eve] = [
      await createDeviceKey(),
      await createDeviceKey(),
      await createDeviceKey(),
    ];
    const wrong = await serve(eve);
    const connecting = connectPinned({
      identity: me,
      addresses: [wrong.address, '127.0.0.1:1'],
      isRight: isRight(ben.device),
    });
    await expect(connecting).rejects.toBeInstanceOf(WrongKeyError);
  });

  it('is given up when nobody wants it any more', async () => {
    const me = await createDeviceKey();
    const dead = await silence();
    const ending = new AbortController();
    const connecting = connectPinned({
      identity: me,
      addresses: [dead.address],
      isRight: () => true,
      signal: ending.signal,
    });
    await until(() => (dead.open() === 1 ? true : undefined));
    ending.abort();
    await expect(connecting).rejects.toThrow('given up');
    await until(() => (dead.open() === 0 ? true : undefined));
  });
});

describe('connections to many friends', () => {
  it('that rest are a handful, however many friends there are', async () => {
    const me = await createDeviceKey();
    const keys = await Promise.all(Array.from({ length: 20 }, createDeviceKey));
    const servers = await Promise.all(keys.map(serve));
    const friends = registryOf(
      keys.map(({ device }, index) =>
        fakeFriend(testOwnerId(index), [fakeFriendDevice(device, [servers[index]?.address ?? ''])]),
      ),
    );
    const peers = createPeers({
      identity: { ...me, statement: { signed: '', signature: '' } },
      me: () => ({ name: 'Ana', kind: 'desktop' }),
      friends: friends.registry,
    });
    const answers = await Promise.all(
      friends.all().map((friend) => peers.news(friend.devices[0]?.device as DeviceId, NEWS)),
    );
    expect(answers.every(({ ok: isOk }) => isOk)).toBe(true);
    const count = () => servers.reduce((sum, each) => sum + each.open(), 0);
    await until(() => (count() <= IDLE_SOCKETS_MAX ? true : undefined));
    expect(peers.idleSockets()).toBe(IDLE_SOCKETS_MAX);
    // Those that are kept serve the next call.
    const [last] = friends.all().slice(-1);
    await peers.news(last?.devices[0]?.device as DeviceId, NEWS);
    expect(count()).toBe(IDLE_SOCKETS_MAX);
    // A friend who is let go loses what is open to him.
    friends.set(friends.all().map((friend) => ({ ...friend, departed: true })));
    await until(() => (count() === 0 ? true : undefined));
    peers.close();
  });
});

describe('a plot at a friend with several devices', () => {
  const [one, two] = ['one' as DeviceId, 'two' as DeviceId];
  const host = fakeFriend(testOwnerId(1), []);

  it('is asked about where it lies, and where that is is asked once', async () => {
    const asked: DeviceId[] = [];
    const keepers = createPlotDevices({
      devicesOf: () => [one, two],
      has: async (device) => {
        asked.push(device);
        return ok(device === two);
      },
    });
    expect(await keepers.of(host, testPlotId(1))).toEqual(ok(two));
    expect(await keepers.of(host, testPlotId(1))).toEqual(ok(two));
    expect(asked).toEqual([one, two]);
    keepers.keeps(one, testPlotId(2));
    expect(await keepers.of(host, testPlotId(2))).toEqual(ok(one));
  });

  it('is not taken for gone while one that may keep it is silent', async () => {
    const keepers = createPlotDevices({
      devicesOf: () => [one, two],
      has: async (device) =>
        device === one ? ok(false) : failed({ code: 'unreachable', detail: 'off' }),
    });
    expect(await keepers.of(host, testPlotId(1))).toMatchObject({
      ok: false,
      fault: { code: 'unreachable' },
    });
  });
});

/** A friend's device that answers whatever it is asked with one refusal. */
async function refuses(code: string, status: number) {
  const key = await createDeviceKey();
  const server = createServer(
    { key: key.keyPem, cert: key.certificatePem, minVersion: 'TLSv1.3' },
    (request, response) => {
      request.resume();
      response.statusCode = status;
      const reasons = [{ code, ground: 'request', params: {} }];
      response.end(JSON.stringify({ type: 'denied', reasons, final: false, steps: [] }));
    },
  );
  return { device: key.device, address: await listening(server) };
}

describe('of a friend’s two devices', () => {
  it.each([
    ['unknown-peer', 403],
    ['shutting-down', 503],
    ['books-unwritable', 503],
  ])('one that says %s may keep the plot that the other knows nothing of', async (code, status) => {
    const [one, two] = [await refuses('plot-unknown', 404), await refuses(code, status)];
    const friend = fakeFriend(
      testOwnerId(1),
      [one, two].map(({ device, address }) => fakeFriendDevice(device, [address])),
    );
    const key = await createDeviceKey();
    const friends = registryOf([friend]);
    const peers = createPeers({
      identity: { ...key, statement: { signed: '', signature: '' } },
      me: () => ({ name: 'Ana', kind: 'desktop' }),
      friends: friends.registry,
    });
    const released = await peers.release(friend, testPlotId(1));
    expect(released).toMatchObject({ ok: false, fault: { params: { denial: code } } });
    peers.close();
  });
});

it('a request that one device of a friend’s waits with is not over because another does not know this one', async () => {
  const stranger = await refuses('unknown-peer', 403);
  const busy = await refuses('no-space', 507);
  const key = await createDeviceKey();
  const peersAt = (devices: readonly { readonly device: DeviceId; readonly address: string }[]) => {
    const friend = fakeFriend(
      testOwnerId(1),
      devices.map(({ device, address }) => fakeFriendDevice(device, [address])),
    );
    const peers = createPeers({
      identity: { ...key, statement: { signed: '', signature: '' } },
      me: () => ({ name: 'Ana', kind: 'desktop' }),
      friends: registryOf([friend]).registry,
    });
    return { friend, peers };
  };
  const off = { device: (await createDeviceKey()).device, address: '127.0.0.1:1' };
  const ticket = 'a'.repeat(26) as TicketId;
  const first = peersAt([off, stranger]);
  expect(await first.peers.poll(first.friend, ticket)).toMatchObject({
    ok: false,
    fault: { code: 'unreachable' },
  });
  // Whoever alone knows nothing of it says so.
  const second = peersAt([stranger]);
  expect(await second.peers.poll(second.friend, ticket)).toMatchObject({
    value: { reasons: [{ code: 'unknown-peer' }] },
  });
  // Nor is room refused by somebody who knows nothing of who asks.
  const third = peersAt([stranger, busy]);
  const request = { requestId: newRequestId(), size: 1n, duration: { want: 60 }, why: [] };
  expect(await third.peers.allocate(third.friend, request)).toMatchObject({
    value: { reasons: [{ code: 'no-space' }] },
  });
  for (const { peers } of [first, second, third]) peers.close();
});

/** A friend's device that hears what it is asked, and whose answers get lost. */
async function hears() {
  const key = await createDeviceKey();
  let count = 0;
  const server = createServer(
    { key: key.keyPem, cert: key.certificatePem, minVersion: 'TLSv1.3' },
    (request) => {
      count += 1;
      request.resume().once('end', () => request.socket.destroy());
    },
  );
  return { device: key.device, address: await listening(server), heard: () => count };
}

it('room is asked for at a friend’s second device where the first is off, and not where its yes may be lost', async () => {
  const key = await createDeviceKey();
  const off = { device: (await createDeviceKey()).device, address: '127.0.0.1:1' };
  const lossy = await hears();
  const busy = await refuses('no-space', 507);
  const asked = async (first: { readonly device: DeviceId; readonly address: string }) => {
    const friend = fakeFriend(
      testOwnerId(1),
      [first, busy].map(({ device, address }) => fakeFriendDevice(device, [address])),
    );
    const peers = createPeers({
      identity: { ...key, statement: { signed: '', signature: '' } },
      me: () => ({ name: 'Ana', kind: 'desktop' }),
      friends: registryOf([friend]).registry,
    });
    const request = { requestId: newRequestId(), size: 1n, duration: { want: 60 }, why: [] };
    const answered = await peers.allocate(friend, request);
    peers.close();
    return answered;
  };
  expect(await asked(off)).toMatchObject({ value: { reasons: [{ code: 'no-space' }] } });
  expect(await asked(lossy)).toMatchObject({ ok: false, fault: { code: 'unreachable' } });
  // The very same again, on a fresh connection, may be heard twice.
  expect(lossy.heard()).toBeGreaterThan(0);
});

function registryOf(first: readonly Friend[]) {
  let all = first;
  const listeners = new Set<() => void>();
  const find = (device: DeviceId) =>
    all.find((friend) => friend.devices.some((each) => each.device === device));
  const registry = {
    friends: () => all,
    friend: (owner: string) => all.find((friend) => friend.owner === owner),
    byDevice: (device: DeviceId) => {
      const friend = find(device);
      return friend?.departed === true ? undefined : friend;
    },
    person: (owner: string) => all.find((each) => each.owner === owner),
    personByDevice: (device: DeviceId) => {
      const friend = find(device);
      return friend?.departed === true ? undefined : friend;
    },
    knownDevice: (id: DeviceId) => {
      const friend = find(id);
      const device = friend?.devices.find((each) => each.device === id);
      return friend === undefined || device === undefined ? undefined : { friend, device };
    },
    contacted: () => undefined,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  } as unknown as FriendRegistry;
  return {
    registry,
    all: () => all,
    set: (next: readonly Friend[]) => {
      all = next;
      for (const listener of listeners) listener();
    },
  };
}

describe('calls that are closed', () => {
  it('end at once, also where somebody does not even answer, and none is begun after that', async () => {
    const key = await createDeviceKey();
    const { address } = await silence();
    const friend = fakeFriend(testOwnerId(1), [fakeFriendDevice(key.device, [address])]);
    const friends: Partial<FriendRegistry> = {
      personByDevice: () => friend,
      knownDevice: () => ({ friend, device: friend.devices[0]! }),
      subscribe: () => () => undefined,
      contacted: () => undefined,
    };
    const me = await createDeviceKey();
    const peers = createPeers({
      identity: { ...me, statement: '' as never },
      me: () => ({ name: 'Ana', kind: 'desktop' }),
      friends: friends as FriendRegistry,
    });
    const called = peers.news(key.device, NEWS);
    await new Promise((resolve) => setImmediate(resolve));
    peers.close();
    const ended = failed({ code: 'unreachable', detail: 'given up' });
    expect(await called).toEqual(ended);
    expect(await peers.news(key.device, NEWS)).toEqual(ended);
  });
});
