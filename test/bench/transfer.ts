import { createHash, randomBytes } from 'node:crypto';
import { Agent, request } from 'node:https';

/** One plain HTTPS client for every server that is measured, so that only the servers differ. */
export type Target = {
  readonly name: string;
  readonly port: number;
  readonly method: 'POST' | 'PUT';
  readonly pathOf: (name: string) => string;
  readonly keys: { readonly key?: string; readonly cert?: string };
};
export type Item = { readonly name: string; readonly bytes: Buffer };

export const ITEM_BYTES = 16 * 1024 * 1024;

export function makeItems(count: number): readonly Item[] {
  return Array.from({ length: count }, () => {
    const bytes = randomBytes(ITEM_BYTES);
    return { name: createHash('sha256').update(bytes).digest('hex'), bytes };
  });
}

function exchange(
  agent: Agent,
  target: Target,
  item: { readonly name: string; readonly bytes?: Buffer },
): Promise<number> {
  const { port, method, pathOf, keys } = target;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        ...keys,
        agent,
        host: '127.0.0.1',
        port,
        path: pathOf(item.name),
        method: item.bytes === undefined ? 'GET' : method,
        headers: item.bytes === undefined ? {} : { 'content-length': item.bytes.length },
        rejectUnauthorized: false,
      },
      (response) => {
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
        });
        response.once('end', () => {
          const { statusCode = 0 } = response;
          if (statusCode >= 200 && statusCode < 300) resolve(length);
          else reject(new Error(`${target.name}: status ${statusCode}`));
        });
      },
    );
    outgoing.once('error', reject);
    outgoing.end(item.bytes);
  });
}

/** Gigabytes per second over all items, so many at a time. */
export async function rate(
  target: Target,
  items: readonly { readonly name: string; readonly bytes?: Buffer }[],
  atOnce: number,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const rest = items.values();
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of rest) await exchange(agent, target, item);
    }),
  );
  const seconds = (performance.now() - startedMs) / 1000;
  agent.destroy();
  return (items.length * ITEM_BYTES) / 1e9 / seconds;
}
