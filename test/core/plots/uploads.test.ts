import { createHash } from 'node:crypto';
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
