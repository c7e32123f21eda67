import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeNote } from '../../electron/core/barter/notes.ts';
import { openDatabase } from '../../electron/core/database/open-database.ts';
import { largestSizeBytes, promisedBytes } from '../../shared/model/plot.ts';
import { GB, MIB } from '../../shared/units.ts';
import { pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { makePerson, newVoucherId, type Person, vouch } from '../fakes/people.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';

/** Hanna’s 100 GB: the family always, other friends share fairly, strangers only for notes of hers. */
const DAY_S = 86_400;
const OFFER = 100n * GB;
/** A plot that is charged as fifteen units and the working room of one. */
const NOTED = 15n * 64n * MIB;
const PRICE = '16';

let place: Awaited<ReturnType<typeof scratch>>;
let hanna: TestHome;
let mum: TestHome;
let ben: TestHome;
let cleo: TestHome;

beforeEach(async () => {
  place = await scratch();
  const space = { read: async () => ({ freeBytes: 1000n * GB, totalBytes: 2000n * GB }) };
  [hanna, mum, ben, cleo] = (await Promise.all(
    ['Hanna', 'Mum', 'Ben', 'Cleo'].map((name) =>
      startHome(name, place.folder, { ports: { space } }),
    ),
  )) as [TestHome, TestHome, TestHome, TestHome];
  const folder = join(place.folder, 'spare');
  await mkdir(folder);
  await hanna.call('offer.set', { folder, offerBytes: `${OFFER}`, keepFreeBytes: '0' });
  for (const home of [hanna, ben]) await home.call('settings.set', { barter: true });
  for (const home of [mum, ben, cleo]) await pair(home, hanna);
  await hanna.call('policy.set', {
    policy: { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 }] },
  });
  await hanna.call('policy.set', {
    friend: 'Mum',
    policy: { guards: {}, grounds: [{ kind: 'always' }] },
  });
  await hanna.call('policy.set', {
    friend: 'guests',
    policy: { guards: { maxPlots: 1 }, grounds: [{ kind: 'notes' }] },
  });
});
afterEach(async () => {
  await Promise.all([hanna, mum, ben, cleo].map((home) => home.close()));
  await place.remove();
});

const ask = (home: TestHome, size: bigint) =>
  home.call('allocations.ask', { friend: 'Hanna', size: `${size}`, durationS: 30 * DAY_S });
async function shareOf(name: string): Promise<bigint> {
  const friend = (await hanna.call('friends.list')).find((each) => each.name === name);
  return BigInt(friend?.here.shareBytes ?? '0');
}
async function offerOf() {
  const { offer } = await hanna.call('status.get');
  const { outstandingBytes } = (await hanna.call('barter.get')).mint;
  return {
    promised: BigInt(offer?.promisedBytes ?? '0'),
    fair: BigInt(offer?.fairBytes ?? '0'),
    outstanding: BigInt(outstandingBytes),
  };
}

/** What Hanna gave to Ben, as he could hand it to anybody on a piece of paper. */
async function notesOfBen(units: string): Promise<readonly string[]> {
  await hanna.call('barter.give', { friend: 'Ben', units });
  await until(async () =>
    (await ben.call('barter.get')).wallet.some((purse) => purse.units === units) ? true : undefined,
  );
  const port = ben.core.info().port;
  await ben.close();
  const opened = openDatabase(join(place.folder, 'home of Ben', 'allotment.sqlite'));
  if (!opened.ok) throw new Error(opened.fault.code);
  const rows = opened.value
    .prepare<[], { keyset: string; k: bigint; secret: Buffer; output: Buffer }>(
      "SELECT keyset, k, secret, output FROM wallet_notes WHERE state = 'free'",
    )
    .all();
  opened.value.close();
  ben = await startHome('Ben', place.folder, { port });
  return rows.map((row) => writeNote({ ...row, k: Number(row.k) }));
}

async function come(stranger: Person, why: readonly object[], size = NOTED) {
  const keys = { key: stranger.device.keyPem, cert: stranger.device.certificatePem };
  const body = JSON.stringify({
    v: 1,
    requestId: randomBytes(16).toString('base64url'),
    size: `${size}`,
    duration: { want: 30 * DAY_S },
    why,
    from: { name: 'Somebody', statement: stranger.device.signed },
  });
  const answer = await send(hanna, keys, { path: '/v1/allocations', body });
  return { ...answer, said: JSON.parse(answer.body.toString()) };
}

test('family gets what there is, friends what is theirs of the rest, and each is told his own', async () => {
  expect(await ask(mum, 60n * GB)).toMatchObject({ type: 'granted', steps: expect.anything() });
  const fair = OFFER - promisedBytes(60n * GB);
  expect(await shareOf('Ben')).toBe(fair / 2n);
  expect(await ask(ben, 30n * GB)).toMatchObject({
    type: 'denied',
    reasons: [{ code: 'over-share', ground: 'fair-share' }],
  });
  expect(await ask(ben, largestSizeBytes(fair / 2n))).toMatchObject({ type: 'granted' });
  // What Ben has does not touch Cleo’s, and Mum’s next plot comes off what nobody has yet.
  expect(await shareOf('Cleo')).toBe(fair / 2n);
  expect(await ask(mum, 10n * GB)).toMatchObject({ type: 'granted' });
  expect(await shareOf('Cleo')).toBe((fair - promisedBytes(10n * GB)) / 2n);
  const log = await hanna.call('decisions.list', {});
  expect(log.map(({ friend, ground, outcome }) => [friend, ground, outcome])).toEqual([
    ['Mum', 'always', 'granted'],
    ['Ben', 'fair-share', 'granted'],
    ['Ben', null, 'denied'],
    ['Mum', 'always', 'granted'],
  ]);
});

test('a stranger is let in for notes of this host, and for nothing else', async () => {
  const stranger = await makePerson();
  const hannas = (await hanna.call('status.get')).owner as Person['owner'];
  const bens = (await ben.call('status.get')).owner;
  // Ben’s own word is worth nothing here: strangers come for notes only.
  const { text } = await ben.call('vouchers.issue', {
    host: 'Hanna',
    newcomer: stranger.owner,
    bytes: `${GB}`,
    days: 30,
  });
  expect(bens).not.toBe(stranger.owner);
  const chain = JSON.parse(Buffer.from(text, 'base64url').toString()).chain as string[];
  const other = vouch(
    {
      host: hannas,
      introducer: stranger.owner,
      newcomer: stranger.owner,
      bytes: GB,
      untilMs: Date.now() + 1_000_000,
      id: newVoucherId(),
      delegable: false,
    },
    stranger.device,
  );
  const notes = await notesOfBen(PRICE);
  const nothing = await come(stranger, []);
  expect(nothing.code).toBe('unknown-peer');
  for (const why of [
    [{ kind: 'voucher', chain }],
    [{ kind: 'voucher', chain: [other] }],
    [
      {
        kind: 'notes',
        notes: notes.map((note) => note.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'))),
      },
    ],
    [{ kind: 'notes', notes: ['rubbish'] }],
  ])
    expect((await come(stranger, why)).body.toString()).toBe(nothing.body.toString());

  const before = await offerOf();
  const granted = await come(stranger, [{ kind: 'notes', notes }]);
  expect(granted.said).toMatchObject({ type: 'granted', class: 'guaranteed', size: `${NOTED}` });
  expect((await hanna.call('vouchers.list')).guests).toMatchObject([
    { ground: 'notes', introducer: null, plot: granted.said.plot },
  ]);
  // What was owed for the notes is now owed as a plot: fair sharing divides no more and no less.
  const after = await offerOf();
  expect(after.outstanding).toBeLessThan(before.outstanding);
  expect(after.promised - before.promised).toBe(promisedBytes(NOTED));
  expect(after.promised + after.outstanding).toBeLessThanOrEqual(OFFER);

  // The same notes buy nobody anything any more, whoever comes with them.
  const second = await makePerson();
  expect((await come(second, [{ kind: 'notes', notes }])).body.toString()).toBe(
    nothing.body.toString(),
  );
  expect((await hanna.call('friends.list')).map(({ name }) => name).sort()).toEqual([
    'Ben',
    'Cleo',
    'Mum',
  ]);
});

test('a stranger whose notes are good and too few hears how many it takes', async () => {
  const stranger = await makePerson();
  const notes = await notesOfBen('4');
  expect((await come(stranger, [{ kind: 'notes', notes }])).said).toMatchObject({
    type: 'denied',
    reasons: [{ code: 'notes-short', params: { needUnits: PRICE, haveUnits: '4' } }],
  });
  // Nothing was taken, and nothing of him is left.
  expect((await hanna.call('barter.get')).mint.outstandingUnits).toBe('4');
  expect((await hanna.call('vouchers.list')).guests).toEqual([]);
});

test('one after the other, whatever they ask, never more is promised than there is', async () => {
  const stranger = await makePerson();
  const notes = await notesOfBen(PRICE);
  await ask(mum, 50n * GB);
  await ask(ben, 20n * GB);
  await ask(cleo, 20n * GB);
  expect((await come(stranger, [{ kind: 'notes', notes }])).said.type).toBe('granted');
  expect((await ask(mum, 60n * GB)).type).toBe('denied');
  const { promised, outstanding } = await offerOf();
  expect(promised + outstanding).toBeLessThanOrEqual(OFFER);
  const keys = await keysOf(ben, 'Ben');
  expect((await send(hanna, keys, { path: '/v1/share' })).status).toBe(200);
});
