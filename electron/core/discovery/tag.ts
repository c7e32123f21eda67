import { createHmac } from 'node:crypto';
import type { DeviceId } from '../../../shared/ids.ts';
import { DAY_MS } from '../../../shared/units.ts';
import { toBase32 } from '../identity/base32.ts';

/**
 * The name under which a device announces itself: another one each day, so that whoever listens on a
 * network can't follow it from one day to the next. Whoever knows the device can work it out.
 */
export type Tag = string;

/** Sixteen letters of base32, and so of the length of one name in DNS. */
const TAG_BYTES = 10;
export const TAG = /^[a-z2-7]{16}$/;
/** Clocks of friends may differ by as many days. */
const DAYS_AROUND = 7;

export function dailyTag(device: DeviceId, atMs: number): Tag {
  const day = new Date(atMs).toISOString().slice(0, 10);
  const mac = createHmac('sha256', device).update(`allotment-tag-v1\n${day}`).digest();
  return toBase32(mac.subarray(0, TAG_BYTES));
}

/** Which day it is everywhere; the tag changes with it. */
export function dayOf(atMs: number): number {
  return Math.floor(atMs / DAY_MS);
}

/** Whose tags these are, today and for some days before and after. */
export function tagsAround(devices: readonly DeviceId[], atMs: number): ReadonlyMap<Tag, DeviceId> {
  const tags = new Map<Tag, DeviceId>();
  for (const device of devices)
    for (let days = -DAYS_AROUND; days <= DAYS_AROUND; days += 1)
      tags.set(dailyTag(device, atMs + days * DAY_MS), device);
  return tags;
}
