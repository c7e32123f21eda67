import type { DenialCode } from '../../../shared/denial.ts';
import type { OwnerId, PlotId, TicketId } from '../../../shared/ids.ts';
import type { AllocateRequest, Answer } from '../../../shared/model/allocate.ts';
import type { DecisionOutcome } from '../../../shared/model/decision-kinds.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { promisedBytes, termsOf } from '../../../shared/model/plot.ts';
import type { GroundKind, Policy } from '../../../shared/model/policy.ts';
import { decide, shareState } from '../../../shared/policy/decide.ts';
import type { Decision } from '../../../shared/policy/decision.ts';
import type { Ask, Evidence } from '../../../shared/policy/facts.ts';
import { assert } from '../../../shared/assert.ts';
import { failed, ok } from '../../../shared/result.ts';
import type { Sql } from '../database/open-database.ts';
import type { AnswerKey } from './answer-book.ts';
import { grantAnswer, pendingAnswer, refusal, statusOf } from './decision-answers.ts';
import { type DecisionLog, plainDenial } from './decision-log.ts';
import type { Gathered, GroundBooks } from './ground-book.ts';
import type { DecisionBook, DiskFacts, Reply } from './ledger.ts';
import type { OverShare } from './over-share.ts';
import type { Standing } from './policy-book.ts';
import { writeReceipt } from './receipt.ts';
import { type PlotRecord, stays } from './rows.ts';
import type { Waiting, WaitingBook } from './waiting-book.ts';

export type Minting = {
  readonly newPlotId: () => PlotId;
  readonly newTicketId: () => TicketId;
  /** Signs as this device. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
};

/**
 * Facts → `decide` → commit, within one savepoint: the totals that the decision saw are the totals
 * that the promise is added to, because nothing else runs in between (design §3.2).
 */
export function openDecisionBook(
  sql: Sql,
  {
    standing,
    log,
    waiting,
    minting,
    grounds,
    overShare,
  }: {
    readonly standing: Standing;
    readonly log: DecisionLog;
    readonly waiting: WaitingBook;
    readonly minting: Minting;
    readonly grounds: GroundBooks;
    readonly overShare: Pick<OverShare, 'wish'>;
  },
): Pick<
  DecisionBook,
  'allocate' | 'quote' | 'share' | 'poll' | 'asked' | 'withdraw' | 'waiting' | 'answerWaiting'
> {
  const readPlot = sql.prepare<[string], PlotRecord>('SELECT * FROM plots WHERE id = ?');
  const insertPlot = sql.prepare(
    `INSERT INTO plots (id, owner, ground, class, state, size, promised, from_ms, until_service, grace_s, purpose)
     VALUES (?, ?, ?, ?, 'active', ?, ?, ?, ?, ?, ?)`,
  );
  const growPlot = sql.prepare(
    `UPDATE plots SET size = ?, promised = ?, until_service = ?, shrinks_to = NULL, shrinks_service = NULL
     WHERE number = ?`,
  );

  type Question = {
    readonly owner: OwnerId;
    readonly request: AllocateRequest;
    readonly moment: Moment;
    readonly disk: DiskFacts;
    readonly approved?: boolean | undefined;
    readonly place?: number | undefined;
    readonly waits?: boolean | undefined;
    readonly gathered?: Gathered | undefined;
  };
  type Considered = {
    readonly ask: Ask;
    readonly policy: Policy;
    readonly evidence: Evidence;
    readonly decision: Decision;
    readonly grown: PlotRecord | undefined;
  };

  function consider(question: Question): Considered | Reply {
    const { owner, request } = question;
    const friend = standing.friend(owner);
    if (friend === undefined) return plainDenial('unknown-peer');
    // Whatever was granted would be shorter than what is of any use.
    const { want, min = want } = request.duration;
    if (min > want) return plainDenial('bad-duration');
    let grown: PlotRecord | undefined;
    if (request.plot !== undefined) {
      grown = readPlot.get(request.plot);
      if (grown === undefined || grown.owner !== owner) return plainDenial('plot-unknown');
      if (grown.state === 'grace' || grown.state === 'reclaimable') return plainDenial('in-grace');
      if (grown.state !== 'active') return plainDenial('plot-ended');
    }
    const ask = toAsk(request, grown);
    const policy = policyFor(standing.policyOf(friend), grown?.ground);
    const facts = standing.facts(owner, friend, question);
    return { ask, policy, evidence: facts.evidence, decision: decide(ask, policy, facts), grown };
  }

  function commit(question: Question, { decision, policy, evidence, grown }: Considered): Kept {
    assert(decision.type !== 'pending', 'what pends is not committed');
    const { owner, request, moment } = question;
    if (decision.type !== 'grant') return { answer: refusal(decision) };
    const ground = policy.grounds.find(({ kind }) => kind === decision.ground);
    assert(ground !== undefined, 'a grant stands on a ground of the policy');
    const untilServiceS = Math.max(moment.serviceS + decision.durationS, untilOf(grown));
    const sizeBytes = decision.sizeBytes + (grown?.size ?? 0n);
    const plot = grown?.id ?? minting.newPlotId();
    if (grown === undefined) {
      insertPlot.run(
        plot,
        owner,
        decision.ground,
        decision.class,
        sizeBytes,
        promisedBytes(sizeBytes),
        moment.nowMs,
        untilServiceS,
        termsOf(decision.class).graceS,
        request.purpose ?? null,
      );
    } else {
      growPlot.run(sizeBytes, promiseAfter(grown, decision.sizeBytes), untilServiceS, grown.number);
    }
    won = decision.ground;
    grounds.of(decision.ground)?.granted?.({
      owner,
      plot,
      ground,
      request,
      evidence: evidence[decision.ground],
      sizeBytes,
      promisedBytes: promiseAfter(grown, decision.sizeBytes),
      addedBytes: addedPromise(grown, decision.sizeBytes),
      durationS: decision.durationS,
      untilServiceS,
      grows: grown !== undefined,
      moment,
    });
    const leaseS = keptForS(grown, untilServiceS, moment);
    const terms = { plot, owner, sizeBytes, class: decision.class, leaseS, atMs: moment.nowMs };
    const receipt = writeReceipt(terms, minting.sign);
    const answer = grantAnswer({
      ...terms,
      moment,
      receipt,
      share: decision.share,
      steps: decision.steps,
    });
    return { answer, plot, untilServiceS: moment.serviceS + leaseS };
  }

  /** The ground on which the call that runs now was granted. Nothing else runs meanwhile. */
  let won: GroundKind | undefined;

  /** Whatever was set aside elsewhere for a request goes back, unless that is what it was granted on. */
  function tidily(question: Omit<Question, 'disk'>, act: () => Reply): Reply {
    won = undefined;
    const reply = act();
    const { owner, request, moment, gathered = {} } = question;
    const asked = { owner, request, plot: request.plot, why: request.why, moment };
    grounds.passed(asked, gathered, won);
    return reply;
  }

  /** A yes or a no is carried out, written down and kept for whoever asks the same again. */
  function settle(question: Question, considered: Considered, key: AnswerKey): Reply {
    const kept = commit(question, considered);
    const decision = record(log, question, considered, kept);
    const reply = { status: statusOf(kept.answer), answer: kept.answer };
    log.remember(key, { ...reply, ...withoutAnswer(kept), decision }, question.moment);
    return reply;
  }

  function wait(question: Question, { decision, ...rest }: Considered, key: AnswerKey): Reply {
    assert(decision.type === 'pending', 'only what pends waits');
    const { owner, request, moment } = question;
    const open = waiting.open(owner);
    // One place in line each: what stands there is kept free for whoever stands there.
    if (decision.why === 'queue' && open.some(({ why }) => why === 'queue'))
      return plainDenial('too-many-waiting');
    if (open.length >= WAITING_MAX) return plainDenial('too-many-waiting');
    const ticket = minting.newTicketId();
    // A plot in which more was found than it was promised can grow without any promise more; it waits for a word all the same.
    const addedBytes = addedPromise(rest.grown, request.size);
    const wantedBytes = addedBytes > 0n ? addedBytes : 1n;
    waiting.begin({ ticket, owner, key, request, why: decision.why, wantedBytes }, moment);
    record(log, question, { decision, ...rest }, { answer: pendingAnswer(ticket, decision.why) });
    return { status: 200, answer: pendingAnswer(ticket, decision.why) };
  }

  function sayNo(
    { owner, request, moment }: Pick<Question, 'owner' | 'request' | 'moment'>,
    key: AnswerKey,
  ): Reply {
    const reply = plainDenial('owner-said-no');
    log.append(
      {
        owner,
        kind: 'allocate',
        outcome: 'denied',
        code: 'owner-said-no',
        plot: request.plot,
        requestedBytes: request.size,
        requestedS: request.duration.want,
        purpose: request.purpose,
        promisedDeltaBytes: 0n,
        steps: [{ by: 'ask-me', verdict: 'deny', code: 'owner-said-no' }],
      },
      moment,
    );
    log.remember(key, reply, moment);
    return reply;
  }

  /** A request that pends is decided again; until then nothing of it was more than a wish. */
  function again(held: Waiting, at: Pick<Question, 'moment' | 'disk' | 'gathered'>): Reply {
    const { ticket, owner, request, key, approved } = held;
    if (approved === false) {
      waiting.end(ticket);
      return sayNo({ owner, request, ...at }, key);
    }
    const place = held.why === 'queue' ? held.place : undefined;
    const question = { owner, request, approved, place, waits: true, ...at };
    const considered = consider(question);
    if ('answer' in considered) {
      waiting.end(ticket);
      return considered;
    }
    const { decision } = considered;
    if (decision.type === 'pending') {
      // One place in line each, whatever came about while this one waited for the owner's word.
      const isSecond =
        decision.why === 'queue' && (waiting.place(owner) ?? held.place) !== held.place;
      waiting.goOn(ticket, isSecond ? held.why : decision.why, at.moment);
      return { status: 200, answer: pendingAnswer(ticket, decision.why) };
    }
    if (decision.type === 'denial' && isPassing(decision, owner)) {
      waiting.goOn(ticket, held.why, at.moment);
      return { status: 200, answer: pendingAnswer(ticket, held.why) };
    }
    waiting.end(ticket);
    return settle(question, considered, key);
  }

  /** A drive that is not there, quiet hours and a pause of the whole home cost nobody his place. */
  function isPassing(
    { final, reasons }: Extract<Decision, { type: 'denial' }>,
    owner: OwnerId,
  ): boolean {
    const isPaused = standing.policy({ owner }).policy.guards.paused === true;
    return !final && !isPaused && reasons.some(({ code }) => PASSES_BY_ITSELF.has(code));
  }

  function allocate(call: Parameters<DecisionBook['allocate']>[0]): Reply {
    const key = { owner: call.owner, requestId: call.request.requestId, bodyHash: call.bodyHash };
    const before = log.recall(key, call.moment);
    if (before === 'reused') return plainDenial('request-reused');
    if (before !== undefined) return before;
    const held = waiting.ofRequest(call.owner, call.request.requestId);
    if (held !== undefined && !sameBytes(held.key.bodyHash, call.bodyHash))
      return plainDenial('request-reused');
    if (held?.open === true) return again(held, call);
    // Withdrawn, or ended without an answer that is kept: a ticket is for one wait.
    if (held !== undefined) return plainDenial('ticket-unknown');
    const considered = consider(call);
    if ('answer' in considered) return considered;
    return considered.decision.type === 'pending'
      ? wait(call, considered, key)
      : settle(call, considered, key);
  }

  return {
    allocate: (call) => tidily(call, () => allocate(call)),
    asked: ({ owner, ticket }) => {
      const held = waiting.find(ticket);
      return held?.owner === owner && held.open ? held.request : undefined;
    },
    poll: ({ owner, ticket, moment, disk, gathered }) => {
      const held = waiting.find(ticket);
      if (held === undefined || held.owner !== owner) return plainDenial('ticket-unknown');
      const before = log.recall(held.key, moment);
      if (before !== undefined && before !== 'reused') return before;
      if (!held.open) return plainDenial('ticket-unknown');
      const at = { moment, disk, gathered };
      return tidily({ owner, request: held.request, ...at }, () => again(held, at));
    },
    withdraw: ({ owner, ticket, moment }) => {
      const held = waiting.find(ticket);
      if (held === undefined || held.owner !== owner || !held.open) return;
      waiting.end(ticket);
      if (held.approved === false) sayNo({ owner, request: held.request, moment }, held.key);
    },
    waiting: () =>
      waiting.open().map(({ ticket, owner, why, sinceMs, request, approved }) => ({
        ticket,
        owner,
        why,
        sinceMs,
        requestedBytes: request.size,
        requestedS: request.duration.want,
        accept: request.accept ?? 'guaranteed',
        purpose: request.purpose,
        approved,
      })),
    answerWaiting: ({ ticket, approved }) =>
      waiting.answer(ticket, approved) ? ok(undefined) : failed('ticket-unknown'),
    quote: (call) => {
      const considered = consider(call);
      if ('answer' in considered) return { ...considered, steps: [] };
      const { decision, grown } = considered;
      const { steps } = decision;
      if (decision.type !== 'grant') {
        const answer =
          decision.type === 'pending'
            ? pendingAnswer(QUOTED_TICKET, decision.why)
            : refusal(decision);
        return { status: statusOf(answer), answer, steps };
      }
      const answer = grantAnswer({
        plot: grown?.id ?? QUOTED_PLOT,
        sizeBytes: decision.sizeBytes + (grown?.size ?? 0n),
        class: decision.class,
        // A plot that grows keeps a lease that is longer already.
        leaseS: keptForS(
          grown,
          Math.max(call.moment.serviceS + decision.durationS, untilOf(grown)),
          call.moment,
        ),
        moment: call.moment,
        receipt: { signed: '', signature: '' },
        share: decision.share,
        steps,
      });
      return { status: 200, answer, steps };
    },
    share: ({ owner, disk, moment }) => {
      const friend = standing.friend(owner);
      if (friend === undefined) return { useBytes: 0n, mayAskBytes: 0n };
      // Whoever stands in line is told what is there for him at his place, so that he knows his turn.
      const facts = standing.facts(owner, friend, { disk, place: waiting.place(owner) });
      const share = shareState({}, standing.policyOf(friend), facts);
      const totals = () => standing.totals({ disk });
      return { ...share, ...overShare.wish(owner, { totals, moment }) };
    },
  };
}

const PASSES_BY_ITSELF: ReadonlySet<DenialCode> = new Set([
  'volume-missing',
  'quiet-hours',
  'paused',
]);
/** More open wishes of one friend at once than this are no wishes. */
const WAITING_MAX = 8;

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

type Kept = { readonly answer: Answer; readonly plot?: PlotId; readonly untilServiceS?: number };

function withoutAnswer({ plot, untilServiceS }: Kept): Omit<Kept, 'answer'> {
  return plot === undefined || untilServiceS === undefined ? {} : { plot, untilServiceS };
}

/** A quote creates nothing; the id that its answer must have belongs to no plot. */
const QUOTED_PLOT = 'a'.repeat(26) as PlotId;
const QUOTED_TICKET = 'a'.repeat(26) as TicketId;

/** A plot stands on one ground for life, so only that ground can justify its growth (design §2). */
function policyFor(policy: Policy, ground: GroundKind | undefined): Policy {
  if (ground === undefined) return policy;
  return { ...policy, grounds: policy.grounds.filter((candidate) => candidate.kind === ground) };
}

function toAsk(request: AllocateRequest, grown: PlotRecord | undefined): Ask {
  const ask = {
    sizeBytes: request.size,
    minSizeBytes: request.minSize ?? request.size,
    wantS: request.duration.want,
    minS: request.duration.min ?? request.duration.want,
    accept: request.accept ?? 'guaranteed',
    why: request.why,
  };
  return grown === undefined
    ? ask
    : { ...ask, grows: { sizeBytes: grown.size, ground: grown.ground, class: grown.class } };
}

function untilOf(grown: PlotRecord | undefined): number {
  return Number(grown?.until_service ?? 0n);
}

/** What its guest's own list does not name, or was let go of while it was protected, goes before its lease ends; growth changes nothing about that. */
function keptForS(grown: PlotRecord | undefined, untilS: number, { serviceS }: Moment): number {
  const keptS = grown === undefined ? untilS : stays({ ...grown, until_service: BigInt(untilS) });
  return Math.max(0, keptS - serviceS);
}

/** Never less than before: what was found on the disk beyond a promise has raised it (`correct`). */
function promiseAfter(grown: PlotRecord | undefined, addedBytes: bigint): bigint {
  const promised = promisedBytes((grown?.size ?? 0n) + addedBytes);
  return grown !== undefined && grown.promised > promised ? grown.promised : promised;
}

/** By how much a grant makes the total of promises larger. */
function addedPromise(grown: PlotRecord | undefined, addedBytes: bigint): bigint {
  return promiseAfter(grown, addedBytes) - (grown?.promised ?? 0n);
}

const OUTCOMES = {
  grant: 'granted',
  counter: 'counter',
  pending: 'pending',
  denial: 'denied',
} as const satisfies Record<Decision['type'], DecisionOutcome>;

function record(
  log: DecisionLog,
  call: { readonly owner: OwnerId; readonly request: AllocateRequest; readonly moment: Moment },
  { decision, grown }: { readonly decision: Decision; readonly grown: PlotRecord | undefined },
  kept: Kept,
): bigint {
  const nearest = 'reasons' in decision ? decision.reasons[0] : undefined;
  return log.append(
    {
      owner: call.owner,
      kind: 'allocate',
      outcome: OUTCOMES[decision.type],
      code: nearest?.code,
      plot: kept.plot ?? grown?.id,
      ground: decision.type === 'grant' ? decision.ground : undefined,
      requestedBytes: call.request.size,
      requestedS: call.request.duration.want,
      purpose: call.request.purpose,
      promisedDeltaBytes: decision.type === 'grant' ? addedPromise(grown, decision.sizeBytes) : 0n,
      params: nearest?.params ?? (decision.type === 'pending' ? { why: decision.why } : {}),
      steps: decision.steps,
    },
    call.moment,
  );
}
