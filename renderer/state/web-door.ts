import type { AppEvent } from '../../shared/contract/views.ts';
import type { Door } from './door.ts';

const BEARER = 'allotment-bearer';

/** Exchanges the one-time token of the link for a bearer that this tab keeps. `undefined`: a fresh link is needed. */
export async function openWebDoor(): Promise<Door | undefined> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token !== null) {
    // Neither a bookmark nor the history should hold it.
    history.replaceState(null, '', location.pathname);
    const answer = await post('/api/session', { token });
    if (answer.ok) {
      const { bearer } = (await answer.json()) as { bearer: string };
      sessionStorage.setItem(BEARER, bearer);
    }
  }
  const bearer = sessionStorage.getItem(BEARER);
  if (bearer === null) return undefined;
  let isShut = false;
  const ask: typeof post = async (...args) => {
    const answer = await post(...args);
    if (answer.status === 401) {
      isShut = true;
      sessionStorage.clear();
    }
    return answer;
  };
  return {
    isShut: () => isShut,
    call: async (channel, args) => {
      const answer = await ask('/api/call', { channel, args }, bearer);
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      return (await answer.json()) as never;
    },
    events: async (listener, signal) => {
      const answer = await ask('/api/events', {}, bearer, signal);
      if (!answer.ok || answer.body === null) throw new Error(`status ${answer.status}`);
      await readLines(answer.body, (line) => listener(JSON.parse(line) as AppEvent));
      throw new Error('the stream ended');
    },
    // The tab's own: another program that gets this port one day is another tab.
    keep: sessionStorage,
  };
}

function post(
  path: string,
  body: unknown,
  bearer?: string,
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function readLines(
  body: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as never).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await (reader.read() as Promise<ReadableStreamReadResult<string>>);
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  }
}
