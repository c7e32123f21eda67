/** Where blobs lie: which pack, where in it, how long, and how long once decompressed (0: not compressed). */
export type BlobPlace = {
  readonly pack: number;
  readonly offset: number;
  readonly length: number;
  readonly plainLength: number;
};
export type BlobType = 'data' | 'tree';

const ID_BYTES = 32;
const FIELDS = 4;
/** A blob that somebody is just packing; its place follows. */
const PENDING = 0xffff_ffff;
const FIRST_SLOTS = 1 << 10;

/**
 * The index of a repository in memory: an open hash table in flat buffers, about 100 bytes per blob,
 * where a `Map` would take 400. Ids are SHA-256, so their first bytes are hash enough; they come out
 * of sealed files, so nobody can choose them to collide. Never more than half full.
 */
export class BlobIndex {
  #slots = FIRST_SLOTS;
  #ids = Buffer.alloc(FIRST_SLOTS * ID_BYTES);
  /** Pack + 1 (0: empty slot), offset, length, plain length. */
  #fields = new Uint32Array(FIRST_SLOTS * FIELDS);
  #types = new Uint8Array(FIRST_SLOTS);
  #count = 0;

  get size(): number {
    return this.#count;
  }

  has(type: BlobType, id: Buffer): boolean {
    return this.#fields[this.#find(kindOf(type), id) * FIELDS] !== 0;
  }

  /** `undefined` also while the blob is pending. */
  get(type: BlobType, id: Buffer): BlobPlace | undefined {
    const at = this.#find(kindOf(type), id) * FIELDS;
    const pack = this.#fields[at] ?? 0;
    if (pack === 0 || pack === PENDING) return undefined;
    return {
      pack: pack - 1,
      offset: this.#fields[at + 1] ?? 0,
      length: this.#fields[at + 2] ?? 0,
      plainLength: this.#fields[at + 3] ?? 0,
    };
  }

  /** True if the blob was not known: whoever is told so packs it. */
  claim(type: BlobType, id: Buffer): boolean {
    const slot = this.#find(kindOf(type), id);
    if (this.#fields[slot * FIELDS] !== 0) return false;
    this.#put(slot, kindOf(type), id);
    this.#fields[slot * FIELDS] = PENDING;
    this.#grow();
    return true;
  }

  /** Says where a blob lies. The first place that is known is kept. */
  set(type: BlobType, id: Buffer, place: BlobPlace): void {
    const slot = this.#find(kindOf(type), id);
    const at = slot * FIELDS;
    const known = this.#fields[at] ?? 0;
    if (known !== 0 && known !== PENDING) return;
    if (known === 0) this.#put(slot, kindOf(type), id);
    this.#fields[at] = place.pack + 1;
    this.#fields[at + 1] = place.offset;
    this.#fields[at + 2] = place.length;
    this.#fields[at + 3] = place.plainLength;
    this.#grow();
  }

  /** Numbers for the blobs, until the next one is added: from 0 to below this, with gaps. */
  get slots(): number {
    return this.#slots;
  }

  /** The blob's number; −1 if it is not known. */
  slotOf(type: BlobType, id: Buffer): number {
    const slot = this.#find(kindOf(type), id);
    return this.#fields[slot * FIELDS] === 0 ? -1 : slot;
  }

  /** The blob with this number; `undefined` in a gap, and while it is pending. */
  at(slot: number): (BlobPlace & { readonly type: BlobType; readonly id: Buffer }) | undefined {
    const at = slot * FIELDS;
    const pack = this.#fields[at] ?? 0;
    if (pack === 0 || pack === PENDING) return undefined;
    return {
      type: this.#types[slot] === 0 ? 'data' : 'tree',
      id: Buffer.from(this.#ids.subarray(slot * ID_BYTES, (slot + 1) * ID_BYTES)),
      pack: pack - 1,
      offset: this.#fields[at + 1] ?? 0,
      length: this.#fields[at + 2] ?? 0,
      plainLength: this.#fields[at + 3] ?? 0,
    };
  }

  #put(slot: number, kind: number, id: Buffer): void {
    id.copy(this.#ids, slot * ID_BYTES, 0, ID_BYTES);
    this.#types[slot] = kind;
    this.#count += 1;
  }

  /** The slot of the blob, or the empty one where it would go. */
  #find(kind: number, id: Buffer): number {
    const mask = this.#slots - 1;
    for (let slot = (id.readUInt32LE(0) + kind) & mask; ; slot = (slot + 1) & mask) {
      if (this.#fields[slot * FIELDS] === 0) return slot;
      const start = slot * ID_BYTES;
      if (
        this.#types[slot] === kind &&
        id.compare(this.#ids, start, start + ID_BYTES, 0, ID_BYTES) === 0
      )
        return slot;
    }
  }

  #grow(): void {
    if (this.#count * 2 < this.#slots) return;
    const ids = this.#ids;
    const fields = this.#fields;
    const types = this.#types;
    const slots = this.#slots;
    this.#slots = slots * 2;
    this.#ids = Buffer.alloc(this.#slots * ID_BYTES);
    this.#fields = new Uint32Array(this.#slots * FIELDS);
    this.#types = new Uint8Array(this.#slots);
    for (let slot = 0; slot < slots; slot += 1) {
      if (fields[slot * FIELDS] === 0) continue;
      const id = ids.subarray(slot * ID_BYTES, (slot + 1) * ID_BYTES);
      const kind = types[slot] ?? 0;
      const target = this.#find(kind, id);
      id.copy(this.#ids, target * ID_BYTES);
      this.#types[target] = kind;
      this.#fields.set(fields.subarray(slot * FIELDS, (slot + 1) * FIELDS), target * FIELDS);
    }
  }
}

function kindOf(type: BlobType): number {
  return type === 'data' ? 0 : 1;
}
