import { describe, expect, test, vi } from 'vitest';
import { keysetIdOf, writeNote } from '../../../../electron/core/barter/notes.ts';
import { promisedBytes } from '../../../../shared/model/plot.ts';
import { priceOf } from '../../../../shared/model/notes.ts';
import { DAY_S, GB, MIB } from '../../../../shared/units.ts';
import { type Fate, noteWorld, type NoteWorld, paidRequest } from '../../../fakes/note-world.ts';
import { testRequestId } from '../../../fakes/test-ledger.ts';

const ANA = 0;
const BEN = 1;
const CLEO = 2;
const DISK = { volumePresent: true, freeBytes: 10_000n * GB };
const SIZE = 5n * 64n * MIB;
const PRICE = priceOf({ afterBytes: promisedBytes(SIZE), forS: 30 * DAY_S });

const ownerOf = (world: NoteWorld, index: number) => world.device(index).issuer.owner;
const units = async (world: NoteWorld, holder: number, issuer: number) => {
  const purses = await world.device(holder).walletBook.purses({ nowMs: world.moment().nowMs });
  const purse = purses.find(({ owner }) => owner === ownerOf(world, issuer));
  return [purse?.freeUnits ?? 0n, purse?.heldUnits ?? 0n];
};
const outstanding = async (world: NoteWorld, issuer: number) =>
  (await world.device(issuer).mintBook.state({ moment: world.moment(), disk: DISK }))
    .outstandingUnits;

/** Ana holds notes of Ben's. */
async function village(count: bigint): Promise<NoteWorld> {
  const world = noteWorld(3);
  const owner = ownerOf(world, ANA);
  await world.device(BEN).mint.give({ owner, units: count, why: 'present' });
  await world.device(ANA).wallet.collect(ownerOf(world, BEN));
  return world;
}
const send = (world: NoteWorld, count: bigint) =>
  world.device(ANA).wallet.send({
    friend: ownerOf(world, CLEO),
    issuer: ownerOf(world, BEN),
    units: count,
  });
/** The n-th call from now on goes wrong, all others don't. */
function failNth(world: NoteWorld, nth: number, fate: Fate): void {
  let calls = 0;
  world.fate = () => {
    calls += 1;
    return calls === nth ? fate : 'done';
  };
}
let requests = 1_000_000;
const pay = async (world: NoteWorld, guest: number) => {
  requests += 1;
  const requestId = testRequestId(requests);
  const host = ownerOf(world, BEN);
  const { wallet } = world.device(guest);
  const notes = await wallet.pay({ host, requestId, units: PRICE, plot: undefined });
  if (notes === undefined) throw new Error('nothing to pay with');
  return { notes, host, requestId };
};

describe('notes that go from hand to hand', () => {
  test('are the receiver’s when he has swapped them, and pay their issuer for his plot', async () => {
    const world = await village(20n);
    expect(await send(world, 9n)).toEqual({ ok: true, value: undefined });
    expect(await units(world, ANA, BEN)).toEqual([11n, 0n]);
    expect(await units(world, CLEO, BEN)).toEqual([9n, 0n]);
    const { notes, requestId } = await pay(world, CLEO);
    const answer = await world.ask(CLEO, BEN, paidRequest(SIZE, notes, { requestId }));
    expect(answer.type).toBe('granted');
    expect(await outstanding(world, BEN)).toBe(20n - PRICE);
  });

  test('come home to their issuer and are void', async () => {
    const world = await village(20n);
    const { wallet } = world.device(ANA);
    const ben = ownerOf(world, BEN);
    expect(await wallet.send({ friend: ben, issuer: ben, units: 12n })).toMatchObject({ ok: true });
    expect(await units(world, ANA, BEN)).toEqual([8n, 0n]);
    expect(await outstanding(world, BEN)).toBe(8n);
  });

  test('more than there are is refused with how many there are', async () => {
    const world = await village(20n);
    expect(await send(world, 21n)).toEqual({
      ok: false,
      fault: { code: 'notes-short', haveUnits: 20n },
    });
  });

  // A swap into the right notes first; then the gift, and inside of it the receiver's own two calls.
  test.each([
    [1, 'unheard'],
    [2, 'unheard'],
    [2, 'reply-lost'],
    [3, 'unheard'],
    [4, 'unheard'],
    [4, 'reply-lost'],
  ] as const)('arrive once though call %i is %s', async (nth, fate) => {
    const world = await village(20n);
    failNth(world, nth, fate);
    await send(world, 9n);
    world.fate = () => 'done';
    for (const minutes of [2, 3, 6, 12]) {
      world.pass(minutes * 60);
      for (const index of [ANA, CLEO]) world.restart(index);
      await world.device(CLEO).wallet.tick();
      await world.device(ANA).wallet.tick();
    }
    const [mine = 0n, held] = await units(world, ANA, BEN);
    const [theirs = 0n] = await units(world, CLEO, BEN);
    expect(held).toBe(0n);
    expect(mine + theirs).toBe(20n);
    // Where not even the swap was heard of, nothing was sent.
    expect(theirs).toBe(nth === 1 ? 0n : 9n);
    expect(await outstanding(world, BEN)).toBe(20n);
  });

  test('that were spent before are refused, and the receiver holds nothing', async () => {
    const world = await village(8n);
    const { walletBook } = world.device(ANA);
    const nowMs = world.moment().nowMs;
    const texts = (await walletBook.free({ owner: ownerOf(world, BEN), nowMs })).map(writeNote);
    const request = paidRequest(SIZE, texts);
    expect((await world.ask(ANA, BEN, request)).type).toBe('granted');
    expect(await send(world, 8n)).toMatchObject({ ok: false, fault: { denial: 'notes-spent' } });
    expect(await units(world, CLEO, BEN)).toEqual([0n, 0n]);
    // Their issuer has said so: they are not tried again.
    expect(await units(world, ANA, BEN)).toEqual([0n, 0n]);
  });

  test('of somebody whom the receiver does not know are not taken', async () => {
    const world = await village(8n);
    const message = {
      v: 1 as const,
      requestId: testRequestId(7),
      issuer: { ...world.device(BEN).issuer, device: world.device(CLEO).issuer.device },
      notes: ['x'],
    };
    const gift = { from: ownerOf(world, ANA), message, bodyHash: new Uint8Array(32) };
    expect(await world.device(ANA).wallet.receive(gift)).toMatchObject({
      fault: { code: 'issuer-unknown' },
    });
  });
});

describe('notes for a friend who does not answer', () => {
  /** Cleo hears nothing of a gift; all others do. */
  const away = async (fate: Fate) => {
    const world = await village(16n);
    failNth(world, 1, fate);
    const sent = await send(world, 16n);
    world.fate = () => 'done';
    return { world, sent };
  };

  test.each(['unheard', 'reply-lost'] as const)(
    'are said to be on their way, and come to him by themselves, where it is %s',
    async (fate) => {
      const { world, sent } = await away(fate);
      expect(sent).toEqual({ ok: false, fault: { code: 'on-their-way' } });
      world.pass(2 * 60);
      await world.device(ANA).wallet.tick();
      expect(await units(world, CLEO, BEN)).toEqual([16n, 0n]);
      expect(await units(world, ANA, BEN)).toEqual([0n, 0n]);
    },
  );

  test('are not sent where the issuer has to make them smaller and is away', async () => {
    const world = await village(16n);
    failNth(world, 1, 'unheard');
    expect(await send(world, 9n)).toEqual({ ok: false, fault: { code: 'issuer-away' } });
    world.fate = () => 'done';
    world.pass(2 * 60);
    await world.device(ANA).wallet.tick();
    expect(await units(world, ANA, BEN)).toEqual([16n, 0n]);
  });

  test('come back after a day also where the clock was a month ahead when they were sent', async () => {
    const { world } = await away('unheard');
    world.jump(-30 * DAY_S);
    world.pass(2 * DAY_S);
    let first = true;
    world.fate = () => {
      const fate = first ? 'done' : 'unheard';
      first = false;
      return fate;
    };
    await world.device(ANA).wallet.tick();
    expect(await units(world, CLEO, BEN)).toEqual([0n, 0n]);
    expect(await units(world, ANA, BEN)).toEqual([16n, 0n]);
  });
});

describe('notes that end on different days', () => {
  test('are answered for as long as one of them runs, though the answer was lost and the first is over', async () => {
    const world = await village(8n);
    world.pass(31 * DAY_S);
    await world.device(BEN).mint.give({ owner: ownerOf(world, ANA), units: 4n, why: 'present' });
    await world.device(ANA).wallet.collect(ownerOf(world, BEN));
    world.pass(57 * DAY_S);
    // The gift, whose notes these are, and their swap.
    failNth(world, 3, 'reply-lost');
    expect(await send(world, 12n)).toMatchObject({ fault: { code: 'on-their-way' } });
    world.fate = () => 'done';
    for (let day = 0; day < 15; day += 1) {
      world.pass(DAY_S);
      await world.device(BEN).mint.tick();
    }
    for (let round = 0; round < 3; round += 1) {
      await world.device(CLEO).wallet.tick();
      world.pass(2 * 3600);
    }
    expect(await units(world, CLEO, BEN)).toEqual([4n, 0n]);
  });
});

describe('an issuer who lets everybody wait', () => {
  /** Ana holds notes of both; Ben does not end any swap from now on, and what she sent him last lies there. */
  async function stalling() {
    const world = await village(16n);
    await world.device(CLEO).mint.give({ owner: ownerOf(world, ANA), units: 16n, why: 'present' });
    await world.device(ANA).wallet.collect(ownerOf(world, CLEO));
    const begun: unknown[] = [];
    const { mint } = world.device(BEN);
    Object.assign(mint, {
      swap: (asked: unknown) => {
        begun.push(asked);
        return new Promise(() => undefined);
      },
    });
    return { world, begun };
  }
  const payTo = (world: NoteWorld, host: number, count: bigint) =>
    world.device(ANA).wallet.pay({
      host: ownerOf(world, host),
      requestId: testRequestId(host * 100 + Number(count)),
      units: count,
      plot: undefined,
    });

  test('keeps nobody from paying others', async () => {
    const { world, begun } = await stalling();
    // Too large a note: it has to be swapped first.
    void payTo(world, BEN, 5n);
    expect(await payTo(world, CLEO, 7n)).toHaveLength(3);
    expect(begun).toHaveLength(1);
  });

  test('keeps no notes of others from coming back, and is asked once', async () => {
    const { world, begun } = await stalling();
    for (const host of [BEN, CLEO]) await payTo(world, host, 16n);
    world.restart(ANA);
    world.pass(11 * 60);
    void world.device(ANA).wallet.tick();
    await vi.waitFor(async () => expect(await units(world, ANA, CLEO)).toEqual([16n, 0n]));
    expect(begun).toHaveLength(1);
  });

  test('or who does not answer is asked for one thing in a round', async () => {
    const world = await village(15n);
    const { notes } = await pay(world, ANA);
    await pay(world, ANA);
    let calls = 0;
    world.fate = () => {
      calls += 1;
      return 'unheard';
    };
    world.restart(ANA);
    world.pass(11 * 60);
    await world.device(ANA).wallet.tick();
    // And the keys of all whose notes are held are asked for.
    expect([notes.length, calls]).toEqual([2, 2]);
  });
});

describe('an issuer whose key is none', () => {
  test('keeps nobody from what others owe', async () => {
    const world = await village(4n);
    await world.device(CLEO).mint.give({ owner: ownerOf(world, ANA), units: 4n, why: 'present' });
    await world.device(ANA).wallet.collect(ownerOf(world, CLEO));
    const { issuer, sql } = world.device(BEN);
    const key = Buffer.alloc(32, 0xff);
    const expiresMs = world.moment().nowMs + 80 * DAY_S * 1000;
    const keyset = keysetIdOf(issuer, key, expiresMs);
    sql
      .prepare(
        'INSERT INTO mint_keysets (id, public, secret, begun_ms, expires_ms) VALUES (?, ?, ?, 0, ?)',
      )
      .run(keyset, key, key, expiresMs);
    sql
      .prepare(
        `INSERT INTO mint_claims (id, owner, units, keyset, why, made_ms, made_service)
         VALUES (?, ?, 1, ?, 'present', 0, ?)`,
      )
      .run('a'.repeat(26), ownerOf(world, ANA), keyset, world.moment().serviceS);
    await world.device(CLEO).mint.give({ owner: ownerOf(world, ANA), units: 8n, why: 'present' });
    await world.device(ANA).wallet.tick();
    expect(await units(world, ANA, CLEO)).toEqual([12n, 0n]);
    const { wallet } = world.device(ANA);
    expect(await wallet.collect(ownerOf(world, BEN))).toEqual({ ok: true, value: 0n });
  });
});

describe('what was set aside for a payment', () => {
  test('is mine again when it was refused', async () => {
    const world = await village(20n);
    const { notes, host } = await pay(world, ANA);
    expect(await units(world, ANA, BEN)).toEqual([20n - PRICE, PRICE]);
    await world.device(ANA).wallet.settled({ host, notes, outcome: 'free' });
    expect(await units(world, ANA, BEN)).toEqual([20n, 0n]);
  });

  test('is gone where the answer was lost and it was a yes, whenever that is found out', async () => {
    const world = await village(20n);
    const { notes, host, requestId } = await pay(world, ANA);
    const answer = await world.ask(ANA, BEN, paidRequest(SIZE, notes, { requestId }));
    expect(answer.type).toBe('granted');
    await world.device(ANA).wallet.settled({ host, notes, outcome: 'unknown' });
    expect(await units(world, ANA, BEN)).toEqual([20n - PRICE, PRICE]);
    world.restart(ANA);
    world.pass(11 * 60);
    await world.device(ANA).wallet.tick();
    expect(await units(world, ANA, BEN)).toEqual([20n - PRICE, 0n]);
  });

  test('is mine again where the request never came there, and can’t be paid with late', async () => {
    const world = await village(20n);
    const { notes, requestId } = await pay(world, ANA);
    world.restart(ANA);
    world.pass(11 * 60);
    await world.device(ANA).wallet.tick();
    expect(await units(world, ANA, BEN)).toEqual([20n, 0n]);
    const late = await world.ask(ANA, BEN, paidRequest(SIZE, notes, { requestId }));
    expect(late).toMatchObject({ type: 'denied', reasons: [{ code: 'notes-spent' }] });
    expect(await outstanding(world, BEN)).toBe(20n);
  });

  test('is looked into also where the clock was a month ahead when it was set aside', async () => {
    const world = await village(20n);
    await pay(world, ANA);
    world.jump(-30 * DAY_S);
    world.pass(11 * 60);
    await world.device(ANA).wallet.tick();
    expect(await units(world, ANA, BEN)).toEqual([20n, 0n]);
  });

  test('stays set aside as long as the request pends that it was for, and no other', async () => {
    const world = await village(20n);
    const { nowMs } = world.moment();
    await pay(world, ANA);
    const tick = async (pendingSince: readonly number[]) => {
      world.pendingSince = pendingSince;
      world.pass(3600);
      await world.device(ANA).wallet.tick();
      return units(world, ANA, BEN);
    };
    expect(await tick([nowMs + 60_000])).toEqual([20n - PRICE, PRICE]);
    expect(await tick([nowMs - DAY_S * 1000, nowMs + DAY_S * 1000])).toEqual([20n, 0n]);
  });

  test('is of the device that is asked, or of none', async () => {
    const world = await village(20n);
    const { wallet } = world.device(ANA);
    const call = { host: ownerOf(world, BEN), units: PRICE, plot: undefined };
    const from = (device: number) =>
      wallet.pay({
        ...call,
        requestId: testRequestId(device + 1),
        device: world.device(device).issuer.device,
      });
    expect(await from(CLEO)).toBeUndefined();
    expect(await from(BEN)).toHaveLength(2);
  });

  test('is not set aside twice', async () => {
    const world = await village(PRICE);
    const both = await Promise.allSettled([pay(world, ANA), pay(world, ANA)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});
