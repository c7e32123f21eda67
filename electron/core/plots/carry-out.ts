import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Fault, fault } from '../../../shared/fault.ts';
import { paperNames } from '../../../shared/model/plot.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { PlotFault } from '../../../shared/wire/plot-faults.ts';
import { makeMissing, writeDurably } from '../database/durable-file.ts';
import type { ObjectKey, PlotRow } from '../ledger/ledger.ts';
import { carriedObjects, inParallel, readSmall, sizeOf } from './carried-folder.ts';
import {
  type Carried,
  type CarryControl,
  type CarryOptions,
  carriedDiskFault,
  NO_HURRY,
  storeFault,
  type Told,
} from './carry.ts';
import { forgetFolders, objectPath, removeFile, writeObject } from './object-file.ts';
import { paperPath } from './sealed-papers.ts';

/** Says whose the folder is: it can be gone on with, and brought up to date later. */
const MARK = 'allotment-export';
const MARK_BYTES_MAX = 1024;
const INCOMING = 'allotment-incoming';
const CONFIG_BYTES_MAX = 64 * 1024;
/** A guest who writes meanwhile has that copied too; one who never stops does not keep it from ending. */
const ROUNDS_MAX = 3;

/** What refers to other objects is listed before they are, and copied after them. */
const REFERRING = ['index', 'snapshots', 'keys'] as const;
type Names = Readonly<Record<(typeof REFERRING)[number], ReadonlyMap<string, bigint>>>;

/** Copies a plot into a folder, each byte checked on its way, so that every moment leaves a repository or none. */
export async function takeOut(
  options: CarryOptions,
  call: Carried,
  control: CarryControl,
): Promise<Result<Told, Fault>> {
  const { row, folder } = call;
  const { plot, owner } = row;
  const mine = await isForThisPlot(options, call);
  if (!mine.ok) return mine;
  // Another disk may be where the last one was.
  forgetFolders(folder);
  const done = { objects: 0, bytes: 0n, present: new Set<string>(), damaged: new Set<string>() };
  let stop: Fault | undefined;

  async function copy(key: ObjectKey, sizeBytes: bigint): Promise<void> {
    if (control.signal.aborted) stop ??= fault('cancelled');
    const path = objectPath(key.type, key.name);
    if (stop !== undefined || done.present.has(path) || done.damaged.has(path)) return;
    if ((await sizeOf(join(folder, path))) !== sizeBytes) {
      const written = await copyOut(options, { ...call, key, sizeBytes });
      if (!written.ok) {
        done.damaged.add(path);
        const params = { path, detail: written.fault.code };
        control.problem({ key: 'problem.object-damaged', params });
        return;
      }
      done.objects += 1;
    }
    done.present.add(path);
    done.bytes += sizeBytes;
    control.progress({
      phase: 'writing',
      filesDone: done.present.size,
      filesTotal: null,
      bytesDone: Number(done.bytes),
      bytesTotal: Number(row.writtenBytes - row.trashBytes),
    });
  }

  try {
    await writeDurably(join(folder, MARK), `plot ${plot}\n`);
    await makeMissing(join(folder, INCOMING));
    for (let round = 1; ; round += 1) {
      const names = await namesOf(options, row);
      if (!names.ok) return failed(storeFault(names.fault, call, options));
      const listed = await options.store.list({ owner, plot, type: 'data' });
      if (!listed.ok) return failed(storeFault(listed.fault, call, options));
      for await (const page of listed.value)
        await inParallel(page, ({ name, sizeBytes }) =>
          copy({ plot, type: 'data', name }, sizeBytes),
        );
      for (const type of REFERRING)
        await inParallel(names.value[type], ([name, sizeBytes]) =>
          copy({ plot, type, name }, sizeBytes),
        );
      if (stop !== undefined) return failed(stop);
      const now = await namesOf(options, row);
      if (!now.ok) return failed(storeFault(now.fault, call, options));
      if (!isSame(names.value, now.value) && round < ROUNDS_MAX) continue;
      // What was there of an earlier time and is no more would refer to what is no more either.
      await removeOthers(folder, names.value);
      break;
    }
    await copyBeside(options, call);
    await rm(join(folder, INCOMING), { recursive: true, force: true });
  } catch (error) {
    return failed(carriedDiskFault(error, folder));
  }
  return ok({
    objects: done.objects,
    bytes: `${done.bytes}`,
    present: done.present.size - done.objects,
    damaged: done.damaged.size,
  });
}

/** A folder that is empty, or holds this very plot, or this very repository. */
async function isForThisPlot(
  options: CarryOptions,
  { row, folder }: Carried,
): Promise<Result<undefined, Fault>> {
  const mark = await readSmall(join(folder, MARK), MARK_BYTES_MAX);
  if (mark?.toString('utf8').trim() === `plot ${row.plot}`) return ok(undefined);
  const there = await readSmall(join(folder, 'config'), CONFIG_BYTES_MAX);
  if (mark === undefined && there === undefined) return ok(undefined);
  const own = await configOf(options, row);
  const isSameOne = there !== undefined && own?.equals(there) === true;
  return isSameOne ? ok(undefined) : failed(fault('folder-not-empty', { folder }));
}

async function configOf(
  { store }: CarryOptions,
  { plot, owner }: PlotRow,
): Promise<Buffer | undefined> {
  const located = { owner, key: { plot, type: 'config', name: '' } } as const;
  const known = await store.stat(located);
  if (!known.ok || known.value.sizeBytes > BigInt(CONFIG_BYTES_MAX)) return undefined;
  const opened = await store.read(located, { from: 0n, to: known.value.sizeBytes });
  return opened.ok ? Buffer.concat(await opened.value.toArray()) : undefined;
}

/** What the disk here has lost must not look like a copy. Throws what the other disk says. */
async function copyOut(
  { store }: CarryOptions,
  {
    row,
    folder,
    key,
    sizeBytes,
  }: Carried & { readonly key: ObjectKey; readonly sizeBytes: bigint },
): Promise<Result<undefined, PlotFault>> {
  const opened = await store.read({ owner: row.owner, key }, { from: 0n, to: sizeBytes });
  if (!opened.ok) return opened;
  return writeObject(
    {
      temporary: join(folder, INCOMING, randomBytes(12).toString('hex')),
      final: join(folder, objectPath(key.type, key.name)),
      sizeBytes: Number(sizeBytes),
      sha256: key.name,
    },
    opened.value,
    NO_HURRY,
  );
}

async function namesOf(
  { store }: CarryOptions,
  { plot, owner }: PlotRow,
): Promise<Result<Names, PlotFault>> {
  const all = { index: new Map(), snapshots: new Map(), keys: new Map() };
  for (const type of REFERRING) {
    const listed = await store.list({ owner, plot, type });
    if (!listed.ok) return listed;
    for await (const page of listed.value)
      for (const { name, sizeBytes } of page) all[type].set(name, sizeBytes);
  }
  return ok(all);
}

function isSame(one: Names, other: Names): boolean {
  return REFERRING.every(
    (type) =>
      one[type].size === other[type].size &&
      [...one[type].keys()].every((name) => other[type].has(name)),
  );
}

async function removeOthers(folder: string, names: Names): Promise<void> {
  for (const type of ['snapshots', 'index', 'keys'] as const)
    for await (const { name } of carriedObjects(folder, type))
      if (!names[type].has(name)) await removeFile(join(folder, objectPath(type, name)));
}

/** What lies beside the repository, and last of all its config: before it is there, it is no repository. */
async function copyBeside(options: CarryOptions, { row, folder }: Carried): Promise<void> {
  const { plot, owner } = row;
  for (const name of paperNames) {
    const paper = await options.store.papers.read({ owner, plot, name });
    if (!paper.ok) continue;
    const content = Buffer.concat(await paper.value.body.toArray());
    await writeDurably(join(folder, paperPath(name)), content);
  }
  const config = await configOf(options, row);
  if (config !== undefined) await writeDurably(join(folder, 'config'), config);
}
