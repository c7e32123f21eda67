import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../electron/core/ports.ts';
import { readIntroduction } from '../../electron/core/vouchers/introduction-text.ts';
import { promisedBytes } from '../../shared/model/plot.ts';
import { endingPolicy } from '../../shared/policy/ending.ts';
import { GB, MIB } from '../../shared/units.ts';
import { offer, pair, scratch, startHome, type TestHome } from '../fakes/homes.ts';
import { makePerson, newVoucherId, type Person, vouch } from '../fakes/people.ts';
import { keysOf, type Raw, type RawAnswer, send } from '../fakes/raw-friend.ts';

/** Hanna gives space, Ana is her friend, and Nick is a friend of Ana's whom Hanna has never met. */
const DAY_MS = 86_400_000;

let place: Awaited<ReturnType<typeof scratch>>;
let hanna: TestHome;
let ana: TestHome;
let nick: TestHome;
let aheadMs: number;
const clock: Clock = {
  nowMs: () => Date.now() + aheadMs,
  monotonicMs: () => performance.now() + aheadMs,
};

beforeEach(async () => {
  aheadMs = 0;
  place = await scratch();
  await mkdir(join(place.folder, 'spare'));
  const space = { read: async () => ({ freeBytes: 1000n * GB, totalBytes: 2000n * GB }) };
  hanna = await startHome('Hanna', place.folder, { ports: { clock, space } });
  ana = await startHome('Ana', place.folder, { ports: { clock } });
  nick = await startHome('Nick', place.folder, { ports: { clock } });
  await pair(ana, hanna);
  await offer(hanna, join(place.folder, 'spare'), 50n * GB);
});
afterEach(async () => {
  await Promise.all([hanna.close(), ana.close(), nick.close()]);
  await place.remove();
});

const ownerOf = async (home: TestHome) => (await home.call('status.get')).owner;
const introduce = async (bytes = 20n * GB, more = {}) =>
  ana.call('vouchers.issue', {
    host: 'Hanna',
    newcomer: await ownerOf(nick),
    bytes: `${bytes}`,
    days: 90,
    ...more,
  });
async function comeIn(bytes = 20n * GB, size = 2n * GB): Promise<string> {
  const { text } = await introduce(bytes);
  const answer = await nick.call('vouchers.take', { text, size: `${size}` });
  if (answer.type !== 'granted') throw new Error(JSON.stringify(answer));
  return answer.plot;
}

describe('somebody who is introduced', () => {
  test('has a plot at a host who never met him, out of his introducer’s share', async () => {
    const { voucher, text } = await introduce();
    expect(voucher).toMatchObject({ state: 'open', usedBytes: null, host: { name: 'Hanna' } });
    const answer = await nick.call('vouchers.take', { text });
    // As much as the voucher is good for, working room taken off.
    expect(answer).toMatchObject({ type: 'granted', class: 'guaranteed' });
    if (answer.type !== 'granted') return;
    expect(promisedBytes(BigInt(answer.size))).toBeLessThanOrEqual(20n * GB);

    const { guests } = await hanna.call('vouchers.list');
    expect(guests).toMatchObject([
      { name: 'Nick', introducer: { name: 'Ana' }, ground: 'voucher', plot: answer.plot },
    ]);
    expect((await nick.call('vouchers.list')).held).toMatchObject([
      { host: { name: 'Hanna' }, introducer: { name: 'Ana' }, plots: [answer.plot] },
    ]);
    const promised = promisedBytes(BigInt(answer.size));
    expect(
      await ana.call('allocations.quote', {
        friend: 'Hanna',
        size: `${49n * GB}`,
        durationS: 86_400,
      }),
    ).toMatchObject({
      type: 'denied',
      share: { useBytes: `${promised}`, vouchedBytes: `${promised}` },
    });
    expect((await hanna.call('decisions.list', {})).at(0)).toMatchObject({
      friend: 'Nick',
      ground: 'voucher',
      outcome: 'granted',
    });
  });

  test('is a friend on neither side, and nobody’s share is less for him', async () => {
    await comeIn();
    expect((await hanna.call('friends.list')).map(({ name }) => name)).toEqual(['Ana']);
    expect(await nick.call('friends.list')).toEqual([]);
    const [row] = await hanna.call('friends.list');
    expect(row?.here.shareBytes).toBe(`${50n * GB}`);
    expect(await hanna.fault('policy.try', { friend: 'Nick', size: '1', durationS: 60 })).toBe(
      'friend-unknown',
    );
  });

  test('can back up there, and it comes back whole', async () => {
    const plot = await comeIn(20n * GB, GB);
    const folder = join(place.folder, 'papers');
    await mkdir(folder);
    const letter = randomBytes(300_000);
    await writeFile(join(folder, 'letter'), letter);
    await nick.call('sets.create', { name: 'papers', folders: [folder], to: ['Hanna'] });
    const run = await nick.job(await nick.call('sets.run', { name: 'papers' }));
    expect(run).toMatchObject({ state: 'done', result: { copies: 1 } });
    expect(await nick.call('plots.mine')).toMatchObject([{ plot, set: 'papers', friend: 'Hanna' }]);
    const to = join(place.folder, 'back');
    const back = await nick.job(await nick.call('sets.restore', { name: 'papers', to }));
    expect(back).toMatchObject({ state: 'done' });
    expect(await readFile(join(to, 'papers', 'letter'))).toEqual(letter);
  });

  test('renews by himself, grows, and lets go; then he is a stranger again', async () => {
    const plot = await comeIn();
    aheadMs += 20 * DAY_MS;
    await nick.core.renewDue();
    const [mine] = await nick.call('plots.mine');
    expect(mine?.leftS).toBeGreaterThan(30 * 86_400);
    expect(await nick.call('plots.renew', { plot })).toMatchObject({ type: 'granted' });
    await nick.call('plots.release', { plot });
    await hanna.core.chores();
    await hanna.core.chores();
    expect((await hanna.call('vouchers.list')).guests).toEqual([]);
    const keys = await keysOf(nick, 'Nick');
    expect((await send(hanna, keys, { path: '/v1/plots' })).code).toBe('unknown-peer');
  });

  test('who pairs later becomes a friend and keeps what he has', async () => {
    const plot = await comeIn();
    await pair(nick, hanna);
    expect((await hanna.call('friends.list')).map(({ name }) => name).sort()).toEqual([
      'Ana',
      'Nick',
    ]);
    expect((await hanna.call('vouchers.list')).guests).toEqual([]);
    expect(await nick.call('plots.renew', { plot })).toMatchObject({ type: 'granted' });
  });

  test('may pass a narrower voucher on, where he was allowed to', async () => {
    const { text } = await introduce(20n * GB, { delegable: true });
    await nick.call('vouchers.take', { text, size: `${2n * GB}` });
    const olga = await startHome('Olga', place.folder, { ports: { clock } });
    try {
      const newcomer = await ownerOf(olga);
      const wish = { host: 'Hanna', newcomer, days: 300 };
      expect(await nick.fault('vouchers.issue', { ...wish, bytes: `${21n * GB}` })).toBe(
        'bad-arguments',
      );
      const passed = await nick.call('vouchers.issue', { ...wish, bytes: `${5n * GB}` });
      // Never beyond the end of the one that it was narrowed from.
      expect(passed.voucher.untilMs).toBeLessThan(clock.nowMs() + 91 * DAY_MS);
      const answer = await olga.call('vouchers.take', { text: passed.text, size: `${GB}` });
      expect(answer.type).toBe('granted');
      expect((await hanna.call('vouchers.list')).guests).toMatchObject([
        { name: 'Nick', introducer: { name: 'Ana' } },
        { name: 'Olga', introducer: { name: 'Ana' } },
      ]);
    } finally {
      await olga.close();
    }
  });
});

describe('the introducer', () => {
  test('sees what was used, and takes it back: nothing new, no renewals', async () => {
    const { voucher, text } = await introduce();
    const answer = await nick.call('vouchers.take', { text, size: `${2n * GB}` });
    if (answer.type !== 'granted') throw new Error(answer.type);
    await ana.core.chores();
    expect((await ana.call('vouchers.list')).issued).toMatchObject([
      { newcomer: { owner: await ownerOf(nick) }, usedBytes: `${promisedBytes(2n * GB)}` },
    ]);
    expect(await ana.call('vouchers.withdraw', { id: voucher.id })).toMatchObject({
      state: 'withdrawn',
      told: true,
    });
    expect(await nick.call('plots.renew', { plot: answer.plot })).toMatchObject({
      type: 'denied',
      reasons: [{ code: 'voucher-invalid' }],
    });
    const again = await nick.call('vouchers.take', { text, size: `${GB}` });
    expect(again).toMatchObject({ type: 'denied' });
    expect(again.type === 'denied' && again.reasons.map(({ code }) => code)).toContain(
      'voucher-invalid',
    );
  });

  test('takes it back while the host is off, who hears it when it is there again', async () => {
    const { voucher, text } = await introduce();
    await hanna.close();
    expect(await ana.call('vouchers.withdraw', { id: voucher.id })).toMatchObject({ told: false });
    hanna = await hanna.restart().catch(() =>
      startHome('Hanna', place.folder, {
        port: Number(hanna.address.split(':')[1]),
        ports: {
          clock,
          space: { read: async () => ({ freeBytes: 1000n * GB, totalBytes: 2000n * GB }) },
        },
      }),
    );
    aheadMs += 3_600_000;
    await ana.core.chores();
    expect((await ana.call('vouchers.list')).issued).toMatchObject([{ told: true }]);
    expect(await nick.call('vouchers.take', { text })).toMatchObject({
      type: 'denied',
      reasons: [{ code: 'unknown-peer' }],
    });
  });

  test('is told when something can’t be: nobody known, nobody twice, a text that broke', async () => {
    expect(
      await ana.fault('vouchers.issue', {
        host: 'Zoe',
        newcomer: await ownerOf(nick),
        bytes: '9',
        days: 9,
      }),
    ).toBe('friend-unknown');
    expect(
      await ana.fault('vouchers.issue', { host: 'Hanna', newcomer: 'Nobody', bytes: '9', days: 9 }),
    ).toBe('friend-unknown');
    expect(
      await ana.fault('vouchers.issue', {
        host: 'Hanna',
        newcomer: await ownerOf(hanna),
        bytes: '9',
        days: 9,
      }),
    ).toBe('bad-arguments');
    expect(await ana.fault('vouchers.withdraw', { id: 'aaaa' })).toBe('voucher-unknown');
    const { text } = await introduce();
    expect(await nick.fault('vouchers.take', { text: text.slice(0, 500) })).toBe('bad-voucher');
    // It is for Nick, and for nobody else.
    expect(await ana.fault('vouchers.take', { text })).toBe('bad-voucher');
    aheadMs += 91 * DAY_MS;
    expect(await nick.fault('vouchers.take', { text })).toBe('refused');
  });
});

describe('a stranger', () => {
  /** Everything that a stranger could send: paths of the protocol, and proofs that are none. */
  async function attempts(stranger: Person): Promise<readonly Raw[]> {
    const hannas = (await ownerOf(hanna)) as Person['owner'];
    const anas = (await ownerOf(ana)) as Person['owner'];
    const voucher = {
      host: hannas,
      introducer: stranger.owner,
      newcomer: stranger.owner,
      bytes: GB,
      untilMs: Date.now() + DAY_MS,
      id: newVoucherId(),
      delegable: false,
    };
    const other = await makePerson();
    const { text } = await introduce();
    const forNick = readIntroduction(text)?.chain ?? [];
    // Whoever asks is told it.
    const greeting = await send(nick, {}, { path: '/v1/hello' });
    const { statement } = JSON.parse(greeting.body.toString()) as { readonly statement: object };
    expect(statement).toBeTypeOf('object');
    const proofs: readonly (readonly string[])[] = [
      // From nobody; forged in a friend's name; for another host; run out; somebody else's; rubbish.
      [vouch({ ...voucher, introducer: other.owner }, other.device)],
      [vouch({ ...voucher, introducer: anas }, stranger.device)],
      [vouch({ ...voucher, introducer: other.owner, host: other.owner }, other.device)],
      [vouch({ ...voucher, introducer: other.owner, untilMs: 1 }, other.device)],
      forNick,
      ['rubbish'],
    ];
    const from = { name: 'Somebody', statement: stranger.device.signed };
    const request = (more: object) => ({
      v: 1,
      requestId: randomBytes(16).toString('base64url'),
      size: '1000000000',
      duration: { want: 86_400 },
      why: [],
      ...more,
    });
    const plot = 'a'.repeat(26);
    const bodies = [
      ...proofs.map((chain) => request({ from, why: [{ kind: 'voucher', chain }] })),
      request({ from }),
      request({}),
      request({ from, why: [{ kind: 'notes', notes: ['x'] }] }),
      request({
        from,
        why: [
          {
            kind: 'account',
            server: { device: stranger.device.statement.device, addresses: [] },
            account: 'x',
          },
        ],
      }),
      request({ from, why: [{ kind: 'reciprocal', plots: [plot] }] }),
      // The statement of somebody else, and of the very person whom the introduction names.
      ...[other.device.signed, statement].map((each) =>
        request({
          from: { ...from, statement: each },
          why: [{ kind: 'voucher', chain: forNick }],
        }),
      ),
      request({ from, size: '-1' }),
      request({ from, plot }),
      { v: 2 },
      [],
    ].map((body) => JSON.stringify(body));
    return [
      ...[...bodies, 'no JSON', '', 'x'.repeat(400_000)].map((body) => ({
        path: '/v1/allocations',
        body,
      })),
      ...['/v1/share', '/v1/plots', `/v1/plots/${plot}`, '/v1/vouchers', '/v1/nothing', '/'].map(
        (path) => ({ path }),
      ),
      ...['/v1/quotes', '/v1/news', '/v1/vouchers/withdrawals', `/v1/plots/${plot}/renewals`].map(
        (path) => ({ path, body: '{}' }),
      ),
      { path: `/v1/plots/${plot}`, method: 'DELETE' },
      { path: `/v1/plots/${plot}/repository/config` },
      { path: `/v1/allocations/${plot}` },
    ];
  }

  test('hears the same, whatever he sends', async () => {
    const stranger = await makePerson();
    const keys = { key: stranger.device.keyPem, cert: stranger.device.certificatePem };
    const answers: RawAnswer[] = [];
    for (const raw of await attempts(stranger)) answers.push(await send(hanna, keys, raw));
    const [first] = answers;
    expect(first?.code).toBe('unknown-peer');
    for (const { status, body, headers } of answers) {
      expect(status).toBe(403);
      expect(body.toString()).toBe(first?.body.toString());
      expect(headers['content-type']).toBe(first?.headers['content-type']);
    }
    // Of the proofs not even the heads of the answers differ.
    const heads = answers.slice(0, 17).map(({ headers: { date: _date, ...head } }) => head);
    for (const head of heads) expect(head).toEqual(heads[0]);
    expect((await hanna.call('vouchers.list')).guests).toEqual([]);
    expect(await hanna.call('decisions.list', {})).toEqual([]);
  });

  test('is counted before anything that he shows is looked at', async () => {
    const stranger = await makePerson();
    const keys = { key: stranger.device.keyPem, cert: stranger.device.certificatePem };
    const body = JSON.stringify({ v: 1 });
    const codes = new Set<string | undefined>();
    for (let call = 0; call < 60; call += 1)
      codes.add((await send(hanna, keys, { path: '/v1/allocations', body })).code);
    expect(codes).toEqual(new Set(['rate-limited', 'unknown-peer']));
  });

  test('gets nothing where the owner lets nobody in on vouchers', async () => {
    await hanna.call('policy.set', { friend: 'guests', policy: { guards: {}, grounds: [] } });
    const { text } = await introduce();
    expect(await nick.call('vouchers.take', { text })).toMatchObject({
      type: 'denied',
      reasons: [{ code: 'unknown-peer' }],
    });
    expect(
      await hanna.fault('policy.set', {
        friend: 'guests',
        policy: { guards: {}, grounds: [{ kind: 'always' }] },
      }),
    ).toBe('bad-policy');
    expect(await hanna.call('policy.set', { friend: 'guests', policy: null })).toMatchObject({
      policy: { guards: { maxPlots: 1 }, grounds: [{ kind: 'voucher' }] },
    });
    expect(await nick.call('vouchers.take', { text })).toMatchObject({ type: 'granted' });
  });
});

describe('a guest', () => {
  test('reaches his own plot and nothing else: no friend’s plot, no news, no share, no quote', async () => {
    const plot = await comeIn();
    const asked = await ana.call('allocations.ask', {
      friend: 'Hanna',
      size: `${GB}`,
      durationS: 86_400,
    });
    if (asked.type !== 'granted') throw new Error(asked.type);
    const keys = await keysOf(nick, 'Nick');
    const get = async (path: string, more: Partial<Raw> = {}) =>
      (await send(hanna, keys, { path, ...more })).code;
    expect((await send(hanna, keys, { path: `/v1/plots/${plot}` })).status).toBe(200);
    const list = JSON.parse((await send(hanna, keys, { path: '/v1/plots' })).body.toString());
    expect(list.plots).toMatchObject([{ plot }]);

    // Somebody else's plot and one that was never there are the same to him.
    const never = 'b'.repeat(25) + 'a';
    for (const foreign of [asked.plot, never]) {
      const renewal = JSON.stringify({
        v: 1,
        requestId: randomBytes(16).toString('base64url'),
        duration: { want: 9 },
        why: [],
      });
      const size = JSON.stringify({
        v: 1,
        requestId: randomBytes(16).toString('base64url'),
        size: '9',
      });
      expect(await get(`/v1/plots/${foreign}`)).toBe('plot-unknown');
      expect(await get(`/v1/plots/${foreign}`, { method: 'DELETE' })).toBe('plot-unknown');
      expect(await get(`/v1/plots/${foreign}/renewals`, { body: renewal })).toBe('plot-unknown');
      expect(await get(`/v1/plots/${foreign}/resize`, { body: size })).toBe('plot-unknown');
      expect(await get(`/v1/plots/${foreign}/repository/config`)).toBe('plot-unknown');
      const bytes = Buffer.from('bytes');
      const name = createHash('sha256').update(bytes).digest('hex');
      expect(await get(`/v1/plots/${foreign}/repository/data/${name}`, { body: bytes })).toBe(
        'plot-unknown',
      );
    }
    for (const path of ['/v1/share', '/v1/nothing']) expect(await get(path)).toBe('unknown-peer');
    for (const path of ['/v1/quotes', '/v1/news'])
      expect(await get(path, { body: '{}' })).toBe('unknown-peer');
    expect((await hanna.call('plots.hosted')).length).toBe(2);
  });

  test('who is blocked still reads what he has, and gets nothing more', async () => {
    const plot = await comeIn();
    await hanna.call('friends.block', { friend: 'Nick' });
    expect((await hanna.call('vouchers.list')).guests).toMatchObject([{ blocked: true }]);
    expect(await nick.call('plots.renew', { plot })).toMatchObject({
      type: 'denied',
      reasons: [{ code: 'blocked' }],
    });
    const keys = await keysOf(nick, 'Nick');
    expect((await send(hanna, keys, { path: `/v1/plots/${plot}` })).status).toBe(200);
  });

  test('has his end with notice: no renewals, all is there, and it can be taken back', async () => {
    const plot = await comeIn();
    const owner = await ownerOf(nick);
    const before = await hanna.call('policy.get', { friend: 'guests' });
    const ends = endingPolicy(before.policy);
    await hanna.call('policy.set', { friend: owner, policy: ends });
    expect((await hanna.call('vouchers.list')).guests).toMatchObject([{ plot, ends: true }]);
    expect(await nick.call('plots.renew', { plot })).toMatchObject({
      type: 'denied',
      reasons: [{ code: 'stop-renewing' }],
    });
    const keys = await keysOf(nick, 'Nick');
    expect((await send(hanna, keys, { path: `/v1/plots/${plot}` })).status).toBe(200);
    // Nothing can be set for a guest that would give to somebody for who he is.
    const always = { guards: {}, grounds: [{ kind: 'always' as const }] };
    expect(await hanna.fault('policy.set', { friend: owner, policy: always })).toBe('bad-policy');
    await hanna.call('policy.set', { friend: owner, policy: null });
    expect((await hanna.call('vouchers.list')).guests).toMatchObject([{ plot, ends: false }]);
    expect(await nick.call('plots.renew', { plot })).toMatchObject({ type: 'granted' });
    const promised = `${promisedBytes(2n * GB)}`;
    expect(await hanna.call('friends.list')).toMatchObject([
      { name: 'Ana', here: { promisedBytes: '0', vouchedBytes: promised } },
    ]);
  });

  test('whose reply was lost asks the same again and is answered the same', async () => {
    const chain = readIntroduction((await introduce()).text)?.chain ?? [];
    const status = await readStatementOf(nick);
    const keys = await keysOf(nick, 'Nick');
    const body = JSON.stringify({
      v: 1,
      requestId: randomBytes(16).toString('base64url'),
      size: `${MIB}`,
      duration: { want: 86_400, min: 1 },
      why: [{ kind: 'voucher', chain }],
      from: { name: 'Nick', statement: status },
    });
    const [one, other] = [
      await send(hanna, keys, { path: '/v1/allocations', body }),
      await send(hanna, keys, { path: '/v1/allocations', body }),
    ];
    const plots = [one, other].map((answer) => JSON.parse(answer.body.toString()).plot);
    expect(plots[0]).toMatch(/^[a-z2-7]{26}$/);
    expect(plots[1]).toBe(plots[0]);
    expect((await hanna.call('vouchers.list')).guests.length).toBe(1);
  });
});

async function readStatementOf(home: TestHome): Promise<unknown> {
  const keys = await keysOf(ana, 'Ana');
  const greeting = await send(home, keys, { path: '/v1/hello' });
  return JSON.parse(greeting.body.toString()).statement;
}
