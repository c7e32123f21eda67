import type { Async } from '../../../shared/async.ts';
import { type Fault, fault } from '../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { noFolder } from '../is-folder.ts';
import type { Clock } from '../ports.ts';
import type { CopyBook } from './copies/book.ts';
import type { EngineFault } from './engine/engine.ts';
import { engineFault } from './engine-fault.ts';
import { createFolderRepositoryStore } from './repository/folder-repository-store.ts';
import type { RepositoryStore, StoreObject } from './repository/repository-store.ts';
import type { BackupSet } from './set-book.ts';
import { openedBy } from './copies/openings.ts';
import { several } from './copies/several.ts';
import type { Target, Targets } from './targets.ts';

/** Where a repository is read from: the friends who keep the set, or a folder on a disk. */
export type ReadingSource =
  | { readonly kind: 'set'; readonly set: BackupSet }
  | { readonly kind: 'folder'; readonly folder: string };

export type OpenedSource = {
  /** Names the repository and where it is read from. */
  readonly key: string;
  readonly store: RepositoryStore;
  /** The engine's word in a person's terms; who has given wrong bytes is named. */
  readonly say: (engine: EngineFault) => Fault;
  /** It could not be opened: as it may be opened now; undefined: that is not otherwise. */
  readonly again: (signal: AbortSignal) => Promise<Result<OpenedSource, Fault> | undefined>;
};

/** `opened`: by this, or by whoever was at it; `was-open`: what is wrong with it is something else. */
export type ReopenSet = (
  set: BackupSet,
  signal: AbortSignal,
) => Promise<'opened' | 'was-open' | 'shut'>;

export type OpenSource = (source: ReadingSource) => Promise<Result<OpenedSource, Fault>>;

export function createSources({
  targets,
  copies,
  reopen,
  clock,
}: {
  readonly targets: Pick<Targets, 'of'>;
  readonly reopen: ReopenSet;
  readonly copies: Async<Pick<CopyBook, 'noteDamage' | 'opening'>>;
  readonly clock: Pick<Clock, 'nowMs'>;
}): OpenSource {
  /** Whoever repairs copies hears of it. */
  function noteWrong(set: string, target: Target | undefined, object: StoreObject): void {
    if (target === undefined) return;
    const call = { set, host: target.host.owner, objects: [object], atMs: clock.nowMs() };
    // Only a hint: the daily look finds it too.
    copies.noteDamage(call).catch(() => undefined);
  }

  async function openSet(set: BackupSet): Promise<Result<OpenedSource, Fault>> {
    const found = await targets.of(set, { begin: false, onLost: () => undefined });
    if (!found.ok) return found;
    const all = found.value.targets;
    const wrongAt = new Set<Target>();
    // Two friends may be called the same.
    const named = new Map(all.map((target) => [target.plot as string, target]));
    const store = several(
      all.map(({ plot, store: each }) => ({ name: plot, store: each })),
      {
        onWrong: (name, object, how) => {
          const target = named.get(name);
          // A copy that is behind lacks what is newer; whoever completes it knows.
          if (how === 'missing') return;
          if (target !== undefined) wrongAt.add(target);
          noteWrong(set.name, target, object);
        },
      },
    );
    const say = (engine: EngineFault) => {
      const blamed = engine.code === 'damaged' && wrongAt.size > 0 ? [...wrongAt] : all;
      return readingFault(engine, engineFault(engine, blamed, set));
    };
    const key = ['set', set.name, ...named.keys()].join('/');
    const again = async (signal: AbortSignal) => {
      const now = await reopen(set, signal);
      if (now === 'opened') return openSet(set);
      const opening = now === 'shut' ? await copies.opening(set.name) : undefined;
      if (opening === undefined) return undefined;
      // Its plot may be in grace, full, or its host's to be left alone for a while.
      const read = { key: `${key}/as kept`, store: openedBy(store, opening), say };
      return ok({ ...read, again: async () => undefined });
    };
    return ok({ key, store, say, again });
  }

  async function openFolder(folder: string): Promise<Result<OpenedSource, Fault>> {
    const wrong = await noFolder(folder);
    if (wrong !== undefined) return failed(wrong);
    const store = several([{ name: folder, store: createFolderRepositoryStore(folder) }]);
    const say = (engine: EngineFault): Fault => {
      if (engine.code === 'no-repository') return fault('no-repository', { folder });
      if (engine.code === 'snapshot-unknown')
        return fault('snapshot-unknown', { set: folder, snapshot: engine.snapshot });
      // A disk that fails, or that was pulled out.
      if (engine.code === 'unreachable') return fault('folder-unreadable', { folder });
      const target = { name: folder, refusal: () => undefined };
      return readingFault(engine, engineFault(engine, [target], { name: folder }));
    };
    return ok({ key: `folder/${folder}`, store, say, again: async () => undefined });
  }

  return (source) => (source.kind === 'set' ? openSet(source.set) : openFolder(source.folder));
}

function readingFault(engine: EngineFault, usual: Fault): Fault {
  return engine.code === 'unsupported'
    ? fault('repository-newer', { detail: engine.detail })
    : usual;
}
