import { join } from 'node:path';
import { failed, ok } from '../../../../shared/result.ts';
import { dropStrays, makeFolders, writeDurably } from '../../database/durable-file.ts';
import { guarded, readFileThere } from './folder-repository-store.ts';
import { PAPER_BYTES_MAX, type PaperName, type Papers } from './repository-store.ts';

/** The papers of a repository in a plain folder: two files beside its own, which restic does not look at. */
export function createFolderPapers(folder: string): Papers {
  const pathOf = (name: PaperName) => join(folder, `allotment-${name}`);
  return {
    read: (name, { signal } = {}) =>
      guarded(signal, () =>
        readFileThere(pathOf(name), async (file, sizeBytes) =>
          sizeBytes > PAPER_BYTES_MAX
            ? failed({ code: 'damaged', detail: `the ${name} is too long` })
            : ok(new Uint8Array(await file.readFile())),
        ),
      ),
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
