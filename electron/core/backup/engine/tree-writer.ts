import { hash } from 'node:crypto';
import { createPackBuilder, PACK_BYTES } from '../repository/pack.ts';
import type { Repository, RepositoryIndex } from '../repository/repository.ts';
import type { PackCache } from './pack-cache.ts';
import type { FinishedTree } from './tree-text.ts';
import type { Uploader } from './upload.ts';

/** Packs trees. It never waits; whoever walks makes sure that there is room on the line. */
export type TreeWriter = {
  /** The id of the tree; packed unless it is known. */
  readonly save: (tree: FinishedTree) => string;
  readonly flush: () => void;
};

export function createTreeWriter(
  {
    repository,
    index,
    cache,
    spare,
  }: {
    readonly repository: Repository;
    readonly index: RepositoryIndex;
    readonly cache: PackCache;
    readonly spare: () => Uint8Array<ArrayBuffer> | undefined;
  },
  uploader: Pick<Uploader, 'push'>,
): TreeWriter {
  const builder = createPackBuilder(repository.key, spare);

  function flush(): void {
    if (builder.sizeBytes() === 0) return;
    const { bytes, blobs } = builder.finish();
    const name = hash('sha256', bytes, 'hex');
    // The next run will want these trees; the memory itself is about to change hands.
    cache.keep('data', name, bytes);
    uploader.push({ bytes, name, blobs });
  }

  return {
    save: (tree) => {
      if (tree.same !== undefined) return tree.same;
      const id = hash('sha256', tree.plaintext, 'buffer');
      if (index.blobs.claim('tree', id)) {
        builder.add('tree', id, tree.plaintext);
        if (builder.sizeBytes() >= PACK_BYTES) flush();
      }
      return id.toString('hex');
    },
    flush,
  };
}
