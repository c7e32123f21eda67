import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../electron/core/database/open-database.ts';
import type { Clock } from '../../electron/core/ports.ts';
import type { NoticeView, Plain } from '../../shared/contract/views.ts';
import type { Answer } from '../../shared/model/allocate.ts';
import { GB } from '../../shared/units.ts';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';

/**
 * Ben offers 100 GB to Ana and Cleo, half each. Nobody writes that much: what is promised is what counts.
 */
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const WEEK_S = 7 * 86_400;

let place: Awaited<ReturnType<typeof scratch>>;
let store: string;
let ben: TestHome;
let ana: TestHome;
let cleo: TestHome;
/** Everybody's clock runs as it does, and as far ahead as a test has put it. */
let aheadMs: number;
const clock: Clock = {
  nowMs: () => Date.now() + aheadMs,
  monotonicMs: () => performance.now() + aheadMs,
};

beforeEach(async () => {
  aheadMs = 0;
  place = await scratch();
  store = join(place.folder, 'spare');
  await mkdir(store);
  const space = { read: async () => ({ freeBytes: 1000n * GB, totalBytes: 2000n * GB }) };
  ben = await startHome('Ben', place.folder, { ports: { clock, space } });
  ana = await startHome('Ana', place.folder, { ports: { clock } });
  cleo = await startHome('Cleo', place.folder, { ports: { clock } });
  await pair(ana, ben);
  await pair(cleo, ben);
  await offer(ben, store, 100n * GB);
  await fair(undefined);
});
afterEach(async () => {
  await Promise.all([ben.close(), ana.close(), cleo.close()]);
  await place.remove();
});

const fair = (friend: string | undefined, guards = {}, more = {}) =>
  ben.call('policy.set', {
    ...(friend === undefined ? {} : { friend }),
    policy: { guards, grounds: [{ kind: 'fair-share', weight: 1, ...more }] },
  });
const ask = (home: TestHome, size: bigint, more = {}) =>
  home.call('allocations.ask', {
    friend: 'Ben',
    size: `${size}`,
    durationS: 31 * 86_400,
    ...more,
  });
const borrow = (home: TestHome, size: bigint) =>
  ask(home, size, { accept: 'borrowed', durationS: WEEK_S });
const wishes = (home: TestHome) => home.call('wishes.list');
const plotsOf = async (home: TestHome) =>
  (await home.call('plots.mine')).map(({ class: plotClass, sizeBytes }) => [plotClass, sizeBytes]);
const find = async (home: TestHome, kind: NoticeView['kind']) => {
  await home.core.chores();
  return (await home.call('state.snapshot')).notices.find((notice) => notice.kind === kind);
};
const comes = (home: TestHome, kind: NoticeView['kind']) => until(() => find(home, kind));

function plotIn(answer: Plain<Answer>): string {
  if (answer.type !== 'granted') throw new Error(JSON.stringify(answer));
  return answer.plot;
}
function ticketIn(answer: Plain<Answer>): string {
  if (answer.type !== 'pending') throw new Error(JSON.stringify(answer));
  return answer.ticket;
}

async function keepSomething(home: TestHome, name: string, plot: string): Promise<void> {
  const body = randomBytes(5000);
  const object = createHash('sha256').update(body).digest('hex');
  const path = `/v1/plots/${plot}/repository/data/${object}`;
  expect((await send(ben, await keysOf(home, name), { path, body })).status).toBe(200);
}

/** Told that there is an answer, a home need not wait for its next question. */
const nothingPends = (home: TestHome) =>
  until(async () => {
    await home.core.chores();
    return (await wishes(home)).length === 0 ? true : undefined;
  });

/** So many days on which Ben's computer was on; Ana's and Cleo's were too, if somebody looks. */
async function daysGoBy(days: number): Promise<void> {
  await ben.close();
  const opened = openDatabase(join(place.folder, 'home of Ben', 'allotment.sqlite'));
  if (!opened.ok) throw new Error(opened.fault.code);
  const more = "UPDATE meta SET value = CAST(value AS INTEGER) + ? WHERE key = 'service-s'";
  opened.value.prepare(more).run(days * 86_400);
  opened.value.close();
  aheadMs += days * DAY_MS;
  ben = await ben.restart();
}
async function minutesGoBy(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    aheadMs += MINUTE_MS;
    await ben.core.chores();
  }
}

describe('what is lent', () => {
  test('goes back by itself to whoever has not had his share, after its borrower has heard of it twice', async () => {
    plotIn(await ask(ana, 49n * GB));
    const loan = plotIn(await borrow(ana, 45n * GB));
    // Whoever has nothing there is not told when it goes.
    await keepSomething(ana, 'Ana', loan);
    await until(async () => {
      const [friend] = await ana.call('friends.list');
      return BigInt(friend?.there?.lentBytes ?? 0) > 0n ? true : undefined;
    });
    const ticket = ticketIn(await ask(cleo, 40n * GB));
    expect(await wishes(cleo)).toMatchObject([{ friend: 'Ben', why: 'queue' }]);
    expect(await ben.call('requests.list')).toMatchObject([{ friend: 'Cleo', why: 'queue' }]);
    // While somebody waits nothing more is lent, and nothing that is lent is renewed.
    expect((await borrow(ana, GB)).type).toBe('denied');
    expect(await ana.call('plots.renew', { plot: loan })).toMatchObject({
      reasons: [{ code: 'lent-wanted' }],
    });
    const stateOf = async () =>
      (await ben.call('plots.hosted')).find(({ plot }) => plot === loan)?.state;
    const path = `/v1/allocations/${ticket}`;
    const dayGoesBy = async () => {
      await daysGoBy(0.95);
      // Cleo's computer asks at least once a day, and Ben's, though restarted, knows of it.
      const polled = await send(ben, await keysOf(cleo, 'Cleo'), { path });
      expect(JSON.parse(polled.body.toString())).toMatchObject({ type: 'pending', ticket });
    };
    for (let day = 0; day < 6; day += 1) await dayGoesBy();
    expect(await comes(ana, 'lease-ends')).toMatchObject({ params: { context: 'lent' } });
    for (let day = 0; day < 2; day += 1) await dayGoesBy();
    await until(async () => ((await stateOf()) === 'grace' ? true : undefined));
    await until(async () => {
      const notice = await find(ana, 'lease-ends');
      return notice?.params['context'] === 'lent-over' ? true : undefined;
    });
    for (let day = 0; day < 2; day += 1) await dayGoesBy();
    await minutesGoBy(55);
    expect(await stateOf()).toBe('reclaimable');
    expect(await plotsOf(ana)).toHaveLength(2);
    await minutesGoBy(10);
    await nothingPends(cleo);
    expect(await plotsOf(cleo)).toEqual([['guaranteed', `${40n * GB}`]]);
    expect(await stateOf()).toBeUndefined();
    const [reclaimed] = await ben.call('decisions.list', { friend: 'Ana', kinds: ['reclaim'] });
    expect(reclaimed).toMatchObject({ plot: loan, params: { context: 'lent' } });
    await until(async () => {
      await ana.core.chores();
      const live = (await ana.call('plots.mine')).filter(({ state }) => state !== 'gone');
      return live.length === 1 ? true : undefined;
    });
  });

  test('is renewed for as long as nobody waits, and under a strict split there is none', async () => {
    plotIn(await ask(ana, 49n * GB));
    const loan = plotIn(await borrow(ana, 30n * GB));
    await daysGoBy(6);
    expect(await ana.call('plots.renew', { plot: loan })).toMatchObject({
      type: 'granted',
      class: 'borrowed',
      ttl: WEEK_S,
    });
    await fair('Cleo', {}, { strict: true });
    plotIn(await ask(cleo, 10n * GB));
    // Of two that say no, the one that would let less pass is what keeps her from more.
    expect(await borrow(cleo, 45n * GB)).toMatchObject({
      reasons: [{ code: 'no-space' }, { code: 'over-share' }],
    });
  });
});

describe('the owner’s own word', () => {
  const asksFor = async (home: TestHome) => ticketIn(await ask(home, 2n * GB));
  const answer = (ticket: string, yes: boolean) => ben.call('requests.answer', { ticket, yes });

  test('a yes becomes a plot by itself, whoever was off or restarted in between', async () => {
    await fair('Ana', { askAboveBytes: `${GB}` });
    plotIn(await ask(ana, GB));
    const ticket = await asksFor(ana);
    expect(await comes(ben, 'friend-asks')).toMatchObject({
      level: 'warning',
      params: { friend: 'Ana', requestedBytes: `${2n * GB}` },
    });
    ben = await ben.restart();
    ana = await ana.restart();
    expect(await wishes(ana)).toMatchObject([{ ticket, why: 'owner-approval' }]);
    await ana.close();
    await answer(ticket, true);
    await until(async () => ((await find(ben, 'friend-asks')) === undefined ? true : undefined));
    expect(await ben.call('requests.list')).toMatchObject([{ ticket, answered: true }]);
    ana = await ana.restart();
    await nothingPends(ana);
    expect(await plotsOf(ana)).toEqual(expect.arrayContaining([['guaranteed', `${2n * GB}`]]));
    expect(await ben.call('requests.list')).toEqual([]);
    expect(await ben.fault('requests.answer', { ticket, yes: true })).toBe('request-unknown');
  });

  test('a no is heard at once, and gives nothing', async () => {
    await fair('Ana', { askAboveBytes: '0' });
    const ticket = await asksFor(ana);
    await answer(ticket, false);
    await nothingPends(ana);
    expect(await ana.call('plots.mine')).toEqual([]);
    const [said] = await ben.call('decisions.list', { friend: 'Ana' });
    expect(said).toMatchObject({ outcome: 'denied', code: 'owner-said-no' });
    // Nor is he asked every night: for as much or more the no holds, until he sets something else.
    expect(await ask(ana, 2n * GB)).toMatchObject({ reasons: [{ code: 'owner-said-no' }] });
    expect((await ask(ana, GB)).type).toBe('pending');
    await fair('Ana', { askAboveBytes: '0' });
    expect((await ask(ana, 2n * GB)).type).toBe('pending');
  });

  test('what was withdrawn asks nobody any more; what nobody asks about for a day lapses', async () => {
    await fair('Ana', { askAboveBytes: '0' });
    const ticket = await asksFor(ana);
    expect(await ana.call('wishes.withdraw', { ticket })).toEqual({ withdrawn: true });
    expect(await ana.call('wishes.withdraw', { ticket })).toEqual({ withdrawn: false });
    expect(await ben.call('requests.list')).toEqual([]);
    await asksFor(ana);
    await ana.close();
    await daysGoBy(1.1);
    expect(await ben.call('requests.list')).toEqual([]);
    ana = await ana.restart();
    await nothingPends(ana);
    expect(await ana.call('plots.mine')).toEqual([]);
  });

  test('quiet hours give nothing new, and cost nobody what he waits for', async () => {
    await fair('Ana', { askAboveBytes: '0' });
    const ticket = await asksFor(ana);
    const quietHours = { fromMin: 0, untilMin: 0 };
    await fair('Ana', { askAboveBytes: '0', quietHours });
    expect(await ask(ana, GB)).toMatchObject({
      type: 'denied',
      reasons: [{ code: 'quiet-hours', params: { until: '00:00' } }],
    });
    await answer(ticket, true);
    aheadMs += 11 * MINUTE_MS;
    await ana.core.chores();
    expect(await wishes(ana)).toHaveLength(1);
    await fair('Ana', { askAboveBytes: '0' });
    aheadMs += 11 * MINUTE_MS;
    await ana.core.chores();
    await nothingPends(ana);
    expect(await plotsOf(ana)).toEqual([['guaranteed', `${2n * GB}`]]);
  });

  test('a host’s other device does not end a wait that it knows nothing of', async () => {
    await fair('Ana', { askAboveBytes: '0' });
    await asksFor(ana);
    const phrase = ((await ben.call('phrase.show')).words ?? []).join(' ');
    const laptop = await startHome('Laptop', place.folder, { phrase, ports: { clock } });
    try {
      await pair(ana, laptop);
      await ben.close();
      for (let minute = 0; minute < 5; minute += 1) {
        aheadMs += 11 * MINUTE_MS;
        await ana.core.chores();
      }
      expect(await wishes(ana)).toHaveLength(1);
      ben = await ben.restart();
      const [request] = await ben.call('requests.list');
      await answer(request?.ticket ?? '', true);
      await until(async () => {
        aheadMs += MINUTE_MS;
        await ana.core.chores();
        return (await wishes(ana)).length === 0 ? true : undefined;
      });
      expect(await plotsOf(ana)).toHaveLength(1);
    } finally {
      await laptop.close();
    }
  });

  test('another device of the friend may ask about it, nobody else may, and a repetition is the same', async () => {
    await fair('Ana', { askAboveBytes: '0' });
    const phrase = ((await ana.call('phrase.show')).words ?? []).join(' ');
    const nas = await startHome('NAS', place.folder, { phrase, ports: { clock } });
    try {
      await pair(nas, ben);
      const requestId = randomBytes(16).toString('base64url');
      const body = JSON.stringify({
        v: 1,
        requestId,
        size: `${GB}`,
        duration: { want: 86_400 },
        why: [],
      });
      const repeat = async () =>
        send(ben, await keysOf(ana, 'Ana'), { path: '/v1/allocations', body });
      const first = JSON.parse((await repeat()).body.toString()) as Plain<Answer>;
      const ticket = ticketIn(first);
      expect(JSON.parse((await repeat()).body.toString())).toMatchObject({ ticket });
      const path = `/v1/allocations/${ticket}`;
      const poll = async (home: TestHome, name: string) =>
        send(ben, await keysOf(home, name), { path });
      expect(JSON.parse((await poll(nas, 'NAS')).body.toString())).toMatchObject({ ticket });
      expect(await poll(cleo, 'Cleo')).toMatchObject({ status: 404, code: 'ticket-unknown' });
      await answer(ticket, true);
      const granted = JSON.parse((await poll(nas, 'NAS')).body.toString()) as Plain<Answer>;
      const plot = plotIn(granted);
      expect(JSON.parse((await repeat()).body.toString())).toMatchObject({ plot });
      expect(await ben.call('plots.hosted')).toHaveLength(1);
    } finally {
      await nas.close();
    }
  });
});

describe('backups', () => {
  async function files(name: string): Promise<string> {
    const folder = join(place.folder, `files of ${name}`);
    await mkdir(folder);
    await writeFile(join(folder, 'letter'), randomBytes(50_000));
    return folder;
  }
  const run = async (name: string) => ana.job(await ana.call('sets.run', { name }));

  test('ask once for each copy, wait without alarm, and go on when the owner has said yes', async () => {
    await fair('Ana', { askAboveBytes: '0' });
    await ana.call('sets.create', { name: 'letters', folders: [await files('a')], to: ['Ben'] });
    for (let night = 0; night < 3; night += 1)
      expect(await run('letters')).toMatchObject({
        state: 'failed',
        fault: { key: 'fault.waits', params: { friend: 'Ben', why: 'owner-approval' } },
      });
    expect(await find(ana, 'backup-failed')).toBeUndefined();
    const [request, ...others] = await ben.call('requests.list');
    expect(others).toEqual([]);
    await ben.call('requests.answer', { ticket: request?.ticket, yes: true });
    expect((await run('letters')).state).toBe('done');
    expect(await ana.call('plots.mine')).toMatchObject([{ set: 'letters' }]);
    expect(await wishes(ana)).toEqual([]);
  });

  test('take the shorter time that a friend allows', async () => {
    await fair('Ana', { maxDurationS: WEEK_S });
    await ana.call('sets.create', { name: 'brief', folders: [await files('b')], to: ['Ben'] });
    expect((await run('brief')).state).toBe('done');
  });

  test('put a second copy where it is lent, never the only one, and ask anew when it had to go', async () => {
    const spare = join(place.folder, 'spare of Cleo');
    await mkdir(spare);
    await pair(ana, cleo);
    plotIn(await ask(ana, 49n * GB));
    await offer(cleo, spare, 1n * GB);
    await ana.call('sets.create', { name: 'one', folders: [await files('one')], to: ['Ben'] });
    plotIn(await ask(ana, 400_000_000n));
    expect(await run('one')).toMatchObject({
      state: 'failed',
      fault: { key: 'fault.refused', params: { denial: 'over-share' } },
    });
    const to = ['Cleo', 'Ben'];
    await ana.call('sets.create', { name: 'two', folders: [await files('two')], to });
    expect(await run('two')).toMatchObject({ state: 'done', result: { copies: 2 } });
    const copies = async () =>
      (await ana.call('plots.mine'))
        .filter(({ set }) => set === 'two')
        .map(({ friend, class: plotClass }) => `${friend}: ${plotClass}`)
        .toSorted();
    expect(await copies()).toEqual(['Ben: borrowed', 'Cleo: guaranteed']);
    const onDisk = () => readdir(join(store, 'allotment', 'plots'));
    const [lent, ...others] = await onDisk();
    expect(others).toEqual([]);

    // Past its time and its grace, and then Cleo wants what is hers.
    await daysGoBy(9.5);
    await ben.call('offer.set', {
      folder: store,
      offerBytes: `${55n * GB}`,
      keepFreeBytes: '0',
    });
    ticketIn(await ask(cleo, 4_800_000_000n));
    expect(await onDisk()).toEqual([lent]);
    await minutesGoBy(62);
    await until(async () => ((await onDisk()).length === 0 ? true : undefined));
    await nothingPends(cleo);
    expect(await run('two')).toMatchObject({ state: 'done', result: { copies: 2 } });
    expect(await copies()).toEqual(['Ben: borrowed', 'Cleo: guaranteed']);
    expect(await onDisk()).not.toEqual([lent]);
  });
});
