import { randomBytes } from 'node:crypto';
import { createDeviceKey, deviceSigner } from '../../electron/core/identity/device-key.ts';
import { rootKeyOf } from '../../electron/core/identity/root-key.ts';
import {
  readStatement,
  signStatement,
  type SignedStatement,
  type Statement,
} from '../../electron/core/identity/statement.ts';
import { signVoucher, type Voucher } from '../../electron/core/vouchers/voucher.ts';
import type { OwnerId } from '../../shared/ids.ts';
import { toBase32 } from '../../electron/core/identity/base32.ts';

/** Somebody with real keys: a root, and devices that it signed for. */
export type Person = {
  readonly owner: OwnerId;
  readonly device: TestDevice;
  /** Another device of the same owner; with the same instance and a higher serial it takes the first one's place. */
  readonly anotherDevice: (more?: Partial<Statement>) => Promise<TestDevice>;
};
export type TestDevice = {
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly signed: SignedStatement;
  readonly statement: Statement;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
};

export async function makePerson(): Promise<Person> {
  const root = rootKeyOf(randomBytes(32));
  const instance = randomBytes(16).toString('hex');
  const anotherDevice: Person['anotherDevice'] = async (more = {}) => {
    const { device, keyPem, certificatePem } = await createDeviceKey();
    const statement = { owner: root.owner, device, instance, serial: 1, ...more };
    const signed = signStatement(statement, root);
    const read = readStatement(signed);
    if (read === undefined) throw new Error('a statement that was just signed does not hold');
    return { keyPem, certificatePem, signed, statement: read, sign: deviceSigner(keyPem) };
  };
  return { owner: root.owner, device: await anotherDevice(), anotherDevice };
}

export function newVoucherId(): string {
  return toBase32(randomBytes(16));
}

/** A voucher signed by a device of its introducer's, or by whichever device a test wants. */
export function vouch(voucher: Voucher, by: TestDevice): string {
  const { certificatePem, signed, sign } = by;
  return signVoucher(voucher, { certificatePem, statement: signed, sign });
}
