import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPlotPapers } from '../../electron/core/backup/plot-papers.ts';
import { openPeerSession } from '../../electron/core/client/connection/peer-client.ts';
import type { PlotId } from '../../shared/ids.ts';
import { offer, pair, scratch, startHome } from '../fakes/homes.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';
import { describePapers } from '../suites/papers.suite.ts';

/** Ana's papers in a plot at Ben's, over the pinned connection. */
async function atBens() {
  const place = await scratch();
  const ben = await startHome('Ben', place.folder);
  const ana = await startHome('Ana', place.folder);
  const store = join(place.folder, 'spare');
  await mkdir(store);
  await pair(ana, ben);
  await offer(ben, store);
  const granted = await ana.call('allocations.ask', {
    friend: 'Ben',
    size: '10000000',
    durationS: 86_400,
  });
  if (granted.type !== 'granted') throw new Error(granted.type);
  const keys = await keysOf(ana, 'Ana');
  const session = openPeerSession(
    { keyPem: keys.key ?? '', certificatePem: keys.cert ?? '' },
    { device: ben.core.info().device, addresses: [ben.address] },
  );
  const plot = granted.plot as PlotId;
  return {
    ana,
    ben,
    keys,
    plot,
    papers: createPlotPapers({ plot, stream: session.stream }),
    close: async () => {
      session.close();
      await Promise.all([ana.close(), ben.close()]);
      await place.remove();
    },
  };
}

describePapers("a plot at a friend's", atBens);

test('what they were before is read under its number in a protected plot, and neither written nor deleted', async () => {
  const { ben, keys, plot, papers, close } = await atBens();
  try {
    await papers.write('address-book', Buffer.from('the right one'));
    expect(await papers.versions('address-book')).toMatchObject({
      value: { present: { bytes: 13n }, versions: [] },
    });
    await send(ben, keys, {
      method: 'PUT',
      path: `/v1/plots/${plot}/protection`,
      body: JSON.stringify({ v: 1, days: 5 }),
    });
    await papers.write('address-book', Buffer.from('forged'));
    const listed = await papers.versions('address-book');
    expect(listed).toMatchObject({
      value: { present: { bytes: 6n }, versions: [{ version: 1, bytes: 13n }] },
    });
    const read = await papers.readVersion('address-book', 1);
    expect(read.ok && Buffer.from(read.value).toString()).toBe('the right one');
    expect(await papers.readVersion('address-book', 2)).toMatchObject({
      fault: { code: 'not-found' },
    });
    const base = `/v1/plots/${plot}/papers/address-book/versions`;
    const odd: readonly (readonly [Parameters<typeof send>[2], string])[] = [
      [{ path: `${base}/1`, method: 'DELETE' }, 'no-such-method'],
      [{ path: `${base}/1`, method: 'PUT', body: 'forged' }, 'no-such-method'],
      [{ path: base, method: 'DELETE' }, 'no-such-method'],
      [{ path: `${base}/0` }, 'bad-name'],
      [{ path: `${base}/1/..` }, 'bad-name'],
      [{ path: `${base}/${'9'.repeat(16)}` }, 'bad-name'],
      [{ path: `${base}?before=1` }, 'bad-name'],
    ];
    for (const [raw, code] of odd)
      expect([raw.path, (await send(ben, keys, raw)).code]).toEqual([raw.path, code]);
    const [hosted] = await ben.call('plots.hosted');
    expect(hosted).toMatchObject({ writtenBytes: '19', trashBytes: '13' });
  } finally {
    await close();
  }
});

test('a friend who is blocked reads his papers, writes none and protects nothing; what is odd is refused', async () => {
  const { ana, ben, keys, plot, papers, close } = await atBens();
  try {
    await papers.write('address-book', Buffer.from('sealed'));
    const base = `/v1/plots/${plot}/papers`;
    const codes = await Promise.all(
      [
        { path: `${base}/letter` },
        { path: `${base}/../papers/manifest` },
        { path: `${base}/manifest`, method: 'DELETE' },
        { path: `${base}/manifest`, method: 'PUT', headers: { 'transfer-encoding': 'chunked' } },
        { path: `${base}/manifest`, method: 'PUT', body: Buffer.alloc(4 * 1024 * 1024 + 1) },
      ].map(async (raw) => (await send(ben, keys, raw)).code),
    );
    expect(codes).toEqual([
      'bad-name',
      'bad-name',
      'no-such-method',
      'length-required',
      'too-long',
    ]);
    expect((await send(ben, {}, { path: `${base}/address-book` })).code).toBe('unknown-peer');
    const [friend] = await ben.call('friends.list');
    await ben.call('friends.block', { friend: friend?.owner });
    expect(await papers.write('address-book', Buffer.from('other'))).toMatchObject({
      fault: { code: 'refused', reason: 'blocked' },
    });
    // Nor does he put off when what he deletes is gone.
    const protection = { method: 'PUT', path: `/v1/plots/${plot}/protection` };
    const asked = await send(ben, keys, {
      ...protection,
      body: JSON.stringify({ v: 1, days: 30 }),
    });
    expect(asked.code).toBe('blocked');
    expect((await ben.call('plots.hosted'))[0]?.protectDays).toBe(0);
    const read = await papers.read('address-book');
    expect(read.ok && Buffer.from(read.value).toString()).toBe('sealed');
    expect((await ben.call('space.get')).dataBytes).toBe('6');
    expect((await ana.call('plots.mine'))[0]?.plot).toBe(plot);
  } finally {
    await close();
  }
});
