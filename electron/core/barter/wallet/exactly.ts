import type { Async } from '../../../../shared/async.ts';
import type { DeviceId, OwnerId } from '../../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { NOTES_MAX } from '../../../../shared/wire/mint.ts';
import type { Clock } from '../../ports.ts';
import type { Errands } from './errands.ts';
import type { MintCalls } from './mint-calls.ts';
import { sumOf } from '../notes.ts';
import { gatherNotes, pickNotes } from './pick-notes.ts';
import type { HeldNote, WalletBook } from './wallet-book.ts';
import type { WalletFault } from './wallet.ts';

export type Exactly = (
  owner: OwnerId,
  units: bigint,
  /** Only notes of this device; absent: of whichever has enough. */
  device?: DeviceId,
) => Promise<Result<{ readonly notes: readonly HeldNote[] }, WalletFault>>;

/** Each round swaps something: more than a few and somebody is playing. */
const SWAPS_MAX = 6;

/** Finds notes for a sum. They are free when they are found; whoever takes them sets them aside at once. */
export function createExactly({
  book,
  calls,
  errands,
  clock,
}: {
  readonly book: Async<WalletBook>;
  readonly calls: Pick<MintCalls, 'devices'>;
  readonly errands: Pick<Errands, 'swap'>;
  readonly clock: Clock;
}): Exactly {
  /** Exactly so many units of one device of that owner; swapped into the right notes first where that is needed. */
  async function exactly(
    owner: OwnerId,
    units: bigint,
    only?: DeviceId,
  ): Promise<Result<{ readonly notes: readonly HeldNote[] }, WalletFault>> {
    let haveUnits = 0n;
    for (let attempt = 0; attempt < SWAPS_MAX; attempt += 1) {
      const nowMs = clock.nowMs();
      const free = await book.free({ owner, nowMs });
      const byDevice = Map.groupBy(
        free.filter(({ device }) => only === undefined || device === only),
        ({ device }) => device,
      );
      const likeliest = calls.devices(owner).map(({ device }) => device);
      const purses = [...byDevice].sort(
        ([one], [other]) => likeliest.indexOf(one) - likeliest.indexOf(other),
      );
      const purse = purses.find(([, notes]) => sumOf(notes) >= units)?.[1];
      haveUnits = purses.reduce((most, [, notes]) => {
        const sum = sumOf(notes);
        return sum > most ? sum : most;
      }, 0n);
      if (purse === undefined) return failed({ code: 'notes-short', haveUnits });
      const picked = pickNotes(purse, units);
      if (picked.type === 'short') return failed({ code: 'notes-short', haveUnits });
      const isLong = picked.notes.length > NOTES_MAX - 1;
      if (picked.type === 'exact' && !isLong) return ok({ notes: picked.notes });
      const gathered = isLong ? gatherNotes(picked.notes, NOTES_MAX) : undefined;
      const trade =
        gathered ??
        (picked.type === 'split' ? { notes: [picked.large], into: picked.into } : undefined);
      if (trade === undefined) return failed({ code: 'notes-short', haveUnits });
      const keyset = trade.notes[0]?.keyset ?? '';
      const wanted = trade.into.map((k) => ({ keyset, k }));
      const swapped = await errands.swap({ notes: trade.notes, wanted, nowMs });
      if (swapped.ok || swapped.fault.code === 'refused') continue;
      // The host gives change where he can't be asked for the right notes just now.
      if (picked.type === 'split' && !isLong) return ok({ notes: [...picked.notes, picked.large] });
      return swapped;
    }
    return failed({ code: 'notes-short', haveUnits });
  }

  return exactly;
}
