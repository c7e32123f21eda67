import { describe, expect, it } from 'vitest';
import type { PackedPack } from '../../../../electron/core/backup/engine/messages.ts';
import { createUploader } from '../../../../electron/core/backup/engine/upload.ts';
import { BlobIndex } from '../../../../electron/core/backup/repository/blob-index.ts';
import type { Repository } from '../../../../electron/core/backup/repository/repository.ts';
import type {
  StoreObject,
  StoreResult,
} from '../../../../electron/core/backup/repository/repository-store.ts';
import { newMasterKey } from '../../../../electron/core/backup/repository/sealing.ts';
import { failed, ok } from '../../../../shared/result.ts';

/** A friend's line on which every pack waits until the test lets it through. */
function uploading() {
  const held: (() => void)[] = [];
  const begun: string[] = [];
  let nowMs = 0;
  let result: StoreResult<undefined> = ok(undefined);
  const save = ({ type, name }: StoreObject) => {
    begun.push(type === 'data' ? name : type);
    return new Promise((resolve) => held.push(() => resolve(result)));
  };
  const uploader = createUploader(
    { store: { save }, key: newMasterKey() } as unknown as Repository,
    { blobs: new BlobIndex(), packs: [] },
    { signal: new AbortController().signal, onSent: () => undefined, now: () => nowMs },
  );
  const pack = (name: string): PackedPack => ({ bytes: new Uint8Array(1024), name, blobs: [] });
  /** The one that has been under way longest ends. */
  const end = async (tookMs: number, how: StoreResult<undefined> = ok(undefined)) => {
    nowMs += tookMs;
    result = how;
    held.shift()?.();
    await turn();
  };
  return { uploader, pack, held, begun, end };
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

  it('go one after the other over a slow line, also behind an index, and two at a time over a fast one', async () => {
    const { uploader, pack, begun, end } = uploading();
    const names = Array.from({ length: 32 }, (_, at) => `${at}`);
    for (const name of names) uploader.push(pack(name));
    await turn();
    for (const [at] of names.entries()) {
      expect(begun).toEqual(names.slice(0, at + 1));
      await end(1000);
    }
    uploader.push(pack('behind'));
    await turn();
    expect(begun).toEqual([...names, 'index']);
    await end(1000);
    expect(begun.slice(32)).toEqual(['index', 'behind']);
    await end(10);
    for (const name of ['one', 'other']) uploader.push(pack(name));
    await turn();
    expect(begun.slice(34)).toEqual(['one', 'other']);
    // It has become slow.
    await end(10_000);
    uploader.push(pack('later'));
    await turn();
    expect(begun.slice(36)).toEqual([]);
    await end(0);
    expect(begun.slice(36)).toEqual(['later']);
  });

  it('are not begun any more once one has failed before them', async () => {
    const { uploader, pack, begun, end } = uploading();
    for (const name of ['a', 'b']) uploader.push(pack(name));
    await turn();
    const finished = uploader.finish();
    await end(1, failed({ code: 'plot-full' }));
    expect(await finished).toMatchObject({ ok: true });
    expect(uploader.fault()).toEqual({ code: 'plot-full' });
    expect(begun).toEqual(['a']);
  });
});
