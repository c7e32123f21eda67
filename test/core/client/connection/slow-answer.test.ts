import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { readText } from '../../../../electron/core/client/connection/peer-client.ts';

afterEach(() => vi.useRealTimers());

test('a message that comes byte by byte without end is given up, and nothing waits for it for ever', async () => {
  vi.useFakeTimers();
  const body = new Readable({ read: () => undefined });
  const drip = setInterval(() => body.destroyed || body.push(' '), 10_000);
  const read = readText(body as IncomingMessage, 1000);
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  clearInterval(drip);
  // Were it still read, this would be its end.
  if (!body.destroyed) body.push(null);
  expect(await read).toMatchObject({
    ok: false,
    fault: { code: 'unreachable', detail: 'no answer in time' },
  });
});

test('a message that is slow and ends is read', async () => {
  vi.useFakeTimers();
  const body = new Readable({ read: () => undefined });
  const read = readText(body as IncomingMessage, 1000);
  for (const part of ['{"v"', ':1}']) {
    body.push(part);
    await vi.advanceTimersByTimeAsync(20_000);
  }
  body.push(null);
  expect(await read).toEqual({ ok: true, value: '{"v":1}' });
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(vi.getTimerCount()).toBe(0);
});
