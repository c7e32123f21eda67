import type { DeviceId } from '../../../../shared/ids.ts';
import { ok, type Result } from '../../../../shared/result.ts';
import {
  type Hello,
  hello,
  introduced,
  plotList,
  type PlotStatus,
  PROTOCOL_VERSION,
} from '../../../../shared/wire/messages.ts';
import { openPeerSession, type PeerSession } from '../../client/connection/peer-client.ts';
import type { PeerFault } from '../../client/connection/peer-fault.ts';
import { sendSoon } from '../../client/connection/send-soon.ts';
import type { Identity } from '../../identity/identity.ts';
import { readStatement } from '../../identity/statement.ts';
import type { Clock } from '../../ports.ts';
import { createPlotPapers } from '../plot-papers.ts';
import { type LainBook, plotAt, readPlots } from './read-books.ts';

/**
 * A new device of an owner at a door behind which a friend may be. It shows its owner's word about its own key and nothing
 * else, not even a name; whoever knows that owner lets it look at the address books in that owner's plots. Nothing that
 * comes back is believed here: an impostor wastes some seconds.
 */
export type Met = {
  readonly device: DeviceId;
  readonly address: string;
  /** What it says of itself. */
  readonly hello: Hello;
  readonly plots: readonly PlotStatus[];
  /** Plots whose book did not come through, though there seems to be one. */
  readonly missed: number;
  /** Nothing that lies there, or lay there before, is left out because it did not come through now. */
  readonly isWhole: boolean;
};

const BOOKS_MS = 60_000;

export async function knock(
  identity: Pick<Identity, 'keyPem' | 'certificatePem' | 'statement'>,
  to: {
    readonly addresses: readonly string[];
    readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
    /** From the recovery sheet: nobody else is spoken to. */
    readonly device?: DeviceId | undefined;
    readonly signal: AbortSignal;
    /** Books as they lie there, and lay there before. */
    readonly take: (books: readonly LainBook[]) => Promise<void>;
  },
): Promise<Result<Met, PeerFault>> {
  const session = openPeerSession(identity, { device: to.device, addresses: to.addresses });
  try {
    return await within(session, { ...identity, ...to });
  } finally {
    session.close();
  }
}

async function within(
  session: PeerSession,
  {
    statement,
    clock,
    signal,
    take,
  }: Pick<Identity, 'statement'> & Pick<Parameters<typeof knock>[1], 'clock' | 'signal' | 'take'>,
): Promise<Result<Met, PeerFault>> {
  const path = '/v1/hello';
  const greeting = await sendSoon(session, { method: 'GET', path, schema: hello, signal });
  if (!greeting.ok) return greeting;
  const said = await sendSoon(session, {
    method: 'POST',
    path: '/v1/devices',
    body: { v: PROTOCOL_VERSION, statement },
    schema: introduced,
    signal,
  });
  if (!said.ok) return said;
  const message = { method: 'GET', path: '/v1/plots', schema: plotList, signal } as const;
  const listed = await sendSoon(session, message);
  if (!listed.ok) return listed;
  const device = session.device();
  if (device === undefined) return { ok: false, fault: { code: 'wrong-key' } };
  const { plots } = listed.value;
  const signed = greeting.value.statement;
  const whose = signed === undefined ? undefined : readStatement(signed);
  // As visits know him, if he is who he says.
  const host = whose?.device === device ? whose.owner : device;
  let missed = 0;
  let isWhole = true;
  const places = plots.map(({ plot }) => {
    const papers = createPlotPapers({ plot, stream: session.stream });
    return { plot: plotAt(host, plot), papers, withEarlier: true };
  });
  await readPlots(places, {
    clock,
    withinMs: BOOKS_MS,
    signal,
    onRead: (_place, read) => {
      if (read?.present.ok !== true && read?.present.fault.code !== 'not-found') missed += 1;
      isWhole &&= read?.isWhole === true;
      return read?.books ?? [];
    },
    take,
  });
  const address = session.address() ?? '';
  return ok({ device, address, hello: greeting.value, plots, missed, isWhole });
}
