import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDeviceKey } from '../../electron/core/identity/device-key.ts';
import { commitmentOf } from '../../electron/core/friends/pairing.ts';
import {
  ATTEMPTS_IN_ALL,
  ATTEMPTS_PER_ADDRESS,
} from '../../electron/core/friends/pairing-attempts.ts';
import { SERVER_LIMITS } from '../../electron/core/server/limits.ts';
import { pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { type Mallory, sitBetween, statementOf } from '../fakes/man-in-the-middle.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let ben: TestHome;
let ana: TestHome;
let mallory: Mallory | undefined;
let aheadMs = 0;

beforeEach(async () => {
  aheadMs = 0;
  const clock = {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now() + aheadMs,
  };
  place = await scratch();
  [ben, ana] = await Promise.all([
    startHome('Ben', place.folder, { ports: { clock } }),
    startHome('Ana', place.folder),
  ]);
});
afterEach(async () => {
  await Promise.all([ben.close(), ana.close(), mallory?.close()]);
  mallory = undefined;
  await place.remove();
});

async function between(meddle?: Parameters<typeof sitBetween>[1]): Promise<Mallory> {
  mallory = await sitBetween(ben, meddle);
  return mallory;
}

const only = async (home: TestHome) => {
  const all = await home.call('pairings.list');
  expect(all).toHaveLength(1);
  const [view] = all;
  if (view === undefined) throw new Error('no pairing');
  return view;
};
const ends = (home: TestHome) =>
  until(async () => {
    const view = await only(home);
    return view.state === 'comparing' || view.state === 'confirmed-here' ? undefined : view;
  });
const noFriends = async () => {
  for (const home of [ana, ben]) expect(await home.call('friends.list')).toEqual([]);
};
const alarms = async (home: TestHome) => {
  await home.core.chores();
  const { notices } = await home.call('state.snapshot');
  return notices.filter(({ kind }) => kind === 'pairing-attacked');
};

describe('somebody who relays between two devices', () => {
  test('and changes nothing but the statements makes the digits differ, and both people are told', async () => {
    const { address, heard } = await between();
    const mine = await ana.call('pairings.start', { address });
    const theirs = await only(ben);
    // To both he looks like the other one, but for what the digits are made of.
    expect([mine.name, theirs.name]).toEqual(['Ben', 'Ana']);
    expect(heard.map(({ path }) => path)).toContain(`/v1/pairings/${mine.id}/reveal`);
    expect(theirs.digits).toMatch(/^[0-9]{6}$/);
    expect(mine.digits).not.toBe(theirs.digits);
    await ana.call('pairings.reject', { id: mine.id, why: 'differ' });
    expect(await ends(ben)).toMatchObject({
      state: 'rejected',
      no: { by: 'there', why: 'differ' },
    });
    expect(await alarms(ana)).toMatchObject([{ params: { name: 'Ben' }, level: 'alarm' }]);
    expect(await alarms(ben)).toMatchObject([{ params: { name: 'Ana' }, level: 'alarm' }]);
    await noFriends();
  });

  test('and puts in nonces of his own makes them differ too', async () => {
    const [toBen, toAna] = [randomBytes(32), randomBytes(32)];
    const { address } = await between((own) => ({
      request: (passed) => {
        if (passed.path.endsWith('/reveal')) return { nonce: toBen.toString('base64url') };
        const commitment = Buffer.from(commitmentOf(toBen)).toString('base64url');
        return 'commitment' in passed.body ? { ...own(passed), commitment } : passed.body;
      },
      response: (passed) =>
        'nonce' in passed.body
          ? { ...own(passed), nonce: toAna.toString('base64url') }
          : own(passed),
    }));
    const mine = await ana.call('pairings.start', { address });
    expect((await only(ben)).digits).not.toBe(mine.digits);
    // Whoever types what the other screen shows finds out without looking at his own.
    const code = (await only(ben)).digits;
    expect(await ana.fault('pairings.confirm', { id: mine.id, code })).toBe('digits-differ');
    expect(await ends(ben)).toMatchObject({ no: { by: 'there', why: 'differ' } });
    await noFriends();
  });

  test('and hands on the caller’s own statement is refused by whoever is called', async () => {
    const { address } = await between(() => ({ request: ({ body }) => body }));
    expect(await ana.fault('pairings.start', { address })).toBe('refused');
    expect(await ben.call('pairings.list')).toEqual([]);
    await noFriends();
  });

  test('and hands back the other’s own statement is refused by the caller, and both end it', async () => {
    const { address } = await between(() => ({ response: ({ body }) => body }));
    expect(await ana.fault('pairings.start', { address })).toBe('protocol');
    expect(await ana.call('pairings.list')).toEqual([]);
    expect(await ends(ben)).toMatchObject({ state: 'rejected', digits: null });
    await noFriends();
  });

  test('and opens another nonce than the one committed to gets no second try', async () => {
    const nonce = randomBytes(32).toString('base64url');
    const { address } = await between((own) => ({
      request: (passed) => (passed.path.endsWith('/reveal') ? { nonce } : own(passed)),
    }));
    expect(await ana.fault('pairings.start', { address })).toBe('refused');
    expect(await ends(ben)).toMatchObject({ state: 'failed', digits: null });
    await noFriends();
  });

  test('and keeps a “no” to himself doesn’t get a “yes” for it', async () => {
    const { address } = await between((own) => ({
      request: (passed) => (passed.method === 'DELETE' ? undefined : own(passed)),
    }));
    const mine = await ana.call('pairings.start', { address });
    await ana.call('pairings.reject', { id: mine.id, why: 'differ' });
    // He may keep the other side waiting by asking on, or let it fall silent.
    const { id } = await only(ben);
    await mallory?.say({ path: `/v1/pairings/${id}` });
    expect(await only(ben)).toMatchObject({ state: 'comparing' });
    aheadMs += 11_000;
    expect(await ends(ben)).toMatchObject({ state: 'failed' });
    await noFriends();
  });

  test('and confirms on one side has not confirmed for the other', async () => {
    const { address } = await between();
    const mine = await ana.call('pairings.start', { address });
    const { id } = await only(ben);
    await mallory?.say({ method: 'POST', path: `/v1/pairings/${id}/confirm` });
    expect(await only(ben)).toMatchObject({ state: 'comparing' });
    await ben.call('pairings.reject', { id, why: 'differ' });
    expect(await ends(ana)).toMatchObject({ no: { by: 'there', why: 'differ' } });
    expect(
      await mallory?.say({ method: 'POST', path: `/v1/pairings/${id}/confirm` }),
    ).toMatchObject({
      status: 200,
    });
    expect((await only(ben)).state).toBe('rejected');
    expect(mine.digits).not.toBe((await only(ben)).digits);
    await noFriends();
  });
});

describe('somebody who was called and lies', () => {
  test('that the caller has confirmed makes no friends', async () => {
    const { address } = await between((own) => ({
      response: (passed) =>
        passed.path.includes('/v1/pairings/') ? { state: 'paired' } : own(passed),
    }));
    const mine = await ana.call('pairings.start', { address });
    await until(() => {
      const polls = (mallory?.heard ?? []).filter(
        ({ method, path }) => method === 'GET' && path === `/v1/pairings/${mine.id}`,
      );
      return polls.length > 2 ? true : undefined;
    });
    expect(await only(ana)).toMatchObject({ state: 'comparing' });
    await noFriends();
  });
});

describe('somebody who knocks', () => {
  async function knocker() {
    const key = await createDeviceKey();
    const statement = statementOf(key);
    const nonce = randomBytes(32);
    const keys = { key: key.keyPem, cert: key.certificatePem };
    const commitment = Buffer.from(commitmentOf(nonce)).toString('base64url');
    const body = JSON.stringify({ v: 1, name: 'Ana', port: null, statement, commitment });
    return {
      keys,
      nonce,
      knock: (from?: string) => send(ben, keys, { path: '/v1/pairings', body, from }),
      end: (id: string) => send(ben, keys, { method: 'DELETE', path: `/v1/pairings/${id}` }),
    };
  }
  const idOf = ({ body }: { readonly body: Buffer }) =>
    (JSON.parse(body.toString()) as { id: string }).id;

  // Elsewhere loopback has one address only.
  test.skipIf(process.platform !== 'linux')(
    'has so many tries from one address, and so many from all of them, until ten minutes are over',
    async () => {
      const tryFrom = async (from: string) => {
        const { knock, end } = await knocker();
        const answer = await knock(from);
        if (answer.status === 201) await end(idOf(answer));
        return answer.code ?? answer.status;
      };
      const admitted = new Map<string, number>();
      for (let host = 1; host <= 6; host += 1)
        for (let at = 0; at < ATTEMPTS_PER_ADDRESS + 2; at += 1) {
          const from = `127.0.0.${host}`;
          const answer = await tryFrom(from);
          if (answer === 201) admitted.set(from, (admitted.get(from) ?? 0) + 1);
          else expect(answer).toBe('rate-limited');
        }
      expect([...admitted.values()]).toEqual([5, 5, 5, 5]);
      expect([...admitted.values()].reduce((sum, each) => sum + each, 0)).toBe(ATTEMPTS_IN_ALL);
      expect(await ana.fault('pairings.start', { address: ben.address })).toBe('refused');
      // Whom this owner calls himself is not limited.
      await ben.call('pairings.start', { address: ana.address });
      aheadMs += 600_001;
      expect(await tryFrom('127.0.0.1')).toBe(201);
    },
  );

  test.skipIf(process.platform !== 'linux')(
    'with many devices at once finds the door shut after four',
    async () => {
      const all = await Promise.all(Array.from({ length: 12 }, knocker));
      const answers = await Promise.all(
        all.map(({ knock }, at) => knock(`127.0.0.${1 + (at % 4)}`)),
      );
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(4);
      expect(new Set(answers.map(({ code }) => code))).toEqual(
        new Set([undefined, 'rate-limited']),
      );
      expect(await ben.call('pairings.list')).toHaveLength(4);
    },
  );

  test('may ask how it stands beside what strangers at that address may ask, and no faster than that', async () => {
    await ben.close();
    const strangers = { burst: 3, perS: 0 };
    const pairings = { burst: 10, perS: 0 };
    ben = await startHome('Ben', place.folder, {
      limits: { ...SERVER_LIMITS, strangers, pairings },
    });
    const { keys, knock } = await knocker();
    const id = idOf(await knock());
    const hellos = async () => (await send(ben, {}, { path: '/v1/hello' })).status;
    expect([await hellos(), await hellos(), await hellos()]).toEqual([200, 200, 429]);
    const asks: number[] = [];
    for (let at = 0; at < 12; at += 1)
      asks.push((await send(ben, keys, { path: `/v1/pairings/${id}` })).status);
    expect(asks.filter((status) => status === 200)).toHaveLength(10);
    expect(asks.slice(-2)).toEqual([429, 429]);
  });

  test('with messages of an earlier pairing gets nowhere', async () => {
    await pair(ana, ben);
    const [{ id } = { id: '' }] = await ben.call('pairings.list');
    const { keys, knock, nonce } = await knocker();
    const anas = await keysOf(ana, 'Ana');
    const reveal = JSON.stringify({ nonce: nonce.toString('base64url') });
    for (const [who, raw] of [
      [keys, { path: `/v1/pairings/${id}` }],
      [keys, { path: `/v1/pairings/${id}/reveal`, body: reveal }],
      [keys, { method: 'POST', path: `/v1/pairings/${id}/confirm` }],
      [keys, { method: 'DELETE', path: `/v1/pairings/${id}` }],
    ] as const)
      expect(await send(ben, who, raw)).toMatchObject({ status: 403, code: 'unknown-peer' });
    // Nor does whoever it belonged to change how it ended.
    const again = await send(ben, anas, { path: `/v1/pairings/${id}/reveal`, body: reveal });
    expect(again).toMatchObject({ status: 400, code: 'bad-request' });
    await send(ben, anas, { method: 'DELETE', path: `/v1/pairings/${id}` });
    expect(await ben.call('pairings.list')).toMatchObject([{ state: 'paired', no: null }]);
    // A commitment and a nonce that were used before meet a fresh nonce, and so other digits.
    const digits: (string | null)[] = [];
    for (let round = 0; round < 2; round += 1) {
      const begun = idOf(await knock());
      await send(ben, keys, { path: `/v1/pairings/${begun}/reveal`, body: reveal });
      const shown = (await ben.call('pairings.list')).find((each) => each.id === begun);
      digits.push(shown?.digits ?? null);
      await send(ben, keys, { method: 'DELETE', path: `/v1/pairings/${begun}` });
    }
    expect(digits[0]).not.toBe(digits[1]);
  });

  test('with somebody else’s statement, or one that no root has signed, is nobody', async () => {
    const { keys } = await knocker();
    const hello = await send(ana, {}, { path: '/v1/hello' });
    const { statement } = JSON.parse(hello.body.toString()) as { statement: { signed: string } };
    const commitment = 'A'.repeat(43);
    const other = await knocker();
    const forged = { ...statement, signature: Buffer.alloc(64, 1).toString('base64url') };
    for (const [who, given] of [
      [keys, statement],
      [await keysOf(ana, 'Ana'), forged],
      [other.keys, { signed: 'AAAA', signature: 'AAAA' }],
    ] as const) {
      const body = JSON.stringify({ v: 1, name: 'Ana', port: null, statement: given, commitment });
      expect(await send(ben, who, { path: '/v1/pairings', body })).toMatchObject({
        status: 403,
        code: 'unknown-peer',
      });
    }
    expect(await ben.call('pairings.list')).toEqual([]);
  });
});
