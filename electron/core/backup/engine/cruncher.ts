import { hash } from 'node:crypto';
import { createDecompressor, type Decompress } from '../repository/decompressor.ts';
import { createPackBuilder, openBlob, PACK_BYTES, readHeader } from '../repository/pack.ts';
import type { MasterKey } from '../repository/sealing.ts';
import { gearTable } from './chunker.ts';
import type { CrunchResult, CrunchTask, FromCruncher, ToCruncher } from './messages.ts';
import { compareFile, placeBlobs, unpackBlobs } from './place.ts';
import { createReadFiles } from './read-files.ts';
import { countFiles } from './scan.ts';
import { createSelection } from './selection.ts';

/** What a crunching thread does with a message. A failure in here is a bug, and goes to `onBroken`. */
export type Cruncher = (message: ToCruncher) => void;

type Tell = (message: FromCruncher, transfer?: readonly ArrayBuffer[]) => void;

/** A pack of tiny files would have a hundred thousand, and what is written down of them is larger than they are. */
const PACK_BLOBS_MAX = 16_384;

export function createCruncher(
  key: MasterKey,
  { tell, onBroken }: { readonly tell: Tell; readonly onBroken: (error: unknown) => void },
): Cruncher {
  /** Memory of packs that have arrived. */
  const spare: Uint8Array<ArrayBuffer>[] = [];
  const builder = createPackBuilder(key, () => spare.pop());
  const asked = new Map<number, (wanted: Uint8Array) => void>();
  let lastAsk = 0;
  let blobsBegun = 0;
  const readFiles = createReadFiles({ gear: gearTable(key.encrypt), ask, pack });

  async function run(task: CrunchTask): Promise<CrunchResult[keyof CrunchResult]> {
    switch (task.type) {
      case 'read':
        return readFiles(task.paths.split('\0'));
      case 'flush':
        finishPack();
        return undefined;
      case 'place':
        return placeBlobs(key, task);
      case 'compare':
        return compareFile(task);
      case 'unpack':
        return unpackBlobs(key, task);
      case 'verify':
        return verify(key, task.pack, task.name);
      default:
        return countFiles(createSelection(task), task.folders);
    }
  }

  function ask(ids: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    lastAsk += 1;
    const id = lastAsk;
    const answer = new Promise<Uint8Array>((resolve) => asked.set(id, resolve));
    tell({ type: 'ask', id, ids }, [ids.buffer]);
    return answer;
  }

  function pack(id: Buffer, plaintext: Uint8Array): void {
    builder.add('data', id, plaintext);
    blobsBegun += 1;
    if (builder.sizeBytes() >= PACK_BYTES || blobsBegun >= PACK_BLOBS_MAX) finishPack();
  }

  function finishPack(): void {
    if (builder.sizeBytes() === 0) return;
    blobsBegun = 0;
    const { bytes, blobs } = builder.finish();
    const name = hash('sha256', bytes, 'hex');
    // Flat: a message of thousands of small objects costs more than packing what they are about.
    const ids = Buffer.allocUnsafeSlow(blobs.length * 32);
    for (const [at, { id }] of blobs.entries()) id.copy(ids, at * 32);
    const lengths = Uint32Array.from(blobs, ({ length }) => length);
    const plainLengths = Uint32Array.from(blobs, ({ plainLength }) => plainLength);
    tell({ type: 'pack', bytes, name, ids, lengths, plainLengths }, [bytes.buffer, ids.buffer]);
  }

  return (message) => {
    if (message.type === 'wanted') {
      asked.get(message.id)?.(message.wanted);
      asked.delete(message.id);
      return;
    }
    if (message.type === 'spare') {
      spare.push(message.bytes);
      return;
    }
    const { id, task } = message;
    run(task).then((result) => tell({ type: 'done', id, result }), onBroken);
  };
}

/** Made by the first pack that is looked into, for all that follow in this thread. */
let decompress: Decompress | undefined;

function verify(key: MasterKey, sealed: Uint8Array, name: string): string | undefined {
  decompress ??= createDecompressor();
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (hash('sha256', bytes, 'hex') !== name) return 'its bytes are not those of its name';
  const blobs = readHeader(key, bytes);
  if (blobs === undefined) return 'its header is damaged';
  for (const { id, offset, length, plainLength } of blobs) {
    const blob = bytes.subarray(offset, offset + length);
    const plaintext = openBlob(key, blob, plainLength, decompress);
    if (plaintext === undefined || !hash('sha256', plaintext, 'buffer').equals(id))
      return `blob ${id.toString('hex', 0, 4)} is damaged`;
  }
  return undefined;
}
