import { beforeEach, describe, expect, it } from 'vitest';
import type { Sql } from '../../../electron/core/database/open-database.ts';
import type { Ledger } from '../../../electron/core/ledger/ledger.ts';
import type { PlotId } from '../../../shared/ids.ts';
import type { AllocateRequest } from '../../../shared/model/allocate.ts';
import { headroomBytes, objectsMax, promisedBytes } from '../../../shared/model/plot.ts';
import { DAY_S, GB, MB } from '../../../shared/units.ts';
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
const name = (letter: string) => letter.repeat(64);
const now = { nowMs: 1_000_000, serviceS: 1000 };

let sql: Sql;
let ledger: Ledger;

beforeEach(() => {
  ({ sql, ledger } = openTestLedger());
  addFriend(sql, ana, 'Ana');
  addFriend(sql, ben, 'Ben');
  ledger.setOffer({ folder: '/offer', offerBytes: 100n * GB, keepFreeBytes: GB, volume: 'v' });
  ledger.setPolicy({
    owner: undefined,
    policy: { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 }] },
  });
});

function allocate(owner: typeof ana, request: AllocateRequest, disk = ROOMY) {
  return ledger.allocate({ owner, request, bodyHash: hashOf(request), moment: now, disk });
}

function grantedPlot(size: bigint, owner = ana): PlotId {
  const { answer } = allocate(owner, testRequest(size));
  if (answer.type !== 'granted')
    throw new Error(`expected a grant, got ${JSON.stringify(answer.type)}`);
  return answer.plot;
}

function reserve(
  plot: PlotId,
  letter: string,
  sizeBytes: bigint,
  type: 'data' | 'locks' | 'index' = 'data',
) {
  return ledger.reserve({ plot, owner: ana, type, name: name(letter), sizeBytes, moment: now });
}

describe('allocate()', () => {
  it('grants a share and promises it once', () => {
    const { status, answer } = allocate(ana, testRequest(20n * GB));
    expect(status).toBe(200);
    expect(answer).toMatchObject({
      type: 'granted',
      size: 20n * GB,
      ttl: 86_400,
      class: 'guaranteed',
    });
    expect(ledger.totals({ disk: ROOMY }).promisedBytes).toBe(promisedBytes(20n * GB));
  });

  it('gives the same answer to the same request id, and promises nothing more', () => {
    const request = testRequest(20n * GB);
    const first = allocate(ana, request);
    expect(allocate(ana, request)).toEqual(first);
    expect(ledger.plots({ moment: now })).toHaveLength(1);
  });

  it('counts the time that has gone by in a repeated answer', () => {
    const request = testRequest(GB);
    allocate(ana, request);
    const later = { nowMs: now.nowMs + 60_000, serviceS: now.serviceS + 60 };
    const again = ledger.allocate({
      owner: ana,
      request,
      bodyHash: hashOf(request),
      moment: later,
      disk: ROOMY,
    });
    expect(again.answer).toMatchObject({
      type: 'granted',
      ttl: 86_400 - 60,
      serverTime: new Date(later.nowMs).toISOString(),
    });
  });

  it('refuses the same request id with another body, and keeps ids of different friends apart', () => {
    const request = testRequest(GB);
    allocate(ana, request);
    expect(allocate(ana, { ...request, size: 2n * GB })).toMatchObject({ status: 409 });
    expect(allocate(ben, request)).toMatchObject({ status: 200 });
  });

  it('grants exactly the fitting set of a hundred requests for the last gigabytes', () => {
    ledger.setPolicy({
      owner: ana,
      policy: { guards: { maxPlots: 1000 }, grounds: [{ kind: 'always' }] },
    });
    const answers = Array.from({ length: 100 }, () => allocate(ana, testRequest(2n * GB)));
    const fitting = Number((100n * GB) / promisedBytes(2n * GB));
    expect(answers.filter(({ answer }) => answer.type === 'granted')).toHaveLength(fitting);
    expect(answers.filter(({ status }) => status === 507)).toHaveLength(100 - fitting);
    const { promisedBytes: promised, capacityBytes } = ledger.totals({ disk: ROOMY });
    expect(promised).toBeLessThanOrEqual(capacityBytes);
  });

  it('does not promise disk that keepFree holds back, nor the same free byte twice', () => {
    ledger.setPolicy({ owner: ana, policy: { guards: {}, grounds: [{ kind: 'always' }] } });
    const disk = { volumePresent: true, freeBytes: 41n * GB };
    expect(allocate(ana, testRequest(30n * GB), disk).answer.type).toBe('granted');
    // Nothing of the 30 GB is written yet: the disk still shows 41 GB free, of which 10 remain to promise.
    expect(allocate(ana, testRequest(20n * GB), disk)).toMatchObject({ status: 507 });
    expect(allocate(ana, testRequest(9n * GB), disk).answer.type).toBe('granted');
  });

  it('quotes what it would then answer, and changes nothing', () => {
    for (const size of [GB, 60n * GB]) {
      const request = testRequest(size);
      const quoted = ledger.quote({ owner: ana, request, moment: now, disk: ROOMY });
      expect(ledger.plots({ moment: now })).toHaveLength(0);
      const { answer } = allocate(ana, { ...request, size });
      expect(quoted.answer.type).toBe(answer.type);
      expect(quoted.steps).toEqual(answer.type === 'pending' ? [] : answer.steps);
      if (answer.type === 'granted') ledger.release({ owner: ana, plot: answer.plot, moment: now });
      if (answer.type === 'granted') ledger.erased({ plot: answer.plot, moment: now });
    }
  });

  it('says first that the drive is away, or that nothing is offered, and does not keep what passes', () => {
    const request = testRequest(GB);
    const away = { volumePresent: false, freeBytes: 0n };
    expect(allocate(ana, request, away)).toMatchObject({
      status: 503,
      answer: {
        reasons: [{ code: 'volume-missing' }, { code: 'no-space' }, { code: 'over-share' }],
      },
    });
    expect(allocate(ana, request).answer.type).toBe('granted');
    ledger.setOffer({ folder: '/offer', offerBytes: 0n, keepFreeBytes: 0n, volume: 'v' });
    expect(allocate(ana, testRequest(GB)).answer).toMatchObject({
      reasons: [{ code: 'no-offer' }, {}, {}],
    });
  });

  it('grows a plot on its own ground and never shortens its lease', () => {
    const plot = grantedPlot(10n * GB);
    const request = testRequest(5n * GB, { plot, duration: { want: 60 } });
    const quoted = ledger.quote({ owner: ana, request, moment: now, disk: ROOMY });
    expect(quoted.answer).toMatchObject({ type: 'granted', plot, size: 15n * GB, ttl: 86_400 });
    const grown = allocate(ana, request);
    expect(grown.answer).toMatchObject({ type: 'granted', plot, size: 15n * GB, ttl: 86_400 });
    ledger.setPolicy({ owner: ana, policy: { guards: {}, grounds: [{ kind: 'always' }] } });
    expect(allocate(ana, testRequest(GB, { plot })).answer).toMatchObject({ type: 'denied' });
  });

  it("knows nothing of other people's plots", () => {
    const plot = grantedPlot(GB);
    expect(allocate(ben, testRequest(GB, { plot }))).toMatchObject({ status: 404 });
    expect(ledger.release({ owner: ben, plot, moment: now })).toEqual({
      ok: false,
      fault: 'plot-unknown',
    });
  });

  it('takes off the share what departed friends still hold', () => {
    grantedPlot(40n * GB);
    sql.prepare('UPDATE friends SET departed = 1, weight = 0 WHERE owner = ?').run(ana);
    const { fairBytes } = ledger.totals({ disk: ROOMY });
    expect(fairBytes).toBe(100n * GB - promisedBytes(40n * GB));
  });

  it('gives new friends the weight of the default policy', () => {
    const cleo = testOwnerId(3);
    addFriend(sql, cleo, 'Cleo');
    expect(ledger.totals({ disk: ROOMY }).weightSum).toBe(3);
    ledger.setPolicy({ owner: undefined, policy: undefined });
    expect(allocate(cleo, testRequest(GB)).answer).toMatchObject({
      reasons: [{ code: 'not-yet-shared' }],
    });
  });
});

describe('uploads', () => {
  it('reserve before the first byte and become written when posted', () => {
    const plot = grantedPlot(GB);
    const upload = reserve(plot, 'a', 10n * MB);
    expect(ledger.plot({ plot, moment: now })).toMatchObject({
      reservedBytes: 10n * MB,
      writtenBytes: 0n,
    });
    if (!upload.ok) throw new Error('refused');
    expect(ledger.post({ reservation: upload.value.reservation, moment: now })).toBe(true);
    expect(ledger.plot({ plot, moment: now })).toMatchObject({
      reservedBytes: 0n,
      writtenBytes: 10n * MB,
    });
    expect(ledger.object({ plot, type: 'data', name: name('a') })).toEqual({ sizeBytes: 10n * MB });
    expect(reserve(plot, 'a', 10n * MB)).toMatchObject({ ok: false, fault: { code: 'exists' } });
  });

  it('stop at the size for data, but leave the working room to indexes and locks (I2)', () => {
    const plot = grantedPlot(100n * MB);
    expect(reserve(plot, 'a', 100n * MB).ok).toBe(true);
    expect(reserve(plot, 'b', 1n)).toEqual({
      ok: false,
      fault: { code: 'plot-full', freeBytes: 0n, trashBytes: 0n },
    });
    const room = headroomBytes(100n * MB);
    expect(reserve(plot, 'c', room, 'index').ok).toBe(true);
    expect(reserve(plot, 'd', 1n, 'locks')).toMatchObject({
      ok: false,
      fault: { code: 'plot-full' },
    });
  });

  it('are so many at most, however small they are, and a little more for what a prune needs', () => {
    const plot = grantedPlot(100n * MB);
    const most = objectsMax(100n * MB);
    // Filling it would take a minute.
    sql.prepare('UPDATE plots SET object_count = ?').run(most - 1n);
    const last = reserve(plot, 'a', 1n);
    if (!last.ok) throw new Error('refused');
    expect(ledger.post({ reservation: last.value.reservation, moment: now })).toBe(true);
    expect(reserve(plot, 'b', 0n)).toEqual({
      ok: false,
      fault: { code: 'plot-full', freeBytes: 0n, trashBytes: 0n },
    });
    expect(reserve(plot, 'c', 1n, 'locks').ok).toBe(true);
    // Made smaller, say: whoever wants to clear it up needs a lock.
    sql.prepare('UPDATE plots SET object_count = ?').run(2n * most);
    expect(reserve(plot, 'd', 1n, 'index')).toMatchObject({ fault: { code: 'plot-full' } });
    expect(reserve(plot, 'd', 1n, 'locks').ok).toBe(true);
    sql.prepare('UPDATE plots SET object_count = ?').run(most);
    const of = { plot, owner: ana, type: 'data', name: name('a'), moment: now } as const;
    expect(ledger.remove(of).ok).toBe(true);
    expect(reserve(plot, 'b', 1n).ok).toBe(true);
  });

  it('give their bytes back when voided, and twice harms nothing', () => {
    const plot = grantedPlot(100n * MB);
    const upload = reserve(plot, 'a', 100n * MB);
    if (!upload.ok) throw new Error('refused');
    ledger.void({ reservation: upload.value.reservation, moment: now });
    ledger.void({ reservation: upload.value.reservation, moment: now });
    expect(ledger.plot({ plot, moment: now })).toMatchObject({ reservedBytes: 0n });
    expect(reserve(plot, 'a', 100n * MB).ok).toBe(true);
  });

  it('of the same object twice at once count it once', () => {
    const plot = grantedPlot(100n * MB);
    const [first, second] = [reserve(plot, 'a', MB), reserve(plot, 'a', MB)];
    if (!first.ok || !second.ok) throw new Error('refused');
    expect(ledger.post({ reservation: first.value.reservation, moment: now })).toBe(true);
    expect(ledger.post({ reservation: second.value.reservation, moment: now })).toBe(false);
    expect(ledger.plot({ plot, moment: now })).toMatchObject({
      reservedBytes: 0n,
      writtenBytes: MB,
    });
  });

  it('that a crash left behind are listed until settled', () => {
    const plot = grantedPlot(100n * MB);
    reserve(plot, 'a', MB);
    expect(ledger.unsettled().uploads).toMatchObject([
      { plot, type: 'data', name: name('a'), sizeBytes: MB },
    ]);
  });

  it('stay charged after a removal until the file is off the disk', () => {
    const plot = grantedPlot(100n * MB);
    const upload = reserve(plot, 'a', MB);
    if (!upload.ok) throw new Error('refused');
    ledger.post({ reservation: upload.value.reservation, moment: now });
    const key = { plot, type: 'data', name: name('a') } as const;
    expect(ledger.remove({ ...key, owner: ana, moment: now })).toEqual({
      ok: true,
      value: { sizeBytes: MB, isKept: false },
    });
    expect(ledger.object(key)).toBeUndefined();
    expect(ledger.plot({ plot, moment: now })?.writtenBytes).toBe(MB);
    expect(ledger.unsettled().removals).toHaveLength(1);
    ledger.removed({ ...key, moment: now });
    expect(ledger.plot({ plot, moment: now })?.writtenBytes).toBe(0n);
    expect(ledger.remove({ ...key, owner: ana, moment: now })).toMatchObject({
      fault: { code: 'object-unknown' },
    });
  });

  it('are corrected to what the disk says (I3), even beyond the promise', () => {
    const plot = grantedPlot(MB);
    const key = { plot, type: 'data', name: name('a') } as const;
    ledger.correct({ ...key, sizeBytes: 200n * MB, moment: now });
    expect(ledger.plot({ plot, moment: now })).toMatchObject({
      writtenBytes: 200n * MB,
      promisedBytes: 200n * MB,
    });
    ledger.correct({ ...key, sizeBytes: undefined, moment: now });
    expect(ledger.plot({ plot, moment: now })?.writtenBytes).toBe(0n);
    expect(replayed()).toBe(ledger.totals({ disk: ROOMY }).promisedBytes);
  });

  it('are paged by name', () => {
    const plot = grantedPlot(GB);
    for (const letter of ['c', 'a', 'b'])
      ledger.correct({ plot, type: 'data', name: name(letter), sizeBytes: 1n, moment: now });
    expect(ledger.objects({ plot, type: 'data', limit: 2 }).map((row) => row.name)).toEqual([
      name('a'),
      name('b'),
    ]);
    expect(
      ledger.objects({ plot, type: 'data', after: name('b'), limit: 2 }).map((row) => row.name),
    ).toEqual([name('c')]);
  });
});

function replayed(): bigint {
  return ledger.decisions({ limit: 200 }).reduce((sum, row) => sum + row.promisedDeltaBytes, 0n);
}

function renew(plot: PlotId, wantS: number, at = now, owner = ana) {
  const request = {
    v: 1,
    requestId: testRequest(1n).requestId,
    duration: { want: wantS },
    why: [],
  } as const;
  return ledger.renew({
    owner,
    plot,
    request: { ...request, why: [] },
    bodyHash: hashOf(request),
    moment: at,
    disk: ROOMY,
  });
}

describe("a plot's life", () => {
  const after = (days: number) => ({
    nowMs: now.nowMs + days * 86_400_000,
    serviceS: now.serviceS + days * DAY_S,
  });

  it('goes from active through grace to reclaimable, charged all the way, and a renewal brings it back', () => {
    const plot = grantedPlot(GB);
    const states: (string | undefined)[] = [];
    for (const days of [0.5, 1, 14, 15, 400]) {
      ledger.sweep({ moment: after(days) });
      states.push(ledger.plot({ plot, moment: after(days) })?.state);
    }
    expect(states).toEqual(['active', 'grace', 'grace', 'reclaimable', 'reclaimable']);
    expect(ledger.totals({ disk: ROOMY }).promisedBytes).toBe(promisedBytes(GB));
    expect(renew(plot, DAY_S, after(400)).answer).toMatchObject({ type: 'granted', ttl: DAY_S });
    expect(ledger.plot({ plot, moment: after(400) })?.state).toBe('active');
  });

  it('runs in service time: an outage of any length costs nobody a lease', () => {
    const plot = grantedPlot(GB);
    ledger.sweep({ moment: { nowMs: now.nowMs + 999 * 86_400_000, serviceS: now.serviceS + 10 } });
    expect(ledger.plot({ plot, moment: now })?.state).toBe('active');
  });

  it('in grace takes locks and removals, but no other writes', () => {
    const plot = grantedPlot(GB);
    ledger.correct({ plot, type: 'data', name: name('d'), sizeBytes: 5n, moment: now });
    ledger.sweep({ moment: after(2) });
    expect(reserve(plot, 'a', 5n)).toMatchObject({ fault: { code: 'in-grace' } });
    expect(reserve(plot, 'b', 5n, 'locks').ok).toBe(true);
    expect(ledger.remove({ plot, owner: ana, type: 'data', name: name('d'), moment: now }).ok).toBe(
      true,
    );
  });

  it('never gets shorter by renewal', () => {
    const plot = grantedPlot(GB);
    expect(renew(plot, 60).answer).toMatchObject({ type: 'granted', ttl: 86_400 });
  });

  it('is renewed during a pause, but not for a blocked friend', () => {
    const plot = grantedPlot(GB);
    ledger.setPolicy({
      owner: ana,
      policy: { guards: { paused: true }, grounds: [{ kind: 'always' }] },
    });
    expect(renew(plot, 2 * DAY_S).answer).toMatchObject({ type: 'granted', ttl: 2 * DAY_S });
    sql.prepare('UPDATE friends SET blocked = 1 WHERE owner = ?').run(ana);
    expect(renew(plot, DAY_S)).toMatchObject({ status: 403 });
  });

  it('ends by release, stays charged until its bytes are off the disk, and never comes back', () => {
    const plot = grantedPlot(GB);
    expect(ledger.release({ owner: ana, plot, moment: now })).toEqual({
      ok: true,
      value: { state: 'released' },
    });
    expect(ledger.release({ owner: ana, plot, moment: now }).ok).toBe(true);
    expect(ledger.totals({ disk: ROOMY }).promisedBytes).toBe(promisedBytes(GB));
    expect(ledger.sweep({ moment: now }).toErase).toEqual([plot]);
    ledger.erased({ plot, moment: now });
    expect(ledger.totals({ disk: ROOMY }).promisedBytes).toBe(0n);
    expect(renew(plot, DAY_S)).toMatchObject({ status: 409 });
    expect(() => sql.exec("UPDATE plots SET state = 'active'")).toThrow(/never comes back/);
    expect(replayed()).toBe(0n);
  });

  it('is reclaimed only when long expired, long unseen, wanted, and confirmed by name', () => {
    const plot = grantedPlot(60n * MB);
    const reclaim = (days: number, called: string) =>
      ledger.reclaim({ plot, name: called, moment: after(days) });
    expect(reclaim(0, 'Ana')).toEqual({ ok: false, fault: 'not-reclaimable' });
    ledger.sweep({ moment: after(1) });
    ledger.sweep({ moment: after(15) });
    sql.prepare('UPDATE friends SET last_contact_ms = ? WHERE owner = ?').run(after(10).nowMs, ana);
    expect(reclaim(16, 'Ana')).toEqual({ ok: false, fault: 'seen-lately' });
    expect(reclaim(200, 'Ana')).toEqual({ ok: false, fault: 'room-not-wanted' });
    const wanted = testRequest(90n * GB);
    ledger.allocate({
      owner: ben,
      request: wanted,
      bodyHash: hashOf(wanted),
      moment: after(200),
      disk: ROOMY,
    });
    expect(reclaim(200, 'Anna')).toEqual({ ok: false, fault: 'wrong-name' });
    expect(reclaim(200, 'Ana').ok).toBe(true);
    expect(ledger.sweep({ moment: after(200) }).toErase).toEqual([plot]);
  });

  it('can shrink to what is written, no further', () => {
    const plot = grantedPlot(10n * GB);
    ledger.correct({ plot, type: 'data', name: name('d'), sizeBytes: GB, moment: now });
    const resize = (size: bigint) => {
      const request = { v: 1, requestId: testRequest(1n).requestId, size } as const;
      return ledger.resize({
        owner: ana,
        plot,
        request,
        bodyHash: hashOf(request),
        moment: now,
        disk: ROOMY,
      });
    };
    expect(resize(GB - 1n)).toMatchObject({ status: 409 });
    expect(resize(11n * GB)).toMatchObject({ status: 422 });
    expect(resize(GB).answer).toMatchObject({ type: 'granted', size: GB });
    expect(ledger.totals({ disk: ROOMY }).promisedBytes).toBe(promisedBytes(GB));
    expect(replayed()).toBe(promisedBytes(GB));
  });

  it('begins again with a starter lease when its database was lost', () => {
    const found = {
      plot: 'qqqqqqqqqqqqqqqqqqqqqqqqqa' as PlotId,
      owner: ana,
      ground: 'always',
      class: 'guaranteed',
      sizeBytes: GB,
      moment: now,
    } as const;
    ledger.adopt(found);
    ledger.adopt(found);
    expect(ledger.plots({ moment: now })).toMatchObject([
      { plot: found.plot, state: 'active', leftS: 31 * DAY_S },
    ]);
  });
});

describe('the schema', () => {
  it('keeps its logs append-only', () => {
    const plot = grantedPlot(GB);
    ledger.correct({ plot, type: 'data', name: name('d'), sizeBytes: 1n, moment: now });
    for (const statement of [
      'UPDATE decisions SET at_ms = 1',
      'DELETE FROM decisions',
      'UPDATE transfers SET size = 1',
      'DELETE FROM transfers',
      'DELETE FROM plots',
    ]) {
      expect(() => sql.exec(statement)).toThrow(/append-only|kept/);
    }
  });

  it('refuses a plot that holds more than its promise (I2)', () => {
    grantedPlot(GB);
    expect(() => sql.exec('UPDATE plots SET reserved = promised + 1')).toThrow(
      /written_within_promise/,
    );
  });
});
