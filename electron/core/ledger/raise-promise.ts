import type { Moment } from '../../../shared/model/moment.ts';
import type { Sql } from '../database/open-database.ts';
import type { DecisionLog } from './decision-log.ts';
import type { PlotRecord } from './rows.ts';

/** Makes room in a promise for bytes that were found on the disk. */
export type RaisePromise = (record: PlotRecord, byBytes: bigint, moment: Moment) => void;

/** The bytes are there whatever was promised; the promise follows, so that the sum stays honest. */
export function openRaisePromise(sql: Sql, log: DecisionLog): RaisePromise {
  const raise = sql.prepare<[bigint, bigint], { promised: bigint }>(
    'UPDATE plots SET promised = max(promised, written + reserved + ?) WHERE number = ? RETURNING promised',
  );
  return (record, byBytes, moment) => {
    const promised = raise.get(byBytes, record.number)?.promised ?? record.promised;
    if (promised <= record.promised) return;
    log.append(
      {
        owner: record.owner,
        kind: 'adopt',
        outcome: 'done',
        plot: record.id,
        ground: record.ground,
        promisedDeltaBytes: promised - record.promised,
      },
      moment,
    );
  };
}
