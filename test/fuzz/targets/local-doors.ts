import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { IpcMain, WebContents } from 'electron';
import { CONTROL_FILE, controlFile } from '../../../electron/headless/control-protocol.ts';
import { startControlServer } from '../../../electron/headless/control-server.ts';
import { startWebServer } from '../../../electron/headless/web-server.ts';
import { openIpc } from '../../../electron/main/ipc.ts';
import type { Api } from '../../../shared/contract/api.ts';
import { bridgeMessages } from '../../../shared/contract/bridge.ts';
import { channels } from '../../../shared/contract/channels.ts';
import { ok } from '../../../shared/result.ts';
import { silent } from '../../fakes/silent-logger.ts';
import { serverBehind, speak } from '../in-memory-socket.ts';
import { insistOnWords } from '../replies.ts';
import { insist, json, type Target, text } from '../target.ts';
import { requestText } from './wire-world.ts';

/**
 * The doors on this machine: other programs, other users and pages of the web knock there too. Behind each stands a
 * core that only counts who got through.
 */
function countingApi(): { readonly api: Api; readonly calls: () => number } {
  let calls = 0;
  const run = async () => {
    calls += 1;
    return ok(null);
  };
  const api = Object.fromEntries(
    Object.keys(channels).map((name) => [name, run]),
  ) as unknown as Api;
  return { api, calls: () => calls };
}

const BEARER = 'the-bearer-of-a-tab-that-was-let-in';
const TOKEN = 'the-token-of-a-fresh-link';
const SECRET_FILE = 'what lies beside the window';

export const webDoor: Target = {
  name: 'web-door',
  kind: 'text',
  words: [
    BEARER,
    TOKEN,
    'Bearer ',
    'host: evil.example',
    'host: 127.0.0.1.evil.example:80',
    'host: localhost:1',
    'host: [::1]:1',
    'host: 127.0.0.1:1@evil.example',
    'origin: http://evil.example',
    'origin: null',
    'origin: http://127.0.0.1:1',
    'origin: https://127.0.0.1:1',
    'http://evil.example/api/call',
    '//evil.example/api/call',
    '/api/call',
    '/api/events',
    '/api/session',
    '/..%2f..%2fsecret.json',
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/assets/../../secret.json',
    '\\..\\secret.json',
    'transfer-encoding: chunked',
    'content-type: text/plain',
    'cookie: a=b',
    'HTTP/1.0',
    'OPTIONS',
    'status.get',
    '__proto__',
  ],
  cases: 120_000,
  casesInCi: 1000,
  guided: true,
  open: async (scratch) => {
    const folder = join(scratch, 'window');
    mkdirSync(join(folder, 'assets'), { recursive: true });
    writeFileSync(join(folder, 'index.html'), '<!doctype html>');
    writeFileSync(join(folder, 'assets', 'a.js'), 'one()');
    writeFileSync(join(scratch, 'secret.json'), SECRET_FILE);
    const { api, calls } = countingApi();
    const events = { subscribe: () => () => undefined };
    const memory = {
      issue: async () => 'issued-just-now',
      knows: (bearer: string) => bearer === BEARER,
    };
    const started = await startWebServer({ api, events, folder, ports: [0], memory });
    if (!started.ok) throw new Error(started.fault.code);
    const { port, link, close } = started.value;
    const server = await serverBehind(
      () =>
        new Promise((resolve) =>
          get({ port, host: '127.0.0.1' }, (response) => resolve(response.resume())),
        ),
    );
    const call = text('{"channel":"status.get","args":{}}');
    const known = [`authorization: Bearer ${BEARER}`, 'content-type: application/json'];
    const asked = (path: string, body: Uint8Array, headers: readonly string[]) =>
      Buffer.from(
        requestText('POST', path, body, headers)
          .toString()
          .replace('device.invalid', '127.0.0.1:1'),
      );
    return {
      seeds: [
        asked('/api/call', call, known),
        asked('/api/call', call, []),
        asked('/api/call', call, [...known, 'origin: http://127.0.0.1:1']),
        asked('/api/call', call, [...known, 'origin: http://evil.example']),
        asked('/api/session', text(`{"token":"${TOKEN}"}`), []),
        asked('/api/events', Buffer.alloc(0), []),
        asked('http://127.0.0.1:1/api/call', call, known),
        requestText('GET', '/').subarray(0),
        text('GET / HTTP/1.1\r\nhost: localhost:1\r\n\r\n'),
        text('GET /assets/a.js HTTP/1.1\r\nhost: [::1]:1\r\n\r\n'),
        text('GET /assets/../../secret.json HTTP/1.1\r\nhost: localhost:1\r\n\r\n'),
        text('POST /api/call HTTP/1.0\r\n\r\n'),
      ],
      run: async (bytes) => {
        const fresh = new URL(link()).hash.slice('#token='.length);
        const said = Buffer.from(bytes).toString('latin1').replaceAll(TOKEN, fresh);
        const before = calls();
        const spoken = await speak(server, 'connection', [Buffer.from(said, 'latin1')]);
        const answer = spoken.said.toString('latin1');
        insistOnWords(answer, [scratch, SECRET_FILE]);
        const mayCall = spoken.heard.filter((request) => isOfOurTab(request)).length;
        insist(
          calls() - before <= mayCall,
          `a call of a page that was not let in: ${said.slice(0, 300)}`,
        );
        insist(
          !answer.includes('issued-just-now') || said.includes(fresh),
          'a pass without a link',
        );
        for (const head of answer.match(/HTTP\/1\.1 2\d\d[^]*?\r\n\r\n/g) ?? [])
          insist(
            /content-security-policy: default-src 'none'/i.test(head),
            'a page without a policy',
          );
        insist(!/access-control-allow/i.test(answer), 'an exception for other pages');
      },
      close,
    };
  },
};

/** Written once more, in other words than the product's: who may call. */
function isOfOurTab({ headers, url = '', rawHeaders }: IncomingMessage): boolean {
  const hosts = rawHeaders.filter(
    (_each, at) => at % 2 === 0 && rawHeaders[at]?.toLowerCase() === 'host',
  );
  const [name = '', port = '', more] = (headers.host ?? '').replace('[::1]', 'six').split(':');
  const isHere =
    ['127.0.0.1', 'localhost', 'six'].includes(name) && Number(port) >= 0 && more === undefined;
  const isOwnPage =
    headers.origin === undefined || headers.origin === `http://${headers.host ?? ''}`;
  const isKnown = headers.authorization === `Bearer ${BEARER}`;
  return hosts.length >= 1 && isHere && isOwnPage && isKnown && url.startsWith('/api/call');
}

const CONTROL_SECRET = 'the-secret-that-only-this-user-can-read';

export const controlDoor: Target = {
  name: 'control-door',
  kind: 'json',
  words: [CONTROL_SECRET, 'status.get', 'web.link', 'toString', 'id', 'secret', 'channel', 'args'],
  cases: 30_000,
  casesInCi: 300,
  open: async (scratch) => {
    const home = join(scratch, 'home');
    mkdirSync(home);
    const { api, calls } = countingApi();
    const door = await startControlServer({
      home,
      api,
      webLink: () => 'http://127.0.0.1:1/#token=x',
    });
    const { secret, socket } = controlFile.parse(
      JSON.parse(readFileSync(join(home, CONTROL_FILE), 'utf8')),
    );
    const last = `${JSON.stringify({ id: 424_242, secret, channel: 'status.get', args: {} })}\n`;
    return {
      seeds: [
        json({ id: 1, secret: CONTROL_SECRET, channel: 'status.get', args: {} }),
        json({ id: 1, secret: 'a guess', channel: 'status.get', args: {} }),
        json({ id: 1, secret: CONTROL_SECRET, channel: 'web.link' }),
        text(`{"id":1}\n{"id":2,"secret":"${CONTROL_SECRET}","channel":"friends.list"}`),
        text('\n\n\n'),
      ],
      run: async (bytes) => {
        const said = Buffer.from(bytes).toString('latin1').replaceAll(CONTROL_SECRET, secret);
        const before = calls();
        const answer = await new Promise<string>((resolve, reject) => {
          const connection = connect(socket);
          let heard = '';
          connection.on('data', (chunk: Buffer) => {
            heard += chunk.toString('latin1');
            if (heard.includes('"id":424242')) connection.destroy();
          });
          connection.on('error', (error: NodeJS.ErrnoException) => {
            if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
          });
          connection.once('close', () => resolve(heard));
          connection.end(Buffer.from(`${said}\n${last}`, 'latin1'));
        });
        insistOnWords(answer, [scratch]);
        const lines = said.split(/\r\n|\r|\n/).filter((line) => line.includes(secret)).length;
        insist(calls() - before <= lines + 1, 'a call without the secret');
        if (!said.includes(secret) && said.trim() !== '')
          insist(answer === '', 'an answer to a stranger');
      },
      close: () => door.close(),
    };
  },
};

/** What JSON can't say and a page can send all the same. */
const EXOTIC: Readonly<Record<string, () => unknown>> = {
  '@map': () => new Map([['a', 1]]),
  '@date': () => new Date(Number.NaN),
  '@bigint': () => 2n ** 70n,
  '@bytes': () => new Uint8Array(10),
  '@nan': () => Number.NaN,
  '@cycle': () => {
    const cycle: Record<string, unknown> = {};
    cycle['a'] = cycle;
    return cycle;
  },
  '@undefined': () => undefined,
  '@holes': () => Array(3),
};

export function exotic(value: unknown): unknown {
  if (typeof value === 'string') return Object.hasOwn(EXOTIC, value) ? EXOTIC[value]?.() : value;
  if (Array.isArray(value)) return value.map(exotic);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, exotic(each)]));
}

export const EXOTIC_WORDS: readonly string[] = Object.keys(EXOTIC);

type Handler = (event: unknown, ...args: readonly unknown[]) => unknown;

export const ipc: Target = {
  name: 'ipc',
  kind: 'json',
  words: [
    ...EXOTIC_WORDS,
    'app://allotment/',
    'app://allotment/index.html',
    'app://allotment.evil/',
    'app://user:pass@allotment/',
    'app://Allotment/',
    'http://allotment/',
    'file:///etc/passwd',
    'about:blank',
    'data:text/html,x',
    'status.get',
    'toString',
    ...Object.values(bridgeMessages),
  ],
  cases: 200_000,
  casesInCi: 1500,
  guided: true,
  open: async () => {
    const { api, calls } = countingApi();
    const handlers = new Map<string, Handler>();
    let picked = 0;
    let listens = 0;
    const ipcMain = {
      handle: (name: string, handler: Handler) => handlers.set(name, handler),
      on: (name: string, handler: Handler) => handlers.set(name, handler),
      removeHandler: () => undefined,
      removeAllListeners: () => undefined,
    } as unknown as IpcMain;
    const ours = {
      isDestroyed: () => false,
      send: () => undefined,
      once: () => undefined,
    } as unknown as WebContents;
    const door = openIpc({
      ipcMain,
      api,
      events: {
        subscribe: () => {
          listens += 1;
          return () => undefined;
        },
      },
      isOurWindow: (contents) => contents === ours,
      pickFolder: async () => {
        picked += 1;
        return null;
      },
      log: silent,
    });
    const call = { channel: 'status.get', args: {} };
    return {
      seeds: Object.values(bridgeMessages).flatMap((name) => [
        json({ name, ours: true, url: 'app://allotment/index.html', parent: null, value: call }),
        json({ name, ours: false, url: 'app://allotment/index.html', parent: null, value: call }),
        json({ name, ours: true, url: 'http://evil.example/', parent: null, value: '/home' }),
        json({ name, ours: true, url: 'app://allotment/', parent: {}, value: call }),
      ]),
      run: async (bytes) => {
        const sent = sentOf(bytes);
        const handler = handlers.get(textIn(sent, 'name'));
        if (handler === undefined) return;
        const isOurs = sent['ours'] === true;
        const url = textIn(sent, 'url');
        const frame = sent['frame'] === null ? null : { url, parent: sent['parent'] ?? null };
        const event = { sender: isOurs ? ours : { id: 7 }, senderFrame: frame };
        const before = calls() + picked + listens;
        let isRefused = false;
        try {
          await handler(event, exotic(sent['value']));
        } catch (error) {
          isRefused = true;
          insist(
            String(error).includes('refused'),
            `an error that nobody foresaw: ${String(error)}`,
          );
        }
        const isTop = frame !== null && frame.parent === null;
        const isOwnPage = /^app:\/\/allotment(\/|\?|#|$)/i.test(
          // As addresses are read: blanks around them go first, line breaks in them after that (WHATWG URL, 4.4).
          url.replaceAll(/^[^!-~]+|[^!-~]+$/g, '').replaceAll(/[\t\r\n]/g, ''),
        );
        const gotThrough = calls() + picked + listens - before;
        insist(gotThrough === 0 || (isOurs && isTop && isOwnPage), `a foreign sender: ${url}`);
        insist(!isRefused || gotThrough === 0, 'a refusal that came too late');
      },
      close: () => door.close(),
    };
  },
};

function sentOf(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function textIn(sent: Readonly<Record<string, unknown>>, name: string): string {
  const value = sent[name];
  return typeof value === 'string' ? value : '';
}
