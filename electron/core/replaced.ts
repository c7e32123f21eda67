import { access } from 'node:fs/promises';
import { carrying, fault } from '../../shared/fault.ts';

/**
 * What was built bears what is in it in its name (`build/emit-workers.ts`). So a program whose files were replaced or removed while
 * it ran starts its next thread from what it was built with, or finds nothing there: never from a file of another version, which
 * might take its messages for others. What runs goes on; what can't be started any more is said.
 */
export type Replacement = {
  /** As of the last look. */
  readonly isReplaced: () => boolean;
  readonly look: () => Promise<void>;
};

export function createReplacement(programs: readonly URL[], onChange: () => void): Replacement {
  let isReplaced = false;
  return {
    isReplaced: () => isReplaced,
    look: async () => {
      const found = await Promise.all(programs.map(isGone));
      const now = found.some(Boolean);
      if (now === isReplaced) return;
      isReplaced = now;
      onChange();
    },
  };
}

/** A disk that fails for a moment has replaced nothing. */
async function isGone(program: URL): Promise<boolean> {
  return access(program).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT' || error.code === 'ENOTDIR',
  );
}

/** A thread's own file, one that it imports, or machine code of a library's. */
const NOT_FOUND: ReadonlySet<unknown> = new Set(['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND']);

/** An error of what could not begin for want of its files carries what a person can do about it. */
export function asReplaced(error: unknown): unknown {
  const isReplaced = error instanceof Error && 'code' in error && NOT_FOUND.has(error.code);
  return isReplaced ? carrying(error, fault('program-replaced')) : error;
}
