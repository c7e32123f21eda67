import { describe, expect, test } from 'vitest';
import { dailyTag, dayOf, TAG, tagsAround } from '../../../electron/core/discovery/tag.ts';
import { testDevice } from './near-world.ts';
import { fc } from '../../fakes/properties.ts';

const DAY_MS = 86_400_000;
const moment = fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) });

describe('the name of the day', () => {
  test('is the same all day and another one the next', () => {
    const device = testDevice();
    fc.assert(
      fc.property(moment, fc.nat(DAY_MS - 1), (atMs, laterMs) => {
        const day = dayOf(atMs) * DAY_MS;
        expect(dailyTag(device, day + laterMs)).toBe(dailyTag(device, day));
        expect(dailyTag(device, day + DAY_MS)).not.toBe(dailyTag(device, day));
        expect(dailyTag(device, atMs)).toMatch(TAG);
      }),
    );
  });

  test('is worked out as PROTOCOL says', () => {
    const device = 'a'.repeat(52) as Parameters<typeof dailyTag>[0];
    expect(dailyTag(device, Date.UTC(2026, 10, 25, 23, 59))).toBe(KNOWN);
  });

  test('is recognised by friends whose clocks are up to a week off, and by nobody else', () => {
    const [ana, ben, cleo] = [testDevice(), testDevice(), testDevice()];
    fc.assert(
      fc.property(moment, fc.integer({ min: -7 * DAY_MS, max: 7 * DAY_MS }), (atMs, offMs) => {
        fc.pre(atMs + offMs >= 0);
        const tags = tagsAround([ana, ben], atMs);
        expect(tags.size).toBe(30);
        expect(tags.get(dailyTag(ana, atMs + offMs))).toBe(ana);
        expect(tags.get(dailyTag(ben, atMs + offMs))).toBe(ben);
        expect(tags.get(dailyTag(cleo, atMs + offMs))).toBeUndefined();
        expect(tags.get(dailyTag(ana, atMs + 9 * DAY_MS))).toBeUndefined();
      }),
    );
  });
});

/** By an independent program: echo -ne 'allotment-tag-v1\n2026-11-25' | openssl dgst -sha256 -hmac aaa… -binary | head -c10 | base32. */
const KNOWN = 'jpg5unwedh2pzut2';
