import { z } from 'zod';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import type { EngineFault } from '../engine/engine.ts';
import type { KnownCopy } from './book.ts';
import { KEPT_TYPES, type Listing } from './plan.ts';
import { type Copy, listCopy, without } from './copy.ts';
import { type Manifest, openManifest, paperOf } from './manifest.ts';
import { jsonOf } from '../repository/key-file.ts';
import { openRepository, type Repository } from '../repository/repository.ts';
import type {
  Papers,
  RepositoryStore,
  StoreObject,
  StoreResult,
} from '../repository/repository-store.ts';
import { type MasterKey, unseal } from '../repository/sealing.ts';
import { loadRight } from '../repository/unpacked.ts';

/** A copy with its papers, as far as this file needs to know. */
export type PaperedCopy = Copy & { readonly papers: Papers };
export type OpenedRepository = Pick<Repository, 'key' | 'id' | 'keyFile'>;

export type SurveyedCopy<C> = {
  readonly copy: C;
  /** Without what is known to be damaged, and of keys only ours. */
  readonly listing: Listing;
  readonly hasConfig: boolean;
  readonly manifest: Manifest | undefined;
};
export type Lost<C> = { readonly copy: C; readonly fault: EngineFault };

/** Looks at copies: which repository is there, what each has, and what its writer left beside it. */
export type Survey<C> = {
  /** Undefined: none of them was begun. */
  readonly repository: OpenedRepository | undefined;
  readonly copies: readonly SurveyedCopy<C>[];
  readonly lost: readonly Lost<C>[];
  /** Its config or its manifest is not what it should be. */
  readonly odd: readonly { readonly copy: C; readonly what: 'config' | 'manifest' }[];
};

export type SurveyOptions<C> = {
  readonly password: string;
  readonly signal: AbortSignal;
  /** The repository that is expected: what is found instead is no copy of it. */
  readonly expected: string | undefined;
  /** Opened before: a password takes a tenth of a second to try. */
  readonly opened: OpenedRepository | undefined;
  readonly damaged: (copy: C) => readonly StoreObject[];
};

const ANOTHER: EngineFault = { code: 'damaged', detail: 'another repository lies there' };

const config = z.object({ id: z.string().regex(/^[0-9a-f]{64}$/) });

export async function surveyCopies<C extends PaperedCopy>(
  copies: readonly C[],
  options: SurveyOptions<C>,
): Promise<Result<Survey<C>, EngineFault>> {
  const { signal, expected } = options;
  const lost: Lost<C>[] = [];
  const odd: { copy: C; what: 'config' | 'manifest' }[] = [];
  const configs = new Map<C, Uint8Array | undefined>();
  const unread: Lost<C>[] = [];
  for (const copy of copies) {
    const loaded = await loadConfig(copy, signal);
    if (loaded.ok) configs.set(copy, loaded.value);
    else if (loaded.fault.code === 'not-found') configs.set(copy, undefined);
    else if (loaded.fault.code === 'damaged') unread.push({ copy, fault: loaded.fault });
    else lost.push({ copy, fault: loaded.fault });
  }
  const opened = await openAny(configs, options);
  if (!opened.ok) return opened;
  const repository = opened.value;
  // A disk that can't give it any more; where another copy has it, it is to be replaced like one that is not what it should be.
  if (repository === undefined) lost.push(...unread);
  else for (const { copy } of unread) configs.set(copy, undefined);
  const surveyed: SurveyedCopy<C>[] = [];
  const unreadable: { readonly found: SurveyedCopy<C>; readonly names: readonly string[] }[] = [];
  for (const [copy, sealed] of configs) {
    const id = sealed && repository && (await idAt(copy, sealed, repository.key, signal));
    if (id !== undefined && id !== (expected ?? repository?.id)) {
      lost.push({ copy, fault: ANOTHER });
      continue;
    }
    const listed = await listCopy(copy, signal);
    if (!listed.ok) {
      lost.push({ copy, fault: listed.fault });
      continue;
    }
    const paper = repository && (await readManifest(copy, repository, signal));
    const found = {
      copy,
      listing: withKey(without(listed.value, options.damaged(copy)), repository?.keyFile),
      hasConfig: id !== undefined,
      manifest: paper === 'damaged' ? undefined : paper,
    };
    // Listed, and not there when it is asked for, is no better than wrong bytes.
    const isUnread = unread.some((each) => each.copy === copy);
    const isThere = isUnread || sealed !== undefined || listed.value.config.size > 0;
    if (isThere && repository !== undefined && id === undefined) {
      unreadable.push({ found, names: namesIn(listed.value) });
      continue;
    }
    if (paper === 'damaged') odd.push({ copy, what: 'manifest' });
    surveyed.push(found);
  }
  const ours = new Set(surveyed.flatMap(({ listing }) => namesIn(listing)));
  for (const { found, names } of unreadable) {
    const { copy, listing } = found;
    // Whoever wrote it has another key: that is not ours to mend. Where nothing else is left there is nothing of anybody's.
    if (names.length > 0 && !names.some((name) => ours.has(name))) {
      lost.push({ copy, fault: ANOTHER });
      continue;
    }
    odd.push({ copy, what: 'config' });
    surveyed.push({ ...found, listing: without(listing, [{ type: 'config', name: '' }]) });
  }
  return ok({ repository, copies: surveyed, lost, odd });
}

/** A line may have cut off what is fine. */
async function loadConfig({ store }: Copy, signal: AbortSignal): Promise<StoreResult<Uint8Array>> {
  const loaded = await store.load(CONFIG, { signal });
  return !loaded.ok && loaded.fault.code === 'damaged' ? store.load(CONFIG, { signal }) : loaded;
}

const CONFIG: StoreObject = { type: 'config', name: '' };

/** Of everything but the config; they are hashes of what they name, but for a key file's. */
function namesIn(listing: Listing): readonly string[] {
  return KEPT_TYPES.flatMap((type) => (type === 'config' ? [] : [...listing[type].keys()]));
}

/**
 * Opens the one that is expected; what can't be opened in one copy may be sound in another. Where one has only the config and
 * another one only the key, the two of them open it.
 */
async function openAny<C extends PaperedCopy>(
  configs: ReadonlyMap<C, Uint8Array | undefined>,
  { password, opened, expected, signal }: SurveyOptions<C>,
): Promise<Result<OpenedRepository | undefined, EngineFault>> {
  let fault: EngineFault | undefined;
  const begun = [...configs].flatMap(([copy, sealed]) =>
    sealed === undefined ? [] : [[copy, sealed] as const],
  );
  const tryWith = async (store: RepositoryStore): Promise<OpenedRepository | undefined> => {
    const tried = await openRepository(store, password);
    if (tried.ok && (expected === undefined || tried.value.id === expected)) return tried.value;
    fault ??= tried.ok ? ANOTHER : tried.fault;
    return undefined;
  };
  for (const [copy, sealed] of begun) {
    if (opened !== undefined && idOf(opened.key, sealed) === opened.id) return ok(opened);
    const found = await tryWith(copy.store);
    if (found !== undefined) return ok(found);
  }
  for (const [copy] of begun)
    for (const other of configs.keys()) {
      if (signal.aborted) return failed({ code: 'cancelled' });
      const found = copy === other ? undefined : await tryWith(configFrom(copy, other));
      if (found !== undefined) return ok(found);
    }
  return fault === undefined ? ok(undefined) : failed(fault);
}

function configFrom({ store }: Copy, other: Copy): RepositoryStore {
  return {
    ...other.store,
    load: (object, options) =>
      (object.type === 'config' ? store : other.store).load(object, options),
  };
}

/** Key files that the password does not open stay where they are and go nowhere else: a friend can make up any number. */
function withKey(listing: Listing, keyFile: string | undefined): Listing {
  if (keyFile === undefined) return listing;
  return { ...listing, keys: new Map([...listing.keys].filter(([name]) => name === keyFile)) };
}

/** What opens it says, if need be once more: a line may have brought wrong bytes of what is fine. */
async function idAt(
  { store }: Copy,
  sealed: Uint8Array,
  key: MasterKey,
  signal: AbortSignal,
): Promise<string | undefined> {
  const id = idOf(key, sealed);
  if (id !== undefined) return id;
  const again = await loadRight(
    store,
    { type: 'config', name: '' },
    (bytes) => idOf(key, bytes),
    signal,
  );
  return again.ok ? again.value : undefined;
}

/** Which repository a config is of; undefined: none, or not sealed with this key. */
export function idOf(key: MasterKey, sealed: Uint8Array): string | undefined {
  const text = unseal(key, sealed);
  const parsed = config.safeParse(text && jsonOf(text));
  return parsed.success ? parsed.data.id : undefined;
}

/** Undefined: there is none, or it can't be asked for now. A manifest of another repository is none of this one's. */
async function readManifest(
  { papers }: PaperedCopy,
  { key, id }: OpenedRepository,
  signal: AbortSignal,
): Promise<Manifest | 'damaged' | undefined> {
  const read = await papers.read('manifest', { signal });
  if (!read.ok) return read.fault.code === 'damaged' ? 'damaged' : undefined;
  const manifest = openManifest(key, read.value);
  return manifest?.repository === id ? manifest : 'damaged';
}

/**
 * What a manifest says beside what is known: `ours` as it was left, or none; `older` is held back or brought back; `foreign`:
 * somebody else has written there, or this book is older than it should be.
 */
export function judgeManifest(
  manifest: Manifest | undefined,
  known: Pick<KnownCopy, 'sequence' | 'paper'>,
  me: string,
): 'ours' | 'older' | 'foreign' {
  if (manifest === undefined || paperOf(manifest) === known.paper) return 'ours';
  const [last = '', ...writer] = known.paper?.split(' ').toReversed() ?? [];
  const isSameWriter = manifest.writer === writer.toReversed().join(' ');
  if (isSameWriter && manifest.sequence < Number(last)) return 'older';
  // Left there, and cut off before that was noted.
  if (manifest.writer === me && manifest.sequence <= known.sequence) return 'ours';
  return 'foreign';
}
