import { denials } from '../../../shared/denial.ts';
import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type {
  AllocateRequest,
  Answer,
  Granted,
  ShareState,
  Step,
} from '../../../shared/model/allocate.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import {
  GUARANTEED_GRACE_S,
  GUARANTEED_LEASE_S,
  promisedBytes,
} from '../../../shared/model/plot.ts';
import type { GroundKind, Policy } from '../../../shared/model/policy.ts';
import { decide, shareState } from '../../../shared/policy/decide.ts';
import type { Decision } from '../../../shared/policy/decision.ts';
import type { Ask } from '../../../shared/policy/facts.ts';
import { assert, assertNever } from '../../../shared/assert.ts';
import type { Sql } from '../database/open-database.ts';
import { type DecisionLog, plainDenial, RETRY_AFTER_S } from './decision-log.ts';
import type { DecisionBook, DiskFacts, Reply } from './ledger.ts';
import type { Standing } from './policy-book.ts';
import { writeReceipt } from './receipt.ts';
import type { PlotRecord } from './rows.ts';

export type Minting = {
  readonly newPlotId: () => PlotId;
  /** Signs as this device. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
};

/** A counter-offer holds no room; it is only as good as the next minutes are quiet. */
const COUNTER_VALID_S = 600;

/**
 * Facts → `decide` → commit, within one savepoint: the totals that the decision saw are the totals
 * that the promise is added to, because nothing else runs in between (design §3.2).
 */
export function openDecisionBook(
  sql: Sql,
  {
    standing,
    log,
    minting,
  }: { readonly standing: Standing; readonly log: DecisionLog; readonly minting: Minting },
): Pick<DecisionBook, 'allocate' | 'quote' | 'share'> {
  const readPlot = sql.prepare<[string], PlotRecord>('SELECT * FROM plots WHERE id = ?');
  const insertPlot = sql.prepare(
    `INSERT INTO plots (id, owner, ground, class, state, size, promised, from_ms, until_service, grace_s, purpose)
     VALUES (?, ?, ?, ?, 'active', ?, ?, ?, ?, ?, ?)`,
  );
  const growPlot = sql.prepare(
    'UPDATE plots SET size = ?, promised = ?, until_service = ? WHERE number = ?',
  );

  type Question = {
    readonly owner: OwnerId;
    readonly request: AllocateRequest;
    readonly moment: Moment;
    readonly disk: DiskFacts;
  };
  type Considered = {
    readonly ask: Ask;
    readonly decision: Decision;
    readonly grown: PlotRecord | undefined;
  };

  function consider({ owner, request, disk }: Question): Considered | Reply {
    const friend = standing.friend(owner);
    if (friend === undefined) return plainDenial('unknown-peer');
    let grown: PlotRecord | undefined;
    if (request.plot !== undefined) {
      grown = readPlot.get(request.plot);
      if (grown === undefined || grown.owner !== owner) return plainDenial('plot-unknown');
      if (grown.state === 'grace' || grown.state === 'reclaimable') return plainDenial('in-grace');
      if (grown.state !== 'active') return plainDenial('plot-ended');
    }
    const ask = toAsk(request, grown);
    const policy = policyFor(standing.policyOf(friend), grown?.ground);
    return { ask, decision: decide(ask, policy, standing.facts(owner, friend, disk)), grown };
  }

  function commit({ owner, request, moment }: Question, { decision, grown }: Considered): Kept {
    if (decision.type !== 'grant') return { answer: refusal(decision) };
    const untilServiceS = Math.max(
      moment.serviceS + decision.durationS,
      Number(grown?.until_service ?? 0n),
    );
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
        GUARANTEED_GRACE_S,
        request.purpose ?? null,
      );
    } else {
      growPlot.run(sizeBytes, promiseAfter(grown, decision.sizeBytes), untilServiceS, grown.number);
    }
    const leaseS = untilServiceS - moment.serviceS;
    const terms = { plot, owner, sizeBytes, class: decision.class, leaseS, atMs: moment.nowMs };
    const receipt = writeReceipt(terms, minting.sign);
    const answer = grantAnswer({
      ...terms,
      moment,
      receipt,
      share: decision.share,
      steps: decision.steps,
    });
    return { answer, plot, untilServiceS };
  }

  return {
    allocate: (call) => {
      const key = { owner: call.owner, requestId: call.request.requestId, bodyHash: call.bodyHash };
      const before = log.recall(key, call.moment);
      if (before === 'reused') return plainDenial('request-reused');
      if (before !== undefined) return before;
      const considered = consider(call);
      if ('answer' in considered) return considered;
      const kept = commit(call, considered);
      record(log, call, considered, kept);
      const reply = { status: statusOf(kept.answer), answer: kept.answer };
      log.remember(key, { ...reply, ...withoutAnswer(kept) }, call.moment);
      return reply;
    },
    quote: (call) => {
      const considered = consider(call);
      if ('answer' in considered) return considered;
      const { decision, grown } = considered;
      if (decision.type !== 'grant') {
        const answer = refusal(decision);
        return { status: statusOf(answer), answer };
      }
      const answer = grantAnswer({
        plot: grown?.id ?? QUOTED_PLOT,
        sizeBytes: decision.sizeBytes + (grown?.size ?? 0n),
        class: decision.class,
        leaseS: decision.durationS,
        moment: call.moment,
        receipt: { signed: '', signature: '' },
        share: decision.share,
        steps: decision.steps,
      });
      return { status: 200, answer };
    },
    share: ({ owner, disk }) => {
      const friend = standing.friend(owner);
      if (friend === undefined) return { useBytes: 0n, mayAskBytes: 0n };
      return shareState({}, standing.policyOf(friend), standing.facts(owner, friend, disk));
    },
  };
}

type Kept = { readonly answer: Answer; readonly plot?: PlotId; readonly untilServiceS?: number };

function withoutAnswer({ plot, untilServiceS }: Kept): Omit<Kept, 'answer'> {
  return plot === undefined || untilServiceS === undefined ? {} : { plot, untilServiceS };
}

/** A quote creates nothing; the id that its answer must have belongs to no plot. */
const QUOTED_PLOT = 'a'.repeat(26) as PlotId;

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
    : { ...ask, grows: { sizeBytes: grown.size, ground: grown.ground } };
}

export function grantAnswer(terms: {
  readonly plot: PlotId;
  readonly sizeBytes: bigint;
  readonly class: 'guaranteed' | 'borrowed';
  readonly leaseS: number;
  readonly moment: Moment;
  readonly receipt: Granted['receipt'];
  readonly share: ShareState;
  readonly steps: readonly Step[];
}): Granted {
  return {
    type: 'granted',
    plot: terms.plot,
    size: terms.sizeBytes,
    class: terms.class,
    ttl: terms.leaseS,
    expiresAt: new Date(terms.moment.nowMs + terms.leaseS * 1000).toISOString(),
    serverTime: new Date(terms.moment.nowMs).toISOString(),
    grace: GUARANTEED_GRACE_S,
    renewFrom: Math.floor(GUARANTEED_LEASE_S / 2),
    share: terms.share,
    steps: [...terms.steps],
    receipt: terms.receipt,
  };
}

function refusal(decision: Exclude<Decision, { type: 'grant' }>): Answer {
  const common = {
    reasons: [...decision.reasons],
    share: decision.share,
    steps: [...decision.steps],
  };
  switch (decision.type) {
    case 'counter':
      return {
        type: 'counter',
        offer: { size: decision.sizeBytes, duration: decision.durationS, class: decision.class },
        validFor: COUNTER_VALID_S,
        ...common,
      };
    case 'denial':
      return {
        type: 'denied',
        final: decision.final,
        ...(decision.final ? {} : { retryAfter: RETRY_AFTER_S }),
        ...common,
      };
    default:
      return assertNever(decision);
  }
}

function statusOf(answer: Answer): number {
  if (answer.type !== 'denied') return 200;
  const [nearest] = answer.reasons;
  assert(nearest !== undefined, 'a denial has a reason');
  return denials[nearest.code].status;
}

/** Never less than before: what was found on the disk beyond a promise has raised it (`correct`). */
function promiseAfter(grown: PlotRecord | undefined, addedBytes: bigint): bigint {
  const promised = promisedBytes((grown?.size ?? 0n) + addedBytes);
  return grown !== undefined && grown.promised > promised ? grown.promised : promised;
}

function record(
  log: DecisionLog,
  call: { readonly owner: OwnerId; readonly request: AllocateRequest; readonly moment: Moment },
  { decision, grown }: { readonly decision: Decision; readonly grown: PlotRecord | undefined },
  kept: Kept,
): void {
  const nearest = decision.type === 'grant' ? undefined : decision.reasons[0];
  log.append(
    {
      owner: call.owner,
      kind: 'allocate',
      outcome:
        decision.type === 'grant' ? 'granted' : decision.type === 'counter' ? 'counter' : 'denied',
      code: nearest?.code,
      plot: kept.plot ?? grown?.id,
      ground: decision.type === 'grant' ? decision.ground : undefined,
      requestedBytes: call.request.size,
      requestedS: call.request.duration.want,
      purpose: call.request.purpose,
      promisedDeltaBytes:
        decision.type === 'grant'
          ? promiseAfter(grown, decision.sizeBytes) - (grown?.promised ?? 0n)
          : 0n,
      params: nearest?.params ?? {},
      steps: decision.steps,
    },
    call.moment,
  );
}
