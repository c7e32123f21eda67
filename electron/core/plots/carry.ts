import type { Async } from '../../../shared/async.ts';
import type { Sentence } from '../../../shared/contract/views.ts';
import { type Fault, fault } from '../../../shared/fault.ts';
import type { Result } from '../../../shared/result.ts';
import type { PlotFault } from '../../../shared/wire/plot-faults.ts';
import type { Ledger, PlotRow } from '../ledger/ledger.ts';
import { bringIn } from './carry-in.ts';
import { takeOut } from './carry-out.ts';
import { placeFault } from './offer-place.ts';
import type { PlotStore } from './plot-store.ts';

/**
 * A friend's plot on a disk that can be carried to him, and a disk of his in his plot: what would take weeks over a slow
 * line. It is a plain repository either way, which restic reads; both ways go on where they were cut off.
 */
export type Carry = {
  readonly takeOut: (call: Carried, control: CarryControl) => Promise<Result<Told, Fault>>;
  readonly bringIn: (call: Carried, control: CarryControl) => Promise<Result<Told, Fault>>;
};

export type Carried = {
  readonly row: PlotRow;
  /** What its owner is called. */
  readonly friend: string;
  readonly folder: string;
};
export type CarryControl = {
  readonly signal: AbortSignal;
  readonly progress: (now: {
    readonly phase: string;
    readonly filesDone: number;
    readonly filesTotal: number | null;
    readonly bytesDone: number;
    readonly bytesTotal: number | null;
  }) => void;
  readonly problem: (sentence: Sentence) => void;
};
/** `present`: it was there already. `damaged`: its bytes are not what its name says, so it was left out. */
export type Told = {
  readonly objects: number;
  readonly bytes: string;
  readonly present: number;
  readonly damaged: number;
};

export type CarryOptions = {
  readonly ledger: Pick<Async<Ledger>, 'paper'>;
  readonly store: Pick<PlotStore, 'list' | 'read' | 'stat' | 'put' | 'papers'>;
  /** The folder with the plots, as its owner knows it. */
  readonly ownFolder: () => string;
};

/** Disks that are carried are slow, and nobody's line. */
export const NO_HURRY = { bytes: 1, withinMs: 300_000 };

export function createCarry(options: CarryOptions): Carry {
  return {
    takeOut: (call, control) => takeOut(options, call, control),
    bringIn: (call, control) => bringIn(options, call, control),
  };
}

/** What the disk that is carried says. */
export function carriedDiskFault(error: unknown, folder: string): Fault {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? fault('disk-full', { folder })
    : placeFault(error, folder);
}

/** What this host's own plots say, about the plot that is carried. */
export function storeFault(
  said: PlotFault,
  { row: { plot }, friend }: Pick<Carried, 'row' | 'friend'>,
  { ownFolder }: Pick<CarryOptions, 'ownFolder'>,
): Fault {
  switch (said.code) {
    case 'plot-unknown':
    case 'plot-ended':
      return fault('plot-unknown', { plot });
    case 'volume-missing':
    case 'disk-full':
      return fault(said.code, { folder: ownFolder() });
    case 'plot-full':
      return fault('granted-too-little', { friend });
    default:
      return fault('not-taken-in', { friend, denial: said.code });
  }
}
