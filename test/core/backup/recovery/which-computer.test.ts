import { expect, test } from 'vitest';
import type { AddressBook } from '../../../../electron/core/backup/recovery/address-book.ts';
import { whichComputer } from '../../../../electron/core/backup/recovery/which-computer.ts';
import { certify, testRoot } from '../../../fakes/pairing-parties.ts';

const root = testRoot();
const { owner } = root;

/** A computer of this owner's, and its book. */
function computer(host: string, replaces?: string): AddressBook {
  const { statement, signed } = certify(root, replaces === undefined ? {} : { replaces });
  return {
    v: 1,
    owner,
    instance: statement.instance,
    statement: signed,
    before: [],
    sequence: 1,
    atMs: 1,
    host,
    friends: [],
    plots: [],
    sets: [],
  };
}

const laptop = computer('Laptop');
const desktop = computer('Desktop');

test('a computer is meant by its name, its id or the beginning of it', () => {
  const books = [laptop, desktop];
  const { instance } = laptop;
  for (const text of [' laptop ', instance, instance.toUpperCase(), instance.slice(0, 6)])
    expect(whichComputer(text, books, owner)).toBe(instance);
  for (const text of ['', 'Phone', instance.slice(0, 5), `${instance}0`])
    expect(whichComputer(text, books, owner)).toBeUndefined();
});

test('never one that there is not, which a thief has given the name of the one that he has', () => {
  const renamed = { ...laptop, host: 'Toaster' };
  const { statement: _none, ...unsigned } = computer('Laptop');
  const other = { ...computer('Laptop'), instance: 'f'.repeat(32) };
  const foreign = { ...computer('Laptop'), statement: certify(testRoot()).signed };
  for (const made of [unsigned, other, foreign]) {
    expect(whichComputer('Laptop', [renamed, made], owner)).toBeUndefined();
    // Nor does it stand in the way.
    expect(whichComputer('Laptop', [laptop, made], owner)).toBe(laptop.instance);
  }
});

test('of two with one name the one that took the other’s place, by the word of their owner', () => {
  const next = computer('Laptop', laptop.instance);
  expect(whichComputer('Laptop', [laptop, next], owner)).toBe(next.instance);
  expect(whichComputer('Laptop', [laptop, computer('Laptop')], owner)).toBeUndefined();
  // What a book says of it is anybody's word who has its keys.
  const liar = { ...desktop, before: [laptop.instance] };
  expect(whichComputer('Laptop', [laptop, liar], owner)).toBe(laptop.instance);
});
