import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Clock } from '../../electron/core/ports.ts';
import { largestSizeBytes, promisedBytes } from '../../shared/model/plot.ts';
import { GB, MB } from '../../shared/units.ts';
import { offer, pair, scratch, startHome, type TestHome } from '../fakes/homes.ts';

/** Ana gives Ben as much as Ben verifiably keeps for her, and Cleo likewise. */
const HOUR_MS = 3_600_000;
const ratio = (times: number) => ({
  guards: {},
  grounds: [{ kind: 'reciprocal' as const, ratio: times }],
});

let place: Awaited<ReturnType<typeof scratch>>;
let ana: TestHome;
let ben: TestHome;
let aheadMs: number;
const clock: Clock = {
  nowMs: () => Date.now() + aheadMs,
  monotonicMs: () => performance.now() + aheadMs,
};

beforeEach(async () => {
  aheadMs = 0;
  place = await scratch();
  for (const name of ['spare of Ana', 'spare of Ben', 'files'])
    await mkdir(join(place.folder, name));
  ana = await startHome('Ana', place.folder, { ports: { clock } });
  ben = await startHome('Ben', place.folder, { ports: { clock } });
  await pair(ana, ben);
  await offer(ana, join(place.folder, 'spare of Ana'), 10n * GB);
  await offer(ben, join(place.folder, 'spare of Ben'), 10n * GB);
  await ana.call('policy.set', { friend: 'Ben', policy: ratio(10) });
  await ana.call('sets.create', {
    name: 'all',
    folders: [join(place.folder, 'files')],
    to: ['Ben'],
  });
});
afterEach(async () => {
  await Promise.all([ana.close(), ben.close()]);
  await place.remove();
});

async function backUp(bytes: number): Promise<void> {
  await writeFile(join(place.folder, 'files', `file ${bytes}`), randomBytes(bytes));
  const run = await ana.job(await ana.call('sets.run', { name: 'all' }));
  expect(run).toMatchObject({ state: 'done' });
}
/** So much later, with all that a minute brings. */
async function later(ms: number): Promise<void> {
  aheadMs += ms;
  await ana.core.chores();
}
async function mayBenAsk(): Promise<bigint> {
  const tried = await ana.call('policy.try', { friend: 'Ben', size: '1', durationS: 86_400 });
  const { answer } = tried;
  if (!('share' in answer) || answer.share === undefined) throw new Error(answer.type);
  return BigInt(answer.share.mayAskBytes);
}
const ask = (size: bigint) =>
  ben.call('allocations.ask', { friend: 'Ana', size: `${size}`, durationS: 86_400 });
/** The packs that Ben keeps for Ana, on his own disk. */
async function packs(): Promise<readonly string[]> {
  const root = join(place.folder, 'spare of Ben');
  const all = await readdir(root, { recursive: true });
  return all
    .filter((name) => /[\\/]data[\\/].*[0-9a-f]{64}$/.test(name))
    .map((name) => join(root, name));
}

test('before anything is kept nothing is given, and he is told so', async () => {
  await later(HOUR_MS);
  expect(await ask(GB)).toMatchObject({
    type: 'denied',
    reasons: [{ code: 'not-reciprocal', params: { heldBytes: '0', mayAskBytes: '0' } }],
  });
});

test('what was fetched and found right counts, times the ratio, and no more than that', async () => {
  await backUp(60_000_000);
  await later(HOUR_MS);
  const may = await mayBenAsk();
  // Ten times 60 MB, less the working room.
  expect(may).toBeGreaterThan(largestSizeBytes(600n * MB));
  expect(may).toBeLessThan(largestSizeBytes(610n * MB));
  expect(await ask(may + 1n)).toMatchObject({
    type: 'denied',
    reasons: [{ code: 'not-reciprocal' }],
  });
  const granted = await ask(may - 100n * MB);
  expect(granted).toMatchObject({ type: 'granted' });
  const used = promisedBytes(may - 100n * MB);
  expect(await mayBenAsk()).toBeLessThan(may);
  expect((await ana.call('plots.hosted'))[0]).toMatchObject({
    ground: 'reciprocal',
    promisedBytes: `${used}`,
  });
});

test('what he lost counts for nothing from the next look on, until it is there again', async () => {
  await backUp(60_000_000);
  await later(HOUR_MS);
  expect(await mayBenAsk()).toBeGreaterThan(0n);
  const all = await packs();
  for (const pack of all) await rename(pack, `${pack}.away`);
  await later(25 * HOUR_MS);
  expect(await mayBenAsk()).toBe(0n);
  expect(await ask(MB)).toMatchObject({
    reasons: [{ code: 'not-reciprocal', params: { heldBytes: '0' } }],
  });
});

test('what he changed counts for nothing', async () => {
  await backUp(60_000_000);
  await later(HOUR_MS);
  for (const pack of await packs()) await writeFile(pack, randomBytes((await stat(pack)).size));
  await later(25 * HOUR_MS);
  expect(await mayBenAsk()).toBe(0n);
});

test('while he can’t be asked what was verified goes on counting', async () => {
  await backUp(60_000_000);
  await later(HOUR_MS);
  const port = Number(ben.address.split(':')[1]);
  await ben.close();
  await later(25 * HOUR_MS);
  expect(await mayBenAsk()).toBeGreaterThan(0n);
  ben = await startHome('Ben', place.folder, { port, ports: { clock } });
});

test('plots that he keeps for somebody else, or that are nobody’s, are no claim on Ana', async () => {
  await backUp(60_000_000);
  await later(HOUR_MS);
  const quoted = await ben.call('allocations.quote', {
    friend: 'Ana',
    size: `${MB}`,
    durationS: 86_400,
    why: [{ kind: 'reciprocal', plots: ['b'.repeat(25) + 'a'] }],
  });
  // His own device names what he really keeps besides.
  expect(quoted).toMatchObject({ type: 'granted' });
  const cleo = await startHome('Cleo', place.folder, { ports: { clock } });
  try {
    await pair(cleo, ana);
    await ana.call('policy.set', { friend: 'Cleo', policy: ratio(10) });
    const [mine] = await ana.call('plots.mine');
    const claimed = await cleo.call('allocations.ask', {
      friend: 'Ana',
      size: `${MB}`,
      durationS: 86_400,
      why: [{ kind: 'reciprocal', plots: [mine?.plot ?? ''] as never }],
    });
    expect(claimed).toMatchObject({
      type: 'denied',
      reasons: [{ code: 'not-reciprocal', params: { heldBytes: '0' } }],
    });
  } finally {
    await cleo.close();
  }
});
