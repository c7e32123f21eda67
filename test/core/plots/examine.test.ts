import { createHash } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createExamine } from '../../../electron/core/plots/examine.ts';
import { settle } from '../../../electron/core/plots/mend.ts';
import type { PlotId } from '../../../shared/ids.ts';
import { scratch } from '../../fakes/homes.ts';
import { openPlotHost, type PlotHost } from '../../fakes/plot-host.ts';
import { silent } from '../../fakes/silent-logger.ts';
import { testOwnerId } from '../../fakes/test-ledger.ts';

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
const keyOf = (text: string) => ({ plot, type: 'data' as const, name: nameOf(text) });
const pathOf = (text: string) => {
  const name = nameOf(text);
  return join(host.folder, plot, 'repository', 'data', name.slice(0, 2), name);
};
const row = () => host.ledger.plot({ plot, moment: host.moment() });

async function put(text: string): Promise<void> {
  const stored = await host.hosting.plots.put({
    owner: host.owner,
    key: keyOf(text),
    sizeBytes: BigInt(text.length),
    body: () => Readable.from([Buffer.from(text)]),
  });
  expect(stored.ok).toBe(true);
}
async function examine(...texts: readonly string[]): Promise<unknown> {
  const objects = texts.map((text) => ({ type: 'data' as const, name: nameOf(text) }));
  const found = await host.hosting.examine({ owner: host.owner, plot, objects });
  return found.ok ? found.value.objects.map(({ state }) => state) : found.fault;
}

describe('a host that is told of damage', () => {
  test('lets go of what is damaged, and of nothing else', async () => {
    await put('good');
    await put('rotten');
    writeFileSync(pathOf('rotten'), 'rotteN');
    expect(await examine('good', 'rotten', 'never here')).toEqual(['fine', 'damaged', 'missing']);
    expect(existsSync(pathOf('rotten'))).toBe(false);
    expect(existsSync(pathOf('good'))).toBe(true);
    expect(row()).toMatchObject({ writtenBytes: 4n });
  });

  test('takes a drive that was pulled out for no loss', async () => {
    await put('letter');
    await host.hosting.disk();
    renameSync(join(place.folder, 'spare'), join(place.folder, 'pulled'));
    expect(await examine('letter')).toBe('volume-missing');
    expect(host.ledger.object(keyOf('letter'))).toEqual({ sizeBytes: 6n });
    expect(row()).toMatchObject({ missingObjects: 0 });
  });

  test('takes what is read wrong while its drive is pulled out for no damage', async () => {
    await put('letter');
    writeFileSync(pathOf('letter'), 'halfway');
    const dropped: string[] = [];
    const ask = createExamine({
      ledger: {
        object: async () => ({ sizeBytes: 6n }),
        dropDamaged: async ({ name }) => dropped.push(name) > 0,
        correct: async () => undefined,
      },
      store: {
        ifAlone: (_key, act) => act(),
        whereIs: async () => ({ ok: true, value: join(host.folder, plot) }),
        takeOff: async () => undefined,
      },
      driveName: async () => undefined,
      isVolumeThere: async () => false,
      moment: host.moment,
      clock: { monotonicMs: () => 0 },
    });
    const { type, name } = keyOf('letter');
    const found = await ask({ owner: host.owner, plot, objects: [{ type, name }] });
    expect(found).toEqual({ ok: false, fault: 'volume-missing' });
    expect(dropped).toEqual([]);
  });

  test('waits for nobody who is sending an object while he asks about it: others are heard meanwhile', async () => {
    await put('letter');
    const body = new PassThrough();
    const began = Promise.withResolvers<void>();
    const underWay = host.hosting.plots.put({
      owner: host.owner,
      key: keyOf('slowly'),
      sizeBytes: 6n,
      body: () => {
        began.resolve();
        return body;
      },
    });
    await began.promise;
    expect(await examine('slowly', 'letter')).toEqual(['fine']);
    body.end('slowly');
    expect((await underWay).ok).toBe(true);
    expect(await examine('slowly')).toEqual(['fine']);
  });

  test('lets one who waits go before one who asks again and again', async () => {
    const [ana, ben] = [testOwnerId(1), testOwnerId(2)];
    let nowMs = 0;
    const read: (() => void)[] = [];
    const ask = createExamine({
      ledger: {
        object: () => new Promise((resolve) => read.push(() => resolve(undefined))),
        dropDamaged: async () => false,
        correct: async () => undefined,
      },
      store: {
        ifAlone: (_key, act) => act(),
        whereIs: async () => ({ ok: true, value: place.folder }),
        takeOff: async () => undefined,
      },
      driveName: async () => undefined,
      isVolumeThere: async () => true,
      moment: host.moment,
      clock: { monotonicMs: () => nowMs },
    });
    const objects = [{ type: 'data' as const, name: nameOf('x') }];
    const from = (owner: typeof ana) => ask({ owner, plot, objects });
    const finish = async (asked: ReturnType<typeof ask>) => {
      await expect.poll(() => read.length).toBe(1);
      read.pop()?.();
      return (await asked).ok;
    };
    const first = from(ana);
    await expect.poll(() => read.length).toBe(1);
    expect(await from(ben)).toEqual({ ok: false, fault: 'rate-limited' });
    expect(await finish(first)).toBe(true);
    expect(await from(ana)).toEqual({ ok: false, fault: 'rate-limited' });
    expect(await finish(from(ben))).toBe(true);
    expect(await finish(from(ana))).toBe(true);
    // Nobody comes back: nothing is held up for long.
    const again = from(ana);
    await expect.poll(() => read.length).toBe(1);
    await from(ben);
    expect(await finish(again)).toBe(true);
    nowMs += 61_000;
    expect(await finish(from(ana))).toBe(true);
  });
});

test('what was on its way off the disk and was sent again meanwhile stays, and counts once', async () => {
  await put('letter');
  // Off the books, not yet off the disk.
  host.ledger.remove({ ...keyOf('letter'), owner: host.owner, moment: host.moment() });
  const left = { ...host.ledger.unsettled(), papers: [] };
  await put('letter');
  const { ledger, moment } = host;
  await settle(left, join(place.folder, 'spare'), {
    ledger: new Proxy({} as Parameters<typeof settle>[2]['ledger'], {
      get: (_target, method) => async (call: never) =>
        (ledger as unknown as Record<string, (call: never) => unknown>)[String(method)]?.(call),
    }),
    moment,
    logger: silent,
    plots: host.hosting.plots,
    isVolumeThere: async () => true,
  });
  expect(existsSync(pathOf('letter'))).toBe(true);
  expect(row()).toMatchObject({ writtenBytes: 6n });
});
