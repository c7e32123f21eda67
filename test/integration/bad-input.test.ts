import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { request } from 'node:https';
import { connect } from 'node:tls';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';

/** What the network may bring, also from a friend: a sentence and a code, and nothing left behind. */
let place: Awaited<ReturnType<typeof scratch>>;
let ben: TestHome;
let ana: TestHome;
let keys: Awaited<ReturnType<typeof keysOf>>;
let plot: string;
let store: string;

beforeAll(async () => {
  place = await scratch();
  store = join(place.folder, 'spare');
  await mkdir(store);
  ben = await startHome('Ben', place.folder);
  ana = await startHome('Ana', place.folder);
  await pair(ana, ben);
  await offer(ben, store);
  keys = await keysOf(ana, 'Ana');
  const granted = await ana.call('allocations.ask', {
    friend: 'Ben',
    size: '20000000',
    durationS: 86_400,
  });
  plot = granted.type === 'granted' ? granted.plot : '';
});
afterAll(async () => {
  await Promise.all([ben.close(), ana.close()]);
  await place.remove();
});

const requestId = () => randomBytes(16).toString('base64url');
const asks = (more: object) => ({
  v: 1,
  requestId: requestId(),
  size: '1000',
  duration: { want: 3600 },
  why: [],
  ...more,
});
const allocate = (body: unknown) =>
  send(ben, keys, {
    path: '/v1/allocations',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('a request for room', () => {
  test.each([
    '0',
    '-1',
    '1.5',
    '0x10',
    '',
    ' 12',
    '12 ',
    '007',
    '1e9',
    '9223372036854775808',
    12,
    null,
  ])('with the size %j is refused in its own words', async (size) => {
    const answer = await allocate(asks({ size }));
    expect([400, 422]).toContain(answer.status);
    expect(['bad-size', 'bad-request']).toContain(answer.code);
  });

  test.each([[0], [-1], [1.5], [100 * 365 * 86_400 * 100], ['30d'], [undefined]])(
    'for %j seconds is refused',
    async (want) => {
      const answer = await allocate(asks({ duration: { want } }));
      expect([400, 422]).toContain(answer.status);
      expect(['bad-duration', 'bad-request', 'duration-too-long']).toContain(answer.code);
    },
  );

  test('for a century gets what the policy allows, never an error', async () => {
    const answer = await allocate(asks({ duration: { want: 68 * 365 * 86_400, min: 1 } }));
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      type: 'counter',
      reasons: [{ code: 'duration-too-long' }],
    });
  });

  test.each([
    ['not JSON', '{"v":1,'],
    ['no object', '[]'],
    ['nested a thousand deep', `${'['.repeat(1000)}${']'.repeat(1000)}`],
    ['with an unknown field', JSON.stringify(asks({ surprise: 1 }))],
    ['that is not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
  ])('%s is a bad request', async (_what, body) => {
    const answer = await send(ben, keys, { path: '/v1/allocations', body });
    expect(answer).toMatchObject({ status: 400, code: 'bad-request' });
  });

  test('of another version says so', async () => {
    expect(await allocate(asks({ v: 2 }))).toMatchObject({ status: 400, code: 'unknown-version' });
  });

  test('that is longer than any message is cut off', async () => {
    const answer = await allocate(asks({ purpose: 'x'.repeat(400_000) })).catch(() => undefined);
    expect(answer === undefined || answer.status === 400 || answer.status === 413).toBe(true);
  });

  test('repeated is answered the same; with another body it is a conflict', async () => {
    const body = asks({ size: '1000000' });
    const first = JSON.parse((await allocate(body)).body.toString());
    const again = JSON.parse((await allocate(body)).body.toString());
    expect(again).toMatchObject({ type: 'granted', plot: first.plot });
    expect(await allocate({ ...body, size: '2000000' })).toMatchObject({
      status: 409,
      code: 'request-reused',
    });
    await ana.call('plots.mine');
    await send(ben, keys, { method: 'DELETE', path: `/v1/plots/${first.plot}` });
  });

  test('a hundred at once for the last bytes: exactly those that fit are granted', async () => {
    const share = JSON.parse((await send(ben, keys, { path: '/v1/share' })).body.toString());
    const each =
      (BigInt(share.shareBytes) - BigInt(share.useBytes)) / 10n -
      64n * 1024n * 1024n -
      100_000_000n;
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => allocate(asks({ size: `${each}` }))),
    );
    const granted = answers
      .map(({ body }) => JSON.parse(body.toString()))
      .filter(({ type }) => type === 'granted');
    expect(granted.length).toBeGreaterThanOrEqual(10);
    const after = JSON.parse((await send(ben, keys, { path: '/v1/share' })).body.toString());
    expect(BigInt(after.useBytes)).toBeLessThanOrEqual(BigInt(after.shareBytes));
    // Not one more would have fitted.
    expect(BigInt(after.mayAskBytes)).toBeLessThan(each);
    for (const { plot: id } of granted)
      await send(ben, keys, { method: 'DELETE', path: `/v1/plots/${id}` });
    await until(async () => ((await ben.call('plots.hosted')).length === 1 ? true : undefined));
  });
});

const object = (type: string, name: string) => `/v1/plots/${plot}/repository/${type}/${name}`;
const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

function leftovers(): readonly string[] {
  const incoming = join(store, 'allotment', 'plots', plot, 'incoming');
  return existsSync(incoming) ? readdirSync(incoming) : [];
}

describe('an object of a repository', () => {
  test.each([
    '..',
    '%2e%2e',
    'a/../b',
    'x'.repeat(300),
    'A'.repeat(64),
    'g'.repeat(64),
    '%00',
    `${'a'.repeat(63)}`,
  ])('cannot be called %j', async (name) => {
    const answer = await send(ben, keys, { path: object('data', name), body: 'x' });
    expect([400, 404]).toContain(answer.status);
    expect(leftovers()).toEqual([]);
  });

  test('is refused if its bytes are not those of its name', async () => {
    const bytes = randomBytes(1000);
    const answer = await send(ben, keys, { path: object('data', 'a'.repeat(64)), body: bytes });
    expect(answer).toMatchObject({ status: 400, code: 'hash-mismatch' });
    expect(leftovers()).toEqual([]);
    const [hosted] = await ben.call('plots.hosted');
    expect(hosted?.writtenBytes).toBe('0');
  });

  test('is kept once, read in parts, never overwritten, and removed', async () => {
    const bytes = randomBytes(100_000);
    const path = object('data', sha(bytes));
    expect(await send(ben, keys, { path, body: bytes })).toMatchObject({ status: 200 });
    expect(await send(ben, keys, { path, body: bytes })).toMatchObject({ status: 200 });
    const part = await send(ben, keys, { path, headers: { range: 'bytes=10-19' } });
    expect(part).toMatchObject({ status: 206, body: bytes.subarray(10, 20) });
    expect(part.headers['content-range']).toBe('bytes 10-19/100000');
    const tail = await send(ben, keys, { path, headers: { range: 'bytes=99990-' } });
    expect(tail.body).toEqual(bytes.subarray(99_990));
    const beyond = await send(ben, keys, { path, headers: { range: 'bytes=100000-' } });
    expect(beyond.status).toBe(416);
    expect(await send(ben, keys, { method: 'DELETE', path })).toMatchObject({ status: 200 });
    expect(await send(ben, keys, { path })).toMatchObject({ status: 404 });
    expect(await send(ben, keys, { method: 'DELETE', path })).toMatchObject({ status: 404 });
  });

  test('a config is never replaced by another', async () => {
    const path = `/v1/plots/${plot}/repository/config`;
    expect(await send(ben, keys, { path, body: 'one' })).toMatchObject({ status: 200 });
    expect(await send(ben, keys, { path, body: 'one' })).toMatchObject({ status: 200 });
    expect(await send(ben, keys, { path, body: 'two' })).toMatchObject({ code: 'object-differs' });
    expect((await send(ben, keys, { path })).body.toString()).toBe('one');
  });

  test('an upload that stops half way leaves nothing behind', async () => {
    const bytes = randomBytes(500_000);
    await new Promise<void>((resolve) => {
      const outgoing = request({
        ...keys,
        host: '127.0.0.1',
        port: Number(ben.address.split(':')[1]),
        method: 'POST',
        path: object('data', sha(bytes)),
        headers: { 'content-length': bytes.length },
        rejectUnauthorized: false,
        agent: false,
      });
      outgoing.on('error', () => undefined);
      outgoing.once('close', () => resolve());
      outgoing.write(bytes.subarray(0, 200_000), () => setTimeout(() => outgoing.destroy(), 50));
    });
    await until(async () => {
      const [friend] = await ben.call('friends.list');
      return friend?.here.arrivingBytes === '0' ? true : undefined;
    });
    expect(leftovers()).toEqual([]);
    expect(await send(ben, keys, { path: object('data', sha(bytes)) })).toMatchObject({
      status: 404,
    });
  });

  test('a full plot says 507, and its locks, indexes and snapshots still have room', async () => {
    const many = Array.from({ length: 25 }, () => randomBytes(1_000_000));
    const answers = [];
    for (const bytes of many)
      answers.push(await send(ben, keys, { path: object('data', sha(bytes)), body: bytes }));
    expect(answers.filter(({ status }) => status === 200).length).toBe(19);
    expect(
      answers.filter(({ status, code }) => status === 507 && code === 'plot-full').length,
    ).toBe(6);
    expect(leftovers()).toEqual([]);
    const lock = randomBytes(300);
    const path = object('locks', sha(lock));
    expect(await send(ben, keys, { path, body: lock })).toMatchObject({ status: 200 });
    expect(await send(ben, keys, { method: 'DELETE', path })).toMatchObject({ status: 200 });
  });

  test('of somebody else’s plot is not there', async () => {
    const answer = await send(ben, keys, { path: `/v1/plots/${'a'.repeat(26)}/repository/data/` });
    expect(answer).toMatchObject({ status: 404, code: 'plot-unknown' });
  });
});

describe('strangers and blocked friends', () => {
  test('whoever shows no key, or one that nobody knows, hears one and the same word', async () => {
    const eve = await startHome('Eve', place.folder);
    try {
      const eveKeys = await keysOf(eve, 'Eve');
      const bodies = await Promise.all(
        [{}, eveKeys].flatMap((who) =>
          ['/v1/share', '/v1/plots', object('data', ''), '/v1/nothing'].map((path) =>
            send(ben, who, { path }),
          ),
        ),
      );
      expect(new Set(bodies.map(({ body }) => body.toString())).size).toBe(1);
      expect(bodies.every(({ status, code }) => status === 403 && code === 'unknown-peer')).toBe(
        true,
      );
      expect((await send(ben, eveKeys, { path: '/v1/hello' })).status).toBe(200);
    } finally {
      await eve.close();
    }
  });

  test('a key of one home with the certificate of another makes no connection', async () => {
    const other = await keysOf(ben, 'Ben');
    await expect(
      send(
        ben,
        { ...keys, ...(other.key === undefined ? {} : { key: other.key }) },
        { path: '/v1/share' },
      ),
    ).rejects.toThrow();
  });

  test('a friend whose device was replaced at its address is not spoken to', async () => {
    const port = Number(ben.address.split(':')[1]);
    await ben.close();
    const impostor = await startHome('Impostor', place.folder, { port });
    expect(
      await ana.fault('allocations.ask', { friend: 'Ben', size: '1000', durationS: 3600 }),
    ).toBe('wrong-key');
    await impostor.close();
    ben = await startHome('Ben', place.folder, { port });
  });

  test('a blocked friend reads what he has, and gets nothing new', async () => {
    await ben.call('friends.block', { friend: 'Ana' });
    const asked = await allocate(asks({}));
    expect(asked).toMatchObject({ status: 403, code: 'blocked' });
    const listed = await send(ben, keys, { path: object('data', '') });
    expect(listed.status).toBe(200);
    const bytes = randomBytes(10);
    expect(await send(ben, keys, { path: object('data', sha(bytes)), body: bytes })).toMatchObject({
      status: 403,
      code: 'blocked',
    });
    expect(await send(ben, keys, { path: object('locks', sha(bytes)), body: bytes })).toMatchObject(
      { status: 200 },
    );
    const removed = (type: string) =>
      send(ben, keys, { method: 'DELETE', path: object(type, sha(bytes)) });
    expect(await removed('data')).toMatchObject({ status: 403, code: 'blocked' });
    expect(await removed('locks')).toMatchObject({ status: 200 });
    await ben.call('friends.unblock', { friend: 'Ana' });
  });
});

test('who sends a hundred requests at once without waiting for an answer is cut off, and has nothing of this host’s open', async () => {
  const port = Number(ben.address.split(':')[1]);
  const socket = connect({ ...keys, host: '127.0.0.1', port, rejectUnauthorized: false });
  socket.on('error', () => undefined);
  let answers = 0;
  socket.on('data', (chunk: Buffer) => (answers += chunk.toString().split('HTTP/1.1').length - 1));
  await once(socket, 'secureConnect');
  socket.write('GET /v1/share HTTP/1.1\r\nHost: ben\r\n\r\n'.repeat(100));
  await once(socket, 'close');
  expect(answers).toBeLessThan(100);
  const { status } = await send(ben, keys, { path: '/v1/share' });
  expect(status).toBe(200);
});
