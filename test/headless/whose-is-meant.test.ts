import { expect, it } from 'vitest';
import { whoseIsMeant } from '../../electron/headless/whose-is-meant.ts';

const ANA = 'a'.repeat(52);
const BEN = 'b'.repeat(52);
const all = [
  { ticket: 't1', owner: ANA, friend: 'Ana' },
  { ticket: 't2', owner: BEN, friend: ANA },
  { ticket: 't3', owner: BEN, friend: 't1' },
];

function tickets(text: string): readonly string[] {
  return whoseIsMeant(all, text, ({ ticket, owner, friend }) => ({
    id: ticket,
    owner,
    name: friend,
  })).map(({ ticket }) => ticket);
}

it('a thing is named by its own id, or by whose it is as everywhere else', () => {
  expect(['t2', 'ana', BEN, 'bbbbbb', 'bbb'].map(tickets)).toEqual([
    ['t2'],
    ['t1'],
    ['t2', 't3'],
    ['t2', 't3'],
    [],
  ]);
});

it('nobody becomes another, or another’s request, by what he calls himself', () => {
  expect([tickets(ANA), tickets('t1')]).toEqual([['t1'], ['t1']]);
});
