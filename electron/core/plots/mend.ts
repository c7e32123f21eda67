import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Async } from '../../../shared/async.ts';
import type { PlotId } from '../../../shared/ids.ts';
import { plotId } from '../../../shared/model/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import {
  OBJECT_NAME,
  objectTypes,
  type ObjectType,
  paperNames,
} from '../../../shared/model/plot.ts';
import type { PaperVersionKey } from '../ledger/beside-objects.ts';
import type { Ledger, ObjectKey } from '../ledger/ledger.ts';
import { dropStrays, dropStraysIn } from '../database/durable-file.ts';
import type { Logger } from '../ports.ts';
import { booksFault, isDiskError } from './disk-faults.ts';
import { fileSize, objectPath, removeFile, safeSize, tidyIncoming } from './object-file.ts';
import { PAPER_FILE, type PaperSeal, readPaper } from './plot-paper.ts';
import type { PlotStore } from './plot-store.ts';
import { KEPT_PAPERS, keptPaperPath, paperPath } from './sealed-papers.ts';
import { plotFolder, plotsFolder, tidyVolume } from './volume.ts';

export type MendOptions = {
  readonly ledger: Async<Ledger>;
  readonly moment: () => Moment;
  readonly logger: Logger;
  /** A friend takes as long as he likes to send something; what he is sending is looked at another time. */
  readonly plots: Pick<PlotStore, 'ifAlone' | 'ifPaperAlone' | 'forget'>;
  /** Looked at now. */
  readonly isVolumeThere: () => Promise<boolean>;
  /** These books are older than what lies there: what they have and the disk has not was deleted since. */
  readonly areOlder?: boolean | undefined;
};
export type Unsettled = Awaited<ReturnType<Async<Ledger>['unsettled']>> & {
  readonly papers: Awaited<ReturnType<Async<Ledger>['unsettledPapers']>>;
};

/**
 * Settles what a crash left half done, by looking at the one file that each entry names. `unsettled`
 * is what the ledger said at the start, before any upload of this run; what the disk did not let us
 * look at, or the books could not take in, is answered, for another time.
 */
export async function settle(
  { uploads, removals, papers }: Unsettled,
  folder: string,
  options: MendOptions,
): Promise<Unsettled | undefined> {
  const { ledger, moment, logger } = options;
  const left = {
    uploads: new Array<Unsettled['uploads'][number]>(),
    papers: new Array<Unsettled['papers'][number]>(),
    removals: new Array<Unsettled['removals'][number]>(),
  };

  async function attempt<T>(rest: T[], each: T, act: (each: T) => Promise<void>): Promise<void> {
    try {
      await act(each);
    } catch (error) {
      // Nor may what the books can't take in now be forgotten.
      if (!isDiskError(error) && booksFault(error) === undefined) throw error;
      logger.warn('what a crash left is not settled yet', { error: String(error) });
      rest.push(each);
    }
  }

  for (const upload of uploads)
    await attempt(left.uploads, upload, async ({ reservation, sizeBytes, ...key }) => {
      const found = await safeSize(pathOf(folder, key), plotsFolder(folder));
      // The name appears only after the bytes are durable, so a file of the right size is the object.
      if (found === sizeBytes) await ledger.post({ reservation, moment: moment() });
      else await ledger.void({ reservation, moment: moment() });
    });
  for (const paper of papers)
    await attempt(left.papers, paper, async ({ plot, name, keeps: version }) => {
      const own = plotFolder(folder, plot);
      const sizeBytes = await sizeNow(join(own, 'repository', paperPath(name)), options);
      if (version !== undefined) await dropStrays(join(own, keptPaperPath({ name, version })));
      const keptBytes =
        version === undefined
          ? undefined
          : await fileSize(join(own, keptPaperPath({ name, version })));
      await ledger.paperIs({ plot, name, sizeBytes, keptBytes, moment: moment() });
    });
  // What can't be removed now goes when its plot has its turn.
  for (const plot of new Set([...uploads, ...papers].map((each) => each.plot)))
    await attempt([], plot, (each) => tidyIncoming(join(plotFolder(folder, each), 'incoming')));
  await tidyVolume(folder);
  for (const plot of new Set([...uploads, ...papers].map((each) => each.plot)))
    await dropStrays(join(plotFolder(folder, plot), PAPER_FILE));
  for (const removal of removals)
    await attempt(left.removals, removal, async ({ sizeBytes: _size, ...key }) => {
      if (!(await settleRemoval(key, folder, options))) left.removals.push(removal);
    });
  return left.uploads.length + left.papers.length + left.removals.length > 0 ? left : undefined;
}

/** False: it is being sent again now. */
async function settleRemoval(
  key: ObjectKey,
  folder: string,
  { ledger, moment, plots, isVolumeThere }: MendOptions,
): Promise<boolean> {
  const settled = plots.ifAlone(key, async () => {
    // It may have been sent again before this: then the file is the new one's.
    const known = (await ledger.object(key)) ?? (await ledger.trashedObject(key));
    const isGone = known === undefined && !(await removeFile(pathOf(folder, key)));
    if (isGone && !(await isVolumeThere())) throw pulledOut();
    await ledger.removed({ ...key, moment: moment() });
  });
  await settled;
  return settled !== undefined;
}

/** Puts the ledger right about one plot where the disk says otherwise. Deletes nothing. */
export async function reconcile(plot: PlotId, folder: string, options: MendOptions): Promise<void> {
  const { ledger, moment, logger, plots } = options;
  let isSomethingLost = false;
  // First: what was removed and lies there still is not found, but forgotten.
  await dropLeftovers(plot, folder, options);
  /** Looked at again under the lock: it may have come or gone since the lists were read. */
  const compare = (key: ObjectKey) =>
    plots.ifAlone(key, async () => {
      const found = await sizeNow(pathOf(folder, key), options);
      const known = (await ledger.object(key)) ?? (await ledger.trashedObject(key));
      if (found === known?.sizeBytes) return;
      if (found === undefined && options.areOlder === true) return forgetDeleted(key, options);
      isSomethingLost ||= found === undefined;
      logger.error('an object is not as the ledger has it', { ...key, found: `${found}` });
      await ledger.correct({ ...key, sizeBytes: found, moment: moment() });
    });
  for (const type of objectTypes) {
    const onDisk = await objectsOnDisk(join(plotFolder(folder, plot), 'repository'), type);
    for (const read of [ledger.objects, ledger.trashedObjects]) {
      for await (const { name, sizeBytes } of eachOf(read, plot, type)) {
        const isSame = onDisk.get(name) === sizeBytes;
        onDisk.delete(name);
        if (!isSame) await compare({ plot, type, name });
      }
    }
    for (const name of onDisk.keys()) await compare({ plot, type, name });
  }
  for (const name of paperNames) {
    await plots.ifPaperAlone({ plot, name }, async () => {
      const path = join(plotFolder(folder, plot), 'repository', paperPath(name));
      const known = await ledger.paper({ plot, name });
      const sizeBytes = await (known === undefined ? fileSize(path) : sizeNow(path, options));
      if (known?.sizeBytes !== sizeBytes)
        await ledger.paperIs({ plot, name, sizeBytes, moment: moment() });
      await reconcileVersions({ plot, name }, folder, options);
    });
  }
  // The guest sends them again, into new ones.
  if (isSomethingLost) plots.forget(plot);
}

/** What is not there is lost only while its volume is there: one that is pulled out meanwhile has lost nothing. */
async function sizeNow(
  path: string,
  { isVolumeThere }: Pick<MendOptions, 'isVolumeThere'>,
): Promise<bigint | undefined> {
  const size = await fileSize(path);
  if (size === undefined && !(await isVolumeThere())) throw pulledOut();
  return size;
}

function pulledOut(): Error {
  return Object.assign(new Error('the volume is gone'), { code: 'ENODEV' });
}

/** Nobody misses it, and no file of it is there. */
async function forgetDeleted(key: ObjectKey, { ledger, moment }: MendOptions): Promise<void> {
  const owner = (await ledger.plot({ plot: key.plot, moment: moment() }))?.owner;
  if (owner === undefined) return;
  await ledger.remove({ ...key, owner, moment: moment() });
  await ledger.removed({ ...key, moment: moment() });
  // Of a protected plot it has gone into the trash by that.
  await ledger.correct({ ...key, sizeBytes: undefined, moment: moment() });
}

/** What a disk that failed did not even let us take off it. */
async function dropLeftovers(plot: PlotId, folder: string, options: MendOptions): Promise<void> {
  const own = plotFolder(folder, plot);
  await tidyIncoming(join(own, 'incoming'));
  for (const place of [own, join(own, KEPT_PAPERS)]) await dropStraysIn(place);
  const { removals } = await options.ledger.unsettled();
  for (const { sizeBytes: _size, ...key } of removals)
    if (key.plot === plot) await settleRemoval(key, folder, options);
}

/** What a paper was before: what the disk has and the books don't, and the other way round. */
async function reconcileVersions(
  paper: Pick<PaperVersionKey, 'plot' | 'name'>,
  folder: string,
  options: MendOptions,
): Promise<void> {
  const { ledger, moment } = options;
  const { plot, name } = paper;
  const own = plotFolder(folder, plot);
  const known = await ledger.paperVersions({ ...paper, moment: moment() });
  const numbers = new Set(known.map(({ version }) => version));
  for (const file of await namesIn(join(own, KEPT_PAPERS))) {
    const version = file.startsWith(`${name}.`) ? Number(file.slice(name.length + 1)) : 0;
    if (Number.isSafeInteger(version) && version > 0) numbers.add(version);
  }
  for (const version of numbers) {
    const path = join(own, keptPaperPath({ name, version }));
    const before = known.find((each) => each.version === version)?.sizeBytes;
    const sizeBytes = await (before === undefined ? fileSize(path) : sizeNow(path, options));
    if (sizeBytes !== before)
      await ledger.paperVersionIs({ ...paper, version, sizeBytes, moment: moment() });
  }
}

const PAGE = 1000;

async function* eachOf(
  read: Async<Ledger>['objects'],
  plot: PlotId,
  type: ObjectType,
): AsyncGenerator<{ readonly name: string; readonly sizeBytes: bigint }> {
  let after: string | undefined;
  for (;;) {
    const page = await read({ plot, type, after, limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.name;
  }
}

async function objectsOnDisk(repository: string, type: ObjectType): Promise<Map<string, bigint>> {
  const found = new Map<string, bigint>();
  const add = async (name: string, path: string) => {
    const size = await fileSize(path);
    if (size !== undefined) found.set(name, size);
  };
  if (type === 'config') {
    await add('', join(repository, 'config'));
    return found;
  }
  const folders = type === 'data' ? await namesIn(join(repository, type)) : [''];
  for (const part of folders) {
    for (const name of await namesIn(join(repository, type, part)))
      if (OBJECT_NAME.test(name)) await add(name, join(repository, type, part, name));
  }
  return found;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** Plots on the disk that the ledger does not know get a starter lease: a lost database loses no data. */
export async function adoptLost(
  folder: string,
  options: MendOptions & { readonly seal: PaperSeal },
): Promise<boolean> {
  const { ledger, moment, logger } = options;
  let isComplete = true;
  for (const name of await namesIn(plotsFolder(folder))) {
    const plot = plotId.safeParse(name).data;
    if (plot === undefined) continue;
    if ((await ledger.plot({ plot, moment: moment() })) !== undefined) continue;
    const paper = await readPaper(plotFolder(folder, plot), options.seal);
    if (paper?.plot !== plot) {
      logger.warn('a folder among the plots is not one of ours', { name });
      continue;
    }
    const { owner, ground, size, protectDays } = paper;
    await ledger.adopt({
      protectDays,
      plot,
      owner,
      ground,
      class: paper.class,
      sizeBytes: size,
      moment: moment(),
    });
    await reconcile(plot, folder, options).catch((error: unknown) => {
      if (!isDiskError(error)) throw error;
      // It is ours again, and will have its turn; the others must not wait for it.
      logger.error('a plot that was found could not be looked through', {
        plot,
        error: `${error}`,
      });
      isComplete = false;
    });
    logger.warn('a plot that the ledger had lost was found on the disk', { plot });
  }
  return isComplete;
}

function pathOf(folder: string, { plot, type, name }: ObjectKey): string {
  return join(plotFolder(folder, plot), 'repository', objectPath(type, name));
}
