import { join } from 'node:path';
import { ok, type Result } from '../../../../shared/result.ts';
import {
  loadIndex,
  loadSnapshots,
  openRepository,
  type Repository,
  type RepositoryFault,
  type RepositoryIndex,
  type Snapshot,
} from '../repository/repository.ts';
import type { RepositoryStore } from '../repository/repository-store.ts';
import { openPackCache, withCache } from './pack-cache.ts';
import { addUnnamedPacks } from './unnamed-packs.ts';
import { createTreeReader, type TreeReader } from './trees.ts';

/** A repository that somebody looks into for a while: opened once, and looked after from time to time. */
export type OpenedForReading = {
  /** The oldest first. */
  readonly snapshots: readonly Snapshot[];
  /** A snapshot that nobody has whole: which one is the latest is in doubt, all others are as good as ever. */
  readonly unreadable: string | undefined;
  readonly readTree: TreeReader;
};

/** A backup may end while somebody browses; more often than this nobody need ask. */
const FRESH_MS = 5000;

export function createReadable({
  store,
  password,
  cache,
}: {
  readonly store: RepositoryStore;
  readonly password: string;
  readonly cache: string;
}) {
  let repository: Repository | undefined;
  let known:
    | { readonly index: RepositoryIndex; readonly names: string; readonly readTree: TreeReader }
    | undefined;
  let snapshots: readonly Snapshot[] | undefined;
  let unreadable: string | undefined;
  let lookedMs = 0;

  async function open(): Promise<Result<Repository, RepositoryFault>> {
    if (repository !== undefined) return ok(repository);
    const opened = await openRepository(store, password);
    if (!opened.ok) return opened;
    const packs = openPackCache(join(cache, opened.value.id));
    repository = { ...opened.value, store: withCache(store, packs) };
    return ok(repository);
  }

  /** Snapshots first: an index that is read afterwards knows all they need. */
  async function look(): Promise<Result<undefined, RepositoryFault>> {
    const opened = await open();
    if (!opened.ok) return opened;
    let lost: string | undefined;
    const loaded = await loadSnapshots(opened.value, ({ name }) => {
      lost = name;
    });
    if (!loaded.ok) return loaded;
    const listed = await opened.value.store.list('index');
    if (!listed.ok) return listed;
    const names = listed.value
      .map(({ name }) => name)
      .sort()
      .join();
    if (known?.names !== names) {
      let isIncomplete = false;
      const onUnreadable = () => {
        isIncomplete = true;
      };
      const index = await loadIndex(opened.value, { onUnreadable });
      if (!index.ok) return index;
      // What is not to be had there either is told as damaged where somebody comes to it.
      const isAll = !isIncomplete || (await addUnnamedPacks(opened.value, index.value));
      const packs = openPackCache(join(cache, opened.value.id));
      const readTree = createTreeReader(opened.value, index.value, packs, { sparing: true });
      // Otherwise it is asked for once more at the next look.
      known = { index: index.value, names: isAll ? names : '', readTree };
    }
    snapshots = loaded.value;
    unreadable = lost;
    lookedMs = performance.now();
    return ok(undefined);
  }

  return {
    /** `afresh`: whatever was known is asked for again; `now`: what is known may be older than a moment, and is compared. */
    get: async (how?: 'afresh' | 'now'): Promise<Result<OpenedForReading, RepositoryFault>> => {
      if (how === 'afresh') known = undefined;
      const isFresh =
        how === undefined && known !== undefined && performance.now() - lookedMs < FRESH_MS;
      if (!isFresh) {
        const looked = await look();
        // Who can't be reached just now has shown enough to go on with.
        if (!looked.ok && (known === undefined || looked.fault.code !== 'unreachable'))
          return looked;
      }
      return ok({
        snapshots: snapshots ?? [],
        unreadable,
        readTree: known?.readTree ?? noTrees,
      });
    },
  };
}

const noTrees: TreeReader = async () => ({
  ok: false,
  fault: { code: 'damaged', detail: 'no index' },
});
