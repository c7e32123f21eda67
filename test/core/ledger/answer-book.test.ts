import { describe, expect, it } from 'vitest';
import type { Sql } from '../../../electron/core/database/open-database.ts';
import type { Ledger } from '../../../electron/core/ledger/ledger.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import type { AllocateRequest } from '../../../shared/model/allocate.ts';
import { DAY_S, GB } from '../../../shared/units.ts';
import {
  addFriend,
  hashOf,
  openTestLedger,
  ROOMY,
  testOwnerId,
  testRequest,
} from '../../fakes/test-ledger.ts';

const ANA = testOwnerId(1);
const at = (serviceS: number) => ({ nowMs: serviceS * 1000, serviceS, minuteOfDay: 0 });

function openHost(): { readonly sql: Sql; readonly ledger: Ledger } {
  const host = openTestLedger();
  addFriend(host.sql, ANA, 'Ana');
  host.ledger.setOffer({ folder: '/', offerBytes: 100n * GB, keepFreeBytes: 0n, volume: 'v' });
  host.ledger.setPolicy({
    owner: ANA,
    policy: { guards: { maxSize: 10n * GB }, grounds: [{ kind: 'always' }] },
  });
  return host;
}

function ask(ledger: Ledger, request: AllocateRequest, serviceS = 0, owner: OwnerId = ANA) {
  const call = { owner, request, bodyHash: hashOf(request), moment: at(serviceS), disk: ROOMY };
  return ledger.allocate(call);
}

/** As a version before the eighteenth has left them. */
function putBack(sql: Sql): number {
  sql.exec(`INSERT INTO answers_before (owner, request_id, body_hash, status, answer, plot, until_service, at_service)
    SELECT owner, request_id, body_hash, status, answer, (SELECT id FROM plots WHERE number = answers.plot),
      until_service, at_service FROM answers;
    DELETE FROM answers;`);
  return rowsOf(sql, 'answers_before');
}

function rowsOf(sql: Sql, table: 'answers' | 'answers_before'): number {
  const counted = sql.prepare<[], { rows: bigint }>(`SELECT count(*) AS rows FROM ${table}`).get();
  return Number(counted?.rows);
}

describe('an answer that is given again', () => {
  it('has all its steps, which are kept once', () => {
    const { sql, ledger } = openHost();
    for (const request of [testRequest(GB), testRequest(20n * GB)]) {
      const first = ask(ledger, request);
      expect('steps' in first.answer && first.answer.steps.length).toBeGreaterThan(5);
      expect(ask(ledger, request)).toEqual(first);
    }
    const kept = sql.prepare<[], { answer: string }>('SELECT answer FROM answers').all();
    expect(kept.map(({ answer }) => 'steps' in JSON.parse(answer))).toEqual([false, false]);
  });

  it('has the steps of its own decision, not of one that came later', () => {
    const { ledger } = openHost();
    const requests = [1n, 20n, 2n, 30n].map((size) => testRequest(size * GB));
    const first = requests.map((request) => ask(ledger, request));
    expect(requests.map((request) => ask(ledger, request))).toEqual(first);
  });

  it('is the same after a renewal of the same plot', () => {
    const { ledger } = openHost();
    const { answer } = ask(ledger, testRequest(GB));
    if (answer.type !== 'granted') throw new Error('no plot');
    const { requestId } = testRequest(1n);
    const request = { v: 1 as const, requestId, duration: { want: DAY_S }, why: [] };
    const call = { owner: ANA, plot: answer.plot, request, bodyHash: hashOf(request) };
    const renewed = ledger.renew({ ...call, moment: at(60), disk: ROOMY });
    expect(renewed.answer.type).toBe('granted');
    expect(ledger.renew({ ...call, moment: at(60), disk: ROOMY })).toEqual(renewed);
  });
});

describe('answers of a version that kept them elsewhere', () => {
  it('are given again from there, and a request that has one is still not another', () => {
    const { sql, ledger } = openHost();
    const request = testRequest(GB);
    const whole = ask(ledger, request);
    sql
      .prepare(`UPDATE answers SET decision = NULL, answer = json_set(answer, '$.steps', json(?))`)
      .run(JSON.stringify('steps' in whole.answer ? whole.answer.steps : []));
    putBack(sql);
    expect(ask(ledger, request)).toEqual(whole);
    const other = { ...request, size: 2n * GB };
    expect(ask(ledger, other).answer).toMatchObject({ reasons: [{ code: 'request-reused' }] });
  });

  it('move over a few hundred with each sweep, and are found all the while', () => {
    const { sql, ledger } = openHost();
    const requests = Array.from({ length: 1100 }, () => testRequest(20n * GB));
    const first = requests.map((request) => ask(ledger, request));
    sql.exec(`UPDATE answers SET decision = NULL,
      answer = json_set(answer, '$.steps', json((SELECT steps FROM decisions WHERE number = answers.decision)))`);
    expect(putBack(sql)).toBe(1100);
    for (const left of [600, 100, 0]) {
      ledger.sweep({ moment: at(60) });
      expect(rowsOf(sql, 'answers_before')).toBe(left);
      expect(rowsOf(sql, 'answers')).toBe(1100 - left);
      expect(requests.map((request) => ask(ledger, request))).toEqual(first);
    }
  });

  it('go when their time is over, wherever they lie', () => {
    const { sql, ledger } = openHost();
    const granted = ask(ledger, testRequest(GB)).answer;
    ask(ledger, testRequest(20n * GB));
    if (granted.type !== 'granted') throw new Error('no plot');
    ledger.release({ owner: ANA, plot: granted.plot, moment: at(DAY_S) });
    expect(putBack(sql)).toBe(2);
    ledger.sweep({ moment: at(6 * DAY_S) });
    expect(rowsOf(sql, 'answers')).toBe(2);
    putBack(sql);
    // The refusal was a week ago; the plot ended a day later.
    ledger.sweep({ moment: at(7 * DAY_S + 60) });
    expect(rowsOf(sql, 'answers') + rowsOf(sql, 'answers_before')).toBe(1);
    ledger.sweep({ moment: at(8 * DAY_S + 60) });
    expect(rowsOf(sql, 'answers') + rowsOf(sql, 'answers_before')).toBe(0);
  });
});
