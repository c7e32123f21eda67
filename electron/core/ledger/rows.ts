import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { PlotClass } from '../../../shared/model/allocate.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import {
  hasEnded,
  objectTypes,
  type ObjectType,
  type PlotState,
} from '../../../shared/model/plot.ts';
import type { GroundKind } from '../../../shared/model/policy.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { PlotRow } from './ledger.ts';

/** A row of `plots` as SQLite hands it out: integers are `bigint`. */
export type PlotRecord = {
  readonly number: bigint;
  readonly id: PlotId;
  readonly owner: OwnerId;
  readonly ground: GroundKind;
  readonly class: PlotClass;
  readonly state: PlotState;
  readonly size: bigint;
  readonly promised: bigint;
  readonly written: bigint;
  readonly reserved: bigint;
  readonly from_ms: bigint;
  readonly until_service: bigint;
  readonly grace_s: bigint;
  readonly renewals: bigint;
  readonly purpose: string | null;
  readonly ended_service: bigint | null;
  readonly missing: bigint;
  readonly leaves_service: bigint | null;
  readonly protect_days: bigint;
  readonly falls_to: bigint | null;
  readonly falls_service: bigint | null;
  readonly shrinks_to: bigint | null;
  readonly shrinks_service: bigint | null;
  readonly let_go: bigint;
  readonly trashed: bigint;
  readonly papers_kept: bigint;
  readonly object_count: bigint;
};

/** A plot that this friend can do something with; of other people's he is not told that they are there. */
export function ownPlot(
  record: PlotRecord | undefined,
  owner: string,
): Result<PlotRecord, 'plot-unknown' | 'plot-ended'> {
  if (record === undefined || record.owner !== owner) return failed('plot-unknown');
  return hasEnded(record.state) ? failed('plot-ended') : ok(record);
}

/** Until when it is kept: no lease holds what its guest's own list does not name. */
export function stays({
  until_service: until,
  leaves_service: leaves,
}: Pick<PlotRecord, 'until_service' | 'leaves_service'>): number {
  return Number(leaves !== null && leaves < until ? leaves : until);
}

export function toPlotRow(record: PlotRecord, moment: Moment): PlotRow {
  return {
    plot: record.id,
    owner: record.owner,
    ground: record.ground,
    class: record.class,
    state: record.state,
    sizeBytes: record.size,
    promisedBytes: record.promised,
    writtenBytes: record.written,
    reservedBytes: record.reserved,
    fromMs: Number(record.from_ms),
    leftS: Number(record.until_service) - moment.serviceS,
    graceS: Number(record.grace_s),
    renewals: Number(record.renewals),
    purpose: record.purpose ?? undefined,
    missingObjects: Number(record.missing),
    leavesInS:
      record.leaves_service === null ? undefined : Number(record.leaves_service) - moment.serviceS,
    protectDays: Number(record.protect_days),
    falls:
      record.falls_to === null || record.falls_service === null
        ? undefined
        : {
            toDays: Number(record.falls_to),
            inS: Number(record.falls_service) - moment.serviceS,
          },
    shrinks:
      record.shrinks_to === null || record.shrinks_service === null
        ? undefined
        : {
            toBytes: record.shrinks_to,
            inS: Number(record.shrinks_service) - moment.serviceS,
          },
    trashBytes: record.trashed,
    keptPaperBytes: record.papers_kept,
  };
}

export function typeNumber(type: ObjectType): number {
  return objectTypes.indexOf(type);
}

export function typeName(number: bigint): ObjectType {
  const type = objectTypes[Number(number)];
  if (type === undefined) throw new RangeError(`Cannot name object type ${number}`);
  return type;
}

/** One whose file could not be taken off the disk may have been sent, and removed, again: both were charged. */
export const INSERT_REMOVAL = `INSERT INTO removals (plot, type, name, size) VALUES (?, ?, ?, ?)
  ON CONFLICT (plot, type, name) DO UPDATE SET size = size + excluded.size`;

/** Object names are SHA-256 in hexadecimal; `config` has none. */
export function nameBytes(name: string): Buffer {
  return Buffer.from(name, 'hex');
}
