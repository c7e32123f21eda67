import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Async } from '../../../shared/async.ts';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { PAPER_BYTES_MAX, PAPER_VERSIONS_MAX, type PaperName } from '../../../shared/model/plot.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { PaperVersionList } from '../../../shared/wire/papers.ts';
import type { PlotFault } from '../../../shared/wire/plot-faults.ts';
import { flushFolder, makeMissing, writeDurably } from '../database/durable-file.ts';
import type { PaperVersionKey } from '../ledger/beside-objects.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { diskFault, DISK_RESERVE_BYTES, reserveFault } from './disk-faults.ts';
import { fileSize, removeFile, writeObject } from './object-file.ts';
import type { Place } from './plot-store.ts';
import type { MinimumRate } from './receive.ts';

/**
 * The writer's manifest and the address book beside a plot's repository (design §5, §6). They lie in the folder itself, so
 * that a copy of it on a stick has them; restic does not look at names it does not know. What is in them is sealed. In a
 * protected plot what they were before stays for a while, in a folder of its own.
 */
export type SealedPapers = {
  /** The present one, or what it was before. The caller reads the body or destroys it. */
  readonly read: (
    call: PaperCall & { readonly version?: number | undefined },
  ) => Promise<Result<{ readonly sizeBytes: number; readonly body: Readable }, PlotFault>>;
  readonly versions: (call: PaperCall) => Promise<Result<PaperVersionList, PlotFault>>;
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

/** In a plot's folder: what its papers were before. */
export const KEPT_PAPERS = 'papers';

export function keptPaperPath({ name, version }: Omit<PaperVersionKey, 'plot'>): string {
  return join(KEPT_PAPERS, `${name}.${version}`);
}

export function createSealedPapers({
  ledger,
  moment,
  locate,
  begin,
  isVolumeThere,
  faultAt,
  alone,
  arriving,
  rate,
}: {
  readonly ledger: Pick<
    Async<Ledger>,
    'paper' | 'reservePaper' | 'paperIs' | 'paperVersions' | 'paperVersionIs'
  >;
  readonly moment: () => Moment;
  readonly locate: (owner: OwnerId, plot: PlotId) => Promise<Result<Place, PlotFault>>;
  /** The plot's own folder is there and says whose it is. */
  readonly begin: (place: Place) => Promise<void>;
  /** Looked at now. */
  readonly isVolumeThere: () => Promise<boolean>;
  /** What the disk has said of that plot, for its guest. */
  readonly faultAt: (plot: PlotId, error: unknown) => Promise<PlotFault>;
  /** One after the other, and broken off where the plot ends. */
  readonly alone: <T>(
    call: Pick<PaperCall, 'plot' | 'name'>,
    act: (take: (body: Readable) => Readable) => Promise<T>,
  ) => Promise<T>;
  /** A name for what is on its way. */
  readonly arriving: () => string;
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
    const { keeps: version } = reserved.value;
    const final = join(folder, 'repository', paperPath(name));
    const kept = version === undefined ? undefined : join(folder, keptPaperPath({ name, version }));
    let isOld = true;
    try {
      await begin(place.value);
      // A copy and not another name for it: not every disk knows those, and so there is no moment without a paper.
      if (kept !== undefined) await copyAside(final, kept);
      const written = await writeObject(
        {
          temporary: join(folder, 'incoming', arriving()),
          final,
          sizeBytes: Number(sizeBytes),
          sha256: undefined,
        },
        take(body()),
        rate,
      );
      isOld = !written.ok;
      return written;
    } catch (error) {
      return failed(await faultAt(plot, error));
    } finally {
      // What was not replaced is not kept a second time.
      if (kept !== undefined && isOld) await removeFile(kept).catch(() => undefined);
      const keptBytes = kept === undefined ? undefined : await sizeOrNone(kept);
      // Whatever happened, what lies there now is what counts.
      const now = await sizeOrNone(final);
      // Nobody knows what lies on a drive that was pulled out: what the books had is there until somebody has looked.
      if (now !== undefined || (await isVolumeThere()))
        await ledger.paperIs({ plot, name, sizeBytes: now, keptBytes, isOld, moment: moment() });
    }
  }

  return {
    write: (call) => alone(call, (take) => write(call, take)),
    versions: async ({ owner, plot, name }) => {
      const place = await locate(owner, plot);
      if (!place.ok) return place;
      const at = moment();
      const present = await ledger.paper({ plot, name });
      const versions = await ledger.paperVersions({ plot, name, moment: at });
      // A clock that was put back makes nothing happen in the future.
      const agoS = (ms: number) => Math.max(0, Math.floor((at.nowMs - ms) / 1000));
      const since = (ms: number | undefined) => (ms === undefined ? {} : { fromAgoS: agoS(ms) });
      return ok({
        ...(present === undefined
          ? {}
          : { present: { bytes: present.sizeBytes, ...since(present.fromMs) } }),
        // The oldest are worth most: what was there before anything happened.
        versions: versions
          .slice(0, PAPER_VERSIONS_MAX)
          .map(({ version, sizeBytes, fromMs, untilMs, goesInS }) => ({
            version,
            bytes: sizeBytes,
            ...since(fromMs),
            untilAgoS: agoS(untilMs),
            goesInS,
          })),
      });
    },
    read: async ({ owner, plot, name, version }) => {
      const place = await locate(owner, plot);
      if (!place.ok) return place;
      const known =
        version === undefined
          ? await ledger.paper({ plot, name })
          : (await ledger.paperVersions({ plot, name, moment: moment() })).find(
              (each) => each.version === version,
            );
      if (known === undefined) return failed({ code: 'object-unknown' });
      const path =
        version === undefined
          ? join('repository', paperPath(name))
          : keptPaperPath({ name, version });
      try {
        // Opened once: whoever reads while it is replaced has the old one whole.
        const file = await open(join(place.value.folder, path), 'r');
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

/** Nothing to copy is no fault: the disk has lost it. */
async function copyAside(from: string, to: string): Promise<void> {
  if ((await fileSize(from)) === undefined) return;
  const folder = join(to, '..');
  if ((await makeMissing(folder)) !== undefined) await flushFolder(join(folder, '..'));
  await writeDurably(to, await readFile(from));
}

function sizeOrNone(path: string): Promise<bigint | undefined> {
  return fileSize(path).catch(() => undefined);
}
