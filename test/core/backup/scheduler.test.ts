import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BY_HAND } from '../../../electron/core/backup/jobs.ts';
import { spreadMs } from '../../../shared/backup/due.ts';
import { carrying, type Fault, fault } from '../../../shared/fault.ts';
import { PLAN_AT_FIRST, type Schedule } from '../../../shared/model/backup-plan.ts';
import { failed, ok } from '../../../shared/result.ts';
import { openSetWorld } from '../../fakes/set-world.ts';
import { testOwnerId } from '../../fakes/test-ledger.ts';

/** Noon on this computer's wall. */
const NOON = new Date(2026, 5, 10, 12).getTime();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const unreachable: Fault = fault('unreachable', { friend: 'Ben', detail: 'off' });
const replaced = carrying(new Error('no such file'), fault('program-replaced'));

let world: ReturnType<typeof openSetWorld>;
beforeEach(() => {
  world = openSetWorld(NOON - HOUR_MS);
});
afterEach(() => world.close());

const hourly = (more: Partial<Schedule> = {}) => ({
  schedule: { ...PLAN_AT_FIRST.schedule, every: 'hour' as const, ...more },
});
const names = () => world.runs.map(({ set }) => set);
const standing = (name: string) => {
  const set = world.book.set(name);
  if (set === undefined) throw new Error('no such set');
  return world.scheduler.standing(set);
};
/** Backups that go on until they are told to end. */
function holding(): { readonly end: (name: string) => void } {
  const ends = new Map<string, () => void>();
  world.backupEnds((set, { signal }) => {
    const ended = Promise.withResolvers<void>();
    ends.set(set.name, ended.resolve);
    signal.addEventListener('abort', () => ended.resolve(), { once: true });
    return ended.promise.then(() =>
      signal.aborted ? failed(fault('cancelled')) : ok({ bytesTotal: 5 }),
    );
  });
  return { end: (name) => ends.get(name)?.() };
}

describe('sets begin by themselves', () => {
  it('some minutes after they were made, and then at their time', async () => {
    world.create('photos');
    await world.minutes(1);
    expect(names()).toEqual([]);
    expect(standing('photos')).toEqual({
      nextMs: NOON - HOUR_MS + spreadMs('photos'),
      waitsFor: null,
    });
    await world.minutes(10);
    expect(names()).toEqual(['photos']);
    // That run was so shortly before noon that it counts for it.
    await world.minutes(25 * 60);
    expect(world.runs[1]?.atMs).toBe(NOON + DAY_MS);
    expect(standing('photos').nextMs).toBe(NOON + 2 * DAY_MS);
  });

  it('never with the word “by hand”', async () => {
    world.create('photos', { schedule: { ...PLAN_AT_FIRST.schedule, every: 'hand' } });
    await world.minutes(60);
    expect(names()).toEqual([]);
  });

  it('one after the other, however many are due', async () => {
    const hold = holding();
    for (const name of ['a', 'b', 'c']) world.create(name);
    await world.minutes(15);
    expect(names()).toHaveLength(1);
    hold.end(names()[0] ?? '');
    // What the retention does not keep goes first.
    await world.minutes(2);
    expect(names()).toHaveLength(2);
    hold.end(names()[1] ?? '');
    await world.minutes(2);
    expect(names().toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('also beside one that takes days', async () => {
    holding();
    world.create('large');
    await world.minutes(15);
    world.create('small');
    await world.minutes(40);
    expect(names()).toEqual(['large']);
    await world.minutes(30);
    expect(names()).toEqual(['large', 'small']);
  });

  it('and not a second time while they run', async () => {
    const hold = holding();
    world.create('photos', hourly());
    await world.minutes(200);
    expect(names()).toEqual(['photos']);
    expect(world.jobs.list()).toHaveLength(1);
    hold.end('photos');
    await world.minutes(70);
    expect(names().length).toBeGreaterThan(1);
  });
});

describe('after a sleep', () => {
  it('what was missed begins after some minutes, once', async () => {
    world.create('photos', hourly());
    await world.minutes(15);
    const before = names().length;
    world.sleep(9 * HOUR_MS);
    await world.minutes(1);
    expect(names()).toHaveLength(before);
    await world.minutes(10);
    expect(names()).toHaveLength(before + 1);
  });

  it('a run that has lost its line in it begins again soon', async () => {
    world.create('photos');
    await world.minutes(15);
    world.sleep(26 * HOUR_MS);
    world.backupEnds(async () => failed(unreachable));
    await world.minutes(15);
    const tries = names().length;
    expect(world.book.set('photos')?.failures).toBe(1);
    world.backupEnds(async () => ok({ bytesTotal: 1 }));
    world.sleep(HOUR_MS);
    await world.minutes(11);
    expect(names()).toHaveLength(tries + 1);
    expect(world.book.set('photos')).toMatchObject({ failures: 0, lastFault: undefined });
  });
});

describe('a run that failed', () => {
  it('for want of a line is tried when the friend is back, ever more rarely if that does not help', async () => {
    world.create('photos');
    world.backupEnds(async () => failed(unreachable));
    await world.minutes(10);
    expect(names()).toHaveLength(1);
    // He says something every minute, and still nothing comes through.
    for (let minute = 0; minute < 60; minute += 1) {
      world.scheduler.news(testOwnerId(1));
      await world.minutes(1);
    }
    const { length } = names();
    expect(length).toBeGreaterThan(2);
    expect(length).toBeLessThan(9);
  });

  it('for want of an answer is tried when nothing pends any more', async () => {
    world.create('photos');
    world.backupEnds(async () => failed(fault('waits', { friend: 'Ben', why: 'queue' })));
    world.state.wishes = [{ set: 'photos', plot: undefined }];
    await world.minutes(120);
    expect(names()).toHaveLength(1);
    world.backupEnds(async () => ok({ bytesTotal: 1 }));
    world.state.wishes = [];
    await world.minutes(2);
    expect(names()).toHaveLength(2);
    expect(world.book.set('photos')?.lastFault).toBeUndefined();
  });
});

describe('a run that can’t work', () => {
  it.each(['folder-missing', 'not-a-folder'] as const)(
    'because its drive is gone is tried when that is back (%s)',
    async (code) => {
      world.create('photos');
      world.state.missing = ['/a'];
      world.backupEnds(async () => failed(fault(code, { folder: '/a' })));
      await world.minutes(12 * 60);
      const { length } = names();
      expect(length).toBeLessThan(5);
      world.state.missing = [];
      world.backupEnds(async () => ok({ bytesTotal: 1 }));
      await world.minutes(2);
      expect(names()).toHaveLength(length + 1);
    },
  );

  describe('because the program was replaced', () => {
    beforeEach(async () => {
      world.create('photos');
      world.create('letters');
      world.backupEnds(async () => Promise.reject(replaced));
      // Nobody has looked yet.
      await world.minutes(10);
      expect(names().toSorted()).toEqual(['letters', 'photos']);
      world.state.isReplaced = true;
    });

    it('is noted like any other, and waits for a restart', async () => {
      await world.minutes(12 * 60);
      expect(names()).toHaveLength(2);
      expect(world.book.set('photos')).toMatchObject({
        failures: 1,
        lastFault: { key: 'fault.program-replaced' },
      });
      expect(standing('photos')).toEqual({ nextMs: null, waitsFor: 'restart' });
    });

    it('is tried soon after that', async () => {
      await world.minutes(3);
      world.state.isReplaced = false;
      world.backupEnds(async () => ok({ bytesTotal: 1 }));
      await world.minutes(4);
      expect(names().toSorted()).toEqual(['letters', 'letters', 'photos', 'photos']);
      expect(world.book.set('photos')).toMatchObject({ failures: 0, lastFault: undefined });
    });
  });

  it('because of a bug stays one', async () => {
    world.create('photos');
    world.backupEnds(async () => Promise.reject(new TypeError('a bug')));
    await world.minutes(10);
    expect(world.jobs.list()[0]?.fault).toMatchObject({ key: 'fault.internal' });
  });

  it('by hand says so, though nothing begins by itself', async () => {
    world.create('photos');
    world.state.isReplaced = true;
    world.backupEnds(async () => Promise.reject(replaced));
    await world.minutes(30);
    expect(names()).toEqual([]);
    const { id } = world.runSet.run({ name: 'photos' });
    await world.jobs.ended(id);
    expect(world.jobs.get(id)).toMatchObject({
      state: 'failed',
      fault: { key: 'fault.program-replaced' },
    });
    expect(world.book.set('photos')?.lastFault?.key).toBe('fault.program-replaced');
  });

  it('because nobody keeps it is not tried at all', async () => {
    world.create('photos', {}, []);
    await world.minutes(60);
    expect(names()).toEqual([]);
    expect(standing('photos')).toEqual({ nextMs: null, waitsFor: null });
  });
});

describe('what somebody says', () => {
  it('stops it until its next time', async () => {
    holding();
    world.create('photos');
    await world.minutes(15);
    const [job] = world.jobs.list();
    world.jobs.cancel(job?.id ?? '', BY_HAND);
    await world.minutes(20 * 60);
    expect(names()).toHaveLength(1);
    expect(world.book.set('photos')?.lastFault?.key).toBe('fault.cancelled');
    await world.minutes(6 * 60);
    expect(names()).toHaveLength(2);
  });

  it('pauses it: it stops where it is, and goes on by itself', async () => {
    holding();
    world.create('photos');
    await world.minutes(15);
    const sinceMs = world.nowMs();
    world.book.pause({ name: 'photos', pause: { sinceMs, untilMs: sinceMs + HOUR_MS } });
    world.runSet.stop('photos');
    await world.minutes(55);
    expect(names()).toHaveLength(1);
    expect(standing('photos').waitsFor).toBe('pause');
    expect(world.book.set('photos')).toMatchObject({ failures: 0, lastFault: undefined });
    await world.minutes(10);
    expect(names()).toHaveLength(2);
    expect(world.book.set('photos')?.pause).toBeUndefined();
  });

  it('pauses everything', async () => {
    world.create('photos');
    world.state.pausedUntilMs = world.nowMs() + 2 * HOUR_MS;
    await world.minutes(60);
    expect(names()).toEqual([]);
    world.state.pausedUntilMs = null;
    await world.minutes(1);
    expect(names()).toEqual(['photos']);
  });

  it('does not make an hour’s pause a year’s when the clock is put back', async () => {
    world.create('photos');
    const sinceMs = world.nowMs() + 365 * DAY_MS;
    world.book.pause({ name: 'photos', pause: { sinceMs, untilMs: sinceMs + HOUR_MS } });
    await world.minutes(70);
    expect(names()).toEqual(['photos']);
  });
});

describe('a computer that is used', () => {
  it('is waited for, and what is waited for is told', async () => {
    world.create('photos', hourly({ whenIdle: true }));
    world.activity.set({ idleS: 5, onBattery: true });
    await world.minutes(15);
    expect([names(), standing('photos').waitsFor]).toEqual([[], 'mains']);
    world.activity.set({ onBattery: false });
    await world.minutes(1);
    expect([names(), standing('photos').waitsFor]).toEqual([[], 'idle']);
    const changes = world.state.changes;
    await world.minutes(5);
    expect(world.state.changes).toBe(changes);
    world.activity.set({ idleS: 700 });
    await world.minutes(1);
    expect(names()).toEqual(['photos']);
  });
});

describe('the retention', () => {
  it('is seen to after a backup, once a day', async () => {
    world.create('photos', hourly());
    await world.minutes(23 * 60);
    expect(names().length).toBeGreaterThan(20);
    expect(world.state.prunes.length).toBeLessThanOrEqual(2);
    expect(world.state.prunes.length).toBeGreaterThanOrEqual(1);
  });

  it('has nothing to do after the first backup', async () => {
    world.create('photos', hourly());
    await world.minutes(50);
    expect(names()).toEqual(['photos']);
    expect(world.state.prunes).toEqual([]);
    await world.minutes(60);
    expect(world.state.prunes.length).toBe(1);
  });

  it('sees to what a first backup left that was cut off before', async () => {
    world.create('photos', hourly());
    world.book.tried({ name: 'photos', atMs: world.nowMs() });
    world.runSet.run({ name: 'photos' });
    await world.settle();
    expect(world.state.prunes).toEqual(['photos']);
  });

  it('that keeps everything needs nobody', async () => {
    const retention = { last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
    world.create('photos', { ...hourly(), retention });
    await world.minutes(120);
    expect(world.state.prunes).toEqual([]);
  });

  it('that could not be seen to is tried after the next backup', async () => {
    world.create('photos', hourly());
    world.pruneEnds(async () => failed(fault('repository-locked', { by: 'laptop' })));
    await world.minutes(200);
    expect(world.state.prunes.length).toBeGreaterThan(2);
    expect(world.book.set('photos')?.prunedMs).toBeUndefined();
  });
});

it('nothing begins in a core that is being closed', async () => {
  world.create('photos');
  world.scheduler.close();
  await world.minutes(30);
  expect(names()).toEqual([]);
});

it('a set that was dropped while it waited for its turn is not run', async () => {
  const hold = holding();
  world.create('photos');
  world.jobs.start({ kind: 'check', set: 'photos' }, async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return ok({});
  });
  const job = world.runSet.run({ name: 'photos' });
  await world.settle();
  expect(names()).toEqual([]);
  world.book.drop('photos');
  world.jobs.cancel(world.jobs.list().find(({ kind }) => kind === 'check')?.id ?? '');
  await world.jobs.ended(job.id);
  expect([names(), world.jobs.get(job.id)?.state]).toEqual([[], 'cancelled']);
  hold.end('photos');
});
