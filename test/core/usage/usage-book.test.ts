import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlotId } from '../../../shared/ids.ts';
import { promisedBytes } from '../../../shared/model/plot.ts';
import { GB, MB } from '../../../shared/units.ts';
import { openUsageBook, type UsageBook } from '../../../electron/core/usage/usage-book.ts';
import {
  addFriend,
  hashOf,
  openTestLedger,
  ROOMY,
  testOwnerId,
  testRequest,
} from '../../fakes/test-ledger.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2027, 4, 11, 12);
const ana = testOwnerId(1);
const ben = testOwnerId(2);

let book: ReturnType<typeof openTestLedger>;
let usage: UsageBook;
let nowMs: number;
let serviceS: number;
let objects: number;
const moment = () => ({ nowMs, serviceS });

beforeEach(() => {
  nowMs = START;
  serviceS = 1000;
  objects = 0;
  book = openTestLedger();
  usage = openUsageBook(book.sql, book.ledger);
  addFriend(book.sql, ana, 'Ana');
  addFriend(book.sql, ben, 'Ben');
  book.ledger.setOffer({ folder: '/o', offerBytes: 100n * GB, keepFreeBytes: 0n, volume: 'v' });
  book.ledger.setPolicy({
    owner: undefined,
    policy: { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 }] },
  });
});
afterEach(() => book.sql.close());

function pass(ms: number): void {
  nowMs += ms;
  serviceS += ms / 1000;
  usage.sample({ moment: moment(), disk: ROOMY });
}

function grant(size: bigint): PlotId {
  const request = testRequest(size);
  const call = { owner: ana, request, bodyHash: hashOf(request), moment: moment(), disk: ROOMY };
  const { answer } = book.ledger.allocate(call);
  if (answer.type !== 'granted') throw new Error(answer.type);
  return answer.plot;
}

function write(plot: PlotId, sizeBytes: bigint): void {
  objects += 1;
  const name = objects.toString(16).padStart(64, '0');
  const call = { plot, owner: ana, type: 'data', name, sizeBytes, moment: moment() } as const;
  const reserved = book.ledger.reserve(call);
  if (!reserved.ok) throw new Error(reserved.fault.code);
  book.ledger.post({ reservation: reserved.value.reservation, moment: moment() });
}

const history = (owner: typeof ana | undefined, sinceMs?: number) =>
  usage.history({ owner, sinceMs, moment: moment(), disk: ROOMY });
const minutes = (owner: typeof ana | undefined) =>
  history(owner).map(({ atMs }) => (atMs - START) / MINUTE);

describe('sample()', () => {
  it('keeps what changed at most every ten minutes, and what did not once an hour', () => {
    pass(0);
    const plot = grant(10n * GB);
    for (let minute = 1; minute <= 150; minute += 1) {
      if (minute < 30) write(plot, MB);
      pass(MINUTE);
    }
    // The last one is the present.
    expect(minutes(ana)).toEqual([0, 10, 20, 30, 90, 150]);
    expect(minutes(ben)).toEqual([0, 60, 120, 150]);
  });

  it('knows of each friend what is written, promised and entitled, and of all together what is offered', () => {
    const plot = grant(10n * GB);
    write(plot, 3n * MB);
    pass(0);
    pass(5 * MINUTE);
    const promised = promisedBytes(10n * GB);
    expect(history(ana)).toEqual([
      { atMs: START, writtenBytes: 3n * MB, promisedBytes: promised, limitBytes: 50n * GB },
      { atMs: nowMs, writtenBytes: 3n * MB, promisedBytes: promised, limitBytes: 50n * GB },
    ]);
    expect(history(ben).at(-1)).toMatchObject({ promisedBytes: 0n, limitBytes: 50n * GB });
    expect(history(undefined).at(-1)).toMatchObject({
      writtenBytes: 3n * MB,
      promisedBytes: promised,
      limitBytes: 100n * GB,
    });
  });

  it('has no limit where the ground knows none', () => {
    const policy = { guards: {}, grounds: [{ kind: 'always' }] } as const;
    book.ledger.setPolicy({ owner: ben, policy: { ...policy, grounds: [...policy.grounds] } });
    pass(0);
    expect(history(ben).map(({ limitBytes }) => limitBytes)).toEqual([undefined]);
  });

  it('takes none while the drive is away, and goes on showing the share there was', () => {
    pass(0);
    nowMs += HOUR;
    const away = { volumePresent: false, freeBytes: 0n };
    usage.sample({ moment: moment(), disk: away });
    const shown = usage.history({ owner: ana, sinceMs: undefined, moment: moment(), disk: away });
    expect(shown.map(({ atMs, limitBytes }) => [atMs, limitBytes])).toEqual([
      [START, 50n * GB],
      [nowMs, 50n * GB],
    ]);
  });

  it('thins what has grown old', () => {
    const plot = grant(10n * GB);
    for (let tick = 0; tick < 6 * 24 * 65; tick += 1) {
      if (tick % 50 === 0) write(plot, 1n);
      pass(10 * MINUTE);
    }
    // A chart of the last week is finer than one of the whole.
    const ofAna = book.sql.prepare('SELECT count(*) FROM samples WHERE owner = ?').pluck().get(ana);
    expect(Number(ofAna)).toBeLessThan(2 * 24 + 60 * 24 + 30);
    expect(Number(ofAna)).toBeGreaterThan(50 * 24);
    const all = history(ana).length;
    expect(all).toBeLessThanOrEqual(500);
    expect(all).toBeGreaterThan(400);
    const week = history(ana, nowMs - 7 * DAY);
    expect(week.length).toBeGreaterThan(7 * 23);
    expect(week[0]?.atMs).toBeGreaterThanOrEqual(nowMs - 7 * DAY);
  });

  it('drops what a friend used who departed more than 400 days ago, and keeps what present ones did', () => {
    pass(0);
    book.sql.prepare('UPDATE friends SET departed = 1 WHERE owner = ?').run(ben);
    for (let day = 0; day <= 401; day += 1) pass(DAY);
    // Thinned in turn, one owner a minute.
    for (let minute = 0; minute < 3; minute += 1) pass(MINUTE);
    const times = (owner: string) =>
      book.sql.prepare('SELECT min(at_ms) FROM samples WHERE owner = ?').pluck().get(owner);
    expect(times(ben)).toBeNull();
    expect(times(ana)).toBe(BigInt(START));
  });
});

describe('a clock that is put back', () => {
  it('by an hour: nothing is lost, and times go on rising', () => {
    pass(0);
    pass(HOUR);
    nowMs -= HOUR;
    for (let minute = 0; minute < 30; minute += 1) pass(MINUTE);
    const during = history(ana).map(({ atMs }) => atMs);
    expect(during).toEqual([START, nowMs]);
    for (let minute = 0; minute < 120; minute += 1) pass(MINUTE);
    const after = history(ana).map(({ atMs }) => atMs);
    expect(after).toEqual(after.toSorted((one, other) => one - other));
    expect(after.slice(0, 2)).toEqual([START, START + HOUR]);
    expect(new Set(after).size).toBe(after.length);
  });

  it('to before anybody set it: nothing is kept with such a date', () => {
    pass(0);
    nowMs = 1000;
    for (let hour = 0; hour < 50; hour += 1) pass(HOUR);
    expect(book.sql.prepare('SELECT count(*) FROM samples').pluck().get()).toBe(3n);
    expect(history(ana).map(({ atMs }) => atMs)).toEqual([nowMs]);
  });

  it('for good, after it was years ahead: what was dated so goes after a day of service', () => {
    pass(0);
    nowMs += 4000 * DAY;
    pass(0);
    nowMs = START + HOUR;
    pass(0);
    expect(history(ana).map(({ atMs }) => atMs)).toEqual([START, nowMs]);
    for (let hour = 0; hour < 26; hour += 1) pass(HOUR);
    const times = book.sql.prepare('SELECT at_ms FROM samples WHERE owner = ?').pluck().all(ana);
    expect(times.every((atMs) => Number(atMs) <= nowMs)).toBe(true);
    expect(times.length).toBeGreaterThan(2);
  });
});
