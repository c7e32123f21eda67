import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { newNoteKeys } from '../../../../electron/core/barter/blind-notes.ts';
import { base64url, keysetIdOf, writeNote } from '../../../../electron/core/barter/notes.ts';
import { DAY_S, MIB } from '../../../../shared/units.ts';
import { noteWorld, type NoteWorld, paidRequest } from '../../../fakes/note-world.ts';
import {
  ANA,
  BEN,
  CLEO,
  ownerOf,
  stateOf,
  present,
  hold,
  take,
  plotIn,
  codesIn,
  fresh,
} from '../mint-village.ts';

describe('requests to a mint', () => {
  test('the same id with another body is refused, with the same it is answered the same', async () => {
    const world = noteWorld(2);
    await present(world, BEN, ANA, 1n);
    const owner = ownerOf(world, ANA);
    const { mint } = world.device(BEN);
    const info = await mint.info({ owner });
    const claim = info.ok ? info.value.claims[0] : undefined;
    if (claim === undefined) throw new Error('no claim');
    const { requestId } = fresh();
    const blinded = [{ keyset: claim.keyset, k: 0, point: base64url(newNoteKeys().publicKey) }];
    const message = { v: 1 as const, requestId, claim: claim.claim, blinded };
    const asked = { owner, message, bodyHash: randomBytes(32) };
    const first = await mint.withdraw(asked);
    expect(first).toMatchObject({ ok: true });
    expect(await mint.withdraw(asked)).toEqual(first);
    expect(await mint.withdraw({ ...asked, bodyHash: randomBytes(32) })).toMatchObject({
      fault: { code: 'request-reused' },
    });
    const other = { ...asked, message: { ...message, ...fresh() }, bodyHash: randomBytes(32) };
    expect(await mint.withdraw(other)).toMatchObject({ fault: { code: 'claim-unknown' } });
  });

  test('the same sent twice at once is done once, and both are answered', async () => {
    const world = noteWorld(2);
    await present(world, BEN, ANA, 1n);
    const owner = ownerOf(world, ANA);
    const { mint } = world.device(BEN);
    const info = await mint.info({ owner });
    const claim = info.ok ? info.value.claims[0] : undefined;
    if (claim === undefined) throw new Error('no claim');
    const blinded = [{ keyset: claim.keyset, k: 0, point: base64url(newNoteKeys().publicKey) }];
    const message = { v: 1 as const, ...fresh(), claim: claim.claim, blinded };
    const asked = { owner, message, bodyHash: randomBytes(32) };
    const points = (await Promise.all([mint.withdraw(asked), mint.withdraw(asked)])).map(
      (answer) => (answer.ok ? answer.value.evaluated[0]?.point : answer.fault.code),
    );
    expect(points[0]).toBe(points[1]);
    expect(points[0]).toHaveLength(43);
    expect((await stateOf(world, BEN)).issuedUnits).toBe(1n);
  });

  test('nobody gets more than is owed, nor what is owed to another', async () => {
    const world = noteWorld(3);
    await present(world, BEN, ANA, 1n);
    const { mint } = world.device(BEN);
    const info = await mint.info({ owner: ownerOf(world, ANA) });
    const claim = info.ok ? info.value.claims[0] : undefined;
    if (claim === undefined) throw new Error('no claim');
    const withdraw = (owner: typeof claim.claim, k: number, point?: string) =>
      mint.withdraw({
        owner: owner as never,
        bodyHash: randomBytes(32),
        message: {
          v: 1,
          ...fresh(),
          claim: claim.claim,
          blinded: [
            { keyset: claim.keyset, k, point: point ?? base64url(newNoteKeys().publicKey) },
          ],
        },
      });
    const ana = ownerOf(world, ANA);
    expect(await withdraw(ana, 1)).toMatchObject({ fault: { code: 'bad-request' } });
    expect(await withdraw(ownerOf(world, CLEO), 0)).toMatchObject({
      fault: { code: 'claim-unknown' },
    });
    expect(await withdraw(ana, 0, base64url(new Uint8Array(32)))).toMatchObject({
      fault: { code: 'bad-request' },
    });
    expect(await withdraw(ana, 0)).toMatchObject({ ok: true });
  });

  test('a swap gives the same sum in the same keyset, and never more', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 4n);
    const notes = await take(world, ANA, BEN, 4n);
    const keyset = notes[0]?.split('.')[0] ?? '';
    const owner = ownerOf(world, ANA);
    const swap = (ks: readonly number[]) =>
      world.device(BEN).mint.swap({
        owner,
        bodyHash: randomBytes(32),
        message: {
          v: 1,
          ...fresh(),
          notes: [...notes],
          blinded: ks.map((k) => ({ keyset, k, point: base64url(newNoteKeys().publicKey) })),
        },
      });
    expect(await swap([2, 0])).toMatchObject({ fault: { code: 'bad-request' } });
    expect(await swap([1])).toMatchObject({ fault: { code: 'bad-request' } });
    expect(await swap([1, 1])).toMatchObject({ ok: true });
    expect(await swap([1, 1])).toMatchObject({ fault: { code: 'notes-spent' } });
    expect((await stateOf(world, BEN)).outstandingUnits).toBe(4n);
  });
});

describe('a book that was restored from an older copy', () => {
  async function restored(): Promise<NoteWorld & { notes: readonly string[] }> {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 4n);
    const notes = await take(world, ANA, BEN, 2n);
    const { mintBook, mark } = world.device(BEN);
    await mintBook.confirm({ count: await mintBook.count() });
    // As far as the copy knows, one thing less has happened than the mark says.
    mark.value = mark.value && { sure: mark.value.sure + 1, tried: mark.value.tried + 1 };
    world.restart(BEN);
    return { ...world, notes };
  }

  test('is closed: what it had issued is not taken any more, and the owner is told', async () => {
    const world = await restored();
    const answer = await world.ask(ANA, BEN, paidRequest(64n * MIB, world.notes));
    expect(codesIn(answer)).toEqual(['keyset-expired']);
    const state = await stateOf(world, BEN);
    expect(state.outstandingUnits).toBe(0n);
    expect(state.closedMs).toBe(world.moment().nowMs);
  });

  test('issues again, in a keyset of its own, and stays closed for the old ones', async () => {
    const world = await restored();
    await hold(world, ANA, BEN, 8n);
    world.restart(BEN);
    expect(await stateOf(world, BEN)).toMatchObject({ outstandingUnits: 8n });
    plotIn(await world.ask(ANA, BEN, paidRequest(64n * MIB, await takeNew(world, 2n))));
  });

  test('a crash between mark and commit is none of that', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 4n);
    const { mark } = world.device(BEN);
    mark.value = mark.value && { ...mark.value, tried: mark.value.tried + 3 };
    world.restart(BEN);
    expect(await stateOf(world, BEN)).toMatchObject({ outstandingUnits: 4n, closedMs: undefined });
  });
});

describe('keys of an issuer', () => {
  test('the one that was seen first counts, and only what is named by its own hash', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 1n);
    const { walletBook } = world.device(ANA);
    const { issuer } = world.device(BEN);
    const [known] = await walletBook.free({ owner: issuer.owner, nowMs: world.moment().nowMs });
    const expiresMs = known?.expiresMs ?? 0;
    const key = newNoteKeys().publicKey;
    const second = { keyset: keysetIdOf(issuer, key, expiresMs), key: base64url(key), expiresMs };
    const renamed = { keyset: known?.keyset ?? '', key: base64url(key), expiresMs };
    const later = expiresMs + 30 * DAY_S * 1000;
    const next = { keyset: keysetIdOf(issuer, key, later), key: base64url(key), expiresMs: later };
    const keysets = [second, renamed, next];
    const nowMs = world.moment().nowMs;
    expect(await walletBook.pin({ issuer, keysets, nowMs })).toEqual([next]);
  });
});

/** Of the notes that still count: the wallet does not know that the others don't. */
async function takeNew(world: NoteWorld, units: bigint): Promise<readonly string[]> {
  const { walletBook } = world.device(ANA);
  const nowMs = world.moment().nowMs;
  const free = await walletBook.free({ owner: ownerOf(world, BEN), nowMs });
  const newest = Math.max(...free.map(({ expiresMs }) => expiresMs));
  const notes = free.filter(({ expiresMs }) => expiresMs === newest);
  const enough = notes.filter(({ k }) => 1n << BigInt(k) >= units).slice(0, 1);
  return enough.map(writeNote);
}
