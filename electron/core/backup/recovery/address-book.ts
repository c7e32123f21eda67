import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { personName, plotClass, signedStatement } from '../../../../shared/model/allocate.ts';
import { type BackupPlanText, backupPlan } from '../../../../shared/model/backup-plan.ts';
import { bytes, deviceId, ownerId, plotId } from '../../../../shared/model/ids.ts';
import { machineKind } from '../../../../shared/model/machine.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { encodeJson, jsonOf } from '../../../../shared/wire/json.ts';
import { OPENING_BYTES_MAX } from '../copies/openings.ts';
import { PAPER_BYTES_MAX } from '../repository/repository-store.ts';

/**
 * What a new machine with nothing but the 24 words needs to find its way: friends with their keys and addresses, sets
 * and where they lie. It lies sealed in each of my plots, readable and authentic by the words alone (design §5). Each
 * installation writes its own; of one installation the highest sequence counts.
 */
const instance = z.string().regex(/^[0-9a-f]{32}$/);
const address = z.string().min(3).max(260);
const setName = z.string().min(1).max(80);
const ADDRESSES_MAX = 8;
const DEVICES_MAX = 64;
export const FRIENDS_MAX = 512;
const PLOTS_MAX = 1000;
const SETS_MAX = 200;
const FOLDERS_MAX = 64;
const BEFORE_MAX = 64;
const SET_SEQUENCE_MAX = 2 ** 47;
const OPENING_CHARS_MAX = 4 * Math.ceil(OPENING_BYTES_MAX / 3);

/** One line that can't be read costs that line, not the book. */
function some<T extends z.ZodType>(line: T, most: number) {
  return z
    .array(z.unknown())
    .max(most)
    .transform((all) =>
      all.flatMap((each) => {
        const parsed = line.safeParse(each);
        return parsed.success ? [parsed.data] : [];
      }),
    );
}

/** A plan of a later version that can't be read here costs the plan, not the book. */
const plan = z
  .unknown()
  .transform((value): BackupPlanText | null =>
    backupPlan.safeParse(value).success ? (value as BackupPlanText) : null,
  );

const friend = z.object({
  owner: ownerId,
  /** `host`: no friend; he keeps something because somebody spoke for me. */
  relation: z.enum(['friend', 'host']),
  name: personName,
  petName: z.string().min(1).max(80).nullable(),
  givenAddress: address.nullable(),
  blocked: z.boolean(),
  devices: some(
    z.object({
      device: deviceId,
      name: personName.nullable(),
      kind: machineKind,
      signed: signedStatement,
      addresses: some(address, ADDRESSES_MAX),
    }),
    DEVICES_MAX,
  ),
});

const plot = z.object({
  plot: plotId,
  host: ownerId,
  class: plotClass,
  size: bytes,
  untilMs: z.int(),
  graceS: z.int().min(0),
  set: setName.nullable(),
});

const base64 = z.base64().min(1).max(OPENING_CHARS_MAX);
const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
/** What opens its repository, sealed as in its copies: whoever keeps the only one may have lost it. What can't be read here costs only itself. */
const opening = z
  .object({ config: base64, keyName: hex64, keyFile: base64 })
  .optional()
  .catch(undefined);

const set = z.object({
  name: setName,
  folders: z.array(z.string().min(1).max(4096)).max(FOLDERS_MAX),
  hosts: z.array(ownerId).max(FRIENDS_MAX),
  plan,
  repository: hex64.nullable(),
  opening,
  /** Nobody has done so much to a set; whoever counted on from there would leave manifests that nobody believes. */
  sequence: z
    .int()
    .min(0)
    .transform((sequence) => (sequence < SET_SEQUENCE_MAX ? sequence : 0)),
});

const addressBook = z.object({
  v: z.literal(1),
  owner: ownerId,
  instance,
  /** That there is such an installation is its owner's word; absent: written by a version that did not say so. */
  statement: signedStatement.optional(),
  /** Installations whose place this one took: theirs are old. */
  before: z.array(instance).max(BEFORE_MAX),
  sequence: z.int().min(1),
  atMs: z.int(),
  /** What this computer calls itself. */
  host: personName,
  friends: some(friend, FRIENDS_MAX),
  plots: some(plot, PLOTS_MAX),
  sets: some(set, SETS_MAX),
});
export type AddressBook = z.infer<typeof addressBook>;
export type BookFriend = AddressBook['friends'][number];
export type BookSet = AddressBook['sets'][number];

/** `newer`: written by a later version. `damaged`: not whole, or not sealed with this key; which, nobody can tell. */
export type BookProblem = 'damaged' | 'newer';

const MAGIC = 'allotment-address-book ';
const HEADER = Buffer.from(`${MAGIC}1\n`);
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LENGTH_BYTES = 4;
/** What of a sealed book is not its text. */
const AROUND_BYTES = HEADER.length + NONCE_BYTES + TAG_BYTES;
/** Its size says less of how many friends there are. */
export const BLOCK_BYTES = 1024;

export function sealBook(key: Uint8Array, book: AddressBook): Uint8Array {
  const text = Buffer.from(encodeJson(book), 'utf8');
  const nonce = randomBytes(NONCE_BYTES);
  const plain = Buffer.alloc(wholeBytes(text.length) - AROUND_BYTES);
  plain.writeUInt32BE(text.length);
  text.copy(plain, LENGTH_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(HEADER);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([HEADER, nonce, sealed, cipher.getAuthTag()]);
}

/** How long it is when it is sealed. */
export function sealedBytes(book: AddressBook): number {
  return wholeBytes(Buffer.byteLength(encodeJson(book), 'utf8'));
}

function wholeBytes(textBytes: number): number {
  return Math.ceil((AROUND_BYTES + LENGTH_BYTES + textBytes) / BLOCK_BYTES) * BLOCK_BYTES;
}

/** Untrusted bytes, from a host or a disk. */
export function openBook(key: Uint8Array, content: Uint8Array): Result<AddressBook, BookProblem> {
  const opened = openWhole(key, content);
  return opened.ok ? ok(opened.value.book) : opened;
}

/** With a digest of all that it says, also of what only a later version can read: so it stays the same book for that one. */
export function openWhole(
  key: Uint8Array,
  content: Uint8Array,
): Result<{ readonly book: AddressBook; readonly digest: string }, BookProblem> {
  if (content.length > PAPER_BYTES_MAX) return failed('damaged');
  const bytesOf = (from: number, to?: number) => Buffer.from(content.subarray(from, to));
  const head = bytesOf(0, HEADER.length);
  if (!head.equals(HEADER)) {
    const isOurs = head.toString('latin1').startsWith(MAGIC);
    return failed(isOurs ? 'newer' : 'damaged');
  }
  const from = HEADER.length + NONCE_BYTES;
  if (content.length < from + LENGTH_BYTES + TAG_BYTES) return failed('damaged');
  const plain = unseal(key, {
    nonce: bytesOf(HEADER.length, from),
    sealed: bytesOf(from, -TAG_BYTES),
    tag: bytesOf(-TAG_BYTES),
  });
  if (plain === undefined) return failed('damaged');
  const length = plain.readUInt32BE();
  const text = plain.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
  const book = readBookText(text.toString('utf8'));
  if (book === undefined) return failed('damaged');
  return ok({ book, digest: createHash('sha256').update(text).digest('hex') });
}

/** As books keep it. */
export function bookText(book: AddressBook): string {
  return encodeJson(book);
}

/** Undefined: what was kept can't be read by this version. */
export function readBookText(text: string): AddressBook | undefined {
  const parsed = addressBook.safeParse(jsonOf(text));
  return parsed.success ? parsed.data : undefined;
}

/**
 * As much of it as fits and can be read again; friends who keep something come first, and neither a plan nor what opens a set is
 * worth the whole book.
 */
export function bounded(book: AddressBook): AddressBook {
  const keeps = new Set(book.plots.map(({ host }) => host));
  const friends = book.friends
    .toSorted((one, other) => Number(keeps.has(other.owner)) - Number(keeps.has(one.owner)))
    .slice(0, FRIENDS_MAX)
    .map((each) => ({ ...each, devices: each.devices.slice(0, DEVICES_MAX) }));
  const cut = {
    ...book,
    before: book.before.slice(0, BEFORE_MAX),
    friends,
    plots: book.plots.slice(0, PLOTS_MAX),
    sets: book.sets.slice(0, SETS_MAX),
  };
  const fitting = fits(cut) ? cut : lighter(cut);
  return readBookText(bookText(fitting)) ?? fitting;
}

function lighter(book: AddressBook): AddressBook {
  const friends = book.friends.slice(0, Math.ceil(book.friends.length / 2));
  const sets = book.sets.map((each) => ({ ...each, plan: null, opening: undefined }));
  const less = { ...book, friends, sets };
  return fits(less) || book.friends.length <= 1 ? less : lighter(less);
}

function fits(book: AddressBook): boolean {
  return Buffer.byteLength(encodeJson(book)) < PAPER_BYTES_MAX - 2 * BLOCK_BYTES;
}

function unseal(
  key: Uint8Array,
  {
    nonce,
    sealed,
    tag,
  }: { readonly nonce: Uint8Array; readonly sealed: Uint8Array; readonly tag: Uint8Array },
): Buffer | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(HEADER)
      .setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  } catch {
    return undefined;
  }
}
