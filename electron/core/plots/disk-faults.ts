import { assertNever } from '../../../shared/assert.ts';
import { carriedFault } from '../../../shared/fault.ts';
import { MIB } from '../../../shared/units.ts';
import type { PlotFault } from '../../../shared/wire/plot-faults.ts';
import type { ReserveFault } from '../ledger/ledger.ts';
import type { Logger } from '../ports.ts';

/** What keeps bytes from getting into a plot, in the words of its protocol. */

/** What is kept free on the volume whatever was promised: a system without a free byte falls over. */
export const DISK_RESERVE_BYTES = 128n * MIB;

export function reserveFault(fault: ReserveFault): PlotFault {
  switch (fault.code) {
    case 'plot-full':
      return {
        code: 'plot-full',
        params: {
          freeBytes: `${fault.freeBytes}`,
          // Full, but not for good: what was deleted goes by itself.
          ...(fault.trashBytes > 0n ? { trashBytes: `${fault.trashBytes}` } : {}),
        },
      };
    case 'plot-unknown':
    case 'plot-ended':
    case 'in-grace':
    case 'paused':
      return { code: fault.code };
    case 'exists':
      return { code: 'object-differs' };
    default:
      return assertNever(fault);
  }
}

/** The disk with the books is full or fails; `undefined`: it is something else. */
export function booksFault(error: unknown): PlotFault | undefined {
  const carried = carriedFault(error);
  if (carried === undefined) return undefined;
  if (carried.code === 'disk-full') return { code: 'disk-full' };
  const isReadOnly = carried.code === 'folder-read-only';
  return { code: 'disk-failed', params: { error: isReadOnly ? 'EROFS' : 'EIO' } };
}

/** A word of the disk; everything else is a bug. */
export function isDiskError(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code);
}

/** What the disk said; anything that is no word of a disk is a bug and is thrown on. */
export function diskFault(error: unknown): PlotFault {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return { code: 'disk-full' };
  if (code === undefined || !isDiskError(error)) throw error;
  return { code: 'disk-failed', params: { error: code } };
}

/** One folder that the disk can't give back must not keep leases from being counted, nor the other plots. */
export async function despiteDisk(
  logger: Pick<Logger, 'error'>,
  what: string,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!isDiskError(error)) throw error;
    logger.error(what, { error: String(error) });
  }
}
