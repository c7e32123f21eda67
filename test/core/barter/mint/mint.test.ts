import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { bytesFor, UNIT_BYTES, unitsFor } from '../../../../shared/model/notes.ts';
import type { Answer } from '../../../../shared/model/allocate.ts';
import { promisedBytes } from '../../../../shared/model/plot.ts';
import { DAY_S, MIB } from '../../../../shared/units.ts';
import { Crash, noteWorld, paidRequest } from '../../../fakes/note-world.ts';
import { testRequest } from '../../../fakes/test-ledger.ts';
import {
  ANA,
  BEN,
  CLEO,
  DISK,
  ownerOf,
  stateOf,
  purse,
  freeUnits,
  present,
  hold,
  take,
  priceFor,
  plotIn,
  codesIn,
  inBooks,
  fresh,
} from '../mint-village.ts';

describe('a present', () => {
  test('is fetched as notes, and counts as outstanding from the moment it is given', async () => {
    const world = noteWorld(2);
    await present(world, BEN, ANA, 21n);
    expect(await stateOf(world, BEN)).toMatchObject({ outstandingUnits: 21n, issuedUnits: 0n });
    await world.device(ANA).wallet.collect(ownerOf(world, BEN));
    expect(await stateOf(world, BEN)).toMatchObject({ outstandingUnits: 21n, issuedUnits: 21n });
    expect(await freeUnits(world, ANA, BEN)).toBe(21n);
  });

  test('is fetched once, whoever asks how often', async () => {
    const world = noteWorld(3);
    await hold(world, ANA, BEN, 5n);
    expect(await world.device(ANA).wallet.collect(ownerOf(world, BEN))).toEqual({
      ok: true,
      value: 0n,
    });
    expect(await world.device(CLEO).wallet.collect(ownerOf(world, BEN))).toEqual({
      ok: true,
      value: 0n,
    });
    expect((await stateOf(world, BEN)).issuedUnits).toBe(5n);
  });

  test('comes once where its first answer is lost', async () => {
    const world = noteWorld(2);
    await present(world, BEN, ANA, 6n);
    let calls = 0;
    world.fate = () => {
      calls += 1;
      return calls === 2 ? 'reply-lost' : 'done';
    };
    expect(await world.device(ANA).wallet.collect(ownerOf(world, BEN))).toMatchObject({
      ok: false,
    });
    world.restart(ANA);
    world.pass(61);
    await world.device(ANA).wallet.tick();
    expect(await freeUnits(world, ANA, BEN)).toBe(6n);
    expect((await stateOf(world, BEN)).issuedUnits).toBe(6n);
  });

  test('comes once where the mint ends between taking down and answering', async () => {
    const world = noteWorld(2);
    await present(world, BEN, ANA, 6n);
    let pieces = 0;
    world.beforeWork = () => {
      pieces += 1;
      // Two blanks are blinded, one of them is evaluated.
      if (pieces === 4) throw new Crash(BEN);
    };
    expect(await world.device(ANA).wallet.collect(ownerOf(world, BEN))).toMatchObject({
      ok: false,
    });
    expect((await stateOf(world, BEN)).issuedUnits).toBe(6n);
    world.restart(ANA);
    await world.device(ANA).wallet.tick();
    expect(await freeUnits(world, ANA, BEN)).toBe(6n);
    expect((await stateOf(world, BEN)).issuedUnits).toBe(6n);
  });
});

describe('the bounds of a mint', () => {
  test('no more is given than there is beside what is promised, to the unit', async () => {
    const world = noteWorld(2, 10n * UNIT_BYTES);
    const owner = ownerOf(world, ANA);
    const { mint } = world.device(BEN);
    expect((await stateOf(world, BEN)).mayIssueUnits).toBe(10n);
    expect(await mint.give({ owner, units: 11n, why: 'present' })).toEqual({
      ok: false,
      fault: { code: 'over-issue', mayIssueUnits: 10n },
    });
    await present(world, BEN, ANA, 10n);
    expect(await mint.give({ owner, units: 1n, why: 'present' })).toMatchObject({ ok: false });
  });

  test('room that a friend stands in line for is not given away in notes', async () => {
    const world = noteWorld(3, 40n * UNIT_BYTES);
    const { ledger, mint } = world.device(BEN);
    const fair = { guards: {}, grounds: [{ kind: 'fair-share' as const, weight: 1 }] };
    ledger.setPolicy({ owner: undefined, policy: fair });
    const loan = { accept: 'borrowed' as const, duration: { want: DAY_S } };
    expect((await world.ask(CLEO, BEN, testRequest(30n * UNIT_BYTES, loan))).type).toBe('granted');
    const before = await stateOf(world, BEN);
    expect(before.mayIssueUnits).toBeGreaterThan(0n);
    const answer = await world.ask(ANA, BEN, testRequest(15n * UNIT_BYTES));
    if (answer.type !== 'pending') throw new Error(answer.type);
    expect((await stateOf(world, BEN)).mayIssueUnits).toBe(0n);
    const gift = { owner: ownerOf(world, CLEO), units: 1n, why: 'present' as const };
    expect(await mint.give(gift)).toEqual({
      ok: false,
      fault: { code: 'over-issue', mayIssueUnits: 0n },
    });
    ledger.withdraw({
      owner: ownerOf(world, ANA),
      ticket: answer.ticket,
      moment: world.moment(),
    });
    expect(await stateOf(world, BEN)).toMatchObject({ mayIssueUnits: before.mayIssueUnits });
    expect(await mint.give(gift)).toMatchObject({ ok: true });
  });

  test('the room that notes keep free is there for whoever brings them, and for nobody else', async () => {
    const world = noteWorld(3, 40n * UNIT_BYTES);
    world.device(BEN).ledger.setPolicy({
      owner: undefined,
      policy: { guards: {}, grounds: [{ kind: 'always' }, { kind: 'notes' }] },
    });
    await hold(world, ANA, BEN, 40n);
    const size = 10n * 64n * MIB;
    expect(codesIn(await world.ask(CLEO, BEN, testRequest(size)))).toEqual(['no-space']);
    const notes = await take(world, ANA, BEN, priceFor(size));
    const granted = await world.ask(ANA, BEN, paidRequest(size, notes));
    expect(granted.type).toBe('granted');
    const {
      promisedBytes: promised,
      outstandingBytes,
      capacityBytes,
    } = world.device(BEN).ledger.totals({ disk: DISK });
    expect(promised + outstandingBytes).toBeLessThanOrEqual(capacityBytes);
  });

  test('what a long lease would give back stays free until the plot is used', async () => {
    const world = noteWorld(2, 40n * UNIT_BYTES);
    const { ledger } = world.device(BEN);
    const guards = { maxDurationS: 400 * DAY_S };
    ledger.setPolicy({ owner: undefined, policy: { guards, grounds: [{ kind: 'notes' }] } });
    await hold(world, ANA, BEN, 40n);
    const together = () => {
      const { promisedBytes: promised, outstandingBytes } = ledger.totals({ disk: DISK });
      return promised + outstandingBytes;
    };
    // One unit of data and one of working room for ten months: twenty units, eighteen more than it keeps free.
    const notes = await take(world, ANA, BEN, 20n);
    const request = { ...paidRequest(UNIT_BYTES, notes), duration: { want: 300 * DAY_S } };
    const plot = plotIn(await world.ask(ANA, BEN, request));
    expect(together()).toBe(40n * UNIT_BYTES);
    expect((await stateOf(world, BEN)).mayIssueUnits).toBe(0n);
    const owner = ownerOf(world, ANA);
    const moment = world.moment();
    inBooks(world, BEN, () => ledger.release({ owner, plot, moment }));
    inBooks(world, BEN, () => ledger.erased({ plot, moment }));
    await world.device(ANA).wallet.collect(ownerOf(world, BEN));
    expect(await freeUnits(world, ANA, BEN)).toBe(40n);
    expect(together()).toBe(40n * UNIT_BYTES);
  });

  test('off, everything is refused and nothing is lost', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 30n);
    const notes = await take(world, ANA, BEN, 2n);
    world.on = false;
    expect(await world.device(BEN).mint.info({ owner: ownerOf(world, ANA) })).toMatchObject({
      fault: { code: 'barter-off' },
    });
    const answer = await world.ask(ANA, BEN, paidRequest(1n, notes));
    expect(codesIn(answer)).toEqual(['barter-off']);
    expect((await stateOf(world, BEN)).outstandingUnits).toBe(30n);
    expect((await purse(world, ANA, BEN))?.freeUnits).toBe(28n);
  });
});

describe('paying', () => {
  const size = 5n * 64n * MIB;

  test('the very price is brought, swapped into the right notes before', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 64n);
    const units = priceFor(size);
    expect(units).toBe(6n);
    const notes = await take(world, ANA, BEN, units);
    const request = paidRequest(size, notes);
    plotIn(await world.ask(ANA, BEN, request));
    await world.device(ANA).wallet.settled({ host: ownerOf(world, BEN), notes, outcome: 'spent' });
    expect(await purse(world, ANA, BEN)).toMatchObject({ freeUnits: 58n, heldUnits: 0n });
    expect(await stateOf(world, BEN)).toMatchObject({ outstandingUnits: 58n });
  });

  test('too little is refused with what it would cost, and takes nothing', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 8n);
    const notes = await take(world, ANA, BEN, 5n);
    const answer = await world.ask(ANA, BEN, paidRequest(size, notes));
    expect(answer).toMatchObject({
      type: 'denied',
      reasons: [{ code: 'notes-short', params: { needUnits: '6', haveUnits: '5' } }],
    });
    expect((await stateOf(world, BEN)).outstandingUnits).toBe(8n);
  });

  test('the same notes in two requests at once pay for one', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 8n);
    const notes = await take(world, ANA, BEN, 6n);
    const answers = await Promise.all([
      world.ask(ANA, BEN, paidRequest(size, notes)),
      world.ask(ANA, BEN, paidRequest(size, notes)),
    ]);
    expect(answers.map(({ type }) => type).toSorted()).toEqual(['denied', 'granted']);
    expect(answers.flatMap(codesIn)).toContain('notes-spent');
    // The six were made by two swaps out of the eight.
    expect((await stateOf(world, BEN)).outstandingUnits).toBe(2n);
  });

  test('the same note twice in one request is no two', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 4n);
    const [note = ''] = await take(world, ANA, BEN, 4n);
    expect(codesIn(await world.ask(ANA, BEN, paidRequest(size, [note, note])))).toEqual([
      'notes-spent',
    ]);
  });

  test('a lost answer is asked for again and costs no more', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 8n);
    const request = paidRequest(size, await take(world, ANA, BEN, 6n));
    const first = plotIn(await world.ask(ANA, BEN, request));
    world.restart(BEN);
    expect(plotIn(await world.ask(ANA, BEN, request))).toBe(first);
    expect((await stateOf(world, BEN)).outstandingUnits).toBe(2n);
    const again = await world.ask(ANA, BEN, { ...request, ...fresh() });
    expect(codesIn(again)).toEqual(['notes-spent']);
  });

  test('a grant that does not come to the disk has not taken the notes', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 8n);
    const notes = await take(world, ANA, BEN, 6n);
    const { sql } = world.device(BEN);
    sql.exec(
      "CREATE TEMP TRIGGER crash BEFORE INSERT ON decisions BEGIN SELECT RAISE(ABORT, 'power loss'); END",
    );
    await expect(world.ask(ANA, BEN, paidRequest(size, notes))).rejects.toThrow('power loss');
    sql.exec('DROP TRIGGER crash');
    world.restart(BEN);
    expect((await stateOf(world, BEN)).outstandingUnits).toBe(8n);
    plotIn(await world.ask(ANA, BEN, paidRequest(size, notes)));
  });

  test('overpaid, the rest is owed and comes back', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 16n);
    const notes = await take(world, ANA, BEN, 16n);
    plotIn(await world.ask(ANA, BEN, paidRequest(size, notes)));
    expect(await stateOf(world, BEN)).toMatchObject({ outstandingUnits: 10n });
    const host = ownerOf(world, BEN);
    await world.device(ANA).wallet.settled({ host, notes, outcome: 'spent' });
    await world.device(ANA).wallet.collect(host);
    expect(await freeUnits(world, ANA, BEN)).toBe(10n);
    expect(await stateOf(world, BEN)).toMatchObject({ outstandingUnits: 10n, redeemedUnits: 16n });
  });

  test('a plot that ends unused gives back what it cost; one that was used does not', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 16n);
    const { ledger, mintBook } = world.device(BEN);
    const owner = ownerOf(world, ANA);
    const moment = world.moment();
    const unused = plotIn(
      await world.ask(ANA, BEN, paidRequest(size, await take(world, ANA, BEN, 6n))),
    );
    const used = plotIn(
      await world.ask(ANA, BEN, paidRequest(size, await take(world, ANA, BEN, 6n))),
    );
    inBooks(world, BEN, () => {
      const object = { plot: used, type: 'data', name: 'ab'.repeat(32) } as const;
      const reserved = ledger.reserve({ ...object, owner, sizeBytes: 10n, moment });
      if (!reserved.ok) throw new Error(reserved.fault.code);
      ledger.post({ reservation: reserved.value.reservation, moment });
    });
    for (const plot of [unused, used])
      inBooks(world, BEN, () => ledger.release({ owner, plot, moment }));
    const { claims } = await mintBook.shown({ owner, moment });
    expect(claims).toMatchObject([{ why: 'refund', plot: unused, units: 6n }]);
    await world.device(ANA).wallet.collect(ownerOf(world, BEN));
    expect(await freeUnits(world, ANA, BEN)).toBe(10n);
  });

  test('nothing comes back of one that was filled with what calls itself something else than data', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 16n);
    const { ledger, mintBook } = world.device(BEN);
    const owner = ownerOf(world, ANA);
    const moment = world.moment();
    const begun = async (sizes: readonly bigint[]) => {
      const plot = plotIn(
        await world.ask(ANA, BEN, paidRequest(size, await take(world, ANA, BEN, 6n))),
      );
      inBooks(world, BEN, () => {
        for (const [index, sizeBytes] of sizes.entries()) {
          const object = { plot, type: 'index', name: `${index}`.repeat(64) } as const;
          const reserved = ledger.reserve({ ...object, owner, sizeBytes, moment });
          if (!reserved.ok) throw new Error(reserved.fault.code);
          ledger.post({ reservation: reserved.value.reservation, moment });
        }
        ledger.release({ owner, plot, moment });
      });
      return (await mintBook.shown({ owner, moment })).claims.length;
    };
    // What makes it a repository fits into the working room.
    expect(await begun([MIB, MIB])).toBe(1);
    expect(await begun([40n * MIB, 40n * MIB])).toBe(1);
  });

  test('what was paid for a plot that is in use does not come back, however late it was paid', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 16n);
    const { ledger, mintBook } = world.device(BEN);
    const owner = ownerOf(world, ANA);
    const moment = world.moment();
    const plot = plotIn(
      await world.ask(ANA, BEN, paidRequest(size, await take(world, ANA, BEN, 6n))),
    );
    inBooks(world, BEN, () => {
      const object = { plot, type: 'data', name: 'ab'.repeat(32) } as const;
      const reserved = ledger.reserve({ ...object, owner, sizeBytes: 10n, moment });
      if (reserved.ok) ledger.post({ reservation: reserved.value.reservation, moment });
    });
    // Four units of growth, and one too much.
    const more = paidRequest(4n * 64n * MIB, await take(world, ANA, BEN, 5n), { plot });
    plotIn(await world.ask(ANA, BEN, more));
    inBooks(world, BEN, () => ledger.release({ owner, plot, moment }));
    const { claims } = await mintBook.shown({ owner, moment });
    expect(claims).toMatchObject([{ why: 'change', units: 1n }]);
  });

  test('growth pays for what is added, a renewal for the time', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 100n);
    const { ledger, mint } = world.device(BEN);
    const plot = plotIn(
      await world.ask(ANA, BEN, paidRequest(size, await take(world, ANA, BEN, 6n))),
    );
    world.pass(15 * DAY_S);
    const grow = (notes: readonly string[]) =>
      world.ask(ANA, BEN, paidRequest(4n * 64n * MIB, notes, { plot, duration: { want: 1 } }));
    // Four units of size for the half of 30 days that is left.
    expect(await grow(await take(world, ANA, BEN, 1n))).toMatchObject({
      reasons: [{ params: { needUnits: '2', haveUnits: '1' } }],
    });
    plotIn(await grow(await take(world, ANA, BEN, 2n)));
    const owner = ownerOf(world, ANA);
    const renew = async (units: bigint) => {
      const why = [{ kind: 'notes' as const, notes: [...(await take(world, ANA, BEN, units))] }];
      const gathered = {
        notes: await mint.witness.gather({
          owner,
          request: undefined,
          why,
          ground: { kind: 'notes' },
          isQuote: false,
        }),
      };
      const request = { v: 1 as const, ...fresh(), duration: { want: 30 * DAY_S }, why };
      let answer: Answer | undefined;
      inBooks(world, BEN, () => {
        const bodyHash = randomBytes(32);
        const call = { owner, plot, request, bodyHash, gathered, moment: world.moment() };
        answer = ledger.renew({ ...call, disk: DISK }).answer;
      });
      if (answer === undefined) throw new Error('not renewed');
      return answer;
    };
    // Ten units for fifteen days more.
    const paid = await renew(5n);
    expect(paid).toMatchObject({ type: 'granted', ttl: 30 * DAY_S });
    const before = (await stateOf(world, BEN)).outstandingUnits;
    world.pass(30 * DAY_S);
    const short = await renew(4n);
    expect(short.type === 'granted' && short.ttl).toBe(12 * DAY_S);
    expect((await stateOf(world, BEN)).outstandingUnits).toBe(before - 4n);
  });
});

test('a plot whose time is over goes when its room is wanted, and not before', async () => {
  const world = noteWorld(3, 40n * UNIT_BYTES);
  await hold(world, ANA, BEN, 16n);
  const { ledger } = world.device(BEN);
  const size = 14n * 64n * MIB;
  const notes = await take(world, ANA, BEN, priceFor(size));
  const plot = plotIn(await world.ask(ANA, BEN, paidRequest(size, notes)));
  const state = () => ledger.plot({ plot, moment: world.moment() })?.state;
  const sweep = () => {
    for (let minute = 0; minute < 4; minute += 1)
      inBooks(world, BEN, () => ledger.sweep({ moment: world.moment(), mayEndOn: DISK }));
  };
  world.pass(45 * DAY_S);
  sweep();
  expect(state()).toBe('reclaimable');
  // Cleo brings notes for more than there is room.
  await hold(world, CLEO, BEN, 24n);
  const large = 30n * 64n * MIB;
  const paid = await take(world, CLEO, BEN, 8n);
  const short = paidRequest(large, paid, { duration: { want: 7 * DAY_S } });
  expect(codesIn(await world.ask(CLEO, BEN, short))).toEqual(['no-space']);
  sweep();
  expect(state()).toBe('released');
});

test('the price of a plot counts its working room and whole units', () => {
  expect(unitsFor(promisedBytes(64n * MIB), 30 * DAY_S)).toBe(2n);
  expect(bytesFor(2n)).toBe(promisedBytes(64n * MIB));
});
