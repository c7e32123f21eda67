import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serve, type Served } from '../../electron/headless/serve.ts';
import { startWebServer } from '../../electron/headless/web-server.ts';
import { openWebMemory } from '../../electron/headless/web-memory.ts';
import type { Api } from '../../shared/contract/api.ts';
import type { AppEvent } from '../../shared/contract/views.ts';
import { DAY_MS } from '../../shared/units.ts';
import { watchThreads } from '../fakes/book-threads.ts';
import { scratch, until } from '../fakes/homes.ts';

/** The web door over real HTTP, as a tab of a browser uses it. */
let place: Awaited<ReturnType<typeof scratch>>;
let home: string;
const running = new Set<Served>();

beforeEach(async () => {
  place = await scratch();
  home = join(place.folder, 'ben');
});
afterEach(async () => {
  for (const served of running) await served.close();
  running.clear();
  await place.remove();
});

async function start(webPort?: number): Promise<Served> {
  const started = await serve({ home, name: 'Ben', port: 0, host: '127.0.0.1', webPort });
  if (!started.ok) throw new Error(JSON.stringify(started.fault));
  running.add(started.value);
  return started.value;
}

async function stop(served: Served): Promise<void> {
  running.delete(served);
  await served.close();
}

const originOf = (served: Served) => new URL(served.ready.web).origin;

function post(origin: string, path: string, body: unknown, bearer = ''): Promise<Response> {
  return fetch(`${origin}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    body: JSON.stringify(body),
  });
}

async function letIn(served: Served): Promise<string> {
  const { hash, origin } = new URL(served.ready.web);
  const token = new URLSearchParams(hash.slice(1)).get('token');
  const answer = await post(origin, '/api/session', { token });
  expect(answer.status).toBe(200);
  // Good once.
  expect((await post(origin, '/api/session', { token })).status).toBe(401);
  return ((await answer.json()) as { bearer: string }).bearer;
}

const status = (origin: string, bearer: string) =>
  post(origin, '/api/call', { channel: 'status.get', args: {} }, bearer);

describe('where the window’s files are replaced by those of another version', () => {
  test('a tab gets what this program was started with, page and scripts, until it is restarted', async () => {
    const folder = join(place.folder, 'window');
    const put = async (page: string, script: string) => {
      await rm(folder, { recursive: true, force: true });
      await mkdir(join(folder, 'assets'), { recursive: true });
      await writeFile(join(folder, 'index.html'), page);
      await writeFile(join(folder, 'assets', script), page);
    };
    const open = async () => {
      const memory = await openWebMemory({ home: place.folder, nowMs: Date.now });
      const web = await startWebServer({
        api: {} as Api,
        events: { subscribe: () => () => undefined },
        folder,
        ports: [0],
        memory,
      });
      if (!web.ok) throw new Error(web.fault.code);
      const get = async (path: string) => {
        const answer = await fetch(`http://127.0.0.1:${web.value.port}${path}`);
        return answer.ok ? answer.text() : answer.status;
      };
      return { get, close: web.value.close };
    };
    await put('older', 'page-1.js');
    const before = await open();
    expect(await before.get('/')).toBe('older');
    await put('newer', 'page-2.js');
    expect(await before.get('/')).toBe('older');
    expect(await before.get('/assets/page-1.js')).toBe('older');
    await before.close();
    const after = await open();
    expect(await after.get('/')).toBe('newer');
    expect(await after.get('/assets/page-1.js')).toBe(404);
    await after.close();
  });
});

describe('after the program was restarted', () => {
  test('an open tab finds it at the same address and is known', async () => {
    const first = await start();
    const origin = originOf(first);
    const bearer = await letIn(first);
    expect((await status(origin, bearer)).status).toBe(200);
    await stop(first);
    const second = await start();
    expect(originOf(second)).toBe(origin);
    const answer = await status(origin, bearer);
    expect(await answer.json()).toMatchObject({ ok: true, value: { name: 'Ben' } });
    expect((await status(origin, `${bearer}x`)).status).toBe(401);
  });

  test('the file that remembers holds no bearer, and is for this user alone', async () => {
    const served = await start();
    const bearer = await letIn(served);
    const file = join(home, 'web.json');
    const text = await readFile(file, 'utf8');
    expect(text).not.toContain(bearer);
    expect((JSON.parse(text) as { bearers: unknown[] }).bearers).toHaveLength(1);
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('a port that was taken meanwhile is given up for once, and not for good', async () => {
    const first = await start();
    const { port } = new URL(originOf(first));
    await stop(first);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(Number(port), '127.0.0.1', resolve));
    const second = await start();
    expect(new URL(originOf(second)).port).not.toBe(port);
    await stop(second);
    await new Promise((resolve) => other.close(resolve));
    const third = await start();
    expect(new URL(originOf(third)).port).toBe(port);
  });

  test('a port that was wished for is taken or nothing is', async () => {
    const other = createServer();
    const taken = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => {
        const address = other.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      }),
    );
    const refused = await serve({ home, port: 0, host: '127.0.0.1', webPort: taken });
    expect(refused).toMatchObject({ ok: false, fault: { code: 'port-in-use' } });
    await new Promise((resolve) => other.close(resolve));
    const served = await start(taken);
    await stop(served);
    expect(new URL(originOf(await start())).port).toBe(String(taken));
  });
});

test('when the core is lost the stream of events ends, and a new one begins with the whole state', async () => {
  const threads = watchThreads();
  const served = await start();
  const origin = originOf(served);
  const bearer = await letIn(served);
  const first = await post(origin, '/api/events', {}, bearer);
  const before = (await (
    await post(origin, '/api/call', { channel: 'state.snapshot', args: {} }, bearer)
  ).json()) as { value: { epoch: string } };
  threads.all[0]?.postMessage(null);
  // Reads to the end of the stream, which comes.
  await first.text();
  const away = await status(origin, bearer);
  expect(await away.json()).toMatchObject({ ok: false, fault: { code: 'not-running' } });
  const second = await post(origin, '/api/events', {}, bearer);
  const reader = second.body?.getReader();
  let text = '';
  const decoder = new TextDecoder();
  while (!text.includes('\n')) {
    const chunk = await reader?.read();
    text += decoder.decode(chunk?.value, { stream: true });
  }
  const event = JSON.parse(text.split('\n')[0] ?? '') as AppEvent;
  expect(event.epoch).not.toBe(before.value.epoch);
  expect(event.changed.status).toMatchObject({ name: 'Ben' });
  await reader?.cancel();
  await until(async () =>
    ((await (await status(origin, bearer)).json()) as { ok: boolean }).ok ? true : undefined,
  );
  threads.stop();
});

test('whoever listens and does not read is hung up on before much waits for him', async () => {
  const listeners = new Set<(event: AppEvent) => void>();
  const started = await startWebServer({
    api: {} as Api,
    events: {
      subscribe: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    folder: place.folder,
    ports: [0],
    memory: { issue: async () => 'one', knows: () => true },
  });
  if (!started.ok) throw new Error(started.fault.code);
  const { port } = started.value;
  const deaf = connect(port, '127.0.0.1');
  deaf.on('error', () => undefined);
  deaf.pause();
  deaf.write(
    `POST /api/events HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer one\r\ncontent-length: 2\r\n\r\n{}`,
  );
  await until(() => (listeners.size === 1 ? true : undefined));
  const [tell] = listeners;
  const filler = 'x'.repeat(500_000);
  const event = (revision: number) =>
    ({ epoch: filler, revision, asOfMs: 0, changed: {} }) satisfies AppEvent;
  const memoryBefore = process.memoryUsage.rss();
  let told = 0;
  while (listeners.size > 0 && told < 1000) {
    tell?.(event((told += 1)));
    await new Promise(setImmediate);
  }
  // The system's own buffers take some megabytes; then it ends.
  expect(told).toBeLessThan(200);
  expect(listeners.size).toBe(0);
  expect(process.memoryUsage.rss() - memoryBefore).toBeLessThan(400_000_000);
  deaf.destroy();
  await started.value.close();
});

test('a bug in a call is an answer, and not a program that is gone', async () => {
  const api = { 'status.get': () => Promise.reject(new Error('a bug')) } as unknown as Api;
  const started = await startWebServer({
    api,
    events: { subscribe: () => () => undefined },
    folder: place.folder,
    ports: [0],
    memory: { issue: async () => 'one', knows: () => true },
  });
  if (!started.ok) throw new Error(started.fault.code);
  const answer = await status(`http://127.0.0.1:${started.value.port}`, 'one');
  expect(await answer.json()).toEqual({ ok: false, fault: { code: 'internal', params: {} } });
  await started.value.close();
});

test('a link that nobody opened for a day lets nobody in any more, and a fresh one does', async () => {
  let nowMs = 0;
  const started = await startWebServer({
    api: {} as Api,
    events: { subscribe: () => () => undefined },
    folder: place.folder,
    ports: [0],
    memory: { issue: async () => 'one', knows: () => true },
    nowMs: () => nowMs,
  });
  if (!started.ok) throw new Error(started.fault.code);
  const open = async (link: string) => {
    const { hash, origin } = new URL(link);
    const token = new URLSearchParams(hash.slice(1)).get('token');
    return (await post(origin, '/api/session', { token })).status;
  };
  const [one, other] = [started.value.link(), started.value.link()];
  nowMs += DAY_MS - 1;
  expect(await open(one)).toBe(200);
  nowMs += 2;
  expect(await open(other)).toBe(401);
  expect(await open(started.value.link())).toBe(200);
  await started.value.close();
});

test('a tab that has not read yet that the core is gone hears nothing of the next one', async () => {
  const subscribed: { tell: (event: AppEvent) => void; lose: () => void }[] = [];
  const started = await startWebServer({
    api: {} as Api,
    events: {
      subscribe: (tell, lose = () => undefined) => {
        subscribed.push({ tell, lose });
        return () => undefined;
      },
    },
    folder: place.folder,
    ports: [0],
    memory: { issue: async () => 'one', knows: () => true },
  });
  if (!started.ok) throw new Error(started.fault.code);
  const answer = await post(`http://127.0.0.1:${started.value.port}`, '/api/events', {}, 'one');
  const event = (epoch: string) => ({ epoch, revision: 1, asOfMs: 0, changed: {} });
  subscribed[0]?.tell(event('this'));
  subscribed[0]?.lose();
  // Nobody may break by it: an error that nobody hears ends the program.
  const broke: unknown[] = [];
  const onBroken = (error: unknown) => void broke.push(error);
  process.on('uncaughtException', onBroken);
  subscribed[0]?.tell(event('next'));
  const text = await answer.text();
  process.off('uncaughtException', onBroken);
  expect(text).toBe(`${JSON.stringify(event('this'))}\n`);
  expect(broke).toEqual([]);
  await started.value.close();
});

test('whoever reads hears also of one change that is larger than what may wait', async () => {
  const listeners = new Set<(event: AppEvent) => void>();
  const started = await startWebServer({
    api: {} as Api,
    events: {
      subscribe: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    folder: place.folder,
    ports: [0],
    memory: { issue: async () => 'one', knows: () => true },
  });
  if (!started.ok) throw new Error(started.fault.code);
  const answer = await post(`http://127.0.0.1:${started.value.port}`, '/api/events', {}, 'one');
  const reader = answer.body?.getReader();
  for (const revision of [1, 2, 3]) {
    const event = { epoch: 'x'.repeat(3_000_000), revision, asOfMs: 0, changed: {} };
    for (const listener of listeners) listener(event);
    let length = 0;
    while (length < 3_000_000) length += (await reader?.read())?.value?.length ?? Number.NaN;
    expect(length).toBeGreaterThan(3_000_000);
  }
  await reader?.cancel();
  await started.value.close();
});

describe('who was let in', () => {
  const DAY = 86_400_000;

  test('stays so for thirty days, also if the clock was put back meanwhile', async () => {
    const at = { nowMs: Date.UTC(2027, 0, 1) };
    await start();
    const open = () => openWebMemory({ home, nowMs: () => at.nowMs });
    const bearer = await (await open()).issue();
    at.nowMs += 29 * DAY;
    expect((await open()).knows(bearer)).toBe(true);
    at.nowMs += 2 * DAY;
    expect((await open()).knows(bearer)).toBe(false);
    at.nowMs = Date.UTC(2020, 0, 1);
    expect((await open()).knows(bearer)).toBe(false);
  });

  test('is forgotten when a hundred came after, and not before', async () => {
    await start();
    const memory = await openWebMemory({ home, nowMs: () => 0 });
    const bearers: string[] = [];
    for (let index = 0; index < 101; index += 1) bearers.push(await memory.issue());
    const again = await openWebMemory({ home, nowMs: () => 0 });
    expect(bearers.map((bearer) => again.knows(bearer))).toEqual([
      false,
      ...Array.from({ length: 100 }, () => true),
    ]);
    expect(again.knows('')).toBe(false);
  });
});
