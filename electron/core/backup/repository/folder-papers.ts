import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { failed, ok } from '../../../../shared/result.ts';
import { dropStrays, makeFolders, writeDurably } from '../../database/durable-file.ts';
import { guarded } from './folder-repository-store.ts';
import { PAPER_BYTES_MAX, type PaperName, type Papers } from './repository-store.ts';

/** The papers of a repository in a plain folder: two files beside its own, which restic does not look at. */
export function createFolderPapers(folder: string): Papers {
  const pathOf = (name: PaperName) => join(folder, `allotment-${name}`);
  return {
    read: (name, { signal } = {}) =>
      guarded(signal, async () => {
        const file = await open(pathOf(name), 'r');
        try {
          // Somebody may have put anything there.
          if ((await file.stat()).size > PAPER_BYTES_MAX)
            return failed({ code: 'damaged', detail: `the ${name} is too long` });
          return ok(new Uint8Array(await file.readFile()));
        } finally {
          await file.close();
        }
      }),
    write: (name, content, { signal } = {}) =>
      guarded(signal, async () => {
        if (content.length > PAPER_BYTES_MAX)
          return failed({ code: 'refused', reason: 'too-large', params: {} });
        await makeFolders(folder);
        await dropStrays(pathOf(name));
        await writeDurably(pathOf(name), content);
        return ok(undefined);
      }),
  };
}
