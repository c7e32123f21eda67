import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDeviceKey } from '../../electron/core/identity/device-key.ts';
import type { PairingView } from '../../shared/contract/views.ts';
import { callThroughDoor } from '../../shared/contract/door.ts';
import { pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { sitBetween } from '../fakes/man-in-the-middle.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let ben: TestHome;
let ana: TestHome;
/** What each one's own clock is ahead by. */
let ahead: { ana: number; ben: number };

function clockOf(who: 'ana' | 'ben') {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now() + ahead[who],
  };
}

beforeEach(async () => {
  ahead = { ana: 0, ben: 0 };
  place = await scratch();
  [ben, ana] = await Promise.all([
    startHome('Ben', place.folder, { ports: { clock: clockOf('ben') } }),
    startHome('Ana', place.folder, { ports: { clock: clockOf('ana') }, machine: 'laptop' }),
  ]);
});
afterEach(async () => {
  await Promise.all([ben.close(), ana.close()]);
  await place.remove();
});

const listed = async (home: TestHome, id: string) =>
  (await home.call('pairings.list')).find((each) => each.id === id);
/** What must come by itself. */
const becomes = (home: TestHome, id: string, state: PairingView['state']) =>
  until(async () => {
    const view = await listed(home, id);
    return view?.state === state ? view : undefined;
  });
const comparing = (home: TestHome, id: string) =>
  until(async () => {
    const view = await listed(home, id);
    return view?.digits === null ? undefined : view;
  });

async function begin(): Promise<PairingView> {
  const mine = await ana.call('pairings.start', { address: ben.address });
  await comparing(ben, mine.id);
  return mine;
}

describe('a pairing that a person ends', () => {
  test.each([
    ['who began it', 'differ'],
    ['who began it', 'declined'],
    ['who was called', 'differ'],
    ['who was called', 'declined'],
  ] as const)('%s says “%s”: both screens say who and why', async (who, why) => {
    const { id } = await begin();
    const [sayer, hearer] = who === 'who began it' ? [ana, ben] : [ben, ana];
    const said = await sayer.call('pairings.reject', { id, why });
    expect(said).toMatchObject({ state: 'rejected', no: { by: 'here', why } });
    expect(await becomes(hearer, id, 'rejected')).toMatchObject({ no: { by: 'there', why } });
    expect(await hearer.fault('pairings.confirm', { id, code: said?.digits })).toBe(
      'pairing-rejected',
    );
    for (const home of [ana, ben]) expect(await home.call('friends.list')).toEqual([]);
  });

  test('whoever was called says no although the other has confirmed already', async () => {
    const { id, digits } = await begin();
    await ana.call('pairings.confirm', { id, code: digits });
    await ben.call('pairings.reject', { id });
    expect(await becomes(ana, id, 'rejected')).toMatchObject({
      no: { by: 'there', why: 'declined' },
    });
    expect(await ana.call('friends.list')).toEqual([]);
  });

  test('a wrong code counts as different digits, on either side', async () => {
    for (const [typer, other] of [
      [ana, ben],
      [ben, ana],
    ] as const) {
      const { id, digits } = await begin();
      const code = digits === '000000' ? '000001' : '000000';
      expect(await typer.fault('pairings.confirm', { id, code })).toBe('digits-differ');
      expect(await becomes(other, id, 'rejected')).toMatchObject({
        no: { by: 'there', why: 'differ' },
      });
      for (const home of [ana, ben]) {
        await home.core.chores();
        const { notices } = await home.call('state.snapshot');
        expect(notices.map(({ kind }) => kind)).toContain('pairing-attacked');
      }
    }
    // The digits were the same after all: nothing is left to be alarmed at.
    await pair(ana, ben);
    for (const home of [ana, ben]) {
      await home.core.chores();
      const { notices } = await home.call('state.snapshot');
      expect(notices.map(({ kind }) => kind)).not.toContain('pairing-attacked');
    }
  });

  test('a call that nobody has answered yet can be given up', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const starting = callThroughDoor(ana.core.api, {
      channel: 'pairings.start',
      args: { address },
    });
    await until(
      () =>
        new Promise<true | undefined>((resolve) => {
          silent.getConnections((_error, count) => resolve(count > 0 ? true : undefined));
        }),
    );
    expect(await ana.call('pairings.reject')).toBeNull();
    expect(await starting).toMatchObject({ fault: { code: 'cancelled' } });
    expect(await ana.fault('pairings.reject')).toBe('pairing-unknown');
    expect(await ana.call('pairings.list')).toEqual([]);
    silent.close();
  });
});

describe('a side that falls silent', () => {
  test('after the digits: whoever was called is told after ten seconds, not two minutes', async () => {
    const { id } = await begin();
    await ana.close();
    ahead.ben += 11_000;
    expect(await becomes(ben, id, 'failed')).toMatchObject({ no: null });
    expect(await ben.fault('pairings.confirm', { id, code: '000000' })).toBe('unreachable');
  });

  test('after the digits: so is whoever called, and what he says is not taken for said', async () => {
    const { id, digits } = await begin();
    await ben.close();
    expect(await ana.fault('pairings.confirm', { id, code: digits })).toBe('unreachable');
    expect(await listed(ana, id)).toMatchObject({ state: 'comparing' });
    ahead.ana += 11_000;
    await becomes(ana, id, 'failed');
    expect(await ana.call('friends.list')).toEqual([]);
  });

  test('with nobody saying anything, the two minutes are over on both screens', async () => {
    const { id } = await begin();
    ahead = { ana: 121_000, ben: 121_000 };
    for (const home of [ana, ben]) await becomes(home, id, 'expired');
    expect(await ana.fault('pairings.confirm', { id, code: '000000' })).toBe('pairing-expired');
  });

  test('for the moment in which it would say that it heard the “yes”: both sides still agree', async () => {
    let isDeaf = true;
    const line = await sitBetween(ben, (own) => ({
      response: (passed) => {
        if (passed.path.endsWith('/confirm') && isDeaf) throw new Error('the cable was pulled');
        return own(passed);
      },
    }));
    // The digits differ because of who sits on the line; these two say "the same" all the same.
    const mine = await ana.call('pairings.start', { address: line.address });
    const theirs = await comparing(ben, mine.id);
    expect(await ana.fault('pairings.confirm', { id: mine.id, code: mine.digits })).toBe(
      'unreachable',
    );
    expect(await listed(ana, mine.id)).toMatchObject({ state: 'comparing' });
    isDeaf = false;
    await ben.call('pairings.confirm', { id: mine.id, code: theirs?.digits });
    for (const home of [ana, ben]) await becomes(home, mine.id, 'paired');
    await line.close();
  });

  test('started anew it knows nothing, which ends it at once', async () => {
    const { id } = await begin();
    ben = await ben.restart();
    await becomes(ana, id, 'failed');
  });

  test('between the first two messages: nobody is asked to compare anything', async () => {
    const keys = await keysOf(ana, 'Ana');
    const answer = await send(ben, keys, { path: '/v1/pairings', body: await knock() });
    expect(answer.status).toBe(201);
    expect(await ben.call('pairings.list')).toMatchObject([{ state: 'comparing', digits: null }]);
    ahead.ben += 11_000;
    const { id } = JSON.parse(answer.body.toString()) as { id: string };
    await becomes(ben, id, 'failed');
  });

  test.each(['/v1/pairings', '/v1/pairings/reveal'])(
    'somebody who is called and stops at %s: the call ends in seconds',
    async (stopsAt) => {
      const key = await createDeviceKey();
      const real = await keysOf(ben, 'Ben');
      const deaf = createTlsServer(
        { key: real.key, cert: real.cert, requestCert: true, rejectUnauthorized: false },
        (request, response) => {
          const path = (request.url ?? '').replace(/\/[0-9a-f]{32}/, '');
          if (path === stopsAt) return;
          // Ben's own words, so that they are about the right key.
          const chunks: Buffer[] = [];
          request.on('data', (chunk: Buffer) => chunks.push(chunk));
          request.on('end', () => {
            void send(ben, { key: key.keyPem, cert: key.certificatePem }, { path: '/v1/hello' })
              .then((hello) => (path === '/v1/hello' ? hello.body : answerOf(hello.body)))
              .then((body) => response.end(body));
          });
        },
      );
      await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
      const { port } = deaf.address() as AddressInfo;
      expect(await ana.fault('pairings.start', { address: `127.0.0.1:${port}` })).toBe(
        'unreachable',
      );
      expect(await ana.call('pairings.list')).toEqual([]);
      deaf.closeAllConnections();
      deaf.close();
    },
  );
});

describe('several calls', () => {
  test('both at once become one pairing with the same digits on both screens', async () => {
    for (let round = 0; round < 3; round += 1) {
      const [mine, theirs] = await Promise.all([
        ana.call('pairings.start', { address: ben.address }),
        ben.call('pairings.start', { address: ana.address }),
      ]);
      expect(theirs.id).toBe(mine.id);
      expect(theirs.digits).toBe(mine.digits);
      expect(mine.digits).toMatch(/^[0-9]{6}$/);
      expect([mine.began, theirs.began].sort()).toEqual(['here', 'there']);
      const open = async (home: TestHome) =>
        (await home.call('pairings.list')).filter(({ state }) => state === 'comparing');
      for (const home of [ana, ben]) expect(await open(home)).toHaveLength(1);
      await ana.call('pairings.reject', { id: mine.id });
      await becomes(ben, mine.id, 'rejected');
    }
    const [mine] = await Promise.all([
      ana.call('pairings.start', { address: ben.address }),
      ben.call('pairings.start', { address: ana.address }),
    ]);
    await Promise.all(
      [ana, ben].map((home) => home.call('pairings.confirm', { id: mine.id, code: mine.digits })),
    );
    for (const home of [ana, ben]) {
      await becomes(home, mine.id, 'paired');
      await until(async () => ((await home.call('friends.list')).length === 1 ? true : undefined));
    }
  });

  test('calling somebody who calls already leads to that pairing', async () => {
    const mine = await begin();
    expect(await ben.call('pairings.start', { address: ana.address })).toMatchObject({
      id: mine.id,
      began: 'there',
    });
    expect(await ana.call('pairings.start', { address: ben.address })).toMatchObject({
      id: mine.id,
      began: 'here',
    });
    const twice = await Promise.all([
      ana.call('pairings.start', { address: ben.address }),
      ana.call('pairings.start', { address: ben.address }),
    ]);
    expect(twice.map(({ id }) => id)).toEqual([mine.id, mine.id]);
    expect(mine).toMatchObject({ kind: 'desktop', friend: null });
    expect(await listed(ben, mine.id)).toMatchObject({ kind: 'laptop', name: 'Ana' });
  });

  test('with different people go on beside each other', async () => {
    const cleo = await startHome('Cleo', place.folder);
    try {
      const mine = await begin();
      await pair(cleo, ben);
      expect(await listed(ben, mine.id)).toMatchObject({ state: 'comparing' });
      await ben.call('pairings.confirm', { id: mine.id, code: mine.digits });
      await ana.call('pairings.confirm', { id: mine.id, code: mine.digits });
      await becomes(ben, mine.id, 'paired');
      await until(async () => ((await ben.call('friends.list')).length === 2 ? true : undefined));
    } finally {
      await cleo.close();
    }
  });
});

/** What Ana's program would say first. */
async function knock(): Promise<string> {
  const hello = await send(ana, {}, { path: '/v1/hello' });
  const { statement } = JSON.parse(hello.body.toString()) as { statement: unknown };
  return JSON.stringify({ v: 1, name: 'Ana', port: null, statement, commitment: 'A'.repeat(43) });
}

/** A first answer to a pairing, made from what somebody says of himself. */
function answerOf(hello: Buffer): string {
  const { name, statement } = JSON.parse(hello.toString()) as Record<string, unknown>;
  return JSON.stringify({ id: 'a'.repeat(32), name, statement, nonce: 'A'.repeat(43) });
}
