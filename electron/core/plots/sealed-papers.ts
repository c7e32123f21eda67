import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Async } from '../../../shared/async.ts';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { PAPER_BYTES_MAX, type PaperName } from '../../../shared/model/plot.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { PlotFault } from '../../../shared/wire/plot-faults.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { diskFault, DISK_RESERVE_BYTES, reserveFault } from './disk-faults.ts';
import { fileSize, type MinimumRate, writeObject } from './object-file.ts';
import type { Place } from './plot-store.ts';

/**
 * The writer's manifest and the address book beside a plot's repository (design §5, §6). They lie in the folder itself, so
 * that a copy of it on a stick has them; restic does not look at names it does not know. What is in them is sealed.
 */
export type SealedPapers = {
  /** The caller reads the body or destroys it. */
  readonly read: (
    call: PaperCall,
  ) => Promise<Result<{ readonly sizeBytes: number; readonly body: Readable }, PlotFault>>;
  /** Replaces the whole; resolves when the new one would survive a power loss. Until then the old one is there. */
  readonly write: (
    call: PaperCall & { readonly sizeBytes: bigint; readonly body: () => Readable },
  ) => Promise<Result<undefined, PlotFault>>;
};

export type PaperCall = {
  readonly owner: OwnerId;
  readonly plot: PlotId;
  readonly name: PaperName;
};

export function paperPath(name: PaperName): string {
  return `allotment-${name}`;
}

export function createSealedPapers({
  ledger,
  moment,
  locate,
  begin,
  alone,
  rate,
}: {
  readonly ledger: Pick<Async<Ledger>, 'paper' | 'reservePaper' | 'paperIs'>;
  readonly moment: () => Moment;
  readonly locate: (owner: OwnerId, plot: PlotId) => Promise<Result<Place, PlotFault>>;
  /** The plot's own folder is there and says whose it is. */
  readonly begin: (place: Place) => Promise<void>;
  /** One after the other, and broken off where the plot ends. */
  readonly alone: <T>(
    call: Pick<PaperCall, 'plot' | 'name'>,
    act: (take: (body: Readable) => Readable) => Promise<T>,
  ) => Promise<T>;
  readonly rate: MinimumRate;
}): SealedPapers {
  async function write(
    { owner, plot, name, sizeBytes, body }: Parameters<SealedPapers['write']>[0],
    take: (body: Readable) => Readable,
  ): Promise<Result<undefined, PlotFault>> {
    if (sizeBytes > BigInt(PAPER_BYTES_MAX)) return failed({ code: 'too-long' });
    const place = await locate(owner, plot);
    if (!place.ok) return place;
    const { disk, folder } = place.value;
    if (sizeBytes + DISK_RESERVE_BYTES > disk.freeBytes) return failed({ code: 'disk-full' });
    const reserved = await ledger.reservePaper({ owner, plot, name, sizeBytes, moment: moment() });
    if (!reserved.ok) return failed(reserveFault(reserved.fault));
    const final = join(folder, 'repository', paperPath(name));
    try {
      await begin(place.value);
      return await writeObject(
        {
          temporary: join(folder, 'incoming', randomBytes(12).toString('hex')),
          final,
          sizeBytes: Number(sizeBytes),
          sha256: undefined,
        },
        take(body()),
        rate,
      );
    } catch (error) {
      return failed(diskFault(error));
    } finally {
      // Whatever happened, what lies there now is what counts.
      const now = await fileSize(final).catch(() => undefined);
      await ledger.paperIs({ plot, name, sizeBytes: now, moment: moment() });
    }
  }

  return {
    write: (call) => alone(call, (take) => write(call, take)),
    read: async ({ owner, plot, name }) => {
      const place = await locate(owner, plot);
      if (!place.ok) return place;
      const known = await ledger.paper({ plot, name });
      if (known === undefined) return failed({ code: 'object-unknown' });
      try {
        // Opened once: whoever reads while it is replaced has the old one whole.
        const file = await open(join(place.value.folder, 'repository', paperPath(name)), 'r');
        const { size } = await file.stat();
        return ok({ sizeBytes: size, body: file.createReadStream() });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT')
          return failed({ code: 'object-unknown' });
        return failed(diskFault(error));
      }
    },
  };
}
