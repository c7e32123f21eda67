import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { OwnerId } from '../../../shared/ids.ts';
import { bytes, ownerId } from '../../../shared/model/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { DAY_MS } from '../../../shared/units.ts';
import { jsonOf } from '../../../shared/wire/json.ts';
import { deviceOfKey, keyIn, verifyByKey } from '../identity/device-key.ts';
import type { Identity } from '../identity/identity.ts';
import { readText, signText } from '../identity/signed-text.ts';
import { readStatement, signedStatement, type Statement } from '../identity/statement.ts';

/** "Give this person so much, out of what I could have at yours": what an introducer's device signs (design §3.7). */
export type Voucher = {
  /** At whose place; a voucher for one host is worth nothing at another's. */
  readonly host: OwnerId;
  readonly introducer: OwnerId;
  readonly newcomer: OwnerId;
  /** Promises of plots on it, with their working room, and on all that are narrowed from it. */
  readonly bytes: bigint;
  readonly untilMs: number;
  /** Names it where it is taken back: 128 random bits in base32. */
  readonly id: string;
  /** The newcomer may pass on a narrower one. */
  readonly delegable: boolean;
  /** The hash of the voucher that this one is narrowed from. */
  readonly parent?: string | undefined;
};

/** A voucher whose signature and whose signer's root were checked. */
export type Link = Voucher & {
  /** SHA-256 of what was signed: two that differ in anything are two. */
  readonly hash: string;
  /** By which the introducer's root owns the device that signed. */
  readonly statement: Statement;
};

export type ChainFault = 'voucher-invalid' | 'voucher-expired';

const DOMAIN = 'allotment-voucher-v1\n';
/** People that a voucher may pass through. */
export const LINKS_MAX = 3;
/** A year and a month: an introduction for longer is none that anybody watches over. */
export const VOUCHER_WITHIN_MS = 400 * DAY_MS;
const LINK_CHARS_MAX = 8192;

const voucherId = z.string().regex(/^[a-z2-7]{26}$/);
const hash = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

const body = z.strictObject({
  v: z.literal(1),
  host: ownerId,
  introducer: ownerId,
  newcomer: ownerId,
  bytes: bytes.refine((value) => value > 0n),
  untilMs: z.int().min(0),
  id: voucherId,
  delegable: z.boolean(),
  parent: hash.optional(),
});

const envelope = z.strictObject({
  signed: z.string().max(4096),
  signature: z.string().max(200),
  /** The device's key (SPKI, DER); its hash is the device. */
  key: z.string().max(400),
  statement: signedStatement,
});

/** One link of a chain as text: base64url of JSON. */
export function signVoucher(
  voucher: Voucher,
  { certificatePem, statement, sign }: Pick<Identity, 'certificatePem' | 'statement' | 'sign'>,
): string {
  return textOf({
    ...signText(DOMAIN, { v: 1, ...voucher }, sign),
    key: Buffer.from(keyIn(certificatePem)).toString('base64url'),
    statement,
  });
}

function textOf(value: z.output<typeof envelope>): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}

/** Untrusted text; `undefined` for anything that its introducer's device did not sign. */
export function readVoucher(text: string): Link | undefined {
  if (text.length > LINK_CHARS_MAX) return undefined;
  const parsed = envelope.safeParse(jsonOf(Buffer.from(text, 'base64url').toString('utf8')));
  if (!parsed.success) return undefined;
  const signed = Buffer.from(parsed.data.signed, 'base64url');
  const voucher = readText(DOMAIN, signed, body);
  if (voucher === undefined) return undefined;
  const statement = readStatement(parsed.data.statement);
  if (statement === undefined || statement.owner !== voucher.introducer) return undefined;
  const key = Buffer.from(parsed.data.key, 'base64url');
  if (deviceOfKey(key) !== statement.device) return undefined;
  const signature = Buffer.from(parsed.data.signature, 'base64url');
  if (!verifyByKey(key, { bytes: signed, signature })) return undefined;
  const { v: _version, ...rest } = voucher;
  return { ...rest, statement, hash: createHash('sha256').update(signed).digest('base64url') };
}

/**
 * A whole chain, from a friend of the host's to whoever comes with it. Each link narrows the one before it: no
 * more bytes, no later end, the same host, and nobody twice. Whether the introducers still count here is another
 * question, which only the host's books can answer.
 */
export function readChain(
  texts: readonly string[],
  at: { readonly host: OwnerId; readonly newcomer: OwnerId; readonly nowMs: number },
): Result<readonly Link[], ChainFault> {
  const invalid = failed('voucher-invalid' as const);
  if (texts.length === 0 || texts.length > LINKS_MAX) return invalid;
  const links: Link[] = [];
  for (const text of texts) {
    const link = readVoucher(text);
    if (link === undefined || !isNext(link, links.at(-1))) return invalid;
    links.push(link);
  }
  const [root] = links;
  const last = links.at(-1);
  if (root === undefined || last === undefined) return invalid;
  const people = [at.host, root.introducer, ...links.map(({ newcomer }) => newcomer)];
  if (new Set(people).size !== people.length) return invalid;
  if (links.some(({ host }) => host !== at.host) || last.newcomer !== at.newcomer) return invalid;
  if (root.untilMs > at.nowMs + VOUCHER_WITHIN_MS) return invalid;
  return last.untilMs > at.nowMs ? ok(links) : failed('voucher-expired');
}

function isNext(link: Link, before: Link | undefined): boolean {
  if (before === undefined) return link.parent === undefined;
  return (
    before.delegable &&
    link.parent === before.hash &&
    link.introducer === before.newcomer &&
    link.bytes <= before.bytes &&
    link.untilMs <= before.untilMs
  );
}
