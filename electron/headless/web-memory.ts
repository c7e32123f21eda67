import { DAY_MS } from '../../shared/units.ts';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../core/database/durable-file.ts';

/**
 * What the web door remembers, so that a tab that is open finds the program again after a restart: the
 * port, and who was let in. Of bearers only hashes are written down, in a file for this user alone.
 */
export type WebMemory = {
  readonly port: () => number | undefined;
  readonly keepPort: (port: number) => Promise<void>;
  /** Lets somebody in: a new bearer, good for thirty days. */
  readonly issue: () => Promise<string>;
  readonly knows: (bearer: string) => boolean;
};

const FILE = 'web.json';
const BEARERS_MAX = 100;
const BEARER_LIFE_MS = 30 * DAY_MS;
const BEARER_BYTES = 24;

const kept = z.object({
  port: z.int().min(1).max(65_535).optional(),
  bearers: z
    .array(z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/), issuedMs: z.int() }))
    .max(BEARERS_MAX),
});
type Kept = z.infer<typeof kept>;

export async function openWebMemory({
  home,
  nowMs,
}: {
  readonly home: string;
  readonly nowMs: () => number;
}): Promise<WebMemory> {
  const file = join(home, FILE);
  let memory = await read(file);
  let writing: Promise<void> = Promise.resolve();

  /** What can't be written down is still known until the program ends. */
  function change(patch: Partial<Kept>): Promise<void> {
    memory = { ...memory, ...patch };
    const text = `${JSON.stringify(memory, undefined, 2)}\n`;
    writing = writing.then(() => writeDurably(file, text)).catch(() => undefined);
    return writing;
  }

  /** A clock that was put back makes nobody's stay longer. */
  function isValid({ issuedMs }: Kept['bearers'][number]): boolean {
    return Math.abs(nowMs() - issuedMs) < BEARER_LIFE_MS;
  }

  return {
    port: () => memory.port,
    keepPort: async (port) => {
      if (port !== memory.port) await change({ port });
    },
    issue: async () => {
      const bearer = randomBytes(BEARER_BYTES).toString('base64url');
      const issued = { hash: hashOf(bearer).toString('hex'), issuedMs: nowMs() };
      await change({ bearers: [...memory.bearers.filter(isValid), issued].slice(-BEARERS_MAX) });
      return bearer;
    },
    knows: (bearer) => {
      const hash = hashOf(bearer);
      return memory.bearers.some(
        (each) => isValid(each) && timingSafeEqual(hash, Buffer.from(each.hash, 'hex')),
      );
    },
  };
}

/** Bearers are long and random, so that a plain hash gives nothing away. */
function hashOf(bearer: string): Buffer {
  return createHash('sha256').update(bearer).digest();
}

/** A file that is missing or damaged costs a fresh link, and nothing else. */
async function read(file: string): Promise<Kept> {
  const text = await readFile(file, 'utf8').catch(() => '');
  try {
    return kept.parse(JSON.parse(text));
  } catch {
    return { bearers: [] };
  }
}
