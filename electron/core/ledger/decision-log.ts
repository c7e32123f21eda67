import { z } from 'zod';
import { type DenialCode, denials } from '../../../shared/denial.ts';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import { type Step, step } from '../../../shared/model/allocate.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import type { GroundKind } from '../../../shared/model/policy.ts';
import { encodeJson } from '../../../shared/wire/json.ts';
import type { Sql } from '../database/open-database.ts';
import { numberOf } from '../database/number-of.ts';
import { type AnswerBook, ANSWERS_KEPT_S, openAnswerBook } from './answer-book.ts';
import { openDecisionQuery } from './decision-query.ts';
import type { DecisionBook, DecisionRow, Reply } from './ledger.ts';
import { HIDDEN_LOG, openLogBound, openPlotBound, SHOWN_LOG } from './log-bounds.ts';

export type DecisionEntry = {
  readonly owner: OwnerId;
  readonly kind: DecisionRow['kind'];
  readonly outcome: DecisionRow['outcome'];
  readonly code?: DenialCode | undefined;
  readonly plot?: PlotId | undefined;
  readonly ground?: GroundKind | undefined;
  readonly requestedBytes?: bigint | undefined;
  readonly requestedS?: number | undefined;
  readonly purpose?: string | undefined;
  readonly promisedDeltaBytes: bigint;
  readonly params?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
};

/** The append-only log of decisions, and the answers kept for repetitions. */
export type DecisionLog = Pick<DecisionBook, 'decisions'> &
  AnswerBook & {
    /** The number under which it stands in the log. */
    readonly append: (entry: DecisionEntry, moment: Moment) => bigint;
  };

type DecisionRecord = {
  readonly number: bigint;
  readonly at_ms: bigint;
  readonly owner: OwnerId;
  readonly kind: DecisionRow['kind'];
  readonly outcome: DecisionRow['outcome'];
  readonly code: DenialCode | null;
  readonly plot: PlotId | null;
  readonly ground: GroundKind | null;
  readonly requested: bigint | null;
  readonly requested_s: bigint | null;
  readonly purpose: string | null;
  readonly promised_delta: bigint;
  readonly params: string;
  readonly steps: string;
};

export function openDecisionLog(sql: Sql): DecisionLog {
  const insert = sql.prepare(
    `INSERT INTO decisions (at_ms, owner, kind, outcome, code, plot, ground, requested, requested_s, purpose, promised_delta, params, steps)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const find = openDecisionQuery(sql);
  const answers = openAnswerBook(sql);
  const boundDecisions = openLogBound(sql, 'decisions', SHOWN_LOG);
  const boundTransfers = openLogBound(sql, 'transfers', HIDDEN_LOG);
  const boundPlots = openPlotBound(sql);
  const readDecision = sql.prepare<[bigint], DecisionRecord>(
    'SELECT * FROM decisions WHERE number = ?',
  );

  return {
    append: (entry, moment) => {
      const { lastInsertRowid } = insert.run(
        moment.nowMs,
        entry.owner,
        entry.kind,
        entry.outcome,
        entry.code ?? null,
        entry.plot ?? null,
        entry.ground ?? null,
        entry.requestedBytes ?? null,
        entry.requestedS ?? null,
        entry.purpose ?? null,
        entry.promisedDeltaBytes,
        encodeJson(entry.params ?? {}),
        encodeJson(entry.steps ?? []),
      );
      return BigInt(lastInsertRowid);
    },
    decisions: (query) =>
      find(query).flatMap((number) => {
        const record = readDecision.get(number);
        return record === undefined ? [] : [toDecisionRow(record)];
      }),
    recall: answers.recall,
    remember: answers.remember,
    forget: (moment) => {
      answers.forget(moment);
      boundDecisions(moment);
      boundTransfers(moment);
      boundPlots({ endedBeforeS: moment.serviceS - ANSWERS_KEPT_S });
    },
  };
}

const stepsSchema = z.array(step);
const paramsSchema = z.record(z.string(), z.string());

function toDecisionRow(record: DecisionRecord): DecisionRow {
  return {
    number: Number(record.number),
    atMs: Number(record.at_ms),
    owner: record.owner,
    kind: record.kind,
    outcome: record.outcome,
    code: record.code ?? undefined,
    plot: record.plot ?? undefined,
    ground: record.ground ?? undefined,
    requestedBytes: record.requested ?? undefined,
    requestedS: numberOf(record.requested_s),
    purpose: record.purpose ?? undefined,
    promisedDeltaBytes: record.promised_delta,
    params: paramsSchema.parse(JSON.parse(record.params)),
    steps: stepsSchema.parse(JSON.parse(record.steps)),
  };
}

/** A denial by one code, outside the chain: the request never got as far as `decide`. */
export function plainDenial(
  code: DenialCode,
  params: Readonly<Record<string, string>> = {},
): Reply {
  const { status, final } = denials[code];
  return {
    status,
    answer: {
      type: 'denied',
      reasons: [{ code, ground: 'request', params: { ...params } }],
      final,
      ...(final ? {} : { retryAfter: RETRY_AFTER_S }),
      steps: [],
    },
  };
}

/** Nothing about room changes faster than people and sweeps do. */
export const RETRY_AFTER_S = 600;
