import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failed, ok } from '../../../shared/result.ts';
import { openPlotHost, type PlotHost } from '../../fakes/plot-host.ts';
import { scratch, until } from '../../fakes/homes.ts';

/** Each upload under way holds memory of this program's, whoever sends it. */
const UPLOADS_MAX = 128;

let place: Awaited<ReturnType<typeof scratch>>;
let host: PlotHost;
beforeAll(async () => {
  place = await scratch();
  host = await openPlotHost(place.folder);
});
afterAll(async () => {
  host.sql.close();
  await place.remove();
});

test('so many are taken at once, and one more is refused before anything is set aside for it', async () => {
  const plot = host.grant(1_000_000n);
  const put = (text: string, body: () => Readable) => {
    const name = createHash('sha256').update(text).digest('hex');
    const key = { plot, type: 'data', name } as const;
    const sizeBytes = BigInt(text.length);
    return host.hosting.plots.put({ owner: host.owner, key, sizeBytes, body });
  };
  const bodies = new Map<string, PassThrough>();
  const underWay = Array.from({ length: UPLOADS_MAX }, (_, at) =>
    put(`${at}`, () => {
      const body = new PassThrough();
      bodies.set(`${at}`, body);
      return body;
    }),
  );
  const whole = () => Readable.from([Buffer.from('one more')]);
  expect(await put('one more', whole)).toEqual(failed({ code: 'too-many-uploads' }));
  await until(async () => (bodies.size === UPLOADS_MAX ? true : undefined));
  for (const [text, body] of bodies) body.end(text);
  for (const each of await Promise.all(underWay)) expect(each).toEqual(ok('stored'));
  expect(await put('one more', whole)).toEqual(ok('stored'));
});

test('a plot that was let go is answered for no more while it is taken off the disk: what is missing there is no damage', async () => {
  const plot = host.grant(1_000_000n);
  const { owner } = host;
  const key = {
    plot,
    type: 'data',
    name: createHash('sha256').update('letter').digest('hex'),
  } as const;
  const body = () => Readable.from([Buffer.from('letter')]);
  const { plots } = host.hosting;
  expect(await plots.put({ owner, key, sizeBytes: 6n, body })).toEqual(ok('stored'));
  host.ledger.release({ owner, plot, moment: host.moment() });
  const ended = failed({ code: 'plot-ended' });
  expect(await plots.put({ owner, key, sizeBytes: 6n, body })).toEqual(ended);
  expect(await plots.stat({ owner, key })).toEqual(ended);
  expect(await plots.read({ owner, key }, { from: 0n, to: 6n })).toEqual(ended);
  expect(await plots.list({ owner, plot, type: 'data' })).toEqual(ended);
  expect(await plots.remove({ owner, key })).toEqual(ended);
  expect(await plots.papers.read({ owner, plot, name: 'manifest' })).toEqual(ended);
  expect(await plots.whereIs(owner, plot)).toEqual(failed('plot-unknown'));
});

test('what is let go of or deleted while somebody reads it is gone, and not damaged', async () => {
  let meanwhile: (() => void) | undefined;
  const other = await openPlotHost(join(place.folder, 'other'), undefined, undefined, () => {
    const act = meanwhile;
    meanwhile = undefined;
    act?.();
  });
  const { owner, ledger, moment, folder } = other;
  const { plots } = other.hosting;
  const plot = other.grant(1_000_000n);
  const name = createHash('sha256').update('letter').digest('hex');
  const key = { plot, type: 'data', name } as const;
  const body = () => Readable.from([Buffer.from('letter')]);
  const read = (ends: () => void) => {
    // Once the books have said that it is there.
    meanwhile = ends;
    return plots.read({ owner, key }, { from: 0n, to: 6n });
  };
  const takeOff = () => rmSync(join(folder, plot), { recursive: true });

  await plots.put({ owner, key, sizeBytes: 6n, body });
  const deleted = read(() => {
    ledger.remove({ ...key, owner, moment: moment() });
    ledger.removed({ ...key, moment: moment() });
    takeOff();
  });
  expect(await deleted).toEqual(failed({ code: 'object-unknown' }));

  const released = read(() => {
    ledger.release({ owner, plot, moment: moment() });
  });
  expect(await released).toEqual(failed({ code: 'plot-ended' }));
  other.sql.close();
});
