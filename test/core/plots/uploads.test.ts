import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failed, ok } from '../../../shared/result.ts';
import { openPlotStore } from '../../../electron/core/plots/plot-store.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { openPlotHost, type PlotHost } from '../../fakes/plot-host.ts';
import { scratch, until } from '../../fakes/homes.ts';
import { silent } from '../../fakes/silent-logger.ts';
import { addFriend, testOwnerId } from '../../fakes/test-ledger.ts';

/** Each upload under way holds memory of this program's, whoever sends it. */
const UPLOADS_MAX = 128;
const UPLOADS_OF_ONE_MAX = 32;

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

test('so many are taken at once, of one friend a part of them, and one more is refused before anything is set aside for it', async () => {
  const bodies = new Map<string, PassThrough>();
  const whole = (text: string) => Readable.from([Buffer.from(text)]);
  const sender = (owner: OwnerId) => {
    const plot = host.grant(1_000_000n, owner);
    return (text: string, body = () => whole(text)) => {
      const name = createHash('sha256').update(text).digest('hex');
      const key = { plot, type: 'data', name } as const;
      return host.hosting.plots.put({ owner, key, sizeBytes: BigInt(text.length), body });
    };
  };
  const slowly = (put: ReturnType<typeof sender>, text: string) =>
    put(text, () => {
      const body = new PassThrough();
      bodies.set(text, body);
      return body;
    });
  const tooMany = failed({ code: 'too-many-uploads' });
  const underWay: Promise<unknown>[] = [];
  for (let friend = 0; underWay.length < UPLOADS_MAX; friend += 1) {
    const owner = testOwnerId(100 + friend);
    addFriend(host.sql, owner, `friend ${friend}`);
    const put = sender(owner);
    expect(await put('the first')).toEqual(ok('stored'));
    for (let at = 0; at < UPLOADS_OF_ONE_MAX; at += 1)
      underWay.push(slowly(put, `${friend}.${at}`));
    expect(await put('one more')).toEqual(tooMany);
  }
  const put = sender(host.owner);
  expect(await put('one more')).toEqual(tooMany);
  await until(async () => (bodies.size === UPLOADS_MAX ? true : undefined));
  for (const [text, body] of bodies) body.end(text);
  for (const each of await Promise.all(underWay)) expect(each).toEqual(ok('stored'));
  expect(await put('one more')).toEqual(ok('stored'));
});

test('a config that is there is compared with what comes as soon as that is whole; what is wrong with either is said in words', async () => {
  const plot = host.grant(1_000_000n);
  const { owner } = host;
  const key = { plot, type: 'config', name: '' } as const;
  const put = (body: Readable) =>
    host.hosting.plots.put({ owner, key, sizeBytes: 6n, body: () => body });
  const config = () => Readable.from([Buffer.from('config')]);
  async function* broken() {
    yield Buffer.from('conf');
    throw new Error('ECONNRESET');
  }
  expect(await put(config())).toEqual(ok('stored'));
  expect(await put(config())).toEqual(ok('exists'));
  expect(await put(Readable.from(broken()))).toEqual(failed({ code: 'too-short' }));
  rmSync(join(host.folder, plot, 'repository', 'config'));
  const lost = failed({ code: 'disk-failed', params: { error: 'ENOENT' } });
  expect(await put(config())).toEqual(lost);
});

test('a config is deleted so that a right one can come in its place, but not in a protected plot', async () => {
  const plot = host.grant(1_000_000n);
  const { owner, ledger, moment } = host;
  const { plots } = host.hosting;
  const key = { plot, type: 'config', name: '' } as const;
  const put = (text: string) =>
    plots.put({ owner, key, sizeBytes: 6n, body: () => Readable.from([Buffer.from(text)]) });
  expect(await put('rotten')).toEqual(ok('stored'));
  expect(await put('config')).toEqual(failed({ code: 'object-differs' }));
  expect(await plots.remove({ owner, key })).toEqual(ok(undefined));
  expect(existsSync(join(host.folder, plot, 'repository', 'config'))).toBe(false);
  expect(await plots.stat({ owner, key })).toEqual(failed({ code: 'object-unknown' }));
  expect(await put('config')).toEqual(ok('stored'));
  expect(readFileSync(join(host.folder, plot, 'repository', 'config'), 'utf8')).toBe('config');
  ledger.protect({ owner, plot, days: 3, moment: moment() });
  expect(await plots.remove({ owner, key })).toEqual(failed({ code: 'no-such-method' }));
  expect(await put('config')).toEqual(ok('exists'));
});

test('who sends a config that is there, and never all of it, is not waited for', async () => {
  const { owner, ledger, moment } = host;
  const plot = host.grant(1_000_000n);
  const row = ledger.plot({ plot, moment: moment() });
  const store = openPlotStore({
    ledger: {
      plot: async () => row,
      reserve: async () => failed({ code: 'exists', sizeBytes: 6n }),
    } as unknown as Parameters<typeof openPlotStore>[0]['ledger'],
    offer: host.hosting.offer,
    disk: host.hosting.disk,
    moment,
    seal: { sign: () => new Uint8Array(), verify: () => true },
    logger: silent,
    minimumRate: { bytes: 1, withinMs: 1 },
  });
  const key = { plot, type: 'config', name: '' } as const;
  const body = new PassThrough();
  expect(await store.put({ owner, key, sizeBytes: 6n, body: () => body })).toEqual(
    failed({ code: 'too-slow' }),
  );
  expect(body.destroyed).toBe(true);
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

test('what arrives when a drive has just been pulled out does not come to lie where it was', async () => {
  const other = await openPlotHost(join(place.folder, 'pulled'));
  const { owner } = other;
  const { plots } = other.hosting;
  const plot = other.grant(1_000_000n);
  const put = (text: string) => {
    const name = createHash('sha256').update(text).digest('hex');
    const body = () => Readable.from([Buffer.from(text)]);
    const key = { plot, type: 'data', name } as const;
    return plots.put({ owner, key, sizeBytes: BigInt(text.length), body });
  };
  expect(await put('letter')).toEqual(ok('stored'));
  // A disk that has lost something: nothing is known of its folders any more.
  rmSync(join(other.folder, plot, 'repository', 'data'), { recursive: true });
  await other.pass(0);
  expect(other.ledger.plot({ plot, moment: other.moment() })).toMatchObject({ missingObjects: 1 });
  // What was looked at a moment ago counts.
  await other.hosting.disk();
  renameSync(other.folder, join(place.folder, 'pulled', 'away'));
  const lost = failed({ code: 'disk-failed', params: { error: 'ENOENT' } });
  expect(await put('another')).toEqual(lost);
  expect(existsSync(other.folder)).toBe(false);
  renameSync(join(place.folder, 'pulled', 'away'), other.folder);
  expect(await put('another')).toEqual(ok('stored'));
  other.sql.close();
});

test('what is deleted or replaced when a drive has just been pulled out is as it was when it comes back, until it is off the disk', async () => {
  const other = await openPlotHost(join(place.folder, 'unplugged'));
  const { owner, ledger, moment } = other;
  const { plots } = other.hosting;
  const plot = other.grant(1_000_000n);
  const name = createHash('sha256').update('letter').digest('hex');
  const key = { plot, type: 'data', name } as const;
  const paper = { owner, plot, name: 'manifest' } as const;
  const body = (text: string) => () => Readable.from([Buffer.from(text)]);
  expect(await plots.put({ owner, key, sizeBytes: 6n, body: body('letter') })).toEqual(
    ok('stored'),
  );
  expect(await plots.papers.write({ ...paper, sizeBytes: 3n, body: body('old') })).toMatchObject({
    ok: true,
  });
  // What was looked at a moment ago counts.
  await other.hosting.disk();
  const away = join(place.folder, 'unplugged', 'away');
  const pullOut = () => renameSync(join(other.folder, '..'), away);
  const plugIn = () => renameSync(away, join(other.folder, '..'));
  const written = await plots.papers.write({
    ...paper,
    sizeBytes: 4n,
    body: () => {
      pullOut();
      return Readable.from([Buffer.from('new!')]);
    },
  });
  expect(written).toMatchObject({ ok: false });
  expect(await plots.remove({ owner, key })).toEqual(ok(undefined));
  plugIn();
  expect(ledger.paper({ plot, name: 'manifest' })).toMatchObject({ sizeBytes: 3n });
  const read = await plots.papers.read(paper);
  expect(read).toMatchObject({ ok: true, value: { sizeBytes: 3 } });
  if (read.ok) read.value.body.destroy();
  expect(ledger.plot({ plot, moment: moment() })).toMatchObject({ writtenBytes: 9n });
  await other.pass(0);
  // Deleted it stays.
  expect(await plots.stat({ owner, key })).toEqual(failed({ code: 'object-unknown' }));
  expect(ledger.plot({ plot, moment: moment() })).toMatchObject({ writtenBytes: 3n });
  expect(await plots.papers.write({ ...paper, sizeBytes: 4n, body: body('new!') })).toMatchObject({
    ok: true,
  });
  expect(ledger.plot({ plot, moment: moment() })).toMatchObject({
    writtenBytes: 4n,
    reservedBytes: 0n,
  });
  other.sql.close();
});

test('whose a plot is stands beside it again after its folder was gone', async () => {
  const other = await openPlotHost(join(place.folder, 'emptied'));
  const { owner } = other;
  const plot = other.grant(1_000_000n);
  const name = createHash('sha256').update('letter').digest('hex');
  const key = { plot, type: 'data', name } as const;
  const body = () => Readable.from([Buffer.from('letter')]);
  const put = () => other.hosting.plots.put({ owner, key, sizeBytes: 6n, body });
  expect(await put()).toEqual(ok('stored'));
  rmSync(join(other.folder, plot), { recursive: true });
  await other.pass(0);
  expect(await put()).toEqual(ok('stored'));
  expect(existsSync(join(other.folder, plot, 'plot.json'))).toBe(true);
  other.sql.close();
});

test('a plot of which somebody has taken away the folder takes what is sent again, also where nobody has missed anything yet', async () => {
  const other = await openPlotHost(join(place.folder, 'taken'));
  const { owner } = other;
  const plot = other.grant(1_000_000n);
  const put = (text: string) => {
    const name = createHash('sha256').update(text).digest('hex');
    const body = () => Readable.from([Buffer.from(text)]);
    const key = { plot, type: 'data', name } as const;
    return other.hosting.plots.put({ owner, key, sizeBytes: BigInt(text.length), body });
  };
  const paper = () => {
    const body = () => Readable.from([Buffer.from('paper')]);
    return other.hosting.plots.papers.write({ owner, plot, name: 'manifest', sizeBytes: 5n, body });
  };
  const gone = failed({ code: 'disk-failed', params: { error: 'ENOENT' } });
  expect(await put('letter')).toEqual(ok('stored'));
  rmSync(join(other.folder, plot), { recursive: true });
  expect(await put('another')).toEqual(gone);
  expect(await put('another')).toEqual(ok('stored'));
  expect(existsSync(join(other.folder, plot, 'plot.json'))).toBe(true);
  rmSync(join(other.folder, plot), { recursive: true });
  expect(await paper()).toEqual(gone);
  expect(await paper()).toEqual(ok(undefined));
  other.sql.close();
});

test('nobody waits for a friend who takes his time: what he sends again while it is on its way off the disk is settled later', async () => {
  const other = await openPlotHost(join(place.folder, 'again'));
  const { owner, ledger, moment } = other;
  const { plots } = other.hosting;
  const plot = other.grant(1_000_000n);
  const name = createHash('sha256').update('letter').digest('hex');
  const key = { plot, type: 'data', name } as const;
  const put = (body: () => Readable) => plots.put({ owner, key, sizeBytes: 6n, body });
  const whole = () => Readable.from([Buffer.from('letter')]);
  expect(await put(whole)).toEqual(ok('stored'));
  // Off the books, not yet off the disk.
  ledger.remove({ ...key, owner, moment: moment() });
  const body = new PassThrough();
  const began = Promise.withResolvers<void>();
  const underWay = put(() => {
    began.resolve();
    return body;
  });
  await began.promise;
  await other.pass(0);
  expect(ledger.unsettled().removals).toHaveLength(1);
  body.end('letter');
  expect(await underWay).toEqual(ok('stored'));
  await other.pass(0);
  expect(ledger.unsettled().removals).toEqual([]);
  expect(ledger.plot({ plot, moment: moment() })).toMatchObject({ writtenBytes: 6n });
  expect(await plots.stat({ owner, key })).toEqual(ok({ sizeBytes: 6n }));
  other.sql.close();
});

test('a marker that was lost is written again where friends’ data lies, and nowhere else', async () => {
  const folder = join(place.folder, 'marked');
  const other = await openPlotHost(folder);
  const { owner } = other;
  const plot = other.grant(1_000_000n);
  const name = createHash('sha256').update('letter').digest('hex');
  const key = { plot, type: 'data', name } as const;
  const body = () => Readable.from([Buffer.from('letter')]);
  const put = () => other.hosting.plots.put({ owner, key, sizeBytes: 6n, body });
  expect(await put()).toEqual(ok('stored'));
  rmSync(join(other.folder, '..', 'volume.json'));
  await other.pass(0);
  expect(await put()).toEqual(failed({ code: 'volume-missing' }));
  const { volume: _volume, ...wish } = other.hosting.offer() ?? raise();
  // An empty place, as where a drive is not there.
  renameSync(other.folder, join(folder, 'away'));
  expect(await other.hosting.setOffer(wish)).toMatchObject({ fault: { code: 'plots-elsewhere' } });
  renameSync(join(folder, 'away'), other.folder);
  expect(await other.hosting.setOffer(wish)).toMatchObject({ ok: true });
  expect(await put()).toEqual(ok('exists'));
  other.sql.close();
});

function raise(): never {
  throw new Error('nothing is offered');
}
