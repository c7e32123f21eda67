import { describe, expect, test } from 'vitest';
import { whoIsMeant } from '../../shared/who-is-meant.ts';
import { testOwnerId } from '../fakes/test-ledger.ts';

const ana = { owner: testOwnerId(1), name: 'Ana' };
const ben = { owner: testOwnerId(2), name: 'Ben' };

describe('whom a text means', () => {
  test('is somebody by name, in whatever case, or by an id or its beginning', () => {
    const everybody = [ana, ben];
    expect(whoIsMeant(everybody, ' aNa ')).toEqual([ana]);
    expect(whoIsMeant(everybody, ben.owner)).toEqual([ben]);
    expect(whoIsMeant(everybody, 'Ben Nevis')).toEqual([]);
    expect(whoIsMeant([ana], ana.owner.slice(0, 6))).toEqual([ana]);
    expect(whoIsMeant([ana], ana.owner.slice(0, 5))).toEqual([]);
  });

  test('is not decided by who calls himself so first: all of them', () => {
    const twin = { ...ben, name: 'ana' };
    expect(whoIsMeant([ana, twin], 'Ana')).toEqual([ana, twin]);
  });

  test('is never somebody who calls himself like the id of another, friend or not', () => {
    for (const name of [ana.owner, ana.owner.toUpperCase()]) {
      const mallory = { owner: testOwnerId(3), name };
      expect(whoIsMeant([mallory, ana], ana.owner)).toEqual([ana]);
      expect(whoIsMeant([mallory], ana.owner)).toEqual([]);
    }
    const half = { owner: testOwnerId(3), name: ana.owner.slice(0, 8) };
    expect(whoIsMeant([half, ana], ana.owner.slice(0, 8))).toEqual([half, ana]);
  });
});
