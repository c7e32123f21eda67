import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import { paperNames } from '../../../shared/model/plot.ts';
import { parseBytes } from '../../../shared/units.ts';
import { finish, refuse, sendBody } from './plot-replies.ts';
import type { Exchange } from './repository-handler.ts';
import type { SealedPapers } from './sealed-papers.ts';

/**
 * `GET` and `PUT /v1/plots/{id}/papers/{name}`: bytes as they are, one of each name, replaced as a whole. Whoever is blocked
 * may read what is his, as in the repository.
 */
export async function servePaper(
  papers: SealedPapers,
  exchange: Exchange,
  target: {
    readonly owner: OwnerId;
    readonly plot: PlotId;
    readonly path: string;
    readonly readOnly: boolean;
  },
): Promise<void> {
  const { request, response } = exchange;
  const name = paperNames.find((each) => target.path === `/${each}`);
  if (name === undefined) return refuse(exchange, { code: 'bad-name' });
  const call = { owner: target.owner, plot: target.plot, name };
  if (request.method === 'GET') {
    const read = await papers.read(call);
    if (!read.ok) return refuse(exchange, read.fault);
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': read.value.sizeBytes,
    });
    await sendBody(read.value.body, response);
    return;
  }
  if (request.method !== 'PUT') return refuse(exchange, { code: 'no-such-method' });
  if (target.readOnly) return refuse(exchange, { code: 'blocked' });
  const sizeBytes = parseBytes(request.headers['content-length'] ?? '');
  if (sizeBytes === undefined) return refuse(exchange, { code: 'length-required' });
  const written = await papers.write({
    ...call,
    sizeBytes,
    body: () => {
      if (request.headers.expect !== undefined) response.writeContinue();
      return request;
    },
  });
  if (response.destroyed || response.headersSent) return;
  if (written.ok) finish(exchange, 200);
  else refuse(exchange, written.fault);
}
