import { randomBytes, timingSafeEqual } from 'node:crypto';
import { ristretto255, ristretto255_oprf } from '@noble/curves/ed25519.js';
import type { Blank, Evaluations, Keyset } from '../../../shared/wire/mint.ts';
import { base64url, type Issuer, type Note, noteInfo, SECRET_BYTES } from './notes.ts';
import type { Turns } from './turns.ts';
import type { Blind } from './wallet/wallet-book.ts';

/**
 * The mathematics of notes: a partially oblivious function over ristretto255 (RFC 9497, POPRF). The mint sees neither
 * the secret it makes a note of nor, when the note comes back, for whom it made it; what it is worth and when it ends
 * is bound in; and it proves that it used the one key that everybody was shown.
 */
export type NoteKeys = { readonly secretKey: Uint8Array; readonly publicKey: Uint8Array };

const { poprf } = ristretto255_oprf;

export function newNoteKeys(): NoteKeys {
  const { secretKey, publicKey } = poprf(new Uint8Array()).generateKeyPair();
  return { secretKey, publicKey };
}

/** A note to be, with what only its holder knows of it. */
export function blindNote(issuer: Issuer, keyset: Keyset, k: number): Blind {
  const secret = randomBytes(SECRET_BYTES);
  const { blind, blinded } = poprf(noteInfo(issuer, k, keyset.expiresMs)).blind(
    secret,
    Buffer.from(keyset.key, 'base64url'),
  );
  return {
    keyset: keyset.keyset,
    k,
    secret,
    blind: Buffer.from(blind),
    point: Buffer.from(blinded),
  };
}

export function toBlank({ keyset, k, point }: Blind): Blank {
  return { keyset, k, point: base64url(point) };
}

/** Undefined: the point is none of the curve, or makes none. */
export function evaluateBlank(
  issuer: Issuer,
  { secretKey, expiresMs }: { readonly secretKey: Uint8Array; readonly expiresMs: number },
  { k, point }: Blank,
): Evaluations['evaluated'][number] | undefined {
  try {
    const { evaluated, proof } = poprf(noteInfo(issuer, k, expiresMs)).blindEvaluate(
      secretKey,
      Buffer.from(point, 'base64url'),
    );
    return { point: base64url(evaluated), proof: base64url(proof) };
  } catch {
    return undefined;
  }
}

/** A canonical point of the curve, and not its zero: looked at before anything is taken in for it. */
export function isPoint(point: string): boolean {
  try {
    return !ristretto255.Point.fromBytes(Buffer.from(point, 'base64url')).is0();
  } catch {
    return false;
  }
}

export function isRightNote(
  issuer: Issuer,
  { secretKey, expiresMs }: { readonly secretKey: Uint8Array; readonly expiresMs: number },
  note: Note,
): boolean {
  try {
    const right = poprf(noteInfo(issuer, note.k, expiresMs)).evaluate(secretKey, note.secret);
    // How long it takes must not tell how much of a forged one is right.
    return timingSafeEqual(right, note.output);
  } catch {
    return false;
  }
}

/**
 * Notes from what the mint made of the blanks. Undefined where a proof is wrong: another key was used than the one that
 * is known for this keyset, and nothing of the answer is believed.
 */
export async function finishNotes(
  issuer: Issuer,
  keysetOf: (keyset: string) => Keyset | undefined,
  {
    blinds,
    answer,
    turns,
  }: { readonly blinds: readonly Blind[]; readonly answer: Evaluations; readonly turns: Turns },
): Promise<readonly Note[] | undefined> {
  if (answer.evaluated.length !== blinds.length) return undefined;
  const tweaked = new Map<string, Uint8Array>();
  const notes: Note[] = [];
  for (const [index, { keyset, k, secret, blind, point }] of blinds.entries()) {
    const known = keysetOf(keyset);
    const made = answer.evaluated[index];
    if (known === undefined || made === undefined) return undefined;
    const suite = poprf(noteInfo(issuer, k, known.expiresMs));
    const name = `${keyset}.${k}`;
    const key =
      tweaked.get(name) ??
      (await turns.take(() => suite.blind(secret, Buffer.from(known.key, 'base64url')).tweakedKey));
    tweaked.set(name, key);
    const output = await turns.take(() => {
      try {
        const evaluated = Buffer.from(made.point, 'base64url');
        const proof = Buffer.from(made.proof, 'base64url');
        return Buffer.from(suite.finalize(secret, blind, evaluated, point, proof, key));
      } catch {
        return undefined;
      }
    });
    if (output === undefined) return undefined;
    notes.push({ keyset, k, secret, output });
  }
  return notes;
}
