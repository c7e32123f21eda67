import { expect, test } from 'vitest';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import { type AllocateRequest, type Answer, answer } from '../../../shared/model/allocate.ts';
import type { Guards, Policy } from '../../../shared/model/policy.ts';
import { DAY_S, GB, MB } from '../../../shared/units.ts';
import { encodeJson } from '../../../shared/wire/json.ts';
import {
  addFriend,
  hashOf,
  openTestLedger,
  ROOMY,
  testOwnerId,
  testRequest,
} from '../../fakes/test-ledger.ts';

const ana = testOwnerId(1);
const ben = testOwnerId(2);
const cleo = testOwnerId(3);
const name = 'a'.repeat(64);
const now = { nowMs: 1_000_000_000, serviceS: 1000 };
const after = (days: number) => ({
  nowMs: now.nowMs + days * DAY_S * 1000,
  serviceS: now.serviceS + days * DAY_S,
});

function host(grounds: Policy['grounds'] = [{ kind: 'always' }], guards: Guards = {}) {
  const { sql, ledger } = openTestLedger();
  for (const [owner, called] of [
    [ana, 'Ana'],
    [ben, 'Ben'],
    [cleo, 'Cleo'],
  ] as const)
    addFriend(sql, owner, called);
  ledger.setOffer({ folder: '/o', offerBytes: 90n * GB, keepFreeBytes: 0n, volume: 'v' });
  ledger.setPolicy({ owner: undefined, policy: { guards, grounds } });
  const ask = (
    owner: OwnerId,
    size: bigint,
    more: Partial<AllocateRequest> = {},
    moment = now,
  ): Answer => {
    const request = testRequest(size, more);
    return ledger.allocate({ owner, request, bodyHash: hashOf(request), moment, disk: ROOMY })
      .answer;
  };
  const stateOf = (plot: PlotId) => ledger.plot({ plot, moment: now })?.state;
  const sweep = (moment: typeof now) =>
    ledger.sweep({ moment, mayEndOn: ROOMY, disk: ROOMY }).toErase;
  return { sql, ledger, ask, stateOf, sweep };
}

function plotIn(given: Answer): PlotId {
  if (given.type !== 'granted') throw new Error(`expected a grant, got ${encodeJson(given)}`);
  return given.plot;
}

test('growth that promises nothing more, because more was found on the disk, can wait for the owner too', () => {
  const { sql, ledger, ask } = host();
  const plot = plotIn(ask(ana, MB));
  ledger.correct({ plot, type: 'data', name, sizeBytes: 500n * MB, moment: now });
  ledger.setPolicy({
    owner: undefined,
    policy: { guards: { askAboveBytes: 0n }, grounds: [{ kind: 'always' }] },
  });
  const request = testRequest(MB, { plot });
  const call = { owner: ana, request, bodyHash: hashOf(request), moment: now, disk: ROOMY };
  const waits = ledger.allocate(call).answer;
  if (waits.type !== 'pending') throw new Error(waits.type);
  ledger.answerWaiting({ ticket: waits.ticket, approved: true });
  expect(ledger.allocate(call).answer).toMatchObject({ type: 'granted', size: 2n * MB });
  sql.close();
});

test('what was seen of a plot while it was taken off the disk is charged to nobody, and stops no sweep', () => {
  const { sql, ledger, ask, sweep } = host();
  const plot = plotIn(ask(ana, GB));
  plotIn(ask(ana, GB));
  ledger.release({ owner: ana, plot, moment: now });
  ledger.erased({ plot, moment: now });
  ledger.correct({ plot, type: 'data', name, sizeBytes: 500n * MB, moment: now });
  expect(ledger.totals({ disk: ROOMY }).writtenBytes).toBe(0n);
  // The log forgets it, and then its row goes, if nothing hangs on it.
  sql.exec("UPDATE plots SET unlogged = 1 WHERE state = 'gone'");
  sweep(after(30));
  expect(ledger.plot({ plot, moment: now })).toBeUndefined();
  sql.close();
});

test('an object that was deleted while it came a second time is there once', () => {
  const { sql, ledger, ask } = host();
  const plot = plotIn(ask(ana, GB));
  ledger.protect({ owner: ana, plot, days: 10, moment: now });
  const key = { plot, type: 'data', name } as const;
  const reserve = (): number => {
    const reserved = ledger.reserve({ ...key, owner: ana, sizeBytes: MB, moment: now });
    if (!reserved.ok) throw new Error(reserved.fault.code);
    return reserved.value.reservation;
  };
  const [first, second] = [reserve(), reserve()];
  expect(ledger.post({ reservation: first, moment: now })).toBe(true);
  ledger.remove({ ...key, owner: ana, moment: now });
  expect(ledger.post({ reservation: second, moment: now })).toBe(false);
  expect(ledger.object(key)).toEqual({ sizeBytes: MB });
  expect(ledger.trashedObject(key)).toBeUndefined();
  expect(ledger.plot({ plot, moment: now })).toMatchObject({
    writtenBytes: MB,
    reservedBytes: 0n,
    trashBytes: 0n,
  });
  expect(ledger.dropTrash({ ...key, moment: after(20) })).toBe(false);
  expect(ledger.remove({ ...key, owner: ana, moment: now }).ok).toBe(true);
  sql.close();
});

test('growth of a plot that its guest’s list does not name says until when it is there, also when it is repeated', () => {
  const { sql, ledger, ask } = host();
  const plot = plotIn(ask(ana, GB));
  const list = { v: 1 as const, requestId: testRequest(1n).requestId, sequence: 1, plots: [] };
  ledger.keepOnly({ owner: ana, request: list, bodyHash: hashOf(list), moment: now });
  const request = testRequest(GB, { plot, duration: { want: 30 * DAY_S } });
  const call = { owner: ana, request, bodyHash: hashOf(request), moment: now, disk: ROOMY };
  const expected = { type: 'granted', size: 2n * GB, ttl: 7 * DAY_S };
  expect(ledger.quote(call).answer).toMatchObject(expected);
  expect(ledger.allocate(call).answer).toMatchObject(expected);
  expect(ledger.allocate({ ...call, moment: after(1) }).answer).toMatchObject({ ttl: 6 * DAY_S });
  sql.close();
});

test('a lease that must be longer than it is asked for is none', () => {
  const { sql, ask } = host();
  expect(ask(ana, GB, { duration: { want: 100, min: 200 } })).toMatchObject({
    type: 'denied',
    reasons: [{ code: 'bad-duration' }],
  });
  expect(ask(ana, GB, { duration: { want: 200, min: 200 } }).type).toBe('granted');
  sql.close();
});

test('a no for whatever reasons there can be fits into an answer', () => {
  const { sql, ledger } = host(
    [
      { kind: 'quota', bytes: 1n },
      { kind: 'fair-share', weight: 1 },
      { kind: 'fair-share', weight: 2 },
      { kind: 'quota', bytes: 2n },
      { kind: 'quota', bytes: 3n },
      { kind: 'notes' },
      { kind: 'notes' },
      { kind: 'reciprocal', ratio: 1 },
    ],
    {
      paused: true,
      maxSize: 0n,
      maxDurationS: 1,
      maxPlots: 0,
      quietHours: { fromMin: 0, untilMin: 0 },
    },
  );
  sql.prepare('UPDATE friends SET blocked = 1, leaving_service = 5000000').run();
  const request = testRequest(1000n * GB, { minSize: 0n });
  const moment = { ...now, minuteOfDay: 3 };
  const disk = { volumePresent: true, freeBytes: 0n };
  const call = { owner: ana, request, bodyHash: hashOf(request), moment, disk };
  const { answer: said } = ledger.allocate(call);
  expect(answer.parse(JSON.parse(encodeJson(said)))).toEqual(said);
  expect(ledger.allocate(call).answer).toEqual(said);
  sql.close();
});

test('what is lent goes past its time only as far as what others were refused needs it', () => {
  const { sql, ask, stateOf, sweep } = host([{ kind: 'fair-share', weight: 1 }]);
  plotIn(ask(ana, 29n * GB));
  const loans = Array.from({ length: 4 }, () => plotIn(ask(ana, 10n * GB, { accept: 'borrowed' })));
  const states = () => loans.map(stateOf);
  for (let day = 1; day <= 12; day += 1) sweep(after(day));
  expect(new Set(states())).toEqual(new Set(['reclaimable']));
  // That would not fit if nobody had anything here.
  expect(ask(ben, 1000n * GB, {}, after(12)).type).toBe('denied');
  sweep(after(12));
  expect(new Set(states())).toEqual(new Set(['reclaimable']));
  // For this the room is there, but it is more than his share.
  plotIn(ask(ben, 15n * GB, {}, after(12)));
  expect(ask(ben, 29n * GB, { accept: 'borrowed' }, after(12)).type).toBe('denied');
  sweep(after(12));
  expect(states()).toEqual(['released', 'released', 'released', 'reclaimable']);
  sql.close();
});

test('a refusal of a clock that was ahead wants no room', () => {
  const { sql, ask, stateOf, sweep } = host([{ kind: 'fair-share', weight: 1 }]);
  plotIn(ask(ana, 29n * GB));
  const loan = plotIn(ask(ana, 55n * GB, { accept: 'borrowed' }));
  for (let day = 1; day <= 12; day += 1) sweep(after(day));
  const ahead = { ...after(12), nowMs: after(400).nowMs };
  expect(ask(ben, 80n * GB, { accept: 'borrowed' }, ahead).type).toBe('denied');
  sweep(after(13));
  expect(stateOf(loan)).toBe('reclaimable');
  expect(ask(ben, 80n * GB, { accept: 'borrowed' }, after(13)).type).toBe('denied');
  sweep(after(13));
  expect(stateOf(loan)).toBe('released');
  sql.close();
});

test('a plot with very many objects is forgotten a part at a time, and not before it was let go of', () => {
  const { sql, ledger, ask } = host();
  const plot = plotIn(ask(ana, GB));
  const other = plotIn(ask(ana, GB));
  const count = (table: string) =>
    sql.prepare<[], bigint>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0n;
  const fill = (number: number, many: number) =>
    sql.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${many})
      INSERT INTO objects (plot, type, name, size) SELECT ${number}, 1 + i % 5, randomblob(32), 1 FROM n`);
  fill(1, 5000);
  fill(2, 100);
  sql.exec('UPDATE plots SET written = 5000 WHERE number = 1');
  sql.exec(
    'INSERT INTO trash SELECT plot, type, name, size, 0, 0 FROM objects WHERE plot = 1 LIMIT 2500',
  );
  expect(ledger.forgetSome({ plot })).toBe(false);
  expect(count('objects')).toBe(5100n);
  ledger.release({ owner: ana, plot, moment: now });
  const steps: bigint[] = [];
  while (ledger.forgetSome({ plot })) steps.push(count('objects') + count('trash'));
  expect(steps).toEqual([5599n, 3598n, 1597n]);
  ledger.erased({ plot, moment: now });
  expect([count('objects'), count('trash')]).toEqual([100n, 0n]);
  expect(ledger.totals({ disk: ROOMY }).writtenBytes).toBe(0n);
  expect(ledger.forgetSome({ plot })).toBe(false);
  expect(ledger.plot({ plot: other, moment: now })?.state).toBe('active');
  sql.close();
});

test('the answer to a smaller size is given again for a week, and says until when the plot is there', () => {
  const { sql, ledger, ask, sweep } = host();
  const plot = plotIn(ask(ana, GB, { duration: { want: 30 * DAY_S } }));
  const list = { v: 1 as const, requestId: testRequest(1n).requestId, sequence: 1, plots: [] };
  ledger.keepOnly({ owner: ana, request: list, bodyHash: hashOf(list), moment: now });
  const request = { v: 1 as const, requestId: testRequest(1n).requestId, size: GB / 2n };
  const call = { owner: ana, plot, request, bodyHash: hashOf(request), disk: ROOMY };
  const first = ledger.resize({ ...call, moment: now });
  expect(first.answer).toMatchObject({ type: 'granted', ttl: 7 * DAY_S });
  expect(ledger.resize({ ...call, moment: now })).toEqual(first);
  const answers = sql.prepare<[], bigint>('SELECT count(*) FROM answers').pluck();
  expect(answers.get()).toBe(2n);
  sql.exec('UPDATE plots SET leaves_service = NULL');
  sweep(after(8));
  // That of the grant stays as long as the plot.
  expect(answers.get()).toBe(1n);
  sql.close();
});
