import { describe, expect, test } from 'vitest';
import { openRepository } from '../../../../electron/core/backup/repository/repository.ts';
import {
  anyOf,
  at,
  backup,
  expectSound,
  namesAt,
  prune,
  readAt,
  rowOf,
  world,
  write,
} from '../../../fakes/copy-steps.ts';
import { type CopyWorld, PASSWORD, SET } from '../../../fakes/copy-world.ts';
import { ROTS } from '../../../fakes/faulty-repository-store.ts';
import { faultsOf } from '../../../fakes/toy-engine.ts';

describe('copies of a set', () => {
  test('a prune waits a while for somebody who reads, and compares the copies anew before it goes on', async () => {
    const pauses: number[] = [];
    let leave = () => undefined as void;
    const here = world({
      plots: 2,
      pause: async (ms) => {
        pauses.push(ms);
        if (pauses.length !== 3) return;
        leave();
        // Meanwhile a pack was lost: what is removed must not rest on what was seen before.
        const { type, name } = anyOf(at(here, 1), 'data');
        at(here, 1).objects.objects.delete(`${type}/${name}`);
      },
    });
    write(here, 'one');
    await backup(here);
    write(here, 'two');
    await backup(here);
    leave = await readAt(at(here, 0));
    const waiting = here.control();
    const phases: string[] = [];
    const job = { kind: 'prune', keep: undefined, forget: [], onlyForget: false, repackShare: 1 };
    const ended = await here.runner().write(here.set(), job as never, {
      ...waiting,
      progress: ({ phase }) => void phases.push(phase),
    });
    expect(ended).toMatchObject({ ok: true, value: { copies: 2 } });
    expect(pauses).toHaveLength(3);
    expect(phases).toContain('waiting');
    await expectSound(here);
  });

  test('a friend who keeps the set no more gets nothing of a backup that waited meanwhile', async () => {
    let isWaiting = true;
    let leave = () => undefined as void;
    const here = world({
      plots: 2,
      pause: async () => {
        if (!isWaiting) return;
        isWaiting = false;
        leave();
        here.books.sets.edit({ name: SET, hosts: [at(here, 0).target.host.owner] });
      },
    });
    write(here, 'one');
    await backup(here);
    leave = await readAt(at(here, 0), true);
    write(here, 'two');
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 1 } });
    expect(isWaiting).toBe(false);
  });

  test('a prune does not wait for ever, and says who is in the way', async () => {
    let waitedMs = 0;
    const here = world({
      plots: 1,
      pause: async (ms) => {
        waitedMs += ms;
      },
    });
    write(here, 'one');
    await backup(here);
    await readAt(at(here, 0));
    expect(await prune(here)).toMatchObject({
      fault: { code: 'repository-locked', params: { by: 'nas' } },
    });
    expect(waitedMs).toBeLessThan(120_000);
    expect(waitedMs).toBeGreaterThan(30_000);
  });

  test('all get the same, and the book knows since when they are complete', async () => {
    const here = world({ plots: 3 });
    write(here, 'one');
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 3 } });
    await expectSound(here);
    for (const number of [0, 1, 2])
      expect(rowOf(here, number)).toMatchObject({
        sequence: here.set().sequence,
        completeMs: here.clock.nowMs,
      });
    expect(here.set().sequence).toBeGreaterThan(0);
  });

  test('what a friend says who refuses in the middle of a backup is told with it', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    write(here, 'two');
    at(here, 1).objects.onCall = (call, { type }) =>
      call === 'save' && type === 'data'
        ? { code: 'refused', reason: 'device-revoked', params: {} }
        : undefined;
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 1 } });
    expect(here.problems).toContainEqual({
      key: 'problem.copy-behind',
      params: { friend: 'Friend 1', denial: 'device-revoked', why: 'refused' },
    });
  });

  test('a friend who was away gets by himself what was added and loses what was removed', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    at(here, 1).store.cut();
    here.toy.files.clear();
    write(here, 'two');
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 1 } });
    expect(here.problems).toContainEqual({
      key: 'problem.copy-behind',
      params: { friend: 'Friend 1', detail: 'the line is cut', why: 'unreachable' },
    });
    expect(await prune(here)).toMatchObject({ ok: true, value: { forgotten: 1 } });
    expect(namesAt(at(here, 1)).some((key) => namesAt(at(here, 0)).includes(key))).toBe(true);
    at(here, 1).store.mend();
    here.runner().news(at(here, 1).target.host.owner);
    await here.runner().catchUpDue();
    await expectSound(here);
    expect(namesAt(at(here, 1)).filter((key) => key.startsWith('snapshots/'))).toHaveLength(1);
    expect(rowOf(here, 1)).toMatchObject({ sequence: here.set().sequence });
    expect(rowOf(here, 1)?.lastFault).toBeUndefined();
  });

  test('a prune that is kept from what the last one left says who is in the way', async () => {
    const here = world({ plots: 1, pause: async () => undefined });
    for (const name of ['one', 'two']) {
      write(here, name);
      await backup(here);
    }
    // It was cut off between writing it down and doing it.
    const { name } = anyOf(at(here, 0), 'snapshots');
    const removal = { sequence: here.set().sequence, type: 'snapshots', name } as const;
    here.books.copies.noteRemovals({ set: SET, removals: [removal] });
    const leave = await readAt(at(here, 0));
    expect(await prune(here)).toMatchObject({ fault: { code: 'repository-locked' } });
    leave();
    expect(await prune(here)).toMatchObject({ ok: true });
    await expectSound(here);
  });

  test('nothing new refers to what was removed elsewhere and only waits to go', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    const one = here.toy.files.get('one') ?? Buffer.alloc(0);
    at(here, 1).store.cut();
    here.toy.files.clear();
    write(here, 'two');
    await backup(here);
    expect(await prune(here)).toMatchObject({ ok: true, value: { forgotten: 1 } });
    // Somebody who reads there: what is missing can be sent, but nothing can go.
    const leave = await readAt(at(here, 1));
    at(here, 1).store.mend();
    here.toy.files.set('one', one);
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 2 } });
    leave();
    const opened = await openRepository(at(here, 0).objects, PASSWORD);
    if (!opened.ok) throw new Error('it can’t be opened');
    expect(await faultsOf(at(here, 0).store, opened.value)).toEqual([]);
    // It goes the next time.
    await backup(here);
    await expectSound(here);
  });

  test('what looks after copies by itself waits for nobody, and holds nothing against him', async () => {
    let pauses = 0;
    const here = world({ plots: 1, pause: async () => void (pauses += 1) });
    write(here, 'one');
    await backup(here);
    const leave = await readAt(at(here, 0), true);
    await here.runner().verifyDue();
    expect(rowOf(here, 0)).toMatchObject({ verifiedMs: undefined, lastFault: undefined });
    expect(pauses).toBe(0);
    leave();
    here.clock.monotonicMs += 7_200_000;
    await here.runner().verifyDue();
    expect(rowOf(here, 0)?.verifiedMs).toBe(here.clock.nowMs);
  });

  /** A backup that only the second friend still has: it was deleted while he was away. Now the first one is away. */
  async function lonely(): Promise<CopyWorld> {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    at(here, 1).store.cut();
    here.toy.files.clear();
    write(here, 'two');
    await backup(here);
    await prune(here);
    at(here, 1).store.mend();
    at(here, 0).store.cut();
    return here;
  }

  async function meet(here: CopyWorld): Promise<readonly string[]> {
    at(here, 0).store.mend();
    await here.runner().check(here.set(), { readData: true }, here.control());
    await expectSound(here);
    return namesAt(at(here, 0)).filter((key) => key.startsWith('snapshots/'));
  }

  test('a friend who was away and is alone brings back nothing that was deleted as long as nothing is written to him', async () => {
    const here = await lonely();
    const before = rowOf(here, 1)?.sequence;
    const checked = await here.runner().check(here.set(), { readData: true }, here.control());
    expect(checked).toMatchObject({ ok: true, value: { copies: 1 } });
    await here.runner().catchUpDue();
    // A backup that does not get as far as writing.
    await here.runner().close();
    here.restart();
    at(here, 1).store.expect({ full: 1 });
    expect(await backup(here)).toMatchObject({ ok: false });
    at(here, 1).store.calm();
    expect(rowOf(here, 0)).toMatchObject({ isApart: false, sequence: here.set().sequence });
    expect(rowOf(here, 1)).toMatchObject({ sequence: before });
    expect(await meet(here)).toHaveLength(1);
  });

  test('a friend who was away and is alone loses nothing once a backup was made to him but what was to be forgotten', async () => {
    const here = await lonely();
    write(here, 'three');
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 1 } });
    expect(rowOf(here, 0)).toMatchObject({ isApart: true });
    expect(rowOf(here, 1)).toMatchObject({ sequence: here.set().sequence });
    // The next run alone is at the newest copy, and removes nothing from it by itself.
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 1 } });
    expect(await meet(here)).toHaveLength(3);
  });

  test('a friend who was added is filled from the others', async () => {
    const here = world({ plots: 3 });
    const [first, second, third] = here.plots.map(({ target }) => target.host.owner);
    here.books.sets.edit({ name: SET, hosts: [first, second] as never });
    write(here, 'one');
    await backup(here);
    expect(namesAt(at(here, 2))).toEqual([]);
    here.books.sets.edit({ name: SET, hosts: [first, second, third] as never });
    await here.runner().catchUpDue();
    await expectSound(here);
    expect(rowOf(here, 2)).toMatchObject({ completeMs: here.clock.nowMs });
  });

  test.each(ROTS)(
    'an object that is %s in one copy is found and repaired from the other',
    async (how) => {
      for (const reports of [true, false]) {
        const here = world({ plots: 2, reports });
        write(here, 'one');
        await backup(here);
        for (const type of ['data', 'index', 'snapshots', 'keys'] as const)
          at(here, 1).store.rot(anyOf(at(here, 1), type), how);
        const checked = await here.runner().check(here.set(), { readData: true }, here.control());
        expect(checked).toMatchObject({ ok: true, value: { copies: 2 } });
        await here.runner().catchUpDue();
        expect(here.books.copies.damage(SET)).toEqual([]);
        expect(rowOf(here, 1)?.repairedMs).toBe(here.clock.nowMs);
        if (reports && how !== 'lost') expect(rowOf(here, 1)?.drive).toBe('Drive 1');
        await expectSound(here);
      }
    },
  );

  test('a copy whose every byte was read and found right counts as verified, one with damage does not', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    await here.runner().check(here.set(), { readData: false }, here.control());
    expect(rowOf(here, 0)?.verifiedMs).toBeUndefined();
    at(here, 1).store.rot(anyOf(at(here, 1), 'data'), 'flipped');
    await here.runner().check(here.set(), { readData: true }, here.control());
    expect(rowOf(here, 0)).toMatchObject({ verifiedMs: here.clock.nowMs, pass: { share: 1 } });
    expect(rowOf(here, 1)?.verifiedMs).toBeUndefined();
  });

  test('the only copy’s damage is said, and what is still on the disk is kept anew', async () => {
    const here = world({ plots: 1 });
    write(here, 'one');
    write(here, 'two');
    await backup(here);
    at(here, 0).store.rot(anyOf(at(here, 0), 'data'), 'flipped');
    const checked = await here.runner().check(here.set(), { readData: true }, here.control());
    // Given up is not repaired.
    expect(checked).toMatchObject({ value: { repaired: 0, givenUp: 1 } });
    expect(here.problems.map(({ key }) => key)).toContain('problem.copy-damaged');
    expect(here.problems.map(({ key }) => key)).toContain('problem.objects-lost');
    expect(await backup(here)).toMatchObject({ ok: true });
    const opened = await openRepository(at(here, 0).objects, PASSWORD);
    if (!opened.ok) throw new Error('it can’t be opened');
    expect(await prune(here)).toMatchObject({ ok: true });
    expect(await faultsOf(at(here, 0).store, opened.value)).toEqual([]);
  });

  test('an index that is lost everywhere is made anew from the packs', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    const index = anyOf(at(here, 0), 'index');
    for (const plot of here.plots) plot.store.rot(index, 'flipped');
    await here.runner().check(here.set(), { readData: false }, here.control());
    await expectSound(here);
    expect(here.books.copies.damage(SET)).toEqual([]);
    expect(here.books.copies.losses()).toEqual([]);
  });

  test('a damaged config is replaced', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    at(here, 1).store.rot({ type: 'config', name: '' }, 'flipped');
    expect(await backup(here)).toMatchObject({ ok: true, value: { copies: 2 } });
    await expectSound(here);
  });

  test('a plot that is empty again is filled, and nobody is blamed for each object', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    at(here, 1).objects.objects.clear();
    at(here, 1).papers.kept.clear();
    write(here, 'two');
    await backup(here);
    await here.runner().catchUpDue();
    await expectSound(here);
    expect(rowOf(here, 1)?.repairedMs).toBeUndefined();
  });

  test('every copy is looked at daily, also after the clock was set back', async () => {
    const here = world({ plots: 2 });
    write(here, 'one');
    await backup(here);
    await here.runner().verifyDue();
    expect(rowOf(here, 0)?.verifiedMs).toBe(here.clock.nowMs);
    const first = here.clock.nowMs;
    here.clock.nowMs -= 365 * 86_400_000;
    here.clock.monotonicMs += 7_200_000;
    await here.runner().verifyDue();
    expect(rowOf(here, 1)?.verifiedMs).toBe(first - 365 * 86_400_000);
    at(here, 1).store.rot(anyOf(at(here, 1), 'data'), 'flipped');
    here.clock.nowMs += 86_400_000;
    here.clock.monotonicMs += 86_400_000;
    await here.runner().verifyDue();
    expect(rowOf(here, 0)?.verifiedMs).toBe(here.clock.nowMs);
    expect(rowOf(here, 1)?.verifiedMs).toBeLessThan(here.clock.nowMs);
    await expectSound(here);
  });
});
