import type { OwnerId, PlotId, RequestId } from '../../../shared/ids.ts';
import { type Answer, answer as answerSchema } from '../../../shared/model/allocate.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { DAY_S } from '../../../shared/units.ts';
import { encodeJson } from '../../../shared/wire/json.ts';
import { BOUND_TEXT } from '../database/bound.ts';
import type { Sql } from '../database/open-database.ts';
import type { Reply } from './ledger.ts';

/** The answers that were given, so that a request that is repeated gets the same one (design §3.1). */
export type AnswerBook = {
  /** The answer given before to this id: `reused` if the body was another one. */
  readonly recall: (key: AnswerKey, moment: Moment) => Reply | 'reused' | undefined;
  readonly remember: (
    key: AnswerKey,
    reply: Reply & {
      readonly plot?: PlotId;
      readonly untilServiceS?: number;
      /**
       * Where in the log the very steps of the answer stand; none: the answer is kept with its steps. What is older than
       * the log is given again without them.
       */
      readonly decision?: bigint;
    },
    moment: Moment,
  ) => void;
  /** Drops answers whose plot ended, or which are about none, more than 7 days of service time ago. */
  readonly forget: (moment: Moment) => void;
};

export type AnswerKey = {
  readonly owner: OwnerId;
  readonly requestId: RequestId;
  readonly bodyHash: Uint8Array;
};

/** Answers are kept until 7 days after the plot ends (design §3.1); those without a plot, 7 days. */
export const ANSWERS_KEPT_S = 7 * DAY_S;
/** What lies in the table of before moves over with each sweep; nobody waits longer for this than for a few requests. */
const MOVED_AT_ONCE = 500;

type AnswerRecord = {
  readonly body_hash: Buffer;
  readonly status: bigint;
  readonly answer: string;
  readonly steps: string | null;
  readonly until_service: bigint | null;
};

type RecordBefore = {
  readonly owner: string;
  readonly request_id: string;
  readonly body_hash: Buffer;
  readonly status: bigint;
  readonly answer: string;
  readonly plot: string | null;
  readonly until_service: bigint | null;
  readonly at_service: bigint;
};

export function openAnswerBook(sql: Sql): AnswerBook {
  const read = sql.prepare<[string, string, string, string], AnswerRecord>(
    `SELECT body_hash, status, answer, until_service,
       iif(decision IS NULL, NULL, coalesce((SELECT steps FROM decisions WHERE number = answers.decision), '[]')) AS steps
     FROM answers WHERE owner = ${BOUND_TEXT} AND request_id = ${BOUND_TEXT}
     UNION ALL SELECT body_hash, status, answer, until_service, NULL
     FROM answers_before WHERE owner = ${BOUND_TEXT} AND request_id = ${BOUND_TEXT}`,
  );
  const insert = sql.prepare(
    `INSERT INTO answers (owner, request_id, body_hash, status, answer, decision, plot, until_service, at_service)
     VALUES (?, ?, ?, ?, ?, ?, (SELECT number FROM plots WHERE id = ?), ?, ?)`,
  );
  const readBefore = sql.prepare<[number], RecordBefore>('SELECT * FROM answers_before LIMIT ?');
  const dropBefore = sql.prepare('DELETE FROM answers_before WHERE owner = ? AND request_id = ?');
  const dropLoose = ['answers', 'answers_before'].map((table) =>
    sql.prepare(`DELETE FROM ${table} WHERE plot IS NULL AND at_service < ?`),
  );
  const dropOfEnded = [
    `DELETE FROM answers WHERE plot IN (
       SELECT number FROM plots WHERE ended_service IS NOT NULL AND ended_service >= ? AND ended_service < ?)`,
    `DELETE FROM answers_before WHERE plot IN (
       SELECT id FROM plots WHERE ended_service IS NOT NULL AND ended_service >= ? AND ended_service < ?)`,
  ].map((text) => sql.prepare(text));
  const readForgotten = sql.prepare<[], { value: string }>(
    "SELECT value FROM meta WHERE key = 'answers-forgotten'",
  );
  const writeForgotten = sql.prepare(
    "INSERT INTO meta (key, value) VALUES ('answers-forgotten', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  );

  function moveSome(): void {
    for (const row of readBefore.all(MOVED_AT_ONCE)) {
      insert.run(
        row.owner,
        row.request_id,
        row.body_hash,
        row.status,
        row.answer,
        null,
        row.plot,
        row.until_service,
        row.at_service,
      );
      dropBefore.run(row.owner, row.request_id);
    }
  }

  return {
    recall: ({ owner, requestId, bodyHash }, moment) => {
      const record = read.get(owner, requestId, owner, requestId);
      if (record === undefined) return undefined;
      if (!record.body_hash.equals(bodyHash)) return 'reused';
      const kept = JSON.parse(record.answer) as object;
      const whole = record.steps === null ? kept : { ...kept, steps: JSON.parse(record.steps) };
      return {
        status: Number(record.status),
        answer: asOfNow(answerSchema.parse(whole), record.until_service, moment),
      };
    },
    remember: (key, { status, answer, plot, untilServiceS, decision }, { serviceS }) => {
      // Passing troubles are asked again, not remembered (design §3.1).
      if (status === 429 || status === 503 || answer.type === 'pending') return;
      // Most of an answer are its steps, and the log has them already.
      const kept = decision === undefined ? answer : { ...answer, steps: undefined };
      insert.run(
        key.owner,
        key.requestId,
        key.bodyHash,
        status,
        encodeJson(kept),
        decision ?? null,
        plot ?? null,
        untilServiceS ?? null,
        serviceS,
      );
    },
    forget: ({ serviceS }) => {
      const before = serviceS - ANSWERS_KEPT_S;
      for (const drop of dropLoose) drop.run(before);
      // Ended plots are kept for the record, so only those are looked at whose time has come since.
      const done = Number(readForgotten.get()?.value ?? 0);
      if (before > done) {
        for (const drop of dropOfEnded) drop.run(done, before);
        writeForgotten.run(String(before));
      }
      moveSome();
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
