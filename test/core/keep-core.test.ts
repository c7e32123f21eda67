import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Worker } from 'node:worker_threads';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keepCore, type KeptCore, nextWaitMs } from '../../electron/core/keep-core.ts';
import { startCore } from '../../electron/core/start-core.ts';
import type { AppEvent } from '../../shared/contract/views.ts';
import { watchThreads } from '../fakes/book-threads.ts';
import { asTestHome, offer, pair, scratch, startHome, until } from '../fakes/homes.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let threads: ReturnType<typeof watchThreads>;
let core: KeptCore;

beforeEach(async () => {
  place = await scratch();
  threads = watchThreads();
  const kept = await keepCore(optionsFor('Ben'));
  if (!kept.ok) throw new Error(kept.fault.code);
  core = kept.value;
});
afterEach(async () => {
  await core.close();
  threads.stop();
  await place.remove();
});

function optionsFor(name: string) {
  return {
    home: join(place.folder, name),
    version: 'test',
    name,
    port: 0,
    host: '127.0.0.1',
    logLevel: 'silent',
  } as const;
}

/** The thread of the books is the first that a core starts. */
function books(): Worker {
  const [thread] = threads.all;
  if (thread === undefined) throw new Error('no thread was started');
  return thread;
}

/** Lets the books die, and waits until whoever listens was told so: that they are gone lasts a second and can be missed. */
async function lose(): Promise<void> {
  let isLost = false;
  const stop = core.events.subscribe(
    () => undefined,
    () => {
      isLost = true;
    },
  );
  books().postMessage(null);
  await until(() => (isLost ? true : undefined));
  stop();
}

const isBack = async () => {
  const status = await core.api['status.get']({});
  return status.ok ? status.value : undefined;
};

describe('a core whose books die', () => {
  test.each([
    ['ended from outside', (thread: Worker) => void thread.terminate()],
    // No message of ours: it breaks the thread's own loop.
    ['broken by an error of their own', (thread: Worker) => thread.postMessage(null)],
  ])(
    '%s: says so, answers “not running”, and comes back as the same device',
    async (_how, kill) => {
      const before = core.info();
      const first = await core.api['state.snapshot']({});
      const events: AppEvent[] = [];
      let lost = 0;
      core.events.subscribe(
        (event) => events.push(event),
        () => (lost += 1),
      );
      kill(books());
      await until(() => (lost > 0 ? true : undefined));
      expect(await core.api['friends.list']({})).toMatchObject({
        ok: false,
        fault: { code: 'not-running' },
      });
      await core.chores();
      const back = await until(isBack);
      expect(back).toMatchObject({ name: 'Ben', device: before.device, port: before.port });
      expect(core.info()).toEqual(before);
      expect(lost).toBe(1);
      // The whole state is the first event of the new run, which has another epoch.
      const [event] = await until(() => (events.length > 0 ? events : undefined));
      expect(event?.epoch).not.toBe(first.ok && first.value.epoch);
      expect(event?.changed.status).toMatchObject({ name: 'Ben' });
    },
  );

  test('a call under way is answered, not left alone', async () => {
    const calls = Array.from({ length: 20 }, () => core.api['decisions.list']({}));
    books().postMessage(null);
    const results = await Promise.all(calls);
    for (const result of results) if (!result.ok) expect(result.fault.code).toBe('not-running');
    await until(isBack);
  });

  test('keeps its friends, and friends find it at the same address', async () => {
    const ana = await startHome('Ana', place.folder);
    await pair(ana, asTestHome(core, place.folder));
    await lose();
    await until(isBack);
    expect(
      await ana.call('allocations.ask', { friend: 'Ben', size: '1000', durationS: 60 }),
    ).toMatchObject({
      type: 'denied',
    });
    await ana.close();
  });

  test('a backup under way ends with it, and can be run again afterwards', async () => {
    const host = await startHome('Ana', place.folder);
    const ben = asTestHome(core, place.folder);
    await pair(ben, host);
    await mkdir(join(place.folder, 'spare'));
    await offer(host, join(place.folder, 'spare'));
    const folder = join(place.folder, 'files');
    await mkdir(folder);
    for (let index = 0; index < 8; index += 1)
      await writeFile(join(folder, `${index}`), randomBytes(4_000_000));
    await ben.call('sets.create', { name: 'all', folders: [folder], to: ['Ana'] });
    const job = await ben.call('sets.run', { name: 'all' });
    await until(async () => {
      const { progress } = await ben.call('jobs.get', { id: job.id });
      return progress.bytesDone === '0' ? undefined : true;
    });
    await lose();
    await until(isBack);
    const again = await ben.job(await ben.call('sets.run', { name: 'all' }));
    expect(again).toMatchObject({ state: 'done', result: { files: 8 } });
    await host.close();
  });

  test('does not come back when it is closed meanwhile, and lets go of its home', async () => {
    await lose();
    await core.close();
    const again = await startCore({ ...optionsFor('Ben'), port: core.info().port });
    expect(again.ok).toBe(true);
    if (again.ok) await again.value.close();
    expect(await core.api['status.get']({})).toMatchObject({ fault: { code: 'not-running' } });
  });

  test('whoever stopped listening hears neither of the loss nor of what follows', async () => {
    let heard = 0;
    const stop = core.events.subscribe(
      () => (heard += 1),
      () => (heard += 1),
    );
    stop();
    await lose();
    await until(isBack);
    expect(heard).toBe(0);
  });
});

test('a core that becomes another owner’s answers first, and begins again at once with the same doors', async () => {
  const before = core.info();
  const owner = async () => {
    const status = await core.api['status.get']({});
    return status.ok ? status.value.owner : undefined;
  };
  const first = await owner();
  const events: AppEvent[] = [];
  let lost = 0;
  core.events.subscribe(
    (event) => events.push(event),
    () => (lost += 1),
  );
  const words = `${'abandon '.repeat(23)}art`;
  expect(await core.api['recovery.begin']({ words })).toMatchObject({
    ok: true,
    value: { state: 'searching' },
  });
  const event = await until(() => events.find(({ changed }) => changed.status !== undefined));
  expect(lost).toBe(1);
  expect(event.changed.status).toMatchObject({ name: 'Ben', port: before.port, phraseSaved: true });
  expect(event.changed.recovery).toMatchObject({ state: 'searching' });
  expect(await owner()).toBe('ody4yuxhr7uguyijc44jkbex5yheym4olxre6547s7ok5xjprpoq');
  expect(first).not.toBe(await owner());
  expect(core.info().device).not.toBe(before.device);
  // Where it is in use, it stays whose it is.
  const other = await startHome('Ana', place.folder);
  await pair(other, asTestHome(core, place.folder));
  expect(await core.api['recovery.begin']({ words })).toMatchObject({
    fault: { code: 'not-fresh' },
  });
  await other.close();
});

test('the wait before a start doubles up to half a minute, and begins anew after a quiet time', () => {
  const waits = [0, 0, 0, 0, 0, 0, 0].reduce<number[]>(
    (all, ranMs) => [...all, nextWaitMs(all.at(-1), ranMs)],
    [],
  );
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  expect(nextWaitMs(30_000, 60_000)).toBe(1000);
});
