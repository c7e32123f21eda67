import type { Async } from '../../../../shared/async.ts';
import { ok } from '../../../../shared/result.ts';
import type { Clock, Logger } from '../../ports.ts';
import { keyFileName, openKeyFile } from '../repository/key-file.ts';
import { MISSES } from '../repository/repository.ts';
import type { StoreObject, StoreResult } from '../repository/repository-store.ts';
import type { MasterKey } from '../repository/sealing.ts';
import type { SetBook } from '../set-book.ts';
import type { CopyBook } from './book.ts';
import { type Copy, loadSound } from './copy.ts';
import type { HeldCopy } from './look.ts';
import { keyOf, type Opening, OPENING_BYTES_MAX } from './openings.ts';
import { clearAway } from './repair.ts';
import { type OpenedRepository, idOf } from './survey.ts';

/**
 * What opens a set's repository is kept beside the books as long as some copy has it, and put back where none within reach has it
 * any more: half a kilobyte that rots at the only friend would cost all the rest.
 */
export type Reopening = {
  /** What these copies were opened with: the next time nobody may have it. */
  readonly keep: (set: string, copies: readonly Copy[], how: KeepWish) => Promise<void>;
  /** Only where it is missing in all of these; one after the other, or each would clear away what another one has just put there. */
  readonly putBack: <C extends HeldCopy>(
    set: string,
    copies: readonly C[],
    signal: AbortSignal,
  ) => Promise<Reopened<C>>;
};

export type Reopened<C> = {
  /** Which of them have it again. */
  readonly putBack: readonly PutBack<C>[];
  /** They can be opened now: by what was put back, or because they have it after all. */
  readonly opens: boolean;
  /** That is otherwise than before it was asked for: put back by this, or by whoever was at it then. */
  readonly isNew: boolean;
};

type KeepWish = { readonly repository: OpenedRepository; readonly signal: AbortSignal };
export type PutBack<C> = { readonly copy: C; readonly objects: readonly StoreObject[] };

export type ReopeningOptions = {
  readonly book: Async<CopyBook>;
  readonly sets: Async<Pick<SetBook, 'set'>>;
  readonly password: string;
  readonly clock: Clock;
  readonly logger: Logger;
};

const CONFIG: StoreObject = { type: 'config', name: '' };
/** As many key files as are tried where a repository is opened. */
const KEYS_MAX = 20;
/** One that our key has sealed says whose all of it is. */
const SEALED_MAX = 5;
const SEALED_BYTES_MAX = 16 * 1024 * 1024;
/** A line may have brought wrong bytes of what is fine. */
const READS = 2;

type Kept = { readonly opening: Opening; readonly key: MasterKey };
type Part = 'sound' | 'damaged' | 'missing';
type Found<C> = {
  readonly copy: C;
  readonly config: Part;
  readonly keyFile: Part;
};

export function createReopening({
  book,
  sets,
  password,
  clock,
  logger,
}: ReopeningOptions): Reopening {
  const under = new Map<string, Promise<unknown>>();

  /** Of each set one after the other. */
  function putBackInTurn<C extends HeldCopy>(
    set: string,
    copies: readonly C[],
    signal: AbortSignal,
  ): Promise<Reopened<C>> {
    const before = under.get(set);
    const done = Promise.resolve(before).then(async () => {
      const reopened = await putBack(set, copies, signal);
      const wasAtIt = before !== undefined && reopened.opens;
      return { ...reopened, isNew: reopened.putBack.length > 0 || wasAtIt };
    });
    const ended = done
      .catch(() => undefined)
      .then(() => {
        if (under.get(set) === ended) under.delete(set);
      });
    under.set(set, ended);
    return done;
  }

  async function putBack<C extends HeldCopy>(
    set: string,
    copies: readonly C[],
    signal: AbortSignal,
  ): Promise<Omit<Reopened<C>, 'isNew'>> {
    const opening = await book.opening(set);
    const key = opening && (await keyOf(opening, password).catch(() => undefined));
    if (opening === undefined || key === undefined) return { putBack: [], opens: false };
    const kept = { opening, key };
    const found: Found<C>[] = [];
    for (const copy of copies) {
      const parts = await partsOf(copy, kept, signal);
      if (parts !== undefined) found.push({ copy, ...parts });
      // What one has, the others get from it.
      if (hasAll(found)) return { putBack: [], opens: true };
    }
    const ours: C[] = [];
    let isOpened = found.some(({ keyFile }) => keyFile === 'sound');
    for (const each of found) {
      const whose = await whoseIs(each, kept, { password, signal });
      if (whose !== 'others') ours.push(each.copy);
      if (whose === 'opened') isOpened = true;
    }
    const keyFile = { type: 'keys', name: opening.keyName, bytes: opening.keyFile } as const;
    const config = { ...CONFIG, bytes: opening.config };
    // The key first: a config without one would be a repository that nobody can open.
    const wanted = [
      ...(isOpened ? [] : [keyFile]),
      ...(found.some((each) => each.config === 'sound') ? [] : [config]),
    ];
    const done: PutBack<C>[] = [];
    for (const copy of ours) {
      const objects: StoreObject[] = [];
      for (const { bytes, ...object } of wanted) {
        if (!(await put(copy, object, { bytes, kept, signal }))) break;
        objects.push(object);
      }
      if (objects.length === 0) continue;
      done.push({ copy, objects });
      await note(set, copy, objects);
    }
    return { putBack: done, opens: done.length > 0 };
  }

  /** It stands where other damage stands that was mended. */
  async function note(set: string, copy: HeldCopy, objects: readonly StoreObject[]): Promise<void> {
    const of = { set, host: copy.host.owner, objects, atMs: clock.nowMs() };
    await book.noteDamage(of);
    await book.noteRepaired(of);
    logger.warn('what opens a backup was gone there, and was put back', {
      set,
      objects: objects.map(({ type }) => type).join(),
    });
  }

  return {
    keep: async (set, copies, { repository, signal }) => {
      const { id, key, keyFile: name } = repository;
      if (name === undefined || (await sets.set(set))?.repository !== id) return;
      const kept = await book.opening(set);
      const isKept = kept?.keyName === name && keyFileName(kept.keyFile) === name;
      if (isKept && idOf(key, kept.config) === id) return;
      const config = await firstOf(copies, async ({ store }) => {
        const loaded = await store.load(CONFIG, { signal });
        return loaded.ok && idOf(key, loaded.value) === id ? loaded.value : undefined;
      });
      const keyFile = await firstOf(copies, async (copy) => {
        const file = { type: 'keys', name, sizeBytes: OPENING_BYTES_MAX } as const;
        const listed = await copy.store.stat(file, { signal });
        if (!listed.ok || listed.value.sizeBytes > OPENING_BYTES_MAX) return undefined;
        const loaded = await loadSound(copy, { ...file, ...listed.value }, signal);
        return loaded.ok ? loaded.value : undefined;
      });
      if (config === undefined || keyFile === undefined) return;
      const opening = { repository: id, config, keyName: name, keyFile };
      // Whatever a friend gives: only what opens all of this by itself is worth anything.
      const opens = await keyOf(opening, password).catch(() => undefined);
      if (opens !== undefined) await book.keepOpening({ set, ...opening });
    },
    putBack: putBackInTurn,
  };
}

function hasAll(found: readonly Found<unknown>[]): boolean {
  return (
    found.some(({ config }) => config === 'sound') &&
    found.some(({ keyFile }) => keyFile === 'sound')
  );
}

/** Undefined: it can't be asked now. */
async function partsOf(
  copy: Copy,
  { opening, key }: Kept,
  signal: AbortSignal,
): Promise<{ readonly config: Part; readonly keyFile: Part } | undefined> {
  const config = await partOf(() => configAt(copy, { opening, key }, signal));
  const keyFile = config && (await partOf(() => keyFileAt(copy, opening, signal)));
  return config && keyFile && { config, keyFile };
}

async function partOf(load: () => Promise<StoreResult<boolean>>): Promise<Part | undefined> {
  let part: Part = 'missing';
  for (let read = 0; read < READS; read += 1) {
    const loaded = await load();
    if (loaded.ok && loaded.value) return 'sound';
    if (!loaded.ok && loaded.fault.code === 'not-found') return part;
    if (!loaded.ok && loaded.fault.code !== 'damaged') return undefined;
    part = 'damaged';
  }
  return part;
}

async function configAt(
  { store }: Copy,
  { opening, key }: Kept,
  signal: AbortSignal,
): Promise<StoreResult<boolean>> {
  const loaded = await store.load(CONFIG, { signal });
  if (!loaded.ok) return loaded;
  return ok(idOf(key, loaded.value) === opening.repository);
}

async function keyFileAt(
  copy: Copy,
  { keyName: name, keyFile }: Opening,
  signal: AbortSignal,
): Promise<StoreResult<boolean>> {
  const file = { type: 'keys', name, sizeBytes: keyFile.length } as const;
  const loaded = await loadSound(copy, file, signal);
  return loaded.ok ? ok(true) : loaded;
}

/**
 * `ours`: something there says that it is this repository, and nothing that somebody has changed it on purpose. Whoever takes a key
 * away leaves another one, and what was begun anew in its place has keys of its own. `opened`: another key file does what ours did.
 */
async function whoseIs<C extends Copy>(
  { copy, config, keyFile }: Found<C>,
  { opening, key }: Kept,
  { password, signal }: { readonly password: string; readonly signal: AbortSignal },
): Promise<'ours' | 'opened' | 'others'> {
  if (config !== 'sound' && keyFile !== 'sound' && !(await hasSealed(copy, key, signal)))
    return 'others';
  const listed = await copy.store.list('keys', { signal });
  const keys = listed.ok ? listed.value : [];
  const others = keys.filter(({ name }) => name !== opening.keyName);
  const isUnknown = !listed.ok && listed.fault.code !== 'not-found';
  if (isUnknown || others.length > KEYS_MAX) return 'others';
  const there = others.length > 0 ? await copy.store.load(CONFIG, { signal }) : undefined;
  let isOpened = false;
  for (const { name, sizeBytes } of others) {
    if (sizeBytes > OPENING_BYTES_MAX) continue;
    const loaded = await loadSound(copy, { type: 'keys', name, sizeBytes }, signal);
    if (!loaded.ok && MISSES.has(loaded.fault.code)) continue;
    const other = loaded.ok && (await openKeyFile(loaded.value, password).catch(() => undefined));
    if (other === 'damaged') continue;
    // Where nothing but the config is gone, a key of another password's says nothing: it may be a stranger's beside ours.
    if (other === undefined && keyFile === 'sound' && config === 'missing') continue;
    // It can't be read now, or is another password's.
    if (other === false || other === undefined) return 'others';
    if (isSame(other, key)) isOpened = true;
    else if (there?.ok === true && idOf(other, there.value) !== undefined) return 'others';
  }
  return isOpened ? 'opened' : 'ours';
}

function isSame(one: MasterKey, other: MasterKey): boolean {
  return (['encrypt', 'macK', 'macR'] as const).every(
    (part) => Buffer.compare(one[part], other[part]) === 0,
  );
}

async function hasSealed(copy: Copy, key: MasterKey, signal: AbortSignal): Promise<boolean> {
  for (const type of ['snapshots', 'index'] as const) {
    const listed = await copy.store.list(type, { signal });
    if (!listed.ok) continue;
    const small = listed.value
      .filter(({ sizeBytes }) => sizeBytes <= SEALED_BYTES_MAX)
      .toSorted((one, other) => one.sizeBytes - other.sizeBytes);
    for (const object of small.slice(0, SEALED_MAX))
      if ((await loadSound(copy, { type, ...object }, signal, key)).ok) return true;
  }
  return false;
}

/** Is there when it can be read again: whoever acknowledges it may not have kept it. */
async function put(
  copy: HeldCopy,
  object: StoreObject,
  {
    bytes,
    kept,
    signal,
  }: { readonly bytes: Uint8Array; readonly kept: Kept; readonly signal: AbortSignal },
): Promise<boolean> {
  const { store } = copy;
  await clearAway(copy, object, signal);
  const saved = await store.save(object, [bytes], { signal });
  if (!saved.ok) return false;
  const parts = await partsOf(copy, kept, signal);
  return (object.type === 'config' ? parts?.config : parts?.keyFile) === 'sound';
}

async function firstOf<C, T>(
  all: readonly C[],
  ask: (each: C) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const each of all) {
    const answer = await ask(each);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
