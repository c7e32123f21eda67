import { z } from 'zod';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import { deviceId, ownerId } from '../../../shared/model/ids.ts';
import { jsonOf } from '../../../shared/wire/json.ts';
import type { RootKey } from './root-key.ts';
import { verifyByOwner } from './root-key.ts';

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
  const bytes = Buffer.from(DOMAIN + JSON.stringify(statement), 'utf8');
  return {
    signed: bytes.toString('base64url'),
    signature: Buffer.from(root.sign(bytes)).toString('base64url'),
  };
}

/** What was signed, if the owner named in it signed it. Untrusted input; `undefined` for anything else. */
export function readStatement({ signed, signature }: SignedStatement): Statement | undefined {
  const bytes = Buffer.from(signed, 'base64url');
  const text = bytes.toString('utf8');
  if (!text.startsWith(DOMAIN)) return undefined;
  const parsed = body.safeParse(jsonOf(text.slice(DOMAIN.length)));
  if (!parsed.success) return undefined;
  const isGenuine = verifyByOwner(parsed.data.owner, {
    bytes,
    signature: Buffer.from(signature, 'base64url'),
  });
  return isGenuine ? parsed.data : undefined;
}
