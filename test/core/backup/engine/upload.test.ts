import { describe, expect, it } from 'vitest';
import type { PackedPack } from '../../../../electron/core/backup/engine/messages.ts';
import { createUploader } from '../../../../electron/core/backup/engine/upload.ts';
import { BlobIndex } from '../../../../electron/core/backup/repository/blob-index.ts';
import type { Repository } from '../../../../electron/core/backup/repository/repository.ts';
import { ok } from '../../../../shared/result.ts';

/** A friend's line on which every pack waits until the test lets it through. */
function uploading() {
  const held: (() => void)[] = [];
  const save = () => new Promise((resolve) => held.push(() => resolve(ok(undefined))));
  const uploader = createUploader(
    { store: { save } } as unknown as Repository,
    { blobs: new BlobIndex(), packs: [] },
    { signal: new AbortController().signal, onSent: () => undefined },
  );
  const pack = (name: string): PackedPack => ({ bytes: new Uint8Array(1), name, blobs: [] });
  return { uploader, pack, held };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('packs on their way', () => {
  it('hold back whoever wants to begin another while two are under way', async () => {
    const { uploader, pack, held } = uploading();
    for (const name of ['a', 'b']) uploader.push(pack(name));
    let isThere = false;
    void uploader.room().then(() => {
      isThere = true;
    });
    await turn();
    expect(isThere).toBe(false);
    held.shift()?.();
    await turn();
    expect(isThere).toBe(true);
  });

  it('leave nobody waiting once there is room, however many wait and whatever they bring', async () => {
    const { uploader, pack, held } = uploading();
    for (const name of ['a', 'b']) uploader.push(pack(name));
    let there = 0;
    // Two threads with two tasks each, none of which fills another pack.
    for (let i = 0; i < 4; i += 1)
      void uploader.room().then(() => {
        there += 1;
      });
    for (const letThrough of held.splice(0)) letThrough();
    await turn();
    expect(there).toBe(4);
  });
});
