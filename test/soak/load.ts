import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChildHome, pairHomes, startChildHome } from '../../electron/headless/child-home.ts';

/**
 * A real host under full load for some minutes: objects come, are read and go, room is asked for and let go of, as fast as
 * the machine can. What it holds of memory and of open files must not grow once it is warm.
 */
export type LoadResult = {
  readonly calls: Readonly<Record<string, number>>;
  readonly samples: readonly Sample[];
  /** What grew beyond its bounds, in words. */
  readonly wrong: readonly string[];
};
export type Sample = { readonly atS: number; readonly memoryMB: number; readonly files: number };

const WORKERS = 6;
const OBJECT_BYTES = 2_000_000;
/** Each keeps so many there, so that what lies there and what is written down of it stay as they are. */
const HELD = 8;
const SAMPLE_MS = 5000;
/** Then everything that grows once has grown: code is compiled, buffers and caches are filled. */
const WARM_SHARE = 0.4;
const MEMORY_GROWTH = 0.1;
const MEMORY_SLACK_MB = 25;
const FILES_SLACK = 12;
/** With fewer there is nothing that could have grown. */
const SAMPLES_MIN = 20;

export async function load(minutes: number, say: (line: string) => void): Promise<LoadResult> {
  const place = mkdtempSync(join(tmpdir(), 'allotment-soak-'));
  const homes: ChildHome[] = [];
  try {
    const host = await startChildHome(join(place, 'host'), 'Hub');
    homes.push(host);
    const guest = await startChildHome(join(place, 'guest'), 'Gus');
    homes.push(guest);
    await pairHomes(guest, host);
    const folder = join(place, 'spare');
    mkdirSync(folder);
    await host.call('offer.set', { folder, offerBytes: '20000000000', keepFreeBytes: '0' });
    const policy = { guards: { maxPlots: 1000 }, grounds: [{ kind: 'always' as const }] };
    await host.call('policy.set', { policy });
    const ask = { friend: 'Hub', size: '2000000000', durationS: 86_400 };
    const granted = await guest.call('allocations.ask', ask);
    if (granted.type !== 'granted') throw new Error('no plot to load');
    const text = readFileSync(join(place, 'guest', 'secrets', 'identity'), 'utf8');
    const { keyPem: key, certificatePem: cert } = JSON.parse(text) as Record<string, string>;
    const agent = new Agent({ keepAlive: true, maxSockets: WORKERS, key, cert });
    const untilMs = performance.now() + minutes * 60_000;
    const calls: Record<string, number> = {};
    const call = createCall({ agent, port: host.ready.port, calls });
    const samples: Sample[] = [];
    const pid = host.process.pid ?? 0;
    const startedMs = performance.now();
    const timer = setInterval(() => {
      const sample = { atS: Math.round((performance.now() - startedMs) / 1000), ...held(pid) };
      samples.push(sample);
      if (samples.length % 12 === 0)
        say(`${sample.atS} s: ${sample.memoryMB.toFixed(0)} MB, ${sample.files} files open`);
    }, SAMPLE_MS);
    const plot = granted.plot;
    await Promise.all(Array.from({ length: WORKERS }, () => work(call, { plot, untilMs })));
    clearInterval(timer);
    agent.destroy();
    return { calls, samples, wrong: grownIn(samples) };
  } finally {
    await Promise.all(homes.map((home) => home.stop()));
    rmSync(place, { recursive: true, force: true });
  }
}

type Call = (
  method: string,
  path: string,
  body?: Buffer,
) => Promise<{ readonly status: number; readonly body: Buffer }>;

async function work(
  call: Call,
  { plot, untilMs }: { readonly plot: string; readonly untilMs: number },
): Promise<void> {
  const names: string[] = [];
  const base = `/v1/plots/${plot}/repository/data/`;
  const body = randomBytes(OBJECT_BYTES);
  while (performance.now() < untilMs) {
    // Another object each time, of which all but a few bytes are the same.
    randomBytes(16).copy(body);
    const name = createHash('sha256').update(body).digest('hex');
    expectStatus(await call('POST', base + name, body), 200);
    names.push(name);
    const read = await call('GET', base + (names[0] ?? name));
    expectStatus(read, 200);
    if (read.body.length !== OBJECT_BYTES) throw new Error('an object came back shorter');
    if (names.length > HELD) expectStatus(await call('DELETE', base + (names.shift() ?? '')), 200);
    await askAndLetGo(call);
  }
}

async function askAndLetGo(call: Call): Promise<void> {
  const requestId = randomBytes(16).toString('base64url');
  const wish = { v: 1, requestId, size: '1000', duration: { want: 3600 }, why: [] };
  const asked = await call('POST', '/v1/allocations', Buffer.from(JSON.stringify(wish)));
  // Nobody asks as often as this; to be told so is an answer too.
  if (asked.status === 429) return;
  expectStatus(asked, 200);
  const { plot } = JSON.parse(asked.body.toString()) as { readonly plot?: string };
  if (plot !== undefined) await call('DELETE', `/v1/plots/${plot}`);
}

function expectStatus({ status, body }: Awaited<ReturnType<Call>>, wanted: number): void {
  if (status !== wanted)
    throw new Error(`the host answers ${status}: ${body.subarray(0, 300).toString()}`);
}

function createCall({
  agent,
  port,
  calls,
}: {
  readonly agent: Agent;
  readonly port: number;
  readonly calls: Record<string, number>;
}): Call {
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const headers = {
        'content-type': path.includes('/repository/')
          ? 'application/octet-stream'
          : 'application/json',
        ...(body === undefined ? {} : { 'content-length': body.length }),
      };
      const options = { agent, host: '127.0.0.1', port, method, path, headers };
      const asked = request({ ...options, rejectUnauthorized: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('end', () => {
          const kind = `${method} ${path.includes('/repository/') ? 'object' : 'plot'}`;
          calls[kind] = (calls[kind] ?? 0) + 1;
          if (response.statusCode === 429) calls['too often'] = (calls['too often'] ?? 0) + 1;
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) });
        });
        response.once('error', reject);
      });
      asked.once('error', reject);
      asked.end(body);
    });
}

function held(pid: number): Pick<Sample, 'memoryMB' | 'files'> {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const memoryMB = Number(/VmRSS:\s+([0-9]+) kB/.exec(status)?.[1] ?? 0) / 1000;
  return { memoryMB, files: readdirSync(`/proc/${pid}/fd`).length };
}

/** The last quarter beside the first one after it was warm. */
function grownIn(samples: readonly Sample[]): readonly string[] {
  const warm = samples.slice(Math.floor(samples.length * WARM_SHARE));
  const quarter = Math.max(1, Math.floor(warm.length / 4));
  const middle = (part: readonly Sample[], of: (sample: Sample) => number) =>
    part.map(of).toSorted((one, other) => one - other)[Math.floor(part.length / 2)] ?? 0;
  const [first, last] = [warm.slice(0, quarter), warm.slice(-quarter)];
  const memory = (part: readonly Sample[]) => middle(part, ({ memoryMB }) => memoryMB);
  const files = (part: readonly Sample[]) => middle(part, (sample) => sample.files);
  const wrong: string[] = [];
  if (samples.length < SAMPLES_MIN) wrong.push('too short to say that nothing grows');
  if (memory(last) > memory(first) * (1 + MEMORY_GROWTH) + MEMORY_SLACK_MB)
    wrong.push(`memory grew from ${memory(first).toFixed(0)} to ${memory(last).toFixed(0)} MB`);
  if (files(last) > files(first) + FILES_SLACK)
    wrong.push(`open files grew from ${files(first)} to ${files(last)}`);
  return wrong;
}
