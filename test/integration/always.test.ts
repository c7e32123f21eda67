import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { largestSizeBytes } from '../../shared/model/plot.ts';
import { GB } from '../../shared/units.ts';
import { say } from '../../shared/words/say.ts';
import { pair, scratch, startHome, type TestHome } from '../fakes/homes.ts';
import { wordsIn } from '../renderer/spoken.ts';

/** Case 2 of the design: my friend owns the server, and it always says yes while there is room. */
const OFFER = 100n * GB;
const MONTH_S = 30 * 86_400;

let place: Awaited<ReturnType<typeof scratch>>;
let ben: TestHome;
let ana: TestHome;

beforeEach(async () => {
  place = await scratch();
  const space = { read: async () => ({ freeBytes: 1000n * GB, totalBytes: 2000n * GB }) };
  ben = await startHome('Ben', place.folder, { ports: { space } });
  ana = await startHome('Ana', place.folder);
  const folder = join(place.folder, 'spare');
  await mkdir(folder);
  await ben.call('offer.set', { folder, offerBytes: `${OFFER}`, keepFreeBytes: '0' });
  await pair(ana, ben);
  const policy = { guards: {}, grounds: [{ kind: 'always' as const }] };
  await ben.call('policy.set', { friend: 'Ana', policy });
});
afterEach(async () => {
  await Promise.all([ana.close(), ben.close()]);
  await place.remove();
});

const ask = (size: bigint, more = {}) =>
  ana.call('allocations.ask', { friend: 'Ben', size: `${size}`, durationS: MONTH_S, ...more });

test('the whole offer is granted to a friend whom one always says yes to, and not a byte beyond it', async () => {
  const all = largestSizeBytes(OFFER);
  const quoted = await ana.call('allocations.quote', {
    friend: 'Ben',
    size: `${all}`,
    durationS: MONTH_S,
  });
  expect(quoted.type).toBe('granted');
  const tooMuch = await ask(all + 1n);
  expect(tooMuch).toMatchObject({
    type: 'denied',
    reasons: [{ code: 'no-space', ground: 'room', params: { freeBytes: `${OFFER}` } }],
  });
  const granted = await ask(all);
  expect(granted).toMatchObject({ type: 'granted', size: `${all}`, class: 'guaranteed' });
  expect(granted.type === 'granted' && granted.steps.at(-1)).toMatchObject({
    by: 'always',
    verdict: 'allow',
  });
  // No share is told, because there is none.
  expect(granted.type === 'granted' && granted.share.shareBytes).toBeUndefined();
  expect((await ask(1n)).type).toBe('denied');
  const [decision] = await ben.call('decisions.list', { outcomes: ['granted'], limit: 1 });
  expect(decision).toMatchObject({ ground: 'always', requestedBytes: `${all}` });
});

test('less is taken where less will do, and a backup lies there on the same word', async () => {
  const wish = { minSize: `${GB}` };
  const offered = await ask(200n * GB, wish);
  if (offered.type !== 'counter') throw new Error(JSON.stringify(offered));
  expect(offered.offer.size).toBe(`${largestSizeBytes(OFFER)}`);
  const files = join(place.folder, 'files');
  await mkdir(files);
  await writeFile(join(files, 'a'), randomBytes(3_000_000));
  await ana.call('sets.create', { name: 'files', folders: [files], to: ['Ben'] });
  expect(await ana.job(await ana.call('sets.run', { name: 'files' }))).toMatchObject({
    state: 'done',
  });
  expect(await ben.call('plots.hosted')).toMatchObject([{ ground: 'always', state: 'active' }]);
});

test('a policy that names a ground twice is refused: one share would be divided, and another granted', async () => {
  const twice = {
    guards: {},
    grounds: [
      { kind: 'fair-share' as const, weight: 1 },
      { kind: 'fair-share' as const, weight: 1000 },
    ],
  };
  expect(await ben.fault('policy.set', { friend: 'Ana', policy: twice })).toBe('bad-policy');
  expect(await ben.fault('policy.set', { policy: twice })).toBe('bad-policy');
  const vouched = {
    guards: {},
    grounds: [{ kind: 'voucher' as const }, { kind: 'voucher' as const }],
  };
  expect(await ben.fault('policy.set', { friend: 'guests', policy: vouched })).toBe('bad-policy');
  const { policy } = await ben.call('policy.get', { friend: 'Ana' });
  expect(policy.grounds).toEqual([{ kind: 'always' }]);
});

test('what is wrong with a policy is said in the language of whoever reads it', async () => {
  const twice = { guards: {}, grounds: [{ kind: 'always' as const }, { kind: 'always' as const }] };
  const letsIn = { guards: {}, grounds: [{ kind: 'always' as const }] };
  const languages = [await wordsIn('en'), await wordsIn('de')] as const;
  for (const [args, ...sentences] of [
    [{ policy: twice }, 'each ground may stand in it once', 'nur einmal stehen'],
    [{ policy: null }, 'but not removed', 'aber nicht entfernen'],
    [{ friend: 'guests', policy: letsIn }, 'on vouchers and notes only', 'Empfehlungen und'],
  ] as const) {
    const refused = await ben.core.api['policy.set'](args);
    if (refused.ok) throw new Error('it was set');
    const { code, params } = refused.fault;
    expect(languages.map((t) => say(t, { key: `fault.${code}`, params }))).toEqual(
      sentences.map((sentence) => expect.stringContaining(sentence)),
    );
  }
});

test('a friend who is blocked hears no, and what he has is still his to read', async () => {
  expect((await ask(GB)).type).toBe('granted');
  await ben.call('friends.block', { friend: 'Ana' });
  expect(await ask(GB)).toMatchObject({ type: 'denied', reasons: [{ code: 'blocked' }] });
  expect(await ana.call('plots.mine')).toMatchObject([{ sizeBytes: `${GB}`, state: 'active' }]);
  await ben.call('friends.unblock', { friend: 'Ana' });
  expect((await ask(GB)).type).toBe('granted');
});
