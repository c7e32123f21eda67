import { describe, expect, it } from 'vitest';
import {
  createUpdates,
  nextUpdateStep,
  QUIET_MS,
  type UpdateFacts,
  type UpdateMode,
  updateModeOf,
  type UpdateState,
} from '../../electron/main/updates.ts';
import { quietLogger } from './quiet-logger.ts';
import { fc } from '../fakes/properties.ts';

const DAY_MS = 86_400_000;
const facts = (more: Partial<UpdateFacts> = {}): UpdateFacts => ({
  mode: 'installs',
  isWanted: true,
  state: { is: 'none' },
  isWorking: false,
  nextTryMs: 0,
  nowMs: DAY_MS,
  isBusy: false,
  quietSinceMs: null,
  isWished: false,
  told: '',
  ...more,
});
const ready = { is: 'ready', version: '2.0.0' } as const;
const found = { is: 'found', version: '2.0.0' } as const;

describe('what a build may do about newer versions', () => {
  const signed = { isPackaged: true, isSigned: true, hasFeed: true, platform: 'darwin' } as const;

  it('is to take them where it is signed, and to tell where it is not', () => {
    expect(updateModeOf(signed)).toBe('installs');
    expect(updateModeOf({ ...signed, platform: 'win32' })).toBe('installs');
    expect(updateModeOf({ ...signed, isSigned: false })).toBe('tells');
    expect(updateModeOf({ ...signed, platform: 'linux' })).toBe('tells');
  });

  it('is nothing from source, or where no place was packed into it', () => {
    expect(updateModeOf({ ...signed, isPackaged: false })).toBe('none');
    expect(updateModeOf({ ...signed, hasFeed: false })).toBe('none');
  });
});

describe('the next step towards a newer version', () => {
  it('restarts after a quiet while, or at once when the owner wishes it', () => {
    expect(
      nextUpdateStep(
        facts({ nextTryMs: 2 * DAY_MS, state: ready, quietSinceMs: DAY_MS - QUIET_MS }),
      ),
    ).toBe('restart');
    expect(
      nextUpdateStep(
        facts({ nextTryMs: 2 * DAY_MS, state: ready, quietSinceMs: DAY_MS - QUIET_MS + 1 }),
      ),
    ).toBe(undefined);
    expect(nextUpdateStep(facts({ nextTryMs: 2 * DAY_MS, state: ready }))).toBe(undefined);
    expect(nextUpdateStep(facts({ nextTryMs: 2 * DAY_MS, state: ready, isWished: true }))).toBe(
      'restart',
    );
  });

  it('never restarts while somebody is busy, and does nothing where it is switched off', () => {
    const any = fc.record({
      mode: fc.constantFrom<UpdateMode>('installs', 'tells', 'none'),
      isWanted: fc.boolean(),
      state: fc.constantFrom<UpdateState>({ is: 'none' }, found, ready),
      isWorking: fc.boolean(),
      nextTryMs: fc.nat(),
      nowMs: fc.nat(),
      isBusy: fc.boolean(),
      quietSinceMs: fc.option(fc.nat()),
      isWished: fc.boolean(),
      told: fc.constantFrom('', '2.0.0'),
    });
    fc.assert(
      fc.property(any, (each) => {
        const step = nextUpdateStep(each);
        if (each.isBusy) expect(step).not.toBe('restart');
        if (!each.isWanted || each.mode === 'none') expect(step).toBe(undefined);
        if (each.mode === 'tells') expect(step).not.toBe('fetch');
        if (each.state.is !== 'ready') expect(step).not.toBe('restart');
      }),
    );
  });

  it('does not restart by itself a second time for a version that did not come', () => {
    const again = { state: ready, quietSinceMs: 0, told: '2.0.0', nextTryMs: 2 * DAY_MS } as const;
    expect(nextUpdateStep(facts(again))).toBe(undefined);
    expect(nextUpdateStep(facts({ ...again, isWished: true }))).toBe('restart');
    expect(nextUpdateStep(facts({ ...again, told: '1.9.0' }))).toBe('restart');
  });

  it('tells of a version once, and goes on looking for the one after it', () => {
    expect(nextUpdateStep(facts({ mode: 'tells', state: found }))).toBe('tell');
    expect(nextUpdateStep(facts({ mode: 'tells', state: found, told: '2.0.0' }))).toBe('look');
  });
});

/** A computer on which time passes by hand, and a place where a newer version may lie. */
function setUp(mode: UpdateMode) {
  const said: string[] = [];
  const now = { ms: 0, isBusy: false, hasWindow: false, isWanted: true, told: '' };
  const place = { newest: null as string | null, fails: false, isForged: false };
  const updates = createUpdates({
    mode,
    port: {
      newest: async () => {
        said.push('look');
        if (place.fails) throw new Error('no network');
        return place.newest;
      },
      fetch: async () => {
        said.push('fetch');
        if (place.isForged) throw new Error('wrong signature');
      },
      install: () => said.push('install'),
    },
    read: () => now,
    tell: (version) => said.push(`tell ${version}`),
    restart: (version) => {
      now.told = version;
      said.push('restart');
    },
    onChange: () => undefined,
    nowMs: () => now.ms,
    log: quietLogger,
  });
  return {
    said,
    now,
    place,
    updates,
    /** Minute by minute, as the shell looks. */
    pass: async (ms: number) => {
      const endMs = now.ms + ms;
      while (now.ms < endMs) {
        now.ms = Math.min(endMs, now.ms + 60_000);
        updates.look();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

describe('keeping up to date', () => {
  it('looks once a day and does nothing where there is nothing newer', async () => {
    const { said, pass, updates } = setUp('installs');
    await pass(2.5 * DAY_MS);
    expect(said).toEqual(['look', 'look', 'look']);
    expect(updates.state()).toEqual({ is: 'none' });
  });

  it('fetches, waits for whoever is busy and for the window to be closed, and restarts once', async () => {
    const { said, now, place, pass, updates } = setUp('installs');
    place.newest = '2.0.0';
    now.isBusy = true;
    await pass(DAY_MS / 2);
    expect(said).toEqual(['look', 'fetch']);
    expect(updates.state()).toEqual(ready);
    Object.assign(now, { isBusy: false, hasWindow: true });
    await pass(DAY_MS / 4);
    now.hasWindow = false;
    await pass(QUIET_MS / 2);
    // A friend's next upload begins the quiet anew.
    now.isBusy = true;
    await pass(60_000);
    now.isBusy = false;
    await pass(QUIET_MS);
    expect(said).toEqual(['look', 'fetch']);
    await pass(QUIET_MS);
    expect(said).toEqual(['look', 'fetch', 'restart']);
    expect(updates.isRestarting()).toBe(true);
  });

  it('restarts at the owner’s wish as soon as nobody is busy', async () => {
    const { said, now, place, pass, updates } = setUp('installs');
    place.newest = '2.0.0';
    Object.assign(now, { isBusy: true, hasWindow: true });
    await pass(300_000);
    updates.wish();
    expect(said).toEqual(['look', 'fetch']);
    now.isBusy = false;
    updates.look();
    expect(said.at(-1)).toBe('restart');
  });

  it('that did not come with its restart, goes on looking for the one after it and takes that', async () => {
    const { said, now, place, pass, updates } = setUp('installs');
    Object.assign(now, { told: '2.0.0' });
    place.newest = '2.0.0';
    await pass(DAY_MS * 1.5);
    expect(said).toEqual(['look', 'fetch', 'look']);
    expect(updates.state()).toEqual(ready);
    place.newest = '2.0.1';
    await pass(DAY_MS);
    expect(said.slice(3)).toEqual(['look', 'fetch', 'restart']);
    expect(now.told).toBe('2.0.1');
  });

  it('does not restart any more when it was switched off meanwhile', async () => {
    const { said, now, place, pass } = setUp('installs');
    place.newest = '2.0.0';
    now.hasWindow = true;
    await pass(300_000);
    Object.assign(now, { isWanted: false, hasWindow: false });
    await pass(DAY_MS);
    expect(said).toEqual(['look', 'fetch']);
  });

  it('tries again some hours after it could not look', async () => {
    const { said, place, pass } = setUp('installs');
    place.fails = true;
    await pass(7 * 3_600_000);
    expect(said).toEqual(['look', 'look']);
    Object.assign(place, { fails: false, newest: '2.0.0' });
    await pass(6 * 3_600_000);
    expect(said.slice(0, 4)).toEqual(['look', 'look', 'look', 'fetch']);
  });

  it('takes nothing whose signature is wrong, and looks again some hours later', async () => {
    const { said, place, pass, updates } = setUp('installs');
    Object.assign(place, { newest: '2.0.0', isForged: true });
    await pass(5 * 3_600_000);
    expect(said).toEqual(['look', 'fetch']);
    expect(updates.state()).toEqual({ is: 'none' });
    Object.assign(place, { newest: '2.0.1', isForged: false });
    await pass(2 * 3_600_000);
    expect(said.slice(2)).toEqual(['look', 'fetch', 'restart']);
  });

  it('only tells where the build is not signed: once for each version', async () => {
    const { said, place, pass, updates } = setUp('tells');
    place.newest = '2.0.0';
    await pass(2.5 * DAY_MS);
    place.newest = '2.1.0';
    await pass(DAY_MS);
    expect(said).toEqual(['look', 'tell 2.0.0', 'look', 'look', 'look', 'tell 2.1.0']);
    expect(updates.state()).toEqual({ is: 'found', version: '2.1.0' });
  });
});
