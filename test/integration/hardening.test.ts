import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Logger } from '../../electron/core/ports.ts';
import { SERVER_LIMITS } from '../../electron/core/server/limits.ts';
import { pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';

/** Properties that no feature has by itself: of every connection, every file and every line that is written down. */
let place: Awaited<ReturnType<typeof scratch>>;
const homes: TestHome[] = [];

beforeEach(async () => {
  place = await scratch();
});
afterEach(async () => {
  for (const home of homes.splice(0)) await home.close();
  await place.remove();
});

async function start(name: string, options: Parameters<typeof startHome>[2] = {}) {
  const home = await startHome(name, place.folder, options);
  homes.push(home);
  return home;
}

function dial(home: TestHome, options: object): Promise<TLSSocket> {
  const port = Number(home.address.split(':')[1]);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
    socket.once('secureConnect', () => resolve(socket));
    socket.once('error', reject);
  });
}

describe('a connection', () => {
  test('speaks TLS 1.3 and nothing older', async () => {
    const ben = await start('Ben');
    const socket = await dial(ben, {});
    expect(socket.getProtocol()).toBe('TLSv1.3');
    socket.destroy();
    for (const maxVersion of ['TLSv1.2', 'TLSv1.1'] as const)
      await expect(dial(ben, { minVersion: 'TLSv1', maxVersion })).rejects.toThrow();
  });

  test('is never a resumed one, which would show no key', async () => {
    const ben = await start('Ben');
    const keys = await keysOf(ben, 'Ben');
    const socket = await dial(ben, keys);
    const sessions: Buffer[] = [];
    socket.on('session', (session: Buffer) => sessions.push(session));
    socket.end('GET /v1/hello HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve).resume());
    // OpenSSL gives a name for the session all the same; nobody here remembers it.
    expect(sessions.length).toBeGreaterThan(0);
    for (const session of sessions) {
      const again = await dial(ben, { ...keys, session });
      expect(again.isSessionReused()).toBe(false);
      again.destroy();
    }
  });

  test('is ended where a friend’s body that was refused goes on for ever', async () => {
    const ben = await start('Ben');
    const ana = await start('Ana');
    await pair(ana, ben);
    const socket = await dial(ben, await keysOf(ana, 'Ana'));
    const closed = new Promise<true>((resolve) => socket.once('close', () => resolve(true)));
    socket.on('error', () => undefined).resume();
    const path = `/v1/plots/${'a'.repeat(26)}/repository/data/${'0'.repeat(64)}`;
    socket.write(`POST ${path} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n`);
    const more = setInterval(() => socket.write(`400\r\n${'x'.repeat(1024)}\r\n`), 5);
    expect(await closed.finally(() => clearInterval(more))).toBe(true);
  });

  // Of the addresses of loopback macOS has only one.
  const hasMore = process.platform !== 'darwin';
  test.runIf(hasMore)('is one of so many, from one address and from all together', async () => {
    const limits = { ...SERVER_LIMITS, connectionsPerAddress: 2, connections: 3 };
    const ben = await start('Ben', { limits });
    const own = [await dial(ben, {}), await dial(ben, {})];
    await expect(dial(ben, {})).rejects.toThrow();
    const other = await dial(ben, { localAddress: '127.0.0.2' });
    await expect(dial(ben, { localAddress: '127.0.0.3' })).rejects.toThrow();
    // Whoever goes makes room.
    own[0]?.destroy();
    const next = await until(() => dial(ben, {}).catch(() => undefined));
    await expect(dial(ben, {})).rejects.toThrow();
    for (const socket of [...own, other, next]) socket.destroy();
  });

  test('says nothing of what the program is made of', async () => {
    const ben = await start('Ben');
    const { headers } = await send(ben, {}, { path: '/v1/hello' });
    expect(Object.keys(headers).sort()).toEqual(
      ['connection', 'content-length', 'content-type', 'date'].sort(),
    );
  });
});

describe.skipIf(process.platform === 'win32')('what lies in the home', () => {
  test('can be reached by its user alone, also in a folder that was there before', async () => {
    const folder = join(place.folder, 'home of Ben');
    mkdirSync(folder, { mode: 0o755 });
    const ben = await start('Ben');
    await ben.call('settings.set', { theme: 'dark' });
    expect(openToOthers(folder)).toEqual([]);
  });
});

/** Whatever others could open; below a folder that is closed to them nothing is. */
function openToOthers(path: string): readonly string[] {
  const { mode } = statSync(path);
  if ((mode & 0o077) === 0) return [];
  if (!statSync(path).isDirectory()) return [path];
  const below = readdirSync(path).flatMap((name) => openToOthers(join(path, name)));
  return below.length > 0 ? below : [path];
}

describe('what is logged', () => {
  test('has no key, no word of the phrase, no way to open anything in it', async () => {
    const lines: string[] = [];
    const logger: Logger = {
      debug: (...line) => void lines.push(JSON.stringify(line)),
      info: (...line) => void lines.push(JSON.stringify(line)),
      warn: (...line) => void lines.push(JSON.stringify(line)),
      error: (...line) => void lines.push(JSON.stringify(line)),
      named: () => logger,
    };
    const ben = await start('Ben', { ports: { logger } });
    const ana = await start('Ana', { ports: { logger } });
    await pair(ana, ben);
    const { words } = await ben.call('phrase.show');
    await ben.fault('phrase.check', {
      words: [1, 2, 3].map((position) => ({ position, word: 'zoo' })),
    });
    await ana.fault('allocations.ask', { friend: 'Ben', size: '1000', durationS: 60 });
    await send(ben, {}, { path: '/v1/nothing' });
    await expect(dial(ben, { minVersion: 'TLSv1', maxVersion: 'TLSv1.2' })).rejects.toThrow();
    // What can't be shaken hands with is written down for sure.
    await expect.poll(() => lines.join('\n')).toContain('a handshake failed');
    const { key = '' } = await keysOf(ben, 'Ben');
    const text = lines.join('\n');
    expect(words).toHaveLength(24);
    // Two words that follow each other; one alone may be a word of any sentence.
    for (const [at, word] of (words ?? []).entries())
      if (at > 0) expect(text).not.toContain(`${words?.[at - 1]} ${word}`);
    for (const line of key.split('\n').slice(1, -2)) expect(text).not.toContain(line);
    expect(text).not.toMatch(/PRIVATE KEY|Bearer /);
  });
});
