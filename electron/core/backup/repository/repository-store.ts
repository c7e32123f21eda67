import {
  OBJECT_NAME,
  PAPER_BYTES_MAX,
  type PaperName,
  paperNames,
} from '../../../../shared/model/plot.ts';
import type { Result } from '../../../../shared/result.ts';

/**
 * Where a repository's objects lie: a folder, a friend's plot, memory. The engine knows nothing else
 * of the outside. Objects are written once and never changed; apart from `config` the name of each
 * is the SHA-256 of its contents, and the caller vouches for that.
 *
 * What every implementation owes (`test/suites/repository-store.suite.ts` asks for it):
 * - `save` is atomic and durable when it resolves: after a crash the object is there whole or not at
 *   all. Saving an object that exists already is a success and leaves the first one as it is. Saving
 *   a `config` that exists already, with other bytes, is `refused`.
 * - What `save` acknowledged, every later `load`, `stat` and `list` sees.
 * - Calls may overlap, also on the same object; the engine makes a handful at a time.
 * - Expected failures are values of `StoreFault`; a rejected promise is a bug.
 * - An aborted `signal` ends a call soon with `cancelled`; a `save` may by then have happened.
 *
 * What every caller owes:
 * - The chunks given to `save` are lent: unchanged until the promise settles, the caller's own again
 *   afterwards. (An implementation may therefore try again with the same chunks.)
 */
export type RepositoryStore = {
  readonly save: (
    object: StoreObject,
    chunks: readonly Uint8Array[],
    options?: StoreOptions,
  ) => Promise<StoreResult<void>>;
  /**
   * The object's bytes, or exactly `range.length` bytes from `range.offset`: less is `damaged`. `attempt` counts how often
   * bytes of this object were wrong before: a store that has several copies answers from another one then, and notes where
   * they were wrong; one that has no more says `damaged`.
   */
  readonly load: (
    object: StoreObject,
    options?: StoreOptions & {
      readonly range?: ByteRange | undefined;
      readonly attempt?: number | undefined;
    },
  ) => Promise<StoreResult<Uint8Array>>;
  readonly stat: (
    object: StoreObject,
    options?: StoreOptions,
  ) => Promise<StoreResult<{ readonly sizeBytes: number }>>;
  /** Every object of the type, in no order. Names that can't be an object's are left out. */
  readonly list: (
    type: StoreObjectType,
    options?: StoreOptions,
  ) => Promise<StoreResult<readonly ListedObject[]>>;
  /** Removing what is not there is `not-found`. */
  readonly remove: (object: StoreObject, options?: StoreOptions) => Promise<StoreResult<void>>;
};

export type StoreOptions = {
  readonly signal?: AbortSignal | undefined;
  /** How fast the object's bytes may pass; a store that is no further away than the disk need not ask. */
  readonly pace?: Pace | undefined;
};
export type Pace = {
  /** Bytes go or come in pieces of at most so many; undefined: as fast as they can. */
  readonly sliceBytes: () => number | undefined;
  /** Resolves when so many bytes may pass, and also when the signal ends the wait; undefined: at once. */
  readonly pass: (bytes: number, signal: AbortSignal | undefined) => Promise<void> | undefined;
};
/** Bytes, at most 2^31 − 1 of them: objects are read in pieces that fit into memory. */
export type ByteRange = { readonly offset: number; readonly length: number };
export type ListedObject = { readonly name: string; readonly sizeBytes: number };

export const storeObjectTypes = ['config', 'keys', 'locks', 'snapshots', 'index', 'data'] as const;
export type StoreObjectType = (typeof storeObjectTypes)[number];

/** `name` is '' for the config, else 64 lower-case hexadecimal digits. */
export type StoreObject = { readonly type: StoreObjectType; readonly name: string };

export type StoreResult<T> = Result<T, StoreFault>;

/**
 * - `not-found`: no such object.
 * - `plot-full`: the store holds no more (HTTP 507). Final: trying again changes nothing. `trashBytes`: so much of it is what was
 *   deleted and is kept for a while.
 * - `unreachable`: the network or the other device failed; a later try may succeed.
 * - `refused`: the store said no, and why: a code of its own and what its sentence needs.
 * - `damaged`: the store answered, but not with the object: too short, or not what its name says.
 * - `cancelled`: the caller's signal.
 */
export type StoreFault =
  | { readonly code: 'not-found' }
  | { readonly code: 'plot-full'; readonly trashBytes?: string | undefined }
  | { readonly code: 'unreachable'; readonly detail: string }
  | {
      readonly code: 'refused';
      readonly reason: string;
      readonly params: Readonly<Record<string, string>>;
    }
  | { readonly code: 'damaged'; readonly detail: string }
  | { readonly code: 'cancelled' };

/** Whether the name can be that of an object of this type. Paths are made only of names that pass. */
export function isObjectName(type: StoreObjectType, name: string): boolean {
  return type === 'config' ? name === '' : OBJECT_NAME.test(name);
}

/**
 * Small sealed things that lie beside a repository, one of each name, replaced as a whole: the writer's manifest, and the
 * address book by which a new machine finds its way (design §5, §6). The host sees bytes. In a folder they are files
 * `allotment-manifest` and `allotment-address-book`, which restic does not look at.
 */
export { PAPER_BYTES_MAX, type PaperName, paperNames };

/** No object is larger; so much is taken into memory at once, and whoever keeps it can say and put there anything. */
export const OBJECT_BYTES_MAX = 512 * 1024 * 1024;

export type Papers = {
  readonly read: (name: PaperName, options?: StoreOptions) => Promise<StoreResult<Uint8Array>>;
  /** Durable when it resolves; after a crash the old one or the new one is there. */
  readonly write: (
    name: PaperName,
    content: Uint8Array,
    options?: StoreOptions,
  ) => Promise<StoreResult<void>>;
};
