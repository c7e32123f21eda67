import { describe, expect, test } from 'vitest';
import { openQuestions, type PairingAnswers } from '../../../renderer/friends/pairing-answers.ts';
import { device, friend, mine, pairing } from '../world-parts.ts';

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

  test('are not asked again of a friend who pairs a further device', () => {
    const friends = [friend('Ana', {}, { devices: [device('Ana'), device('Ana’s old')] })];
    expect(openQuestions(paired, { ...world, friends })).toEqual([]);
  });

  test('are asked of one whose other device was struck off', () => {
    const devices = [device('Ana'), device('Ana’s old', { revoked: true })];
    const friends = [friend('Ana', {}, { devices })];
    expect(openQuestions(paired, { ...world, friends })).toEqual(['space', 'ask']);
  });

  test('are answered by what was done elsewhere', () => {
    const friends = [friend('Ana', { ownPolicy: true })];
    expect(openQuestions(paired, { ...world, friends, mine: [mine(ana)] })).toEqual([]);
  });
});
