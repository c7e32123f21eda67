import { expect, test } from 'vitest';
import { mintRoutes } from '../../../electron/core/server/handlers/mint.ts';
import { SERVER_LIMITS } from '../../../electron/core/server/limits.ts';

test('what a blocked friend brings unasked is not looked at; what he holds stays his to fetch', async () => {
  const heard: string[] = [];
  const info = async () => ({ ok: true, value: 'keys' });
  const parts = {
    barter: { mint: { info }, wallet: {}, heard: (owner: string) => heard.push(owner) },
    limits: SERVER_LIMITS,
    clock: { nowMs: () => 0, monotonicMs: () => 0 },
  } as unknown as Parameters<typeof mintRoutes>[0];
  const routes = mintRoutes(parts);
  const ask = async (path: string, blocked: boolean) => {
    const route = routes.find((each) => each.path === path);
    if (route === undefined) throw new Error(path);
    const call = { friend: { owner: 'o', blocked }, body: Buffer.from('{"v":1}'), params: {} };
    return (route.handle as (call: unknown) => Promise<{ status: number }>)(call);
  };
  expect((await ask('/v1/mint/calls', true)).status).toBe(403);
  expect((await ask('/v1/notes', true)).status).toBe(403);
  expect(heard).toEqual([]);
  expect((await ask('/v1/mint/calls', false)).status).toBe(200);
  expect(heard).toEqual(['o']);
  expect((await ask('/v1/mint', true)).status).toBe(200);
});
