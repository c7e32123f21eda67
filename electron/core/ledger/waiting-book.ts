import type { OwnerId, RequestId, TicketId } from '../../../shared/ids.ts';
import { allocateRequest, type AllocateRequest } from '../../../shared/model/allocate.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { DAY_S } from '../../../shared/units.ts';
import { encodeJson } from '../../../shared/wire/json.ts';
import { BOUND_TEXT } from '../database/bound.ts';
import type { Sql } from '../database/open-database.ts';
import { numberOf } from '../database/number-of.ts';
import type { AnswerKey } from './answer-book.ts';

/**
 * Requests that are neither granted nor refused yet: they wait in line for room that is lent, or for the
 * owner's word. Each is decided again whenever its friend asks; one that nobody asks about for a day lapses.
 */
export type Waiting = {
  readonly ticket: TicketId;
  readonly owner: OwnerId;
  readonly key: AnswerKey;
  readonly request: AllocateRequest;
  readonly why: 'queue' | 'owner-approval';
  readonly wantedBytes: bigint;
  readonly place: number;
  readonly sinceMs: number;
  readonly open: boolean;
  /** What the owner said; undefined: nothing yet. */
  readonly approved: boolean | undefined;
};

export type WaitingBook = {
  readonly find: (ticket: TicketId) => Waiting | undefined;
  readonly ofRequest: (owner: OwnerId, requestId: RequestId) => Waiting | undefined;
  /** Those still open; of one friend or of all, oldest first. */
  readonly open: (owner?: OwnerId) => readonly Waiting[];
  /** Who stands in line, and for how much. */
  readonly inLine: () => readonly Pick<Waiting, 'owner' | 'wantedBytes'>[];
  /**
   * What others stand in line for, ahead of `place` or, without one, all of it: room that comes back is
   * theirs first, or nobody could say how long the wait is. Without an owner, everybody is another.
   */
  readonly line: (owner?: OwnerId, place?: number) => bigint;
  /** Where this friend stands in line himself. */
  readonly place: (owner: OwnerId) => number | undefined;
  readonly begin: (
    waiting: Pick<Waiting, 'ticket' | 'owner' | 'key' | 'request' | 'why' | 'wantedBytes'>,
    moment: Moment,
  ) => void;
  /** Asked about again, and still so; what it waits for may be another thing now. */
  readonly goOn: (ticket: TicketId, why: Waiting['why'], moment: Moment) => void;
  readonly end: (ticket: TicketId) => void;
  readonly endAll: (owner: OwnerId) => void;
  /** False: there is no such open request that waits for the owner. */
  readonly answer: (ticket: TicketId, approved: boolean) => boolean;
  /** The least that the owner has said no to within the week for which answers are kept. */
  readonly leastRefused: (owner: OwnerId) => bigint | undefined;
  /** The owner has thought about it anew: what he refused may be asked for again. Of one friend or of all. */
  readonly forgive: (owner: OwnerId | undefined) => void;
  readonly lapse: (moment: Moment) => void;
};

/** A pending request lapses after so long without a poll (design §3.1), in the host's service time. */
const LAPSES_AFTER_S = DAY_S;

const LAST_PLACE = 2n ** 63n - 1n;

type Row = {
  readonly ticket: TicketId;
  readonly owner: OwnerId;
  readonly request_id: RequestId;
  readonly body_hash: Buffer;
  readonly request: string;
  readonly why: Waiting['why'];
  readonly wanted: bigint;
  readonly place: bigint;
  readonly since_ms: bigint;
  readonly open: bigint;
  readonly approved: bigint | null;
};

export function openWaitingBook(sql: Sql): WaitingBook {
  const read = sql.prepare<[string], Row>('SELECT * FROM waiting WHERE ticket = ?');
  const readRequest = sql.prepare<[string, string], Row>(
    'SELECT * FROM waiting WHERE owner = ? AND request_id = ?',
  );
  const readOpen = sql.prepare<[], Row>('SELECT * FROM waiting WHERE open = 1 ORDER BY place');
  const readInLine = sql.prepare<[], Pick<Waiting, 'owner' | 'wantedBytes'>>(
    `SELECT owner, wanted AS wantedBytes FROM waiting WHERE open = 1 AND why = 'queue' ORDER BY place`,
  );
  const readLine = sql.prepare<[string, bigint | number], { wanted: bigint }>(
    `SELECT coalesce(sum(wanted), 0) AS wanted FROM waiting
     WHERE open = 1 AND why = 'queue' AND owner <> ? AND place < ?`,
  );
  const readPlace = sql.prepare<[string], { place: bigint | null }>(
    `SELECT min(place) AS place FROM waiting
     WHERE open = 1 AND why = 'queue' AND owner = ${BOUND_TEXT}`,
  );
  const insert = sql.prepare(
    `INSERT INTO waiting (ticket, owner, request_id, body_hash, request, why, wanted, place, since_ms, polled_service)
     VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(place), 0) + 1 FROM waiting), ?, ?)`,
  );
  const touch = sql.prepare('UPDATE waiting SET why = ?, polled_service = ? WHERE ticket = ?');
  const close = sql.prepare('UPDATE waiting SET open = 0 WHERE ticket = ?');
  const closeAll = sql.prepare('UPDATE waiting SET open = 0 WHERE owner = ?');
  const setApproved = sql.prepare(
    "UPDATE waiting SET approved = ? WHERE ticket = ? AND open = 1 AND why = 'owner-approval'",
  );
  const readRefused = sql.prepare<[string], { wanted: bigint | null }>(
    `SELECT min(wanted) AS wanted FROM waiting WHERE owner = ${BOUND_TEXT} AND approved = 0`,
  );
  const forgiveOne = sql.prepare(
    'UPDATE waiting SET approved = NULL WHERE open = 0 AND approved = 0 AND owner = ?',
  );
  const forgiveAll = sql.prepare(
    'UPDATE waiting SET approved = NULL WHERE open = 0 AND approved = 0',
  );
  // An answered one stays for as long as its answer: its friend may not have heard it yet.
  const drop = sql.prepare(
    `DELETE FROM waiting WHERE polled_service < ? AND NOT EXISTS (
       SELECT 1 FROM answered WHERE answered.owner = waiting.owner AND answered.request_id = waiting.request_id)`,
  );
  const waitingOf = (row: Row | undefined) => (row === undefined ? undefined : toWaiting(row));
  return {
    find: (ticket) => waitingOf(read.get(ticket)),
    ofRequest: (owner, requestId) => waitingOf(readRequest.get(owner, requestId)),
    open: (owner) =>
      readOpen
        .all()
        .filter((row) => owner === undefined || row.owner === owner)
        .map(toWaiting),
    inLine: () => readInLine.all(),
    line: (owner, place) => readLine.get(owner ?? '', place ?? LAST_PLACE)?.wanted ?? 0n,
    place: (owner) => {
      const place = readPlace.get(owner)?.place ?? null;
      return numberOf(place);
    },
    begin: ({ ticket, owner, key, request, why, wantedBytes }, { nowMs, serviceS }) => {
      const text = encodeJson(request);
      insert.run(
        ticket,
        owner,
        key.requestId,
        key.bodyHash,
        text,
        why,
        wantedBytes,
        nowMs,
        serviceS,
      );
    },
    goOn: (ticket, why, { serviceS }) => void touch.run(why, serviceS, ticket),
    end: (ticket) => void close.run(ticket),
    endAll: (owner) => void closeAll.run(owner),
    answer: (ticket, approved) => setApproved.run(approved ? 1 : 0, ticket).changes === 1,
    leastRefused: (owner) => readRefused.get(owner)?.wanted ?? undefined,
    forgive: (owner) => void (owner === undefined ? forgiveAll.run() : forgiveOne.run(owner)),
    lapse: ({ serviceS }) => void drop.run(serviceS - LAPSES_AFTER_S),
  };
}

function toWaiting(row: Row): Waiting {
  const { ticket, owner, why } = row;
  return {
    ticket,
    owner,
    why,
    key: { owner, requestId: row.request_id, bodyHash: row.body_hash },
    request: allocateRequest.parse(JSON.parse(row.request)),
    wantedBytes: row.wanted,
    place: Number(row.place),
    sinceMs: Number(row.since_ms),
    open: row.open === 1n,
    approved: row.approved === null ? undefined : row.approved === 1n,
  };
}
