import { vi } from 'vitest';
import type { PeerFault } from '../../../electron/core/client/connection/peer-fault.ts';
import {
  createPresence,
  type Presence,
  type PresenceOptions,
} from '../../../electron/core/discovery/presence.ts';
import type { Friend, FriendDevice } from '../../../electron/core/friends/friend-book.ts';
import type { FriendRegistry } from '../../../electron/core/friends/friend-registry.ts';
import { denials } from '../../../shared/denial.ts';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { News } from '../../../shared/wire/messages.ts';
import { silent } from '../../fakes/silent-logger.ts';
import { testOwnerId } from '../../fakes/test-ledger.ts';

/** A device of a friend as a test wants it to be; its calls are counted. */
export type FakeDevice = {
  readonly device: DeviceId;
  readonly owner: OwnerId;
  /** Where it can be reached at all; undefined: wherever it is called. */
  at: string | undefined;
  on: boolean;
  /** How long an answer takes, and how long it takes to see that there is none. */
  answerMs: number;
  silenceMs: number;
  refuses: PeerFault | undefined;
  news: News;
  /** When it was called, by the clock of the world. */
  readonly calls: number[];
  readonly heard: News[];
};

export const NEWS: News = {
  v: 1,
  name: 'Ben',
  kind: 'desktop',
  addresses: ['192.168.1.2:24816'],
  plots: 'none',
};

/** Presence with friends whose devices a test switches on and off. Fake timers must be on. */
export function presenceWorld({
  friends: count = 1,
  devicesEach = 1,
  addresses = ['192.168.1.2:24816'],
  seed = 1,
  ...more
}: {
  readonly friends?: number;
  readonly devicesEach?: number;
  readonly addresses?: readonly string[];
  readonly seed?: number;
} & Partial<Pick<PresenceOptions, 'introduce' | 'recognise'>> = {}) {
  const devices = new Map<DeviceId, FakeDevice>();
  const listeners = new Set<() => void>();
  const world = {
    writes: 0,
    changes: 0,
    callsNow: 0,
    callsMost: 0,
    news: { ...NEWS, name: 'Ana' } as News,
    onNews: [] as OwnerId[],
    told: [] as Parameters<FriendRegistry['told']>[0][],
  };
  let all: readonly Friend[] = Array.from({ length: count }, (_, index) => {
    const owner = testOwnerId(index + 1);
    const own = Array.from({ length: devicesEach }, (_unused, at): FriendDevice => {
      const device = `device-${index}-${at}` as DeviceId;
      devices.set(device, {
        device,
        owner,
        at: undefined,
        on: true,
        answerMs: 20,
        silenceMs: 10_000,
        refuses: undefined,
        news: NEWS,
        calls: [],
        heard: [],
      });
      return fakeFriendDevice(device, addresses);
    });
    return fakeFriend(owner, own);
  });
  function set(next: readonly Friend[]): void {
    all = next;
    for (const listener of listeners) listener();
  }
  const byDevice = (device: DeviceId) =>
    all.find(
      (friend) =>
        !friend.departed && friend.devices.some((each) => each.device === device && !each.revoked),
    );
  const registry: Pick<
    FriendRegistry,
    'friends' | 'friend' | 'byDevice' | 'knownDevice' | 'told' | 'subscribe'
  > = {
    friends: () => all,
    friend: (owner) => all.find((friend) => friend.owner === owner),
    byDevice,
    knownDevice: (id) => {
      const friend = byDevice(id);
      const device = friend?.devices.find((each) => each.device === id);
      return friend === undefined || device === undefined ? undefined : { friend, device };
    },
    told: async (call) => {
      world.writes += 1;
      world.told.push(call);
      const { device: id, name, kind, addresses: where, share, leavesMs, atMs } = call;
      set(
        all.map((friend) =>
          friend.devices.some((each) => each.device === id)
            ? {
                ...friend,
                name,
                leavesMs,
                lastContactMs: atMs,
                told: share === undefined ? friend.told : { ...share, atMs },
                devices: friend.devices.map((each) =>
                  each.device === id ? { ...each, name, kind, addresses: where, leavesMs } : each,
                ),
              }
            : friend,
        ),
      );
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  let random = seed;
  const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };

  async function call(
    _friend: Friend,
    id: DeviceId,
    news: News,
    { sighted, signal }: Parameters<PresenceOptions['call']>[3],
  ): Promise<Result<{ news: News; address: string }, PeerFault>> {
    const device = devices.get(id);
    if (device === undefined) throw new Error('no such device in this world');
    device.calls.push(clock.monotonicMs());
    world.callsNow += 1;
    world.callsMost = Math.max(world.callsMost, world.callsNow);
    const known = registry.knownDevice(id)?.device.addresses ?? [];
    const where = [...sighted, ...known].find(
      (each) => device.at === undefined || each === device.at,
    );
    const reaches = device.on && where !== undefined;
    await waitFor(reaches ? device.answerMs : device.silenceMs, signal);
    world.callsNow -= 1;
    if (signal.aborted) return failed({ code: 'cancelled' });
    if (!reaches || !device.on) return failed({ code: 'unreachable', detail: 'ETIMEDOUT' });
    if (device.refuses !== undefined) return failed(device.refuses);
    device.heard.push(news);
    return ok({ news: device.news, address: where ?? '' });
  }

  const presence: Presence = createPresence({
    friends: registry as FriendRegistry,
    call,
    newsFor: async () => world.news,
    onNews: ({ owner }) => void world.onNews.push(owner),
    clock,
    randomness: {
      bytes: (length) => {
        random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
        return new Uint8Array(length).fill((random >>> 16) & 0xff);
      },
    },
    logger: silent,
    onChange: () => {
      world.changes += 1;
    },
    ...more,
  });
  return {
    world,
    presence,
    set,
    friends: () => all,
    devices: [...devices.values()],
    device: (index = 0): FakeDevice => {
      const found = [...devices.values()][index];
      if (found === undefined) throw new Error('no such device');
      return found;
    },
    state: (index = 0) => presence.of(testOwnerId(index + 1)).state,
  };
}

function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

export function pass(ms: number): Promise<unknown> {
  return vi.advanceTimersByTimeAsync(ms);
}

/** Closing takes its moment too, in a time that only the test makes pass. */
export async function end(presence: Presence): Promise<void> {
  const closing = presence.close();
  await pass(1000);
  await closing;
}

export function refusal(
  code: 'unknown-peer' | 'device-revoked' | 'rate-limited' | 'shutting-down',
): PeerFault {
  return {
    code: 'refused',
    status: 403,
    denied: {
      type: 'denied',
      final: denials[code].final,
      reasons: [{ code, ground: 'peer', params: {} }],
      steps: [],
    },
  };
}

export function fakeFriend(owner: OwnerId, devices: readonly FriendDevice[]): Friend {
  return {
    owner,
    name: 'Ben',
    petName: undefined,
    sinceMs: 0,
    lastContactMs: 5,
    blocked: false,
    departed: false,
    givenAddress: undefined,
    leavingServiceS: undefined,
    leavesMs: undefined,
    told: undefined,
    devices,
  };
}

export function fakeFriendDevice(device: DeviceId, addresses: readonly string[]): FriendDevice {
  return {
    device,
    addresses,
    revoked: false,
    instance: device,
    serial: 1,
    replaces: undefined,
    name: 'Ben',
    kind: 'desktop',
    addedMs: 0,
    came: 'first',
    leavesMs: undefined,
    clashMs: undefined,
  };
}
