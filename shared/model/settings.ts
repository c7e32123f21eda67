import { z } from 'zod';
import { LIMIT_MIN_BYTES_PER_S } from '../backup/bucket.ts';
import { ADDRESS_CHARS_MAX, BYTES_PER_S_MAX } from './bounds.ts';

/**
 * What the owner chose for this installation. Every value has a default, so that a damaged or older
 * file costs one choice and not all of them. The core keeps them; the doors act on them.
 */
export const LANGUAGES = ['en', 'de'] as const;

const bytesPerS = z.int().min(LIMIT_MIN_BYTES_PER_S).max(BYTES_PER_S_MAX);
const minuteOfDay = z.int().min(0).max(1439);

export const settings = z.strictObject({
  /** GB (1000³) or GiB (1024³), everywhere a size is shown. */
  units: z.enum(['decimal', 'binary']),
  /** `system`: what the system prefers, English where it speaks none of ours. */
  language: z.enum(['system', ...LANGUAGES]),
  theme: z.enum(['system', 'light', 'dark']),
  /** Which notices the system shows; all of them stay readable in the window. */
  notifications: z.enum(['all', 'warnings', 'off']),
  /** Hidden in the tray, when the person logs in. */
  startAtLogin: z.boolean(),
  /** Keeps the computer from sleeping while a friend reads or writes, on mains only. */
  keepAwake: z.boolean(),
  /** Looks for newer versions, and takes them where the build is signed; only the desktop app does. */
  updates: z.boolean(),
  /** On networks called home this device says that it is here; off: it only listens. */
  visible: z.boolean(),
  /** `host:port` at which friends elsewhere reach this device; empty: none. Told to friends only. */
  outsideAddress: z.string().trim().max(ADDRESS_CHARS_MAX),
  /** So many bytes a second, at most, go out in my backups, or come in when they are read; null: as many as the line takes. */
  uploadBytesPerS: bytesPerS.nullable(),
  downloadBytesPerS: bytesPerS.nullable(),
  /** Both limits hold only between these minutes of the day, over midnight where the first is later; null: always. */
  limitsOnly: z.strictObject({ fromMin: minuteOfDay, untilMin: minuteOfDay }).nullable(),
  /** The page *Household* is shown also where no account is kept or held yet. */
  household: z.boolean(),
  /** Notes of one's own are issued and others' are held (design §3.6). */
  barter: z.boolean(),
  /** The first-run questions were answered or skipped. */
  welcomed: z.boolean(),
  /** It was said once that closing the window leaves the app in the tray. */
  trayHintShown: z.boolean(),
  /** The newer version of which it was said that it is there; empty: of none. */
  updateTold: z.string().max(40),
});
export type Settings = z.infer<typeof settings>;

export const SETTINGS_AT_FIRST: Settings = {
  units: 'decimal',
  language: 'system',
  theme: 'system',
  notifications: 'warnings',
  startAtLogin: false,
  keepAwake: false,
  updates: true,
  visible: true,
  outsideAddress: '',
  uploadBytesPerS: null,
  downloadBytesPerS: null,
  limitsOnly: null,
  household: false,
  barter: false,
  welcomed: false,
  trayHintShown: false,
  updateTold: '',
};
