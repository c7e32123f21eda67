import type { PlotId } from '../../../shared/ids.ts';
import { failed, ok } from '../../../shared/result.ts';
import { type PaperVersionList, paperVersions } from '../../../shared/wire/papers.ts';
import type { PeerSession } from '../client/connection/peer-client.ts';
import type { Peers } from '../client/peers.ts';
import type { Friend } from '../friends/friend-book.ts';
import { faultOf, readWhole, refusalOf } from './plot-repository-store.ts';
import { jsonOf } from './repository/key-file.ts';
import {
  PAPER_BYTES_MAX,
  type PaperName,
  type Papers,
  type StoreOptions,
  type StoreResult,
} from './repository/repository-store.ts';

/** As in any place; and what they were before, where the plot is protected. */
export type PlotPapers = Papers & {
  /** A friend whose version keeps none has none. */
  readonly versions: (
    name: PaperName,
    options?: StoreOptions,
  ) => Promise<StoreResult<PaperVersionList>>;
  readonly readVersion: (
    name: PaperName,
    version: number,
    options?: StoreOptions,
  ) => Promise<StoreResult<Uint8Array>>;
};

const NONE: PaperVersionList = { versions: [] };
/** The longest paper on a slow line; who gives it, or takes it, byte by byte is left, for others wait behind him. */
const PAPER_MS = 600_000;

/** Those of any plot of mine, at whichever of a friend's devices keeps it; `undefined`: none of his can be called. */
export function plotPapersAt(
  peers: Pick<Peers, 'session'>,
): (host: Friend, plot: PlotId) => PlotPapers | undefined {
  return (host, plot) => {
    const session = peers.session(host);
    return session.ok ? createPlotPapers({ plot, stream: session.value.stream }) : undefined;
  };
}

/** The manifest and the address book beside a repository in a plot of mine at a friend's. */
export function createPlotPapers({
  plot,
  stream,
}: {
  readonly plot: PlotId;
  readonly stream: PeerSession['stream'];
}): PlotPapers {
  const base = `/v1/plots/${plot}/papers`;
  async function get(
    path: string,
    name: PaperName,
    options: StoreOptions = {},
  ): Promise<StoreResult<Uint8Array>> {
    return inTime(options, (signal) => getWithin(path, name, signal));
  }

  async function getWithin(
    path: string,
    name: PaperName,
    signal: AbortSignal,
  ): Promise<StoreResult<Uint8Array>> {
    const answered = await stream({ method: 'GET', path: base + path, signal });
    if (!answered.ok) return failed(faultOf(answered.fault));
    const { statusCode = 0, headers } = answered.value;
    if (statusCode !== 200) return failed(await refusalOf(answered.value, statusCode));
    // What was announced is taken into memory at once; a friend's device can announce anything.
    if (Number(headers['content-length']) > PAPER_BYTES_MAX) {
      answered.value.destroy();
      return failed({ code: 'damaged', detail: `the ${name} is too long` });
    }
    return readWhole(answered.value, undefined);
  }

  return {
    read: (name, options) => get(`/${name}`, name, options),
    versions: async (name, { signal } = {}) => {
      const read = await get(`/${name}/versions`, name, { signal });
      if (!read.ok && read.fault.code === 'refused' && read.fault.reason === 'bad-name')
        return ok(NONE);
      if (!read.ok) return read;
      const found = paperVersions.safeParse(jsonOf(Buffer.from(read.value)));
      return found.success
        ? ok(found.data)
        : failed({ code: 'damaged', detail: `what the ${name} was before is not as agreed` });
    },
    readVersion: (name, version, options) => get(`/${name}/versions/${version}`, name, options),
    write: async (name, content, options = {}) => {
      if (content.length > PAPER_BYTES_MAX)
        return failed({ code: 'refused', reason: 'too-long', params: {} });
      const body = [Buffer.from(content.buffer, content.byteOffset, content.length)];
      return inTime<undefined>(options, async (signal) => {
        const answered = await stream({ method: 'PUT', path: `${base}/${name}`, body, signal });
        if (!answered.ok) return failed(faultOf(answered.fault));
        const { statusCode = 0 } = answered.value;
        if (statusCode !== 200) return failed(await refusalOf(answered.value, statusCode));
        answered.value.resume();
        return ok(undefined);
      });
    },
  };
}

async function inTime<T>(
  { signal }: StoreOptions,
  act: (signal: AbortSignal) => Promise<StoreResult<T>>,
): Promise<StoreResult<T>> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), PAPER_MS);
  try {
    const done = await act(
      signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
    );
    const isLate = !done.ok && late.signal.aborted && signal?.aborted !== true;
    return isLate ? failed({ code: 'unreachable', detail: 'no answer in time' }) : done;
  } finally {
    clearTimeout(timer);
  }
}
