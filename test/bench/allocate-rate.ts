import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:https';

/** Allocations per second of so many clients that each wait for their answer, and the slowest hundredth. */
export async function allocateRate(
  port: number,
  keys: { readonly key: string; readonly cert: string },
  { clients, calls }: { readonly clients: number; readonly calls: number },
): Promise<{ readonly perS: number; readonly p99Ms: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const times: number[] = [];
  let left = calls;

  function ask(): Promise<void> {
    const requestId = randomBytes(16).toString('base64url');
    const body = JSON.stringify({ v: 1, requestId, size: '1', duration: { want: 3600 }, why: [] });
    const startedMs = performance.now();
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          ...keys,
          agent,
          host: '127.0.0.1',
          port,
          path: '/v1/allocations',
          method: 'POST',
          headers: { 'content-type': 'application/json', 'content-length': body.length },
          rejectUnauthorized: false,
        },
        (response) => {
          response.resume();
          response.once('end', () => {
            times.push(performance.now() - startedMs);
            if (response.statusCode === 429)
              reject(new Error('the bench runs into the rate limit'));
            else resolve();
          });
        },
      );
      outgoing.once('error', reject);
      outgoing.end(body);
    });
  }

  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (left > 0) {
        left -= 1;
        await ask();
      }
    }),
  );
  const perS = calls / ((performance.now() - startedMs) / 1000);
  agent.destroy();
  const sorted = times.sort((one, other) => one - other);
  return { perS, p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0 };
}
