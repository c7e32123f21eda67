import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { befriendPaired } from '../../../electron/core/friends/befriend.ts';
import { commitmentOf } from '../../../electron/core/friends/pairing.ts';
import { pairingRoutes } from '../../../electron/core/server/handlers/pairings.ts';
import type { Parts } from '../../../electron/core/server/handlers/parts.ts';
import type { Response } from '../../../electron/core/server/router.ts';
import { SERVER_LIMITS } from '../../../electron/core/server/limits.ts';
import { ok } from '../../../shared/result.ts';
import { testClock, testParty } from '../../fakes/pairing-parties.ts';
import { silent } from '../../fakes/silent-logger.ts';

test('nobody hears that it is done when it could not be written, however often he asks; then it is written after all', async () => {
  const clock = testClock();
  const [ben, ana] = [testParty('Ben', clock), testParty('Ana', clock)];
  const written: string[] = [];
  let isFull = true;
  const { kept } = befriendPaired({
    pairings: ben.table,
    friends: {
      add: async ({ name }) => {
        if (isFull) throw new Error('the disk is full');
        written.push(name);
        return ok(undefined);
      },
    },
    clock,
    logger: silent,
  });
  const nonce = randomBytes(32);
  const commitment = commitmentOf(nonce);
  const knocked = ben.table.answer({ other: ana.me, commitment, from: '10.0.0.1' });
  const id = knocked.ok ? knocked.value.id : '';
  ben.table.reveal(id, nonce);
  ben.table.apply(id, 'confirmed-here');
  ben.table.apply(id, 'confirmed-there');
  for (let asked = 0; asked < 3; asked += 1)
    await expect(kept(id)).rejects.toThrow('the disk is full');
  isFull = false;
  await Promise.all([kept(id), kept(id)]);
  await kept(id);
  expect(written).toEqual(['Ana']);
});

test('nobody hears that it is done before it would survive a crash', async () => {
  const clock = testClock();
  const [ben, ana] = [testParty('Ben', clock), testParty('Ana', clock)];
  const written = Promise.withResolvers<undefined>();
  const { kept } = befriendPaired({
    pairings: ben.table,
    friends: { add: () => written.promise.then(() => ok(undefined)) },
    clock,
    logger: silent,
  });
  const nonce = randomBytes(32);
  const commitment = commitmentOf(nonce);
  const knocked = ben.table.answer({ other: ana.me, commitment, from: '10.0.0.1' });
  const id = knocked.ok ? knocked.value.id : '';
  ben.table.reveal(id, nonce);
  ben.table.apply(id, 'confirmed-here');
  const routes = pairingRoutes({
    pairings: ben.table,
    kept,
    limits: SERVER_LIMITS,
  } as unknown as Parts);
  const ask = (method: string, path: string) => {
    const route = routes.find((each) => each.method === method && each.path === path);
    if (route?.access !== 'anyone') throw new Error('no such route');
    const { device } = ana.me.statement;
    const caller = { device, friend: undefined, address: '10.0.0.1' };
    return Promise.resolve(route.handle({ caller, params: { id }, body: Buffer.alloc(0) }));
  };
  const heard: Response[] = [];
  const asked = [ask('POST', '/v1/pairings/:id/confirm'), ask('GET', '/v1/pairings/:id')].map(
    (answer) => answer.then((response) => heard.push(response)),
  );
  expect(ben.table.entry(id)?.state).toBe('paired');
  await new Promise((resolve) => setImmediate(resolve));
  expect(heard).toEqual([]);
  written.resolve(undefined);
  await Promise.all(asked);
  expect(heard).toMatchObject([{ body: { state: 'paired' } }, { body: { state: 'paired' } }]);
  await kept(id);
});
