import type { OwnerId, PlotId } from '../../../shared/ids.ts';
import { type PaperName, paperNames } from '../../../shared/model/plot.ts';
import { parseBytes } from '../../../shared/units.ts';
import { encodeJson } from '../../../shared/wire/json.ts';
import { paperVersionNumber } from '../../../shared/wire/papers.ts';
import { finish, refuse, sendBody } from './plot-replies.ts';
import type { Exchange } from './repository-handler.ts';
import type { SealedPapers } from './sealed-papers.ts';

/**
 * `GET` and `PUT /v1/plots/{id}/papers/{name}`: bytes as they are, one of each name, replaced as a whole. What it was before
 * can only be read: `GET …/{name}/versions` and `GET …/{name}/versions/{version}`. Whoever is blocked may read what is his, as
 * in the repository.
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
  const meant = parsePath(target.path);
  if (meant === undefined) return refuse(exchange, { code: 'bad-name' });
  const { name, version } = meant;
  const call = { owner: target.owner, plot: target.plot, name };
  if (request.method === 'GET' && version === 'list') return list(papers, exchange, call);
  if (request.method === 'GET') {
    const read = await papers.read({ ...call, ...(version === 'list' ? {} : { version }) });
    if (!read.ok) return refuse(exchange, read.fault);
    const headers = {
      'content-type': 'application/octet-stream',
      'content-length': read.value.sizeBytes,
    };
    await sendBody(read.value.body, exchange, { status: 200, headers });
    return;
  }
  if (version !== undefined) return refuse(exchange, { code: 'no-such-method' });
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

const PATH = /^\/([a-z-]{1,20})(?:\/versions(?:\/([1-9][0-9]{0,15}))?)?$/;

/** `list`: which versions there are. */
function parsePath(
  path: string,
): { readonly name: PaperName; readonly version: number | 'list' | undefined } | undefined {
  const match = PATH.exec(path);
  const name = paperNames.find((each) => each === match?.[1]);
  if (name === undefined) return undefined;
  if (path === `/${name}`) return { name, version: undefined };
  if (match?.[2] === undefined) return { name, version: 'list' };
  const version = paperVersionNumber.safeParse(Number(match[2])).data;
  return version === undefined ? undefined : { name, version };
}

async function list(
  papers: SealedPapers,
  exchange: Exchange,
  call: Parameters<SealedPapers['versions']>[0],
): Promise<void> {
  const found = await papers.versions(call);
  if (!found.ok) return refuse(exchange, found.fault);
  const text = encodeJson(found.value);
  exchange.response
    .writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    })
    .end(text);
}
