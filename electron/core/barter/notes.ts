import { createHash } from 'node:crypto';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import { DENOMINATION_MAX, keysetId } from '../../../shared/wire/mint.ts';
import { toBase32 } from '../identity/base32.ts';

/**
 * What a note is (design §3.6): a secret of its holder, and what the issuer's key makes of it without having seen
 * it. Only the issuer can tell a right one; so whoever is given one swaps it there before he believes in it.
 */
export type Note = {
  readonly keyset: string;
  /** It is worth 2^k units. */
  readonly k: number;
  /** 32 random bytes. */
  readonly secret: Uint8Array;
  /** 64 bytes. */
  readonly output: Uint8Array;
};

/** Whose notes: every device is a mint of its own. */
export type Issuer = { readonly owner: OwnerId; readonly device: DeviceId };

export const SECRET_BYTES = 32;
const OUTPUT_BYTES = 64;

export function unitsOf(k: number): bigint {
  return 1n << BigInt(k);
}

export function sumOf(notes: readonly { readonly k: number }[]): bigint {
  return notes.reduce((sum, { k }) => sum + unitsOf(k), 0n);
}

/** So many units in as few notes as they can be had in, the largest first. */
export function denominationsOf(units: bigint): readonly number[] {
  const parts: number[] = [];
  let rest = units;
  for (let k = DENOMINATION_MAX; k >= 0; k -= 1)
    for (; rest >= unitsOf(k); rest -= unitsOf(k)) parts.push(k);
  return parts;
}

export function writeNote({ keyset, k, secret, output }: Note): string {
  return [keyset, k, base64url(secret), base64url(output)].join('.');
}

const NOTE = /^([a-z2-7]{26})\.(0|[1-9][0-9]?)\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{86})$/;

/** Undefined: not a note. One text for one note, so that nobody can bring the same in two writings. */
export function readNote(text: string): Note | undefined {
  const [, keyset = '', digits = '', secretText = '', outputText = ''] = NOTE.exec(text) ?? [];
  const k = Number(digits);
  const secret = Buffer.from(secretText, 'base64url');
  const output = Buffer.from(outputText, 'base64url');
  const isSound =
    keysetId.safeParse(keyset).success &&
    k <= DENOMINATION_MAX &&
    secret.length === SECRET_BYTES &&
    output.length === OUTPUT_BYTES;
  if (!isSound) return undefined;
  const note = { keyset, k, secret, output };
  return writeNote(note) === text ? note : undefined;
}

const DOMAIN = 'allotment note v1';
const KEYSET_ID_BYTES = 16;

/** Binds a note to its issuer, its worth and its end: another of these is another note. */
export function noteInfo({ owner, device }: Issuer, k: number, expiresMs: number): Uint8Array {
  return Buffer.from([DOMAIN, owner, device, k, expiresMs].join('|'), 'utf8');
}

/** A keyset's name commits to its key, whose it is and its end, so none can be shown with another key. */
export function keysetIdOf({ owner, device }: Issuer, key: Uint8Array, expiresMs: number): string {
  const named = [DOMAIN, 'keyset', owner, device, base64url(key), expiresMs].join('|');
  const hash = createHash('sha256').update(named).digest();
  return toBase32(hash.subarray(0, KEYSET_ID_BYTES));
}

export function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
