import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLimits, limited } from '../../../electron/core/backup/limited-store.ts';
import { createPlotRepositoryStore } from '../../../electron/core/backup/plot-repository-store.ts';
import type { RepositoryStore } from '../../../electron/core/backup/repository/repository-store.ts';
import {
  openPeerSession,
  type PeerSession,
} from '../../../electron/core/client/connection/peer-client.ts';
import { createDeviceKey } from '../../../electron/core/identity/device-key.ts';
import { SETTINGS_AT_FIRST } from '../../../shared/model/settings.ts';
import { testPlotId } from '../../fakes/test-ledger.ts';

/** Limits on a real connection: whole objects in pieces, and lines that are slower than an answer may be. */
const KIB = 1024;
const OBJECT = { type: 'data' as const, name: 'ab'.repeat(32) };
const BYTES = randomBytes(300 * KIB);

let server: Server;
let session: PeerSession;
/** What was kept, and the sizes of the pieces it came in. */
let kept: Buffer[];
let refuses = false;
/** Every wait, in the order of asking; nobody really waits. */
let waits: number[];

beforeEach(async () => {
  kept = [];
  waits = [];
  refuses = false;
  const [me, ben] = [await createDeviceKey(), await createDeviceKey()];
  server = createServer({
    key: ben.keyPem,
    cert: ben.certificatePem,
    minVersion: 'TLSv1.3',
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.on('request', (request, response) => {
    if (request.method === 'GET')
      return void response.setHeader('content-length', BYTES.length).end(BYTES);
    request.on('data', (chunk: Buffer) => kept.push(chunk));
    request.on('end', () => response.end());
  });
  server.on('checkContinue', (request, response) => {
    if (refuses) {
      response.writeHead(507, { 'content-type': 'application/json' });
      return void response.end(JSON.stringify({ code: 'plot-full', params: {} }));
    }
    response.writeContinue();
    server.emit('request', request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  session = openPeerSession(me, { device: ben.device, addresses: [`127.0.0.1:${port}`] });
});
afterEach(async () => {
  session.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function storeWith(
  settings: Partial<typeof SETTINGS_AT_FIRST>,
  wait: (ms: number) => Promise<void> = async () => undefined,
  answerMs?: number,
): RepositoryStore {
  const time = { ms: 0 };
  const limits = createLimits({
    settings: () => ({ ...SETTINGS_AT_FIRST, ...settings }),
    clock: { nowMs: () => time.ms, monotonicMs: () => time.ms },
    wait: async (ms) => {
      waits.push(ms);
      time.ms += ms;
      await wait(ms);
    },
  });
  const plot = createPlotRepositoryStore({
    plot: testPlotId(1),
    stream: (wish) => session.stream({ ...wish, ...(answerMs === undefined ? {} : { answerMs }) }),
    grow: async () => false,
  });
  return limited(plot, limits);
}

describe('what goes out under a limit', () => {
  it('arrives whole and in small pieces', async () => {
    const store = storeWith({ uploadBytesPerS: 100_000 });
    const chunks = [BYTES.subarray(0, 100_000), BYTES.subarray(100_000)];
    expect(await store.save(OBJECT, chunks)).toMatchObject({ ok: true });
    expect(Buffer.concat(kept).equals(BYTES)).toBe(true);
    // Three seconds' worth, in pieces of a twentieth of a second.
    expect(waits.length).toBeGreaterThan(40);
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(2500);
  });

  it('may take longer than an answer may', async () => {
    const store = storeWith(
      { uploadBytesPerS: 100_000 },
      () => new Promise((resolve) => setTimeout(resolve, 10)),
      150,
    );
    expect(await store.save(OBJECT, [BYTES])).toMatchObject({ ok: true });
    expect(Buffer.concat(kept).equals(BYTES)).toBe(true);
  });

  it('is not even begun where it is refused', async () => {
    refuses = true;
    const store = storeWith({ uploadBytesPerS: 100_000 });
    expect(await store.save(OBJECT, [BYTES])).toMatchObject({ fault: { code: 'plot-full' } });
    expect([kept, waits]).toEqual([[], []]);
  });

  it('ends soon when it is cancelled', async () => {
    const abort = new AbortController();
    const store = storeWith({ uploadBytesPerS: 100_000 }, async () => {
      if (waits.length === 5) abort.abort();
    });
    const saved = await store.save(OBJECT, [BYTES], { signal: abort.signal });
    expect(saved).toMatchObject({ fault: { code: 'cancelled' } });
    expect(waits.length).toBeLessThan(10);
  });
});

describe('what comes in under a limit', () => {
  it('is read as fast as it may come', async () => {
    const store = storeWith({ downloadBytesPerS: 100_000 });
    const loaded = await store.load(OBJECT);
    expect(loaded.ok && Buffer.from(loaded.value).equals(BYTES)).toBe(true);
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(2500);
  });

  it('is not slowed down by a limit for what goes out', async () => {
    const store = storeWith({ uploadBytesPerS: 100_000 });
    expect((await store.load(OBJECT)).ok).toBe(true);
    expect(waits).toEqual([]);
  });
});
