import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../electron/core/database/open-database.ts';
import type { Clock } from '../../electron/core/ports.ts';
import type { NoticeView, Plain } from '../../shared/contract/views.ts';
import type { Answer } from '../../shared/model/allocate.ts';
import { DAY_S, GB } from '../../shared/units.ts';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';
import { testPlotId } from '../fakes/test-ledger.ts';

/** Ben keeps things for Ana and Cleo: 100 GB, of which nobody writes much. */
const DAY_MS = DAY_S * 1000;
const MINUTE_MS = 60_000;
const YEAR_MS = 365 * DAY_MS;
const run = promisify(execFile);

let place: Awaited<ReturnType<typeof scratch>>;
let store: string;
let ben: TestHome;
let ana: TestHome;
let cleo: TestHome;
/** Everybody's clock runs as it does and as far ahead as a test has put it; the wall's may be put off besides. */
let aheadMs: number;
let wallMs: number;
const clock: Clock = {
  nowMs: () => Date.now() + aheadMs + wallMs,
  monotonicMs: () => performance.now() + aheadMs,
};

beforeEach(async () => {
  aheadMs = 0;
  wallMs = 0;
  place = await scratch();
  store = join(place.folder, 'spare');
  await mkdir(store);
  const space = { read: async () => ({ freeBytes: 1000n * GB, totalBytes: 2000n * GB }) };
  ben = await startHome('Ben', place.folder, { ports: { clock, space } });
  ana = await startHome('Ana', place.folder, { ports: { clock } });
  await pair(ana, ben);
  await offer(ben, store, 100n * GB);
});
afterEach(async () => {
  await Promise.all([ben.close(), ana.close(), cleo?.close()]);
  await place.remove();
});

/** Only some of these need a third. */
async function cleoComes(): Promise<void> {
  cleo = await startHome('Cleo', place.folder, { ports: { clock } });
  await pair(cleo, ben);
}

async function ask(home: TestHome, size: bigint): Promise<string> {
  const durationS = 31 * DAY_S;
  const answer: Plain<Answer> = await home.call('allocations.ask', {
    friend: 'Ben',
    size: `${size}`,
    durationS,
  });
  if (answer.type !== 'granted') throw new Error(JSON.stringify(answer));
  return answer.plot;
}
async function post(from: TestHome, name: string, path: string, body: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answered = await send(ben, await keysOf(from, name), { path, body: text });
  return { ...answered, json: JSON.parse(answered.body.toString()) as Record<string, unknown> };
}
let ids = 0;
const requestId = () => {
  ids += 1;
  return Buffer.from(`request ${ids} of upkeep`.padEnd(16).slice(0, 16)).toString('base64url');
};
const hosted = async () =>
  new Map((await ben.call('plots.hosted')).map((plot) => [plot.plot, plot]));
const mine = async () => new Map((await ana.call('plots.mine')).map((plot) => [plot.plot, plot]));
const find = async (home: TestHome, kind: NoticeView['kind']) => {
  await home.core.chores();
  return (await home.call('state.snapshot')).notices.find((notice) => notice.kind === kind);
};
const comes = (home: TestHome, kind: NoticeView['kind']) => until(() => find(home, kind));

/** So many days on which Ben's computer was on. */
async function daysGoBy(days: number): Promise<void> {
  await ben.close();
  const opened = openDatabase(join(place.folder, 'home of Ben', 'allotment.sqlite'));
  if (!opened.ok) throw new Error(opened.fault.code);
  const more = "UPDATE meta SET value = CAST(value AS INTEGER) + ? WHERE key = 'service-s'";
  opened.value.prepare(more).run(Math.round(days * DAY_S));
  opened.value.close();
  aheadMs += days * DAY_MS;
  ben = await ben.restart();
}
async function anHourGoesBy(): Promise<void> {
  for (let minute = 0; minute < 62; minute += 1) {
    aheadMs += MINUTE_MS;
    await ben.core.chores();
  }
}

describe('renewing many plots', () => {
  test('is one call of the keeper of leases, and every plot has its whole time again', async () => {
    const plots = [await ask(ana, GB), await ask(ana, GB), await ask(ana, GB)];
    await daysGoBy(20);
    await ana.core.renewDue();
    const rows = await hosted();
    for (const plot of plots) {
      expect(rows.get(plot)).toMatchObject({ renewals: 1 });
      expect(rows.get(plot)?.leftS).toBeGreaterThan(30.9 * DAY_S);
      expect((await mine()).get(plot)?.leftS).toBeGreaterThan(30.9 * DAY_S);
    }
    const log = await ben.call('decisions.list', { kinds: ['renew'] });
    expect(log).toHaveLength(3);
    // In one transaction, so in one moment.
    expect(new Set(log.map(({ atMs }) => atMs)).size).toBe(1);
    // Nothing is due, so nothing is asked.
    await ana.core.renewDue();
    expect(await ben.call('decisions.list', { kinds: ['renew'] })).toHaveLength(3);
  });

  test('is answered the same when it is repeated, and by its codes when it is off', async () => {
    const plot = await ask(ana, GB);
    const path = '/v1/plots/renewals';
    const good = { v: 1, requestId: requestId(), plots: 'all', duration: { want: 40 * DAY_S } };
    const first = await post(ana, 'Ana', path, good);
    expect(first.status).toBe(200);
    expect(first.json).toMatchObject({
      answers: [{ plot, answer: { type: 'granted', plot, class: 'guaranteed' } }],
    });
    expect((await post(ana, 'Ana', path, good)).status).toBe(200);
    expect((await hosted()).get(plot)?.renewals).toBe(1);
    const bad = async (more: object) => {
      const { status, code } = await post(ana, 'Ana', path, {
        ...good,
        requestId: requestId(),
        ...more,
      });
      return [status, code];
    };
    expect(await bad({ requestId: good.requestId, plots: [plot] })).toEqual([
      409,
      'request-reused',
    ]);
    expect(await bad({ plots: [] })).toEqual([400, 'bad-request']);
    expect(await bad({ plots: Array.from({ length: 1001 }, () => plot) })).toEqual([
      400,
      'bad-request',
    ]);
    expect(await bad({ plots: ['../../etc/passwd'] })).toEqual([400, 'bad-request']);
    expect(await bad({ duration: { want: 0 } })).toEqual([422, 'bad-duration']);
    expect(await bad({ v: 2 })).toEqual([400, 'unknown-version']);
    expect(await bad({ surprise: true })).toEqual([400, 'bad-request']);
    // Named many at a time or alone, as many are kept: nobody gets around that by long lists.
    const many = Array.from({ length: 1000 }, (_, number) => testPlotId(number));
    expect(await bad({ plots: many })).toEqual([200, undefined]);
    expect(await bad({ plots: many })).toEqual([429, 'rate-limited']);
    // Whoever goes on like that is told to wait.
    const flood = await Promise.all(Array.from({ length: 12 }, () => bad({ plots: [] })));
    expect(flood).toContainEqual([429, 'rate-limited']);
  });
});

describe('a list of what to keep', () => {
  test('first says what would go; then both sides see the date, and after it that is gone', async () => {
    const [kept, gone] = [await ask(ana, GB), await ask(ana, GB)];
    const wish = { plots: [kept] };
    expect(await ana.call('plots.keep-only', wish)).toMatchObject([
      { friend: 'Ben', keeps: [kept], leaves: [{ plot: gone }] },
    ]);
    expect((await hosted()).get(gone)?.leavesMs).toBeUndefined();
    await ana.call('plots.keep-only', { ...wish, goesBytes: '0' });
    const inAWeek = clock.nowMs() + 7 * DAY_MS;
    for (const rows of [await hosted(), await mine()]) {
      expect(Math.abs((rows.get(gone)?.leavesMs ?? 0) - inAWeek)).toBeLessThan(60_000);
      expect(rows.get(kept)?.leavesMs).toBeUndefined();
    }
    expect(await comes(ana, 'plots-leave')).toMatchObject({ params: { friend: 'Ben' } });
    await daysGoBy(7.1);
    expect((await hosted()).get(gone)?.state).toBe('active');
    await anHourGoesBy();
    expect([...(await hosted()).keys()]).toEqual([kept]);
  });

  test('that names a plot again keeps it; an old one that arrives late says nothing', async () => {
    const [a, b] = [await ask(ana, GB), await ask(ana, GB)];
    await ana.call('plots.keep-only', { plots: [a], goesBytes: '0' });
    await ana.call('plots.keep-only', { plots: [a, b], goesBytes: '0' });
    expect((await hosted()).get(b)?.leavesMs).toBeUndefined();
    const late = { v: 1, requestId: requestId(), plots: [a], sequence: 1 };
    const answered = await post(ana, 'Ana', '/v1/plots/keep-only', late);
    expect([answered.status, answered.code]).toEqual([409, 'keep-only-stale']);
    expect((await hosted()).get(b)?.leavesMs).toBeUndefined();
  });

  test('of a device that knows of no newer one is refused first, and heard when it is sent again', async () => {
    const [a, b] = [await ask(ana, GB), await ask(ana, GB)];
    const other = { v: 1, requestId: requestId(), plots: [a, b], sequence: 7 };
    expect((await post(ana, 'Ana', '/v1/plots/keep-only', other)).status).toBe(200);
    expect(await ana.fault('plots.keep-only', { plots: [a], goesBytes: '0' })).toBe('refused');
    await ana.call('plots.keep-only', { plots: [a], goesBytes: '0' });
    expect((await hosted()).get(b)?.leavesMs).toBeGreaterThan(0);
  });
});

describe('what is let go of by a list', () => {
  test('is never a backup of this device, and never anything but what was confirmed', async () => {
    const files = join(place.folder, 'files');
    await mkdir(files);
    await writeFile(join(files, 'letter.txt'), 'Dear Ben');
    await ana.call('sets.create', { name: 'letters', folders: [files], to: ['Ben'] });
    const [kept, gone] = [await ask(ana, GB), await ask(ana, GB)];
    await ana.job(await ana.call('sets.run', { name: 'letters' }));
    const set = [...(await mine()).values()].find((plot) => plot.set === 'letters')?.plot ?? '';
    const [would] = await ana.call('plots.keep-only', { plots: [kept] });
    expect([...(would?.keeps ?? [])].sort()).toEqual([kept, set].sort());
    expect(would?.leaves).toMatchObject([{ plot: gone, writtenBytes: '0', isOthers: false }]);
    // Written since it was looked at, so that it is not what was confirmed any more.
    const other = { plots: [kept], goesBytes: '1' };
    expect(await ana.fault('plots.keep-only', other)).toBe('leaves-otherwise');
    expect((await hosted()).get(gone)?.leavesMs).toBeUndefined();
    await ana.call('plots.keep-only', { plots: [kept], goesBytes: '0' });
    const leaves = [...(await hosted()).values()].filter((plot) => plot.leavesMs !== undefined);
    expect(leaves.map(({ plot }) => plot)).toEqual([gone]);
  });

  test('may be what another device of mine has: that is said, and it can be named', async () => {
    const phrase = ((await ana.call('phrase.show')).words ?? []).join(' ');
    const own = await ask(ana, GB);
    const nas = await startHome('NAS', place.folder, { phrase, ports: { clock } });
    try {
      await pair(nas, ben);
      const its = await ask(nas, GB);
      const [would] = await ana.call('plots.keep-only', { plots: [own] });
      expect(would?.leaves).toMatchObject([{ plot: its, isOthers: true }]);
      const [all] = await ana.call('plots.keep-only', { plots: [own, its], goesBytes: '0' });
      expect(all?.leaves).toEqual([]);
      expect((await hosted()).get(its)?.leavesMs).toBeUndefined();
    } finally {
      await nas.close();
    }
  });
});

describe('renewing for others', () => {
  test('is what a friend may do whom I named, while my computer is away', async () => {
    await cleoComes();
    await pair(ana, cleo);
    const plot = await ask(ana, GB);
    const path = `/v1/plots/${plot}/renewals`;
    const body = () => ({ v: 1, requestId: requestId(), duration: { want: 40 * DAY_S }, why: [] });
    expect((await post(cleo, 'Cleo', path, body())).code).toBe('plot-unknown');
    const named = await ana.call('plots.delegate', { plot, to: 'Cleo', days: 60 });
    expect(named).toMatchObject([{ plot, friend: 'Ben', name: 'Cleo' }]);
    await ana.close();
    await daysGoBy(20);
    // Ben's news tell her that there is something to renew; what and how she asks.
    await until(async () => {
      await cleo.call('friends.try', { friend: 'Ben' });
      await cleo.core.renewDue();
      return (await hosted()).get(plot)?.renewals === 1 ? true : undefined;
    });
    expect((await hosted()).get(plot)?.leftS).toBeGreaterThan(30.9 * DAY_S);
    // It renews and reads nothing.
    const keys = await keysOf(cleo, 'Cleo');
    expect((await send(ben, keys, { path: `/v1/plots/${plot}` })).code).toBe('plot-unknown');
    const repository = `/v1/plots/${plot}/repository/data/`;
    expect((await send(ben, keys, { path: repository })).status).toBe(404);
    ana = await ana.restart();
    expect(await ana.call('plots.delegate', { plot, to: 'Cleo', days: 0 })).toEqual([]);
    expect((await post(cleo, 'Cleo', path, body())).code).toBe('plot-unknown');
  });

  test('is done by another device of mine, if I say so', async () => {
    const phrase = ((await ana.call('phrase.show')).words ?? []).join(' ');
    const plot = await ask(ana, GB);
    const nas = await startHome('NAS', place.folder, { phrase, ports: { clock } });
    try {
      await pair(nas, ben);
      expect(await ana.call('plots.delegate', { plot, to: 'me', days: 60 })).toMatchObject([
        { plot, owner: null, name: null },
      ]);
      await ana.close();
      await daysGoBy(20);
      await until(async () => {
        await nas.call('friends.try', { friend: 'Ben' });
        await nas.core.renewDue();
        return (await hosted()).get(plot)?.renewals === 1 ? true : undefined;
      });
    } finally {
      await nas.close();
    }
    ana = await ana.restart();
  });
});

describe('where the space went', () => {
  test('is what du says, with a backup there and another plot on its way out', async () => {
    const files = join(place.folder, 'files');
    await mkdir(files);
    await writeFile(join(files, 'big.bin'), Buffer.alloc(9_000_000, 'allot'));
    await writeFile(join(files, 'letter.txt'), 'Dear Ben');
    await ana.call('sets.create', { name: 'letters', folders: [files], to: ['Ben'] });
    const job = await ana.job(await ana.call('sets.run', { name: 'letters' }));
    expect(job.state).toBe('done');
    const du = async () => {
      const { stdout } = await run('du', ['-s', '-B1', join(store, 'allotment')]);
      return BigInt(stdout.split('\t')[0] ?? '');
    };
    const space = await ben.call('space.get');
    const sums = [space.dataBytes, space.arrivingBytes, space.leavingBytes, space.overheadBytes];
    expect(sums.reduce((sum, bytes) => sum + BigInt(bytes), 0n)).toBe(BigInt(space.onDiskBytes));
    expect(BigInt(space.onDiskBytes)).toBe(await du());
    const [plot] = await ben.call('plots.hosted');
    expect(space).toMatchObject({
      dataBytes: plot?.writtenBytes,
      arrivingBytes: '0',
      leavingBytes: '0',
      promisedBytes: `${BigInt(plot?.promisedBytes ?? 0) - BigInt(plot?.writtenBytes ?? 0)}`,
      offerBytes: `${100n * GB}`,
      freeBytes: `${100n * GB - BigInt(plot?.promisedBytes ?? 0)}`,
    });
    await ana.call('plots.release', { plot: plot?.plot });
    await until(async () => ((await hosted()).size === 0 ? true : undefined));
    // Nothing asks for it anew in the meantime.
    expect(await ana.call('sets.list')).toMatchObject([{ to: [] }]);
    const after = await ben.call('space.get');
    expect(after).toMatchObject({ dataBytes: '0', promisedBytes: '0', freeBytes: `${100n * GB}` });
    expect(BigInt(after.onDiskBytes)).toBe(await du());
  });
});

describe('what is more than a share since somebody joined', () => {
  beforeEach(async () => {
    // As long as she is the only friend, all of it is her share.
    await ask(ana, 60n * GB);
    await cleoComes();
  });

  test('is shown to the host, asked for, and told to the friend with the amount', async () => {
    expect(await ben.call('shares.over')).toMatchObject([
      { name: 'Ana', shareBytes: `${50n * GB}`, askedMs: null, endsMs: null },
    ]);
    expect(await comes(ben, 'over-share')).toMatchObject({ params: { friend: 'Ana' } });
    await ben.call('shares.ask-less', { friend: 'Ana' });
    expect(await comes(ana, 'share-less')).toMatchObject({
      params: { friend: 'Ben', lessBytes: `${50n * GB}` },
    });
    // What he had said just before may come after what he was asked; then he says it again.
    await until(async () => {
      const [friend] = await ana.call('friends.list');
      return friend?.there?.lessBytes === `${50n * GB}` ? true : undefined;
    });
    // Of Cleo, who is within hers, nothing is asked, whatever is pressed.
    expect(await ben.call('shares.ask-less', { friend: 'Cleo' })).toHaveLength(1);
    expect(await ben.fault('shares.end', { friend: 'Ana', days: 3 })).not.toBe('none');
  });

  test('ends by notice: told to both, not renewed beyond the date, and taken back by a word', async () => {
    const [plot] = [...(await hosted()).keys()];
    const over = await ben.call('shares.end', { friend: 'Ana', days: 30 });
    expect(Math.abs((over[0]?.endsMs ?? 0) - clock.nowMs() - 30 * DAY_MS)).toBeLessThan(60_000);
    const told = await until(async () => {
      const notice = await find(ana, 'share-less');
      return notice?.params['context'] === 'ends' ? notice : undefined;
    });
    expect(Math.abs(Number(told.params['untilMs']) - (over[0]?.endsMs ?? 0))).toBeLessThan(60_000);
    await daysGoBy(20);
    await ana.core.renewDue();
    const leftDays = async () => Math.round(((await hosted()).get(plot ?? '')?.leftS ?? 0) / DAY_S);
    // It was 31 days; the keeper of leases gets no more than was said.
    expect(await leftDays()).toBe(11);
    await daysGoBy(12);
    expect(await ana.call('plots.renew', { plot })).toMatchObject({
      reasons: [{ code: 'stop-renewing' }],
    });
    expect(await ben.call('shares.end', { friend: 'Ana', days: null })).toMatchObject([
      { endsMs: null },
    ]);
    expect(await ana.call('plots.renew', { plot })).toMatchObject({ type: 'granted' });
    expect(await leftDays()).toBe(31);
  });
});

describe('clocks', () => {
  const restOf = async () => Math.round(((await hosted()).values().next().value?.leftS ?? 0) / 60);

  test('that jump a year ahead or back cost nobody a minute of his lease', async () => {
    await ask(ana, GB);
    const before = await restOf();
    for (const jumpMs of [YEAR_MS, -2 * YEAR_MS, YEAR_MS]) {
      wallMs += jumpMs;
      await ben.core.chores();
      await ana.core.chores();
      expect(await restOf()).toBe(before);
      expect((await hosted()).values().next().value).toMatchObject({ state: 'active' });
      // And it goes on being asked, granted and renewed.
      await ask(ana, 100_000_000n);
      await ana.core.renewDue();
    }
    await anHourGoesBy();
    expect((await hosted()).size).toBe(4);
  });

  test('of a computer that slept for 40 days: the lease stood still, and nothing goes when it wakes', async () => {
    const plot = await ask(ana, GB);
    const before = await restOf();
    aheadMs += 40 * DAY_MS;
    await ben.core.chores();
    expect(before - (await restOf())).toBeLessThanOrEqual(2);
    expect((await hosted()).get(plot)?.state).toBe('active');
    // By her own clock Ana's time is over, unless news have had her look already; she asks, and has the whole time again.
    expect(['grace', 'active']).toContain((await mine()).get(plot)?.state);
    await ana.core.renewDue();
    expect((await mine()).get(plot)?.state).toBe('active');
    expect((await mine()).get(plot)?.leftS).toBeGreaterThan(30 * DAY_S);
  });

  test('of a guest that were wrong are put right by what the host says', async () => {
    wallMs = YEAR_MS;
    const plot = await ask(ana, GB);
    wallMs = 0;
    // As it was written down, it would run for more than a year.
    expect((await mine()).get(plot)?.leftS).toBeGreaterThan(390 * DAY_S);
    await ana.call('plots.keep-only', { plots: [plot], goesBytes: '0' });
    expect((await mine()).get(plot)?.leftS).toBeLessThanOrEqual(31 * DAY_S);
  });
});

describe('hoarders', () => {
  test('use up their own share with what they reserve, and both sides are told', async () => {
    await cleoComes();
    await ask(ana, 49n * GB);
    const more = await ana.call('allocations.ask', {
      friend: 'Ben',
      size: `${5n * GB}`,
      durationS: DAY_S,
    });
    expect(more).toMatchObject({ type: 'denied', reasons: [{ code: 'over-share' }] });
    expect(await ask(cleo, 49n * GB)).toBeDefined();
    expect(await comes(ben, 'share-fills')).toMatchObject({ params: { friend: 'Ana' } });
    expect(await comes(ana, 'plot-fills')).toMatchObject({ params: { friend: 'Ben' } });
    // Renewed for ever and never written to: the host sees it.
    await daysGoBy(20);
    await ana.core.renewDue();
    await daysGoBy(11);
    expect(await comes(ben, 'plot-idle')).toMatchObject({ params: { friend: 'Ana' } });
  });
});
