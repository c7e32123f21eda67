import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { denominationsOf } from '../../../../electron/core/barter/notes.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import { hashOf, testPlotId, testRequest } from '../../../fakes/test-ledger.ts';
import { HOST } from './books.ts';
import { type ModelNote, unitsIn } from './model-types.ts';
import { FRIENDS, type Stage, STRANGERS } from './stage.ts';

/** The mint: what it gives, what is fetched there, and notes that are changed into others or come home. */
export function createMinting(stage: Stage) {
  const { chance, pick, random, next, note, seed, reference, model, call, moment, disk } = stage;
  const { someNotes, checked } = stage;

  function give(): void {
    const owner = pick(FRIENDS) ?? HOST;
    const units = BigInt(1 + random(chance(10) ? 700 : 60));
    const room = reference.mayIssueUnits();
    const order = testPlotId(next());
    const input = {
      owner,
      units,
      why: 'order',
      order,
      part: 1,
      moment: moment(),
      disk: disk(),
    } as const;
    const given = call(({ mint }) => mint.give(input), true);
    expect(given.ok, 'issues').toBe(units <= room);
    note(given.ok ? 'issued' : 'not issued');
    if (!given.ok) return;
    const claim = { owner, units, keyset: undefined, plot: undefined, why: 'order' } as const;
    model.claims.push({ ...claim, madeS: model.nowS, madeMs: model.nowMs });
    // I1, and whoever stands in line comes first.
    expect(reference.freeBytesFor(reference.line())).toBeGreaterThanOrEqual(0n);
  }

  function learn(owner: OwnerId) {
    const shown = call(({ mint }) => mint.shown({ owner, moment: moment() }));
    for (const { keyset, expiresMs } of shown.keysets)
      if (!model.keysets.has(keyset))
        model.keysets.set(keyset, { expiresMs, live: true, overS: undefined });
    return shown;
  }
  const newNotes = (keyset: string, units: bigint): readonly ModelNote[] =>
    denominationsOf(units).map((k) => ({
      keyset,
      k,
      secret: createHash('sha256').update(`${seed} note ${next()}`).digest(),
      state: 'out',
    }));
  const blanksOf = (notes: readonly ModelNote[]) =>
    notes.map(({ keyset, k }) => ({ keyset, k, point: 'p' }));
  function mintCall(owner: OwnerId, notes: readonly ModelNote[]) {
    const { requestId } = testRequest(1n);
    const blanks = blanksOf(notes);
    return { owner, requestId, bodyHash: hashOf(blanks), blanks, moment: moment() };
  }

  /** Fetches a present, or what a plot has cost too much. */
  function fetch(): void {
    const owner = pick([...FRIENDS, ...STRANGERS]) ?? HOST;
    const { claims } = learn(owner);
    const own = model.claims.filter((each) => each.owner === owner);
    expect(claims.map(textOf).toSorted()).toEqual(own.map(textOf).toSorted());
    const claim = pick(claims);
    if (claim === undefined) return;
    if (claim.plot !== undefined && chance(2)) {
      const owed = own.filter(({ plot }) => plot === claim.plot);
      const sums = new Map<string, bigint>();
      for (const { keyset = '', units } of owed) sums.set(keyset, (sums.get(keyset) ?? 0n) + units);
      const notes = [...sums].flatMap(([keyset, units]) => newNotes(keyset, units));
      const { plot } = claim;
      const input = { ...mintCall(owner, notes), plot };
      const done = call(({ mint }) => mint.change(input), true);
      expect(done.ok, 'change').toBe([...sums.keys()].every(reference.isRunning));
      if (!done.ok) return;
      model.claims = model.claims.filter((each) => !owed.includes(each));
      model.notes.push(...notes);
      return note('change');
    }
    const notes = newNotes(claim.keyset, claim.units);
    const input = { ...mintCall(owner, notes), claim: claim.claim };
    const done = call(({ mint }) => mint.withdraw(input), true);
    expect(done.ok, 'withdraws').toBe(reference.isRunning(claim.keyset));
    if (!done.ok) return note('too late');
    // Two that look the same may be void at different times: both sides list them by when they were made.
    const text = (each: ShownClaim) => `${textOf(each)} ${each.keyset ?? claim.keyset}`;
    const alike = (each: ShownClaim) => text(each) === text(claim);
    const one = own
      .filter(alike)
      .toSorted((first, second) => first.madeMs - second.madeMs)
      .at(claims.filter(alike).indexOf(claim));
    expect(one).toBeDefined();
    model.claims = model.claims.filter((each) => each !== one);
    model.notes.push(...notes);
    note(`fetched ${claim.why}`);
  }

  function swap(): void {
    const notes = someNotes(BigInt(1 + random(30)));
    if (notes.length === 0) return;
    const owner = pick(FRIENDS) ?? HOST;
    const isSent = chance(6);
    const sums = Map.groupBy(notes, ({ keyset }) => keyset);
    const fresh = isSent
      ? []
      : [...sums].flatMap(([keyset, own]) => newNotes(keyset, unitsIn(own)));
    const input = { ...mintCall(owner, fresh), notes: checked(notes).notes };
    const done = call(({ mint }) => (isSent ? mint.comeHome(input) : mint.swap(input)), true);
    expect(done.ok, 'swaps').toBe(reference.goodUnits(notes) !== undefined);
    note(done.ok ? 'swapped' : 'not swapped');
    if (!done.ok) return;
    for (const each of notes) each.state = 'spent';
    model.notes.push(...fresh);
  }
  return { give, fetch, swap };
}

type ShownClaim = {
  readonly units: bigint;
  readonly why: string;
  readonly keyset?: string | undefined;
  readonly plot?: string | undefined;
};
const textOf = ({ why, units, plot }: Omit<ShownClaim, 'keyset'>) => `${why} ${units} ${plot}`;
