import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { hasEnded } from '../../../shared/model/plot.ts';
import { decideRenewal, shareState } from '../../../shared/policy/decide.ts';
import type { Sql } from '../database/open-database.ts';
import { grantAnswer } from './decision-answers.ts';
import type { Minting } from './decision-book.ts';
import { type DecisionLog, plainDenial } from './decision-log.ts';
import type { GroundBooks } from './ground-book.ts';
import type { DecisionBook, DiskFacts, Reply } from './ledger.ts';
import type { Lending } from './lending.ts';
import type { OverShare } from './over-share.ts';
import type { FriendRecord, Standing } from './policy-book.ts';
import { writeReceipt } from './receipt.ts';
import { type PlotRecord, stays } from './rows.ts';
import type { WaitingBook } from './waiting-book.ts';

/** Leases that go on: by their guest's wish, or by that of whom he has named (design §3.4). */
export type Renewals = Pick<DecisionBook, 'renew'> & {
  /** The answer of a grant about a plot that is there. */
  readonly granted: (
    record: PlotRecord,
    input: {
      readonly moment: Moment;
      readonly disk: DiskFacts;
      readonly steps: Parameters<typeof grantAnswer>[0]['steps'];
    },
  ) => Reply;
};

export function openRenewals(
  sql: Sql,
  {
    standing,
    log,
    waiting,
    lending,
    overShare,
    minting,
    grounds,
  }: {
    readonly standing: Standing;
    readonly log: DecisionLog;
    readonly waiting: WaitingBook;
    readonly lending: Lending;
    readonly overShare: OverShare;
    readonly minting: Minting;
    readonly grounds: GroundBooks;
  },
): Renewals {
  const readPlot = sql.prepare<[string], PlotRecord>('SELECT * FROM plots WHERE id = ?');
  const readDelegate = sql.prepare<[bigint, string, number], { until_service: bigint }>(
    'SELECT until_service FROM delegates WHERE plot = ? AND owner = ? AND until_service > ?',
  );
  const renewPlot = sql.prepare(
    "UPDATE plots SET until_service = ?, renewals = renewals + 1, state = 'active' WHERE number = ?",
  );

  /** Without its drive a home has no room at all, and nobody's loan is wanted for that. */
  function isLoanWanted(record: PlotRecord, disk: DiskFacts): boolean {
    if (record.class !== 'borrowed' || !disk.volumePresent) return false;
    return lending.wanted(standing.totals({ disk })).has(record.id);
  }

  /** How much there is can't be said now, and neither who waits nor who gave notice is to wait for that. */
  function isUndecidable(record: PlotRecord, friend: FriendRecord, disk: DiskFacts): boolean {
    if (disk.volumePresent) return false;
    return record.class === 'borrowed'
      ? waiting.inLine().length > 0
      : record.ground === 'fair-share' && friend.over_ends_service !== null;
  }

  /** Seconds until the owner ends this plot as more than its friend's share; undefined: he does not. */
  function endsInS(
    record: PlotRecord,
    friend: FriendRecord,
    { disk, moment }: { readonly disk: DiskFacts; readonly moment: Moment },
  ): number | undefined {
    const ends = friend.over_ends_service;
    if (ends === null || !overShare.ending(record.owner, standing.totals({ disk })).has(record.id))
      return undefined;
    return Number(ends) - moment.serviceS;
  }

  /** A plot that lives and that this friend may renew; to others it is not there. */
  function renewable(
    caller: OwnerId,
    plot: PlotId,
    { serviceS }: Moment,
  ): PlotRecord | 'plot-unknown' | 'plot-ended' {
    const record = readPlot.get(plot);
    if (record === undefined) return 'plot-unknown';
    if (record.owner !== caller) {
      const named = readDelegate.get(record.number, caller, serviceS);
      const friend = standing.friend(caller);
      if (named === undefined || friend === undefined) return 'plot-unknown';
      if (friend.blocked === 1n || friend.departed === 1n) return 'plot-unknown';
    }
    return hasEnded(record.state) ? 'plot-ended' : record;
  }

  function granted(
    record: PlotRecord,
    { moment, disk, steps }: Parameters<Renewals['granted']>[1],
  ): Reply {
    const friend = standing.friend(record.owner);
    const leaseS = stays(record) - moment.serviceS;
    const terms = {
      plot: record.id,
      owner: record.owner,
      sizeBytes: record.size,
      class: record.class,
      leaseS: Math.max(0, leaseS),
      atMs: moment.nowMs,
    };
    const share =
      friend === undefined
        ? { useBytes: record.promised, mayAskBytes: 0n }
        : shareState({}, standing.policyOf(friend), standing.facts(record.owner, friend, { disk }));
    const receipt = writeReceipt(terms, minting.sign);
    return { status: 200, answer: grantAnswer({ ...terms, moment, receipt, share, steps }) };
  }

  return {
    granted,
    renew: ({ owner: caller, plot, request, bodyHash, moment, disk, gathered = {} }) => {
      const key = { owner: caller, requestId: request.requestId, bodyHash };
      const before = log.recall(key, moment);
      if (before === 'reused') return plainDenial('request-reused');
      if (before !== undefined) return before;
      const record = renewable(caller, plot, moment);
      if (typeof record === 'string') return plainDenial(record);
      // Whoever renews, the plot is charged to whose it is, and judged as his.
      const { owner } = record;
      const friend = standing.friend(owner);
      if (friend === undefined) return plainDenial('unknown-peer');
      if (isUndecidable(record, friend, disk)) return plainDenial('volume-missing');
      const book = grounds.of(record.ground);
      const evidence = book?.evidence({
        owner,
        request: undefined,
        plot,
        why: request.why,
        gathered: gathered[record.ground],
        moment,
      });
      const decision = decideRenewal(
        {
          wantS: request.duration.want,
          sizeBytes: record.size,
          class: record.class,
          ground: record.ground,
        },
        standing.policyOf(friend),
        {
          evidence,
          blocked: friend.blocked === 1n || friend.departed === 1n,
          leavesInS:
            friend.leaving_service === null
              ? undefined
              : Number(friend.leaving_service) - moment.serviceS,
          isWanted: isLoanWanted(record, disk),
          endsInS: endsInS(record, friend, { disk, moment }),
        },
      );
      const isErrand = caller !== owner;
      const context = isErrand ? { context: 'errand' } : undefined;
      const entry = {
        owner,
        kind: 'renew',
        plot,
        ground: record.ground,
        requestedS: request.duration.want,
        promisedDeltaBytes: 0n,
        steps: decision.steps,
      } as const;
      if (decision.code !== undefined) {
        const { code, params } = decision;
        log.append(
          { ...entry, outcome: 'denied', code, params: { ...params, ...context } },
          moment,
        );
        // Whether he is blocked, or for whom his room is wanted, is his and the host's to know.
        const reply = isErrand ? plainDenial('stop-renewing') : plainDenial(code, params);
        log.remember(key, reply, moment);
        return reply;
      }
      // Renewal never shortens (design §3.4).
      const untilServiceS = Math.max(
        Number(record.until_service),
        moment.serviceS + decision.durationS,
      );
      renewPlot.run(untilServiceS, record.number);
      const { durationS } = decision;
      book?.renewed?.({ owner, plot, evidence, durationS, untilServiceS, moment });
      const params = context && { params: context };
      const number = log.append({ ...entry, outcome: 'granted', ...params }, moment);
      const renewed = { ...record, until_service: BigInt(untilServiceS) };
      const whole = granted(renewed, { moment, disk, steps: decision.steps });
      const reply = isErrand ? withoutShare(whole) : whole;
      const said = isErrand ? {} : { decision: number };
      // Not as long as the plot is there: that is once a fortnight for years, and to renew again makes nothing worse.
      log.remember(key, { ...reply, ...said, untilServiceS: stays(renewed) }, moment);
      return reply;
    },
  };
}

/** Whose it is, how large, and how its owner stands here is nothing to whoever only renews for him. */
function withoutShare({ status, answer }: Reply): Reply {
  if (answer.type !== 'granted') return { status, answer };
  const share = { useBytes: 0n, mayAskBytes: 0n };
  const receipt = { signed: '', signature: '' };
  return { status, answer: { ...answer, size: 0n, share, steps: [], receipt } };
}
