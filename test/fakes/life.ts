import type { RepositoryStore } from '../../electron/core/backup/repository/repository-store.ts';
import type { Target } from '../../electron/core/backup/targets.ts';

/**
 * One run of the program, from its start to its end by `kill -9`: from then on nobody who belongs to it gets an answer, and
 * nothing that he does reaches anybody.
 */
export type Life = {
  readonly see: (target: Target) => Target;
  /** It ends at this call from now on, at whichever friend's: before that call has an effect, or after it. */
  readonly dieAt: (call: number, hasEffect: boolean) => void;
  readonly died: Promise<void>;
  readonly end: () => void;
};

export function createLife(): Life {
  let isDead = false;
  let callsLeft = Number.POSITIVE_INFINITY;
  let lastHasEffect = false;
  const died = Promise.withResolvers<void>();
  const never = () => new Promise<never>(() => undefined);

  function end(): void {
    isDead = true;
    died.resolve();
  }

  async function live<T>(act: () => Promise<T>): Promise<T> {
    if (isDead) return never();
    callsLeft -= 1;
    if (callsLeft <= 0) {
      if (lastHasEffect) await act();
      end();
      return never();
    }
    const result = await act();
    return isDead ? never() : result;
  }

  const seeStore = (store: RepositoryStore): RepositoryStore => ({
    save: (object, chunks, options) => live(() => store.save(object, chunks, options)),
    load: (object, options) => live(() => store.load(object, options)),
    stat: (object, options) => live(() => store.stat(object, options)),
    list: (type, options) => live(() => store.list(type, options)),
    remove: (object, options) => live(() => store.remove(object, options)),
  });

  return {
    see: (target) => {
      const { store, papers, report } = target;
      return {
        ...target,
        store: seeStore(store),
        papers: {
          read: (name, options) => live(() => papers.read(name, options)),
          write: (name, content, options) => live(() => papers.write(name, content, options)),
        },
        report: report && ((objects, options) => live(() => report(objects, options))),
      };
    },
    dieAt: (call, hasEffect) => {
      callsLeft = call;
      lastHasEffect = hasEffect;
    },
    died: died.promise,
    end,
  };
}
