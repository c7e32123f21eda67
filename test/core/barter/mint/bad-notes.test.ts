import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readNote, writeNote } from '../../../../electron/core/barter/notes.ts';
import { DAY_S, MIB } from '../../../../shared/units.ts';
import { noteWorld, paidRequest } from '../../../fakes/note-world.ts';
import {
  ANA,
  BEN,
  CLEO,
  DISK,
  ownerOf,
  stateOf,
  hold,
  take,
  plotIn,
  codesIn,
} from '../mint-village.ts';

describe('notes that are no good', () => {
  const size = 64n * MIB;

  test('forged, foreign, garbled ones are refused, and nothing beside them is taken', async () => {
    const world = noteWorld(3);
    await hold(world, ANA, BEN, 3n);
    await hold(world, ANA, CLEO, 2n);
    const good = await take(world, ANA, BEN, 3n);
    const foreign = await take(world, ANA, CLEO, 2n);
    const note = readNote(good[0] ?? '');
    if (note === undefined) throw new Error('no note');
    const worthMore = writeNote({ ...note, k: 20 });
    const guessed = writeNote({ ...note, secret: randomBytes(32) });
    for (const bad of [worthMore, guessed, foreign[0] ?? '', 'not a note', '']) {
      const answer = await world.ask(ANA, BEN, paidRequest(size, [...good, bad]));
      expect(codesIn(answer), bad).toEqual(['notes-bad']);
    }
    expect((await stateOf(world, BEN)).outstandingUnits).toBe(3n);
  });

  test('they run out with their keyset, and are owed no longer', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 2n);
    const notes = await take(world, ANA, BEN, 2n);
    world.pass(92 * DAY_S);
    expect(codesIn(await world.ask(ANA, BEN, paidRequest(size, notes)))).toEqual([
      'keyset-expired',
    ]);
    const { mintBook } = world.device(BEN);
    await mintBook.tidy({ moment: world.moment() });
    world.pass(DAY_S);
    await mintBook.tidy({ moment: world.moment() });
    expect(await stateOf(world, BEN)).toMatchObject({
      issuedUnits: 2n,
      expiredUnits: 2n,
      outstandingUnits: 0n,
    });
  });

  test('a clock that jumps a year ahead and comes back costs nobody his notes', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 2n);
    const notes = await take(world, ANA, BEN, 2n);
    const { mintBook } = world.device(BEN);
    const { nowMs, serviceS } = world.moment();
    const ahead = { nowMs: nowMs + 366 * DAY_S * 1000, serviceS: serviceS + 60 };
    await mintBook.tidy({ moment: ahead });
    await mintBook.tidy({ moment: { nowMs, serviceS: serviceS + 2 * DAY_S } });
    plotIn(await world.ask(ANA, BEN, paidRequest(size, notes)));
  });

  test('what was spent is forgotten only after its keyset is over', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 2n);
    plotIn(await world.ask(ANA, BEN, paidRequest(size, await take(world, ANA, BEN, 2n))));
    const { mintBook, sql } = world.device(BEN);
    const spent = () =>
      sql.prepare<[], { n: bigint }>('SELECT count(*) AS n FROM mint_spent').get()?.n;
    expect(() => sql.exec('DELETE FROM mint_spent')).toThrow('remembered');
    expect(spent()).not.toBe(0n);
    for (let day = 0; day < 105; day += 1) {
      world.pass(DAY_S);
      await mintBook.tidy({ moment: world.moment() });
    }
    expect(spent()).toBe(0n);
  });

  test('very much that was spent is forgotten in steps, and then all of it', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 2n);
    const { mintBook, sql } = world.device(BEN);
    const id = sql.prepare<[], string>('SELECT id FROM mint_keysets').pluck().get();
    sql
      .prepare('INSERT INTO mint_issues (keyset, owner, units, at_ms) VALUES (?, ?, 2500, 0)')
      .run(id, ownerOf(world, ANA));
    const spend = sql.prepare(
      "INSERT INTO mint_spent (keyset, nullifier, units, state) VALUES (?, randomblob(32), 1, 'spent')",
    );
    for (let note = 0; note < 2500; note += 1) spend.run(id);
    const spent = () => Number(sql.prepare('SELECT count(*) FROM mint_spent').pluck().get());
    for (let day = 0; day < 91; day += 1) {
      world.pass(DAY_S);
      expect(await mintBook.tidy({ moment: world.moment() })).toBe(false);
    }
    world.pass(10 * DAY_S);
    const left = [];
    for (let isMore = true; isMore; left.push(spent()))
      isMore = await mintBook.tidy({ moment: world.moment() });
    expect(left.slice(0, 2)).toEqual([1500, 500]);
    expect(left.at(-1)).toBe(0);
    expect(sql.prepare('SELECT count(*) FROM mint_issues').pluck().get()).toBe(0n);
  });

  test('what was given and fetched is forgotten after its keyset, unless an order still counts by it', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 2n);
    const { mintBook, sql } = world.device(BEN);
    const order = 'o'.repeat(26);
    sql
      .prepare(
        `INSERT INTO standing_orders (id, friend, give, want, period_days, state, translated, made_ms, next_ms)
         VALUES (?, ?, 1, 1, 30, 'standing', 0, 0, 0)`,
      )
      .run(order, ownerOf(world, ANA));
    const give = { owner: ownerOf(world, ANA), units: 1n, why: 'order', order, part: 0 } as const;
    const part = await mintBook.give({ ...give, moment: world.moment(), disk: DISK });
    await world.device(ANA).wallet.collect(ownerOf(world, BEN));
    const rows = (table: string) =>
      sql.prepare<[], bigint>(`SELECT count(*) FROM ${table}`).pluck().get();
    expect([rows('mint_claims'), rows('mint_issues')]).toEqual([2n, 2n]);
    const { issuedUnits } = await stateOf(world, BEN);
    for (let day = 0; day < 105; day += 1) {
      world.pass(DAY_S);
      await mintBook.tidy({ moment: world.moment() });
    }
    expect([rows('mint_claims'), rows('mint_issues')]).toEqual([1n, 0n]);
    expect((await stateOf(world, BEN)).issuedUnits).toBe(issuedUnits);
    // Asked for once more, the instalment is the same one, and none is put out beside it.
    const again = await mintBook.give({ ...give, moment: world.moment(), disk: DISK });
    expect(again).toEqual(part);
    expect(await mintBook.instalments({ order })).toMatchObject({ fetched: 1 });
  });
});
