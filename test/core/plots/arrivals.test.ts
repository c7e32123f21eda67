import { PassThrough, type Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createArrivals } from '../../../electron/core/plots/arrivals.ts';
import { testPlotId } from '../../fakes/test-ledger.ts';

const plot = testPlotId(1);
/** Reads a body to its end, as an upload does; how it ended. */
const read = (body: Readable) =>
  new Promise<string>((resolve) => {
    body.once('end', () => resolve('whole'));
    body.once('close', () => resolve('broken off'));
    body.resume();
  });

describe('what arrives for a plot', () => {
  it('comes in whole if nobody stops it', async () => {
    const arrivals = createArrivals();
    const body = new PassThrough();
    const upload = arrivals.during(plot, (take) => read(take(body)));
    body.end('bytes');
    expect(await upload).toBe('whole');
    await arrivals.stop(plot);
  });

  it('is broken off when the plot goes, and nothing of it is written after that', async () => {
    const arrivals = createArrivals();
    const ended: string[] = [];
    const upload = arrivals.during(plot, async (take) => {
      ended.push(await read(take(new PassThrough())));
    });
    await arrivals.stop(plot);
    expect(ended).toEqual(['broken off']);
    await upload;
  });

  it('is broken off too if its body is asked for only then', async () => {
    const arrivals = createArrivals();
    const roomSetAside = Promise.withResolvers<undefined>();
    const upload = arrivals.during(plot, async (take) => {
      await roomSetAside.promise;
      return read(take(new PassThrough()));
    });
    const stopped = arrivals.stop(plot);
    roomSetAside.resolve(undefined);
    await stopped;
    expect(await upload).toBe('broken off');
  });

  it('goes on in other plots, and a failure of one is its own', async () => {
    const arrivals = createArrivals();
    const body = new PassThrough();
    const other = arrivals.during(testPlotId(2), (take) => read(take(body)));
    const failing = arrivals.during(plot, () => Promise.reject(new Error('no disk')));
    await Promise.all([arrivals.stop(plot), expect(failing).rejects.toThrow('no disk')]);
    body.end();
    expect(await other).toBe('whole');
  });
});
