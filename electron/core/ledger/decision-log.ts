import { z } from 'zod';
import { type DenialCode, denials } from '../../../shared/denial.ts';
import type { OwnerId, PlotId, RequestId } from '../../../shared/ids.ts';
import {
  type Answer,
  answer as answerSchema,
  type Step,
  step,
} from '../../../shared/model/allocate.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import type { GroundKind } from '../../../shared/model/policy.ts';
import { DAY_S } from '../../../shared/units.ts';
import { encodeJson } from '../../../shared/wire/json.ts';
import type { Sql } from '../database/open-database.ts';
import { openDecisionQuery } from './decision-query.ts';
import type { DecisionBook, DecisionRow, Reply } from './ledger.ts';

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
export type DecisionLog = Pick<DecisionBook, 'decisions'> & {
  readonly append: (entry: DecisionEntry, moment: Moment) => void;
  /** The answer given before to this id: `reused` if the body was another one. */
  readonly recall: (key: AnswerKey, moment: Moment) => Reply | 'reused' | undefined;
  readonly remember: (
    key: AnswerKey,
    reply: Reply & { readonly plot?: PlotId; readonly untilServiceS?: number },
    moment: Moment,
  ) => void;
  /** Drops answers whose plot ended, or which were denials, more than 7 days of service time ago. */
  readonly forget: (moment: Moment) => void;
};

export type AnswerKey = {
  readonly owner: OwnerId;
  readonly requestId: RequestId;
  readonly bodyHash: Uint8Array;
};

/** Answers are kept until 7 days after the plot ends (design §3.1); those without a plot, 7 days. */
const ANSWERS_KEPT_S = 7 * DAY_S;

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

type AnswerRecord = {
  readonly body_hash: Buffer;
  readonly status: bigint;
  readonly answer: string;
  readonly until_service: bigint | null;
};

export function openDecisionLog(sql: Sql): DecisionLog {
  const insert = sql.prepare(
    `INSERT INTO decisions (at_ms, owner, kind, outcome, code, plot, ground, requested, requested_s, purpose, promised_delta, params, steps)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const find = openDecisionQuery(sql);
  const readDecision = sql.prepare<[bigint], DecisionRecord>(
    'SELECT * FROM decisions WHERE number = ?',
  );
  const readAnswer = sql.prepare<[string, string], AnswerRecord>(
    'SELECT body_hash, status, answer, until_service FROM answers WHERE owner = ? AND request_id = ?',
  );
  const insertAnswer = sql.prepare(
    `INSERT INTO answers (owner, request_id, body_hash, status, answer, plot, until_service, at_service)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const dropPlain = sql.prepare('DELETE FROM answers WHERE plot IS NULL AND at_service < ?');
  const dropOfEnded = sql.prepare(
    `DELETE FROM answers WHERE plot IN (
       SELECT id FROM plots WHERE ended_service IS NOT NULL AND ended_service >= ? AND ended_service < ?)`,
  );
  const readForgotten = sql.prepare<[], { value: string }>(
    "SELECT value FROM meta WHERE key = 'answers-forgotten'",
  );
  const writeForgotten = sql.prepare(
    "INSERT INTO meta (key, value) VALUES ('answers-forgotten', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  );

  return {
    append: (entry, moment) => {
      insert.run(
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
    },
    decisions: (query) =>
      find(query).flatMap((number) => {
        const record = readDecision.get(number);
        return record === undefined ? [] : [toDecisionRow(record)];
      }),
    recall: (key, moment) => {
      const record = readAnswer.get(key.owner, key.requestId);
      if (record === undefined) return undefined;
      if (!record.body_hash.equals(key.bodyHash)) return 'reused';
      const given = answerSchema.parse(JSON.parse(record.answer));
      return {
        status: Number(record.status),
        answer: asOfNow(given, record.until_service, moment),
      };
    },
    remember: (key, reply, moment) => {
      // Passing troubles are asked again, not remembered (design §3.1).
      if (reply.status === 429 || reply.status === 503 || reply.answer.type === 'pending') return;
      insertAnswer.run(
        key.owner,
        key.requestId,
        key.bodyHash,
        reply.status,
        encodeJson(reply.answer),
        reply.plot ?? null,
        reply.untilServiceS ?? null,
        moment.serviceS,
      );
    },
    forget: ({ serviceS }) => {
      const before = serviceS - ANSWERS_KEPT_S;
      dropPlain.run(before);
      // Ended plots are kept for the record, so only those are looked at whose time has come since.
      const done = Number(readForgotten.get()?.value ?? 0);
      if (before <= done) return;
      dropOfEnded.run(done, before);
      writeForgotten.run(String(before));
    },
  };
}

/** A repetition gets the same answer, with `ttl` and `serverTime` as they are now. */
function asOfNow(given: Answer, untilServiceS: bigint | null, moment: Moment): Answer {
  if (given.type !== 'granted' || untilServiceS === null) return given;
  const ttl = Math.max(0, Number(untilServiceS) - moment.serviceS);
  return {
    ...given,
    ttl,
    serverTime: new Date(moment.nowMs).toISOString(),
    expiresAt: new Date(moment.nowMs + ttl * 1000).toISOString(),
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
    requestedS: record.requested_s === null ? undefined : Number(record.requested_s),
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
