import { expect, test } from 'vitest';
import type { Parts } from '../../../electron/core/server/handlers/parts.ts';
import { protectionRoutes } from '../../../electron/core/server/handlers/protection.ts';
import { SERVER_LIMITS } from '../../../electron/core/server/limits.ts';
import type { Route } from '../../../electron/core/server/router.ts';
import { testOwnerId } from '../../fakes/test-ledger.ts';

test('a device that asks for the trash again and again is counted as often only as it may ask', async () => {
  let nowMs = 0;
  let counted = 0;
  const parts = {
    ledger: {
      trash: async () => {
        counted += 1;
        return { ok: true, value: { objects: [], total: { objects: 0, bytes: 0n } } };
      },
    },
    moment: () => ({ nowMs, serviceS: 0 }),
    limits: SERVER_LIMITS,
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
  } as unknown as Parts;
  const route = protectionRoutes(parts).find(
    ({ method, path }) => method === 'GET' && path === '/v1/plots/:plot/trash',
  ) as Extract<Route, { readonly access: 'guest' | 'friend' }>;
  const ask = () =>
    route.handle({
      caller: { device: 'a device' },
      friend: { owner: testOwnerId(1) },
      params: { plot: 'a'.repeat(26) },
      body: undefined,
    } as never);
  for (let time = 0; time < 1000; time += 1) await ask();
  expect(counted).toBe(SERVER_LIMITS.news.burst);
  nowMs += 1000;
  expect(await ask()).toMatchObject({ status: 200 });
});
