import { createHash } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlotId } from '../../../shared/ids.ts';
import type { ObjectType } from '../../../shared/model/plot.ts';
import { DAY_S, MIB } from '../../../shared/units.ts';
import { scratch } from '../../fakes/homes.ts';
import { openPlotHost, type PlotHost } from '../../fakes/plot-host.ts';
import { fc, runs } from '../../fakes/properties.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let host: PlotHost;
let plot: PlotId;

beforeEach(async () => {
  place = await scratch();
  host = await openPlotHost(place.folder);
  plot = host.grant();
});
afterEach(async () => {
  host.sql.close();
  await place.remove();
});

const nameOf = (text: string) => createHash('sha256').update(text).digest('hex');
const store = () => host.hosting.plots;
const at = () => ({ owner: host.owner, plot, moment: host.moment() });
const row = () => host.ledger.plot({ plot, moment: host.moment() });
const keyOf = (text: string, type: ObjectType = 'data') => ({ plot, type, name: nameOf(text) });
const fileOf = (text: string) => {
  const name = nameOf(text);
  return join(host.folder, plot, 'repository', 'data', name.slice(0, 2), name);
};

async function put(text: string, type: ObjectType = 'data'): Promise<string> {
  const stored = await store().put({
    owner: host.owner,
    key: keyOf(text, type),
    sizeBytes: BigInt(text.length),
    body: () => Readable.from([Buffer.from(text)]),
  });
  return stored.ok ? stored.value : stored.fault.code;
}
async function remove(text: string, type: ObjectType = 'data'): Promise<string> {
  const removed = await store().remove({ owner: host.owner, key: keyOf(text, type) });
  return removed.ok ? 'removed' : removed.fault.code;
}
async function sees(text: string, type: ObjectType = 'data'): Promise<boolean> {
  return (await store().stat({ owner: host.owner, key: keyOf(text, type) })).ok;
}
function protect(days: number) {
  const set = host.ledger.protect({ ...at(), days });
  return set.ok ? set.value : set.fault;
}
function restore(what: { sinceS: number } | { names: { type: ObjectType; name: string }[] }) {
  const back = host.ledger.restore({ ...at(), what, limit: 1000 });
  return back.ok ? back.value : back.fault;
}

describe('what a guest deletes in a protected plot', () => {
  it('is gone for him, is charged, and goes from the disk after its days', async () => {
    protect(30);
    await put('letter');
    expect(await remove('letter')).toBe('removed');
    expect(await sees('letter')).toBe(false);
    expect(await remove('letter')).toBe('object-unknown');
    expect(host.ledger.objects({ plot, type: 'data', limit: 10 })).toEqual([]);
    expect(row()).toMatchObject({ writtenBytes: 6n, trashBytes: 6n, protectDays: 30 });
    expect(host.ledger.trash({ ...at(), after: undefined, limit: 10 })).toEqual({
      ok: true,
      value: {
        objects: [{ type: 'data', name: nameOf('letter'), bytes: 6n, goesInS: 30 * DAY_S }],
        total: { objects: 1, bytes: 6n, firstGoesInS: 30 * DAY_S, lastGoesInS: 30 * DAY_S },
      },
    });
    await host.pass(29);
    expect(existsSync(fileOf('letter'))).toBe(true);
    await host.pass(1);
    expect(existsSync(fileOf('letter'))).toBe(false);
    expect(row()).toMatchObject({ writtenBytes: 0n, trashBytes: 0n, missingObjects: 0 });
  });

  it('comes back by its name or by when it was deleted, and when it is sent again without a second copy', async () => {
    protect(10);
    for (const text of ['one', 'two', 'three']) await put(text);
    await remove('one');
    await host.pass(1);
    await remove('two');
    await remove('three');
    expect(restore({ names: [{ type: 'data', name: nameOf('three') }] })).toMatchObject({
      objects: 1,
      bytes: 5n,
    });
    expect(restore({ sinceS: 3600 })).toMatchObject({ objects: 1, bytes: 3n, stays: false });
    expect([await sees('one'), await sees('two'), await sees('three')]).toEqual([
      false,
      true,
      true,
    ]);
    expect(await put('one')).toBe('exists');
    expect(await sees('one')).toBe(true);
    expect(row()).toMatchObject({ writtenBytes: 11n, reservedBytes: 0n, trashBytes: 0n });
    expect(restore({ sinceS: 30 * DAY_S })).toMatchObject({ objects: 0 });
  });

  it('comes back when it is sent again also where nothing is in it, and can be deleted again', async () => {
    protect(10);
    expect(await put('')).toBe('stored');
    for (let time = 0; time < 2; time += 1) {
      expect(await remove('')).toBe('removed');
      expect(await put('')).toBe('exists');
      expect(await sees('')).toBe(true);
    }
    await host.pass(11);
    expect(existsSync(fileOf(''))).toBe(true);
  });

  it('does not hold up locks, which are gone at once', async () => {
    protect(10);
    await put('lock', 'locks');
    await remove('lock', 'locks');
    expect(row()).toMatchObject({ writtenBytes: 0n, trashBytes: 0n });
  });

  it('fills the plot, says so, and can still be added to', async () => {
    plot = host.grant(10n);
    protect(10);
    await put('0123456789');
    await remove('0123456789');
    expect(
      await store().put({
        owner: host.owner,
        key: keyOf('more'),
        sizeBytes: 4n,
        body: () => Readable.from([Buffer.from('more')]),
      }),
    ).toEqual({
      ok: false,
      fault: { code: 'plot-full', params: { freeBytes: '0', trashBytes: '10' } },
    });
    expect(await put('snapshot', 'snapshots')).toBe('stored');
    expect(await remove('snapshot', 'snapshots')).toBe('removed');
  });

  it('is in nobody else’s reach, and not in that of a plot that has ended', async () => {
    protect(10);
    const stranger = { ...at(), owner: 'x'.repeat(52) as typeof host.owner };
    expect(host.ledger.protect({ ...stranger, days: 0 })).toMatchObject({ fault: 'plot-unknown' });
    expect(host.ledger.trash({ ...stranger, after: undefined, limit: 1 })).toMatchObject({
      fault: 'plot-unknown',
    });
    expect(host.ledger.restore({ ...stranger, what: { sinceS: 9 }, limit: 1 })).toMatchObject({
      fault: 'plot-unknown',
    });
    host.ledger.endAll({ owner: host.owner, moment: host.moment() });
    expect(protect(5)).toBe('plot-ended');
    expect(restore({ sinceS: 9 })).toBe('plot-ended');
  });
});

describe('whoever has taken the device', () => {
  it('can raise the protection at once and lower it only after as many days', async () => {
    protect(7);
    expect(protect(30)).toEqual({ protectDays: 30 });
    expect(protect(0)).toEqual({ protectDays: 30, fallsTo: 0, fallsInS: 30 * DAY_S });
    await host.pass(10);
    // Asking again puts nothing off and brings nothing nearer.
    expect(protect(0)).toEqual({ protectDays: 30, fallsTo: 0, fallsInS: 20 * DAY_S });
    expect(protect(5)).toEqual({ protectDays: 30, fallsTo: 5, fallsInS: 20 * DAY_S });
    expect(protect(1)).toEqual({ protectDays: 30, fallsTo: 1, fallsInS: 30 * DAY_S });
    // What is deleted meanwhile stays as long as ever.
    await put('late');
    await host.pass(29);
    await remove('late');
    await host.pass(1);
    expect(row()).toMatchObject({ protectDays: 1, falls: undefined });
    await host.pass(28);
    expect(existsSync(fileOf('late'))).toBe(true);
    await host.pass(1);
    expect(existsSync(fileOf('late'))).toBe(false);
  });

  it('is stopped by one word of the owner’s', async () => {
    protect(30);
    protect(0);
    expect(protect(30)).toEqual({ protectDays: 30 });
    await host.pass(40);
    expect(row()).toMatchObject({ protectDays: 30 });
  });

  it('lets go of the plot only after its days, and the owner keeps it', async () => {
    protect(20);
    await put('letter');
    await remove('letter');
    expect(host.ledger.release(at())).toEqual({
      ok: true,
      value: { state: 'active', leavesInS: 20 * DAY_S },
    });
    await host.pass(15);
    expect(host.ledger.release(at())).toMatchObject({ value: { leavesInS: 5 * DAY_S } });
    expect(restore({ sinceS: 16 * DAY_S })).toMatchObject({ objects: 1, stays: true });
    await host.pass(10);
    expect(row()).toMatchObject({ state: 'active', leavesInS: undefined });
    expect(await sees('letter')).toBe(true);
  });

  it('makes it go after all where nobody says a word', async () => {
    protect(5);
    await put('letter');
    host.ledger.release(at());
    await host.pass(5);
    await host.hosting.chores();
    expect(row()?.state).toBe('gone');
    expect(existsSync(join(host.folder, plot))).toBe(false);
  });

  it('gains nothing by a list of what to keep, nor by raising the protection of what goes already', async () => {
    const other = host.grant();
    protect(20);
    const kept = host.ledger.keepOnly({
      owner: host.owner,
      request: { v: 1, requestId: 'x'.repeat(22) as never, plots: [other], sequence: 1 },
      bodyHash: new Uint8Array(32),
      moment: host.moment(),
    });
    expect(kept).toMatchObject({ kept: { leaves: [{ plot, inS: 20 * DAY_S }] } });
    protect(60);
    expect(row()).toMatchObject({ leavesInS: 60 * DAY_S });
  });

  it('makes the plot smaller only after its days, and when what is in the trash has gone', async () => {
    protect(10);
    await put('a'.repeat(1000));
    await put('rest');
    await remove('a'.repeat(1000));
    const request = { v: 1, requestId: 'y'.repeat(22) as never, size: 4n } as const;
    const resized = host.ledger.resize({
      owner: host.owner,
      plot,
      request,
      bodyHash: new Uint8Array(32),
      moment: host.moment(),
      disk: { volumePresent: true, freeBytes: 10n ** 12n },
    });
    expect(resized.answer).toMatchObject({ type: 'granted', size: 100_000_000n });
    expect(row()).toMatchObject({ shrinks: { toBytes: 4n, inS: 10 * DAY_S } });
    const before = host.ledger.totals({ disk: { volumePresent: true, freeBytes: 10n ** 12n } });
    await host.pass(10);
    await host.hosting.chores();
    expect(row()).toMatchObject({
      sizeBytes: 4n,
      promisedBytes: 4n + 64n * MIB,
      shrinks: undefined,
    });
    const after = host.ledger.totals({ disk: { volumePresent: true, freeBytes: 10n ** 12n } });
    expect(before.promisedBytes - after.promisedBytes).toBe(99_999_996n + 0n);
  });

  it('does not keep the host from ending it', () => {
    protect(365);
    host.ledger.endAll({ owner: host.owner, moment: host.moment() });
    expect(row()?.state).toBe('released');
  });
});

describe('a host that is killed', () => {
  it('finds what is in the trash where it was, and nothing of it counts twice', async () => {
    protect(10);
    await put('one');
    await put('two');
    await remove('one');
    host = await host.crash();
    expect(row()).toMatchObject({ writtenBytes: 6n, trashBytes: 3n });
    expect(await sees('one')).toBe(false);
    restore({ sinceS: 10 });
    expect(await sees('one')).toBe(true);
  });

  it('takes off what was on its way off the disk', async () => {
    protect(1);
    await put('one');
    await remove('one');
    await host.pass(0.99);
    const later = { nowMs: 0, serviceS: host.moment().serviceS + DAY_S };
    expect(host.ledger.dropTrash({ ...keyOf('one'), moment: later })).toBe(true);
    host = await host.crash();
    expect(existsSync(fileOf('one'))).toBe(false);
    expect(row()).toMatchObject({ writtenBytes: 0n, trashBytes: 0n });
  });

  it('counts what the disk lost of the trash no more, and nobody misses it', async () => {
    protect(10);
    await put('one');
    await put('two');
    await remove('one');
    await remove('two');
    rmSync(fileOf('one'));
    writeFileSync(fileOf('two'), 'other bytes');
    await host.hosting.chores();
    expect(row()).toMatchObject({ writtenBytes: 11n, trashBytes: 0n, missingObjects: 0 });
    await host.hosting.chores();
    expect(row()).toMatchObject({ writtenBytes: 11n });
  });

  it('brings everything back when it lost its books, deleted or not', async () => {
    protect(10);
    await put('one');
    await remove('one');
    host.sql.close();
    for (const end of ['', '-wal', '-shm'])
      rmSync(join(place.folder, `books.db${end}`), { force: true });
    host = await openPlotHost(place.folder);
    expect(await sees('one')).toBe(true);
  });
});

const texts = ['a', 'bb', 'ccc', 'dddd'];
const anyStep = fc.oneof(
  fc.constantFrom(...texts).map((text) => ({ do: 'put', text }) as const),
  fc.constantFrom(...texts).map((text) => ({ do: 'remove', text }) as const),
  fc.integer({ min: 0, max: 5 }).map((days) => ({ do: 'protect', days }) as const),
  fc.integer({ min: 0, max: 3 }).map((days) => ({ do: 'restore', days }) as const),
  fc.constantFrom(0.3, 1, 3).map((days) => ({ do: 'pass', days }) as const),
  fc.constant({ do: 'crash' } as const),
);

it('whatever comes in whatever order, files, counters and a model agree, and nothing deleted goes before its time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), async (steps) => {
      plot = host.grant(1000n);
      const there = new Set<string>();
      const trash = new Map<string, { sinceS: number; goesS: number }>();
      let days = 0;
      let falls: { to: number; atS: number } | undefined;
      const settle = () => {
        const { serviceS } = host.moment();
        for (const [text, { goesS }] of trash) if (goesS <= serviceS) trash.delete(text);
        if (falls !== undefined && falls.atS <= serviceS) {
          days = falls.to;
          falls = undefined;
        }
      };
      for (const step of steps) {
        const { serviceS } = host.moment();
        if (step.do === 'put') {
          const isThere = there.has(step.text) || trash.delete(step.text);
          expect(await put(step.text)).toBe(isThere ? 'exists' : 'stored');
          there.add(step.text);
        } else if (step.do === 'remove') {
          const isThere = there.delete(step.text);
          expect(await remove(step.text)).toBe(isThere ? 'removed' : 'object-unknown');
          if (isThere && days > 0)
            trash.set(step.text, { sinceS: serviceS, goesS: serviceS + days * DAY_S });
        } else if (step.do === 'protect') {
          protect(step.days);
          if (step.days >= days) {
            days = step.days;
            falls = undefined;
          } else if (falls === undefined || step.days < falls.to)
            falls = { to: step.days, atS: serviceS + days * DAY_S };
          else falls = { ...falls, to: step.days };
        } else if (step.do === 'restore') {
          restore({ sinceS: step.days * DAY_S });
          falls = undefined;
          for (const [text, { sinceS }] of trash)
            if (sinceS >= serviceS - step.days * DAY_S) {
              trash.delete(text);
              there.add(text);
            }
        } else if (step.do === 'pass') {
          await host.pass(step.days);
          settle();
        } else {
          host = await host.crash();
          settle();
        }
        for (const text of texts) {
          expect(await sees(text)).toBe(there.has(text));
          expect(existsSync(fileOf(text))).toBe(there.has(text) || trash.has(text));
        }
        const bytes = (all: Iterable<string>) =>
          BigInt([...all].reduce((sum, { length }) => sum + length, 0));
        expect(row()).toMatchObject({
          writtenBytes: bytes(there) + bytes(trash.keys()),
          trashBytes: bytes(trash.keys()),
          reservedBytes: 0n,
          protectDays: days,
        });
      }
      // Room for the next one.
      host.ledger.endAll({ owner: host.owner, moment: host.moment() });
      await host.hosting.chores();
    }),
    { numRuns: runs(25) },
  );
});
