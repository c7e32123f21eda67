import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeviceId } from '../../../shared/ids.ts';
import { testOwnerId } from '../../fakes/test-ledger.ts';
import { end, pass, presenceWorld, refusal } from './presence-world.ts';

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }),
);
afterEach(() => void vi.useRealTimers());

const MINUTE_MS = 60_000;
const BEN = testOwnerId(1);

describe('a device that refuses us', () => {
  it('is told who we are, once', async () => {
    const introduced: DeviceId[] = [];
    const { presence, device } = presenceWorld({
      introduce: async (_friend, id) => {
        introduced.push(id);
        device().refuses = undefined;
        return true;
      },
    });
    device().refuses = refusal('unknown-peer');
    await pass(400);
    expect(presence.of(BEN)).toMatchObject({ state: 'online' });
    expect(introduced.length).toBe(1);
    await end(presence);
  });

  it('and could not be told just now is told again, and has ended nothing', async () => {
    const troubles = new Set<unknown>();
    const answers = [
      { code: 'unreachable', detail: 'reset' } as const,
      refusal('rate-limited'),
      refusal('shutting-down'),
    ];
    const { presence, device } = presenceWorld({
      introduce: async () => {
        troubles.add(presence.of(BEN).trouble);
        const said = answers.shift();
        if (said === undefined) device().refuses = undefined;
        return said ?? true;
      },
    });
    device().refuses = refusal('unknown-peer');
    await pass(MINUTE_MS);
    expect(presence.of(BEN)).toMatchObject({ state: 'online' });
    expect(answers).toEqual([]);
    expect(troubles).toEqual(new Set([null, 'unreachable']));
    await end(presence);
  });

  it('and stays with it does not count us among its friends', async () => {
    let introduced = 0;
    const { presence, device } = presenceWorld({
      introduce: async () => {
        introduced += 1;
        return false;
      },
    });
    device().refuses = refusal('unknown-peer');
    await pass(30 * MINUTE_MS);
    expect(presence.of(BEN)).toMatchObject({ state: 'away', trouble: 'not-friends' });
    expect(introduced).toBe(1);
    device().refuses = refusal('device-revoked');
    await pass(10 * MINUTE_MS);
    expect(presence.of(BEN)).toMatchObject({ state: 'away', trouble: 'revoked' });
    await end(presence);
  });

  it('for its own reasons is there all the same', async () => {
    const { presence, device, state } = presenceWorld();
    device().refuses = refusal('rate-limited');
    await pass(400);
    expect(state()).toBe('online');
    await end(presence);
  });

  it('with another key is asked at most once a minute whether it is the successor', async () => {
    const asked: (readonly string[])[] = [];
    const { presence, device } = presenceWorld({
      recognise: async (_friend, addresses) => {
        asked.push(addresses);
        return false;
      },
    });
    device().refuses = { code: 'wrong-key' };
    await pass(50_000);
    expect(presence.of(BEN)).toMatchObject({ state: 'away', trouble: 'wrong-key' });
    expect(asked).toEqual([['192.168.1.2:24816']]);
    await end(presence);
  });
});
