import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GB, offer, pair, scratch, startHome, type TestHome } from '../fakes/homes.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';

/** The owner's side of sharing, through the door: where, how much, what that would mean, how it went. */
let place: Awaited<ReturnType<typeof scratch>>;
let ben: TestHome;
let nowMs: number;

beforeEach(async () => {
  place = await scratch();
  nowMs = Date.now();
  const clock = { nowMs: () => nowMs, monotonicMs: () => performance.now() };
  ben = await startHome('Ben', place.folder, { ports: { clock } });
});
afterEach(async () => {
  await ben.close();
  await place.remove();
});

const wish = (folder: string, more = {}) => ({
  folder,
  offerBytes: `${20n * GB}`,
  keepFreeBytes: '0',
  ...more,
});

describe('offer.look', () => {
  test('knows a disk before its folder is there, and proposes one', async () => {
    const folder = join(place.folder, 'spare');
    const look = await ben.call('offer.look', { folder });
    expect(look).toMatchObject({ folder, exists: false });
    expect(BigInt(look.mostBytes)).toBeLessThanOrEqual(BigInt(look.freeBytes));
    expect(BigInt(look.freeBytes)).toBeLessThanOrEqual(BigInt(look.diskBytes));
    expect(BigInt(look.suggestedBytes) * 2n).toBeLessThanOrEqual(BigInt(look.mostBytes));
    expect(existsSync(folder)).toBe(false);
    const proposed = await ben.call('offer.look', { folder: '' });
    expect(proposed.folder).toBe(join(homedir(), 'Allotment'));
  });
});

describe('offer.set', () => {
  test('makes the folder if it is told to, and only that one', async () => {
    const folder = join(place.folder, 'spare');
    expect(await ben.fault('offer.set', wish(folder))).toBe('folder-missing');
    expect(await ben.fault('offer.set', wish(join(folder, 'deep'), { make: true }))).toBe(
      'folder-missing',
    );
    expect(await ben.call('offer.set', wish(folder, { make: true }))).toMatchObject({
      folder,
      volume: 'present',
    });
    // Once more with the folder there: nothing to make, nothing wrong.
    await ben.call('offer.set', wish(folder, { make: true }));
    const after = await ben.restart();
    expect(await after.call('status.get')).toMatchObject({ offer: { folder, volume: 'present' } });
    ben = after;
  });

  test('a file in the way is said, and nothing is left behind', async () => {
    const file = join(place.folder, 'letter');
    await writeFile(file, 'dear friend');
    expect(await ben.fault('offer.set', wish(file, { make: true }))).toBe('not-a-folder');
    expect(await ben.fault('offer.set', wish(join(file, 'a'), { make: true }))).toBe(
      'not-a-folder',
    );
    expect(await ben.fault('offer.look', { folder: file })).toBe('not-a-folder');
    const long = `/${'x/'.repeat(1900)}`;
    expect(await ben.fault('offer.set', wish(long, { make: true }))).toBe('path-too-long');
    expect(await ben.fault('offer.look', { folder: long })).toBe('path-too-long');
    expect(readdirSync(place.folder).sort()).toEqual(['home of Ben', 'letter']);
  });
});

describe('with a friend', () => {
  let ana: TestHome;
  let spare: string;
  let plot: string;

  beforeEach(async () => {
    spare = join(place.folder, 'spare');
    await mkdir(spare);
    ana = await startHome('Ana', place.folder);
    await pair(ana, ben);
    await offer(ben, spare);
    const granted = await ana.call('allocations.ask', {
      friend: 'Ben',
      size: `${2n * GB}`,
      durationS: 86_400,
    });
    plot = granted.type === 'granted' ? granted.plot : '';
  });
  afterEach(() => ana.close());

  test('a preview announces what policy.set and offer.set then bring', async () => {
    const policy = { guards: {}, grounds: [{ kind: 'quota', bytes: `${5n * GB}` }] };
    const offerBytes = `${3n * GB}`;
    const [row] = await ben.call('shares.preview', { friend: 'Ana', policy, offerBytes });
    const [before] = await ben.call('friends.list');
    expect(row).toMatchObject({
      name: 'Ana',
      owner: before?.owner,
      presentShareBytes: before?.here.shareBytes,
      promisedBytes: before?.here.promisedBytes,
    });
    expect((await ben.call('policy.get', { friend: 'Ana' })).own).toBe(false);
    await ben.call('policy.set', { friend: 'Ana', policy });
    await ben.call('offer.set', { ...wish(spare), offerBytes });
    const [after] = await ben.call('friends.list');
    expect(after?.here).toMatchObject({
      shareBytes: row?.shareBytes,
      mayAskBytes: row?.mayAskBytes,
    });
    expect(await ben.fault('shares.preview', { friend: 'Nobody' })).toBe('friend-unknown');
    expect(await ben.fault('shares.preview', { offerBytes: '-1' })).toBe('bad-size');
  });

  test('a try says what the real request is then answered, by the same steps, and changes nothing', async () => {
    const size = `${GB}`;
    const tried = (more = {}) =>
      ben.call('policy.try', { friend: 'Ana', size, durationS: 86_400, ...more });
    const ask = (more = {}) =>
      ana.call('allocations.ask', { friend: 'Ben', size, durationS: 86_400, ...more });
    const before = await ben.call('decisions.list', {});
    const yes = await tried();
    expect(yes.answer).toMatchObject({ type: 'granted', size, ttl: 86_400, class: 'guaranteed' });
    const loan = { size: `${15n * GB}`, accept: 'borrowed' } as const;
    const cleo = await startHome('Cleo', place.folder);
    await pair(cleo, ben);
    // Half of it is Cleo's share, who has not asked for any of it.
    expect((await tried({ size: loan.size })).answer).toMatchObject({
      type: 'denied',
      reasons: [{ code: 'over-share' }],
    });
    expect((await tried(loan)).answer).toMatchObject({ type: 'granted', class: 'borrowed' });
    await cleo.close();
    const long = await tried({ durationS: 365 * 86_400 });
    expect(long.answer).toMatchObject({ reasons: [{ code: 'duration-too-long' }] });
    expect(await ben.call('decisions.list', {})).toEqual(before);
    const real = await ask();
    expect(real).toMatchObject({ type: 'granted', steps: yes.steps });
    // Asked first: the steps are told although such an answer carries none.
    const policy = {
      guards: { askAboveBytes: '0' },
      grounds: [{ kind: 'fair-share' as const, weight: 1 }],
    };
    await ben.call('policy.set', { friend: 'Ana', policy });
    const asked = await tried();
    expect(asked.answer).toMatchObject({ type: 'pending', why: 'owner-approval' });
    expect(asked.steps.at(-1)).toEqual({ by: 'ask-me', verdict: 'pend' });
    expect(await ben.call('requests.list')).toEqual([]);
    expect(await ben.fault('policy.try', { friend: 'Nobody', size, durationS: 1 })).toBe(
      'friend-unknown',
    );
  });

  test('the history of use ends with the present, of a friend and of all', async () => {
    await ben.core.chores();
    nowMs += 11 * 60_000;
    const bytes = randomBytes(100_000);
    const name = createHash('sha256').update(bytes).digest('hex');
    const keys = await keysOf(ana, 'Ana');
    const path = `/v1/plots/${plot}/repository/data/${name}`;
    expect(await send(ben, keys, { path, body: bytes })).toMatchObject({ status: 200 });
    await ben.core.chores();
    const history = await ben.call('usage.history', { friend: 'Ana' });
    const [first] = history;
    expect(first).toMatchObject({ writtenBytes: '0' });
    expect(history.at(-1)).toMatchObject({ atMs: nowMs, writtenBytes: '100000' });
    const all = await ben.call('usage.history');
    expect(all.at(-1)).toMatchObject({ writtenBytes: '100000', limitBytes: `${20n * GB}` });
    expect(await ben.call('usage.history', { sinceMs: nowMs + 1 })).toHaveLength(1);
    expect(await ben.fault('usage.history', { friend: 'Nobody' })).toBe('friend-unknown');
  });

  test('what the disk lost is counted at its plot', async () => {
    const bytes = randomBytes(50_000);
    const name = createHash('sha256').update(bytes).digest('hex');
    const keys = await keysOf(ana, 'Ana');
    const path = `/v1/plots/${plot}/repository/data/${name}`;
    await send(ben, keys, { path, body: bytes });
    expect(await ben.call('plots.hosted')).toMatchObject([{ missingObjects: 0 }]);
    const repository = join(spare, 'allotment', 'plots', plot, 'repository');
    await rm(join(repository, 'data'), { recursive: true });
    await ben.core.chores();
    expect(await ben.call('plots.hosted')).toMatchObject([{ missingObjects: 1 }]);
    expect(await send(ben, keys, { path, body: bytes })).toMatchObject({ status: 200 });
    expect(await ben.call('plots.hosted')).toMatchObject([{ missingObjects: 0 }]);
  });

  test('decisions are found by friend, kind, outcome and time', async () => {
    await ana.call('allocations.ask', { friend: 'Ben', size: `${90n * GB}`, durationS: 60 });
    const list = (args = {}) => ben.call('decisions.list', args);
    const [refused, granted] = await list();
    expect(await list({ outcomes: ['denied'] })).toEqual([refused]);
    expect(await list({ kinds: ['allocate'], outcomes: ['granted'], friend: 'Ana' })).toEqual([
      granted,
    ]);
    expect(await list({ kinds: ['reclaim'] })).toEqual([]);
    expect(await list({ sinceMs: nowMs, untilMs: nowMs, limit: 1 })).toEqual([refused]);
    expect(await list({ sinceMs: nowMs, untilMs: nowMs, before: refused?.number })).toEqual([
      granted,
    ]);
    expect(await list({ untilMs: nowMs - 1 })).toEqual([]);
    expect(await ben.fault('decisions.list', { kinds: [] })).toBe('bad-arguments');
    expect(await ben.fault('decisions.list', { kinds: ["allocate' OR 1"] })).toBe('bad-arguments');
  });
});
