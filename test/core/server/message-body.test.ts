import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SERVER_LIMITS } from '../../../electron/core/server/limits.ts';
import { readBody } from '../../../electron/core/server/message-body.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A message that comes in pieces of so many bytes, ten seconds apart. */
async function read(pieces: readonly number[]) {
  const body = Object.assign(new Readable({ read: () => undefined }), { headers: {} });
  const reading = readBody(body as unknown as IncomingMessage, SERVER_LIMITS);
  for (const bytes of pieces) {
    if (!body.destroyed) body.push(new Uint8Array(bytes));
    await vi.advanceTimersByTimeAsync(10_000);
  }
  if (!body.destroyed) body.push(null);
  return reading;
}

test('a long message on a slow line is read, however long it takes in all', async () => {
  const whole = await read([20_000, 20_000, 20_000, 20_000, 20_000]);
  expect(whole.ok && whole.value.length).toBe(100_000);
  expect(vi.getTimerCount()).toBe(0);
});

test('one that comes drop by drop is broken off', async () => {
  const drops = await read([10, 10, 10, 10, 10]);
  expect(drops).toMatchObject({ ok: false, fault: { params: { problem: 'broken off' } } });
});

test('one that is too long is not read to its end', async () => {
  const long = await read(Array<number>(20).fill(20_000));
  expect(long).toMatchObject({ ok: false, fault: { code: 'bad-request' } });
});
