import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDeviceKey } from '../../electron/core/identity/device-key.ts';
import { deriveSecrets } from '../../electron/core/identity/phrase.ts';
import { rootKeyOf } from '../../electron/core/identity/root-key.ts';
import { signStatement, type Statement } from '../../electron/core/identity/statement.ts';
import { SERVER_LIMITS } from '../../electron/core/server/limits.ts';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { statementOf } from '../fakes/man-in-the-middle.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let ben: TestHome;
let ana: TestHome;
let phrase: string;

beforeEach(async () => {
  place = await scratch();
  [ben, ana] = await Promise.all([
    startHome('Ben', place.folder),
    startHome('Ana', place.folder, { machine: 'laptop' }),
  ]);
  phrase = ((await ana.call('phrase.show')).words ?? []).join(' ');
});
afterEach(async () => {
  await Promise.all([ben.close(), ana.close()]);
  await place.remove();
});

const friendOf = async (home: TestHome) => {
  const all = await home.call('friends.list');
  expect(all).toHaveLength(1);
  const [friend] = all;
  if (friend === undefined) throw new Error('no friend');
  return friend;
};
const noticeOf = async (home: TestHome, kind: string) => {
  await home.core.chores();
  const { notices } = await home.call('state.snapshot');
  return notices.find((notice) => notice.kind === kind);
};

/** A device that Ana's root signs for, without a home around it. */
async function devicesOfAna() {
  const { rootSeed } = await deriveSecrets(phrase.split(' '));
  const root = rootKeyOf(rootSeed);
  return async (more: Partial<Statement> = {}) => {
    const key = await createDeviceKey();
    const instance = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('hex');
    const about = { owner: root.owner, device: key.device, instance, serial: 1, ...more };
    const statement = signStatement(about, root);
    const keys = { key: key.keyPem, cert: key.certificatePem };
    return {
      device: key.device,
      instance,
      keys,
      statement,
      introduce: (to: TestHome, given = statement) =>
        send(to, keys, {
          path: '/v1/devices',
          body: JSON.stringify({ v: 1, name: 'Ana’s NAS', kind: 'server', statement: given }),
        }),
      ask: (to: TestHome) => send(to, keys, { path: '/v1/share' }),
    };
  };
}

const stateOf = ({ body }: { readonly body: Buffer }) =>
  (JSON.parse(body.toString()) as { state?: string }).state;

describe('a second device of a friend', () => {
  test('that is paired with is the same friend, with the same share and the same plots', async () => {
    await pair(ana, ben);
    const store = join(place.folder, 'spare');
    await mkdir(store);
    await offer(ben, store, 2_000_000_000n);
    await ana.call('allocations.ask', { friend: 'Ben', size: '500000000', durationS: 86_400 });
    const nas = await startHome('NAS', place.folder, { phrase, machine: 'server' });
    try {
      const mine = await nas.call('pairings.start', { address: ben.address });
      const asked = (await ben.call('pairings.list')).find(({ id }) => id === mine.id);
      expect(asked).toMatchObject({ name: 'NAS', kind: 'server', friend: 'Ana' });
      await nas.call('pairings.confirm', { code: mine.digits });
      await ben.call('pairings.confirm', { code: mine.digits });
      const friend = await until(async () => {
        const found = await friendOf(ben);
        return found.devices.length === 2 ? found : undefined;
      });
      await until(async () => ((await nas.call('friends.list')).length > 0 ? true : undefined));
      expect(friend.name).toBe('Ana');
      expect(friend.devices.map(({ name, kind }) => [name, kind])).toEqual(
        expect.arrayContaining([
          ['Ana', 'laptop'],
          ['NAS', 'server'],
        ]),
      );
      const asks = async (home: TestHome, name: string, path: string) =>
        JSON.parse((await send(ben, await keysOf(home, name), { path })).body.toString()) as object;
      for (const path of ['/v1/share', '/v1/plots'])
        expect(await asks(nas, 'NAS', path)).toEqual(await asks(ana, 'Ana', path));
      expect(await asks(nas, 'NAS', '/v1/share')).toMatchObject({ shareBytes: '2000000000' });
      // What one of them has leaves less for the other.
      expect(
        await nas.call('allocations.ask', { friend: 'Ben', size: '1500000000', durationS: 86_400 }),
      ).toMatchObject({ type: 'denied' });
      expect(await noticeOf(ben, 'friend-device')).toMatchObject({
        level: 'info',
        params: { friend: 'Ana', device: 'NAS' },
      });
    } finally {
      await nas.close();
    }
  });

  test('introduces itself by its owner’s word about its very key, and nobody is asked', async () => {
    await pair(ana, ben);
    const make = await devicesOfAna();
    const nas = await make();
    expect(await nas.ask(ben)).toMatchObject({ status: 403, code: 'unknown-peer' });
    const added = await nas.introduce(ben);
    expect([added.status, stateOf(added)]).toEqual([200, 'added']);
    expect(stateOf(await nas.introduce(ben))).toBe('known');
    expect(await nas.ask(ben)).toMatchObject({ status: 200 });
    const friend = await friendOf(ben);
    expect(friend.devices.find(({ device }) => device === nas.device)).toMatchObject({
      name: 'Ana’s NAS',
      kind: 'server',
    });
    expect(await noticeOf(ben, 'friend-device')).toMatchObject({ params: { friend: 'Ana' } });
  });

  test('of somebody who is blocked is blocked too', async () => {
    await pair(ana, ben);
    const store = join(place.folder, 'spare');
    await mkdir(store);
    await offer(ben, store);
    await ben.call('friends.block', { friend: 'Ana' });
    const nas = await (await devicesOfAna())();
    expect(stateOf(await nas.introduce(ben))).toBe('added');
    const request = {
      v: 1,
      requestId: 'A'.repeat(22),
      size: '1000',
      duration: { want: 3600 },
      why: [],
    };
    const asked = await send(ben, nas.keys, {
      path: '/v1/allocations',
      body: JSON.stringify(request),
    });
    expect(asked.code).toBe('blocked');
  });

  test('of nobody we know, of a friend of the past, or with a word about another is a stranger', async () => {
    const make = await devicesOfAna();
    const nas = await make();
    const unknown = { status: 403, code: 'unknown-peer' };
    expect(await nas.introduce(ben)).toMatchObject(unknown);
    await pair(ana, ben);
    const other = await make();
    expect(await nas.introduce(ben, other.statement)).toMatchObject(unknown);
    const key = await createDeviceKey();
    expect(await nas.introduce(ben, statementOf(key))).toMatchObject(unknown);
    const hello = await send(ana, {}, { path: '/v1/hello' });
    const { statement } = JSON.parse(hello.body.toString()) as Pick<typeof nas, 'statement'>;
    expect(await nas.introduce(ben, statement)).toMatchObject(unknown);
    await ben.call('friends.leave', { friend: 'Ana', days: 0, name: 'Ana' });
    await until(async () => ((await friendOf(ben)).departed ? true : undefined));
    expect(await nas.introduce(ben)).toMatchObject(unknown);
    expect(await send(ben, await keysOf(ana, 'Ana'), { path: '/v1/share' })).toMatchObject(unknown);
  });

  test('may ask no more often for it: what is kept of requests is counted for the person', async () => {
    const limits = { ...SERVER_LIMITS, asks: { burst: 2, perS: 0 } };
    const cleo = await startHome('Cleo', place.folder, { limits });
    try {
      await pair(ana, cleo);
      const nas = await (await devicesOfAna())();
      await nas.introduce(cleo);
      const own = await keysOf(ana, 'Ana');
      const codes: (string | undefined)[] = [];
      for (const keys of [own, nas.keys, own, nas.keys]) {
        const requestId = randomBytes(16).toString('base64url');
        const wish = { v: 1, requestId, size: '1000', duration: { want: 3600 }, why: [] };
        const asked = { path: '/v1/allocations', body: JSON.stringify(wish) };
        codes.push((await send(cleo, keys, asked)).code);
      }
      expect(codes.map((code) => code === 'rate-limited')).toEqual([false, false, true, true]);
    } finally {
      await cleo.close();
    }
  });
});

describe('a device that was struck off', () => {
  test('hears so whatever it asks, and can neither come back nor pair', async () => {
    await pair(ana, ben);
    const { instance } = await ana.call('phrase.show');
    const make = await devicesOfAna();
    const successor = await make({ replaces: instance });
    expect(stateOf(await successor.introduce(ben))).toBe('added');
    const old = await keysOf(ana, 'Ana');
    const revoked = { status: 403, code: 'device-revoked' };
    for (const path of ['/v1/share', '/v1/plots', '/v1/plots/x/repository/config', '/v1/nothing'])
      expect(await send(ben, old, { path })).toMatchObject(revoked);
    // Also where strangers may ask: who is struck off must not think that the friendship is over.
    for (const body of ['{}', JSON.stringify({ v: 1, why: [] })])
      expect(await send(ben, old, { path: '/v1/allocations', body })).toMatchObject(revoked);
    const hello = await send(ana, {}, { path: '/v1/hello' });
    const { statement } = JSON.parse(hello.body.toString()) as { statement: unknown };
    const again = JSON.stringify({ v: 1, name: 'Ana', kind: 'desktop', statement });
    expect(await send(ben, old, { path: '/v1/devices', body: again })).toMatchObject(revoked);
    expect(await ana.fault('pairings.start', { address: ben.address })).toBe('refused');
    // Its own person hears of it as soon as it calls, whatever is to be backed up.
    expect(await ana.fault('friends.try', { friend: 'Ben' })).toBe('refused');
    expect((await ana.call('status.get')).warnings).toContainEqual({
      key: 'warning.struck-off',
      params: { friend: 'Ben' },
    });
    expect(await noticeOf(ana, 'struck-off')).toMatchObject({ level: 'alarm' });
    expect(await ben.call('pairings.list')).toMatchObject([{ state: 'paired' }]);
    expect((await friendOf(ben)).devices.filter((each) => !each.revoked)).toMatchObject([
      { device: successor.device },
    ]);
    // Nor a key of that installation that nobody here has met.
    const unseen = await make({ instance, serial: 7 });
    expect(await unseen.introduce(ben)).toMatchObject(revoked);
    expect(await unseen.ask(ben)).toMatchObject({ code: 'unknown-peer' });
  });

  test('a copy with the same serial is refused, and the owner hears of it', async () => {
    await pair(ana, ben);
    const { instance } = await ana.call('phrase.show');
    const copy = await (await devicesOfAna())({ instance });
    expect(await copy.introduce(ben)).toMatchObject({ status: 403, code: 'serial-clash' });
    expect(await copy.ask(ben)).toMatchObject({ code: 'unknown-peer' });
    expect(await send(ben, await keysOf(ana, 'Ana'), { path: '/v1/share' })).toMatchObject({
      status: 200,
    });
    expect(await noticeOf(ben, 'device-clash')).toMatchObject({
      level: 'alarm',
      params: { friend: 'Ana', device: 'Ana' },
    });
  });
});

test('a copy that wants to pair is refused, and the owner hears of it', async () => {
  await pair(ana, ben);
  const { instance } = await ana.call('phrase.show');
  const copy = await (await devicesOfAna())({ instance });
  const commitment = 'A'.repeat(43);
  const knock = { v: 1, name: 'Ana', port: null, statement: copy.statement, commitment };
  const knocked = await send(ben, copy.keys, {
    path: '/v1/pairings',
    body: JSON.stringify(knock),
  });
  expect(knocked).toMatchObject({ status: 403, code: 'serial-clash' });
  expect(await noticeOf(ben, 'device-clash')).toMatchObject({ params: { friend: 'Ana' } });
  expect((await friendOf(ben)).devices).toHaveLength(1);
});

describe('another key where a friend’s device was', () => {
  async function inAnasPlace(start: (port: number) => Promise<{ close: () => Promise<void> }>) {
    await pair(ana, ben);
    const { port } = ana.core.info();
    await ana.close();
    return start(port);
  }
  const look = () => ben.fault('friends.try', { friend: 'Ana' });

  test('is recognised by the root’s word: the successor counts, the old one no longer', async () => {
    const { instance } = await ana.call('phrase.show');
    const old = ana.core.info().device;
    const next = await inAnasPlace((port) =>
      startHome('Ana anew', place.folder, { phrase, replaces: instance, port }),
    );
    try {
      const { device } = (next as TestHome).core.info();
      const friend = await until(async () => {
        await look();
        const found = await friendOf(ben);
        return found.devices.some((each) => each.device === device) ? found : undefined;
      });
      expect(friend.name).toBe('Ana');
      expect(friend.devices.filter(({ revoked }) => revoked)).toMatchObject([{ device: old }]);
      expect(await noticeOf(ben, 'friend-device')).toMatchObject({
        params: { friend: 'Ana', device: 'Ana anew' },
      });
      expect(await noticeOf(ben, 'friend-key')).toBeUndefined();
    } finally {
      await next.close();
    }
  });

  test('and does not know this device: nobody has ended anything, and together they begin again', async () => {
    await pair(ana, ben);
    const { instance } = await ana.call('phrase.show');
    const { port } = ana.core.info();
    await ana.close();
    const next = await startHome('Ana anew', place.folder, { phrase, replaces: instance, port });
    try {
      const trouble = await until(async () => {
        await look();
        const { presence, devices } = await friendOf(ben);
        return devices.length === 2 && presence.trouble !== null ? presence.trouble : undefined;
      });
      expect(trouble).toBe('not-yet');
      await ben.core.chores();
      expect((await friendOf(ben)).leaving).toBeNull();
      expect(await noticeOf(ben, 'friend-left')).toBeUndefined();
      await pair(ben, next);
      await until(async () =>
        (await friendOf(ben)).presence.state === 'online' ? true : undefined,
      );
      // From now on its word counts.
      await next.call('friends.leave', { friend: 'Ben', days: 0, name: 'Ben' });
      await until(() => noticeOf(ben, 'friend-left'));
    } finally {
      await next.close();
    }
  });

  test('without that word is never taken for the friend, hears nothing but hello, and is told of', async () => {
    const heard: string[] = [];
    const key = await createDeviceKey();
    const signed = statementOf(key);
    const stranger = await inAnasPlace(async (port) => {
      const server: Server = createServer(
        {
          key: key.keyPem,
          cert: key.certificatePem,
          requestCert: true,
          rejectUnauthorized: false,
        },
        (request, response) => {
          heard.push(`${request.method} ${request.url}`);
          // It claims to be Ana, with a word of its own root.
          const { owner } = JSON.parse(
            Buffer.from(signed.signed, 'base64url').toString().split('\n')[1] ?? '{}',
          ) as { owner: string };
          const hello = { v: 1, name: 'Ana', owner, device: key.device, statement: signed };
          response.end(JSON.stringify(hello));
        },
      );
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      return {
        close: () => {
          server.closeAllConnections();
          return new Promise((resolve) => server.close(() => resolve()));
        },
      };
    });
    try {
      // A call may have begun while nobody was there at all.
      await until(async () => ((await look()) === 'wrong-key' ? true : undefined));
      await until(async () =>
        (await friendOf(ben)).presence.trouble === 'wrong-key' ? true : undefined,
      );
      await until(() => (heard.length > 0 ? true : undefined));
      expect(new Set(heard)).toEqual(new Set(['GET /v1/hello']));
      expect((await friendOf(ben)).devices).toHaveLength(1);
      expect(await noticeOf(ben, 'friend-key')).toMatchObject({
        level: 'alarm',
        params: { friend: 'Ana' },
      });
    } finally {
      await stranger.close();
    }
  });
});
