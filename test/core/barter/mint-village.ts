import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { runTogether } from '../../../electron/core/database/group-commit.ts';
import type { PlotId, RequestId } from '../../../shared/ids.ts';
import type { AllocateRequest, Answer } from '../../../shared/model/allocate.ts';
import { priceOf } from '../../../shared/model/notes.ts';
import { promisedBytes } from '../../../shared/model/plot.ts';
import { DAY_S, GB } from '../../../shared/units.ts';
import type { NoteWorld } from '../../fakes/note-world.ts';

/** Who is who in the tests of the mint, and what they do most. */
export const ANA = 0;
export const BEN = 1;
export const CLEO = 2;
export const DISK = { volumePresent: true, freeBytes: 10_000n * GB };

export const ownerOf = (world: NoteWorld, index: number) => world.device(index).issuer.owner;
export const stateOf = (world: NoteWorld, index: number) =>
  world.device(index).mintBook.state({ moment: world.moment(), disk: DISK });
export const purse = async (world: NoteWorld, holder: number, issuer: number) =>
  (await world.device(holder).walletBook.purses({ nowMs: world.moment().nowMs })).find(
    ({ owner }) => owner === ownerOf(world, issuer),
  );
export const freeUnits = async (world: NoteWorld, holder: number, issuer: number) =>
  (await purse(world, holder, issuer))?.freeUnits ?? 0n;

export async function present(
  world: NoteWorld,
  from: number,
  to: number,
  units: bigint,
): Promise<void> {
  const owner = ownerOf(world, to);
  const given = await world.device(from).mint.give({ owner, units, why: 'present' });
  if (!given.ok) throw new Error(given.fault.code);
}
export async function hold(world: NoteWorld, holder: number, issuer: number, units: bigint) {
  await present(world, issuer, holder, units);
  const got = await world.device(holder).wallet.collect(ownerOf(world, issuer));
  expect(got).toEqual({ ok: true, value: units });
}
/** Notes as texts, set aside for a request that is never sent by the wallet itself. */
export async function take(world: NoteWorld, holder: number, issuer: number, units: bigint) {
  const host = ownerOf(world, issuer);
  const requestId = randomBytes(16).toString('base64url') as RequestId;
  const { wallet } = world.device(holder);
  const notes = await wallet.pay({ host, requestId, units, plot: undefined });
  if (notes === undefined) throw new Error('nothing to pay with');
  return notes;
}
export const priceFor = (size: bigint, forS = 30 * DAY_S) =>
  priceOf({ afterBytes: promisedBytes(size), forS });
export function plotIn(answer: Answer): PlotId {
  if (answer.type !== 'granted') throw new Error(JSON.stringify(answer, (_, v) => `${v}`));
  return answer.plot;
}
export const codesIn = (answer: Answer) =>
  answer.type === 'denied' ? answer.reasons.map(({ code }) => code) : [answer.type];
/** As the thread of the books would: in a transaction of its own. */
export function inBooks(world: NoteWorld, index: number, act: () => unknown): void {
  const [outcome] = runTogether(world.device(index).sql, [act]);
  if (outcome?.ok !== true) throw outcome?.thrown;
}

export function fresh(): Pick<AllocateRequest, 'requestId'> {
  return { requestId: randomBytes(16).toString('base64url') as RequestId };
}
