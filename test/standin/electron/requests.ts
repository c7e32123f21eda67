import type { CdpSession, CdpValue } from '../cdp.ts';
import { cancellable } from './events.ts';
import type { Frames } from './frames.ts';
import { handlerFor, toAppAddress, toBrowserAddress } from './protocol.ts';
import type { Session } from './session.ts';
import { beforeRequest, headersReceived } from './web-request.ts';

/**
 * Every request of a window passes here: navigations that the page asks for are put to main, custom
 * schemes are answered by their handlers, everything else goes on to where it wanted.
 */
export type RequestRules = {
  readonly session: Session;
  readonly frames: () => Frames;
  /** The address that main itself asked for; going there is not the page's doing. */
  readonly asked: () => string;
  /** Emits a `will-…` event of the window. */
  readonly emit: (name: string, event: object, url: string) => void;
  readonly beforeDocument: (url: string) => Promise<void>;
};

type Paused = {
  readonly requestId: string;
  readonly frameId: string;
  readonly resourceType: string;
  readonly redirectedRequestId?: string;
  readonly request: {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly postData?: string;
  };
};

export async function answerRequests(session: CdpSession, rules: RequestRules): Promise<void> {
  session.on('Fetch.requestPaused', (paused: CdpValue) => {
    // A window that was closed meanwhile needs no answer.
    answer(session, rules, paused).catch(() => undefined);
  });
  await session.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
}

async function answer(session: CdpSession, rules: RequestRules, paused: Paused): Promise<void> {
  const { requestId, request, resourceType } = paused;
  const url = toAppAddress(request.url);
  const fail = (errorReason: string) =>
    session.send('Fetch.failRequest', { requestId, errorReason });

  if (resourceType === 'Document') {
    if (!mayNavigate(rules, paused, url)) return void (await fail('Aborted'));
    if (rules.frames().isMain(paused.frameId)) await rules.beforeDocument(url);
  }
  const { webRequest } = rules.session;
  const verdict = await beforeRequest(webRequest, { url, method: request.method, resourceType });
  if (verdict.cancel === true) return void (await fail('BlockedByClient'));
  const handler = handlerFor(url);
  if (handler === undefined) {
    const elsewhere =
      verdict.redirectURL === undefined ? {} : { url: toBrowserAddress(verdict.redirectURL) };
    await session.send('Fetch.continueRequest', { requestId, ...elsewhere });
    return;
  }
  const response = await respond(handler, url, request);
  if (response === undefined) return void (await fail('Failed'));
  const own: Record<string, string[]> = {};
  for (const [name, value] of response.headers) own[name] = [value];
  const changed = await headersReceived(webRequest, {
    url,
    statusCode: response.status,
    responseHeaders: own,
  });
  if (changed.cancel === true) return void (await fail('BlockedByClient'));
  const responseHeaders = Object.entries(changed.responseHeaders ?? own).flatMap(([name, value]) =>
    [value].flat().map((each) => ({ name, value: each })),
  );
  await session.send('Fetch.fulfillRequest', {
    requestId,
    responseCode: response.status,
    responseHeaders,
    body: Buffer.from(await response.arrayBuffer()).toString('base64'),
  });
}

async function respond(
  handler: (request: Request) => Response | Promise<Response>,
  url: string,
  { method, headers, postData }: Paused['request'],
): Promise<Response | undefined> {
  try {
    const body = postData === undefined ? {} : { body: postData };
    return await handler(new Request(url, { method, headers, ...body }));
  } catch (error) {
    process.emitWarning(`the handler of ${url} failed: ${String(error)}`);
    return undefined;
  }
}

/** Main is asked about what a page wants, not about what main wants or what is there already. */
function mayNavigate(rules: RequestRules, paused: Paused, url: string): boolean {
  const frames = rules.frames();
  const isMainFrame = frames.isMain(paused.frameId);
  const present = frames.urlOf(paused.frameId) ?? '';
  const frame = frames.frameOf(paused.frameId) ?? null;
  const names =
    paused.redirectedRequestId === undefined
      ? ['will-frame-navigate', ...(isMainFrame ? ['will-navigate'] : [])]
      : ['will-redirect'];
  const isOwn = isMainFrame && (url === withoutHash(rules.asked()) || url === withoutHash(present));
  if (isOwn) return true;
  return names.every((name) => {
    const event = cancellable({ url, isMainFrame, isSameDocument: false, frame, initiator: null });
    rules.emit(name, event, url);
    return !event.defaultPrevented;
  });
}

function withoutHash(url: string): string {
  return url.split('#')[0] ?? '';
}
