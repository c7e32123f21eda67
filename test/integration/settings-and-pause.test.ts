import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CoreOptions, ShellFacts } from '../../electron/core/core-options.ts';
import type { AppEvent, ShellView } from '../../shared/contract/views.ts';
import { SETTINGS_AT_FIRST } from '../../shared/model/settings.ts';
import { offer, pair, scratch, startHome, type TestHome, until } from '../fakes/homes.ts';
import { keysOf, send } from '../fakes/raw-friend.ts';

let place: Awaited<ReturnType<typeof scratch>>;
let homes: TestHome[] = [];
const start = async (name: string, options: Partial<CoreOptions> = {}) => {
  const home = await startHome(name, place.folder, options);
  homes.push(home);
  return home;
};
const restart = async (home: TestHome, options: Partial<CoreOptions>) => {
  const again = await home.restart(options);
  homes = homes.map((each) => (each === home ? again : each));
  return again;
};

beforeEach(async () => {
  place = await scratch();
});
afterEach(async () => {
  await Promise.all(homes.map((home) => home.close()));
  homes = [];
  await place.remove();
});

describe('settings', () => {
  test('are what is right at first, change one by one, and are there after a restart', async () => {
    let ana = await start('Ana');
    expect(await ana.call('settings.get')).toEqual({ ...SETTINGS_AT_FIRST, name: 'Ana' });
    await ana.call('settings.set', { theme: 'dark' });
    const now = await ana.call('settings.set', { units: 'binary', name: ' Anna ' });
    expect(now).toEqual({ ...SETTINGS_AT_FIRST, theme: 'dark', units: 'binary', name: 'Anna' });
    ana = await restart(ana, { name: undefined });
    expect(await ana.call('settings.get')).toEqual(now);
    expect((await ana.call('state.snapshot')).settings).toEqual(now);
  });

  test('a new name counts at once, for friends too', async () => {
    const ana = await start('Ana');
    await ana.call('settings.set', { name: 'Anna' });
    expect((await ana.call('status.get')).name).toBe('Anna');
    const hello = await send(ana, {}, { path: '/v1/hello' });
    expect(JSON.parse(hello.body.toString('utf8'))).toMatchObject({ name: 'Anna' });
  });

  test('whoever listens hears of a change', async () => {
    const ana = await start('Ana');
    const events: AppEvent[] = [];
    ana.core.events.subscribe((event) => void events.push(event));
    await ana.call('settings.set', { language: 'de' });
    const heard = await until(() => events.find(({ changed }) => changed.settings !== undefined));
    expect(heard.changed.settings?.language).toBe('de');
  });

  test('what makes no sense is refused and changes nothing', async () => {
    const ana = await start('Ana');
    for (const wish of [
      { theme: 'pink' },
      { name: '' },
      { name: '   ' },
      { name: 'a\nb' },
      { name: 'x'.repeat(81) },
      { colour: 'blue' },
      { welcomed: 'yes' },
    ])
      expect(await ana.fault('settings.set', wish), JSON.stringify(wish)).toBe('bad-arguments');
    expect(await ana.call('settings.get')).toEqual({ ...SETTINGS_AT_FIRST, name: 'Ana' });
  });

  test('a home says what its shell can do', async () => {
    let view: ShellView = {
      kind: 'desktop',
      platform: 'linux',
      secrets: 'keyring',
      hasTray: false,
      canStartAtLogin: true,
      updates: { mode: 'none', version: null, isReady: false },
    };
    const listeners = new Set<() => void>();
    const shell: ShellFacts = {
      read: async () => view,
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const [ana, ben] = [await start('Ana', { shell }), await start('Ben')];
    expect((await ana.call('status.get')).shell).toEqual(view);
    const heard = new Promise<AppEvent>((resolve) => {
      ana.core.events.subscribe((event) => {
        if (event.changed.status?.shell.hasTray === true) resolve(event);
      });
    });
    // A panel that comes later, say.
    view = { ...view, hasTray: true };
    for (const tell of listeners) tell();
    expect((await heard).changed.status?.shell).toEqual(view);
    expect((await ben.call('status.get')).shell).toMatchObject({
      kind: 'headless',
      hasTray: false,
    });
  });
});

/** A wall clock that a test can put on. */
function movableClock() {
  let aheadMs = 0;
  return {
    clock: { nowMs: () => Date.now() + aheadMs, monotonicMs: () => performance.now() },
    pass: (ms: number) => {
      aheadMs += ms;
    },
  };
}

describe('a pause', () => {
  async function hosted() {
    const { clock, pass } = movableClock();
    const ben = await start('Ben', { ports: { clock } });
    const ana = await start('Ana');
    const store = join(place.folder, 'spare');
    await mkdir(store);
    await pair(ana, ben);
    await offer(ben, store);
    const files = join(place.folder, 'files');
    await mkdir(files);
    await writeFile(join(files, 'one'), randomBytes(100_000));
    await ana.call('sets.create', { name: 'all', folders: [files], to: ['Ben'] });
    const run = await ana.job(await ana.call('sets.run', { name: 'all' }));
    expect(run.state).toBe('done');
    return { ana, ben, files, pass };
  }

  test('refuses what is new, lets the rest go on, and outlives a restart', async () => {
    const { ana, files, ...one } = await hosted();
    let { ben } = one;
    const { untilMs } = await ben.call('pause.set', { until: 'hour' });
    expect((await ben.call('status.get')).pausedUntilMs).toBe(untilMs);

    const asked = await ana.call('allocations.ask', { friend: 'Ben', size: '1000', durationS: 60 });
    expect(asked.type === 'denied' && asked.reasons.map(({ code }) => code)).toEqual(['paused']);
    const [mine] = await ana.call('plots.mine');
    expect((await ana.call('plots.renew', { plot: mine?.plot })).type).toBe('granted');

    const out = join(place.folder, 'out');
    const back = await ana.job(await ana.call('sets.restore', { name: 'all', to: out }));
    expect(back.state).toBe('done');

    await writeFile(join(files, 'two'), randomBytes(100_000));
    const refused = await ana.job(await ana.call('sets.run', { name: 'all' }));
    expect(refused).toMatchObject({
      state: 'failed',
      fault: { key: 'fault.refused', params: { friend: 'Ben', denial: 'paused' } },
    });

    ben = await restart(ben, {});
    expect((await ben.call('status.get')).pausedUntilMs).toBe(untilMs);
    expect((await ana.job(await ana.call('sets.run', { name: 'all' }))).state).toBe('failed');
    expect(await ben.call('pause.set', { until: null })).toEqual({ untilMs: null });
    expect((await ana.job(await ana.call('sets.run', { name: 'all' }))).state).toBe('done');
  });

  test('ends by itself, and whoever listens hears of it', async () => {
    const { ben, ana, pass } = await hosted();
    const events: AppEvent[] = [];
    ben.core.events.subscribe((event) => void events.push(event));
    const heard = (isPaused: boolean) =>
      until(() =>
        events.find(
          ({ changed }) =>
            changed.status !== undefined && (changed.status.pausedUntilMs !== null) === isPaused,
        ),
      );
    await ben.call('pause.set', { until: 'tomorrow' });
    await heard(true);
    pass(48 * 3_600_000);
    await ben.core.chores();
    await heard(false);
    const asked = await ana.call('allocations.ask', { friend: 'Ben', size: '1000', durationS: 60 });
    expect(asked.type).toBe('granted');
  });

  test('takes locks and deletions, refuses other uploads with 503, and takes what is there already', async () => {
    const { ana, ben } = await hosted();
    const [mine] = await ana.call('plots.mine');
    const keys = await keysOf(ana, 'Ana');
    const base = `/v1/plots/${mine?.plot}/repository`;
    const object = (type: string, text: string) => {
      const name = createHash('sha256').update(text).digest('hex');
      return { path: `${base}/${type}/${name}`, body: text };
    };
    expect((await send(ben, keys, object('data', 'before'))).status).toBe(200);
    await ben.call('pause.set', { until: 'hour' });
    expect(await send(ben, keys, object('data', 'during'))).toMatchObject({
      status: 503,
      code: 'paused',
    });
    expect((await send(ben, keys, object('data', 'before'))).status).toBe(200);
    const lock = object('locks', 'a lock');
    expect((await send(ben, keys, lock)).status).toBe(200);
    expect((await send(ben, keys, { method: 'DELETE', path: lock.path })).status).toBe(200);
    const { path } = object('data', 'before');
    expect((await send(ben, keys, { path })).body.toString('utf8')).toBe('before');
    expect((await send(ben, keys, { method: 'DELETE', path })).status).toBe(200);
  });

  test('lets an upload that is under way finish', async () => {
    const { ana, ben } = await hosted();
    const [mine] = await ana.call('plots.mine');
    const keys = await keysOf(ana, 'Ana');
    const body = randomBytes(300_000);
    const name = createHash('sha256').update(body).digest('hex');
    const upload = request({
      ...keys,
      host: '127.0.0.1',
      port: ben.core.info().port,
      method: 'POST',
      path: `/v1/plots/${mine?.plot}/repository/data/${name}`,
      headers: { 'content-length': body.length, expect: '100-continue' },
      rejectUnauthorized: false,
      agent: false,
    });
    const answered = new Promise<number>((resolve, reject) => {
      upload.once('response', (response) => resolve(response.resume().statusCode ?? 0));
      upload.once('error', reject);
    });
    // "Continue" comes when room was set aside: from here on it is under way.
    await new Promise<void>((resolve) => {
      upload.once('continue', () => resolve());
      upload.flushHeaders();
    });
    await ben.call('pause.set', { until: 'hour' });
    upload.end(body);
    expect(await answered).toBe(200);
  });
});
