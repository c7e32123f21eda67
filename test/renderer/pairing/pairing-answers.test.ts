import { describe, expect, test } from 'vitest';
import { openQuestions, type PairingAnswers } from '../../../renderer/pairing/pairing-answers.ts';
import { device, friend, mine, pairing } from '../worlds/world-parts.ts';

const none: PairingAnswers = { putAway: new Set(), space: new Set(), asked: new Set() };
const ana = friend('Ana');
const paired = pairing('Ana', { id: 'p', state: 'paired', owner: ana.owner });
const world = { friends: [ana], mine: [], answers: none };

describe('the two questions after a pairing', () => {
  test('are asked of a new friend, one after the other', () => {
    expect(openQuestions(paired, world)).toEqual(['space', 'ask']);
    const answers = { ...none, space: new Set(['p']) };
    expect(openQuestions(paired, { ...world, answers })).toEqual(['ask']);
  });

  test('are asked of nobody before both have confirmed, and of nobody who is gone', () => {
    expect(openQuestions({ ...paired, state: 'confirmed-here' }, world)).toEqual([]);
    const friends = [friend('Ana', {}, { departed: true })];
    expect(openQuestions(paired, { ...world, friends })).toEqual([]);
  });

  test.each([false, true])(
    'are not asked again of a friend with a further device, the old one struck off: %s',
    (revoked) => {
      const devices = [device('Ana’s old', { revoked }), device('Ana', { isLater: true })];
      const friends = [friend('Ana', {}, { devices })];
      expect(openQuestions(paired, { ...world, friends })).toEqual([]);
    },
  );

  test('are not asked before the books have the device', () => {
    const friends = [friend('Ana', {}, { devices: [device('Ana’s old')] })];
    expect(openQuestions(paired, { ...world, friends })).toEqual([]);
  });

  test('are asked of one who comes back after a parting, whichever devices there were', () => {
    const devices = [device('Ana’s old'), device('Ana')];
    const friends = [friend('Ana', {}, { devices })];
    expect(openQuestions(paired, { ...world, friends })).toEqual(['space', 'ask']);
  });

  test('count nothing as kept that was lost with the friendship before', () => {
    const gone = [mine(ana, { state: 'gone' })];
    expect(openQuestions(paired, { ...world, mine: gone })).toEqual(['space', 'ask']);
  });

  test('are answered by what was done elsewhere', () => {
    const friends = [friend('Ana', { ownPolicy: true })];
    expect(openQuestions(paired, { ...world, friends, mine: [mine(ana)] })).toEqual([]);
  });
});
