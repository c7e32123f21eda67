import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../../electron/core/ledger/ledger.ts';
import type { Sql } from '../../../electron/core/database/open-database.ts';
import type { PlotId, TicketId } from '../../../shared/ids.ts';
import type { AllocateRequest } from '../../../shared/model/allocate.ts';
import {
  BORROWED_GRACE_S,
  BORROWED_LEASE_S,
  GUARANTEED_LEASE_S,
} from '../../../shared/model/plot.ts';
import { DAY_S, GB, MB } from '../../../shared/units.ts';
import {
  addFriend,
  hashOf,
  openTestLedger,
  testOwnerId,
  testRequest,
} from '../../fakes/test-ledger.ts';

/** A host who lends: friends by number, time in days of service, a disk with room for the whole offer. */
function host(friends: number, offerBytes = 100n * GB) {
  const { sql, ledger } = openTestLedger();
  for (let index = 1; index <= friends; index += 1)
    addFriend(sql, testOwnerId(index), `friend ${index}`);
  ledger.setOffer({ folder: '/offer', offerBytes, keepFreeBytes: 0n, volume: 'v' });
  ledger.setPolicy({
    owner: undefined,
    policy: { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 }] },
  });
  const disk = { volumePresent: true, freeBytes: 10_000n * GB };
  let serviceS = 10 * DAY_S;
  const moment = () => ({ nowMs: serviceS * 1000, serviceS });
  const ask = (friend: number, size: bigint, more: Partial<AllocateRequest> = {}) => {
    const request = testRequest(size, { duration: { want: GUARANTEED_LEASE_S, min: 1 }, ...more });
    const owner = testOwnerId(friend);
    return ledger.allocate({ owner, request, bodyHash: hashOf(request), moment: moment(), disk })
      .answer;
  };
  const borrow = (friend: number, size: bigint) =>
    ask(friend, size, { accept: 'borrowed', duration: { want: BORROWED_LEASE_S } });
  const renew = (friend: number, plot: PlotId, want = GUARANTEED_LEASE_S) => {
    const { requestId } = testRequest(1n);
    const request = { v: 1 as const, requestId, duration: { want }, why: [] };
    const owner = testOwnerId(friend);
    const call = { owner, plot, request, bodyHash: hashOf(request), moment: moment(), disk };
    return ledger.renew(call).answer;
  };
  const poll = (friend: number, ticket: TicketId) =>
    ledger.poll({ owner: testOwnerId(friend), ticket, moment: moment(), disk }).answer;
  /** As the host does it: what is released is off the disk a moment later. */
  const sweep = (mayEnd = true) => {
    for (const plot of ledger.sweep({ moment: moment(), ...(mayEnd ? { mayEndOn: disk } : {}) })
      .toErase)
      ledger.erased({ plot, moment: moment() });
  };
  const pass = (days: number) => {
    serviceS += Math.round(days * DAY_S);
    // A host sweeps every minute: each takes a plot one state further.
    for (let minute = 0; minute < 4; minute += 1) sweep();
  };
  const total = () => ledger.totals({ disk });
  return { sql, ledger, ask, borrow, renew, poll, pass, sweep, total, moment, disk };
}

function plotIn(answer: { readonly type: string; readonly plot?: PlotId }): PlotId {
  if (answer.type !== 'granted' || answer.plot === undefined)
    throw new Error(`no plot: ${JSON.stringify(answer.type)}`);
  return answer.plot;
}
function ticketIn(answer: { readonly type: string; readonly ticket?: TicketId }): TicketId {
  if (answer.type !== 'pending' || answer.ticket === undefined)
    throw new Error(`not pending: ${JSON.stringify(answer.type)}`);
  return answer.ticket;
}

describe('lending what others leave idle', () => {
  it('lends in a plot of its own, for a week, and says so', () => {
    const { ask, borrow } = host(2);
    plotIn(ask(1, 49n * GB));
    const lent = borrow(1, 30n * GB);
    expect(lent).toMatchObject({
      type: 'granted',
      class: 'borrowed',
      ttl: BORROWED_LEASE_S,
      grace: BORROWED_GRACE_S,
    });
  });

  it('keeps whoever has not had his share waiting for a lease and its grace at most', () => {
    const { ask, borrow, renew, poll, pass } = host(2);
    plotIn(ask(1, 49n * GB));
    const loan = plotIn(borrow(1, 45n * GB));
    const ticket = ticketIn(ask(2, 40n * GB));
    // Nobody lends while somebody waits, and what is lent is not renewed.
    expect(borrow(1, GB).type).toBe('denied');
    expect(renew(1, loan)).toMatchObject({ reasons: [{ code: 'lent-wanted' }] });
    for (let day = 0; day < 9; day += 1) {
      expect(poll(2, ticket).type).toBe('pending');
      pass(1);
    }
    expect(poll(2, ticket)).toMatchObject({ type: 'granted', class: 'guaranteed' });
  });

  it('renews a loan for as long as nobody waits', () => {
    const { ask, borrow, renew, pass } = host(2);
    plotIn(ask(1, 49n * GB));
    const loan = plotIn(borrow(1, 30n * GB));
    for (let week = 0; week < 10; week += 1) {
      pass(6);
      expect(renew(1, loan)).toMatchObject({ type: 'granted', ttl: BORROWED_LEASE_S });
    }
  });

  it('asks back only as much as is wanted, what ends soonest first', () => {
    const { ask, borrow, renew, pass } = host(3, 90n * GB);
    plotIn(ask(1, 29n * GB));
    const early = plotIn(borrow(1, 10n * GB));
    pass(1);
    const late = plotIn(borrow(1, 10n * GB));
    plotIn(ask(2, 29n * GB));
    ticketIn(ask(3, 18n * GB));
    expect(renew(1, early)).toMatchObject({ type: 'denied' });
    expect(renew(1, late)).toMatchObject({ type: 'granted' });
  });

  it('asks back what is lent when the offer shrinks, and takes nothing', () => {
    const { ledger, ask, borrow, renew, pass } = host(2);
    const own = plotIn(ask(1, 49n * GB));
    const loan = plotIn(borrow(1, 30n * GB));
    ledger.setOffer({ folder: '/offer', offerBytes: 60n * GB, keepFreeBytes: 0n, volume: 'v' });
    expect(renew(1, loan)).toMatchObject({ reasons: [{ code: 'lent-wanted' }] });
    expect(renew(1, own).type).toBe('granted');
    // Over its time it goes only once somebody wants the room.
    pass(10);
    expect(renew(1, loan).type).toBe('denied');
  });

  it('lets nothing that was lent go in the first hour, nor while nobody wants it', () => {
    const { ledger, ask, borrow, sweep, pass, moment } = host(2);
    plotIn(ask(1, 49n * GB));
    const loan = plotIn(borrow(1, 45n * GB));
    const state = () => ledger.plot({ plot: loan, moment: moment() })?.state;
    pass(10);
    expect(state()).toBe('reclaimable');
    ticketIn(ask(2, 40n * GB));
    sweep(false);
    expect(state()).toBe('reclaimable');
    sweep(true);
    expect(state()).toBe('gone');
  });
});

describe('a request that pends', () => {
  it('is one request: asked again it has the same ticket, and its answer is kept', () => {
    const { sql, ledger, disk, moment } = host(1);
    ledger.setPolicy({
      owner: undefined,
      policy: { guards: { askAboveBytes: 0n }, grounds: [{ kind: 'always' }] },
    });
    const request = testRequest(GB);
    const owner = testOwnerId(1);
    const call = { owner, request, bodyHash: hashOf(request), moment: moment(), disk };
    const ticket = ticketIn(ledger.allocate(call).answer);
    expect(ticketIn(ledger.allocate(call).answer)).toBe(ticket);
    expect(ledger.allocate({ ...call, bodyHash: hashOf('other') }).status).toBe(409);
    expect(ledger.waiting()).toHaveLength(1);
    ledger.answerWaiting({ ticket, approved: true });
    const granted = ledger.poll({ owner, ticket, moment: moment(), disk }).answer;
    expect(plotIn(ledger.poll({ owner, ticket, moment: moment(), disk }).answer)).toBe(
      plotIn(granted),
    );
    expect(plotIn(ledger.allocate(call).answer)).toBe(plotIn(granted));
    expect(plots(sql)).toBe(1n);
    expect(ledger.waiting()).toEqual([]);
  });

  it('is refused for good where the owner says no', () => {
    const { ledger, ask, poll } = host(1);
    ledger.setPolicy({
      owner: undefined,
      policy: { guards: { askAboveBytes: 10n * MB }, grounds: [{ kind: 'always' }] },
    });
    expect(ask(1, 5n * MB).type).toBe('granted');
    const ticket = ticketIn(ask(1, GB));
    ledger.answerWaiting({ ticket, approved: false });
    expect(poll(1, ticket)).toMatchObject({ final: true, reasons: [{ code: 'owner-said-no' }] });
    expect(poll(1, ticket)).toMatchObject({ reasons: [{ code: 'owner-said-no' }] });
  });

  it('that was refused is so for a week, also where it was withdrawn before the no was heard', () => {
    const { ledger, ask, pass, moment } = host(1);
    ledger.setPolicy({
      owner: undefined,
      policy: { guards: { askAboveBytes: 10n * MB }, grounds: [{ kind: 'always' }] },
    });
    const ticket = ticketIn(ask(1, GB));
    ledger.answerWaiting({ ticket, approved: false });
    for (let time = 0; time < 2; time += 1)
      ledger.withdraw({ owner: testOwnerId(1), ticket, moment: moment() });
    pass(6);
    expect(ask(1, GB)).toMatchObject({ reasons: [{ code: 'owner-said-no' }] });
    pass(8);
    expect(ask(1, GB)).toMatchObject({ type: 'pending', why: 'owner-approval' });
  });

  it('belongs to the friend who asked, lapses after a day without a question, and there are few', () => {
    const { ledger, ask, poll, pass } = host(2);
    ledger.setPolicy({
      owner: undefined,
      policy: { guards: { askAboveBytes: 0n }, grounds: [{ kind: 'always' }] },
    });
    const ticket = ticketIn(ask(1, GB));
    expect(poll(2, ticket)).toMatchObject({ reasons: [{ code: 'ticket-unknown' }] });
    pass(0.9);
    ticketIn(poll(1, ticket));
    pass(0.9);
    ticketIn(poll(1, ticket));
    pass(1.1);
    expect(poll(1, ticket)).toMatchObject({ reasons: [{ code: 'ticket-unknown' }] });
    for (let index = 0; index < 8; index += 1) ticketIn(ask(1, GB));
    expect(ask(1, GB)).toMatchObject({ reasons: [{ code: 'too-many-waiting' }] });
  });

  it('is decided by what holds when it is asked about, whatever the owner has said before', () => {
    const { ledger, ask, poll } = host(1);
    ledger.setPolicy({
      owner: undefined,
      policy: { guards: { askAboveBytes: 0n }, grounds: [{ kind: 'always' }] },
    });
    const ticket = ticketIn(ask(1, GB));
    ledger.answerWaiting({ ticket, approved: true });
    ledger.setPause({ sinceMs: 0, untilMs: 1 });
    ticketIn(poll(1, ticket));
    ledger.setPause(undefined);
    ledger.setPolicy({
      owner: undefined,
      policy: { guards: { paused: true }, grounds: [{ kind: 'always' }] },
    });
    expect(poll(1, ticket)).toMatchObject({ type: 'denied', reasons: [{ code: 'paused' }] });
  });

  it('outlasts a missing drive, a pause and quiet hours, and keeps its place in line', () => {
    const { ledger, ask, borrow, poll, pass, moment, disk } = host(2);
    plotIn(ask(1, 49n * GB));
    plotIn(borrow(1, 45n * GB));
    const ticket = ticketIn(ask(2, 40n * GB));
    const owner = testOwnerId(2);
    const gone = { volumePresent: false, freeBytes: 0n };
    expect(ledger.poll({ owner, ticket, moment: moment(), disk: gone })).toMatchObject({
      status: 200,
      answer: { type: 'pending', ticket, why: 'queue' },
    });
    ledger.setPause({ sinceMs: 0, untilMs: 1 });
    ticketIn(poll(2, ticket));
    ledger.setPause(undefined);
    ledger.setPolicy({
      owner,
      policy: {
        guards: { quietHours: { fromMin: 0, untilMin: 60 } },
        grounds: [{ kind: 'fair-share', weight: 1 }],
      },
    });
    const night = { ...moment(), minuteOfDay: 30 };
    ticketIn(ledger.poll({ owner, ticket, moment: night, disk }).answer);
    // Counted in for as long as it waits: nothing is lent before him.
    expect(borrow(1, GB).type).toBe('denied');
    for (let day = 0; day < 9; day += 1) {
      pass(1);
      if (day < 8) ticketIn(poll(2, ticket));
    }
    expect(poll(2, ticket)).toMatchObject({ type: 'granted', class: 'guaranteed' });
  });

  it('can be asked about after days of silence, if it was answered in between and nobody heard it', () => {
    const { ledger, ask, poll, pass } = host(1);
    ledger.setPolicy({
      owner: undefined,
      policy: { guards: { askAboveBytes: 0n }, grounds: [{ kind: 'always' }] },
    });
    const ticket = ticketIn(ask(1, GB));
    ledger.answerWaiting({ ticket, approved: true });
    const plot = plotIn(poll(1, ticket));
    pass(5);
    expect(plotIn(poll(1, ticket))).toBe(plot);
  });

  it('that was withdrawn is not granted by a late repetition', () => {
    const { sql, ledger, disk, moment } = host(1);
    const asking = { guards: { askAboveBytes: 0n }, grounds: [{ kind: 'always' as const }] };
    ledger.setPolicy({ owner: undefined, policy: asking });
    const request = testRequest(GB);
    const owner = testOwnerId(1);
    const call = { owner, request, bodyHash: hashOf(request), moment: moment(), disk };
    const ticket = ticketIn(ledger.allocate(call).answer);
    ledger.withdraw({ owner, ticket, moment: moment() });
    ledger.setPolicy({ owner: undefined, policy: { guards: {}, grounds: [{ kind: 'always' }] } });
    expect(ledger.allocate(call).answer).toMatchObject({ reasons: [{ code: 'ticket-unknown' }] });
    expect(plots(sql)).toBe(0n);
  });

  it('stands in line once for each friend, however many of his requests the owner has said yes to', () => {
    const { ledger, ask, borrow, poll, disk } = host(3, 90n * GB);
    ledger.setPolicy({
      owner: testOwnerId(2),
      policy: { guards: { askAboveBytes: 0n }, grounds: [{ kind: 'fair-share', weight: 1 }] },
    });
    const tickets = [1, 2, 3].map(() => ticketIn(ask(2, 20n * GB)));
    plotIn(ask(1, 29n * GB));
    plotIn(borrow(1, 55n * GB));
    for (const ticket of tickets) ledger.answerWaiting({ ticket, approved: true });
    for (const ticket of tickets) expect(poll(2, ticket)).toMatchObject({ why: 'queue' });
    // Cleo, within her share, is not kept out by three times what he may have.
    expect(ask(3, 20n * GB)).toMatchObject({ type: 'pending', why: 'queue' });
    expect(ledger.waiting().filter(({ why }) => why === 'queue')).toHaveLength(2);
    expect(ledger.share({ owner: testOwnerId(2), disk }).mayBorrowBytes).toBeUndefined();
  });
});

describe('what is lent, where the room is not what it was', () => {
  it('is renewed while the drive is not there, unless somebody waits: then later', () => {
    const { ledger, ask, borrow, moment } = host(2);
    plotIn(ask(1, 49n * GB));
    const loan = plotIn(borrow(1, 45n * GB));
    const gone = { volumePresent: false, freeBytes: 0n };
    const renew = () => {
      const { requestId } = testRequest(1n);
      const request = { v: 1 as const, requestId, duration: { want: DAY_S }, why: [] };
      const call = { plot: loan, request, bodyHash: hashOf(request), moment: moment() };
      return ledger.renew({ owner: testOwnerId(1), ...call, disk: gone });
    };
    expect(renew().answer.type).toBe('granted');
    ticketIn(ask(2, 40n * GB));
    expect(renew()).toMatchObject({
      status: 503,
      answer: { final: false, reasons: [{ code: 'volume-missing' }] },
    });
  });

  it('goes only as far as it is wanted, and not because its own friend asked for more', () => {
    const { ledger, ask, borrow, pass, sweep, moment } = host(3, 90n * GB);
    plotIn(ask(1, 29n * GB));
    const first = plotIn(borrow(1, 10n * GB));
    const second = plotIn(borrow(1, 15n * GB));
    plotIn(ask(2, 29n * GB));
    const states = () =>
      [first, second].map((plot) => ledger.plot({ plot, moment: moment() })?.state);
    pass(10);
    expect(borrow(1, 80n * GB).type).toBe('denied');
    sweep();
    sweep();
    expect(states()).toEqual(['reclaimable', 'reclaimable']);
    const waits = ask(3, 12n * GB);
    expect(waits.type).toBe('pending');
    sweep();
    sweep();
    expect(states()).toEqual(['gone', 'reclaimable']);
  });

  it('tells whoever stands in line what is there at his place, however many stand behind him', () => {
    const { ledger, ask, borrow, poll, pass, disk } = host(3, 90n * GB);
    plotIn(ask(1, 29n * GB));
    // Two loans that end one after the other: the first is enough for the first in line, not for both.
    plotIn(borrow(1, 27n * GB));
    pass(1);
    plotIn(borrow(1, 28n * GB));
    const first = ticketIn(ask(2, 25n * GB));
    const second = ticketIn(ask(3, 25n * GB));
    const mayAsk = () => ledger.share({ owner: testOwnerId(2), disk }).mayAskBytes;
    expect(mayAsk()).toBeLessThan(25n * GB);
    for (let day = 0; day < 8; day += 1) {
      pass(1);
      ticketIn(poll(3, second));
      if (mayAsk() < 25n * GB) ticketIn(poll(2, first));
    }
    expect(mayAsk()).toBeGreaterThanOrEqual(25n * GB);
    plotIn(poll(2, first));
  });
});

function plots(sql: Sql): bigint {
  return sql.prepare<[], bigint>('SELECT count(*) FROM plots').pluck().get() ?? 0n;
}

/** Friends who ask, let go, renew and borrow at random, day after day: how long does anybody wait? */
function waitedDays(seed: number): number {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const friends = 4;
  const world = host(friends, 40n * GB);
  const held = new Map<number, PlotId[]>();
  const line = new Map<number, { readonly ticket: TicketId; readonly day: number }>();
  const keep = (friend: number, answer: ReturnType<typeof world.ask>) => {
    if (answer.type === 'granted') held.set(friend, [...(held.get(friend) ?? []), answer.plot]);
  };
  let most = 0;
  for (let day = 0; day < 120; day += 1) {
    for (let friend = 1; friend <= friends; friend += 1) {
      const waits = line.get(friend);
      if (waits !== undefined) {
        const answer = world.poll(friend, waits.ticket);
        if (answer.type === 'pending') continue;
        // The offer stays, nobody joins: who waits gets what he waited for.
        expect(answer.type).toBe('granted');
        most = Math.max(most, day - waits.day);
        line.delete(friend);
        keep(friend, answer);
      }
      for (const plot of held.get(friend) ?? []) world.renew(friend, plot);
      const size = BigInt(Math.ceil(random() * 9)) * GB;
      if (random() < 0.3) keep(friend, world.borrow(friend, size));
      if (random() < 0.2) {
        const answer = world.ask(friend, size);
        if (answer.type === 'pending') line.set(friend, { ticket: answer.ticket, day });
        keep(friend, answer);
      }
      if (random() < 0.1) {
        const [first, ...rest] = held.get(friend) ?? [];
        if (first !== undefined) release(world.ledger, testOwnerId(friend), first, world.moment());
        held.set(friend, rest);
      }
    }
    const { promisedBytes, capacityBytes } = world.total();
    expect(promisedBytes).toBeLessThanOrEqual(capacityBytes);
    world.pass(1);
  }
  world.sql.close();
  return most;
}

function release(
  ledger: Ledger,
  owner: ReturnType<typeof testOwnerId>,
  plot: PlotId,
  moment: { readonly nowMs: number; readonly serviceS: number },
): void {
  ledger.release({ owner, plot, moment });
}

describe('the bound of design §3.3', () => {
  it('nobody under his share waits longer than a borrowed lease and its grace', () => {
    const waits = Array.from({ length: 16 }, (_, index) => waitedDays(index + 1));
    // A poll a day finds out up to a day later.
    expect(Math.max(...waits)).toBeLessThanOrEqual(
      (BORROWED_LEASE_S + BORROWED_GRACE_S) / DAY_S + 1,
    );
    // And waiting does happen in these worlds.
    expect(waits.filter((days) => days > 0).length).toBeGreaterThan(4);
  });
});
