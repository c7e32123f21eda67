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
 * here can tell which; `device-of-another`: a device belongs to one owner for good.
 */
export type Unfit =
  | { readonly code: 'superseded' | 'device-of-another' }
  | { readonly code: 'serial-clash'; readonly with: DeviceId };

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
  return twin === undefined ? undefined : { code: 'serial-clash', with: twin.device };
}

/** What such a device hears; about somebody else's nobody hears anything. */
export function denialOf(code: Unfit['code'] | 'no-friend'): DenialCode {
  if (code === 'device-of-another' || code === 'no-friend') return 'unknown-peer';
  return code === 'superseded' ? 'device-revoked' : 'serial-clash';
}
