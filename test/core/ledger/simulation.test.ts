import { describe, expect, it } from 'vitest';
import { runTogether } from '../../../electron/core/database/group-commit.ts';
import type { Sql } from '../../../electron/core/database/open-database.ts';
import type { Ledger } from '../../../electron/core/ledger/ledger.ts';
import type { PlotId } from '../../../shared/ids.ts';
import { objectTypes, promisedBytes } from '../../../shared/model/plot.ts';
import { DAY_S, MB } from '../../../shared/units.ts';
import {
  addFriend,
  hashOf,
  openTestLedger,
  testOwnerId,
  testRequest,
} from '../../fakes/test-ledger.ts';
import { fc, runs } from '../../fakes/properties.ts';

/**
 * A seeded world: random calls of several friends with a disk that fills and empties by itself.
 * After every step the invariants of design §4 are read out of the tables. A failure prints a seed.
 */
const FRIENDS = 3;

type World = {
  readonly sql: Sql;
  readonly ledger: Ledger;
  serviceS: number;
  freeBytes: bigint;
  readonly pending: { reservation: number; plot: PlotId }[];
};

type Step = (world: World) => void;

const owner = (index: number) => testOwnerId(index + 1);
const moment = (world: World) => ({ nowMs: world.serviceS * 1000, serviceS: world.serviceS });
const disk = (world: World) => ({ volumePresent: true, freeBytes: world.freeBytes });
const objectName = (index: number) => index.toString(16).padStart(64, '0');

function plotOf(world: World, index: number) {
  const plots = world.ledger.plots({ moment: moment(world) });
  return plots.length === 0 ? undefined : plots[index % plots.length];
}

const friend = fc.nat(FRIENDS - 1);
const size = fc.bigInt({ min: 1n, max: 400n * MB });

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ friend, size, grow: fc.option(fc.nat(20)), isLoan: fc.boolean() }).map(
    ({ friend: who, size: bytes, grow, isLoan }): Step =>
      (world) => {
        const plot = grow === null ? undefined : plotOf(world, grow);
        const request = testRequest(bytes, {
          ...(plot === undefined ? {} : { plot: plot.plot }),
          ...(isLoan ? { accept: 'borrowed' } : {}),
        });
        const before = world.ledger.totals({ disk: disk(world) });
        const { answer } = world.ledger.allocate({
          owner: owner(who),
          request,
          bodyHash: hashOf(request),
          moment: moment(world),
          disk: disk(world),
        });
        const after = world.ledger.totals({ disk: disk(world) });
        // I1 at the moment of every grant.
        if (answer.type === 'granted')
          expect(after.promisedBytes).toBeLessThanOrEqual(after.capacityBytes);
        else expect(after.promisedBytes).toBe(before.promisedBytes);
      },
  ),
  fc
    .record({ index: fc.nat(20), name: fc.nat(6), type: fc.constantFrom(...objectTypes), size })
    .map(
      ({ index, name, type, size: bytes }): Step =>
        (world) => {
          const plot = plotOf(world, index);
          if (plot === undefined) return;
          const call = {
            plot: plot.plot,
            owner: plot.owner,
            type,
            name: type === 'config' ? '' : objectName(name),
            sizeBytes: bytes,
            moment: moment(world),
          };
          const reserved = world.ledger.reserve(call);
          if (reserved.ok)
            world.pending.push({ reservation: reserved.value.reservation, plot: plot.plot });
        },
    ),
  fc.record({ index: fc.nat(20), keep: fc.boolean() }).map(
    ({ index, keep }): Step =>
      (world) => {
        const [upload] = world.pending.splice(index % Math.max(1, world.pending.length), 1);
        if (upload === undefined) return;
        const plot = world.ledger.plot({ plot: upload.plot, moment: moment(world) });
        if (plot?.state === 'gone' || !keep)
          world.ledger.void({ reservation: upload.reservation, moment: moment(world) });
        else world.ledger.post({ reservation: upload.reservation, moment: moment(world) });
      },
  ),
  fc.record({ index: fc.nat(20), name: fc.nat(6), finish: fc.boolean() }).map(
    ({ index, name, finish }): Step =>
      (world) => {
        const plot = plotOf(world, index);
        if (plot === undefined) return;
        const key = { plot: plot.plot, type: 'data', name: objectName(name) } as const;
        if (
          world.ledger
            .unsettled()
            .removals.some((row) => row.plot === key.plot && row.name === key.name)
        ) {
          world.ledger.removed({ ...key, moment: moment(world) });
        }
        world.ledger.remove({ ...key, owner: plot.owner, moment: moment(world) });
        if (finish) world.ledger.removed({ ...key, moment: moment(world) });
      },
  ),
  fc.record({ index: fc.nat(20), size: fc.option(size), name: fc.nat(6) }).map(
    ({ index, size: bytes, name }): Step =>
      (world) => {
        const plot = plotOf(world, index);
        if (plot !== undefined)
          world.ledger.correct({
            plot: plot.plot,
            type: 'data',
            name: objectName(name),
            sizeBytes: bytes ?? undefined,
            moment: moment(world),
          });
      },
  ),
  fc.record({ index: fc.nat(20), days: fc.integer({ min: 0, max: 40 }) }).map(
    ({ index, days }): Step =>
      (world) => {
        const plot = plotOf(world, index);
        if (plot === undefined || plot.state === 'released') return;
        const at = { owner: plot.owner, plot: plot.plot, moment: moment(world) };
        const set = world.ledger.protect({ ...at, days });
        // Never less at once.
        const now = set.ok ? set.value.protectDays : -1;
        expect(now).toBe(Math.max(days, plot.protectDays));
      },
  ),
  fc.record({ index: fc.nat(20), days: fc.nat(20), name: fc.nat(6) }).map(
    ({ index, days, name }): Step =>
      (world) => {
        const plot = plotOf(world, index);
        if (plot === undefined) return;
        const at = { owner: plot.owner, plot: plot.plot, moment: moment(world) };
        if (days % 2 === 0)
          world.ledger.restore({ ...at, what: { sinceS: days * DAY_S }, limit: 3 });
        const key = { plot: plot.plot, type: 'data', name: objectName(name) } as const;
        const isDue = world.ledger.dueTrash({ limit: 100, moment: moment(world) });
        const wasDue = isDue.some(
          (due) => due.plot === key.plot && due.name === key.name && due.type === 'data',
        );
        expect(world.ledger.dropTrash({ ...key, moment: moment(world) })).toBe(wasDue);
      },
  ),
  fc.record({ index: fc.nat(20), erase: fc.boolean() }).map(
    ({ index, erase }): Step =>
      (world) => {
        const plot = plotOf(world, index);
        if (plot === undefined) return;
        world.ledger.release({ owner: plot.owner, plot: plot.plot, moment: moment(world) });
        if (!erase || world.pending.some((upload) => upload.plot === plot.plot)) return;
        world.ledger.erased({ plot: plot.plot, moment: moment(world) });
      },
  ),
  fc.record({ index: fc.nat(20), days: fc.integer({ min: 1, max: 40 }) }).map(
    ({ index, days }): Step =>
      (world) => {
        const plot = plotOf(world, index);
        if (plot === undefined) return;
        const request = {
          v: 1 as const,
          requestId: testRequest(1n).requestId,
          duration: { want: days * DAY_S },
          why: [],
        };
        const { answer } = world.ledger.renew({
          owner: plot.owner,
          plot: plot.plot,
          request,
          bodyHash: hashOf(request),
          moment: moment(world),
          disk: disk(world),
        });
        // Renewal never shortens; nor does it keep what its guest has let go of any longer.
        const wasS = Math.min(plot.leftS, plot.leavesInS ?? Infinity);
        if (answer.type === 'granted') expect(answer.ttl).toBeGreaterThanOrEqual(wasS);
      },
  ),
  fc.record({ index: fc.nat(20), approved: fc.option(fc.boolean()) }).map(
    ({ index, approved }): Step =>
      (world) => {
        const all = world.ledger.waiting();
        const held = all[index % Math.max(1, all.length)];
        if (held === undefined) return;
        const { ticket } = held;
        if (approved !== null) world.ledger.answerWaiting({ ticket, approved });
        const call = { owner: held.owner, ticket, moment: moment(world), disk: disk(world) };
        const { answer } = world.ledger.poll(call);
        const { promisedBytes: promised, capacityBytes } = world.ledger.totals({
          disk: disk(world),
        });
        if (answer.type === 'granted') expect(promised).toBeLessThanOrEqual(capacityBytes);
        // Whatever came out, asking again gives the same, and nothing is promised twice.
        const again = world.ledger.poll(call);
        if (answer.type !== 'pending') expect(again.answer.type).toBe(answer.type);
        expect(world.ledger.totals({ disk: disk(world) }).promisedBytes).toBe(promised);
      },
  ),
  fc.record({ index: fc.nat(20), size }).map(
    ({ index, size: bytes }): Step =>
      (world) => {
        const plot = plotOf(world, index);
        if (plot === undefined) return;
        const request = { v: 1 as const, requestId: testRequest(1n).requestId, size: bytes };
        world.ledger.resize({
          owner: plot.owner,
          plot: plot.plot,
          request,
          bodyHash: hashOf(request),
          moment: moment(world),
          disk: disk(world),
        });
      },
  ),
  fc.record({ friend, weight: fc.nat(6).map((half) => half / 2) }).map(
    ({ friend: who, weight }): Step =>
      (world) => {
        world.ledger.setPolicy({
          owner: owner(who),
          policy: {
            guards: weight === 1 ? { askAboveBytes: 200n * MB } : {},
            grounds: [
              { kind: 'fair-share', weight },
              { kind: 'quota', bytes: 300n * MB },
            ],
          },
        });
      },
  ),
  fc.integer({ min: 1, max: 20 * DAY_S }).map(
    (seconds): Step =>
      (world) => {
        const before = world.ledger.plots({ moment: moment(world) });
        world.serviceS += seconds;
        world.ledger.sweep({
          moment: moment(world),
          ...(seconds % 2 === 0 ? { mayEndOn: disk(world) } : {}),
        });
        const after = new Map(
          world.ledger.plots({ moment: moment(world) }).map((each) => [each.plot, each]),
        );
        for (const { plot, class: plotClass, state, leftS, graceS, leavesInS } of before) {
          const now = after.get(plot)?.state;
          expect(now).toBeDefined();
          if (now !== 'released' || state === 'released') continue;
          // Its guest let go of it while it was protected.
          if (leavesInS !== undefined && leavesInS <= seconds) continue;
          // I4: time alone makes nothing go but what was lent, and that only past its lease and grace.
          expect(plotClass).toBe('borrowed');
          expect(leftS + graceS - seconds).toBeLessThanOrEqual(0);
        }
      },
  ),
  fc.bigInt({ min: 0n, max: 3000n * MB }).map(
    (free): Step =>
      (world) => {
        world.freeBytes = free;
      },
  ),
);

function sum(sql: Sql, query: string): bigint {
  return sql.prepare<[], { value: bigint | null }>(query).get()?.value ?? 0n;
}

function checkInvariants({ sql, ledger, serviceS, freeBytes }: World): void {
  const promised = sum(sql, "SELECT sum(promised) AS value FROM plots WHERE state <> 'gone'");
  // Counters equal the rows they count.
  expect(sum(sql, 'SELECT promised AS value FROM totals')).toBe(promised);
  expect(sum(sql, 'SELECT sum(promised) AS value FROM usage')).toBe(promised);
  expect(sum(sql, 'SELECT sum(plots) AS value FROM usage')).toBe(
    sum(sql, "SELECT count(*) AS value FROM plots WHERE state <> 'gone'"),
  );
  const lent =
    "SELECT sum(promised) AS value FROM plots WHERE class = 'borrowed' AND state <> 'gone'";
  expect(sum(sql, 'SELECT lent AS value FROM totals')).toBe(sum(sql, lent));
  expect(sum(sql, 'SELECT sum(lent) AS value FROM usage')).toBe(sum(sql, lent));
  expect(sum(sql, 'SELECT written AS value FROM totals')).toBe(
    sum(sql, 'SELECT sum(written) AS value FROM plots'),
  );
  // The log of decisions rebuilds the total.
  expect(sum(sql, 'SELECT sum(promised_delta) AS value FROM decisions')).toBe(promised);
  for (const plot of ledger.plots({ moment: { nowMs: 0, serviceS } })) {
    // I2: within the promise, always.
    expect(plot.writtenBytes + plot.reservedBytes).toBeLessThanOrEqual(plot.promisedBytes);
    expect(plot.promisedBytes).toBeGreaterThanOrEqual(promisedBytes(plot.sizeBytes));
    const number = `(SELECT number FROM plots WHERE id = '${plot.plot}')`;
    expect(plot.reservedBytes).toBe(
      sum(sql, `SELECT sum(size) AS value FROM reservations WHERE plot = ${number}`),
    );
    // I3: what is written is what is there or on its way off the disk.
    const there = sum(sql, `SELECT sum(size) AS value FROM objects WHERE plot = ${number}`);
    const trashed = sum(sql, `SELECT sum(size) AS value FROM trash WHERE plot = ${number}`);
    expect(plot.trashBytes).toBe(trashed);
    expect(plot.writtenBytes).toBe(
      there + trashed + sum(sql, `SELECT sum(size) AS value FROM removals WHERE plot = ${number}`),
    );
  }
  expect(sum(sql, 'SELECT sum(object_count) AS value FROM plots')).toBe(
    sum(sql, 'SELECT (SELECT count(*) FROM objects) + (SELECT count(*) FROM trash) AS value'),
  );
  // Nothing is there and in the trash at once.
  expect(sum(sql, 'SELECT count(*) AS value FROM trash NATURAL JOIN objects')).toBe(0n);
  // What is missing is counted at its plot, and nothing that is there is missing.
  expect(sum(sql, 'SELECT sum(missing) AS value FROM plots')).toBe(
    sum(sql, 'SELECT count(*) AS value FROM missing'),
  );
  expect(sum(sql, 'SELECT count(*) AS value FROM missing NATURAL JOIN objects')).toBe(0n);
  // Shares are entitlements to one room: together no more than there is (design §3.3).
  const everybody = { volumePresent: true, freeBytes };
  const shares = Array.from({ length: FRIENDS }, (_, index) => {
    const isFair = ledger.policy({ owner: owner(index) }).policy.grounds[0]?.kind === 'fair-share';
    return isFair ? (ledger.share({ owner: owner(index), disk: everybody }).shareBytes ?? 0n) : 0n;
  });
  expect(shares.reduce((all, share) => all + share, 0n)).toBeLessThanOrEqual(
    ledger.totals({ disk: everybody }).fairBytes,
  );
  const { fairBytes, capacityBytes } = ledger.totals({ disk: { volumePresent: true, freeBytes } });
  expect(fairBytes).toBeLessThanOrEqual(capacityBytes);
}

describe('the ledger under random calls', () => {
  it('keeps its invariants after every step', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 5, maxLength: 60 }), (steps) => {
        const { sql, ledger } = openTestLedger();
        for (let index = 0; index < FRIENDS; index += 1)
          addFriend(sql, owner(index), `friend ${index}`);
        ledger.setOffer({
          folder: '/offer',
          offerBytes: 2000n * MB,
          keepFreeBytes: 100n * MB,
          volume: 'v',
        });
        ledger.setPolicy({
          owner: undefined,
          policy: { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 }] },
        });
        const world: World = { sql, ledger, serviceS: 1000, freeBytes: 2000n * MB, pending: [] };
        for (const step of steps) {
          const [outcome] = runTogether(sql, [() => step(world)]);
          if (outcome?.ok === false) throw outcome.thrown;
          checkInvariants(world);
        }
        sql.close();
      }),
      { numRuns: runs(300) },
    );
  });
});
