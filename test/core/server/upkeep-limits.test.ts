import { expect, test } from 'vitest';
import type { Parts } from '../../../electron/core/server/handlers/parts.ts';
import { upkeepRoutes } from '../../../electron/core/server/handlers/upkeep.ts';
import { SERVER_LIMITS } from '../../../electron/core/server/limits.ts';
import type { Route } from '../../../electron/core/server/router.ts';
import { testOwnerId, testPlotId, testRequestId } from '../../fakes/test-ledger.ts';

test('a list that names one plot is counted as more, for what becomes of all others is kept; from however many devices of a friend it comes', async () => {
  let kept = 0;
  const parts = {
    ledger: {
      keepOnly: async () => {
        kept += 1;
        return { kept: { keeps: [], leaves: [] } };
      },
    },
    moment: () => ({ nowMs: 0, serviceS: 0 }),
    limits: SERVER_LIMITS,
    clock: { nowMs: () => 0, monotonicMs: () => 0 },
  } as unknown as Parts;
  const route = upkeepRoutes(parts).find(({ path }) => path === '/v1/plots/keep-only') as Extract<
    Route,
    { readonly access: 'guest' | 'friend' }
  >;
  const statuses = new Set<number>();
  for (let time = 1; time <= 2000; time += 1) {
    const list = { v: 1, requestId: testRequestId(time), sequence: time, plots: [testPlotId(1)] };
    const { status } = await route.handle({
      caller: { device: `device ${time}` },
      friend: { owner: testOwnerId(1) },
      params: {},
      body: Buffer.from(JSON.stringify(list)),
    } as never);
    statuses.add(status);
  }
  expect(statuses).toEqual(new Set([200, 429]));
  expect(kept).toBeLessThan(200);
});
