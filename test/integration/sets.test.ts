import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PLAN_AT_FIRST } from '../../shared/model/backup-plan.ts';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';

/** Sets through the doors of real cores: what is refused, what changes, what runs by itself and what stops it. */
let place: Awaited<ReturnType<typeof scratch>>;
let ben: TestHome;
let ana: TestHome;
let files: string;
/** How far both of Ana's clocks are ahead. */
let aheadMs = 0;

beforeEach(async () => {
  aheadMs = 0;
  place = await scratch();
  files = join(place.folder, 'files');
  const store = join(place.folder, 'spare');
  await Promise.all([mkdir(files), mkdir(store)]);
  await writeFile(join(files, 'letter.txt'), 'Dear Ben');
  const clock = {
    nowMs: () => Date.now() + aheadMs,
    monotonicMs: () => performance.now() + aheadMs,
  };
  [ben, ana] = await Promise.all([
    startHome('Ben', place.folder),
    startHome('Ana', place.folder, { ports: { clock } }),
  ]);
  await pair(ana, ben);
  await offer(ben, store);
});
afterEach(async () => {
  await Promise.all([ben.close(), ana.close()]);
  await place.remove();
});

const MINUTE_MS = 60_000;
const create = (more: object = {}) =>
  ana.call('sets.create', { name: 'all', folders: [files], to: ['Ben'], ...more });
const view = async () => (await ana.call('sets.list'))[0];
const backups = async () =>
  (await ana.call('state.snapshot')).jobs.filter(({ kind }) => kind === 'backup');
const faultOf = (channel: 'sets.create' | 'sets.edit', args: object) =>
  ana.core.api[channel](args as never).then((answer) => (answer.ok ? undefined : answer.fault));

describe('a set', () => {
  test('is as safe as its copies, and says when it runs next', async () => {
    expect(await create()).toMatchObject({ safety: 'never', plan: { copies: 1 }, waitsFor: null });
    await ana.job(await ana.call('sets.run', { name: 'all' }));
    const set = await view();
    expect(set).toMatchObject({
      safety: 'safe',
      copies: [{ friend: 'Ben', state: 'complete', fault: null, damagedObjects: 0 }],
      lastFault: null,
    });
    const next = new Date(set?.nextMs ?? 0);
    expect([next.getHours(), next.getMinutes(), next.getTime() > Date.now()]).toEqual([
      12,
      0,
      true,
    ]);
  });

  test('with a plan that makes no sense is refused, with what is wrong with it', async () => {
    const { schedule } = PLAN_AT_FIRST;
    const quietHours = { fromMin: 11 * 60, untilMin: 13 * 60 };
    const set = { name: 'all', folders: [files], to: ['Ben'] };
    const problems = [
      [{ plan: { schedule: { ...schedule, quietHours } } }, 'schedule', 'quiet-then'],
      [{ plan: { copies: 2 } }, 'copies', 'too-many-copies'],
      [{ exclude: ['*.tmp', '!'] }, 'rules', 'bad-pattern'],
    ] as const;
    for (const [more, field, problem] of problems)
      expect(await faultOf('sets.create', { ...set, ...more })).toMatchObject({
        code: 'bad-plan',
        params: { field, problem },
      });
    expect(await ana.call('sets.list')).toEqual([]);
    await create();
    expect(await faultOf('sets.edit', { name: 'all', plan: { copies: 2 } })).toMatchObject({
      code: 'bad-plan',
    });
    expect((await view())?.plan.copies).toBe(1);
  });

  test('changes in what is named and in nothing else', async () => {
    await create();
    const other = join(place.folder, 'other');
    await mkdir(other);
    const schedule = { ...PLAN_AT_FIRST.schedule, every: 'hour' as const };
    await ana.call('sets.edit', { name: 'all', plan: { schedule, protectDays: 3 } });
    expect(await view()).toMatchObject({
      folders: [files],
      to: ['Ben'],
      plan: { ...PLAN_AT_FIRST, schedule, protectDays: 3 },
    });
    await ana.call('sets.edit', { name: 'all', folders: [files, other] });
    expect(await view()).toMatchObject({ folders: [files, other], plan: { schedule } });
    expect(await ana.fault('sets.edit', { name: 'all', folders: ['/not/there'] })).toBe(
      'folder-missing',
    );
    expect(await ana.fault('sets.edit', { name: 'none' })).toBe('set-unknown');
  });

  test('is dropped with what lies at friends’ only by its name', async () => {
    await create();
    await ana.job(await ana.call('sets.run', { name: 'all' }));
    expect(await ana.fault('sets.drop', { name: 'all', release: true })).toBe('wrong-name');
    expect(await ana.call('plots.mine')).toHaveLength(1);
    await ana.call('sets.drop', { name: 'all', release: true, confirm: 'all' });
    expect([await ana.call('sets.list'), await ana.call('plots.mine')]).toEqual([[], []]);
    await until(async () => ((await ben.call('plots.hosted')).length === 0 ? true : undefined));
    // The name is free again, and begins with nothing.
    await create();
    expect(await view()).toMatchObject({ safety: 'never', copies: [{ state: 'empty' }] });
  });

  test('that is only dropped leaves its copies where they are', async () => {
    await create();
    await ana.job(await ana.call('sets.run', { name: 'all' }));
    await ana.call('sets.drop', { name: 'all', release: false });
    expect([await ana.call('sets.list'), (await ana.call('plots.mine')).length]).toEqual([[], 1]);
  });

  test('loses nobody by a letter that an id begins with', async () => {
    await create();
    const [friend] = (await ana.call('state.snapshot')).friends;
    const from = friend?.owner.slice(0, 5) ?? '';
    expect(await ana.fault('sets.replace', { name: 'all', from, to: null })).toBe('friend-unknown');
    expect((await view())?.to).toEqual(['Ben']);
  });

  test('that nobody keeps any more says so', async () => {
    await create();
    expect(await ana.fault('sets.replace', { name: 'all', from: 'Cleo', to: null })).toBe(
      'friend-unknown',
    );
    const set = await ana.call('sets.replace', { name: 'all', from: 'Ben', to: null });
    expect(set).toMatchObject({ to: [], safety: 'at-risk', copies: [] });
    // A friend still, who keeps nothing of it.
    expect(await ana.fault('sets.replace', { name: 'all', from: 'Ben', to: null })).toBe(
      'no-copy-there',
    );
  });
});

test('what a first backup would take is counted before it', async () => {
  await writeFile(join(files, 'large.bin'), Buffer.alloc(3_000_000));
  const rules = { ...PLAN_AT_FIRST.rules, exclude: ['*.bin'] };
  const job = await ana.job(await ana.call('sets.estimate', { folders: [files], rules }));
  expect(job.state).toBe('done');
  expect(await ana.call('sets.estimated', { job: job.id })).toMatchObject({
    files: 1,
    bytes: '8',
    skipped: { excludedFiles: 1, excludedBytes: '3000000' },
  });
  expect(await ana.fault('sets.estimated', { job: 'none' })).toBe('job-unknown');
});

describe('by itself', () => {
  test('a set runs some minutes after it was made', async () => {
    await create();
    await ana.core.chores();
    expect(await backups()).toEqual([]);
    aheadMs = 11 * MINUTE_MS;
    await ana.core.chores();
    const [job] = await until(async () => {
      const all = await backups();
      return all.length > 0 ? all : undefined;
    });
    if (job === undefined) throw new Error('nothing began');
    expect((await ana.job(job)).state).toBe('done');
    expect(await view()).toMatchObject({ safety: 'safe' });
  });

  test('a run that is paused stops where it is and goes on afterwards, within the limits of the line', async () => {
    await ana.call('settings.set', { uploadBytesPerS: 50_000 });
    await writeFile(join(files, 'noise.bin'), randomBytes(3_000_000));
    await create();
    const job = await ana.call('sets.run', { name: 'all' });
    // At that rate it takes a minute.
    await until(async () => {
      const [friend] = await ben.call('friends.list');
      return BigInt(friend?.here.arrivingBytes ?? 0) > 1_000_000n ? true : undefined;
    });
    await ana.call('sets.pause', { until: 'hour' });
    expect((await ana.job(job)).state).toBe('cancelled');
    expect(await view()).toMatchObject({ lastFault: null, lastRunMs: null });
    expect((await view())?.pausedUntilMs).toBeGreaterThan(Date.now());
    aheadMs = 30 * MINUTE_MS;
    await ana.core.chores();
    expect(await backups()).toHaveLength(1);
    expect((await view())?.waitsFor).toBe('pause');
    await ana.call('settings.set', { uploadBytesPerS: null });
    aheadMs = 61 * MINUTE_MS;
    await ana.core.chores();
    const next = await until(async () => (await backups()).find(({ id }) => id !== job.id));
    expect((await ana.job(next)).state).toBe('done');
    expect(await view()).toMatchObject({ safety: 'safe', pausedUntilMs: null });
  });
});
