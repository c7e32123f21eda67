import type * as Electron from 'electron';

/** `session.webRequest`, as far as it is about refusing requests and setting headers of answers. */
type Filter = { readonly urls: readonly string[] };
type RequestListener = (
  details: { readonly url: string; readonly method: string; readonly resourceType: string },
  answer: (response: Electron.CallbackResponse) => void,
) => void;
type HeadersListener = (
  details: {
    readonly url: string;
    readonly statusCode: number;
    readonly responseHeaders: Record<string, string[]>;
  },
  answer: (response: Electron.HeadersReceivedResponse) => void,
) => void;
type Registered<L> = { readonly filter: Filter; readonly listener: L } | undefined;

const ALL: Filter = { urls: ['<all_urls>'] };

function matches({ urls }: Filter, url: string): boolean {
  return urls.some((pattern) => {
    if (pattern === '<all_urls>') return true;
    const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
    return new RegExp(`^${escaped}$`).test(url);
  });
}

/** Both forms of each call: `(listener)` and `(filter, listener)`; null takes it back. */
function registered<L>(first: Filter | L | null, second?: L | null): Registered<L> {
  if (typeof first === 'function') return { filter: ALL, listener: first as L };
  if (first === null || second === null || second === undefined) return undefined;
  return { filter: first as Filter, listener: second };
}

type Listeners = { request: Registered<RequestListener>; headers: Registered<HeadersListener> };
const listenersOf = new WeakMap<WebRequest, Listeners>();

export type WebRequest = {
  readonly onBeforeRequest: (
    first: Filter | RequestListener | null,
    second?: RequestListener | null,
  ) => void;
  readonly onHeadersReceived: (
    first: Filter | HeadersListener | null,
    second?: HeadersListener | null,
  ) => void;
};

export function createWebRequest(): WebRequest {
  const listeners: Listeners = { request: undefined, headers: undefined };
  const webRequest: WebRequest = {
    onBeforeRequest: (first, second) => {
      listeners.request = registered(first, second);
    },
    onHeadersReceived: (first, second) => {
      listeners.headers = registered(first, second);
    },
  };
  listenersOf.set(webRequest, listeners);
  return webRequest;
}

export function beforeRequest(
  webRequest: WebRequest,
  details: Parameters<RequestListener>[0],
): Promise<Electron.CallbackResponse> {
  const found = listenersOf.get(webRequest)?.request;
  if (found === undefined || !matches(found.filter, details.url)) return Promise.resolve({});
  return new Promise((resolve) => found.listener(details, resolve));
}

export function headersReceived(
  webRequest: WebRequest,
  details: Parameters<HeadersListener>[0],
): Promise<Electron.HeadersReceivedResponse> {
  const found = listenersOf.get(webRequest)?.headers;
  if (found === undefined || !matches(found.filter, details.url)) return Promise.resolve({});
  return new Promise((resolve) => found.listener(details, resolve));
}
