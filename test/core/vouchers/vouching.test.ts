import { beforeAll, describe, expect, test } from 'vitest';
import { largestSizeBytes, promisedBytes } from '../../../shared/model/plot.ts';
import { endingPolicy } from '../../../shared/policy/ending.ts';
import { GB } from '../../../shared/units.ts';
import { ROOMY } from '../../fakes/test-ledger.ts';
import { failed, ok } from '../../../shared/result.ts';
import { makePerson, newVoucherId, type Person, vouch } from '../../fakes/people.ts';
import {
  codeOf,
  expectSoundBooks,
  plotOf,
  type VoucherWorld,
  voucherWorld,
} from './voucher-world.ts';
import { readVoucher } from '../../../electron/core/vouchers/voucher.ts';
import { fc, runs } from '../../fakes/properties.ts';

let host: Person;
let ana: Person;
let ben: Person;
let newcomers: readonly Person[];
let cleo: Person;
let dev: Person;

beforeAll(async () => {
  [host, ana, ben, ...newcomers] = (await Promise.all(Array.from({ length: 8 }, makePerson))) as [
    Person,
    Person,
    Person,
    ...Person[],
  ];
  [cleo, dev] = newcomers as [Person, Person];
});

/** Ana and Ben share 100 GB, so each may have 50. */
const world = () => voucherWorld(host, [ana, ben]);
const idOf = (text: string | undefined) => readVoucher(text ?? '')?.id ?? '';

describe('a stranger with a voucher', () => {
  test('is granted a plot, as a guest, and nobody counts him among friends', () => {
    const { come, chain, people, totals } = world();
    const weights = totals().weightSum;
    const answer = come(cleo, chain([ana, cleo]), 10n * GB);
    expect(answer?.type).toBe('granted');
    expect(people.friends().find(({ owner }) => owner === cleo.owner)?.relation).toBe('guest');
    expect(totals().weightSum).toBe(weights);
  });

  test('is charged to whoever introduced him: his use grows, F does not shrink, others lose nothing', () => {
    const { come, chain, share, totals, sql } = world();
    const before = { ana: share(ana), ben: share(ben), fair: totals().fairBytes };
    come(cleo, chain([ana, cleo]), 10n * GB);
    const promised = promisedBytes(10n * GB);
    expect(share(ana)).toMatchObject({
      shareBytes: before.ana.shareBytes,
      useBytes: promised,
      vouchedBytes: promised,
      mayAskBytes: largestSizeBytes(50n * GB - promised),
    });
    // Only what could be lent to him is less, as by any other plot.
    const { mayBorrowBytes: _lendable, ...own } = before.ben;
    expect(share(ben)).toMatchObject(own);
    expect(totals().fairBytes).toBe(before.fair);
    expect(sql.prepare('SELECT ground, promised, plots FROM vouched').all()).toEqual([
      { ground: 'fair-share', promised, plots: 1n },
    ]);
  });

  test('gets no more than the introducer could have himself, also where the voucher says more', () => {
    const { come, chain, ask } = world();
    plotOf(ask(ana, 40n * GB));
    const texts = chain([ana, cleo], { bytes: 90n * GB });
    const refused = come(cleo, texts, 20n * GB);
    expect(codeOf(refused)).toBe('voucher-used-up');
    const left = largestSizeBytes(50n * GB - promisedBytes(40n * GB));
    expect(refused).toMatchObject({ reasons: [{ params: { mayAskBytes: `${left}` } }] });
    expect(come(cleo, texts, left)?.type).toBe('granted');
    expect(codeOf(ask(ana, GB))).toBe('over-share');
  });

  test('leaves no trace when nothing speaks for him', () => {
    const { come, chain, people, sql } = world();
    const attempts: readonly (readonly string[])[] = [
      chain([dev, cleo]),
      chain([ana, dev]),
      ['nonsense'],
      [],
    ];
    for (const texts of attempts) expect(come(cleo, texts, GB)).toBeUndefined();
    expect(people.friends().some(({ owner }) => owner === cleo.owner)).toBe(false);
    expect(sql.prepare('SELECT count(*) AS rows FROM decisions').get()).toEqual({ rows: 0n });
    expect(sql.prepare('SELECT count(*) AS rows FROM answers').get()).toEqual({ rows: 0n });
  });

  test('has one plot, unless the owner allows more', () => {
    const { come, chain, ask, ledger } = world();
    const texts = chain([ana, cleo]);
    come(cleo, texts, GB);
    expect(codeOf(ask(cleo, GB, { texts }))).toBe('too-many-plots');
    ledger.setPolicy({
      owner: 'guests',
      policy: { guards: { maxPlots: 2 }, grounds: [{ kind: 'voucher' }] },
    });
    expect(ask(cleo, GB, { texts }).type).toBe('granted');
  });

  test('may let it grow within the voucher, charged to the same introducer', () => {
    const { come, chain, ask, share } = world();
    const plot = plotOf(come(cleo, chain([ana, cleo], { bytes: 10n * GB }), 2n * GB));
    expect(ask(cleo, 3n * GB, { plot }).type).toBe('granted');
    expect(share(ana).vouchedBytes).toBe(promisedBytes(5n * GB));
    expect(codeOf(ask(cleo, 9n * GB, { plot }))).toBe('voucher-used-up');
    // Another voucher does not make that plot larger.
    const texts = chain([ben, cleo], { bytes: 50n * GB });
    expect(codeOf(ask(cleo, 9n * GB, { plot, texts }))).toBe('voucher-used-up');
  });

  test('is a stranger again once his plot is gone, and can come back', () => {
    const w = world();
    const texts = w.chain([ana, cleo]);
    const plot = plotOf(w.come(cleo, texts, GB));
    expect(w.guests.forget(w.moment())).toBe(false);
    w.letGo(cleo, plot);
    expect(w.guests.forget(w.moment())).toBe(true);
    expect(w.people.friends().find(({ owner }) => owner === cleo.owner)?.departed).toBe(true);
    expect(w.share(ana).vouchedBytes).toBeUndefined();
    expect(w.come(cleo, texts, GB)?.type).toBe('granted');
  });

  test('is forgotten with the last line of the log that is about him, and can come back even then', () => {
    const w = world();
    const texts = w.chain([ana, cleo]);
    w.letGo(cleo, plotOf(w.come(cleo, texts, GB)));
    w.guests.forget(w.moment());
    w.letGo(ana, plotOf(w.ask(ana, GB)));
    w.pass(8);
    w.ledger.sweep({ moment: w.moment(), mayEndOn: undefined, disk: ROOMY });
    const isKnown = () => w.people.friends().some(({ owner }) => owner === cleo.owner);
    w.guests.forget(w.moment());
    expect(isKnown()).toBe(true);
    const oldest =
      'DELETE FROM decisions WHERE number <= (SELECT max(number) FROM decisions WHERE owner = ?)';
    w.sql.prepare(oldest).run(cleo.owner);
    w.guests.forget(w.moment());
    expect(isKnown()).toBe(true);
    w.ledger.sweep({ moment: w.moment(), mayEndOn: undefined, disk: ROOMY });
    expect(w.guests.forget(w.moment())).toBe(true);
    expect(isKnown()).toBe(false);
    for (const table of ['devices', 'usage'])
      expect(w.sql.prepare(`SELECT 1 FROM ${table} WHERE owner = ?`).all(cleo.owner)).toEqual([]);
    expect(w.sql.pragma('foreign_key_check')).toEqual([]);
    expect(w.come(cleo, texts, GB)?.type).toBe('granted');
  });

  test('who kept something of mine is still known by name, though no line of the log is about him', () => {
    const { people, guests, moment } = world();
    const { statement, signed } = cleo.device;
    const atMs = moment().nowMs;
    people.add({ name: 'Cleo', statement, signed, addresses: [], atMs, relation: 'host' });
    for (let look = 0; look < 3; look += 1) guests.forget(moment());
    const known = people.friends().find(({ owner }) => owner === cleo.owner);
    expect(known).toMatchObject({ name: 'Cleo', departed: true });
  });

  test('leaves no voucher behind a good year after it ended, if nothing stands on it', () => {
    const w = world();
    const stays = plotOf(w.come(dev, w.chain([ana, dev]), GB));
    w.letGo(cleo, plotOf(w.come(cleo, w.chain([ana, cleo]), GB)));
    const links = () => w.book.vouchedBy(ana.owner).map(({ newcomer }) => newcomer);
    w.pass(480);
    w.guests.forget(w.moment());
    expect(new Set(links())).toEqual(new Set([cleo.owner, dev.owner]));
    w.pass(20);
    w.guests.forget(w.moment());
    expect(links()).toEqual([dev.owner]);
    w.letGo(dev, stays);
    w.guests.forget(w.moment());
    expect(links()).toEqual([]);
  });

  test('for whom nothing is renewed any more gets no longer by growing either, and comes back as anybody', () => {
    const { come, ask, renew, chain, ledger, guests, letGo, pass, moment, book } = world();
    const plot = plotOf(come(cleo, chain([ana, cleo]), GB));
    const { policy } = ledger.policy({ owner: 'guests' });
    ledger.setPolicy({ owner: cleo.owner, policy: endingPolicy(policy) });
    expect(book.ended()).toEqual([cleo.owner]);
    pass(1);
    expect(codeOf(renew(cleo, plot))).toBe('stop-renewing');
    expect(codeOf(ask(cleo, 1n, { plot }))).toBe('paused');
    const only = { ...policy, guards: { ...policy.guards, stopRenewing: true } };
    ledger.setPolicy({ owner: cleo.owner, policy: only });
    expect(codeOf(ask(cleo, 1n, { plot }))).toBe('stop-renewing');
    letGo(cleo, plot);
    guests.forget(moment());
    expect(book.ended()).toEqual([]);
    expect(renew(cleo, plotOf(come(cleo, chain([ana, cleo]), GB))).type).toBe('granted');
  });

  test('who has to wait for the owner’s word is one of a few, however many keys a friend vouches for', async () => {
    const w = world();
    const { policy } = w.ledger.policy({ owner: 'guests' });
    const guards = { ...policy.guards, askAboveBytes: 1n };
    w.ledger.setPolicy({ owner: 'guests', policy: { ...policy, guards } });
    const crowd = await Promise.all(Array.from({ length: 34 }, makePerson));
    const said = crowd.map((each) => w.come(each, w.chain([ana, each]), GB));
    expect(said.filter((answer) => answer?.type === 'pending').length).toBe(32);
    expect(said.slice(32).map(codeOf)).toEqual(['too-many-waiting', 'too-many-waiting']);
    expect(w.people.friends().filter(({ relation }) => relation === 'guest').length).toBe(32);
  });

  test('may come with another device of his, and a stranger may not', async () => {
    const w = world();
    const another = async (person: Person) => {
      const { statement, signed } = await person.anotherDevice({ instance: 'f'.repeat(32) });
      const common = { name: 'Laptop', statement, signed, addresses: [], atMs: 1 };
      return w.people.add({ ...common, isIntroduced: true });
    };
    expect(await another(cleo)).toEqual(failed('no-friend'));
    plotOf(w.come(cleo, w.chain([ana, cleo]), GB));
    expect(await another(cleo)).toEqual(ok(undefined));
    const guest = w.people.friends().find(({ owner }) => owner === cleo.owner);
    expect([guest?.relation, guest?.devices.length]).toEqual(['guest', 2]);
  });

  test('who is blocked gets nothing more, and stays known until it is taken back', () => {
    const w = world();
    const texts = w.chain([ana, cleo]);
    const plot = plotOf(w.come(cleo, texts, GB));
    w.people.setBlocked({ owner: cleo.owner, blocked: true });
    w.letGo(cleo, plot);
    expect(w.guests.forget(w.moment())).toBe(false);
    expect(codeOf(w.come(cleo, texts, GB))).toBe('blocked');
  });

  test('becomes a friend by pairing, with a share of his own from then on', () => {
    const w = world();
    const plot = plotOf(w.come(cleo, w.chain([ana, cleo]), GB));
    w.befriend(cleo, 'Cleo');
    expect(w.totals().weightSum).toBe(3);
    expect(w.share(cleo).shareBytes).toBe((100n * GB) / 3n);
    expect(w.renew(cleo, plot).type).toBe('granted');
    expect(w.share(ana).vouchedBytes).toBe(promisedBytes(GB));
  });

  test('has no weight, whatever the default policy becomes', () => {
    const w = world();
    w.come(cleo, w.chain([ana, cleo]), GB);
    const grounds = [{ kind: 'fair-share' as const, weight: 4 }];
    w.ledger.setPolicy({ owner: undefined, policy: { guards: {}, grounds } });
    expect(w.totals().weightSum).toBe(8);
  });
});

describe('a friend with a voucher of another friend’s', () => {
  test('has what is his own first, and beyond it what was vouched for, in a plot of its own', () => {
    const w = world();
    const grounds = [{ kind: 'fair-share' as const, weight: 1 }, { kind: 'voucher' as const }];
    w.ledger.setPolicy({ owner: undefined, policy: { guards: {}, grounds } });
    const texts = w.chain([ana, ben], { bytes: 10n * GB });
    expect(w.ask(ben, 45n * GB, { texts })).toMatchObject({ type: 'granted' });
    expect(w.share(ana).vouchedBytes).toBeUndefined();
    expect(w.ask(ben, 8n * GB, { texts })).toMatchObject({ type: 'granted' });
    expect(w.share(ana).vouchedBytes).toBe(promisedBytes(8n * GB));
    expect(w.share(ben).useBytes).toBe(promisedBytes(45n * GB) + promisedBytes(8n * GB));
    expectSoundBooks(w);
  });
});

describe('who vouched', () => {
  const refusals: readonly (readonly [string, (w: VoucherWorld) => void])[] = [
    ['blocked', (w) => w.people.setBlocked({ owner: ana.owner, blocked: true })],
    [
      'leaving by the host’s wish',
      (w) => w.people.setLeaving({ owner: ana.owner, atServiceS: 99_999_999 }),
    ],
    ['leaving by his own', (w) => w.people.setLeaves({ owner: ana.owner, leavesMs: 5 })],
    ['a friend no longer', (w) => w.people.depart({ owner: ana.owner, moment: w.moment() })],
  ];
  test.each(refusals)('and is %s: nothing new, and what stands is not renewed', (_how, happen) => {
    const w = world();
    const texts = w.chain([ana, cleo]);
    const plot = plotOf(w.come(cleo, texts, GB));
    happen(w);
    expect(w.come(dev, w.chain([ana, dev]), GB)).toBeUndefined();
    expect(codeOf(w.ask(cleo, GB, { plot }))).toBe('voucher-invalid');
    expect(codeOf(w.renew(cleo, plot))).toBe('voucher-invalid');
  });

  test('and takes it back: nothing new, and what stands is not renewed; others of his count on', () => {
    const w = world();
    const [texts, others] = [w.chain([ana, cleo]), w.chain([ana, dev])];
    const plot = plotOf(w.come(cleo, texts, GB));
    const other = plotOf(w.come(dev, others, GB));
    w.book.takeBack({ introducer: ana.owner, ids: [idOf(texts[0])], atMs: w.moment().nowMs });
    expect(codeOf(w.renew(cleo, plot))).toBe('voucher-invalid');
    expect(codeOf(w.ask(cleo, GB, { plot, texts }))).toBe('voucher-invalid');
    expect(w.renew(dev, other).type).toBe('granted');
  });

  test('and taken back it stays, whatever a clock that once was two years ahead has seen', () => {
    const w = world();
    const texts = w.chain([ana, cleo]);
    const take = (ids: readonly string[], aheadDays = 0) =>
      w.book.takeBack({
        introducer: ana.owner,
        ids,
        atMs: w.moment().nowMs + aheadDays * 86_400_000,
      });
    take([idOf(texts[0])]);
    take([newVoucherId()], 800);
    expect(w.come(cleo, texts, GB)).toBeUndefined();
    // To say the same again costs nothing of what can be said.
    const many = Array.from({ length: 998 }, newVoucherId);
    for (const ids of [many, many, [newVoucherId()]])
      expect(take(ids)).toEqual(ids.length === 1 ? failed('too-many') : ok(undefined));
  });

  test('and goes: what stands runs out and is kept, and takes nothing from what the others share', () => {
    const w = world();
    const plot = plotOf(w.come(cleo, w.chain([ana, cleo]), 10n * GB));
    const promised = promisedBytes(10n * GB);
    w.people.depart({ owner: ana.owner, moment: w.moment() });
    expect(codeOf(w.renew(cleo, plot))).toBe('voucher-invalid');
    expect(w.share(ben).shareBytes).toBe(100n * GB - promised);
    for (let month = 0; month < 12; month += 1) {
      w.pass(30);
      w.ledger.sweep({ moment: w.moment(), mayEndOn: ROOMY, disk: ROOMY });
      expect(codeOf(w.ask(ben, 95n * GB))).toBe('no-space');
    }
    expect(w.ledger.plot({ plot, moment: w.moment() })?.state).toBe('reclaimable');
    expect(w.totals().promisedBytes).toBe(promised);
    w.letGo(cleo, plot);
    expect(w.share(ben).shareBytes).toBe(100n * GB);
    const vouched = w.sql.prepare('SELECT sum(promised) AS promised FROM vouched').get();
    expect(vouched).toEqual({ promised: 0n });
  });

  test('can’t take back what somebody else gave', () => {
    const w = world();
    const texts = w.chain([ana, cleo]);
    const plot = plotOf(w.come(cleo, texts, GB));
    w.book.takeBack({ introducer: ben.owner, ids: [idOf(texts[0])], atMs: w.moment().nowMs });
    expect(w.renew(cleo, plot).type).toBe('granted');
  });

  test('and takes it back before it was ever shown: it counts for nothing', () => {
    const w = world();
    const texts = w.chain([ana, cleo]);
    w.book.takeBack({ introducer: ana.owner, ids: [idOf(texts[0])], atMs: w.moment().nowMs });
    expect(w.come(cleo, texts, GB)).toBeUndefined();
  });

  test('with a device that was struck off: nothing new, and what stands is not renewed', async () => {
    const w = world();
    const plot = plotOf(w.come(cleo, w.chain([ana, cleo]), GB));
    const successor = await ana.anotherDevice({ serial: 2 });
    const { statement, signed } = successor;
    w.people.add({ name: 'Ana', statement, signed, addresses: [], atMs: 1, isIntroduced: true });
    expect(codeOf(w.renew(cleo, plot))).toBe('voucher-invalid');
    expect(w.come(dev, w.chain([ana, dev]), GB)).toBeUndefined();
    expect(w.come(dev, w.chain([ana, dev], {}, [successor]), GB)?.type).toBe('granted');
  });

  test('is told what of his is used, and of nobody else’s', () => {
    const w = world();
    const texts = w.chain([ana, cleo, dev]);
    w.come(cleo, texts.slice(0, 1), GB);
    w.come(dev, texts, 2n * GB);
    w.come(newcomers[2]!, w.chain([ben, newcomers[2]!]), GB);
    const both = promisedBytes(GB) + promisedBytes(2n * GB);
    expect(w.book.vouchedBy(ana.owner)).toMatchObject([
      { id: idOf(texts[0]), newcomer: cleo.owner, usedBytes: both, withdrawn: false },
    ]);
    expect(w.book.vouchedBy(cleo.owner)).toMatchObject([
      { id: idOf(texts[1]), newcomer: dev.owner, usedBytes: promisedBytes(2n * GB) },
    ]);
  });
});

describe('a voucher that was passed on', () => {
  test('is charged to the first introducer, and uses up what it was narrowed from', () => {
    const w = world();
    const texts = w.chain([ana, cleo, dev], { bytes: 10n * GB });
    plotOf(w.come(dev, texts, 6n * GB));
    expect(w.share(ana).vouchedBytes).toBe(promisedBytes(6n * GB));
    expect(codeOf(w.come(cleo, texts.slice(0, 1), 6n * GB))).toBe('voucher-used-up');
    expect(w.come(cleo, texts.slice(0, 1), 3n * GB)?.type).toBe('granted');
  });

  test('gives no more than its narrowest link says, whatever is left of the others', () => {
    const w = world();
    const [first = ''] = w.chain([ana, cleo], { bytes: 10n * GB });
    const { hash: parent, untilMs = 0 } = readVoucher(first) ?? {};
    const what = { host: host.owner, bytes: 2n * GB, untilMs, id: newVoucherId(), parent };
    const who = { introducer: cleo.owner, newcomer: dev.owner, delegable: false };
    const texts = [first, vouch({ ...what, ...who }, cleo.device)];
    expect(codeOf(w.come(dev, texts, 3n * GB))).toBe('voucher-used-up');
    expect(w.come(dev, texts, GB)?.type).toBe('granted');
  });

  test('ends with the one that it was narrowed from', () => {
    const w = world();
    const texts = w.chain([ana, cleo, dev]);
    const plot = plotOf(w.come(dev, texts, GB));
    w.book.takeBack({ introducer: ana.owner, ids: [idOf(texts[0])], atMs: w.moment().nowMs });
    expect(codeOf(w.renew(dev, plot))).toBe('voucher-invalid');
  });

  test('ends when whoever passed it on takes it back', () => {
    const w = world();
    const texts = w.chain([ana, cleo, dev]);
    const plot = plotOf(w.come(dev, texts, GB));
    w.book.takeBack({ introducer: cleo.owner, ids: [idOf(texts[1])], atMs: w.moment().nowMs });
    expect(codeOf(w.renew(dev, plot))).toBe('voucher-invalid');
  });

  test('runs out with its time, and a lease never outlives it', () => {
    const w = world();
    const plot = plotOf(w.come(cleo, w.chain([ana, cleo]), GB));
    w.pass(70);
    const renewed = w.renew(cleo, plot);
    expect(renewed).toMatchObject({ type: 'granted', ttl: 20 * 86_400 });
    w.pass(21);
    expect(codeOf(w.renew(cleo, plot))).toBe('voucher-expired');
  });
});

describe('five keys of one person', () => {
  test('get together no more than their introducer could have, whatever they ask and in whatever order', () => {
    const sizes = fc.array(
      fc.record({
        who: fc.nat(4),
        size: fc.bigInt({ min: 1n, max: 60n * GB }),
        again: fc.boolean(),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(sizes, fc.bigInt({ min: 0n, max: 49n * GB }), (asked, ownSize) => {
        const w = world();
        if (ownSize > 0n) w.ask(ana, ownSize);
        for (const { who, size, again } of asked) {
          const person = newcomers[who]!;
          const texts = w.chain([ana, person], { bytes: 90n * GB });
          if (again) w.ask(person, size, { texts });
          else w.come(person, texts, size);
        }
        const { useBytes, shareBytes } = w.share(ana);
        expect(useBytes).toBeLessThanOrEqual(shareBytes ?? 0n);
        expect(w.ask(ben, largestSizeBytes(50n * GB)).type).toBe('granted');
        expectSoundBooks(w);
      }),
      { numRuns: runs(30) },
    );
  });

  test('that introduce each other get no more than the first of them was given', () => {
    const w = world();
    const [a, b, c] = newcomers as [Person, Person, Person];
    const whole = w.chain([ana, a, b, c], { bytes: 12n * GB });
    for (const [index, person] of [a, b, c].entries())
      w.come(person, whole.slice(0, index + 1), 6n * GB);
    expect(w.share(ana).vouchedBytes).toBeLessThanOrEqual(12n * GB);
    expectSoundBooks(w);
  });
});
