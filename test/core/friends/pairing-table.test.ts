import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { commitmentOf, PAIRING_SILENCE_MS } from '../../../electron/core/friends/pairing.ts';
import type { No } from '../../../electron/core/friends/pairing-entry.ts';
import {
  type TestClock,
  testClock,
  type TestParty,
  testParty,
} from '../../fakes/pairing-parties.ts';

let clock: TestClock;
let ana: TestParty;
let ben: TestParty;
beforeEach(() => {
  clock = testClock();
  ana = testParty('Ana', clock);
  ben = testParty('Ben', clock);
});

function knock(at: TestParty, by: TestParty, from = '10.0.0.1') {
  const nonce = randomBytes(32);
  const commitment = commitmentOf(nonce);
  return { nonce, answered: at.table.answer({ other: by.me, commitment, from }) };
}

/** As far as digits on both screens; the id of it. */
function compare(by = ana, at = ben, from = '10.0.0.1'): string {
  const { nonce, answered } = knock(at, by, from);
  if (!answered.ok) throw new Error(answered.fault);
  const { id, nonce: theirNonce } = answered.value;
  expect(at.table.reveal(id, nonce)).toBe(true);
  const begun = by.table.began({ id, other: at.me, myNonce: nonce, theirNonce });
  expect(begun?.digits).toBe(at.table.entry(id)?.digits);
  return id;
}

describe('the table of pairings', () => {
  test.each<[No['by'], No['why']]>([
    ['here', 'differ'],
    ['there', 'differ'],
    ['here', 'declined'],
    ['there', 'declined'],
  ])('remembers that somebody %s said %s, and nothing after it counts', (by, why) => {
    const id = compare();
    ben.table.reject(id, { by, why });
    ben.table.reject(id, { by: 'here', why: 'declined' });
    ben.table.apply(id, 'confirmed-here');
    ben.table.apply(id, 'confirmed-there');
    expect(ben.table.list()).toMatchObject([{ state: 'rejected', no: { by, why } }]);
  });

  test('lets nobody say that digits differ which nobody has seen', () => {
    const { answered } = knock(ben, ana);
    const id = answered.ok ? answered.value.id : '';
    ben.table.reject(id, { by: 'there', why: 'differ' });
    expect(ben.table.list()).toMatchObject([{ no: { by: 'there', why: 'declined' } }]);
  });

  test('ends a pairing whose initiator is not heard for ten seconds, before and after the digits', () => {
    const { answered } = knock(ben, ana);
    clock.pass(PAIRING_SILENCE_MS + 1);
    expect(ben.table.list()).toMatchObject([{ state: 'failed', digits: null }]);
    expect(ben.table.reveal(answered.ok ? answered.value.id : '', randomBytes(32))).toBe(false);
    const cleo = testParty('Cleo', clock);
    const id = compare(cleo);
    for (let second = 0; second < 60; second += 1) {
      clock.pass(1000);
      ben.table.heard(id);
    }
    expect(ben.table.entry(id)?.state).toBe('comparing');
    clock.pass(PAIRING_SILENCE_MS + 1);
    ben.table.heard(id);
    expect(ben.table.entry(id)?.state).toBe('failed');
  });

  test('ends after two minutes however often it is asked', () => {
    const id = compare();
    for (let second = 0; second < 120; second += 1) {
      clock.pass(1000);
      ben.table.heard(id);
    }
    expect(ben.table.entry(id)?.state).toBe('expired');
  });

  test('fails a reveal that is not what was committed to, and never takes another', () => {
    const { nonce, answered } = knock(ben, ana);
    const id = answered.ok ? answered.value.id : '';
    expect(ben.table.reveal(id, randomBytes(32))).toBe(false);
    expect(ben.table.reveal(id, nonce)).toBe(false);
    expect(ben.table.list()).toMatchObject([{ state: 'failed', digits: null }]);
  });

  test('takes one open pairing per device, and four in all', () => {
    compare();
    expect(knock(ben, ana).answered).toMatchObject({ fault: 'busy' });
    const others = ['Cleo', 'Dora', 'Emil', 'Fee'].map((name) => testParty(name, clock));
    const answers = others.map((party, at) => knock(ben, party, `10.0.0.${at + 2}`).answered.ok);
    expect(answers).toEqual([true, true, true, false]);
  });

  test('pairs with several people at once, each with digits of their own', () => {
    const cleo = testParty('Cleo', clock);
    const [first, second] = [compare(ana), compare(cleo)];
    ben.table.apply(second, 'confirmed-here');
    ben.table.apply(second, 'confirmed-there');
    expect(ben.table.entry(second)?.state).toBe('paired');
    expect(ben.table.entry(first)?.state).toBe('comparing');
    expect(ben.table.entry(first)?.digits).not.toBe(ben.table.entry(second)?.digits);
  });

  test('counts attempts per address and gives back those that both people confirmed', () => {
    for (let at = 0; at < 8; at += 1) {
      const id = compare(testParty('Ana', clock));
      ben.table.apply(id, 'confirmed-here');
      ben.table.apply(id, 'confirmed-there');
    }
    for (let at = 0; at < 5; at += 1)
      ben.table.reject(compare(testParty('Mallory', clock)), { by: 'here', why: 'differ' });
    const again = testParty('Mallory', clock);
    expect(knock(ben, again).answered).toMatchObject({ fault: 'too-often' });
    expect(knock(ben, again, '10.0.0.2').answered.ok).toBe(true);
  });

  test('lets the other side name a pairing after none that is there', () => {
    const id = compare();
    const cleo = testParty('Cleo', clock);
    const nonces = { myNonce: randomBytes(32), theirNonce: randomBytes(32) };
    expect(ana.table.began({ id, other: cleo.me, ...nonces })).toBeUndefined();
    expect(ana.table.began({ id: 'f'.repeat(32), other: ben.me, ...nonces })).toBeUndefined();
    expect(ana.table.list()).toHaveLength(1);
  });

  test('tells of a knock at once, also before there are digits', () => {
    const told: string[] = [];
    ben.table.subscribe(({ state }) => void told.push(state));
    compare();
    expect(told).toEqual(['exchanging', 'comparing']);
  });
});

describe('somebody who sits in between', () => {
  test('makes the two screens show different digits, whatever nonces he picks after the fact', () => {
    for (let run = 0; run < 30; run += 1) {
      const [alice, bob] = [testParty('Ana', clock), testParty('Ben', clock)];
      // To each he is the other one; his statements have to be his own (they name his key).
      const [asBob, asAlice] = [testParty('Ben', clock), testParty('Ana', clock)];
      const toMallory = randomBytes(32);
      const answered = asBob.table.answer({
        other: alice.me,
        commitment: commitmentOf(toMallory),
        from: '10.0.0.1',
      });
      if (!answered.ok) throw new Error(answered.fault);
      const { id, nonce } = answered.value;
      asBob.table.reveal(id, toMallory);
      const shownToAlice = alice.table.began({
        id,
        other: asBob.me,
        myNonce: toMallory,
        theirNonce: nonce,
      });
      // He knows Ana's digits now and would need a nonce that makes the same at Ben's: but he has to
      // commit to it before he hears Ben's own.
      const shownToBob = bob.table.entry(compare(asAlice, bob));
      expect(shownToAlice?.digits).not.toBe(shownToBob?.digits);
    }
  });

  test('gets no second guess by revealing another nonce once he has seen what it would show', () => {
    const mallory = testParty('Ana', clock);
    const { answered } = knock(ben, mallory);
    const id = answered.ok ? answered.value.id : '';
    const guesses = Array.from({ length: 20 }, () => ben.table.reveal(id, randomBytes(32)));
    expect(guesses).not.toContain(true);
    expect(ben.table.entry(id)?.digits).toBeUndefined();
  });
});
