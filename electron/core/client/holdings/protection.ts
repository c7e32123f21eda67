import { type Fault, fault } from '../../../../shared/fault.ts';
import type { OwnerId, PlotId } from '../../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { PROTOCOL_VERSION } from '../../../../shared/wire/messages.ts';
import {
  protection,
  type ProtectionState,
  type Restored,
  restored,
  type TrashPage,
  trashPage,
} from '../../../../shared/wire/protection.ts';
import type { Friend } from '../../friends/friend-book.ts';
import type { Message } from '../connection/peer-client.ts';
import type { Peers } from '../peers.ts';

/** What is asked of a friend about a plot of mine that is protected (design §6). */
export type ProtectionCalls = {
  /** More days at once, fewer after as many as there were. */
  readonly apply: (
    host: Friend,
    plot: PlotId,
    days: number,
  ) => Promise<Result<ProtectionState, Fault>>;
  /** How much lies in the trash there. */
  readonly trash: (host: Friend, plot: PlotId) => Promise<Result<TrashPage['total'], Fault>>;
  /** Brings back what was deleted in the last so many seconds; a plot that was let go of stays. */
  readonly restore: (
    host: Friend,
    plot: PlotId,
    sinceS: number,
  ) => Promise<Result<Restored, Fault>>;
};

type Reaches = {
  readonly peers: Pick<Peers, 'toPlotDevices'>;
  /** Asks the friend how what he keeps of mine stands now. */
  readonly look: (host: OwnerId) => Promise<void>;
};

/** Moving a hundred thousand rows takes a while, and nobody waits for it but who asked. */
const ANSWER_MS = 300_000;

export function createProtectionCalls({ peers, look }: Reaches): ProtectionCalls {
  async function about<T>(
    host: Friend,
    plot: PlotId,
    message: Message<T>,
  ): Promise<Result<T, Fault>> {
    const [reply] = await peers.toPlotDevices<T>(host, [plot], () => message);
    return reply?.result ?? failed(fault('plot-unknown', { plot }));
  }

  async function changing<T>(
    host: Friend,
    plot: PlotId,
    message: Message<T>,
  ): Promise<Result<T, Fault>> {
    const changed = await about(host, plot, message);
    if (changed.ok) await look(host.owner);
    return changed;
  }

  return {
    apply: (host, plot, days) =>
      changing<ProtectionState>(host, plot, {
        method: 'PUT',
        path: `/v1/plots/${plot}/protection`,
        body: { v: PROTOCOL_VERSION, days },
        schema: protection,
      }),
    trash: async (host, plot) => {
      const path = `/v1/plots/${plot}/trash`;
      const page = await about<TrashPage>(host, plot, { method: 'GET', path, schema: trashPage });
      return page.ok ? ok(page.value.total) : page;
    },
    restore: (host, plot, sinceS) =>
      changing<Restored>(host, plot, {
        method: 'POST',
        path: `/v1/plots/${plot}/trash/restorations`,
        body: { v: PROTOCOL_VERSION, sinceS },
        schema: restored,
        answerMs: ANSWER_MS,
      }),
  };
}
