import type { PlotId } from '../../../shared/ids.ts';
import { failed, ok } from '../../../shared/result.ts';
import type { PeerSession } from '../client/peer-client.ts';
import { faultOf, readWhole, refusalOf } from './plot-repository-store.ts';
import { PAPER_BYTES_MAX, type Papers } from './repository/repository-store.ts';

/** The manifest and the address book beside a repository in a plot of mine at a friend's. */
export function createPlotPapers({
  plot,
  stream,
}: {
  readonly plot: PlotId;
  readonly stream: PeerSession['stream'];
}): Papers {
  const base = `/v1/plots/${plot}/papers`;
  return {
    read: async (name, { signal } = {}) => {
      const answered = await stream({ method: 'GET', path: `${base}/${name}`, signal });
      if (!answered.ok) return failed(faultOf(answered.fault));
      const { statusCode = 0, headers } = answered.value;
      if (statusCode !== 200) return failed(await refusalOf(answered.value, statusCode));
      // What was announced is taken into memory at once; a friend's device can announce anything.
      if (Number(headers['content-length']) > PAPER_BYTES_MAX) {
        answered.value.destroy();
        return failed({ code: 'damaged', detail: `the ${name} is too long` });
      }
      return readWhole(answered.value, undefined);
    },
    write: async (name, content, { signal } = {}) => {
      if (content.length > PAPER_BYTES_MAX)
        return failed({ code: 'refused', reason: 'too-long', params: {} });
      const body = [Buffer.from(content.buffer, content.byteOffset, content.length)];
      const answered = await stream({ method: 'PUT', path: `${base}/${name}`, body, signal });
      if (!answered.ok) return failed(faultOf(answered.fault));
      const { statusCode = 0 } = answered.value;
      if (statusCode !== 200) return failed(await refusalOf(answered.value, statusCode));
      answered.value.resume();
      return ok(undefined);
    },
  };
}
