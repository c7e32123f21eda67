import { describe, expect, it } from 'vitest';
import { createProtecting } from '../../../electron/core/backup/protecting.ts';
import { openSetBook } from '../../../electron/core/backup/set-book.ts';
import type { Holding } from '../../../electron/core/client/holdings/holdings-book.ts';
import type { ProtectionCalls } from '../../../electron/core/client/holdings/protection.ts';
import type { Friend } from '../../../electron/core/friends/friend-book.ts';
import { fault } from '../../../shared/fault.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { PLAN_AT_FIRST } from '../../../shared/model/backup-plan.ts';
import { failed, ok } from '../../../shared/result.ts';
import { asAsync } from '../../fakes/set-world.ts';
import { openTestLedger, testOwnerId, testPlotId } from '../../fakes/test-ledger.ts';

const MINUTE_MS = 60_000;
const BEN = testOwnerId(1);

/** A set kept by Ben, whose plot is protected as it is said. */
function world(protectDays: number, protection: Holding['protection'], isAway = false) {
  const { sql } = openTestLedger();
  const sets = openSetBook(sql);
  const plan = { ...PLAN_AT_FIRST, protectDays };
  sets.create({ name: 'photos', folders: ['/a'], plan, hosts: [BEN], atMs: 0 });
  const time = { ms: 0 };
  const asked: number[] = [];
  const state = { protection, isAway };
  const holding = (): Holding => ({
    plot: testPlotId(1),
    host: BEN,
    class: 'guaranteed',
    sizeBytes: 1n,
    writtenBytes: 1n,
    untilMs: 0,
    graceS: 0,
    leavesMs: undefined,
    set: 'photos',
    protection: state.protection,
  });
  const apply: ProtectionCalls['apply'] = async (_host, _plot, days) => {
    asked.push(days);
    if (state.isAway) return failed(fault('unreachable', { friend: 'Ben', detail: 'off' }));
    state.protection = { days, trashBytes: 0n, falls: undefined };
    return ok({ protectDays: days });
  };
  const protecting = createProtecting({
    sets: asAsync(sets),
    holdings: asAsync({ holdings: () => [holding()] }),
    friends: { person: (owner: OwnerId) => ({ owner, departed: false }) as unknown as Friend },
    protection: { apply },
    clock: { nowMs: () => time.ms, monotonicMs: () => time.ms },
  });
  const minutes = async (count: number) => {
    for (let minute = 0; minute < count; minute += 1) {
      time.ms += MINUTE_MS;
      await protecting.tick();
    }
  };
  return { asked, minutes, sets, state };
}

describe('the protection of a plot', () => {
  it('is raised to what the plan wants, once', async () => {
    const { asked, minutes } = world(30, undefined);
    await minutes(100);
    expect(asked).toEqual([30]);
  });

  it('is lowered when the plan says so, and left alone while it falls', async () => {
    const { asked, minutes, state } = world(7, { days: 30, trashBytes: 0n, falls: undefined });
    await minutes(1);
    expect(asked).toEqual([7]);
    state.protection = { days: 30, trashBytes: 0n, falls: { toDays: 7, atMs: 1e12 } };
    await minutes(100);
    expect(asked).toEqual([7]);
  });

  it('that somebody else lowers is held', async () => {
    const falls = { toDays: 0, atMs: 1e12 };
    const { asked, minutes } = world(30, { days: 30, trashBytes: 0n, falls });
    await minutes(100);
    expect(asked).toEqual([30]);
  });

  it('is said to a friend who was away when he is back, and he is not called every minute', async () => {
    const { asked, minutes, state } = world(30, undefined, true);
    await minutes(60);
    expect(asked.length).toBeGreaterThanOrEqual(4);
    expect(asked.length).toBeLessThanOrEqual(5);
    state.isAway = false;
    await minutes(16);
    const { length } = asked;
    await minutes(60);
    expect(asked).toHaveLength(length);
    expect(state.protection?.days).toBe(30);
  });

  it('of a set that is not protected is nobody’s business', async () => {
    const { asked, minutes } = world(0, undefined);
    await minutes(10);
    expect(asked).toEqual([]);
  });
});
