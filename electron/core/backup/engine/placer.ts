import { closeSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import { COPIES_MAX } from '../../../../shared/model/backup-plan.ts';
import { fromGoMode, fromTimestamp, type Node } from '../repository/node.ts';
import type { Repository, RepositoryIndex } from '../repository/repository.ts';
import type { Crunchers } from './crunchers.ts';
import { createElsewhere } from './elsewhere.ts';
import type { EngineFault, EngineProblem, EngineTools } from './jobs.ts';
import type { BlobToPlace, CrunchResult, FileToPlace } from './messages.ts';
import { showPath } from './paths.ts';
import { createAnew, HOLE_BYTES_MIN } from './place.ts';
import type { RestoreJournal } from './restore-journal.ts';
import { isWhole, plainLengthOf, type Stretch, stretchesOf } from './stretches.ts';

export type PlacedFile = {
  readonly path: Buffer;
  /** Beside it: its name until it is whole. */
  readonly temporary: Buffer;
  readonly node: Node;
  /** Something else may come to lie there meanwhile, and may not be written over. */
  readonly isGuarded: boolean;
  /** Its folder was made by this restore. */
  readonly isFresh: boolean;
};

/** Fetches the packs that files need, pack by pack, and has their blobs written where they belong. */
export type Placer = {
  readonly add: (file: PlacedFile) => Promise<EngineFault | undefined>;
  /** Everything that was added has its name, or is told as a problem. */
  readonly finish: () => Promise<EngineFault | undefined>;
  /** Gives what could be read of damaged files names of their own, which nothing else has; for when all else has its name. */
  readonly salvage: () => void;
  /** However it ended: once this resolves, nothing of it writes any more. */
  readonly stop: () => Promise<void>;
};

/** Stretches fetched and opened at the same time: some on the line, one or two in each thread. */
const UNDER_WAY_MAX = 4;
/** So much is planned together; memory is bounded by this, not by the snapshot. */
const FILES_TOGETHER = 8000;
const BLOBS_TOGETHER = 16_000;
/** After so many files the notes about passing names begin anew. */
const NOTED_MAX = 100_000;
/** Whole files need no fetching; so many go to a thread at a time. */
const FINISHED_TOGETHER = 256;
/** Of one damaged file: restored as often as that, it need not be kept once more. */
const NAMES_MAX = 100;

/** A file on its way; `left` writes are missing of it. */
type Work = PlacedFile & {
  left: number;
  sizeBytes: number;
  isBegun: boolean;
  hasFailed: boolean;
  hasHoles: boolean;
};
type Placed = Omit<Wanted, 'writes'> & { readonly pack: number };
type Write = { readonly work: Work; readonly at: number };
type Wanted = {
  readonly id: string;
  readonly offset: number;
  readonly length: number;
  readonly plainLength: number;
  readonly writes: Write[];
};

export function createPlacer({
  repository,
  index,
  crunchers,
  tools,
  journal,
  onBytes,
  onFinished,
  onKept,
  own,
}: {
  readonly repository: Repository;
  readonly index: RepositoryIndex;
  readonly crunchers: Crunchers;
  readonly tools: EngineTools;
  readonly journal: RestoreJournal;
  readonly onBytes: (bytes: number) => void;
  readonly onFinished: (file: PlacedFile) => void;
  /** Something else has come to lie in its place, and stays. */
  readonly onKept: (file: PlacedFile) => void;
  /** Whose new files in new folders are; undefined where there is nobody to give them to. */
  readonly own: { readonly uid: number; readonly gid: number } | undefined;
}): Placer {
  const elsewhere = createElsewhere(repository, index);
  const underWay = new Set<Promise<void>>();
  let packs = new Map<number, Map<string, Wanted>>();
  let planned = { files: 0, blobs: 0 };
  let noted = 0;
  const whole: Work[] = [];
  /** Files that lie about under passing names and are not whole: none is left when the restore ends. */
  const partial = new Set<Work>();
  /** Of these, the damaged ones: what could be read of them, and what is wrong. */
  const torn = new Map<Work, string>();
  let fault: EngineFault | undefined;
  let broken: { readonly error: unknown } | undefined;
  const stopping = new AbortController();
  const signal = AbortSignal.any([tools.signal, stopping.signal]);

  /** What has the right owner already needs no giving away. */
  function isOwn({ uid, gid }: Node): boolean {
    return uid === own?.uid && gid === own.gid;
  }

  function problem(work: PlacedFile, code: EngineProblem['code'], detail: string): void {
    tools.problem({ code, path: showPath(work.path), detail });
  }

  /** What can't be finished leaves nothing behind that looks like it. */
  function giveUp(work: Work, code: EngineProblem['code'], detail: string): void {
    if (work.hasFailed) return;
    work.hasFailed = true;
    // What could be read is better than nothing; which names are free shows when all else has its own.
    if (code === 'file-damaged' && partial.has(work)) torn.set(work, detail);
    else {
      problem(work, code, detail);
      remove(work);
    }
  }

  function salvage(): void {
    for (const [work, detail] of torn) {
      const path = savedAs(work);
      problem(work, 'file-damaged', path === undefined ? detail : `${detail}, ${showPath(path)}`);
      if (path === undefined) remove(work);
      else partial.delete(work);
    }
    torn.clear();
  }

  /** `undefined`: no other name is possible there. */
  function savedAs({ path, temporary }: Work): Buffer | undefined {
    for (let number = 1; number <= NAMES_MAX; number += 1) {
      const addition = number === 1 ? '.damaged' : `.damaged-${number}`;
      const free = Buffer.concat([path, Buffer.from(addition)]);
      try {
        if (lstatSync(free, { throwIfNoEntry: false }) !== undefined) continue;
        renameSync(temporary, free);
        return free;
      } catch (error) {
        fileCode(error);
        return undefined;
      }
    }
    return undefined;
  }

  function remove(work: Work): void {
    partial.delete(work);
    attemptQuietly(() => unlinkSync(work.temporary));
  }

  /** `undefined` also if the file's blobs are not all known. */
  async function plan(file: PlacedFile): Promise<void> {
    const ids = file.node.content ?? [];
    const work: Work = {
      ...file,
      left: ids.length,
      sizeBytes: 0,
      isBegun: false,
      hasFailed: false,
      hasHoles: false,
    };
    const places: Placed[] = [];
    for (const hex of ids) {
      const place = index.blobs.get('data', Buffer.from(hex, 'hex'));
      if (place === undefined) return problem(file, 'blob-missing', hex.slice(0, 8));
      places.push({ ...place, id: hex });
      work.hasHoles ||= plainLengthOf(place) >= HOLE_BYTES_MIN;
    }
    const has = await whatIsThere(work, places);
    for (const [number, place] of places.entries()) {
      const at = work.sizeBytes;
      work.sizeBytes += plainLengthOf(place);
      if (has?.[number] === 1) {
        work.left -= 1;
        onBytes(plainLengthOf(place));
      } else want(place, { work, at });
    }
    if (work.left === 0) whole.push(work);
    planned = { files: planned.files + 1, blobs: planned.blobs + places.length };
  }

  function want({ pack, ...blob }: Placed, write: Write): void {
    const ofPack = packs.get(pack) ?? new Map<string, Wanted>();
    packs.set(pack, ofPack);
    const wanted = ofPack.get(blob.id) ?? { ...blob, writes: [] };
    ofPack.set(blob.id, wanted);
    wanted.writes.push(write);
  }

  /** A large file that was cut off in the middle goes on from there. */
  async function whatIsThere(
    work: Work,
    places: readonly Placed[],
  ): Promise<Uint8Array | undefined> {
    if (!journal.isResumed || places.length < 2) return undefined;
    const found = lstatSync(work.temporary, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    const same = await crunchers.run({
      type: 'compare',
      path: work.temporary,
      ids: Buffer.from(places.map(({ id }) => id).join(''), 'hex'),
      lengths: places.map(plainLengthOf),
    });
    work.isBegun = same?.includes(1) === true;
    if (work.isBegun) partial.add(work);
    return work.isBegun ? same : undefined;
  }

  /** Files of which a stretch has only a part are begun here, so that no two threads begin one. */
  function begin(work: Work): void {
    try {
      closeSync(createAnew(work.temporary));
      work.isBegun = true;
      partial.add(work);
    } catch (error) {
      const code = fileCode(error);
      if (isFull(code)) fault ??= { code: 'folder', error: code, folder: showPath(work.path) };
      giveUp(work, 'file-not-written', code);
    }
  }

  async function room(): Promise<void> {
    while (underWay.size >= UNDER_WAY_MAX) await Promise.race(underWay);
    throwBroken();
  }

  /** Nobody may be waiting for it when it breaks, and an error that nobody takes ends the whole thread. */
  function start(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => {
        broken ??= { error };
      })
      .finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  }

  function throwBroken(): void {
    if (broken !== undefined) throw broken.error;
  }

  /** Sends off what is planned; waits only for room. */
  async function send(): Promise<void> {
    const now = packs;
    packs = new Map();
    planned = { files: 0, blobs: 0 };
    for (const [pack, blobs] of now) {
      const name = index.packs[pack]?.name ?? '';
      for (const stretch of stretchesOf(blobs.values())) {
        await room();
        if (fault !== undefined || tools.signal.aborted) return;
        start(placeStretch(name, stretch));
      }
    }
    await sendWhole(1);
  }

  async function sendWhole(least: number): Promise<void> {
    while (whole.length >= least && fault === undefined) {
      const files = whole.splice(0, FINISHED_TOGETHER);
      await room();
      start(crunch(new Uint8Array(), [], files, 'none').then(() => undefined));
    }
  }

  async function placeStretch(
    pack: string,
    stretch: Stretch<Wanted>,
    attempt = 0,
    tried: ReadonlySet<string> = new Set(),
  ): Promise<void> {
    const blobs = stretch.blobs.filter(({ writes }) => writes.some(({ work }) => !work.hasFailed));
    if (blobs.length === 0 || fault !== undefined) return;
    const { offset, length } = stretch;
    const loaded =
      attempt > COPIES_MAX
        ? undefined
        : await repository.store.load(
            { type: 'data', name: pack },
            { range: { offset, length }, signal, attempt },
          );
    const isLost =
      loaded === undefined ||
      (!loaded.ok && (loaded.fault.code === 'damaged' || loaded.fault.code === 'not-found'));
    if (isLost) return placeFromElsewhere(blobs, new Set([...tried, pack]));
    if (!loaded.ok) {
      fault ??= loaded.fault;
      return;
    }
    if (fault !== undefined || stopping.signal.aborted) return;
    const files = worksOf(blobs);
    const damaged = await crunch(loaded.value, blobs, files, offset);
    // Another copy may have them right.
    for (const again of stretchesOf(damaged)) await placeStretch(pack, again, attempt + 1, tried);
    if (whole.length >= FINISHED_TOGETHER) await finishWhole();
  }

  /** What lies in a second pack too comes from there; the rest is damaged. */
  async function placeFromElsewhere(
    blobs: readonly Wanted[],
    tried: ReadonlySet<string>,
  ): Promise<void> {
    for (const { id, writes } of blobs) {
      const other = await elsewhere('data', id, tried);
      if (other === undefined)
        for (const { work } of writes)
          giveUp(work, 'file-damaged', [...tried][0]?.slice(0, 8) ?? '');
      else
        for (const stretch of stretchesOf([{ ...other, id, writes }]))
          await placeStretch(other.pack, stretch, 0, tried);
    }
  }

  async function finishWhole(): Promise<void> {
    const files = whole.splice(0);
    if (files.length > 0) await crunch(new Uint8Array(), [], files, 'none');
  }

  /** Without notes no file may be begun: it is the end of all, not of these. */
  function areNoted(files: readonly Work[]): boolean {
    try {
      journal.noteTemporary(files.map(({ temporary }) => temporary));
      return true;
    } catch (error) {
      const folder = (error as NodeJS.ErrnoException).path ?? '/';
      fault ??= { code: 'folder', error: fileCode(error), folder };
      return false;
    }
  }

  /** Answers the blobs that are damaged. */
  async function crunch(
    stretch: Uint8Array,
    blobs: readonly Wanted[],
    files: readonly Work[],
    offset: number | 'none',
  ): Promise<readonly Wanted[]> {
    const writes = countWrites(blobs);
    // Before any is there: whoever gives up a restore that was cut off would leave one that nobody has noted.
    if (!areNoted(files)) return [];
    for (const work of files)
      if (!work.isBegun && work.left !== (writes.get(work) ?? 0)) begin(work);
    const begun = files.filter(({ hasFailed }) => !hasFailed);
    const numbers = new Map(begun.map((work, at) => [work, at]));
    const task = begun.map((work) => fileToPlace(work, work.left === (writes.get(work) ?? 0)));
    const toPlace = blobs.map((blob) => placeIn(blob, offset === 'none' ? 0 : offset, numbers));
    const result = await crunchers.run(
      { type: 'place', stretch, blobs: toPlace, files: task },
      isWhole(stretch) && stretch.byteLength > 0 ? [stretch.buffer] : [],
    );
    onBytes(result.bytes);
    const damaged = result.damaged.flatMap((at) => blobs[at] ?? []);
    settle(blobs, damaged, begun, result);
    return damaged;
  }

  function fileToPlace(work: Work, isLast: boolean): FileToPlace {
    const { isBegun, path, node, sizeBytes, hasHoles, isGuarded } = work;
    const mtime = fromTimestamp(node.mtime);
    return {
      temporary: work.temporary.toString('latin1'),
      isBegun,
      finish: isLast
        ? {
            path: path.toString('latin1'),
            sizeBytes,
            mayHaveHoles: hasHoles || isBegun,
            mode: fromGoMode(node.mode),
            owner:
              own === undefined || (work.isFresh && isOwn(node))
                ? undefined
                : { uid: node.uid, gid: node.gid },
            mtime,
            atime: fromTimestamp(node.atime) ?? mtime,
            isGuarded,
          }
        : undefined,
    };
  }

  function settle(
    blobs: readonly Wanted[],
    damaged: readonly Wanted[],
    files: readonly Work[],
    { finished, faults }: CrunchResult['place'],
  ): void {
    const bad = new Set(damaged);
    const done = new Set(finished.map((at) => files[at]));
    for (const blob of blobs) {
      if (bad.has(blob)) continue;
      for (const { work } of blob.writes) {
        work.left -= 1;
        if (done.has(work) || work.hasFailed || work.isBegun) continue;
        work.isBegun = true;
        partial.add(work);
      }
    }
    for (const { file, fault: what, detail } of faults) {
      const work = files[file];
      if (work === undefined) continue;
      if (what === 'metadata') problem(work, 'metadata-not-set', detail);
      else if (what === 'in-the-way') {
        giveUp(work, 'file-kept', detail);
        onKept(work);
      } else {
        // A full disk is no fault of the file: it goes on from here when there is room.
        if (what !== 'disk-full') giveUp(work, 'file-not-written', detail);
        else {
          fault ??= { code: 'folder', error: detail, folder: showPath(work.path) };
          partial.add(work);
        }
      }
    }
    for (const work of files) {
      if (done.has(work)) {
        partial.delete(work);
        onFinished(work);
      } else if (work.left === 0 && !work.hasFailed && fault === undefined) whole.push(work);
    }
  }

  async function drain(): Promise<void> {
    while (underWay.size > 0) await Promise.all(underWay);
    throwBroken();
  }

  async function settleNotes(): Promise<void> {
    await drain();
    await finishWhole();
    noted = 0;
    if (partial.size === 0) journal.settled();
  }

  return {
    add: async (file) => {
      throwBroken();
      await plan(file);
      if (planned.files >= FILES_TOGETHER || planned.blobs >= BLOBS_TOGETHER) {
        noted += planned.files;
        await send();
        if (noted >= NOTED_MAX) await settleNotes();
      }
      return fault;
    },
    finish: async () => {
      await send();
      await drain();
      if (fault === undefined) await finishWhole();
      const isCutOff = fault !== undefined || tools.signal.aborted;
      for (const work of partial) if (isCutOff ? !journal.isKept : !torn.has(work)) remove(work);
      return fault;
    },
    salvage,
    stop: async () => {
      stopping.abort();
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

function countWrites(blobs: readonly Wanted[]): ReadonlyMap<Work, number> {
  const counts = new Map<Work, number>();
  for (const { writes } of blobs)
    for (const { work } of writes) counts.set(work, (counts.get(work) ?? 0) + 1);
  return counts;
}

function worksOf(blobs: readonly Wanted[]): readonly Work[] {
  const works = new Set<Work>();
  for (const { writes } of blobs)
    for (const { work } of writes) if (!work.hasFailed) works.add(work);
  return [...works];
}

function placeIn(
  { id, offset, length, plainLength, writes }: Wanted,
  start: number,
  numbers: ReadonlyMap<Work, number>,
): BlobToPlace {
  return {
    id,
    offset: offset - start,
    length,
    plainLength,
    writes: writes.flatMap(({ work, at }) => {
      const file = numbers.get(work);
      return file === undefined ? [] : [{ file, at }];
    }),
  };
}

function fileCode(error: unknown): string {
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  // Errors of the file system have a code like ENOENT; all else is a bug.
  if (!/^E[A-Z]+$/.test(code)) throw error;
  return code;
}

function isFull(code: string): boolean {
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function attemptQuietly(act: () => void): void {
  try {
    act();
  } catch (error) {
    fileCode(error);
  }
}
