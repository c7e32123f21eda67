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
import { createPlotPapers } from '../plot-papers.ts';
import { EARLIER_BYTES_MAX, type LainBook, readBooks } from './read-books.ts';

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
  /** As they lay there, and before. */
  readonly books: readonly LainBook[];
  /** Plots whose book did not come through, though there seems to be one. */
  readonly missed: number;
};

/** All of one installation's plots have the same book; nobody has this many installations. */
const PLOTS_MAX = 32;
const PAPER_MS = 20_000;
const KNOCK_MS = 60_000;

export async function knock(
  identity: Pick<Identity, 'keyPem' | 'certificatePem' | 'statement'>,
  to: {
    readonly addresses: readonly string[];
    readonly nowMs: number;
    /** From the recovery sheet: nobody else is spoken to. */
    readonly device?: DeviceId | undefined;
    readonly signal: AbortSignal;
  },
): Promise<Result<Met, PeerFault>> {
  const session = openPeerSession(identity, { device: to.device, addresses: to.addresses });
  try {
    const signal = AbortSignal.any([to.signal, AbortSignal.timeout(KNOCK_MS)]);
    return await within(session, { ...identity, nowMs: to.nowMs }, signal);
  } finally {
    session.close();
  }
}

async function within(
  session: PeerSession,
  { statement, nowMs }: Pick<Identity, 'statement'> & { readonly nowMs: number },
  signal: AbortSignal,
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
  const books: LainBook[] = [];
  let missed = 0;
  for (const { plot } of plots.slice(0, PLOTS_MAX)) {
    const papers = createPlotPapers({ plot, stream: session.stream });
    const one = AbortSignal.any([signal, AbortSignal.timeout(PAPER_MS)]);
    // Whoever answers may be anybody: of what lay there before, not more comes from all plots than from one.
    const taken = books.reduce((sum, { content }) => sum + content.length, 0);
    const bytesMax = EARLIER_BYTES_MAX - taken;
    const read = await readBooks(papers, plot, { nowMs, withEarlier: true, bytesMax, signal: one });
    books.push(...read.books);
    if (!read.present.ok && read.present.fault.code !== 'not-found') missed += 1;
  }
  const address = session.address() ?? '';
  return ok({ device, address, hello: greeting.value, plots, books, missed });
}
