import { createHash, randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeDiskSpace } from '../../electron/core/adapters/node-disk-space.ts';
import { SERVER_LIMITS, type ServerLimits } from '../../electron/core/server/limits.ts';
import { serve, type Served } from '../../electron/headless/serve.ts';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';
import { onlyWith } from '../network/namespaces.ts';
import { whyNoMount } from '../network/no-mount.ts';

/**
 * Threats of the table in `test/tidy/threats.ts` that need real homes and have no other place: numbers at
 * their ends, floods, a disk that others fill, other pages and programs on the same computer.
 */
let place: Awaited<ReturnType<typeof scratch>>;
let ben: TestHome;
let ana: TestHome;
let store: string;
let keys: Awaited<ReturnType<typeof keysOf>>;

const BIGGEST = 2n ** 63n - 1n;
const FIRST_UNSAFE = 2n ** 53n + 1n;

beforeAll(async () => {
  place = await scratch();
  store = join(place.folder, 'spare');
  await mkdir(store);
  ben = await startHome('Ben', place.folder);
  ana = await startHome('Ana', place.folder);
  await pair(ana, ben);
  await offer(ben, store);
  keys = await keysOf(ana, 'Ana');
});
afterAll(async () => {
  agent.destroy();
  await Promise.all([ben.close(), ana.close()]);
  await place.remove();
});

/** Two thousand handshakes would be the test of something else. */
const agent = new Agent({ keepAlive: true, maxSockets: 20 });

/**
 * Ben's home with the same friend, whose messages were not counted yet. Nothing of what is counted comes back with time,
 * or it would depend on the machine how many of them pass.
 */
async function again(limits: Partial<ServerLimits> = {}): Promise<void> {
  agent.destroy();
  ben = await ben.restart({ limits: { ...SERVER_LIMITS, ...limits } });
}

/** So many requests one after the other on twenty connections; how often each status came. */
async function flood(path: string, count: number): Promise<ReadonlyMap<number, number>> {
  const statuses = new Map<number, number>();
  let left = count;
  const one = () =>
    new Promise<number>((resolve, reject) => {
      const requestId = randomBytes(16).toString('base64url');
      const asked = { v: 1, requestId, size: `${BIGGEST}`, duration: { want: 3600 }, why: [] };
      const body = JSON.stringify(asked);
      const port = Number(ben.address.split(':')[1]);
      const headers = { 'content-length': body.length };
      const how = { ...keys, agent, host: '127.0.0.1', port, path, method: 'POST', headers };
      const outgoing = request({ ...how, rejectUnauthorized: false }, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
      });
      outgoing.once('error', reject);
      outgoing.end(body);
    });
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      while (left > 0) {
        left -= 1;
        const status = await one();
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    }),
  );
  return statuses;
}

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const parsed = (body: Buffer) =>
  JSON.parse(body.toString()) as { readonly type?: string; readonly plot?: string };

function ask(path: string, more: object) {
  const requestId = randomBytes(16).toString('base64url');
  const body = { v: 1, requestId, size: '1000', duration: { want: 3600 }, why: [], ...more };
  return send(ben, keys, { path, body: JSON.stringify(body) });
}

async function plotOf(size: string): Promise<string> {
  const { type, plot } = parsed((await ask('/v1/allocations', { size })).body);
  expect(type).toBe('granted');
  return plot ?? '';
}

describe('numbers', () => {
  test('beyond 2^53 are told and logged to the byte', async () => {
    const answer = await ask('/v1/allocations', { size: `${FIRST_UNSAFE}` });
    expect(answer).toMatchObject({ status: 507 });
    const [logged] = await ben.call('decisions.list', { limit: 1 });
    expect(logged?.requestedBytes).toBe(`${FIRST_UNSAFE}`);
  });

  test('of the largest size there is overflow nowhere: not in a promise, a wait, a quote or an offer', async () => {
    const size = `${BIGGEST}`;
    expect((await ask('/v1/allocations', { size })).status).toBe(507);
    expect((await ask('/v1/quotes', { size })).status).toBe(200);
    const wish = { folder: store, offerBytes: size, keepFreeBytes: size };
    expect(await ben.fault('offer.set', wish)).toBe('none');
    expect((await ask('/v1/allocations', { size })).status).toBe(507);
    await ben.call('policy.set', {
      friend: 'Ana',
      policy: { guards: { askAboveBytes: '0' }, grounds: [{ kind: 'always' }] },
    });
    await offer(ben, store);
    // Whether it may wait for the owner's word or is refused at once, it is an answer.
    expect([200, 422, 507]).toContain((await ask('/v1/allocations', { size })).status);
    await ben.call('policy.set', { friend: 'Ana', policy: null });
  });
});

describe('parts of an object', () => {
  test.each([
    ['from beyond its end', `bytes=${FIRST_UNSAFE}-`, 416],
    ['from beyond any number', `bytes=${'9'.repeat(40)}-`, 200],
    ['to beyond its end', `bytes=0-${BIGGEST}`, 206],
    ['to beyond any number', `bytes=0-${'9'.repeat(40)}`, 200],
    ['longer than it is, from its end', `bytes=-${BIGGEST}`, 206],
    ['of nothing', 'bytes=-0', 416],
  ])('%s are what there is, or nothing', async (_what, range, status) => {
    const plot = await plotOf('1000000');
    const bytes = randomBytes(2000);
    const path = `/v1/plots/${plot}/repository/data/${sha(bytes)}`;
    await send(ben, keys, { path, body: bytes });
    const answer = await send(ben, keys, { path, headers: { range } });
    expect(answer.status).toBe(status);
    if (status !== 416) expect(answer.body).toEqual(bytes);
    await send(ben, keys, { method: 'DELETE', path: `/v1/plots/${plot}` });
  });

  test('an upload without a length is refused before a byte of it is kept', async () => {
    const plot = await plotOf('1000000');
    const bytes = randomBytes(2000);
    const status = await new Promise<number>((resolve, reject) => {
      const outgoing = request(
        {
          ...keys,
          host: '127.0.0.1',
          port: Number(ben.address.split(':')[1]),
          method: 'POST',
          path: `/v1/plots/${plot}/repository/data/${sha(bytes)}`,
          headers: { 'transfer-encoding': 'chunked' },
          rejectUnauthorized: false,
          agent: false,
        },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      outgoing.once('error', reject);
      outgoing.end(bytes);
    });
    expect(status).toBe(411);
    const hosted = (await ben.call('plots.hosted')).find((each) => each.plot === plot);
    expect(hosted).toMatchObject({ writtenBytes: '0' });
    await send(ben, keys, { method: 'DELETE', path: `/v1/plots/${plot}` });
  });
});

describe('a flood', () => {
  test('of requests is stopped before it is written down, and quotes and renewals stay possible', async () => {
    const count = async () =>
      Number((await ben.call('decisions.list', { limit: 1 }))[0]?.number ?? 0);
    const { asks, friends } = SERVER_LIMITS;
    await again({ asks: { ...asks, perS: 0 }, friends: { burst: 2 * friends.burst, perS: 0 } });
    // What is taken off the disk meanwhile is written down as well.
    await until(async () => ((await ben.call('plots.hosted')).length === 0 ? true : undefined));
    const before = await count();
    const statuses = await flood('/v1/allocations', asks.burst + 200);
    expect(statuses).toEqual(
      new Map([
        [507, asks.burst],
        [429, 200],
      ]),
    );
    expect((await count()) - before).toBe(asks.burst);
    expect((await ask('/v1/quotes', {})).status).toBe(200);
  });

  test('of quotes counts like one of requests', async () => {
    // What a friend's device has at once in the end, and not a limit of this test's.
    const { burst } = SERVER_LIMITS.friends;
    await again({ friends: { burst, perS: 0 } });
    const quotes = await flood('/v1/quotes', burst + 100);
    expect(new Set(quotes.keys())).toEqual(new Set([200, 429]));
    // Her device's news count, too.
    expect(quotes.get(200)).toBeGreaterThan(burst - 100);
    expect((await ask('/v1/quotes', {})).status).toBe(429);
    await again();
  });

  test('of plots ends at as many as the policy allows, whatever their size', async () => {
    await ben.call('policy.set', {
      friend: 'Ana',
      policy: { guards: { maxPlots: 3 }, grounds: [{ kind: 'fair-share', weight: 1 }] },
    });
    const answers = [];
    for (let each = 0; each < 5; each += 1)
      answers.push(await ask('/v1/allocations', { size: '1' }));
    expect(answers.map(({ code }) => code)).toEqual([
      undefined,
      undefined,
      undefined,
      'too-many-plots',
      'too-many-plots',
    ]);
    for (const { body } of answers) {
      const { plot } = parsed(body);
      if (plot !== undefined)
        await send(ben, keys, { method: 'DELETE', path: `/v1/plots/${plot}` });
    }
    await ben.call('policy.set', { friend: 'Ana', policy: null });
  });
});

const noMount = whyNoMount();

describe.skipIf(noMount !== undefined)(onlyWith('a disk that others fill', noMount), () => {
  test('refuses what it really has no room for, keeps the grant, and takes it later', async () => {
    const small = join(place.folder, 'small');
    await mkdir(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=120m', 'tmpfs', small]);
    // As if nobody had told us yet: the system's own refusal must do.
    const space = {
      read: async (folder: string) => {
        const real = await nodeDiskSpace.read(folder);
        return real === undefined ? undefined : { ...real, freeBytes: 10n ** 10n };
      },
    };
    const cleo = await startHome('Cleo', place.folder, { ports: { space } });
    try {
      await pair(ana, cleo);
      await offer(cleo, small);
      const granted = await ana.call('allocations.ask', {
        friend: 'Cleo',
        size: '20000000',
        durationS: 86_400,
      });
      const plot = granted.type === 'granted' ? granted.plot : '';
      const filler = join(small, 'holiday films');
      writeFileSync(filler, Buffer.alloc(114_000_000));
      const bytes = randomBytes(15_000_000);
      const path = `/v1/plots/${plot}/repository/data/${sha(bytes)}`;
      const refused = await send(cleo, keys, { path, body: bytes });
      expect(refused).toMatchObject({ status: 507, code: 'disk-full' });
      const incoming = join(small, 'allotment', 'plots', plot, 'incoming');
      expect(existsSync(incoming) ? readdirSync(incoming) : []).toEqual([]);
      const [hosted] = await cleo.call('plots.hosted');
      expect(hosted).toMatchObject({ plot, state: 'active', writtenBytes: '0' });
      rmSync(filler);
      expect((await send(cleo, keys, { path, body: bytes })).status).toBe(200);
      expect((await send(cleo, keys, { path })).body).toEqual(bytes);
    } finally {
      await cleo.close();
      execFileSync('umount', ['-l', small]);
    }
  });
});

describe('two homes that offer one folder', () => {
  test('keep their friends’ plots apart, and neither clears away what is the other’s', async () => {
    const dora = await startHome('Dora', place.folder);
    try {
      const plot = await plotOf('1000000');
      const bytes = randomBytes(2000);
      const path = `/v1/plots/${plot}/repository/data/${sha(bytes)}`;
      expect((await send(ben, keys, { path, body: bytes })).status).toBe(200);
      await dora.call('offer.set', { folder: store, offerBytes: '1000000000', keepFreeBytes: '0' });
      await dora.core.chores();
      await ben.core.chores();
      expect(await dora.call('plots.hosted')).toEqual([]);
      expect((await send(ben, keys, { path })).body).toEqual(bytes);
    } finally {
      await dora.close();
    }
  });
});

describe('the web door', () => {
  let served: Served;
  let bearer: string;
  let port: number;

  beforeAll(async () => {
    const started = await serve({
      home: join(place.folder, 'emil'),
      name: 'Emil',
      port: 0,
      host: '127.0.0.1',
    });
    if (!started.ok) throw new Error(JSON.stringify(started.fault));
    served = started.value;
    const link = new URL(served.ready.web);
    port = Number(link.port);
    const token = new URLSearchParams(link.hash.slice(1)).get('token');
    const answer = await fetch(`${link.origin}/api/session`, {
      method: 'POST',
      body: JSON.stringify({ token }),
    });
    bearer = ((await answer.json()) as { bearer: string }).bearer;
  });
  afterAll(() => served.close());

  function call(headers: Readonly<Record<string, string>>, method = 'POST') {
    return new Promise<{ status: number; allows: string | undefined }>((resolve, reject) => {
      const outgoing = plainRequest(
        {
          host: '127.0.0.1',
          port,
          method,
          path: '/api/call',
          headers: { authorization: `Bearer ${bearer}`, ...headers },
        },
        (response) => {
          response.resume();
          const allows = response.headers['access-control-allow-origin'];
          resolve({ status: response.statusCode ?? 0, allows });
        },
      );
      outgoing.once('error', reject);
      outgoing.end(method === 'POST' ? JSON.stringify({ channel: 'status.get', args: {} }) : '');
    });
  }

  test('is open to its own page', async () => {
    const host = `127.0.0.1:${port}`;
    expect(await call({ host })).toEqual({ status: 200, allows: undefined });
    expect(await call({ host, origin: `http://${host}` })).toMatchObject({ status: 200 });
  });

  test.each([
    ['a name that was made to point here', { host: 'allotment.example:80' }],
    ['a name that only begins like ours', { host: '127.0.0.1.example:80' }],
  ])('hears nobody who calls it by %s, even with the right bearer', async (_what, headers) => {
    expect(await call(headers)).toEqual({ status: 403, allows: undefined });
  });

  test.each(['https://shop.example', 'null', 'http://127.0.0.1:1', 'http://localhost:80'])(
    'hears no page of %s, and tells browsers of no exception',
    async (origin) => {
      const host = `127.0.0.1:${port}`;
      expect(await call({ host, origin })).toEqual({ status: 403, allows: undefined });
      expect(await call({ host, origin }, 'OPTIONS')).toEqual({ status: 403, allows: undefined });
    },
  );

  test('does nothing on a link that is followed, or a form that is sent: it wants a bearer', async () => {
    const host = `127.0.0.1:${port}`;
    expect((await call({ host }, 'GET')).status).toBe(405);
    expect((await call({ host, authorization: '' })).status).toBe(401);
    expect((await call({ host, authorization: '', cookie: `bearer=${bearer}` })).status).toBe(401);
  });
});
