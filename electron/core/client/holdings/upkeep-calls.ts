import { type Fault, fault } from '../../../../shared/fault.ts';
import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import type { Answer, RenewRequest } from '../../../../shared/model/allocate.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { PROTOCOL_VERSION } from '../../../../shared/wire/messages.ts';
import {
  type Delegated,
  delegated,
  type Errand,
  errandList,
  type KeptOnly,
  keptOnly,
  PLOTS_AT_ONCE_MAX,
  type RenewedMany,
  renewedMany,
} from '../../../../shared/wire/upkeep.ts';
import type { Friend } from '../../friends/friend-book.ts';
import { newRequestId, type Peers } from '../peers.ts';

/** What is asked of a friend about many plots at once, or about others'. */
export type UpkeepCalls = {
  /**
   * One call for each of the friend's devices. Where a device has never heard of that, each plot by itself: the
   * answers are the same.
   */
  readonly renewMany: (
    host: Friend,
    plots: readonly PlotId[],
    duration: RenewRequest['duration'],
  ) => Promise<ReadonlyMap<PlotId, Result<Answer, Fault>>>;
  /** To every device of the friend: each lets go of what it keeps and the list does not name. */
  readonly keepOnly: (
    host: Friend,
    list: { readonly plots: readonly PlotId[]; readonly sequence: number },
  ) => Promise<Result<KeptOnly, Fault>>;
  readonly delegate: (
    host: Friend,
    plot: PlotId,
    whom: { readonly to: OwnerId; readonly forS: number },
  ) => Promise<Result<Delegated, Fault>>;
  /** What others let me renew there. */
  readonly errands: (host: Friend) => Promise<readonly Errand[]>;
  /** How many of these are renewed now. */
  readonly runErrands: (
    host: Friend,
    plots: readonly PlotId[],
    duration: RenewRequest['duration'],
  ) => Promise<number>;
};

export function createUpkeepCalls(
  peers: Pick<Peers, 'toPlotDevices' | 'toEach' | 'renew'>,
): UpkeepCalls {
  function renewals(plots: readonly PlotId[], duration: RenewRequest['duration']) {
    const body = { v: PROTOCOL_VERSION, requestId: newRequestId(), plots, duration };
    return { method: 'POST', path: '/v1/plots/renewals', body, schema: renewedMany } as const;
  }

  return {
    renewMany: async (host, plots, duration) => {
      const answers = new Map<PlotId, Result<Answer, Fault>>();
      for (let at = 0; at < plots.length; at += PLOTS_AT_ONCE_MAX) {
        const page = plots.slice(at, at + PLOTS_AT_ONCE_MAX);
        const replies = await peers.toPlotDevices<RenewedMany>(host, page, (kept) =>
          renewals(kept, duration),
        );
        for (const { plots: kept, result } of replies) {
          if (result.ok)
            for (const { plot, answer } of result.value.answers) answers.set(plot, ok(answer));
          else if (isUnheardOf(result.fault))
            for (const plot of kept) answers.set(plot, await peers.renew(host, plot, duration));
          else for (const plot of kept) answers.set(plot, result);
        }
      }
      return answers;
    },
    keepOnly: async (host, list) => {
      const body = { v: PROTOCOL_VERSION, requestId: newRequestId(), ...list };
      const path = '/v1/plots/keep-only';
      const message = { method: 'POST', path, body, schema: keptOnly } as const;
      const replies = await peers.toEach<KeptOnly>(host, message);
      const heard = replies.flatMap((reply) => (reply.ok ? [reply.value] : []));
      const refused = replies.find((reply) => !reply.ok);
      if (heard.length === 0 && refused !== undefined && !refused.ok) return refused;
      return ok({
        keeps: heard.flatMap(({ keeps }) => keeps),
        leaves: heard.flatMap(({ leaves }) => leaves),
      });
    },
    delegate: async (host, plot, whom) => {
      const [reply] = await peers.toPlotDevices<Delegated>(host, [plot], () => ({
        method: 'POST',
        path: `/v1/plots/${plot}/delegate`,
        body: { v: PROTOCOL_VERSION, ...whom },
        schema: delegated,
      }));
      return reply?.result ?? failed(fault('plot-unknown', { plot }));
    },
    errands: async (host) => {
      const message = { method: 'GET', path: '/v1/errands', schema: errandList } as const;
      const replies = await peers.toEach<{ readonly errands: readonly Errand[] }>(host, message);
      return replies.flatMap((reply) => (reply.ok ? reply.value.errands : []));
    },
    runErrands: async (host, plots, duration) => {
      // Each of the host's devices renews what it keeps and knows nothing of the rest.
      const replies = await peers.toEach<RenewedMany>(host, renewals(plots, duration));
      return replies
        .flatMap((reply) => (reply.ok ? reply.value.answers : []))
        .filter(({ answer }) => answer.type === 'granted').length;
    },
  };
}

/** A version from before there was such a call says that there is no such path. */
function isUnheardOf({ code, params }: Fault): boolean {
  return code === 'refused' && params['denial'] === 'bad-request';
}
