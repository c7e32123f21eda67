import { beforeEach, describe, expect, it } from 'vitest';
import type { FriendRegistry } from '../../electron/core/friends/friend-registry.ts';
import type { Friend, FriendDevice } from '../../electron/core/friends/friend-book.ts';
import type { Holding } from '../../electron/core/client/holdings/holdings-book.ts';
import { createParting } from '../../electron/core/parting.ts';
import { fault } from '../../shared/fault.ts';
import type { PlotId } from '../../shared/ids.ts';
import { failed, ok } from '../../shared/result.ts';
import { DAY_S } from '../../shared/units.ts';
import { silent } from '../fakes/silent-logger.ts';
import { testOwnerId, testPlotId } from '../fakes/test-ledger.ts';

const ANA = testOwnerId(1);
const HERE = testPlotId(1);
const THERE = testPlotId(2);

const ana: Friend = {
  owner: ANA,
  name: 'Ana',
  petName: undefined,
  sinceMs: 0,
  lastContactMs: 0,
  blocked: false,
  departed: false,
  givenAddress: undefined,
  leavingServiceS: undefined,
  leavesMs: undefined,
  told: undefined,
  devices: [],
};

/** Ana's books as they would be, and everything that happens in its order. */
function openWorld() {
  const done: string[] = [];
  const state = {
    friend: ana,
    serviceS: 1_000_000,
    sinceStartS: 7200,
    hears: true,
    lets: true,
    trouble: null as 'not-friends' | null,
    held: [THERE] as readonly PlotId[],
    hosts: [ANA] as readonly string[],
    duringTell: undefined as (() => Promise<void>) | undefined,
  };
  const change = (more: Partial<Friend>) => {
    state.friend = { ...state.friend, ...more };
  };
  const friends = {
    friends: () => [state.friend],
    friend: () => state.friend,
    setLeaving: async ({ atServiceS }: { atServiceS: number | undefined }) => {
      done.push('set');
      change({ leavingServiceS: atServiceS });
    },
    setLeaves: async ({ leavesMs }: { leavesMs: number | undefined }) => change({ leavesMs }),
    depart: async () => {
      done.push('depart');
      change({ departed: true, leavingServiceS: undefined });
    },
  } as unknown as FriendRegistry;
  const parting = createParting({
    friends,
    ledger: {
      plots: async () =>
        [{ plot: HERE, state: state.friend.departed ? 'released' : 'active' }] as never,
    },
    holdings: {
      holdings: async () => state.held.map((plot) => ({ plot, host: ANA }) as Holding),
      drop: async (plot: PlotId) => {
        done.push('drop');
        state.held = state.held.filter((each) => each !== plot);
      },
    } as never,
    sets: {
      sets: async () => [{ hosts: state.hosts }],
      forgetHost: async () => {
        done.push('forget');
        state.hosts = [];
      },
    } as never,
    peers: {
      release: async () => {
        done.push('release');
        return state.lets
          ? ok({ leavesInS: undefined })
          : failed(fault('unreachable', { friend: 'Ana', detail: '' }));
      },
    },
    presence: {
      of: () => ({ state: 'away', sinceMs: null, address: null, trouble: state.trouble }),
      touch: () => void done.push('touch'),
    },
    tell: async () => {
      done.push('tell');
      await state.duringTell?.();
      return state.hears;
    },
    released: () => void done.push('erase'),
    service: {
      moment: () => ({ nowMs: 5000, serviceS: state.serviceS }),
      sinceStartS: () => state.sinceStartS,
    },
    clock: { nowMs: () => 5000, monotonicMs: () => 5000 },
    logger: silent,
  });
  return { done, state, parting };
}

const ALL = ['set', 'tell', 'release', 'depart', 'forget', 'drop', 'erase'];
let world: ReturnType<typeof openWorld>;
beforeEach(() => {
  world = openWorld();
});

describe('the end of a friendship', () => {
  it('at a date is written down in service time, told, and waits', async () => {
    const { done, state, parting } = world;
    await parting.leave(ana, 30);
    expect(done).toEqual(['set', 'touch']);
    expect(state.friend.leavingServiceS).toBe(1_000_000 + 30 * DAY_S);
    await parting.tick();
    await parting.stay(ana);
    state.serviceS += 31 * DAY_S;
    await parting.tick();
    expect(done).toEqual(['set', 'touch', 'set', 'touch']);
  });

  it('when the date has come: he hears it, gets his plots back, departs, and the rest follows', async () => {
    const { done, state, parting } = world;
    await parting.leave(ana, 1);
    state.serviceS += DAY_S;
    await parting.tick();
    expect(done).toEqual([...ALL.slice(0, 1), 'touch', ...ALL.slice(1)]);
    await parting.tick();
    expect(done).toHaveLength(ALL.length + 1);
  });

  it('waits for the hour after a start, unless it was somebody’s word', async () => {
    const { done, state, parting } = world;
    await parting.leave(ana, 1);
    state.serviceS += 2 * DAY_S;
    state.sinceStartS = 3599;
    await parting.tick();
    expect(done).toEqual(['set', 'touch']);
    await parting.leave(ana, 0);
    expect(state.friend.departed).toBe(true);
  });

  it('at once is done at the next tick if a crash came between', async () => {
    const { done, state, parting } = world;
    state.friend = { ...ana, leavingServiceS: 0 };
    state.sinceStartS = 1;
    await parting.tick();
    expect(done).toEqual(ALL.slice(1));
  });

  it('does not wait for a friend who does not answer', async () => {
    const { done, state, parting } = world;
    state.hears = false;
    await parting.leave(ana, 0);
    expect(done).toEqual(ALL.filter((step) => step !== 'release'));
    expect(state.held).toEqual([]);
  });

  it('does not begin twice, however often it is due', async () => {
    const { done, state, parting } = world;
    const answer = Promise.withResolvers<undefined>();
    state.duringTell = () => answer.promise;
    const first = parting.leave(ana, 0);
    const second = parting.tick();
    answer.resolve(undefined);
    await Promise.all([first, second]);
    expect(done.filter((step) => step === 'depart')).toHaveLength(1);
  });

  it('does not come if it is taken back while the friend is told', async () => {
    const { done, state, parting } = world;
    state.duringTell = () => parting.stay(ana);
    await parting.leave(ana, 0);
    expect(done).not.toContain('depart');
    expect(state.friend.departed).toBe(false);
  });

  it('does not come if it is put off while the friend is told', async () => {
    const { done, state, parting } = world;
    state.duringTell = () => parting.leave(ana, 30);
    await parting.leave(ana, 0);
    expect(done).not.toContain('depart');
    expect(state.friend.leavingServiceS).toBe(1_000_000 + 30 * DAY_S);
  });

  it('is hurried when the program ends', async () => {
    const { state, parting } = world;
    state.duringTell = () => new Promise(() => undefined);
    const left = parting.leave(ana, 0);
    await parting.close();
    await left;
    expect(state.friend.departed).toBe(true);
  });

  it('leaves nothing half done after a crash: what departed friends left behind is found', async () => {
    const { done, state, parting } = world;
    state.friend = { ...ana, departed: true };
    await parting.tick();
    expect(done).toEqual(['forget', 'drop', 'erase']);
    await parting.tick();
    expect(done).toHaveLength(3);
  });
});

describe('a friend who ends it', () => {
  it('is not one whose new machine has never heard of this device', async () => {
    const { state, parting } = world;
    const newcomer = { revoked: false, came: 'introduced' } as FriendDevice;
    state.friend = { ...ana, devices: [newcomer] };
    state.trouble = 'not-friends';
    await parting.tick();
    expect(state.friend.leavesMs).toBeUndefined();
    state.friend = { ...ana, devices: [{ ...newcomer, revoked: true }] };
    await parting.tick();
    expect(state.friend.leavesMs).toBe(5000);
  });

  it('without a word is known by not knowing this device any more', async () => {
    const { state, parting } = world;
    await parting.tick();
    expect(state.friend.leavesMs).toBeUndefined();
    state.trouble = 'not-friends';
    await parting.tick();
    expect(state.friend.leavesMs).toBe(5000);
    // And it stays known after a restart, when nobody has been called yet.
    state.friend = { ...state.friend, leavesMs: 4000 };
    await parting.tick();
    expect(state.friend.leavesMs).toBe(4000);
  });
});
