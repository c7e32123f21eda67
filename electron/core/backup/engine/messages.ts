import type { FileRulesText } from '../../../../shared/model/backup-plan.ts';
import type { BlobType } from '../repository/blob-index.ts';
import type { MasterKey } from '../repository/sealing.ts';
import type { BytePath } from './byte-paths.ts';

/**
 * What the engine's thread and its crunching threads say to each other. File names travel as bytes;
 * large buffers change hands instead of being copied.
 */
export type CrunchStart = { readonly key: MasterKey };

/** How reading a file went. */
export const READ_STATES = {
  whole: 0,
  /** It was written to while it was read: what is kept is a mixture. */
  changed: 1,
  /** It grew on and on: what it had at first is kept. */
  grows: 2,
  /** Something else has taken its place. */
  vanished: 3,
  /** `faults` has the system's word for it. */
  failed: 4,
} as const;

/** Of several files, one after the other. */
export type FilesRead = {
  /** The ids of all chunks, 32 bytes each. */
  readonly ids: Uint8Array;
  /** Chunks of each file. */
  readonly counts: Uint32Array;
  /** Bytes of each file, as far as it was read. */
  readonly sizes: Float64Array;
  /** One of `READ_STATES` for each file. */
  readonly states: Uint8Array;
  readonly faults: ReadonlyMap<number, string>;
};

/** One blob to take out of a stretch of a pack, and where its plaintext goes. */
export type BlobToPlace = {
  /** In hexadecimal digits. */
  readonly id: string;
  /** In the stretch. */
  readonly offset: number;
  readonly length: number;
  readonly plainLength: number;
  /** `file`: which of the task's files. */
  readonly writes: readonly { readonly file: number; readonly at: number }[];
};

/** What makes a file whole: its length, its rights and times, its own name. */
export type FinishFile = {
  /** Paths are bytes, here as latin1: thousands of small buffers would take long on their way. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly mayHaveHoles: boolean;
  readonly mode: number;
  /** Only root can give files away. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  readonly atime: number | Date | undefined;
  readonly mtime: number | Date | undefined;
  /** Something else may have come to lie there meanwhile, and may not be written over. */
  readonly isGuarded: boolean;
};

export type FileToPlace = {
  /** Its name until it is whole, as latin1. */
  readonly temporary: string;
  /** It is there already, and has parts that are to stay. */
  readonly isBegun: boolean;
  /** Given if nothing is missing of it after this task. */
  readonly finish: FinishFile | undefined;
};

export type PlaceFault = {
  readonly file: number;
  readonly fault: 'not-written' | 'disk-full' | 'metadata' | 'in-the-way';
  readonly detail: string;
};

export type CrunchTask =
  /** Paths of bytes (`BytePath`), NUL between them. */
  | { readonly type: 'read'; readonly paths: string }
  | { readonly type: 'flush' }
  | {
      readonly type: 'place';
      readonly stretch: Uint8Array;
      readonly blobs: readonly BlobToPlace[];
      readonly files: readonly FileToPlace[];
    }
  /** Which of these blobs a file has, one after the other from its beginning. */
  | {
      readonly type: 'compare';
      readonly path: Uint8Array;
      /** 32 bytes each. */
      readonly ids: Uint8Array;
      readonly lengths: readonly number[];
    }
  | {
      readonly type: 'unpack';
      readonly stretch: Uint8Array;
      readonly blobs: readonly Omit<BlobToPlace, 'writes'>[];
    }
  | { readonly type: 'verify'; readonly pack: Uint8Array; readonly name: string }
  | {
      readonly type: 'scan';
      readonly folders: readonly BytePath[];
      readonly rules: FileRulesText;
      readonly leaveOut: readonly string[];
    };

export type CrunchResult = {
  readonly read: FilesRead;
  readonly flush: undefined;
  readonly place: {
    readonly bytes: number;
    /** Files that have their names now. */
    readonly finished: readonly number[];
    /** Blobs that are not what their ids say. */
    readonly damaged: readonly number[];
    readonly faults: readonly PlaceFault[];
  };
  readonly compare: Uint8Array | undefined;
  readonly unpack: { readonly bytes: Uint8Array; readonly lengths: readonly number[] };
  /** What is wrong with a pack; undefined if nothing. */
  readonly verify: string | undefined;
  readonly scan: { readonly files: number; readonly bytes: number };
};

export type ToCruncher =
  | { readonly type: 'task'; readonly id: number; readonly task: CrunchTask }
  /** One byte per id asked about: 1, if the cruncher is to pack it. */
  | { readonly type: 'wanted'; readonly id: number; readonly wanted: Uint8Array }
  /** Memory for another pack. */
  | { readonly type: 'spare'; readonly bytes: Uint8Array<ArrayBuffer> };

export type PackedPack = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly name: string;
  readonly blobs: readonly {
    readonly type: BlobType;
    readonly id: Uint8Array;
    readonly offset: number;
    readonly length: number;
    readonly plainLength: number;
  }[];
};

export type FromCruncher =
  | { readonly type: 'ask'; readonly id: number; readonly ids: Uint8Array }
  /** A pack of data, whose blobs lie one after the other. */
  | {
      readonly type: 'pack';
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly name: string;
      /** 32 bytes each. */
      readonly ids: Uint8Array;
      readonly lengths: Uint32Array;
      readonly plainLengths: Uint32Array;
    }
  | {
      readonly type: 'done';
      readonly id: number;
      readonly result: CrunchResult[keyof CrunchResult];
    };
