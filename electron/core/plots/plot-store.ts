import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Async } from '../../../shared/async.ts';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import type { ObjectType } from '../../../shared/model/plot.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { flushFolder } from '../database/durable-file.ts';
import type { PlotFault } from '../../../shared/wire/plot-faults.ts';
import type { PaperVersionKey } from '../ledger/beside-objects.ts';
import type { DiskFacts, Ledger, ObjectKey, Offer, PlotRow } from '../ledger/ledger.ts';
import type { Logger } from '../ports.ts';
import { createArrivals } from './arrivals.ts';
import { diskFault, DISK_RESERVE_BYTES, reserveFault } from './disk-faults.ts';
import { createKeyLocks } from '../key-locks.ts';
import { forgetFolders, MINIMUM_RATE, objectPath, removeFile, writeObject } from './object-file.ts';
import { type PaperSeal, writePaper } from './plot-paper.ts';
import type { MinimumRate } from './receive.ts';
import {
  createSealedPapers,
  keptPaperPath,
  type PaperCall,
  type SealedPapers,
} from './sealed-papers.ts';
import { isVolumePresent, plotFolder, plotsFolder } from './volume.ts';

/** Each upload holds about a megabyte of memory. */
const UPLOADS_MAX = 128;
/** Two devices with all their connections; one friend who sends slowly, and much at a time, keeps nobody else from sending. */
const UPLOADS_OF_ONE_MAX = 32;
/** Every TLS record would otherwise be a read of its own. */
const READ_BYTES = 256 * 1024;
/** A `config` is a few hundred bytes; it is compared in memory. */
const CONFIG_BYTES_MAX = 64 * 1024;

export type PlotStoreOptions = {
  readonly ledger: Async<Ledger>;
  readonly offer: () => Offer | undefined;
  readonly disk: () => Promise<DiskFacts>;
  readonly moment: () => Moment;
  readonly seal: PaperSeal;
  readonly logger: Logger;
  readonly minimumRate?: MinimumRate | undefined;
  /** An upload was refused because the disk is full, whatever was promised. */
  readonly onDiskFull?: ((owner: OwnerId) => void) | undefined;
};

export type ByteRange = { readonly from: bigint; readonly to: bigint };

/** The objects of hosted plots: ledger and disk together (ARCHITECTURE, "The write path"). */
export type PlotStore = {
  /**
   * Keeps one object. `body` is called when the bytes are wanted: after room was set aside, never for
   * an object that is there already. Resolves when the object would survive a power loss.
   */
  readonly put: (call: {
    readonly owner: OwnerId;
    readonly key: ObjectKey;
    readonly sizeBytes: bigint;
    readonly body: () => Readable;
  }) => Promise<Result<'stored' | 'exists', PlotFault>>;
  readonly stat: (call: Located) => Promise<Result<{ readonly sizeBytes: bigint }, PlotFault>>;
  /** The bytes from `from` to before `to`. The caller reads the stream or destroys it. */
  readonly read: (call: Located, range: ByteRange) => Promise<Result<Readable, PlotFault>>;
  readonly list: (
    call: Omit<Located, 'key'> & { readonly plot: PlotId; readonly type: ObjectType },
  ) => Promise<Result<AsyncIterable<readonly Listed[]>, PlotFault>>;
  readonly remove: (call: Located) => Promise<Result<undefined, PlotFault>>;
  /** Takes something off the disk that has lain in the trash long enough; false: it has not, or not any more. */
  readonly purge: (key: ObjectKey) => Promise<boolean>;
  /** What lies beside the repository. */
  readonly papers: SealedPapers;
  /** Takes off the disk what a paper was before, once its time is over. */
  readonly purgePaper: (version: PaperVersionKey) => Promise<void>;
  /** Runs `act` while nothing is written to or removed from this object; `undefined`: something is, now. */
  readonly ifAlone: <T>(key: ObjectKey, act: () => Promise<T>) => Promise<T> | undefined;
  readonly ifPaperAlone: <T>(
    paper: Pick<PaperCall, 'plot' | 'name'>,
    act: () => Promise<T>,
  ) => Promise<T> | undefined;
  /** Where a plot lies, if its owner asks. */
  readonly whereIs: (
    owner: OwnerId,
    plot: PlotId,
  ) => Promise<Result<string, 'plot-unknown' | 'volume-missing'>>;
  /** Second half of a removal whose first is in the books. */
  readonly takeOff: (folder: string, key: ObjectKey) => Promise<void>;
  /** Uploads of this run whose end the books could not take in; each is answered once. */
  readonly takeUnsettled: () => readonly Upload[];
  /** What was known of its folders is no longer true: whatever took its files may have taken them. */
  readonly forget: (plot: PlotId) => void;
  /** Takes a released plot off the disk, then off the books. */
  readonly erase: (plot: PlotId) => Promise<void>;
};

export type Upload = Awaited<ReturnType<Async<Ledger>['unsettled']>>['uploads'][number];
export type Located = { readonly owner: OwnerId; readonly key: ObjectKey };
export type Listed = { readonly name: string; readonly sizeBytes: bigint };

export function openPlotStore(options: PlotStoreOptions): PlotStore {
  const { ledger, moment, logger } = options;
  const locks = createKeyLocks();
  const arrivals = createArrivals();
  const papers = new Map<PlotId, string>();
  const arriving = () => randomBytes(12).toString('hex');
  const rate = options.minimumRate ?? MINIMUM_RATE;
  const uploads = new Map<OwnerId, number>();
  let allUploads = 0;
  let unsettled: Upload[] = [];

  /** The folder of a plot, if its owner asks and its volume is there. */
  async function locate(owner: OwnerId, plot: PlotId): Promise<Result<Place, PlotFault>> {
    const [row, disk] = await Promise.all([
      ledger.plot({ plot, moment: moment() }),
      options.disk(),
    ]);
    const offer = options.offer();
    if (row === undefined || row.owner !== owner || row.state === 'gone')
      return failed({ code: 'plot-unknown' });
    // It is being taken off the disk, and what is missing of it by now is no damage.
    if (row.state === 'released') return failed({ code: 'plot-ended' });
    if (offer === undefined || !disk.volumePresent) return failed({ code: 'volume-missing' });
    return ok({ row, disk, folder: plotFolder(offer.folder, plot) });
  }

  /** Once for what it says; the first uploads of a plot come together. */
  async function ensurePaper({ row, folder }: Place): Promise<void> {
    const says = `${row.sizeBytes} ${row.protectDays}`;
    if (papers.get(row.plot) === says) return;
    await locks.run(`${row.plot}/plot.json`, async () => {
      if (papers.get(row.plot) === says) return;
      await writePaper(folder, row, options.seal);
      papers.set(row.plot, says);
    });
  }

  async function put(
    call: Parameters<PlotStore['put']>[0],
  ): Promise<Result<'stored' | 'exists', PlotFault>> {
    const { owner, key, sizeBytes } = call;
    const place = await locate(owner, key.plot);
    if (!place.ok) return place;
    const { disk, folder } = place.value;
    if (sizeBytes + DISK_RESERVE_BYTES > disk.freeBytes) return failed({ code: 'disk-full' });
    const reserved = await ledger.reserve({ ...key, owner, sizeBytes, moment: moment() });
    const final = join(folder, 'repository', objectPath(key.type, key.name));
    if (!reserved.ok) {
      if (reserved.fault.code === 'exists')
        return key.type === 'config' ? sameConfig(final, call.body(), rate) : ok('exists');
      return failed(reserveFault(reserved.fault));
    }
    const { reservation } = reserved.value;
    const upload = { ...key, reservation, sizeBytes };
    try {
      await ensurePaper(place.value);
      const written = await writeObject(
        {
          temporary: join(folder, 'incoming', arriving()),
          final,
          sizeBytes: Number(sizeBytes),
          sha256: key.type === 'config' ? undefined : key.name,
        },
        call.body(),
        rate,
      );
      if (!written.ok) {
        await orLater(upload, ledger.void({ reservation, moment: moment() }));
        return written;
      }
    } catch (error) {
      if (unsettled.includes(upload)) throw error;
      await orLater(upload, ledger.void({ reservation, moment: moment() }));
      return failed(await faultAt(key.plot, error));
    }
    const isFirst = await orLater(upload, ledger.post({ reservation, moment: moment() }));
    return ok(isFirst ? 'stored' : 'exists');
  }

  /** Where the books can't be written, it is settled when they can, as after a crash. */
  async function orLater<T>(upload: Upload, settled: Promise<T>): Promise<T> {
    try {
      return await settled;
    } catch (error) {
      unsettled.push(upload);
      throw error;
    }
  }

  /** Looked at now: on a drive that was pulled out a moment ago everything is where it was. */
  async function isVolumeThere(): Promise<boolean> {
    const offer = options.offer();
    return offer !== undefined && isVolumePresent(offer.folder, offer.volume);
  }

  /** Second half of a removal. */
  async function takeOff(folder: string, key: ObjectKey): Promise<void> {
    try {
      const path = join(folder, 'repository', objectPath(key.type, key.name));
      if (!(await removeFile(path)) && !(await isVolumeThere())) return;
    } catch (error) {
      // Gone for the guest; the file is taken off at the next start.
      logger.warn('a removed object is still on the disk', { error: String(error) });
      return;
    }
    await ledger.removed({ ...key, moment: moment() });
  }

  function forget(plot: PlotId): void {
    papers.delete(plot);
    const offer = options.offer();
    if (offer !== undefined) forgetFolders(plotFolder(offer.folder, plot));
  }

  /** Where a folder that was known is gone and its volume is not, the next one who sends something makes it anew. */
  async function faultAt(plot: PlotId, error: unknown): Promise<PlotFault> {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && (await isVolumeThere())) forget(plot);
    return diskFault(error);
  }

  const sealed = createSealedPapers({
    ledger,
    moment,
    locate,
    begin: ensurePaper,
    isVolumeThere,
    faultAt,
    alone: (paper, act) =>
      arrivals.during(paper.plot, (take) => locks.run(paperText(paper), () => act(take))),
    arriving,
    rate,
  });

  return {
    papers: sealed,
    put: async (call) => {
      const { owner } = call;
      const before = uploads.get(owner) ?? 0;
      if (before >= UPLOADS_OF_ONE_MAX || allUploads >= UPLOADS_MAX)
        return failed({ code: 'too-many-uploads' });
      uploads.set(owner, before + 1);
      allUploads += 1;
      try {
        const stored = await arrivals.during(call.key.plot, (take) =>
          locks.run(textOf(call.key), () => put({ ...call, body: () => take(call.body()) })),
        );
        if (!stored.ok && stored.fault.code === 'disk-full') options.onDiskFull?.(owner);
        return stored;
      } finally {
        const left = (uploads.get(owner) ?? 1) - 1;
        if (left === 0) uploads.delete(owner);
        else uploads.set(owner, left);
        allUploads -= 1;
      }
    },
    stat: async ({ owner, key }) => {
      const place = await locate(owner, key.plot);
      if (!place.ok) return place;
      const known = await ledger.object(key);
      return known === undefined ? failed({ code: 'object-unknown' }) : ok(known);
    },
    read: async ({ owner, key }, { from, to }) => {
      const place = await locate(owner, key.plot);
      if (!place.ok) return place;
      const path = join(place.value.folder, 'repository', objectPath(key.type, key.name));
      try {
        const file = await open(path, 'r');
        if (from >= to) {
          await file.close();
          return ok(Readable.from([]));
        }
        const range = { start: Number(from), end: Number(to) - 1, highWaterMark: READ_BYTES };
        return ok(createReadStream(path, { fd: file, ...range }));
      } catch (error) {
        // Let go of, or deleted, since it was looked for: then it is no damage that it is missing.
        const now = await locate(owner, key.plot);
        if (!now.ok) return now;
        if ((await ledger.object(key)) === undefined) return failed({ code: 'object-unknown' });
        logger.error('an object of a plot could not be read', { plot: key.plot, type: key.type });
        return failed(diskFault(error));
      }
    },
    list: async ({ owner, plot, type }) => {
      const place = await locate(owner, plot);
      return place.ok ? ok(pages(ledger, plot, type)) : place;
    },
    remove: ({ owner, key }) =>
      locks.run(textOf(key), async () => {
        const place = await locate(owner, key.plot);
        if (!place.ok) return place;
        // In the trash it would be in the way of the one that is to come: it has the same name.
        if (key.type === 'config' && place.value.row.protectDays > 0)
          return failed({ code: 'no-such-method' });
        const removed = await ledger.remove({ ...key, owner, moment: moment() });
        if (!removed.ok) return failed({ code: removed.fault.code });
        if (!removed.value.isKept) await takeOff(place.value.folder, key);
        return ok(undefined);
      }),
    purge: ({ plot, type, name }) =>
      locks.run(textOf({ plot, type, name }), async () => {
        const offer = options.offer();
        if (offer === undefined) return false;
        const key = { plot, type, name };
        if (!(await ledger.dropTrash({ ...key, moment: moment() }))) return false;
        await takeOff(plotFolder(offer.folder, plot), key);
        return true;
      }),
    purgePaper: ({ plot, name, version }) =>
      locks.run(paperText({ plot, name }), async () => {
        const offer = options.offer();
        if (offer === undefined) return;
        const path = join(plotFolder(offer.folder, plot), keptPaperPath({ name, version }));
        if (!(await removeFile(path)) && !(await isVolumeThere())) return;
        await ledger.paperVersionIs({
          plot,
          name,
          version,
          sizeBytes: undefined,
          moment: moment(),
        });
      }),
    takeOff,
    whereIs: async (owner, plot) => {
      const place = await locate(owner, plot);
      if (place.ok) return ok(place.value.folder);
      return failed(place.fault.code === 'volume-missing' ? 'volume-missing' : 'plot-unknown');
    },
    ifAlone: (key, act) => locks.runIfFree(textOf(key), act),
    ifPaperAlone: (paper, act) => locks.runIfFree(paperText(paper), act),
    takeUnsettled: () => {
      const taken = unsettled;
      unsettled = [];
      return taken;
    },
    forget,
    erase: async (plot) => {
      const disk = await options.disk();
      const offer = options.offer();
      if (offer === undefined || !disk.volumePresent) return;
      // Nothing begins any more in a released plot; what began before is broken off.
      await arrivals.stop(plot);
      // The books have the last word before what can't be undone.
      if ((await ledger.plot({ plot, moment: moment() }))?.state !== 'released') return;
      const folder = plotFolder(offer.folder, plot);
      await rm(folder, { recursive: true, force: true });
      // Once the books have forgotten it, nobody would look for it again.
      await flushFolder(plotsFolder(offer.folder));
      forget(plot);
      for (let isMore = true; isMore; ) isMore = await ledger.forgetSome({ plot });
      await ledger.erased({ plot, moment: moment() });
    },
  };
}

export type Place = { readonly row: PlotRow; readonly disk: DiskFacts; readonly folder: string };

function paperText({ plot, name }: Pick<PaperCall, 'plot' | 'name'>): string {
  return `${plot}/papers/${name}`;
}

function textOf({ plot, type, name }: ObjectKey): string {
  return `${plot}/${type}/${name}`;
}

/** `config` has no hash for a name: the same bytes again are fine, others never replace it. */
async function sameConfig(
  path: string,
  body: Readable,
  { withinMs }: MinimumRate,
): Promise<Result<'exists', PlotFault>> {
  const chunks: Buffer[] = [];
  let length = 0;
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    body.destroy();
  }, withinMs);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > CONFIG_BYTES_MAX) return failed({ code: 'object-differs' });
      chunks.push(chunk);
    }
  } catch {
    return failed({ code: isLate ? 'too-slow' : 'too-short' });
  } finally {
    clearTimeout(timer);
  }
  try {
    const isSame = Buffer.concat(chunks).equals(await readFile(path));
    return isSame ? ok('exists') : failed({ code: 'object-differs' });
  } catch (error) {
    return failed(diskFault(error));
  }
}

const PAGE = 10_000;

async function* pages(
  ledger: Async<Ledger>,
  plot: PlotId,
  type: ObjectType,
): AsyncGenerator<readonly Listed[]> {
  let after: string | undefined;
  for (;;) {
    const page = await ledger.objects({ plot, type, after, limit: PAGE });
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.name;
  }
}
