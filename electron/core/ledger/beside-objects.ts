import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import type { PaperName } from '../../../shared/model/plot.ts';
import type { Result } from '../../../shared/result.ts';
import type {
  ObjectNamed,
  ProtectionState,
  Restored,
  TrashPage,
} from '../../../shared/wire/protection.ts';
import type { ObjectKey, ReserveFault, UploadBook } from './ledger.ts';

/** What the ledger keeps of a plot beside its objects: what was deleted and stays, what was found damaged, papers. */

/** Protected plots: what their guests delete stays for a while (design §6). */
export type TrashBook = {
  /** More days at once, fewer after as many as there were. */
  readonly protect: (call: {
    readonly owner: OwnerId;
    readonly plot: PlotId;
    readonly days: number;
    readonly moment: Moment;
  }) => Result<ProtectionState, 'plot-unknown' | 'plot-ended'>;
  /** What lies in the trash, in the order of its names. */
  readonly trash: (call: {
    readonly owner: OwnerId;
    readonly plot: PlotId;
    readonly after: ObjectNamed | undefined;
    readonly limit: number;
    readonly moment: Moment;
  }) => Result<TrashPage, 'plot-unknown' | 'plot-ended'>;
  /** Back to where it was, at most `limit` at once; and a plot that was let go of stays. */
  readonly restore: (call: {
    readonly owner: OwnerId;
    readonly plot: PlotId;
    readonly what: { readonly sinceS: number } | { readonly names: readonly ObjectNamed[] };
    readonly limit: number;
    readonly moment: Moment;
  }) => Result<Restored & { readonly isMore: boolean }, 'plot-unknown' | 'plot-ended'>;
  /** What has lain there long enough. */
  readonly dueTrash: (call: {
    readonly limit: number;
    readonly moment: Moment;
  }) => readonly ObjectKey[];
  /** First half of its removal; false: it was brought back meanwhile. */
  readonly dropTrash: (call: ObjectKey & { readonly moment: Moment }) => boolean;
  /** As `objects`, of those in the trash. */
  readonly trashedObjects: UploadBook['objects'];
  readonly trashedObject: (key: ObjectKey) => { readonly sizeBytes: bigint } | undefined;
  /** Of all plots, and what papers were before. */
  readonly trashBytes: () => bigint;
};

export type DamageBook = {
  /**
   * First half of the removal of an object whose bytes are not what its name says, so that its guest can send it again; false:
   * it is not there any more.
   */
  readonly dropDamaged: (
    call: ObjectKey & { readonly drive: string | undefined; readonly moment: Moment },
  ) => boolean;
  /** What was found since then, by friend. */
  readonly damages: (call: { readonly sinceMs: number }) => readonly {
    readonly owner: OwnerId;
    readonly objects: number;
    readonly drive: string | undefined;
    readonly lastMs: number;
  }[];
};

type PaperKey = { readonly plot: PlotId; readonly name: PaperName };
export type PaperVersionKey = PaperKey & { readonly version: number };

/** The small sealed things that lie beside a repository, one of each name; they count as written. */
export type PaperBook = {
  /**
   * Sets bytes aside for one that replaces another, or is the first of its name. One at a time. `keeps`: the one that is
   * replaced stays, under that number, because the plot is protected.
   */
  readonly reservePaper: (
    call: PaperKey & {
      readonly owner: OwnerId;
      readonly sizeBytes: bigint;
      readonly moment: Moment;
    },
  ) => Result<
    { readonly keeps: number | undefined },
    Exclude<ReserveFault, { readonly code: 'exists' }>
  >;
  /** So long is the file that lies there (`undefined`: none does), and nothing is set aside any more. */
  readonly paperIs: (
    call: PaperKey & {
      readonly sizeBytes: bigint | undefined;
      /** Of the file under the number that was to be kept; `undefined`: nothing was. */
      readonly keptBytes?: bigint | undefined;
      /** Nothing took the place of what was there. */
      readonly isOld?: boolean | undefined;
      readonly moment: Moment;
    },
  ) => void;
  readonly paper: (
    key: PaperKey,
  ) => { readonly sizeBytes: bigint; readonly fromMs: number | undefined } | undefined;
  /** Those that a crash may have cut off; the file says what became of them. */
  readonly unsettledPapers: () => readonly (PaperKey & { readonly keeps: number | undefined })[];
  /** What it was before, the oldest first. */
  readonly paperVersions: (key: PaperKey & { readonly moment: Moment }) => readonly PaperVersion[];
  /** Puts the ledger right where the disk says otherwise; `undefined`: the file is missing. */
  readonly paperVersionIs: (
    call: PaperVersionKey & { readonly sizeBytes: bigint | undefined; readonly moment: Moment },
  ) => void;
  /** What has been kept long enough. */
  readonly duePaperVersions: (call: {
    readonly limit: number;
    readonly moment: Moment;
  }) => readonly PaperVersionKey[];
};

export type PaperVersion = {
  readonly version: number;
  readonly sizeBytes: bigint;
  readonly fromMs: number | undefined;
  readonly untilMs: number;
  readonly goesInS: number;
};
