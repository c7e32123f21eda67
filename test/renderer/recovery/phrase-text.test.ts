import { expect, test } from 'vitest';
import { wordsOf, wrongPlace } from '../../../renderer/recovery/phrase-text.ts';

test('words are read however they were typed off the paper', () => {
  expect(wordsOf(' 1. Abandon\n2. ABILITY, able;about ')).toEqual([
    'abandon',
    'ability',
    'able',
    'about',
  ]);
  expect(wordsOf('1 2 3')).toEqual([]);
});

test('only a place that there is counts as the place of a wrong word', () => {
  expect(wrongPlace({ problem: 'word', position: '5' })).toBe(5);
  expect(wrongPlace({ problem: 'checksum' })).toBeUndefined();
  expect(wrongPlace({ problem: 'word', position: '25' })).toBeUndefined();
  expect(wrongPlace({ problem: 'word' })).toBeUndefined();
});
