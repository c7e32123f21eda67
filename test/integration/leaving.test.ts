import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase, type Sql } from '../../electron/core/database/open-database.ts';
import type { Clock } from '../../electron/core/ports.ts';
import { createTranslator } from '../../electron/headless/translator.ts';
import type { NoticeView } from '../../shared/contract/views.ts';
import { sayDecision } from '../../shared/words/say.ts';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';

/** Ben keeps something of Ana's, Ana something of Ben's, and one of them ends it. */
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

let place: Awaited<ReturnType<typeof scratch>>;
let store: string;
let ben: TestHome;
let ana: TestHome;
/** Ben's clock runs as it does, and as far ahead as a test has put it. */
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
  ben = await startHome('Ben', place.folder, { ports: { clock } });
  ana = await startHome('Ana', place.folder);
  await pair(ana, ben);
  await offer(ben, store);
});
afterEach(async () => {
  await Promise.all([ben.close(), ana.close()]);
  await place.remove();
});

const find = async (home: TestHome, kind: NoticeView['kind']) => {
  await home.core.chores();
  return (await home.call('state.snapshot')).notices.find((notice) => notice.kind === kind);
};
/** What a friend's news bring. */
const comes = (home: TestHome, kind: NoticeView['kind']) => until(() => find(home, kind));
const goes = (home: TestHome, kind: NoticeView['kind']) =>
  until(async () => ((await find(home, kind)) === undefined ? true : undefined));
const friendOf = async (home: TestHome) => (await home.call('friends.list'))[0];
const plotsOnDisk = () => readdir(join(store, 'allotment', 'plots')).catch(() => []);
const nothingOnDisk = () =>
  until(async () => ((await plotsOnDisk()).length === 0 ? true : undefined));
const ask = { friend: 'Ben', size: '1000000', durationS: 86_400 };

/** A set of Ana's that Ben keeps; its folder. */
async function keepSomething(name = 'letters', to = ['Ben']): Promise<string> {
  const files = join(place.folder, `files of ${name}`);
  await mkdir(files);
  await writeFile(join(files, 'letter'), randomBytes(50_000));
  await ana.call('sets.create', { name, folders: [files], to });
  expect((await run(name)).state).toBe('done');
  return files;
}
const run = async (name = 'letters') => ana.job(await ana.call('sets.run', { name }));

/** Ben's books while Ben is not running, as a crash or a long time leave them. */
async function inBooks(change: (sql: Sql) => void): Promise<void> {
  await ben.close();
  const opened = openDatabase(join(place.folder, 'home of Ben', 'allotment.sqlite'));
  if (!opened.ok) throw new Error(opened.fault.code);
  change(opened.value);
  opened.value.close();
  ben = await ben.restart();
}

/** So many days on which Ben's computer was on, the last of them over just now. */
async function daysGoBy(days: number): Promise<void> {
  aheadMs += days * DAY_MS;
  const more = "UPDATE meta SET value = CAST(value AS INTEGER) + ? WHERE key = 'service-s'";
  await inBooks((sql) => void sql.prepare(more).run(days * 86_400));
}

async function minutesGoBy(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    aheadMs += MINUTE_MS;
    await ben.core.chores();
  }
}

test('in thirty days: nothing new, but what is there stays until then, and goes after an hour of grace', async () => {
  const files = await keepSomething();
  const nowMs = clock.nowMs();
  const left = await ben.call('friends.leave', { friend: 'Ana', days: 30 });
  expect(left.leaving?.by).toBe('here');
  expect(Math.abs((left.leaving?.atMs ?? 0) - nowMs - 30 * DAY_MS)).toBeLessThan(MINUTE_MS);
  expect(left.here).toMatchObject({ mayAskBytes: '0' });
  const told = await comes(ana, 'friend-leaves');
  expect(told).toMatchObject({ level: 'alarm', params: { friend: 'Ben' } });
  expect(Number(told.params['writtenBytes'])).toBeGreaterThan(50_000);
  expect(await friendOf(ana)).toMatchObject({ leaving: { by: 'there' } });

  expect(await ana.call('allocations.ask', ask)).toMatchObject({
    type: 'denied',
    reasons: [{ code: 'leaving' }],
  });
  await writeFile(join(files, 'another'), randomBytes(50_000));
  expect(await run()).toMatchObject({ state: 'done', result: { copies: 1 } });

  await daysGoBy(29);
  expect(await friendOf(ben)).toMatchObject({ departed: false });
  const out = join(place.folder, 'out');
  const back = await ana.job(await ana.call('sets.restore', { name: 'letters', to: out }));
  expect(back.state).toBe('done');
  expect(await readFile(join(out, 'files of letters', 'another'))).toEqual(
    await readFile(join(files, 'another')),
  );

  await daysGoBy(1);
  await minutesGoBy(58);
  expect(await friendOf(ben)).toMatchObject({ departed: false });
  expect(await plotsOnDisk()).toHaveLength(1);
  await minutesGoBy(3);
  expect(await friendOf(ben)).toMatchObject({ departed: true, leaving: null });
  await nothingOnDisk();
  await until(async () => ((await ben.call('plots.hosted')).length === 0 ? true : undefined));
  const [erased, ended] = await ben.call('decisions.list', { friend: 'Ana' });
  expect([erased?.kind, ended?.kind]).toEqual(['erase', 'reclaim']);
  const t = await createTranslator();
  expect(ended && sayDecision(t, ended)).toMatch(/^The friendship with Ana is over\. [0-9.]+ kB/);

  expect(await comes(ana, 'friend-left')).toMatchObject({ params: { context: 'nothing' } });
  await goes(ana, 'friend-leaves');
  // Her backup was fresh, but there is no copy of it any more.
  expect(await find(ana, 'backup-stale')).toMatchObject({ params: { context: 'nobody' } });
  expect(await ana.call('plots.mine')).toMatchObject([{ state: 'gone' }]);
});

test('taken back, everything is as it was, and the friend hears of it', async () => {
  await keepSomething();
  await ben.call('friends.leave', { friend: 'Ana', days: 1 });
  await comes(ana, 'friend-leaves');
  expect(await ben.call('friends.stay', { friend: 'Ana' })).toMatchObject({ leaving: null });
  await goes(ana, 'friend-leaves');
  expect(await friendOf(ana)).toMatchObject({ leaving: null });
  expect((await ana.call('allocations.ask', ask)).type).toBe('granted');
  await daysGoBy(2);
  await minutesGoBy(61);
  expect(await friendOf(ben)).toMatchObject({ departed: false });
  expect(await plotsOnDisk()).not.toEqual([]);
});

test('at once needs the name, deletes, is told, and gives up what lies at the other’s', async () => {
  await keepSomething();
  const spare = join(place.folder, 'spare of Ana');
  await mkdir(spare);
  await offer(ana, spare);
  const mine = await ben.call('allocations.ask', { ...ask, friend: 'Ana' });
  expect(mine.type).toBe('granted');
  for (const name of [undefined, 'Anna', ''])
    expect(await ben.fault('friends.leave', { friend: 'Ana', days: 0, name })).toBe('wrong-name');
  expect(await friendOf(ben)).toMatchObject({ departed: false, leaving: null });

  const left = await ben.call('friends.leave', { friend: 'Ana', days: 0, name: 'Ana' });
  expect(left).toMatchObject({ departed: true, leaving: null });
  await nothingOnDisk();
  expect(await ben.call('plots.mine')).toEqual([]);
  await until(async () => {
    await ana.core.chores();
    return (await ana.call('plots.hosted')).length === 0 ? true : undefined;
  });
  for (const channel of ['friends.stay', 'friends.block', 'friends.try'] as const)
    expect(await ben.fault(channel, { friend: 'Ana' })).toBe('friend-unknown');
  expect(await ben.fault('friends.leave', { friend: 'Ana', days: 1 })).toBe('friend-unknown');
  expect(await ben.call('decisions.list', { friend: 'Ana' })).not.toEqual([]);
  expect(await ana.call('allocations.ask', ask)).toMatchObject({
    reasons: [{ code: 'unknown-peer' }],
  });
  expect(await comes(ana, 'friend-left')).toMatchObject({ params: { context: 'nothing' } });
});

test('who had a backup at the friend’s loses that copy, and hears that the set is at risk', async () => {
  const cleo = await startHome('Cleo', place.folder);
  try {
    const spare = join(place.folder, 'spare of Cleo');
    await mkdir(spare);
    await pair(ana, cleo);
    await offer(cleo, spare);
    await keepSomething('only at Ben’s');
    await keepSomething('at both', ['Ben', 'Cleo']);
    await ana.call('friends.leave', { friend: 'Ben', days: 0, name: 'Ben' });
    // Ben answered, so he need not keep what nobody will fetch.
    await nothingOnDisk();
    const sets = await ana.call('sets.list');
    expect(sets.map(({ name, to }) => [name, to])).toEqual([
      ['at both', ['Cleo']],
      ['only at Ben’s', []],
    ]);
    expect((await ana.call('plots.mine')).map(({ friend }) => friend)).toEqual(['Cleo']);
    expect(await find(ana, 'backup-stale')).toMatchObject({
      level: 'alarm',
      params: { set: 'only at Ben’s', context: 'nobody' },
    });
    expect(await run('only at Ben’s')).toMatchObject({
      state: 'failed',
      fault: { key: 'fault.nobody-keeps' },
    });
    expect(await ana.fault('sets.snapshots', { name: 'only at Ben’s' })).toBe('nobody-keeps');
    expect(await run('at both')).toMatchObject({ state: 'done', result: { copies: 1 } });
  } finally {
    await cleo.close();
  }
});

test('a backup that is under way when it ends leaves nothing on the disk', async () => {
  const files = await keepSomething();
  await writeFile(join(files, 'big'), randomBytes(60_000_000));
  // At that rate it takes a minute: what is under way can be seen, and is when it ends.
  await ana.call('settings.set', { uploadBytesPerS: 1_000_000 });
  const job = await ana.call('sets.run', { name: 'letters' });
  await until(async () =>
    (await ben.call('friends.list')).find(({ here }) => here.arrivingBytes !== '0'),
  );
  await ben.call('friends.leave', { friend: 'Ana', days: 0, name: 'Ana' });
  expect(await ana.job(job)).toMatchObject({ state: 'failed' });
  await nothingOnDisk();
  const { offer: after } = await ben.call('status.get');
  expect(after).toMatchObject({ promisedBytes: '0', writtenBytes: '0' });
});

test('a crash before the end is done loses nothing of the word that was given', async () => {
  await keepSomething();
  // The word was written down, and nothing was done yet.
  await inBooks((sql) => void sql.exec('UPDATE friends SET leaving_service = 0'));
  await until(async () => ((await friendOf(ben))?.departed === true ? true : undefined));
  await ben.core.chores();
  await nothingOnDisk();
});

test('a crash right after the departure leaves nothing half done', async () => {
  await keepSomething();
  const spare = join(place.folder, 'spare of Ana');
  const files = join(place.folder, 'files of Ben');
  await mkdir(spare);
  await mkdir(files);
  await writeFile(join(files, 'one'), 'one');
  await offer(ana, spare);
  await ben.call('sets.create', { name: 'mine', folders: [files], to: ['Ana'] });
  expect((await ben.job(await ben.call('sets.run', { name: 'mine' }))).state).toBe('done');
  await inBooks((sql) => {
    sql.exec('UPDATE friends SET departed = 1');
    sql.exec("UPDATE plots SET state = 'released', ended_service = 0");
  });
  await ben.core.chores();
  await nothingOnDisk();
  expect(await ben.call('plots.mine')).toEqual([]);
  expect(await ben.call('sets.list')).toMatchObject([{ name: 'mine', to: [] }]);
  expect(await ben.call('plots.hosted')).toEqual([]);
});

test('friends again, they begin anew: with no space of before, and backups that find a place', async () => {
  await keepSomething();
  await ben.call('policy.set', {
    friend: 'Ana',
    policy: { guards: {}, grounds: [{ kind: 'always' }] },
  });
  await ben.call('friends.leave', { friend: 'Ana', days: 0, name: 'Ana' });
  await nothingOnDisk();
  await pair(ana, ben);
  expect(await friendOf(ben)).toMatchObject({
    departed: false,
    leaving: null,
    here: { ground: 'fair-share', ownPolicy: false, writtenBytes: '0' },
  });
  await goes(ana, 'friend-left');
  // Whoever told Ana of her plot's end is not asked again so soon; the run finds it and asks for another.
  expect((await run()).state).toBe('done');
  expect(await plotsOnDisk()).toHaveLength(1);
});

test('two friends of one name can only be told apart by more than the name', async () => {
  const other = await startHome('Another', place.folder);
  try {
    await pair(other, ben);
    await ben.call('friends.rename', { friend: 'Another', petName: ' Ana ' });
    expect((await ben.call('friends.list')).map(({ name }) => name)).toEqual(['Ana', 'Ana']);
    expect(await ben.fault('friends.leave', { friend: 'ana', days: 1 })).toBe('friend-ambiguous');
    const [first] = await ben.call('friends.list');
    await ben.call('friends.leave', { friend: first?.owner, days: 0, name: 'Ana' });
    // Who is a friend no longer is in nobody's way.
    expect(await ben.call('friends.leave', { friend: 'ana', days: 1 })).toMatchObject({
      ownName: 'Another',
    });
    for (const petName of ['x'.repeat(81), 'A\u0007', 'A\nB'])
      expect(await ben.fault('friends.rename', { friend: 'ana', petName })).toBe('bad-arguments');
  } finally {
    await other.close();
  }
});

test('a blocked friend hears no more than that nothing may be asked for, and fetches what there is', async () => {
  await keepSomething();
  await until(async () => ((await friendOf(ana))?.there?.mayAskBytes === '0' ? undefined : true));
  await ben.call('friends.block', { friend: 'Ana' });
  await until(async () => ((await friendOf(ana))?.there?.mayAskBytes === '0' ? true : undefined));
  expect(await friendOf(ana)).toMatchObject({ leaving: null, presence: { trouble: null } });
  expect(await ana.call('allocations.ask', ask)).toMatchObject({ reasons: [{ code: 'blocked' }] });
  const out = join(place.folder, 'out');
  const back = await ana.job(await ana.call('sets.restore', { name: 'letters', to: out }));
  expect(back.state).toBe('done');
  await ben.call('friends.unblock', { friend: 'Ana' });
  expect((await ana.call('allocations.ask', ask)).type).toBe('granted');
});
