import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { exchange } from '../../../../electron/core/client/connection/exchange.ts';
import { openPeerSession } from '../../../../electron/core/client/connection/peer-client.ts';
import {
  PinnedAgent,
  SOCKETS_MAX,
} from '../../../../electron/core/client/connection/pinned-agent.ts';
import { createDeviceKey } from '../../../../electron/core/identity/device-key.ts';
import { until } from '../../../fakes/homes.ts';

/** Real TLS on loopback, against a friend's device that answers as it likes. */
const closers: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of closers.splice(0).toReversed()) await close();
});

async function friend(begin: (server: Server) => void): Promise<PinnedAgent> {
  const { mine, theirs, address } = await device(begin);
  const expected = theirs.device;
  const agent = new PinnedAgent({ identity: mine, expected, addresses: () => [address] });
  closers.push(() => agent.destroy());
  return agent;
}

async function device(begin: (server: Server) => void) {
  const [mine, theirs] = [await createDeviceKey(), await createDeviceKey()];
  const server = createServer({
    key: theirs.keyPem,
    cert: theirs.certificatePem,
    minVersion: 'TLSv1.3',
  });
  begin(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  closers.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => server.closeAllConnections(),
  );
  return { mine, theirs, address };
}

function ask(
  agent: PinnedAgent,
  how: Partial<Parameters<typeof exchange>[1]> = {},
): Promise<IncomingMessage> {
  return exchange(agent, { method: 'GET', path: '/', answerMs: 30_000, ...how });
}

it('ends where the other side changes the protocol instead of answering', async () => {
  const agent = await friend((server) => {
    server.on('request', ({ socket }) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
    );
  });
  await expect(ask(agent)).rejects.toThrow('closed without an answer');
});

/** As many calls as there may be connections, each of which the friend has heard and leaves unanswered. */
async function crowded() {
  const held: (() => void)[] = [];
  const agent = await friend((server) => {
    server.on('request', (_request, response) => held.push(() => response.end()));
    server.on('checkContinue', (request, response) => {
      response.writeContinue();
      request.resume().once('end', () => response.end());
    });
  });
  const calls: Promise<IncomingMessage>[] = [];
  for (let count = 1; count <= SOCKETS_MAX; count += 1) {
    calls.push(ask(agent));
    await until(() => (held.length === count ? true : undefined));
  }
  const release = async () => {
    for (const answer of held) answer();
    for (const response of await Promise.all(calls)) response.resume();
  };
  return { agent, held, release };
}

it('does not count the time that an upload waits for a connection as the friend’s silence', async () => {
  const { agent, release } = await crowded();
  const answerMs = 30_000;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const upload = ask(agent, { method: 'POST', body: [Buffer.alloc(100_000)], answerMs });
  upload.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(answerMs * 1.5);
  vi.useRealTimers();
  await release();
  const response = await upload;
  response.resume();
  expect(response.statusCode).toBe(200);
});

it('waits for the answer to an upload as much longer as the system needs for what it keeps for a slow line', async () => {
  const held: (() => void)[] = [];
  const agent = await friend((server) => {
    server.on('checkContinue', (request, response) => {
      response.writeContinue();
      request.resume().once('end', () => held.push(() => response.end()));
    });
  });
  const answerMs = 30_000;
  const outcomes: string[] = [];
  for (const msPerByte of [undefined, 1]) {
    agent.pace = msPerByte;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const upload = ask(agent, { method: 'POST', body: [Buffer.alloc(100_000)], answerMs });
    const ended = upload.then(
      (response) => {
        response.resume();
        return 'answered';
      },
      (error: Error) => error.message,
    );
    while (held.length === 0) await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(answerMs * 4);
    vi.useRealTimers();
    held.pop()?.();
    outcomes.push(await ended);
  }
  // Where nothing is known of the line, whoever is gone is noticed as soon as ever.
  expect(outcomes).toEqual(['no answer in time', 'answered']);
  // Nor is a line still taken for a fast one on which something has failed.
  agent.pace = 0;
  agent.destroy();
  await expect(ask(agent, { path: '/gone' })).rejects.toThrow();
  expect(agent.pace).toBeUndefined();
});

it('waits longer for the answer once there was none to a body that the system may still have', async () => {
  const held: (() => void)[] = [];
  const agent = await friend((server) => {
    // Larger ones, which ask first, get no word.
    server.on('checkContinue', () => held.push(() => undefined));
    server.on('request', (request, response) => {
      request.resume().once('end', () => held.push(() => response.end()));
    });
  });
  const answerMs = 30_000;
  const upload = async (bytes: number, afterMs: number) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const ended = ask(agent, { method: 'POST', body: [Buffer.alloc(bytes)], answerMs }).then(
      (response) => {
        response.resume();
        return 'answered';
      },
      (error: Error) => error.message,
    );
    while (held.length === 0) await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(afterMs);
    vi.useRealTimers();
    held.pop()?.();
    return ended;
  };
  expect(await upload(40_000, answerMs * 2)).toBe('no answer in time');
  expect(agent.pace).toBe(1);
  expect(await upload(40_000, answerMs * 2)).toBe('answered');
  expect(agent.pace).toBe(1);
  // A line that is known to be slower is not taken for a better one.
  agent.pace = 2;
  expect(await upload(40_000, answerMs * 4)).toBe('no answer in time');
  expect(agent.pace).toBe(2);
  // Whoever does not even ask for the body keeps nobody waiting.
  expect(await upload(100_000, answerMs * 2)).toBe('no answer in time');
  expect(agent.pace).toBeUndefined();
});

it('does not take the time that a body waits for a connection as the line’s', async () => {
  const { agent, held, release } = await crowded();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const upload = ask(agent, { method: 'POST', body: [Buffer.alloc(40_000)] });
  await vi.advanceTimersByTimeAsync(5000);
  await release();
  while (held.length === SOCKETS_MAX) await new Promise(setImmediate);
  held.at(-1)?.();
  const response = await upload;
  response.resume();
  expect(response.statusCode).toBe(200);
  expect(agent.pace).toBeUndefined();
});

it('sends nothing of a body whose request is given up while it waits for a connection', async () => {
  const { agent, held, release } = await crowded();
  const ending = new AbortController();
  const upload = ask(agent, {
    method: 'POST',
    body: [Buffer.alloc(40_000)],
    signal: ending.signal,
  });
  ending.abort();
  await expect(upload).rejects.toThrow('given up');
  await release();
  const later = ask(agent, { path: '/later' });
  while (held.length === SOCKETS_MAX) await new Promise(setImmediate);
  for (const answer of held) answer();
  (await later).resume();
  expect(held).toHaveLength(SOCKETS_MAX + 1);
});

it('that waits for a connection is given up at once when nobody wants it any more', async () => {
  const { agent, release } = await crowded();
  const ending = new AbortController();
  const waiting = expect(ask(agent, { signal: ending.signal })).rejects.toThrow('given up');
  ending.abort();
  await waiting;
  await expect(ask(agent, { signal: ending.signal })).rejects.toThrow('given up');
  await release();
});

it('fails with the others that wait for a connection where none can be made, and is not sent later', async () => {
  const heard: string[] = [];
  let end: () => void = () => undefined;
  const agent = await friend((server) => {
    server.on('request', ({ url }) => heard.push(url ?? ''));
    end = () => {
      server.close();
      server.closeAllConnections();
    };
  });
  const calls = Array.from({ length: SOCKETS_MAX }, () => ask(agent).catch(() => 'ended'));
  await until(() => (heard.length === SOCKETS_MAX ? true : undefined));
  const behind = Array.from({ length: 3 }, (_, at) =>
    ask(agent, { path: `/behind/${at}` }).catch((error: NodeJS.ErrnoException) => error.code),
  );
  end();
  expect(await Promise.all(calls)).toEqual(calls.map(() => 'ended'));
  expect(await Promise.all(behind)).toEqual(behind.map(() => 'ECONNREFUSED'));
  expect(heard).toHaveLength(SOCKETS_MAX);
});

it('says that it may have been heard where only the second try was certainly not', async () => {
  let calls = 0;
  const { mine, theirs, address } = await device((server) => {
    server.on('request', (request, response) => {
      calls += 1;
      // It has heard the second one, and ends before it answers: nobody is there for another try.
      if (calls > 1) server.close();
      if (calls > 1) request.socket.destroy();
      else response.end('{}');
    });
  });
  const session = openPeerSession(mine, { device: theirs.device, addresses: [address] });
  closers.push(() => session.close());
  const first = await session.stream({ method: 'GET', path: '/' });
  if (first.ok) first.value.resume();
  await until(() => (first.ok && first.value.complete ? true : undefined));
  const second = await session.stream({ method: 'GET', path: '/' });
  expect(second).toMatchObject({ ok: false, fault: { code: 'unreachable', mayBeHeard: true } });
  expect(calls).toBe(2);
});
