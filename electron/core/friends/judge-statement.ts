import type { DenialCode } from '../../../shared/denial.ts';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import type { Statement } from '../identity/statement.ts';

/** What is known of a device that was written down. */
export type WrittenDevice = {
  readonly device: DeviceId;
  readonly owner: OwnerId;
  readonly instance: string;
  readonly serial: number;
  readonly revoked: boolean;
  readonly replaces: string | undefined;
};

/**
 * Why a device does not count although its owner's root signed for it. `superseded`: the same owner
 * has struck it off; `serial-clash`: two keys under one serial, so one of them is a copy, and nobody
 * here can tell which; `device-of-another`: a device belongs to one owner for good; `too-many`: a root
 * can sign for any number of them, and each costs this device memory.
 */
export type Unfit =
  | { readonly code: 'superseded' | 'device-of-another' | 'too-many' }
  | { readonly code: 'serial-clash'; readonly with: DeviceId };

/** Devices of one owner that are remembered, with those that were struck off: a lifetime's. */
export const DEVICES_MAX = 64;

/** Pure; the signature must have been verified. `undefined`: nothing speaks against the device. */
export function judgeStatement(
  { owner, device, instance, serial }: Statement,
  written: readonly WrittenDevice[],
): Unfit | undefined {
  const same = written.find((each) => each.device === device);
  if (same !== undefined && same.owner !== owner) return { code: 'device-of-another' };
  if (same?.revoked === true) return { code: 'superseded' };
  const others = written.filter((each) => each.owner === owner && each.device !== device);
  // Struck off for good, also a key of it that nobody here has met yet.
  if (others.some(({ replaces }) => replaces === instance)) return { code: 'superseded' };
  const rivals = others.filter((each) => each.instance === instance);
  if (rivals.some((rival) => rival.serial > serial)) return { code: 'superseded' };
  const twin = rivals.find((rival) => rival.serial === serial);
  if (twin !== undefined) return { code: 'serial-clash', with: twin.device };
  return same === undefined && others.length >= DEVICES_MAX ? { code: 'too-many' } : undefined;
}

/** What such a device hears; about somebody else's nobody hears anything. */
export function denialOf(code: Unfit['code'] | 'no-friend'): DenialCode {
  return DENIALS[code];
}

const DENIALS = {
  superseded: 'device-revoked',
  'serial-clash': 'serial-clash',
  'too-many': 'rate-limited',
  'device-of-another': 'unknown-peer',
  'no-friend': 'unknown-peer',
} as const satisfies Record<Unfit['code'] | 'no-friend', DenialCode>;
