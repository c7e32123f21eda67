import { describe, expect, it } from 'vitest';
import { GB } from '../../../shared/units.ts';
import { testOwnerId, testPlotId } from '../../fakes/test-ledger.ts';
import {
  BEN,
  CLEO,
  ben,
  cleo,
  family,
  reserve,
  settled,
  settle,
  compare,
  ticket,
  code,
} from './keeper-talk.ts';
import {
  ACCOUNT,
  chargedOf,
  deviceOfOwner,
  DORA,
  EVE,
  NOW_MS,
  openKeeper,
  recounted,
  type TestKeeper,
  testPromise,
} from './world.ts';

describe('reserving', () => {
  it('charges the plan across all hosts and says what is left when it is not enough', () => {
    const keeper = family();
    expect(reserve(keeper, 'a', 60n * GB)).toMatchObject({
      ok: true,
      value: { charged: 60n * GB },
    });
    expect(reserve(keeper, 'b', 41n * GB, cleo)).toMatchObject({
      ok: false,
      fault: {
        code: 'account-over-plan',
        params: {
          planBytes: `${100n * GB}`,
          useBytes: `${60n * GB}`,
          mayAskBytes: `${40n * GB}`,
        },
      },
    });
    expect(code(reserve(keeper, 'b', 40n * GB, cleo))).toBe('yes');
    expect(chargedOf(keeper)).toBe(100n * GB);
  });

  it('does not charge the same reservation twice', () => {
    const keeper = family();
    reserve(keeper, 'a', 60n * GB);
    expect(code(reserve(keeper, 'a', 60n * GB))).toBe('yes');
    expect(chargedOf(keeper)).toBe(60n * GB);
  });

  it('does not take another size for the same reservation', () => {
    const keeper = family();
    reserve(keeper, 'a', 10n * GB);
    expect(code(reserve(keeper, 'a', 20n * GB))).toBe('request-reused');
  });

  it('sets nothing aside for who only asks', () => {
    const keeper = family();
    const reservation = testPromise('q');
    const ask = { v: 1, reservation, account: ACCOUNT, member: DORA, bytes: GB } as const;
    const said = keeper.book.reserve({ ...ask, quote: true, from: ben, atMs: NOW_MS });
    expect(said).toMatchObject({ ok: true, value: { reserved: false } });
    expect(chargedOf(keeper)).toBe(0n);
  });

  it('knows nothing of an account towards strangers to it, be they members or hosts', () => {
    const keeper = family();
    expect(code(reserve(keeper, 'a', GB, ben, EVE))).toBe('account-unknown');
    const stranger = { owner: EVE, device: deviceOfOwner(EVE) };
    expect(code(reserve(keeper, 'a', GB, stranger))).toBe('account-unknown');
  });

  it('is over on an account that is closed', () => {
    const keeper = family();
    keeper.book.setAccount({ account: ACCOUNT, closed: true });
    expect(code(reserve(keeper, 'a', GB))).toBe('account-closed');
  });

  it('grants nothing new on a plan that was lowered below its use, and takes nothing away', () => {
    const keeper = family();
    reserve(keeper, 'a', 60n * GB);
    keeper.book.setAccount({ account: ACCOUNT, planBytes: 50n * GB });
    expect(code(reserve(keeper, 'b', 1n))).toBe('account-over-plan');
    expect(chargedOf(keeper)).toBe(60n * GB);
  });

  it('is not possible beyond the plan even past the code: the schema says so', () => {
    const keeper = family(GB);
    const insert = keeper.sql.prepare(
      `INSERT INTO account_promises (device, id, host, account, member, kind, state, bytes, since_ms)
       VALUES (?, ?, ?, ?, ?, 'reservation', 'open', ?, 0)`,
    );
    const row = [ben.device, testPromise('x'), BEN, ACCOUNT, DORA];
    expect(() => insert.run(...row, GB + 1n)).toThrow(/beyond a plan/);
    expect(() => insert.run(...row, GB)).not.toThrow();
  });
});

describe('what hosts tell', () => {
  it('turns a reservation into what lies there, without ever charging both', () => {
    const keeper = family();
    reserve(keeper, 'a', 60n * GB);
    settle(keeper, [settled(1, 1, 60n * GB, 'a')]);
    expect(keeper.book.account(ACCOUNT)).toMatchObject({ openBytes: 0n, heldBytes: 60n * GB });
  });

  it('counts once however often it comes', () => {
    const keeper = family();
    reserve(keeper, 'a', 60n * GB);
    const item = settled(1, 1, 60n * GB, 'a');
    settle(keeper, [item]);
    settle(keeper, [item, item]);
    expect(chargedOf(keeper)).toBe(60n * GB);
  });

  it('gives back what was voided, and a request for it that comes later gets nothing', () => {
    const keeper = family();
    const gone = { state: 'void', seq: 2, promise: testPromise('a'), account: ACCOUNT } as const;
    settle(keeper, [gone]);
    expect(code(reserve(keeper, 'a', GB))).toBe('request-reused');
    reserve(keeper, 'b', GB);
    settle(keeper, [{ ...gone, promise: testPromise('b') }]);
    expect(code(reserve(keeper, 'b', GB))).toBe('request-reused');
    expect(chargedOf(keeper)).toBe(0n);
  });

  it('can be settled after a void no more', () => {
    const keeper = family();
    reserve(keeper, 'a', GB);
    settle(keeper, [settled(1, 1, GB, 'a')]);
    settle(keeper, [{ state: 'void', seq: 2, promise: testPromise('a'), account: ACCOUNT }]);
    expect(chargedOf(keeper)).toBe(GB);
  });

  it('says the plot’s whole size when it has grown or shrunk', () => {
    const keeper = family();
    settle(keeper, [settled(1, 1, 10n * GB)]);
    reserve(keeper, 'more', 5n * GB);
    settle(keeper, [settled(2, 1, 15n * GB, 'more')]);
    expect(chargedOf(keeper)).toBe(15n * GB);
    settle(keeper, [settled(3, 1, 2n * GB)]);
    expect(chargedOf(keeper)).toBe(2n * GB);
  });

  it('does not bring back what was let go when messages change places', () => {
    const keeper = family();
    settle(keeper, [{ state: 'released', seq: 5, account: ACCOUNT, plot: testPlotId(1) }]);
    settle(keeper, [settled(1, 1, GB)]);
    settle(keeper, [{ state: 'released', seq: 5, account: ACCOUNT, plot: testPlotId(1) }]);
    expect(chargedOf(keeper)).toBe(0n);
    settle(keeper, [settled(6, 2, GB)]);
    settle(keeper, [{ state: 'released', seq: 7, account: ACCOUNT, plot: testPlotId(2) }]);
    settle(keeper, [settled(6, 2, GB)]);
    expect(chargedOf(keeper)).toBe(0n);
  });

  it('does not bring back what a whole comparison has done away with, however late a message comes', () => {
    const keeper = family();
    settle(keeper, [settled(1, 1, GB)]);
    settle(keeper, [{ state: 'released', seq: 2, account: ACCOUNT, plot: testPlotId(1) }]);
    compare(keeper, 5, []);
    settle(keeper, [settled(1, 1, GB)]);
    expect(chargedOf(keeper)).toBe(0n);
  });

  it('does not let what was set aside on one account speak for another, at which the host does not count', () => {
    const keeper = family();
    keeper.book.setAccount({ account: 'firm', planBytes: GB, members: [DORA], hosts: [CLEO] });
    reserve(keeper, 'a', GB);
    settle(keeper, [{ ...settled(1, 1, GB, 'a'), account: 'firm' }]);
    expect(keeper.book.account('firm')).toMatchObject({ openBytes: 0n, heldBytes: 0n });
  });

  it('does not let a host that the plan does not count at charge it', () => {
    const keeper = family();
    const stranger = { owner: EVE, device: deviceOfOwner(EVE) };
    settle(keeper, [settled(1, 1, GB)], stranger);
    compare(keeper, 2, [{ plot: 2, bytes: GB }], stranger);
    expect(chargedOf(keeper)).toBe(0n);
  });

  it('bears a host that claims more than there is', () => {
    const keeper = family();
    for (let plot = 1; plot < 5; plot += 1) settle(keeper, [settled(plot, plot, 2n ** 62n)]);
    settle(keeper, [settled(9, 9, 2n ** 53n)]);
    expect(chargedOf(keeper)).toBe(2n ** 53n);
    expect(code(reserve(keeper, 'a', 1n))).toBe('account-over-plan');
  });
});

describe('a ticket', () => {
  it('charges the plan from when it is given out, and time alone gives nothing back', () => {
    const keeper = family();
    expect(code(ticket(keeper, 1, 60n * GB))).toBe('yes');
    expect(code(reserve(keeper, 'a', 41n * GB))).toBe('account-over-plan');
    expect(code(ticket(keeper, 2, 41n * GB))).toBe('account-over-plan');
  });

  it('is the same one when it is asked for again', () => {
    const keeper = family();
    const one = ticket(keeper, 1);
    const again = ticket(keeper, 1, GB, 'another');
    expect(again.ok && one.ok && again.value.jti === one.value.jti).toBe(true);
    expect(chargedOf(keeper)).toBe(GB);
  });

  it('for another device of the host is another one, and each is the same when it is asked for again', () => {
    const keeper = family();
    const other = { device: deviceOfOwner(testOwnerId(9)) };
    ticket(keeper, 1);
    const one = ticket(keeper, 1, GB, 'other', other);
    const again = ticket(keeper, 1, GB, 'and again', other);
    expect(one).toMatchObject({ ok: true, value: { device: other.device } });
    expect(again).toEqual(one);
    expect(chargedOf(keeper)).toBe(2n * GB);
  });

  it('gets no more time once its account was closed', () => {
    const keeper = family();
    expect(code(ticket(keeper, 1))).toBe('yes');
    keeper.book.setAccount({ account: ACCOUNT, closed: true });
    expect(code(ticket(keeper, 1))).toBe('account-closed');
    expect(chargedOf(keeper)).toBe(GB);
  });

  it('is not given to a member who only collects them, while the others have theirs', () => {
    const keeper = family();
    keeper.book.setAccount({ account: ACCOUNT, members: [DORA, EVE] });
    for (let each = 0; each < 200; each += 1) ticket(keeper, each, 1n);
    expect(code(ticket(keeper, 200, 1n))).toBe('rate-limited');
    expect(code(ticket(keeper, 0, 1n))).toBe('yes');
    expect(code(ticket(keeper, 201, 1n, 'of Eve', { member: EVE }))).toBe('yes');
    expect(code(reserve(keeper, 'for Dora', 1n))).toBe('yes');
    // One that its host has said something about makes room for another.
    settle(keeper, [{ state: 'void', seq: 1, promise: testPromise('jti 0'), account: '-' }]);
    expect(code(ticket(keeper, 200, 1n))).toBe('yes');
  });

  it('stays open in a comparison until its host says what became of it', () => {
    const keeper = family();
    ticket(keeper, 1);
    const { open } = compare(keeper, 1, []);
    expect(open).toEqual([{ promise: testPromise('jti 1'), untilMs: NOW_MS + 300_000 }]);
    settle(keeper, [{ state: 'void', seq: 2, promise: testPromise('jti 1'), account: '-' }]);
    expect(chargedOf(keeper)).toBe(0n);
  });
});

describe('a comparison', () => {
  it('puts right both what the keeper misses and what he has too much', () => {
    const keeper = family();
    settle(keeper, [settled(1, 1, GB), settled(2, 2, GB)]);
    const answer = compare(keeper, 3, [
      { plot: 2, bytes: 3n * GB },
      { plot: 3, bytes: GB },
    ]);
    expect(answer.corrected).toEqual([testPlotId(2), testPlotId(3)]);
    expect(answer.dropped).toMatchObject([{ plot: testPlotId(1), bytes: GB }]);
    expect(chargedOf(keeper)).toBe(4n * GB);
  });

  it('changes nothing the second time', () => {
    const keeper = family();
    compare(keeper, 3, [{ plot: 3, bytes: GB }]);
    expect(compare(keeper, 4, [{ plot: 3, bytes: GB }])).toMatchObject({
      corrected: [],
      dropped: [],
      uncovered: [],
    });
  });

  it('leaves alone what the host has told since', () => {
    const keeper = family();
    settle(keeper, [settled(9, 1, GB)]);
    compare(keeper, 5, []);
    expect(chargedOf(keeper)).toBe(GB);
  });

  it('touches only the plots between its bounds', () => {
    const keeper = family();
    settle(keeper, [settled(1, 1, GB), settled(2, 2, GB), settled(3, 3, GB)]);
    const page = { v: 1 as const, seq: 9, plots: [], from: ben, atMs: NOW_MS };
    keeper.book.compare({ ...page, after: testPlotId(1), upTo: testPlotId(2) });
    expect(chargedOf(keeper)).toBe(2n * GB);
  });

  it('says which plots the account does not cover: a member dropped, an account closed', () => {
    const keeper = family();
    const plots = [{ plot: 1, bytes: GB }];
    expect(compare(keeper, 1, plots).uncovered).toEqual([]);
    keeper.book.setAccount({ account: ACCOUNT, members: [EVE] });
    expect(compare(keeper, 2, plots).uncovered).toEqual([testPlotId(1)]);
    expect(chargedOf(keeper)).toBe(GB);
    keeper.book.setAccount({ account: ACCOUNT, members: [DORA], closed: true });
    expect(compare(keeper, 3, plots).uncovered).toEqual([testPlotId(1)]);
  });
});

describe('striking a host off', () => {
  it('gives back everything that was charged there, for good, until he is named again', () => {
    const keeper = family();
    settle(keeper, [settled(1, 1, GB)]);
    reserve(keeper, 'a', GB);
    settle(keeper, [settled(1, 7, GB)], cleo);
    keeper.book.strike({ account: ACCOUNT, host: BEN });
    expect(chargedOf(keeper)).toBe(GB);
    expect(compare(keeper, 5, [{ plot: 1, bytes: GB }]).uncovered).toEqual([testPlotId(1)]);
    expect(code(reserve(keeper, 'b', GB))).toBe('account-unknown');
    expect(chargedOf(keeper)).toBe(GB);
    keeper.book.setAccount({ account: ACCOUNT, hosts: [BEN, CLEO] });
    compare(keeper, 6, [{ plot: 1, bytes: GB }]);
    expect(chargedOf(keeper)).toBe(2n * GB);
  });

  it('holds where every friend counts', () => {
    const keeper = family(100n * GB, []);
    expect(keeper.book.countsAt(BEN)).toBe(true);
    keeper.book.strike({ account: ACCOUNT, host: BEN });
    expect(keeper.book.countsAt(BEN)).toBe(false);
    expect(keeper.book.countsAt(CLEO)).toBe(true);
  });
});

describe('an account', () => {
  it('is dropped only when nothing is charged on it', () => {
    const keeper = family();
    settle(keeper, [settled(1, 1, GB)]);
    expect(keeper.book.dropAccount(ACCOUNT)).toMatchObject({ fault: 'account-in-use' });
    settle(keeper, [{ state: 'released', seq: 2, account: ACCOUNT, plot: testPlotId(1) }]);
    expect(keeper.book.dropAccount(ACCOUNT).ok).toBe(true);
    expect(keeper.book.dropAccount(ACCOUNT)).toMatchObject({ fault: 'account-unknown' });
  });

  it('says who holds how much where', () => {
    const keeper = family();
    settle(keeper, [settled(1, 1, GB), settled(2, 2, GB)]);
    reserve(keeper, 'a', 5n * GB, cleo);
    expect(keeper.book.usage(ACCOUNT)).toEqual([
      { host: CLEO, member: DORA, chargedBytes: 5n * GB, plots: 0, comparedMs: undefined },
      { host: BEN, member: DORA, chargedBytes: 2n * GB, plots: 2, comparedMs: undefined },
    ]);
    settle(keeper, [{ state: 'released', seq: 3, account: ACCOUNT, plot: testPlotId(1) }]);
    settle(keeper, [settled(1, 7, 5n * GB, 'a')], cleo);
    settle(keeper, [settled(2, 7, 3n * GB)], cleo);
    expect(
      keeper.book.usage(ACCOUNT).map(({ plots, chargedBytes }) => [plots, chargedBytes]),
    ).toEqual([
      [1, 3n * GB],
      [1, GB],
    ]);
    keeper.book.strike({ account: ACCOUNT, host: CLEO });
    expect(keeper.book.usage(ACCOUNT)).toMatchObject([{ host: BEN, chargedBytes: GB }]);
    expect(recounted(keeper)).toBe(chargedOf(keeper));
  });

  it('is not made by who only meant to change one', () => {
    const { book } = openKeeper();
    expect(book.setAccount({ account: 'famly', closed: true })).toMatchObject({
      fault: 'account-unknown',
    });
  });
});

/** So many plots that Ben's device once had: rows that his next comparison takes away. */
function letGo({ sql }: TestKeeper, plots: number): void {
  sql
    .prepare('INSERT INTO account_seen (device, host) VALUES (?, ?) ON CONFLICT DO NOTHING')
    .run(ben.device, BEN);
  sql
    .prepare(
      `WITH RECURSIVE each (plot) AS (SELECT 1 UNION ALL SELECT plot + 1 FROM each WHERE plot < ?)
       INSERT INTO account_held (device, plot, host, account, member, bytes, seq)
       SELECT ?, printf('%026d', plot), ?, ?, ?, 0, 0 FROM each`,
    )
    .run(plots, ben.device, BEN, ACCOUNT, DORA);
}

describe('a host that floods', () => {
  it('can keep nobody else from reserving', () => {
    const keeper = family(100n * GB, []);
    for (let each = 0; each < 1000; each += 1) reserve(keeper, `flood ${each}`, 1n);
    expect(code(reserve(keeper, 'one more', 1n))).toBe('rate-limited');
    expect(code(reserve(keeper, 'another', GB, cleo))).toBe('yes');
  });

  it('leaves behind no more than so many promises, and forgets none that is open', () => {
    const keeper = family();
    reserve(keeper, 'open', GB);
    keeper.sql.transaction(() => {
      for (let at = 1; at <= 30_000; at += 100)
        settle(
          keeper,
          Array.from({ length: 100 }, (_, each) => ({
            state: 'void' as const,
            seq: at + each,
            account: ACCOUNT,
            promise: testPromise(`void ${at + each}`),
          })),
        );
    })();
    const counted = keeper.sql
      .prepare<[], { real: bigint; said: bigint }>(
        'SELECT (SELECT count(*) FROM account_promises) AS real, promises AS said FROM account_seen',
      )
      .get();
    expect(counted?.real).toBe(counted?.said);
    expect(counted?.real).toBeLessThanOrEqual(20_001n);
    expect(chargedOf(keeper)).toBe(GB);
  });

  it('is let set nothing aside from a hundred thousand plots on, and what was set aside is written down', () => {
    const keeper = family();
    reserve(keeper, 'before', GB);
    letGo(keeper, 99_999);
    expect(code(reserve(keeper, 'the last', 2n * GB))).toBe('yes');
    settle(keeper, [settled(1, 1, 2n * GB, 'the last')]);
    expect(code(reserve(keeper, 'one more', GB))).toBe('rate-limited');
    expect(code(ticket(keeper, 1))).toBe('rate-limited');
    expect(code(reserve(keeper, 'elsewhere', GB, cleo))).toBe('yes');
    settle(keeper, [settled(2, 2, GB, 'before')]);
    expect(chargedOf(keeper)).toBe(4n * GB);
    expect(recounted(keeper)).toBe(4n * GB);

    // What it has let go of is forgotten with its comparison, and there is room again.
    compare(keeper, 3, [
      { plot: 1, bytes: 2n * GB },
      { plot: 2, bytes: GB },
    ]);
    expect(code(reserve(keeper, 'one more', GB))).toBe('yes');
  });

  it('has no more than two hundred thousand plots written down, and those that are can still change', () => {
    const keeper = family();
    settle(keeper, [settled(1, 1, 2n * GB)]);
    letGo(keeper, 199_999);
    settle(keeper, [settled(2, 2, GB)]);
    expect(chargedOf(keeper)).toBe(2n * GB);
    settle(keeper, [settled(3, 1, 3n * GB)]);
    expect(chargedOf(keeper)).toBe(3n * GB);
    expect(recounted(keeper)).toBe(3n * GB);
  });
});

describe('a host that counts no longer', () => {
  it('still turns what was set aside for it into what lies there, and no more', () => {
    const keeper = family();
    reserve(keeper, 'a', 5n * GB);
    keeper.book.setAccount({ account: ACCOUNT, hosts: [CLEO] });
    settle(keeper, [settled(1, 1, 5n * GB, 'a'), settled(2, 2, GB)]);
    expect(chargedOf(keeper)).toBe(5n * GB);
  });

  it('lets nobody else in when it was the only one that was named', () => {
    const keeper = family(100n * GB, [BEN]);
    keeper.book.strike({ account: ACCOUNT, host: BEN });
    expect(code(reserve(keeper, 'a', GB))).toBe('account-unknown');
    expect(code(reserve(keeper, 'b', GB, cleo))).toBe('account-unknown');
    expect([keeper.book.countsAt(BEN), keeper.book.countsAt(CLEO)]).toEqual([false, false]);
  });

  it('is charged for nothing at a device in whose place another came', () => {
    const keeper = family();
    reserve(keeper, 'a', 2n * GB);
    settle(keeper, [settled(1, 1, 5n * GB)]);
    const successor = { owner: BEN, device: deviceOfOwner(testOwnerId(9)) };
    compare(keeper, 2, [{ plot: 1, bytes: 5n * GB }], successor);
    expect(keeper.book.gone([ben.device])).toBe(true);
    expect(chargedOf(keeper)).toBe(5n * GB);
    expect(keeper.book.gone([ben.device])).toBe(false);
    expect(recounted(keeper)).toBe(chargedOf(keeper));
  });
});
