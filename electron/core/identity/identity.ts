import { hkdfSync } from 'node:crypto';
import { z } from 'zod';
import { type Fault, fault } from '../../../shared/fault.ts';
import type { DeviceId, OwnerId } from '../../../shared/ids.ts';
import { deviceId, ownerId } from '../../../shared/model/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { jsonOf } from '../../../shared/wire/json.ts';
import type { Randomness, SecretStore } from '../ports.ts';
import { createDeviceKey, deviceSigner } from './device-key.ts';
import { deriveSecrets, newPhrase, parsePhrase, type Phrase } from './phrase.ts';
import { rootKeyOf } from './root-key.ts';
import {
  isInstance,
  readStatement,
  type SignedStatement,
  signedStatement,
  signStatement,
} from './statement.ts';

/** Who this installation is. */
export type Identity = {
  readonly owner: OwnerId;
  readonly device: DeviceId;
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly statement: SignedStatement;
  /** This installation, by which another one can take its place. */
  readonly instance: string;
  readonly repositoryPassword: string;
  /** Opens and seals what lies in this owner's plots beside the repositories (`backup/recovery/address-book.ts`). */
  readonly addressBookKey: Uint8Array;
  /** It began with words that were typed in: its owner had other installations before. */
  readonly fromWords: boolean;
  /** The installation whose place this one took. */
  readonly replaces: string | undefined;
  /** Signs as this device: ECDSA P-256 with SHA-256. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
  /** The words, until they were saved and some of them checked; then they are nowhere here. */
  readonly pendingPhrase: () => Phrase | undefined;
  /** Whether the words given are right; if all are, the phrase is forgotten. Positions count from 1. */
  readonly checkPhrase: (
    words: readonly { readonly position: number; readonly word: string }[],
  ) => Promise<boolean>;
};

const SECRET = 'identity';

const stored = z.strictObject({
  v: z.literal(1),
  owner: ownerId,
  device: deviceId,
  keyPem: z.string(),
  certificatePem: z.string(),
  statement: signedStatement,
  repositoryPassword: z.string().min(1),
  pendingPhrase: z.array(z.string()).optional(),
  fromWords: z.literal(true).optional(),
});
type Stored = z.infer<typeof stored>;

/**
 * The identity kept in `secrets`, or a new one; from `phrase` if one is given. It is one secret, so
 * that a crash leaves all of it or none. A phrase of another owner than the one kept is refused.
 * With the words a new machine can take the place of another (`replaces`): friends strike that one off.
 */
export async function openIdentity({
  secrets,
  randomness,
  phrase,
  replaces,
}: {
  readonly secrets: SecretStore;
  readonly randomness: Randomness;
  readonly phrase?: string | undefined;
  /** The instance of the installation that is no more. */
  readonly replaces?: string | undefined;
}): Promise<Result<Identity, Fault>> {
  if (replaces !== undefined && (phrase === undefined || !isInstance(replaces)))
    return failed(badReplaces('it names an installation by 32 hexadecimal digits, with the words'));
  const given = phrase === undefined ? undefined : parsePhrase(phrase);
  if (given !== undefined && !given.ok) return given;
  const kept = await secrets.get(SECRET);
  if (kept === 'locked') return failed(fault('secret-locked'));
  if (kept === undefined) {
    const made = await makeIdentity({ phrase: given?.value, replaces, randomness });
    await secrets.set(SECRET, encode(made));
    return ok(present(made, secrets));
  }
  const read = decode(kept);
  if (read === undefined) return failed(fault('secret-damaged', { secret: SECRET }));
  if (given !== undefined) {
    const { rootSeed } = await deriveSecrets(given.value);
    if (rootKeyOf(rootSeed).owner !== read.owner)
      return failed(fault('bad-phrase', { problem: 'other-owner' }));
  }
  // Whoever wants a lost machine struck off must not believe that it was.
  if (replaces !== undefined && readStatement(read.statement)?.replaces !== replaces)
    return failed(
      badReplaces(
        'it counts when an installation is set up, and this one is; begin in an empty home',
      ),
    );
  return ok(present(read, secrets));
}

/**
 * Puts another owner's identity in the place of the one kept, for an installation with which nothing was done yet. What
 * runs goes on as before; the next start is the other one.
 */
export async function replaceIdentity({
  secrets,
  randomness,
  words,
  replaces,
}: {
  readonly secrets: SecretStore;
  readonly randomness: Randomness;
  readonly words: string;
  readonly replaces?: string | undefined;
}): Promise<Result<undefined, Fault>> {
  const phrase = parsePhrase(words);
  if (!phrase.ok) return phrase;
  if (replaces !== undefined && !isInstance(replaces))
    return failed(badReplaces('an installation is named by 32 hexadecimal digits'));
  const made = await makeIdentity({ phrase: phrase.value, replaces, randomness });
  await secrets.set(SECRET, encode(made));
  return ok(undefined);
}

/**
 * The same installation with a newer word of its owner's, by which it takes the place of another one too. From the next
 * start on; friends hear of it when they are called.
 */
export async function takePlaceOf({
  secrets,
  words,
  replaces,
  prepare,
}: {
  readonly secrets: SecretStore;
  readonly words: string;
  readonly replaces: string;
  /** Done when nothing is in the way any more, and before it counts. */
  readonly prepare: () => Promise<void>;
}): Promise<Result<undefined, Fault>> {
  const phrase = parsePhrase(words);
  if (!phrase.ok) return phrase;
  const kept = await secrets.get(SECRET);
  if (kept === 'locked') return failed(fault('secret-locked'));
  const read = kept === undefined ? undefined : decode(kept);
  const before = read === undefined ? undefined : readStatement(read.statement);
  if (read === undefined || before === undefined)
    return failed(fault('secret-damaged', { secret: SECRET }));
  const root = rootKeyOf((await deriveSecrets(phrase.value)).rootSeed);
  if (root.owner !== read.owner) return failed(fault('bad-phrase', { problem: 'other-owner' }));
  if (before.replaces !== undefined && before.replaces !== replaces)
    return failed(badReplaces('this one has taken the place of another already'));
  if (!isInstance(replaces) || replaces === before.instance)
    return failed(badReplaces('an installation is named by 32 hexadecimal digits'));
  const next = { ...before, serial: before.serial + 1, replaces };
  await prepare();
  await secrets.set(SECRET, encode({ ...read, statement: signStatement(next, root) }));
  return ok(undefined);
}

function badReplaces(problem: string): Fault {
  return fault('bad-arguments', { field: 'replaces', problem });
}

async function makeIdentity({
  phrase,
  replaces,
  randomness,
}: {
  readonly phrase: Phrase | undefined;
  readonly replaces: string | undefined;
  readonly randomness: Randomness;
}): Promise<Stored> {
  const words = phrase ?? newPhrase(randomness);
  const { rootSeed, repositoryPassword } = await deriveSecrets(words);
  const root = rootKeyOf(rootSeed);
  const { device, keyPem, certificatePem } = await createDeviceKey();
  const instance = Buffer.from(randomness.bytes(16)).toString('hex');
  const statement = signStatement(
    {
      owner: root.owner,
      device,
      instance,
      serial: 1,
      ...(replaces === undefined ? {} : { replaces }),
    },
    root,
  );
  const identity = {
    v: 1,
    owner: root.owner,
    device,
    keyPem,
    certificatePem,
    statement,
    repositoryPassword,
  } as const;
  // Words that were typed in are already written down somewhere.
  return phrase === undefined
    ? { ...identity, pendingPhrase: [...words] }
    : { ...identity, fromWords: true };
}

function present(kept: Stored, secrets: SecretStore): Identity {
  let pending = kept.pendingPhrase;
  const statement = readStatement(kept.statement);
  return {
    owner: kept.owner,
    device: kept.device,
    keyPem: kept.keyPem,
    certificatePem: kept.certificatePem,
    statement: kept.statement,
    instance: statement?.instance ?? '',
    repositoryPassword: kept.repositoryPassword,
    addressBookKey: addressBookKeyOf(kept.repositoryPassword),
    fromWords: kept.fromWords === true,
    replaces: statement?.replaces,
    sign: deviceSigner(kept.keyPem),
    pendingPhrase: () => pending,
    checkPhrase: async (words) => {
      if (pending === undefined) return true;
      const phrase = pending;
      const isRight = ({ position, word }: { readonly position: number; readonly word: string }) =>
        phrase[position - 1] === word.trim().toLowerCase();
      if (!words.every(isRight)) return false;
      const now = await secrets.get(SECRET);
      // What counts from the next start on may be there already: a newer word of the owner's, or another owner.
      const there = now === undefined || now === 'locked' ? kept : (decode(now) ?? kept);
      if (there.device === kept.device) {
        const { pendingPhrase: _forgotten, ...rest } = there;
        await secrets.set(SECRET, encode(rest));
      }
      pending = undefined;
      return true;
    },
  };
}

/**
 * From the repository password, not from the words: installations that forgot their words long ago have to make the
 * same key, and the password follows from the words.
 */
function addressBookKeyOf(repositoryPassword: string): Uint8Array {
  return new Uint8Array(
    hkdfSync('sha256', repositoryPassword, 'allotment', 'allotment address book v1', 32),
  );
}

function encode(identity: Stored): Uint8Array {
  return Buffer.from(JSON.stringify(identity), 'utf8');
}

/** A truncated, zero-filled or edited secret is `undefined`, and never taken for a wrong password. */
function decode(bytes: Uint8Array): Stored | undefined {
  const parsed = stored.safeParse(jsonOf(Buffer.from(bytes).toString('utf8')));
  if (!parsed.success) return undefined;
  const statement = readStatement(parsed.data.statement);
  return statement?.device === parsed.data.device ? parsed.data : undefined;
}
