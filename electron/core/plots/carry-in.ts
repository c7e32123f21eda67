import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type Fault, fault } from '../../../shared/fault.ts';
import { PAPER_BYTES_MAX, paperNames } from '../../../shared/model/plot.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { PlotFault } from '../../../shared/wire/plot-faults.ts';
import type { ObjectKey } from '../ledger/ledger.ts';
import { carriedObjects, inParallel, readSmall } from './carried-folder.ts';
import {
  type Carried,
  type CarryControl,
  type CarryOptions,
  carriedDiskFault,
  storeFault,
  type Told,
} from './carry.ts';
import { objectPath } from './object-file.ts';
import { paperPath } from './sealed-papers.ts';

const CONFIG_BYTES_MAX = 64 * 1024;
const READ_BYTES = 1024 * 1024;
/** What refers to others comes after them, so that wherever it stops nothing lacks anything. */
const ORDER = ['keys', 'data', 'index', 'snapshots'] as const;

/** Faults of one object; the others may be fine. */
const OF_ONE: ReadonlySet<PlotFault['code']> = new Set([
  'hash-mismatch',
  'too-short',
  'too-long',
  'too-slow',
  'object-differs',
]);

/**
 * Takes a repository from a folder into a plot, exactly as if its guest had sent it: within what he was granted, every
 * object checked against its name and durable, nothing that is there overwritten.
 */
export async function bringIn(
  options: CarryOptions,
  call: Carried,
  control: CarryControl,
): Promise<Result<Told, Fault>> {
  const { row, friend, folder } = call;
  const { store } = options;
  const done = { objects: 0, bytes: 0n, present: 0, damaged: 0 };
  let stop: Fault | undefined;
  try {
    const config = await readSmall(join(folder, 'config'), CONFIG_BYTES_MAX);
    if (config === undefined) return failed(fault('no-repository', { folder }));
    const begun = await store.put({
      owner: row.owner,
      key: { plot: row.plot, type: 'config', name: '' },
      sizeBytes: BigInt(config.length),
      body: () => Readable.from([config]),
    });
    if (!begun.ok)
      return failed(
        begun.fault.code === 'object-differs'
          ? fault('other-repository', { friend, folder })
          : storeFault(begun.fault, call, options),
      );
    const total = await sumOf(folder, control.signal);
    for (const type of ORDER)
      await inParallel(carriedObjects(folder, type), ({ name, sizeBytes }) =>
        take({ plot: row.plot, type, name }, sizeBytes, total),
      );
    if (stop !== undefined) return failed(stop);
    await takePapers(options, call);
  } catch (error) {
    return failed(carriedDiskFault(error, folder));
  }
  const { objects, bytes, present, damaged } = done;
  return ok({ objects, bytes: `${bytes}`, present, damaged });

  async function take(
    key: ObjectKey,
    sizeBytes: bigint,
    total: { readonly objects: number; readonly bytes: bigint },
  ): Promise<void> {
    if (control.signal.aborted) stop ??= fault('cancelled');
    if (stop !== undefined) return;
    const path = objectPath(key.type, key.name);
    const disk: { said?: unknown } = {};
    const body = () => Readable.from(bytesOf(join(folder, path), disk));
    const stored = await store.put({ owner: row.owner, key, sizeBytes, body });
    if (!stored.ok && OF_ONE.has(stored.fault.code)) {
      done.damaged += 1;
      const detail = (disk.said as NodeJS.ErrnoException | undefined)?.code ?? stored.fault.code;
      control.problem({ key: 'problem.object-damaged', params: { path, detail } });
      return;
    }
    if (!stored.ok) {
      stop ??= storeFault(stored.fault, call, options);
      return;
    }
    if (stored.value === 'exists') done.present += 1;
    else done.objects += 1;
    done.bytes += sizeBytes;
    control.progress({
      phase: 'writing',
      filesDone: done.objects + done.present,
      filesTotal: total.objects,
      bytesDone: Number(done.bytes),
      bytesTotal: Number(total.bytes),
    });
  }
}

/** A file of the disk's as it comes; what the disk says instead is noted for whoever has to put it into words. */
async function* bytesOf(path: string, disk: { said?: unknown }): AsyncGenerator<Buffer> {
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      yield* file.createReadStream({ highWaterMark: READ_BYTES, autoClose: false });
    } finally {
      await file.close();
    }
  } catch (error) {
    disk.said = error;
    throw error;
  }
}

async function sumOf(
  folder: string,
  signal: AbortSignal,
): Promise<{ readonly objects: number; readonly bytes: bigint }> {
  let objects = 0;
  let bytes = 0n;
  for (const type of ORDER)
    for await (const { sizeBytes } of carriedObjects(folder, type)) {
      if (signal.aborted) return { objects, bytes };
      objects += 1;
      bytes += sizeBytes;
    }
  return { objects, bytes };
}

/** Only where there is none: what its guest has published since is newer than what was carried. */
async function takePapers(
  { ledger, store }: CarryOptions,
  { row: { plot, owner }, folder }: Carried,
): Promise<void> {
  for (const name of paperNames) {
    if ((await ledger.paper({ plot, name })) !== undefined) continue;
    const content = await readSmall(join(folder, paperPath(name)), PAPER_BYTES_MAX);
    if (content === undefined) continue;
    const sizeBytes = BigInt(content.length);
    await store.papers.write({
      owner,
      plot,
      name,
      sizeBytes,
      body: () => Readable.from([content]),
    });
  }
}
