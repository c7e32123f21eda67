import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createCollecting } from '../../../electron/core/barter/wallet/collecting.ts';
import type { MintCalls } from '../../../electron/core/barter/wallet/mint-calls.ts';
import { writeNote } from '../../../electron/core/barter/notes.ts';
import { runTogether } from '../../../electron/core/database/group-commit.ts';
import type { RequestId } from '../../../shared/ids.ts';
import type { Answer } from '../../../shared/model/allocate.ts';
import { failed, ok } from '../../../shared/result.ts';
import { DAY_S } from '../../../shared/units.ts';
import type { Claim, MintInfo } from '../../../shared/wire/mint.ts';
import { noteWorld, type NoteWorld, paidRequest } from '../../fakes/note-world.ts';
import { hashOf, testRequestId } from '../../fakes/test-ledger.ts';
import {
  ANA,
  BEN,
  CLEO,
  codesIn,
  DISK,
  freeUnits,
  hold,
  ownerOf,
  present,
  stateOf,
} from './mint-village.ts';

const HOUR_S = 3600;

/** Somebody who fetches at a mint that answers what the test wants. */
async function collector(world: NoteWorld, claims: (info: MintInfo) => readonly Claim[]) {
  const { issuer, mint } = world.device(BEN);
  const real = await mint.info({ owner: ownerOf(world, ANA) });
  if (!real.ok) throw new Error(real.fault.code);
  const asked = { info: 0, begun: 0 };
  const calls = {
    info: async () => {
      asked.info += 1;
      return ok({ ...real.value, claims: [...claims(real.value)] });
    },
    devices: () => [issuer],
  } as unknown as MintCalls;
  const { walletBook } = world.device(ANA);
  const collecting = createCollecting({
    book: walletBook,
    calls,
    errands: {
      blinds: async (_issuer, wanted) => {
        asked.begun += wanted.length;
        return wanted.map(({ keyset, k }) => {
          const empty = Buffer.alloc(32);
          return { keyset, k, secret: empty, blind: empty, point: empty };
        });
      },
      begin: async () => true,
      run: async () => failed({ code: 'protocol' } as const),
      swap: async () => ok(undefined),
    },
    isOn: () => true,
    clock: { nowMs: () => world.moment().nowMs, monotonicMs: () => world.moment().serviceS * 1000 },
    newRequestId: () => randomBytes(16).toString('base64url') as RequestId,
  });
  return { asked, collect: () => collecting.collect(issuer.owner) };
}
const claimOf = ({ keysets }: MintInfo, units: bigint, claim = 'a'.repeat(26)): Claim => ({
  claim,
  units,
  keyset: keysets[0]?.keyset ?? '',
  why: 'present',
});

describe('a lying issuer', () => {
  test('who says that he owes 2^63 units makes nobody work', async () => {
    const world = noteWorld(2);
    const { asked, collect } = await collector(world, (info) => [claimOf(info, 2n ** 63n - 1n)]);
    expect(await collect()).toEqual({ ok: true, value: 0n });
    expect(asked.begun).toBe(0);
  });

  test('who gives wrong proofs is asked for nothing more for an hour, however loud he calls', async () => {
    const world = noteWorld(2);
    const many = (info: MintInfo) =>
      Array.from({ length: 26 }, (_, index) =>
        claimOf(info, 1n, 'abcdefghijklmnopqrstuvwxyz'.charAt(index).repeat(26)),
      );
    const { asked, collect } = await collector(world, many);
    expect(await collect()).toMatchObject({ ok: false, fault: { code: 'protocol' } });
    expect(await collect()).toMatchObject({ ok: false, fault: { code: 'protocol' } });
    expect(asked).toEqual({ info: 1, begun: 1 });
    world.pass(HOUR_S + 1);
    await collect();
    expect(asked).toEqual({ info: 2, begun: 2 });
  });
});

test('change of many payments for one plot is fetched in one message, however many sums it is', async () => {
  const world = noteWorld(2);
  const plot = 'a'.repeat(26) as NonNullable<Claim['plot']>;
  const { asked, collect } = await collector(world, (info) =>
    Array.from({ length: 100 }, () => ({ ...claimOf(info, 1n), plot, why: 'change' as const })),
  );
  await collect();
  expect(asked.begun).toBe(3);
});

test('what is given while a friend fetches is fetched too', async () => {
  const world = noteWorld(2);
  await present(world, BEN, ANA, 4n);
  const { wallet } = world.device(ANA);
  const first = wallet.collect(ownerOf(world, BEN));
  let again: ReturnType<typeof wallet.collect> | undefined;
  world.beforeWork = (device) => {
    if (device !== ANA || again !== undefined) return;
    again = present(world, BEN, ANA, 8n).then(() => wallet.collect(ownerOf(world, BEN)));
  };
  await first;
  await again;
  expect(await freeUnits(world, ANA, BEN)).toBe(12n);
});

/** Ana sends Cleo notes of Ben's by hand, as many gifts as the test wants. */
async function gift(world: NoteWorld, id: number) {
  const { walletBook, issuer } = world.device(ANA);
  const { nowMs } = world.moment();
  const notes = await walletBook.free({ owner: ownerOf(world, BEN), nowMs });
  return {
    from: issuer.owner,
    message: {
      v: 1 as const,
      requestId: testRequestId(id),
      issuer: world.device(BEN).issuer,
      notes: notes.slice(0, 1).map(writeNote),
    },
    bodyHash: new Uint8Array(32),
  };
}

describe('a lying friend', () => {
  test('who sends the same gift twice at once is answered twice and pays once', async () => {
    const world = noteWorld(3);
    await hold(world, ANA, BEN, 8n);
    const sent = await gift(world, 1);
    const { wallet } = world.device(CLEO);
    const both = await Promise.all([wallet.receive(sent), wallet.receive(sent)]);
    expect(both).toEqual([
      { ok: true, value: undefined },
      { ok: true, value: undefined },
    ]);
    expect(await freeUnits(world, CLEO, BEN)).toBe(8n);
  });

  test('who sends notes of somebody who does not answer fills no book', async () => {
    const world = noteWorld(3);
    await hold(world, ANA, BEN, 8n);
    const { wallet, walletBook } = world.device(CLEO);
    await wallet.collect(ownerOf(world, BEN));
    world.fate = () => 'unheard';
    const codes = new Set<string>();
    for (let id = 1; id <= 40; id += 1) {
      const received = await wallet.receive(await gift(world, id));
      if (!received.ok) codes.add(received.fault.code);
    }
    expect([...codes]).toEqual(['issuer-unreachable', 'too-many-waiting']);
    expect(await walletBook.open()).toHaveLength(32);
  });
});

test('a friend who says no to a gift gets nothing by the copy that he saw', async () => {
  const world = noteWorld(3);
  await hold(world, ANA, BEN, 8n);
  const { wallet } = world.device(ANA);
  const { wallet: friends } = world.device(CLEO);
  let seen: Parameters<typeof friends.receive>[0] | undefined;
  const { receive } = friends;
  Object.assign(friends, {
    receive: async (gift: Parameters<typeof receive>[0]) => {
      seen = gift;
      return failed({ code: 'barter-off' } as const);
    },
  });
  const sent = { friend: ownerOf(world, CLEO), issuer: ownerOf(world, BEN), units: 8n };
  expect(await wallet.send(sent)).toMatchObject({ fault: { denial: 'barter-off' } });
  expect(await freeUnits(world, ANA, BEN)).toBe(8n);
  if (seen === undefined) throw new Error('he saw them');
  expect(await receive(seen)).toEqual({ ok: false, fault: { code: 'notes-spent', params: {} } });
});

describe('what nobody will ever answer', () => {
  test('is given up when it is worth nothing any more', async () => {
    const world = noteWorld(3);
    await hold(world, ANA, BEN, 8n);
    const { wallet, walletBook } = world.device(CLEO);
    await wallet.collect(ownerOf(world, BEN));
    const sent = await gift(world, 1);
    world.fate = () => 'unheard';
    await wallet.receive(sent);
    world.pass(60 * DAY_S);
    await wallet.tick();
    expect(await walletBook.open()).toHaveLength(1);
    world.pass(60 * DAY_S);
    await wallet.tick();
    expect(await walletBook.open()).toEqual([]);
  });

  test('a clock of the holder that jumps a year ahead and comes back costs him nothing', async () => {
    const world = noteWorld(2);
    await hold(world, ANA, BEN, 8n);
    world.pass(60);
    await world.device(ANA).wallet.tick();
    world.jump(365 * DAY_S);
    for (let minute = 0; minute < 30; minute += 1) {
      world.pass(60);
      await world.device(ANA).wallet.tick();
    }
    expect(await freeUnits(world, ANA, BEN)).toBe(0n);
    world.jump(-365 * DAY_S);
    await world.device(ANA).wallet.tick();
    expect(await freeUnits(world, ANA, BEN)).toBe(8n);
  });
});

test('a forged note of a keyset that was over when it was looked at is not taken when the clock goes back', async () => {
  const world = noteWorld(2);
  await hold(world, ANA, BEN, 8n);
  const { walletBook } = world.device(ANA);
  const { nowMs } = world.moment();
  const [real] = await walletBook.free({ owner: ownerOf(world, BEN), nowMs });
  if (real === undefined) throw new Error('there is a note');
  const forged = writeNote({ ...real, secret: randomBytes(32) });
  const { mint, sql, ledger } = world.device(BEN);
  world.jump(365 * DAY_S);
  const request = paidRequest(1n, [forged]);
  const owner = ownerOf(world, ANA);
  const gathered = await mint.witness.gather({
    owner,
    request,
    why: request.why,
    ground: { kind: 'notes' },
    isQuote: false,
  });
  world.jump(-365 * DAY_S);
  const [outcome] = runTogether(sql, [
    () =>
      ledger.allocate({
        owner,
        request,
        bodyHash: hashOf(request),
        gathered: { notes: gathered },
        moment: world.moment(),
        disk: DISK,
      }),
  ]);
  if (outcome?.ok !== true) throw outcome?.thrown;
  expect(codesIn((outcome.value as { answer: Answer }).answer)).toEqual(['keyset-expired']);
  expect((await stateOf(world, BEN)).redeemedUnits).toBe(0n);
});
