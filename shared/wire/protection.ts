import { z } from 'zod';
import { PROTECT_DAYS_MAX } from '../model/backup-plan.ts';
import { bytes, requestId } from '../model/ids.ts';
import { OBJECT_NAME, objectTypes } from '../model/plot.ts';
import { DAY_S } from '../units.ts';
import { PROTOCOL_VERSION } from './messages.ts';

/** Plots whose guest can't delete at once (design §6; PROTOCOL, "Protection"). */

const OBJECTS_AT_ONCE_MAX = 1000;
const protectDays = z.int().min(0).max(PROTECT_DAYS_MAX);

/** More at once, less after as many days as before: whoever takes the device can't take that back. */
export const protectionRequest = z.strictObject({
  v: z.literal(PROTOCOL_VERSION),
  requestId: requestId.optional(),
  days: protectDays,
});
export const protection = z.object({
  protectDays,
  /** A lower one that was asked for, and when it begins, in seconds of the host's service time. */
  fallsTo: protectDays.optional(),
  fallsInS: z.int().optional(),
});
export type ProtectionState = z.infer<typeof protection>;

/** `config` is never deleted, so it has no name here. */
const objectName = z.strictObject({
  type: z.enum(objectTypes),
  name: z.string().regex(OBJECT_NAME),
});
export type ObjectNamed = z.infer<typeof objectName>;

/** Seconds of the host's service time, as everywhere. */
const trashed = z.object({
  type: z.enum(objectTypes),
  name: z.string().regex(OBJECT_NAME),
  bytes,
  goesInS: z.int(),
});
/** No longer than anything stays: a moment far beyond is none that a window could name. */
const WITHIN_S = 10 * 366 * DAY_S;
const goesIn = z.int().min(-WITHIN_S).max(WITHIN_S);

export const trashPage = z.object({
  objects: z.array(trashed).max(OBJECTS_AT_ONCE_MAX),
  /** What to put behind `trash/` for what follows; absent: that is all. */
  next: z.string().max(80).optional(),
  /** Of everything, not of this page. */
  total: z.object({
    objects: z.int().min(0),
    bytes,
    firstGoesInS: goesIn.optional(),
    lastGoesInS: goesIn.optional(),
  }),
});
export type TrashPage = z.infer<typeof trashPage>;
/** Where a page begins: after this object. */
export const trashAfter = z
  .string()
  .regex(/^[a-z]{4,9}\.[0-9a-f]{64}$/)
  .transform((text, context): ObjectNamed => {
    const [type = '', name = ''] = text.split('.');
    const parsed = objectName.safeParse({ type, name });
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: 'no such type' });
    return z.NEVER;
  });
export const TRASH_PAGE = OBJECTS_AT_ONCE_MAX;

/** Everything that was deleted in the last so many seconds, or what is named; and what was asked for and waits is taken back. */
export const restorationRequest = z.union([
  z.strictObject({
    v: z.literal(PROTOCOL_VERSION),
    requestId: requestId.optional(),
    sinceS: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
  }),
  z.strictObject({
    v: z.literal(PROTOCOL_VERSION),
    requestId: requestId.optional(),
    names: z.array(objectName).max(OBJECTS_AT_ONCE_MAX),
  }),
]);
export const restored = z.object({
  objects: z.int().min(0),
  bytes,
  /** What was asked for and would have taken it away again (letting go, less protection, a smaller size) is taken back. */
  stays: z.boolean(),
});
export type Restored = z.infer<typeof restored>;

/** Objects that did not come back as what their names say; `config` has none. */
const objectReported = z.union([
  objectName,
  z.strictObject({ type: z.literal('config'), name: z.literal('') }),
]);
export type ObjectReported = z.infer<typeof objectReported>;
const DAMAGE_AT_ONCE_MAX = 100;
export const damageReport = z.strictObject({
  v: z.literal(PROTOCOL_VERSION),
  requestId: requestId.optional(),
  objects: z.array(objectReported).min(1).max(DAMAGE_AT_ONCE_MAX),
});
export const damageFound = z.object({
  /** Those that there was time for; the rest can be asked about again. */
  objects: z
    .array(
      z.object({
        type: z.enum(objectTypes),
        name: z.string().regex(/^([0-9a-f]{64})?$/),
        /** `damaged` and `missing` can be sent again. */
        state: z.enum(['fine', 'damaged', 'missing']),
      }),
    )
    .max(DAMAGE_AT_ONCE_MAX),
  /** What the host's system calls the drive; absent: nothing one would recognise. */
  drive: z.string().max(64).optional(),
});
export type DamageFound = z.infer<typeof damageFound>;
