import { describe, expect, it } from 'vitest';
import { createLimits } from '../../../electron/core/backup/limited-store.ts';
import {
  fullBucket,
  isWithin,
  LIMIT_MIN_BYTES_PER_S,
  sliceBytes,
  takeFrom,
} from '../../../shared/backup/bucket.ts';
import { SETTINGS_AT_FIRST } from '../../../shared/model/settings.ts';
import { fc } from '../../fakes/properties.ts';

const MIB = 1024 * 1024;

/** A clock that goes on when somebody waits; nobody else makes it go. */
function line(settings: Partial<typeof SETTINGS_AT_FIRST>, wallMs = 0) {
  const time = { ms: 0, wallMs };
  const now = { ...SETTINGS_AT_FIRST, ...settings };
  const limits = createLimits({
    settings: () => now,
    clock: { nowMs: () => time.wallMs, monotonicMs: () => time.ms },
    wait: async (ms, signal) => {
      if (signal?.aborted === true) throw new Error('aborted');
      time.ms += ms;
    },
  });
  const send = async (way: 'up' | 'down', bytes: number): Promise<number> => {
    const slices: number[] = [];
    for (let at = 0; at < bytes; ) {
      const slice = Math.min(limits[way].sliceBytes() ?? bytes, bytes - at);
      await limits[way].pass(slice, undefined);
      slices.push(slice);
      at += slice;
    }
    return Math.max(...slices);
  };
  return { time, now, limits, send };
}

describe('a limit', () => {
  it('that is not set holds nobody up', async () => {
    const { time, send, limits } = line({});
    await send('up', 100 * MIB);
    await send('down', 100 * MIB);
    expect([time.ms, limits.up.sliceBytes()]).toEqual([0, undefined]);
  });

  it('holds for what goes out or for what comes in', async () => {
    const { time, send } = line({ uploadBytesPerS: MIB });
    await send('down', 100 * MIB);
    expect(time.ms).toBe(0);
    await send('up', 16 * MIB);
    expect(time.ms).toBeGreaterThan(15_000);
    expect(time.ms).toBeLessThan(16_100);
  });

  it('lets a pack through in pieces that load the line for a moment only', async () => {
    for (const bytesPerS of [LIMIT_MIN_BYTES_PER_S, 100_000, MIB, 100 * MIB]) {
      const { send } = line({ uploadBytesPerS: bytesPerS });
      const largest = await send('up', 4 * MIB);
      expect(largest / bytesPerS).toBeLessThan(0.5);
    }
  });

  it('is one for all who send', async () => {
    const { time, send } = line({ uploadBytesPerS: MIB });
    await Promise.all([send('up', 4 * MIB), send('up', 4 * MIB), send('up', 4 * MIB)]);
    expect(time.ms).toBeGreaterThan(11_000);
  });

  it('counts at once when it is changed, also for what is under way', async () => {
    const world = line({ uploadBytesPerS: LIMIT_MIN_BYTES_PER_S });
    await world.send('up', 100_000);
    const beforeMs = world.time.ms;
    world.now.uploadBytesPerS = null;
    await world.send('up', 100 * MIB);
    expect(world.time.ms).toBe(beforeMs);
  });

  it('holds at the hours it is for', async () => {
    const evening = new Date(2026, 5, 10, 20).getTime();
    const night = new Date(2026, 5, 10, 3).getTime();
    const limitsOnly = { fromMin: 8 * 60, untilMin: 22 * 60 };
    const asleep = line({ uploadBytesPerS: MIB, limitsOnly }, night);
    await asleep.send('up', 10 * MIB);
    expect(asleep.time.ms).toBe(0);
    const awake = line({ uploadBytesPerS: MIB, limitsOnly }, evening);
    await awake.send('up', 10 * MIB);
    expect(awake.time.ms).toBeGreaterThan(9000);
  });

  it('keeps nobody from being cancelled', async () => {
    const { limits, time } = line({ uploadBytesPerS: LIMIT_MIN_BYTES_PER_S });
    await expect(limits.up.pass(MIB, AbortSignal.abort())).resolves.toBeUndefined();
    expect(time.ms).toBe(0);
  });
});

describe('the bucket', () => {
  it('never lets more through than the limit and what it may hold', () => {
    const steps = fc.array(fc.tuple(fc.nat(5000), fc.nat(200_000)), { maxLength: 50 });
    fc.assert(
      fc.property(steps, fc.integer({ min: LIMIT_MIN_BYTES_PER_S, max: MIB }), (all, bytesPerS) => {
        let bucket = fullBucket(bytesPerS, 0);
        let nowMs = 0;
        let passed = 0;
        for (const [pauseMs, bytes] of all) {
          nowMs += pauseMs;
          const taken = takeFrom(bucket, { bytes, bytesPerS, nowMs });
          ({ bucket } = taken);
          // Whoever waits as long as he is told has passed by then.
          nowMs += taken.waitMs;
          passed += bytes;
          expect(passed).toBeLessThanOrEqual((nowMs / 1000 + 0.25) * bytesPerS + 1);
        }
      }),
    );
  });

  it('does not mind a clock that goes back', () => {
    const { bucket, waitMs } = takeFrom(fullBucket(1000, 5000), {
      bytes: 100,
      bytesPerS: 1000,
      nowMs: 0,
    });
    expect([bucket.tokens, waitMs]).toEqual([150, 0]);
  });

  it('has pieces for every limit', () => {
    expect(sliceBytes(LIMIT_MIN_BYTES_PER_S)).toBe(4096);
    expect(sliceBytes(10 * MIB)).toBe(65_536);
  });
});

it('hours go over midnight where the first is later', () => {
  const nights = { fromMin: 22 * 60, untilMin: 7 * 60 };
  expect([0, 6 * 60 + 59, 7 * 60, 12 * 60, 22 * 60].map((min) => isWithin(min, nights))).toEqual([
    true,
    true,
    false,
    false,
    true,
  ]);
});
