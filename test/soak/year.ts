import { createHash } from 'node:crypto';
import { denominationsOf } from '../../electron/core/barter/notes.ts';
import { startLeaseKeeper } from '../../electron/core/client/holdings/lease-keeper.ts';
import type { Friend } from '../../electron/core/friends/friend-book.ts';
import { type Fault, fault } from '../../shared/fault.ts';
import type { PlotId } from '../../shared/ids.ts';
import type { AllocateRequest, Answer, RenewRequest } from '../../shared/model/allocate.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { DAY_S, GB } from '../../shared/units.ts';
import { asAsync } from '../fakes/set-world.ts';
import { hashOf, testPlotId, testRequest } from '../fakes/test-ledger.ts';
import { newPromise } from '../core/ledger/engine/books.ts';
import { wrongIn } from './year-checks.ts';
import {
  ACCOUNT,
  befriend,
  createPeople,
  isKeeper,
  isMember,
  partnerOf,
  type Person,
  setPolicies,
} from './year-people.ts';

/**
 * A year among friends, by a clock in the hand of a test: everybody keeps room for the others, with real books and real
 * lease keepers; people go on holiday, join and leave, backups grow and lose what is old, an account is kept, orders
 * are carried out. After each day everything is added up anew, and whatever ended must have had a reason.
 */
export type YearOptions = {
  readonly people: number;
  readonly days: number;
  readonly seed: number;
  readonly onDay?: ((day: number, people: readonly Person[]) => void) | undefined;
};

const STEP_S = DAY_S / 4;
const STEPS = 4;
const START_MS = 1_800_000_000_000;
/** Backups of so many days are kept. */
const RETENTION = 14;
const ORDER_EVERY_DAYS = 30;
const ORDER_UNITS = 16n;
/** What holds a plot after a day together: its lease is renewed when half of it is over. */
const TOGETHER_DAYS = 2;

export async function liveYear({ people: count, days, seed, onDay }: YearOptions) {
  const random = randomOf(seed);
  const chance = (oneIn: number) => random(oneIn) === 0;
  const pick = <T>(from: readonly T[]): T | undefined => from[random(Math.max(1, from.length))];
  const people = createPeople(count);
  const byOwner = new Map(people.map((person) => [person.owner, person]));
  const [household] = people;
  const seen = new Map<string, number>();
  const note = (what: string): void => {
    seen.set(what, (seen.get(what) ?? 0) + 1);
  };
  /** Let go of, by their guests or with a friendship. */
  const letGo = new Set<PlotId>();
  const time = { nowMs: START_MS, monotonicMs: 1_000_000 };
  const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.monotonicMs };
  let day = 0;
  let made = 0;

  const disk = { volumePresent: true, freeBytes: 1000n * GB };
  const momentOf = ({ serviceS }: Person) => ({
    nowMs: time.nowMs,
    serviceS,
    minuteOfDay: 0,
  });
  const isUp = ({ upSince }: Person) => upSince !== undefined;
  const present = () => people.filter(({ hasJoined }) => hasJoined);
  const knows = (guest: Person, host: Person) => guest.friends.has(host);

  const keepers = new Map(
    people.map((person) => [
      person,
      startLeaseKeeper({
        upkeep: {
          renewMany: (host, plots, duration) => renewMany(person, host, plots, duration),
          errands: async () => [],
          runErrands: async () => 0,
        },
        friends: {
          person: (owner) =>
            ({ owner, departed: false, devices: [] }) as unknown as Friend | undefined,
        },
        holdings: asAsync(person.home.holdings),
        clock,
      }),
    ]),
  );

  async function renewMany(
    guest: Person,
    { owner }: Pick<Friend, 'owner'>,
    plots: readonly PlotId[],
    duration: RenewRequest['duration'],
  ): Promise<Map<PlotId, Result<Answer, Fault>>> {
    const host = byOwner.get(owner);
    if (host === undefined || !isUp(host) || !knows(guest, host))
      return new Map(
        plots.map((plot) => [plot, failed(fault('unreachable', { friend: owner, detail: 'off' }))]),
      );
    const { requestId } = testRequest(1n);
    const request = { v: 1 as const, requestId, plots: [...plots], duration };
    const call = { owner: guest.owner, request, bodyHash: hashOf(request), disk };
    const answers = new Map<PlotId, Result<Answer, Fault>>();
    let from: number | undefined = 0;
    while (from !== undefined) {
      const at: { from: number } = { from };
      const moment = momentOf(host);
      const reply = host.home.run(({ ledger }) => ledger.renewMany({ ...call, ...at, moment }));
      if (!('renewed' in reply)) break;
      for (const { plot, answer } of reply.renewed.answers) answers.set(plot, ok(answer));
      from = reply.next;
    }
    note('renewals');
    return answers;
  }

  function ask(
    guest: Person,
    host: Person,
    size: bigint,
    more: Partial<AllocateRequest> & { readonly shows?: Record<string, unknown> } = {},
  ): Answer {
    const { shows = {}, ...rest } = more;
    const request = testRequest(size, { duration: { want: 31 * DAY_S }, ...rest });
    const call = { owner: guest.owner, request, bodyHash: hashOf(request), disk };
    const moment = momentOf(host);
    const reply = host.home.run(({ ledger }) =>
      ledger.allocate({ ...call, moment, gathered: shows }),
    );
    const { answer } = reply;
    note(`asked ${answer.type}`);
    if (answer.type === 'granted')
      guest.home.holdings.keep({ host: host.owner, granted: answer, askedAtMs: time.nowMs });
    return answer;
  }

  /** A member asks on the account; the keeper sets it aside, if he can be asked. */
  function askOnAccount(guest: Person, host: Person, size: bigint): void {
    if (household === undefined || !isUp(household)) return;
    const place = { keeper: household.owner, device: household.home.device, account: ACCOUNT };
    const id = newPromise();
    const { requestId } = testRequest(1n);
    const { nowMs } = time;
    const begin = { id, place, owner: guest.owner, requestId, nowMs };
    host.home.run(({ hosted }) => hosted.begin(begin));
    const bytes = size + (size / 100n > 67_108_864n ? size / 100n : 67_108_864n);
    const from = { owner: host.owner, device: host.home.device };
    const wish = { v: 1 as const, reservation: id, account: ACCOUNT, member: guest.owner, bytes };
    const said = household.home.run(({ accounts }) =>
      accounts.reserve({ ...wish, from, atMs: nowMs }),
    );
    if (!said.ok) {
      host.home.run(({ hosted }) => hosted.refused(id));
      note('beyond the plan');
      return;
    }
    const evidence = { ...place, type: 'reserved', promise: id, bytes, maxS: 1e12, others: [] };
    const server = { device: household.home.device, addresses: [] };
    const why: AllocateRequest['why'] = [{ kind: 'account', server, account: ACCOUNT }];
    ask(guest, host, size, { requestId, why, shows: { account: { evidence, begun: [id] } } });
    note('on the account');
  }

  /** Hosts tell the keeper, and compare with him what lies there. */
  function tellKeeper(host: Person): void {
    if (household === undefined || !isUp(household) || host === household) return;
    const { device } = household.home;
    const from = { owner: host.owner, device: host.home.device };
    const atMs = time.nowMs;
    for (;;) {
      const items = host.home.run(({ hosted }) => hosted.next(device));
      if (items.length === 0) break;
      const { seq } = household.home.run(({ accounts }) => accounts.settle({ from, items, atMs }));
      const upTo = items.at(-1)?.seq ?? 0;
      host.home.run(({ hosted }) => hosted.told({ device, upTo, seq }));
    }
    const page = host.home.run(({ hosted }) => hosted.page({ device, after: null, nowMs: atMs }));
    if (page === undefined) throw new Error('everything was told');
    const answer = household.home.run(({ accounts }) =>
      accounts.compare({ v: 1, ...page, from, atMs }),
    );
    if (answer.corrected.length + answer.dropped.length + answer.open.length > 0)
      throw new Error(`what ${host.number} has on the account has drifted`);
    const keeper = { keeper: household.owner, device };
    const { serviceS } = host;
    host.home.run(({ hosted }) =>
      hosted.compared({ from: keeper, page, answer, isHonoured: true, serviceS, nowMs: atMs }),
    );
  }

  /** Each side of an order gives, and fetches what the other has given. */
  function keepOrder(issuer: Person, partner: Person): void {
    if (!isUp(issuer) || !isUp(partner) || !knows(partner, issuer)) return;
    const moment = momentOf(issuer);
    const order = testPlotId(9_000_000 + issuer.number);
    const part = Math.floor(day / ORDER_EVERY_DAYS) + 1;
    const given = issuer.home.run(({ mint }) =>
      mint.give({
        owner: partner.owner,
        units: ORDER_UNITS,
        why: 'order',
        order,
        part,
        moment,
        disk,
      }),
    );
    if (!given.ok) return note('nothing to give');
    const { claims } = issuer.home.run(({ mint }) => mint.shown({ owner: partner.owner, moment }));
    for (const { claim, keyset, units, plot } of claims) {
      if (plot !== undefined) continue;
      const notes = denominationsOf(units).map((k) => {
        made += 1;
        return { keyset, k, secret: createHash('sha256').update(`note ${made}`).digest() };
      });
      const blanks = notes.map(({ k }) => ({ keyset, k, point: 'p' }));
      const { requestId } = testRequest(1n);
      const call = { owner: partner.owner, requestId, bodyHash: hashOf(blanks), blanks, moment };
      const fetched = issuer.home.run(({ mint }) => mint.withdraw({ ...call, claim }));
      if (!fetched.ok) continue;
      partner.notes.set(issuer.owner, [...(partner.notes.get(issuer.owner) ?? []), ...notes]);
      note('notes fetched');
    }
  }

  function payWithNotes(guest: Person, host: Person): void {
    const held = guest.notes.get(host.owner) ?? [];
    if (held.length === 0) return;
    const why: AllocateRequest['why'] = [{ kind: 'notes', notes: ['note'] }];
    const duration = { want: 20 * DAY_S };
    const shows = { notes: { notes: held } };
    const answer = ask(guest, host, GB / 2n, { duration, why, shows });
    const byNotes =
      answer.type === 'granted' &&
      answer.steps.some(({ by, verdict }) => by === 'notes' && verdict === 'allow');
    if (byNotes) {
      guest.notes.set(host.owner, []);
      note('paid with notes');
    }
  }

  /** Today's backup goes in, what is too old goes out. */
  function backUp(guest: Person, plot: PlotId, host: Person): void {
    const moment = momentOf(host);
    const names = guest.sent.get(plot) ?? [];
    const name = createHash('sha256').update(`${plot} ${day}`).digest('hex');
    const key = { plot, type: 'data', name } as const;
    const sizeBytes = 20_000_000n;
    const { owner } = guest;
    host.home.run(({ ledger }) => {
      const reserved = ledger.reserve({ ...key, owner, sizeBytes, moment });
      if (!reserved.ok) return note(`not written: ${reserved.fault.code}`);
      const { reservation } = reserved.value;
      if (chance(50)) return ledger.void({ reservation, moment });
      ledger.post({ reservation, moment });
      names.push(name);
      note('backups');
      return undefined;
    });
    while (names.length > RETENTION) {
      const old = { ...key, name: names.shift() ?? '' };
      host.home.run(({ ledger }) => {
        if (!ledger.remove({ ...old, owner, moment }).ok) throw new Error('an old backup is lost');
        ledger.removed({ ...old, moment });
      });
    }
    guest.sent.set(plot, names);
  }

  function release(guest: Person, plot: PlotId, host: Person): void {
    letGo.add(plot);
    host.home.run(({ ledger }) =>
      ledger.release({ owner: guest.owner, plot, moment: momentOf(host) }),
    );
    guest.home.holdings.drop(plot);
    guest.sent.delete(plot);
  }

  /** A look at each friend's: what is no more there is no holding any more. */
  function lookIn(guest: Person): void {
    for (const holding of guest.home.holdings.holdings()) {
      const { plot } = holding;
      const host = byOwner.get(holding.host);
      if (host === undefined || !isUp(host) || !knows(guest, host)) continue;
      const row = host.home.run(({ ledger }) => ledger.plot({ plot, moment: momentOf(host) }));
      if (row === undefined || row.state === 'gone' || row.state === 'released') {
        guest.home.holdings.drop(plot);
        guest.sent.delete(plot);
        continue;
      }
      const untilMs = time.nowMs + row.leftS * 1000;
      const { writtenBytes } = row;
      guest.home.holdings.noteSeen({ plot, writtenBytes, untilMs, leavesMs: undefined });
      // On an account it also takes its keeper's word, which is good for two weeks.
      const asked = row.ground === 'account' ? [host, guest, household] : [host, guest];
      const together = day - Math.max(...asked.map((each) => each?.upSince ?? day));
      const isKept = row.class === 'guaranteed' && row.ground !== 'notes';
      if (isKept && together >= TOGETHER_DAYS && row.state !== 'active')
        throw new Error(
          `day ${day}: the lease of ${plot} (${row.ground}, ${row.state}, ${row.leftS}) ran out although ${host.number} and ${guest.number} were there`,
        );
    }
  }

  function sweep(host: Person): void {
    const { ledger } = host.home.run((books) => books);
    const moment = momentOf(host);
    const before = new Map(ledger.plots({ moment }).map((row) => [row.plot, row]));
    const mayEnd = (host.upSince ?? day) < day;
    const { toErase } = host.home.run((books) => {
      books.usage.sample({ moment, disk });
      return books.ledger.sweep({ moment, disk, ...(mayEnd ? { mayEndOn: disk } : {}) });
    });
    for (const plot of toErase) {
      const was = before.get(plot);
      if (was === undefined) throw new Error('nothing ends that was not there');
      const mayGo = was.class === 'borrowed' || was.ground === 'notes';
      const isOver = was.state === 'reclaimable' && mayGo;
      if (!letGo.has(plot) && !isOver)
        throw new Error(`a ${was.class} plot on ${was.ground} ended while it was ${was.state}`);
      note(letGo.has(plot) ? 'let go' : `ended ${was.ground}`);
      host.home.run((books) => books.ledger.erased({ plot, moment }));
    }
    host.home.run((books) => {
      books.mint.tidy({ moment });
      books.guests.forget(moment);
      books.hosted.tidy({ nowMs: time.nowMs });
    });
  }

  function comesAndGoes(person: Person): void {
    if (!isUp(person) && day >= person.backOn) person.upSince = day;
    if (isUp(person) && chance(150)) {
      person.upSince = undefined;
      person.backOn = day + 2 + random(chance(4) ? 70 : 14);
      note('away');
    }
  }

  function join(person: Person): void {
    person.hasJoined = true;
    person.upSince = day;
    for (const other of present()) if (other !== person) befriend(person, other, time.nowMs);
    note('joined');
  }

  function leave(person: Person): void {
    person.hasJoined = false;
    for (const other of person.friends) {
      for (const [host, guest] of [
        [person, other],
        [other, person],
      ] as const) {
        const moment = momentOf(host);
        for (const { plot } of host.home.run(({ ledger }) =>
          ledger.plots({ owner: guest.owner, moment }),
        ))
          letGo.add(plot);
        host.home.run(({ friends }) => friends.depart({ owner: guest.owner, moment }));
        for (const { plot, host: at } of guest.home.holdings.holdings())
          if (at === host.owner) guest.home.holdings.drop(plot);
        guest.notes.delete(host.owner);
        host.friends.delete(guest);
      }
    }
    note('left');
  }

  function liveDay(person: Person): void {
    const held = person.home.holdings.holdings();
    for (const { plot, host: owner } of held) {
      const host = byOwner.get(owner);
      if (host === undefined || !isUp(host) || !knows(person, host)) continue;
      const row = host.home.run(({ ledger }) => ledger.plot({ plot, moment: momentOf(host) }));
      if (row?.state === 'active') backUp(person, plot, host);
      if (held.length > 6 && chance(60)) release(person, plot, host);
    }
    const host = pick([...person.friends].filter(isUp));
    if (host === undefined) return;
    const wish = BigInt(1 + random(4)) * GB;
    if (isMember(person) && host.number > 3 && chance(20)) askOnAccount(person, host, wish);
    else if (held.length < 6 || chance(40)) ask(person, host, wish);
    if (chance(25)) ask(person, host, wish, { accept: 'borrowed', duration: { want: 7 * DAY_S } });
    const partner = partnerOf(person, people);
    if (partner !== undefined && isUp(partner) && knows(person, partner)) {
      if (day % ORDER_EVERY_DAYS === 7) keepOrder(person, partner);
      if (day % ORDER_EVERY_DAYS === 9) payWithNotes(person, partner);
    }
  }

  setPolicies(people);
  const latecomers = people.slice(Math.ceil(count * 0.8));
  for (const person of people) if (!latecomers.includes(person)) join(person);
  for (day = 1; day <= days; day += 1) {
    for (const person of present()) comesAndGoes(person);
    for (const [index, person] of latecomers.entries())
      if (day === Math.floor(((index + 1) * days) / (latecomers.length * 3 + 1))) join(person);
    const leaver = people.at(-1);
    if (day === Math.floor(days * 0.7) && leaver?.hasJoined === true) leave(leaver);
    for (let step = 0; step < STEPS; step += 1) {
      time.nowMs += STEP_S * 1000;
      time.monotonicMs += STEP_S * 1000;
      for (const person of people) if (isUp(person)) person.serviceS += STEP_S;
      for (const person of people.filter(isUp)) sweep(person);
      for (const person of present().filter(isUp)) await keepers.get(person)?.renewDue();
    }
    for (const person of present().filter(isUp)) {
      lookIn(person);
      liveDay(person);
    }
    for (const person of people.filter(isUp)) if (!isKeeper(person)) tellKeeper(person);
    for (const { home, number, serviceS } of people) {
      const wrong = wrongIn(home.sql, serviceS);
      if (wrong.length > 0)
        throw new Error(`day ${day}, number ${number}: ${wrong.join('; ')} (seed ${seed})`);
    }
    onDay?.(day, people);
  }
  return { people, seen };
}

export function closeYear(people: readonly Person[]): void {
  for (const { home } of people) home.sql.close();
}

function randomOf(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}
