import { z } from 'zod';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import { deviceId, ownerId } from '../../../shared/model/ids.ts';
import { type RootKey, verifyByOwner } from './root-key.ts';
import { readText, signText } from './signed-text.ts';

/** "This device is mine": what an owner's root signs when a device is set up (design §5). */
export type Statement = {
  readonly owner: OwnerId;
  readonly device: DeviceId;
  /** The installation; stays when its key is renewed. 128 random bits in hexadecimal. */
  readonly instance: string;
  /** Of two statements for one instance the higher counts and revokes the lower. */
  readonly serial: number;
  /** An instance that this one takes the place of: its devices are struck off. */
  readonly replaces?: string | undefined;
};

/** The exact bytes that were signed, and the signature, both base64url. */
export const signedStatement = z.strictObject({
  signed: z.string().max(2048),
  signature: z.string().max(200),
});
export type SignedStatement = z.infer<typeof signedStatement>;

const DOMAIN = 'allotment-device-v1\n';
const instance = z.string().regex(/^[0-9a-f]{32}$/);

export function isInstance(text: string): boolean {
  return instance.safeParse(text).success;
}

const body = z.strictObject({
  owner: ownerId,
  device: deviceId,
  instance,
  serial: z.int().min(0),
  replaces: instance.optional(),
});

export function signStatement(statement: Statement, root: RootKey): SignedStatement {
  return signText(DOMAIN, statement, root.sign);
}

/** What was signed, if the owner named in it signed it. Untrusted input; `undefined` for anything else. */
export function readStatement({ signed, signature }: SignedStatement): Statement | undefined {
  const bytes = Buffer.from(signed, 'base64url');
  const said = readText(DOMAIN, bytes, body);
  if (said === undefined) return undefined;
  const isGenuine = verifyByOwner(said.owner, {
    bytes,
    signature: Buffer.from(signature, 'base64url'),
  });
  return isGenuine ? said : undefined;
}
